"""The demo's photographs are found without importing their packages, and changed as is said of them."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from countenance.doors.cli.demo_pictures import CHANGES, PORTRAITS, Portrait
from countenance.errors import ImageNotReadable
from countenance.faces import Box

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("portrait", PORTRAITS, ids=lambda portrait: portrait.person)
def test_a_photograph_is_found_in_its_package(portrait: Portrait) -> None:
    with Image.open(portrait.find()) as picture:
        assert min(picture.size) >= 512


def test_a_package_that_is_not_installed_is_named_with_the_command_that_installs_it() -> None:
    absent = Portrait("nobody", "nobody", "nobody.png", "no_such_package", "data/nobody.png")
    with pytest.raises(
        ImageNotReadable, match=r'no_such_package is not here; .* pip install "countenance\[demo\]"'
    ):
        absent.find()


def test_finding_a_photograph_imports_nothing() -> None:
    code = (
        "import sys; from countenance.doors.cli.demo_pictures import PORTRAITS; "
        "[portrait.find() for portrait in PORTRAITS]; print({'skimage', 'matplotlib'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "set()"


def test_every_change_writes_another_picture(tmp_path: Path) -> None:
    original = tmp_path / "someone.png"
    Image.linear_gradient("L").rotate(30).convert("RGB").save(original)
    box = Box(100, 100, 60, 80)
    written = {change.name: change.write(original, box, tmp_path) for change in CHANGES}
    assert len({path.read_bytes() for path in (original, *written.values())}) == len(CHANGES) + 1
    sizes = {name: size_of(path) for name, path in written.items()}
    assert sizes["cropped"] == (100, 120)
    assert sizes["half the size"] == (128, 128)
    assert sizes["rotated 15°"] == (256, 256)


def size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as picture:
        return picture.size
