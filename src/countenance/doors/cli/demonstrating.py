"""The work of ``countenance demo``.

1. Find the two photographs.
2. Load the models, or prepare them the first time.
3. Detect the face in each.
4. Change each photograph and compare it with the unchanged one; compare the two people.
5. Print the figures, draw the contact sheet and say where it is.
6. Start a server, enrol, search and compare through Amazon's API, and stop it.
"""

from __future__ import annotations

import shutil
from functools import partial
from typing import TYPE_CHECKING

from rich.text import Text

from countenance.doors.cli.composition import build_analyzer, loading, settings_with
from countenance.doors.cli.contact_sheet import Subject, Trial, draw_contact_sheet
from countenance.doors.cli.demo_pictures import CHANGES, PORTRAITS
from countenance.doors.cli.demo_server import demonstrate_server
from countenance.doors.cli.detecting import Seen
from countenance.doors.cli.saving import save_picture
from countenance.doors.cli.tables import new_table, print_detected, stdout_console
from countenance.doors.cli.words import percent, printable, rate_in_words
from countenance.errors import NoFaceFound
from countenance.images import open_image
from countenance.operations.acts import unrecorded_act
from countenance.operations.compare_faces import compare_faces
from countenance.operations.detect_faces import QualityLevel, detect_faces

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rich.console import Console

    from countenance.doors.cli.demo_pictures import Portrait
    from countenance.operations.compare_faces import Comparison, Match
    from countenance.operations.detect_faces import DetectedFaces

    Detect = Callable[[Path], DetectedFaces]
    Compare = Callable[[Path, Path], Comparison]

# Of the changed photographs so many are searched for over the wire: enough to see that it works.
_SEARCHED = 3


def demonstrate(out: Path) -> None:
    """Show what Countenance does; the pictures go into the folder ``out``.

    Raises:
        CountenanceError: the photographs are not installed, or the models cannot be used.
        OSError: the folder cannot be written.
    """
    # 1. Find the two photographs.
    found = [portrait.find() for portrait in PORTRAITS]
    # 2. Load the models, or prepare them the first time.
    settings, console = settings_with(None), stdout_console()
    with loading(settings):
        analyzer = build_analyzer(settings)
    operator = unrecorded_act()

    def detect(path: Path) -> DetectedFaces:
        return detect_faces(analyzer, operator, partial(open_image, path), level=QualityLevel.AUTO)

    def compare(source: Path, target: Path) -> Comparison:
        return compare_faces(analyzer, operator, partial(open_image, source), partial(open_image, target))

    smallest_known_rate = analyzer.calibration.false_match_rates[-1]
    # 3. Detect the face in each, and 4. compare.
    folder = out / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    copies = [
        _copy(path, folder / portrait.file_name) for path, portrait in zip(found, PORTRAITS, strict=True)
    ]
    first, second = (
        _subject(portrait, path, detect, compare, console)
        for portrait, path in zip(PORTRAITS, copies, strict=True)
    )
    strangers = compare(copies[0], copies[1])
    # 5. Print the figures, draw the contact sheet and say where it is.
    _print_figures(console, first, second, strangers, smallest_known_rate)
    target = out / "contact-sheet.jpg"
    save_picture(draw_contact_sheet(first, second, strangers, smallest_known_rate), target)
    console.print(Text(f"\ndrawn: {printable(target)}\nthe pictures: {printable(folder)}"), soft_wrap=True)
    # 6. Ask a server as any program asks Amazon Rekognition.
    people = [
        (portrait.person, portrait.file_name, [change.file_name(copy) for change in CHANGES[:_SEARCHED]])
        for portrait, copy in zip(PORTRAITS, copies, strict=True)
    ]
    demonstrate_server(folder, people, console)


def _copy(original: Path, copy: Path) -> Path:
    if not (copy.exists() and copy.samefile(original)):
        shutil.copyfile(original, copy)
    return copy


def _subject(portrait: Portrait, path: Path, detect: Detect, compare: Compare, console: Console) -> Subject:
    """Find the face in a photograph, print what was measured, and try every change."""
    photograph, detected = open_image(path), detect(path)
    print_detected(console, Seen(path, detected, None))
    console.print()
    if not detected.faces:
        raise NoFaceFound(f"no face was found in {path}, though it shows one; is the pack of models another?")
    face = detected.faces[0]
    trials = []
    for change in CHANGES:
        changed = change.write(path, face.box, path.parent)
        trials.append(Trial(change.name, open_image(changed).decode().pixels, _best(compare, path, changed)))
    return Subject(portrait.person, portrait.credit, photograph.decode().pixels, face, trials)


def _best(compare: Compare, original: Path, changed: Path) -> Match | None:
    try:
        return compare(original, changed).matches[0]
    except NoFaceFound:
        return None


def _print_figures(
    console: Console, first: Subject, second: Subject, strangers: Comparison, smallest_known_rate: float
) -> None:
    table = new_table(console)
    table.add_column("compared with the photograph itself", no_wrap=True)
    table.add_column("similarity", justify="right", no_wrap=True)
    table.add_column("strangers look this alike", no_wrap=True)
    rows = [
        (f"{subject.person}, {trial.name}", trial.match)
        for subject in (first, second)
        for trial in subject.trials
    ]
    rows.append((f"{first.person} and {second.person}", strangers.matches[0]))
    for name, match in rows:
        if match is None:
            table.add_row(name, "", "no face found")
            continue
        likeness = match.similarity
        often = rate_in_words(likeness.false_match_rate, smallest_known=smallest_known_rate)
        table.add_row(name, percent(likeness.percent), often)
    console.print(table)
