"""Data sets of pictures of two people, made for tests of evaluations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageEnhance, ImageOps

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def write_people(folder: Path, people: Mapping[str, Path]) -> Path:
    """Write four pictures of each person, in a folder of their name below this one, and their groups.

    A CSV of the folder's name beside it has the first person in one group and all others in another.
    """
    groups = ["file,role"]
    for place, (name, file) in enumerate(people.items()):
        (folder / name).mkdir(parents=True)
        picture = Image.open(file).convert("RGB").resize((256, 256))
        for number, changed in enumerate(
            (
                picture,
                ImageOps.mirror(picture),
                ImageEnhance.Brightness(picture).enhance(1.3),
                picture.rotate(4, fillcolor="grey"),
            )
        ):
            changed.save(folder / name / f"{number}.jpg", quality=92)
            groups.append(f"{name}/{number}.jpg,{'guests' if place else 'crew'}")
    folder.with_name(f"{folder.name}.csv").write_text("\n".join(groups) + "\n", "utf-8")
    return folder
