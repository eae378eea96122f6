"""A pack's card says what a careful person asks before using it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import tiny_packs

from countenance.errors import PackUnknown
from countenance.vision.packs import card
from countenance.vision.packs.description import catalogue

if TYPE_CHECKING:
    from pathlib import Path

CALIBRATION = """
[calibration]
scores = [0.1, 0.5]
false_match_rates = [0.5, 0.0001]
non_mated_comparisons = 123456
data = "somebody's pictures"

[[measurements]]
what = "1:1 accuracy"
value = "99.1 %"
data = "some pairs"
"""


@pytest.mark.parametrize("name", [pack.description.name for pack in catalogue()])
def test_it_names_licence_sources_and_checksums(name: str, tmp_path: Path) -> None:
    text = card(name, cache_dir=tmp_path)
    description = next(pack.description for pack in catalogue() if pack.description.name == name)
    assert text.startswith(f"# {name} 1\n")
    assert f"[{description.licence.spdx}]({description.licence.url})" in text
    assert all(f"| {file} |" in text for file in description.files)
    assert ("Not calibrated" in text) == (description.calibration is None)
    assert ("must be accepted" in text) == description.licence.needs_acceptance


def test_checksums_of_installed_files_are_shown(tmp_path: Path) -> None:
    path = tiny_packs.describe(tmp_path, detector="{ beside = true }", embedder="{ beside = true }")
    assert "recorded when it is first installed" in card(path, cache_dir=tmp_path)
    for name in ("detector.onnx", "embedder.onnx"):
        (tmp_path / name).write_bytes(b"graph")
    assert tiny_packs.sha256(b"graph") in card(path, cache_dir=tmp_path)


def test_a_calibration_and_measurements_are_shown(tmp_path: Path) -> None:
    path = tiny_packs.describe(tmp_path, detector="{ beside = true }", embedder="{ beside = true }")
    path.write_text(path.read_text() + CALIBRATION)
    text = card(path, cache_dir=tmp_path)
    assert "123,456 comparisons of different people: somebody's pictures" in text
    assert "| 0.5000 | 0.0001 |" in text
    assert "| 1:1 accuracy | 99.1 % | some pairs |" in text


def test_an_unknown_pack_has_no_card() -> None:
    with pytest.raises(PackUnknown):
        card("nobody")
