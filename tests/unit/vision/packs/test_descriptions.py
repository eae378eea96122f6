"""A pack's description is checked before anything else happens."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny_packs
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from countenance.errors import PackBroken, PackUnknown
from countenance.vision.packs import PackDescription, description
from countenance.vision.packs.description import DescribedPack, catalogue, find_pack, parse_description
from countenance.vision.packs.prepared.recipes import RECIPES

BESIDE = "{ beside = true }"


def test_the_catalogue_describes_five_packs() -> None:
    names = [pack.description.name for pack in catalogue()]
    assert names == [
        "dlib-cc0",
        "dlib-face-recognition",
        "dlib-yunet",
        "insightface-buffalo-l",
        "opencv-zoo",
    ]


@pytest.mark.parametrize("pack", catalogue(), ids=lambda pack: pack.description.name)
def test_every_file_of_the_catalogue_has_a_recipe_or_a_checksum(pack: DescribedPack) -> None:
    for origin in pack.description.files.values():
        recipe = getattr(origin, "recipe", None)
        assert recipe in RECIPES if recipe else len(getattr(origin, "sha256", "")) == 64


def test_the_default_pack_needs_no_network() -> None:
    assert all(hasattr(origin, "recipe") for origin in find_pack("dlib-cc0").description.files.values())


def test_only_the_research_pack_wants_its_licence_accepted() -> None:
    wanting = [pack.description.name for pack in catalogue() if pack.description.licence.needs_acceptance]
    assert wanting == ["insightface-buffalo-l"]


def test_a_pack_is_found_by_the_path_of_its_description(tmp_path: Path) -> None:
    path = tiny_packs.describe(tmp_path, detector=BESIDE, embedder=BESIDE)
    for way in (path, str(path)):
        assert find_pack(way).description.name == "tiny"


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(PackUnknown, match=r"dlib-cc0, dlib-face-recognition, .* or give the path"):
        find_pack("dlib")


def test_a_description_that_is_not_there_is_unknown(tmp_path: Path) -> None:
    with pytest.raises(PackUnknown, match="cannot be read"):
        find_pack(tmp_path / "pack.toml")


@pytest.mark.parametrize(
    ("what", "instead", "complaint"),
    [
        ('name = "tiny"', 'name = "../tiny"', "name: String should match"),
        ('"detector.onnx" =', '"../detector.onnx" =', "files"),
        ('network = "detector.onnx"', 'network = "other.onnx"', "not those under"),
        ('kind = "yunet"', 'kind = "mtcnn"', "proposal, refinement"),
        ('kind = "yunet"', 'kind = "haar"', "detector.kind"),
        ('layout = "planes"', 'layout = "bytes"\nmean = 127.5', "mean 0 and scale 1"),
        ("float32 =", "int8 =", "float32 file"),
        ("input_px = 112", "input_px = 1_000_000", "embedder.input_px"),
        ("input_px = 112", "input_px = 112\nsurprise = 1", "surprise"),
        ("[74, 52], ", "", "embedder.template"),
        ("beside = true", 'url = "http://example.org/x", most_bytes = 1', "url"),
        ("beside = true", "in_archive = true, most_bytes = 1", "needs an .archive"),
        ("dimension = 128", "dimension =", "is not TOML"),
    ],
)
def test_a_wrong_description_is_refused_with_the_place(
    tmp_path: Path, what: str, instead: str, complaint: str
) -> None:
    path = tiny_packs.describe(tmp_path, detector=BESIDE, embedder=BESIDE)
    text = path.read_text()
    assert what in text
    path.write_text(text.replace(what, instead))
    with pytest.raises(PackBroken, match=complaint):
        find_pack(path)


def test_a_huge_description_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "pack.toml"
    path.write_bytes(b"#" * 300_000)
    with pytest.raises(PackBroken, match="the limit for a description is 262144"):
        find_pack(path)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_arbitrary_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(PackBroken):
        parse_description(content, "pack.toml")


def test_the_reference_names_every_key_and_recipe() -> None:
    page = (Path(__file__).parents[4] / "docs" / "reference" / "packs.md").read_text()
    models = [PackDescription, *(kind for kind in vars(description).values() if is_part(kind))]
    keys = {key for model in models for key in model.model_fields}
    assert not {key for key in keys | set(RECIPES) if key not in page}


def test_the_reference_shows_a_valid_description(tmp_path: Path) -> None:
    page = (Path(__file__).parents[4] / "docs" / "reference" / "packs.md").read_text()
    path = tmp_path / "pack.toml"
    path.write_text(page.split("```toml\n")[1].split("```")[0])
    assert find_pack(path).description.name == "my-arcface"


def is_part(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel) and kind.__module__ == description.__name__
