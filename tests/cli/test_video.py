"""``countenance video``: who is seen in a film and when, as a table, JSON, a copy of the film and a page."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from cli.command_line import CommandLine, Ended
from countenance.faces import Pixels
from countenance.images import open_image
from countenance.video.drawing import NAMED, UNNAMED
from countenance.vision import FaceAnalyzer
from filming import Cutout, one_after_another, scene, write_film
from new_faces import PACK, new_face

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "command-line.md"
EVIL = "<script>alert(1)</script>\u202e"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory, astronaut: Path, grace_hopper: Path) -> Path:
    """Collins for two seconds, nobody for two, Hopper for one, and then both for one."""
    shots = [
        scene(2, Cutout(astronaut, 20, right_px_per_second=100), grey=30),
        scene(2, grey=120),
        scene(1, Cutout(grace_hopper, 200), grey=200),
        scene(1, Cutout(astronaut, 10, 240), Cutout(grace_hopper, 330, 260), grey=60),
    ]
    return write_film(tmp_path_factory.mktemp("films") / "film.mp4", one_after_another(*shots))


@pytest.fixture(scope="module")
def seen(film: Path, tmp_path_factory: pytest.TempPathFactory, astronaut: Path) -> tuple[Ended, Path]:
    """What the command says of the film, and the folder with the copy and the page that it wrote."""
    folder = tmp_path_factory.mktemp("seen")
    done = CommandLine(folder / "no-data").done(
        *("video", film, "--reference", f"{EVIL}={astronaut}", "--json"),
        *("--draw", folder / "copy.mp4", "--html", folder / "page.html"),
    )
    return done, folder


@pytest.fixture
def command(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path / "data")


def spans(person: dict[str, Any]) -> list[tuple[float, float]]:
    return [(span["begin_ms"] / 1000, span["end_ms"] / 1000) for span in person["spans"]]


def test_the_json_tells_who_is_seen_when(seen: tuple[Ended, Path], film: Path) -> None:
    record = seen[0].record
    assert (record["video"], record["width_px"], record["height_px"]) == (str(film), 640, 360)
    assert (record["damage"], record["references"], record["threshold_percent"]) == ([], [EVIL], 80)
    assert [shot["begin_ms"] for shot in record["shots"]] == pytest.approx([0, 2000, 4000, 5000], abs=90)
    collins, hopper = record["people"]
    assert (collins["name"], hopper["name"]) == (EVIL, None)
    assert collins["similarity_percent"] > 95
    assert collins["false_match_rate"] < 0.001
    (begin, end), (again, at_last) = spans(collins)
    assert (begin, end, again, at_last) == pytest.approx((0, 1.9, 5, 5.9), abs=0.25)
    assert collins["seen_ms"] / 1000 == pytest.approx(end - begin + at_last - again, abs=0.01)
    assert [span for times in spans(hopper) for span in times] == pytest.approx([4, 5.9], abs=0.25)
    assert [track["shot"] for track in hopper["tracks"]] == [2, 3]


def test_every_field_of_the_json_is_in_the_reference(seen: tuple[Ended, Path]) -> None:
    described = set(re.findall(r"`(\w+)`", PAGE.read_text("utf-8")))

    def names(value: Any) -> set[str]:
        if isinstance(value, dict):
            return set(value).union(*map(names, value.values()))
        return set().union(*map(names, value)) if isinstance(value, list) else set()

    assert names(seen[0].record) <= described


def test_the_table_tells_the_same(film: Path, astronaut: Path, command: CommandLine) -> None:
    done = command.done("video", film, "--reference", f"Eileen Collins={astronaut}")
    heading, header, collins, hopper = done.out.splitlines()
    assert heading == f"{film}, 6.0 s, 640×360 px at 25 frames/s, 4 shots, 2 people, 1 with a name"
    assert header.split()[:3] == ["#", "who", "similarity"]
    assert re.match(
        r"1 +Eileen Collins +9\d\.\d % +at most 1 time in 100,000 +2\.[67] s +0:00–0:02, 0:05–0:06", collins
    )
    assert re.match(r"2 +person 2 +1\.\d s +0:04–0:06", hopper)


def test_without_anybody_to_look_for_people_are_told_apart(film: Path, command: CommandLine) -> None:
    people = command.done("video", film, "--json").record["people"]
    assert [(person["number"], person["name"]) for person in people] == [(1, None), (2, None)]


def test_nobody_is_named_below_the_threshold(film: Path, astronaut: Path, command: CommandLine) -> None:
    done = command.done("video", film, "--reference", f"collins={astronaut}", "--threshold", "100", "--json")
    assert [person["name"] for person in done.record["people"]] == [None, None]


def test_a_film_without_faces_is_no_failure(tmp_path: Path, command: CommandLine) -> None:
    path = write_film(tmp_path / "wall.mp4", scene(1))
    done = command.done("video", path, "--html", tmp_path / "page.html")
    assert done.out.endswith("1 shot, 0 people\n")
    assert "Nobody's face is seen" in (tmp_path / "page.html").read_text("utf-8")


def test_what_is_damaged_is_told_and_the_rest_is_looked_at(
    film: Path, tmp_path: Path, command: CommandLine
) -> None:
    path = tmp_path / "film.mkv"
    with av.open(str(film)) as original, av.open(str(path), "w") as copy:
        stream = copy.add_stream_from_template(original.streams.video[0])
        for packet in original.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                copy.mux(packet)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2] + bytes(2000) + content[len(content) // 2 + 2000 :])
    done = command.done("video", path, "--html", tmp_path / "page.html")
    assert "damaged: " in done.out
    assert "1  person 1" in done.out
    assert "Not all of the video could be read" in (tmp_path / "page.html").read_text("utf-8")


def colour_at(pixels: Pixels, colour: tuple[int, int, int]) -> tuple[float, float] | None:
    """Return the middle of what has a colour, x and y in pixels."""
    rows, columns = np.nonzero(np.abs(pixels.astype(int) - colour).max(axis=2) < 40)
    return (float(columns.mean()), float(rows.mean())) if len(rows) > 20 else None


def test_the_copy_shows_who_is_where(seen: tuple[Ended, Path], film: Path) -> None:
    with av.open(str(film)) as container:
        times = [frame.time for frame in container.decode(video=0)]
    with av.open(str(seen[1] / "copy.mp4")) as container:
        frames = [
            (frame.time or 0.0, np.asarray(frame.to_ndarray(format="rgb24"), np.uint8))
            for frame in container.decode(video=0)
        ]
    assert [time for time, _ in frames] == pytest.approx(times, abs=0.001)
    by_time = {
        round(time, 2): (colour_at(pixels, NAMED), colour_at(pixels, UNNAMED)) for time, pixels in frames
    }
    named, _ = by_time[0.4]
    later, _ = by_time[1.4]
    assert named is not None
    assert later is not None
    assert later[0] - named[0] == pytest.approx(100, abs=25)
    assert by_time[3.0] == (None, None)
    assert by_time[4.6][0] is None
    both = by_time[5.4]
    assert both[0] is not None
    assert both[1] is not None
    assert both[0][0] < both[1][0]


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_the_page_stands_by_itself_and_shows_the_faces(seen: tuple[Ended, Path]) -> None:
    file = seen[1] / "page.html"
    page = _Page(file.read_text("utf-8"))
    assert file.stat().st_mode & 0o077 == 0
    assert not [tag for tag, _ in page.tags if tag in {"script", "link", "iframe", "object"}]
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    pictures = [attributes for tag, attributes in page.tags if tag == "img"]
    assert all(str(each["src"]).startswith("data:image/jpeg;base64,") for each in pictures)
    shown = [each for each in pictures if each["alt"]]
    assert len(shown) == 4
    for each in shown:
        with Image.open(BytesIO(base64.b64decode(str(each["src"]).split(",")[1]))) as picture:
            assert picture.format == "JPEG"
    assert len([tag for tag, _ in page.tags if tag == "tr"]) == 3


def test_names_are_text_on_the_page_and_can_be_seen(seen: tuple[Ended, Path]) -> None:
    text = (seen[1] / "page.html").read_text("utf-8")
    assert "<script>" not in text
    assert "\u202e" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\\u202e" in text


def test_bars_lie_where_people_are_seen(seen: tuple[Ended, Path]) -> None:
    text = (seen[1] / "page.html").read_text("utf-8")
    lanes = re.findall(r'<div class="lane( named)?">(.*?)</div>', text)
    bars = [
        [tuple(map(float, bar)) for bar in re.findall(r"left:([\d.]+)%;width:([\d.]+)%", lane)]
        for _, lane in lanes
    ]
    assert [bool(named) for named, _ in lanes] == [True, False]
    assert bars[0][0] == pytest.approx((0, 32), abs=4)
    assert bars[0][1] == pytest.approx((84, 15), abs=4)
    assert bars[1][0] == pytest.approx((67, 32), abs=4)
    assert len(re.findall(r"M[\d.]+ 0V1", text)) == 3


def enrol(command: CommandLine, picture: Path, name: str, **lines: str) -> None:
    """Make the collection cast, with one person."""
    face = FaceAnalyzer.load().faces(open_image(picture))[0]
    assert face.template is not None
    made = replace(new_face(1, name), vector=face.template.vector)
    tags = {f"countenance:{line}": value for line, value in lines.items()}
    with command.office() as office, office.gallery.changing() as change:
        change.enrol(change.writer.create_collection("cast", PACK, tags), [made])


def test_a_collection_names_people_and_the_answer_can_be_explained(
    film: Path, astronaut: Path, command: CommandLine
) -> None:
    enrol(command, astronaut, "collins", purpose="media-archive")
    record = command.done("video", film, "--collection", "cast", "--json").record
    collins, hopper = record["people"]
    assert (collins["name"], hopper["name"]) == ("collins", None)
    by_request = {entry["request"]: entry for entry in command.entries()}
    assert by_request[record["request_id"]]["operation"] == "search_faces_in_video"
    assert by_request[record["request_id"]]["key"] == "operator"
    assert len(by_request[collins["request_id"]]["results"]) == 1
    explained = command.done("decision", "show", collins["request_id"])
    assert "search_faces_in_video" in explained.out


def test_where_people_review_answers_the_review_is_named_instead_of_the_person(
    film: Path, astronaut: Path, command: CommandLine, tmp_path: Path
) -> None:
    enrol(command, astronaut, "collins", purpose="media-archive", review="two-person")
    done = command.done("video", film, "--collection", "cast", "--html", tmp_path / "page.html")
    (review,) = command.done("review", "list", "--json").records
    assert f"countenance review show {review['review_id']}" in done.err
    for text in (done.out, done.err, (tmp_path / "page.html").read_text("utf-8")):
        assert "collins" not in text
    assert "people must say so first" in (tmp_path / "page.html").read_text("utf-8")


def test_a_policy_that_forbids_searches_refuses_the_command(
    film: Path, astronaut: Path, command: CommandLine, tmp_path: Path
) -> None:
    enrol(command, astronaut, "collins", purpose="media-archive", search="refused")
    ended = command("video", film, "--collection", "cast", "--draw", tmp_path / "copy.mp4")
    assert (ended.code, ended.out) == (1, "")
    assert "refused by its policy" in ended.err
    assert not (tmp_path / "copy.mp4").exists()
    assert [entry["outcome"] for entry in command.entries()] == ["PolicyForbids"]


@pytest.mark.shared
def test_both_men_of_the_clip_are_found_and_nobody_else_is_named(shared: Path, command: CommandLine) -> None:
    photos = shared / "data" / "photos"
    done = command.done(
        *("video", shared / "data" / "video" / "hamilton_clip.mp4", "--json"),
        *("--reference", f"miranda={photos / 'lin-manuel-miranda.png'}"),
        *("--reference", f"lacamoire={photos / 'alex-lacamoire.png'}"),
    )
    named = {person["name"]: person for person in done.record["people"] if person["name"]}
    assert set(named) == {"miranda", "lacamoire"}
    for person in named.values():
        shots = [track["shot"] for track in person["tracks"]]
        assert len(shots) == len(set(shots))
    assert {track["shot"] for track in named["miranda"]["tracks"]} == {0, 2}
    assert {track["shot"] for track in named["lacamoire"]["tracks"]} == {0}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--collection", "cast", "--reference", "a={picture}"), "not by both"),
        (("--reference", "{picture}"), "must be NAME=PICTURE"),
        (("--reference", "={picture}"), "must be NAME=PICTURE"),
        (("--draw", "copy.avi"), "the suffix must be one of .mp4"),
        (("--draw", "{film}"), "is read and would be overwritten"),
        (("--html", "{film}"), "is read and would be overwritten"),
        (("--html", "{picture}", "--reference", "a={picture}"), "is read and would be overwritten"),
        (("--draw", "out.mp4", "--html", "out.mp4"), "name two files"),
        (("--html", "/there/is/no/folder/page.html"), "there is no folder"),
    ],
)
def test_what_cannot_work_is_refused_at_once(
    arguments: tuple[str, ...], says: str, film: Path, astronaut: Path, command: CommandLine
) -> None:
    ended = command("video", film, *(each.format(picture=astronaut, film=film) for each in arguments))
    assert ended.code == 2
    assert says in ended.err
    assert ended.out == ""


def test_a_reference_without_a_face_is_told(film: Path, tmp_path: Path, command: CommandLine) -> None:
    Image.new("RGB", (200, 200)).save(tmp_path / "wall.png")
    ended = command("video", film, "--reference", f"ann={tmp_path / 'wall.png'}")
    assert ended.code == 3
    assert "no face was found in the picture of ann" in ended.err


def test_a_reference_that_is_no_picture_is_told(film: Path, tmp_path: Path, command: CommandLine) -> None:
    (tmp_path / "ann.png").write_text("no picture")
    ended = command("video", film, "--reference", f"ann={tmp_path / 'ann.png'}")
    assert ended.code == 1
    assert "ann.png" in ended.err


def test_a_file_that_is_no_video_is_told(tmp_path: Path, command: CommandLine) -> None:
    (tmp_path / "notes.txt").write_text("nothing to see")
    ended = command("video", tmp_path / "notes.txt", "--draw", tmp_path / "copy.mp4")
    assert (ended.code, ended.out) == (1, "")
    assert "notes.txt" in ended.err
    assert not (tmp_path / "copy.mp4").exists()
