"""The installed command, end to end: real pictures, real models, a real process."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

if TYPE_CHECKING:
    pass

COMMAND = str(Path(sysconfig.get_path("scripts"), "countenance"))
PAGE = Path(__file__).parents[1] / "docs" / "reference" / "command-line.md"


def countenance(
    *arguments: object, cwd: Path | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run the command and return how it ended."""
    return subprocess.run(
        [COMMAND, *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        cwd=cwd,
        env={**os.environ, "PYTHONUTF8": "1", **variables},
        timeout=300,
    )


def records(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(autouse=True, scope="module")
def prepared_models(astronaut: Path) -> None:
    """The default pack, which is made at its first use and not while a test looks at what is printed."""
    countenance("detect", astronaut)


@pytest.fixture
def album(tmp_path: Path, astronaut: Path, grace_hopper: Path) -> Path:
    """A folder with two photographs, one below the other, and a damaged one."""
    (tmp_path / "album" / "navy").mkdir(parents=True)
    shutil.copy(astronaut, tmp_path / "album" / "astronaut.png")
    shutil.copy(grace_hopper, tmp_path / "album" / "navy" / "grace_hopper.jpg")
    (tmp_path / "album" / "broken.jpg").write_bytes(grace_hopper.read_bytes()[:2000])
    return tmp_path / "album"


@pytest.fixture
def nobody(tmp_path: Path) -> Path:
    """A picture without a face."""
    path = tmp_path / "nobody.png"
    Image.new("RGB", (320, 240), (90, 110, 130)).save(path)
    return path


def test_detect_prints_a_table_for_each_picture(astronaut: Path, grace_hopper: Path) -> None:
    done = countenance("detect", astronaut, grace_hopper)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{astronaut}, 512×512 px, " in done.stdout
    assert f"{grace_hopper}, 512×600 px, 1 face\n" in done.stdout
    assert re.search(
        r"^1 +\d+×\d+ at \d+,\d+ +(9\d|100)\.\d % +-?\d+° +-?\d+° +-?\d+°", done.stdout, re.MULTILINE
    )


def test_json_says_where_the_face_is(astronaut: Path) -> None:
    (record,) = records(countenance("detect", "--json", astronaut))
    face = record["faces"][0]
    box, nose = face["box"], face["landmarks"]["nose"]
    # Collins's nose is at 226, 128.
    assert abs(nose["x_px"] - 226) < 8
    assert abs(nose["y_px"] - 128) < 8
    assert box["left_px"] < nose["x_px"] < box["left_px"] + box["width_px"]
    assert box["top_px"] < nose["y_px"] < box["top_px"] + box["height_px"]
    assert 60 < box["width_px"] < 160
    assert (record["width_px"], record["height_px"], record["pack"]) == (512, 512, "dlib-cc0")


def test_every_field_of_the_json_is_in_the_reference(astronaut: Path, nobody: Path) -> None:
    def keys(value: object) -> set[str]:
        if isinstance(value, dict):
            return set(value) | {key for item in value.values() for key in keys(item)}
        return {key for item in value for key in keys(item)} if isinstance(value, list) else set()

    detected = records(countenance("detect", "--json", astronaut, nobody.with_name("absent.jpg")))
    compared = records(countenance("compare", "--json", astronaut, astronaut))
    fields = keys(detected) | keys(compared)
    assert {"picture", "error", "similarity_percent", "unified_score"} <= fields
    assert fields <= set(re.findall(r"`(\w+)`", PAGE.read_text("utf-8")))


def test_a_folder_is_searched_and_a_damaged_picture_does_not_stop_it(album: Path) -> None:
    done = countenance("detect", "--json", album.name, cwd=album.parent)
    assert done.returncode == 1
    found = {Path(record["picture"]).name: record for record in records(done)}
    assert list(found) == ["astronaut.png", "broken.jpg", "grace_hopper.jpg"]
    assert all(found[name]["faces"] for name in ("astronaut.png", "grace_hopper.jpg"))
    assert found["broken.jpg"]["error_kind"] == "ImageBroken"
    assert re.fullmatch(r"countenance: album/broken\.jpg: .*\n", done.stderr)


def test_a_quoted_glob_is_expanded(album: Path) -> None:
    done = countenance("detect", "--json", "**/*.[pj][np]g", "none*.jpg", cwd=album)
    assert [record["picture"] for record in records(done)][:2] == ["astronaut.png", "broken.jpg"]
    assert "countenance: none*.jpg: no picture fits this pattern" in done.stderr


def test_a_drawing_has_the_pictures_size_and_marks_at_the_face(astronaut: Path, tmp_path: Path) -> None:
    out = tmp_path / "out" / "marked.png"
    done = countenance("detect", astronaut, "--draw", out)
    assert done.returncode == 0
    assert f"drawn: {out}" in done.stdout
    with Image.open(astronaut) as before, Image.open(out) as after:
        assert after.size == before.size
        assert after.crop((150, 40, 300, 240)).tobytes() != before.crop((150, 40, 300, 240)).tobytes()
        assert after.crop((0, 300, 512, 512)).tobytes() == before.crop((0, 300, 512, 512)).tobytes()


def test_drawings_of_a_folder_go_into_a_folder(album: Path) -> None:
    out = album.parent / "drawn"
    assert countenance("detect", album, "--draw", out).returncode == 1
    assert sorted(path.name for path in out.iterdir()) == ["astronaut.png", "grace_hopper.jpg"]


def test_a_picture_that_is_read_is_not_overwritten(album: Path) -> None:
    before = (album / "astronaut.png").read_bytes()
    for out in (album, album / "astronaut.png"):
        done = countenance("detect", album / "astronaut.png", "--draw", out)
        assert done.returncode == 2
        assert "would overwrite the picture" in done.stderr
    assert (album / "astronaut.png").read_bytes() == before


def test_faces_below_a_quality_are_set_aside_with_the_reasons(astronaut: Path, tmp_path: Path) -> None:
    small = tmp_path / "small.png"
    with Image.open(astronaut) as picture:
        picture.resize((160, 160)).save(small)
    (record,) = records(countenance("detect", "--json", "--quality", "high", small))
    assert record["faces"] == []
    assert "SMALL_BOUNDING_BOX" in record["rejected"][0]["reasons"]
    assert "0 faces, 1 set aside" in countenance("detect", "--quality", "high", small).stdout


def test_no_face_is_an_answer_of_detect(astronaut: Path, nobody: Path) -> None:
    done = countenance("detect", "--json", nobody)
    assert (done.returncode, records(done)[0]["faces"]) == (0, [])
    done = countenance("detect", "--min-face", 300, astronaut)
    assert done.returncode == 0
    assert "512×512 px, 0 faces" in done.stdout


def test_compare_knows_one_person_from_another(astronaut: Path, grace_hopper: Path, tmp_path: Path) -> None:
    turned = tmp_path / "turned.jpg"
    with Image.open(astronaut) as picture:
        picture.rotate(10).save(turned, quality=60)
    (same,) = records(countenance("compare", "--json", astronaut, turned))
    (other,) = records(countenance("compare", "--json", astronaut, grace_hopper))
    assert same["matches"][0]["similarity_percent"] > 99
    assert same["matches"][0]["false_match_rate"] <= 1e-4
    assert other["matches"][0]["similarity_percent"] < 80
    assert other["matches"][0]["false_match_rate"] > 1e-3


def test_compare_says_in_words_how_often_strangers_look_that_alike(
    astronaut: Path, grace_hopper: Path, tmp_path: Path
) -> None:
    out = tmp_path / "both.jpg"
    done = countenance("compare", astronaut, grace_hopper, "--draw", out)
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"^1 .* \d+\.\d % +(nearly always|about \d times? in [\d,]+)", done.stdout, re.MULTILINE)
    with Image.open(out) as drawing:
        assert drawing.width > drawing.height


def test_compare_needs_a_face_in_each_picture(astronaut: Path, nobody: Path) -> None:
    for pictures, which in (((astronaut, nobody), "target"), ((nobody, astronaut), "source")):
        done = countenance("compare", *pictures)
        assert done.returncode == 3
        assert (
            done.stderr == f"countenance: no face was found in the {which} picture; at least one is needed\n"
        )


def test_compare_names_the_picture_that_cannot_be_read(astronaut: Path, album: Path) -> None:
    for path in (album / "broken.jpg", album / "absent.jpg"):
        done = countenance("compare", astronaut, path)
        assert done.returncode == 1
        assert done.stderr.startswith(f"countenance: {path}: ")
        assert done.stderr.count("\n") == 1


def test_models_are_listed_verified_and_described(astronaut: Path) -> None:
    assert countenance("detect", astronaut).returncode == 0
    listed = countenance("models", "list").stdout
    assert "dlib-cc0 1, on this machine, used by default\n" in listed
    assert "  licence: LicenseRef-InsightFace-non-commercial-research; it must be accepted\n" in listed
    assert re.search(r"^dlib-cc0 1: whole, \d files in ", countenance("models", "verify", "dlib-cc0").stdout)
    assert countenance("models", "card", "dlib-cc0").stdout.startswith("# dlib-cc0 1\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("detect", "x.jpg", "--pack", "nonesuch"), "no pack is called 'nonesuch'; choose "),
        (("detect", "x.jpg", "--pack", "opencv-zoo"), "run: countenance models install opencv-zoo"),
        (("models", "verify"), "run: countenance models prepare dlib-cc0"),
        (("models", "install", "insightface-buffalo-l"), "--accept-licence"),
    ],
)
def test_a_pack_that_cannot_be_used_ends_with_4_and_the_way_out(
    arguments: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    done = countenance(*arguments, COUNTENANCE_CACHE_DIR=str(tmp_path))
    assert done.returncode == 4
    assert said in done.stderr.splitlines()[-1]


@pytest.mark.shared
def test_a_pack_is_installed_from_a_file_and_used(astronaut: Path, shared: Path, tmp_path: Path) -> None:
    model = shared / "models" / "yunet_n_dynamic.onnx"
    cache = str(tmp_path)
    done = countenance("models", "install", "dlib-yunet", "--from", model, COUNTENANCE_CACHE_DIR=cache)
    assert done.returncode == 0
    assert re.match(r"dlib-yunet 1: installed, \d files in ", done.stdout)
    arguments = ("detect", "--json", "--pack", "dlib-yunet", astronaut)
    (record,) = records(countenance(*arguments, COUNTENANCE_CACHE_DIR=cache))
    assert record["pack"] == "dlib-yunet"
    assert record["faces"]


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("recognise",),
        ("detect",),
        ("detect", "--nonesuch", "x.jpg"),
        ("detect", "--quality", "best", "x.jpg"),
        ("detect", "--min-face", "0", "x.jpg"),
        ("compare", "x.jpg"),
        ("compare", "x.jpg", "y.jpg", "--draw", "z.gif"),
    ],
)
def test_wrong_usage_ends_with_2_and_one_line(arguments: tuple[str, ...]) -> None:
    done = countenance(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"countenance: .+\n", done.stderr)


def test_a_setting_that_is_not_allowed_ends_with_2(astronaut: Path) -> None:
    done = countenance("detect", astronaut, COUNTENANCE_THREADS="none")
    assert done.returncode == 2
    assert done.stderr.startswith("countenance: COUNTENANCE_THREADS='none': ")


def test_debug_shows_the_trace(astronaut: Path, nobody: Path) -> None:
    done = countenance("compare", astronaut, nobody, "--debug")
    assert done.returncode == 3
    assert done.stderr.startswith("Traceback (most recent call last):\n")


@pytest.mark.skipif(os.name == "nt", reason="such names are not allowed")
def test_a_file_name_cannot_colour_or_move_the_terminal(astronaut: Path, tmp_path: Path) -> None:
    name = "\x1b[2J[red]\u202e\n.png"
    shutil.copy(astronaut, tmp_path / name)
    done = countenance("detect", name, "absent\x1b.jpg", cwd=tmp_path)
    assert r"\x1b[2J[red]\u202e\n.png, 512×512 px, " in done.stdout
    assert r"countenance: absent\x1b.jpg: " in done.stderr
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
@pytest.mark.usefixtures("interruptible")
def test_an_interruption_ends_with_130_and_no_trace(astronaut: Path, tmp_path: Path) -> None:
    for number in range(500):
        (tmp_path / f"{number}.png").symlink_to(astronaut)
    with subprocess.Popen(
        [COMMAND, "detect", "--json", tmp_path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (130, "")


@pytest.mark.parametrize("arguments", [("detect", "--json"), ("detect",)])
def test_a_reader_that_goes_away_ends_the_command_quietly(
    arguments: tuple[str, ...], astronaut: Path, tmp_path: Path
) -> None:
    for number in range(60):
        (tmp_path / f"{number}.png").symlink_to(astronaut)
    with subprocess.Popen(
        [COMMAND, *arguments, tmp_path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()
        assert process.wait(timeout=60) == 1
    assert errors == ""


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
def test_progress_is_shown_on_a_terminal_and_leaves_the_answers_alone(
    astronaut: Path, grace_hopper: Path
) -> None:
    controller, terminal = os.openpty()
    with subprocess.Popen(
        [COMMAND, "detect", "--json", astronaut, grace_hopper],
        stdout=subprocess.PIPE,
        stderr=terminal,
        text=True,
    ) as process:
        os.close(terminal)
        shown = b""
        while True:
            try:
                part = os.read(controller, 4096)
            except OSError:  # Linux's way to say that the other side is closed
                break
            if not part:
                break
            shown += part
        assert process.stdout is not None
        lines = process.stdout.read().splitlines()
    os.close(controller)
    assert process.returncode == 0
    assert [Path(json.loads(line)["picture"]) for line in lines] == [astronaut, grace_hopper]
    assert b"2/2" in shown


def test_the_demo_compares_real_photographs_and_draws_a_contact_sheet(tmp_path: Path) -> None:
    done = countenance("demo", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    similarities = dict(re.findall(r"^([A-Z].+?) +(\d+\.\d) %  ", done.stdout, re.MULTILINE))
    different = float(similarities.pop("Eileen Collins and Grace Hopper"))
    same = {name: float(value) for name, value in similarities.items()}
    assert len(same) == 12
    assert min(same.values()) > 90
    assert different < 80
    assert "drawn: demo/contact-sheet.jpg" in done.stdout
    with Image.open(tmp_path / "demo" / "contact-sheet.jpg") as sheet:
        assert sheet.width > 1000
    assert len(list((tmp_path / "demo" / "pictures").iterdir())) == 14


def test_the_demo_says_what_to_install_where_its_photographs_are_not(tmp_path: Path) -> None:
    (tmp_path / "skimage").mkdir()
    (tmp_path / "skimage" / "__init__.py").touch()
    done = countenance("demo", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.endswith('install it: pip install "countenance[demo]"\n')
    assert not (tmp_path / "demo").exists()
