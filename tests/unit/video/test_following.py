"""Following faces through a video: one track for each person of a shot, one template for each track."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from countenance.faces import Pixels, Template
from countenance.video.cuts import CutFinder
from countenance.video.following import follow_faces
from countenance.video.people import Appearing, people_of
from countenance.video.reading import open_video
from countenance.video.values import ShotTracks, Track
from countenance.vision import FaceAnalyzer
from filming import Cutout, one_after_another, scene, write_film

ALIKE_PERCENT = 95.0


@pytest.fixture(scope="module")
def analyzer() -> FaceAnalyzer:
    return FaceAnalyzer.load()


@pytest.fixture(scope="module")
def known(analyzer: FaceAnalyzer, astronaut: Path, grace_hopper: Path) -> dict[str, Template]:
    """Templates of the two people, from their photographs."""
    found = {"collins": analyzer.faces(astronaut)[0], "hopper": analyzer.faces(grace_hopper)[0]}
    return {name: face.template for name, face in found.items() if face.template is not None}


def shots(analyzer: FaceAnalyzer, path: Path, **options: bool | float) -> list[ShotTracks]:
    with open_video(path) as reader:
        return list(follow_faces(analyzer, reader, **options))  # type: ignore[arg-type]


def names(analyzer: FaceAnalyzer, known: dict[str, Template], tracks: tuple[Track, ...]) -> list[str]:
    """Return who each track shows, in order."""
    named = []
    for track in tracks:
        assert track.template is not None
        percents = {
            name: analyzer.compare(track.template, template).percent for name, template in known.items()
        }
        best = max(percents, key=lambda name: percents[name])
        named.append(best if percents[best] >= ALIKE_PERCENT else "nobody")
    return named


def test_somebody_who_moves_is_one_track_whose_template_is_theirs(
    analyzer: FaceAnalyzer, known: dict[str, Template], tmp_path: Path, astronaut: Path
) -> None:
    path = write_film(tmp_path / "walk.mp4", scene(2, Cutout(astronaut, 20, right_px_per_second=120)))
    (shot,) = shots(analyzer, path)
    assert names(analyzer, known, shot.tracks) == ["collins"]
    (track,) = shot.tracks
    assert (track.begin_ms, shot.begin_ms, shot.resume_ms) == (0, 0, None)
    assert track.end_ms >= 1800
    assert shot.end_ms == 1960
    assert 9 <= len(track.sightings) <= 11
    first, last = track.sightings[0].face.box, track.sightings[-1].face.box
    assert last.left - first.left == pytest.approx(120 * track.end_ms / 1000, abs=12)


def test_a_cut_ends_tracks_and_begins_a_shot(
    analyzer: FaceAnalyzer, known: dict[str, Template], tmp_path: Path, astronaut: Path, grace_hopper: Path
) -> None:
    # Both stand in the same place: only the cut and their templates tell them apart.
    frames = one_after_another(
        scene(1, Cutout(astronaut, 150), grey=40), scene(1, Cutout(grace_hopper, 150), grey=170)
    )
    found = shots(analyzer, write_film(tmp_path / "cut.mp4", frames))
    assert [names(analyzer, known, shot.tracks) for shot in found] == [["collins"], ["hopper"]]
    assert [(shot.shot, shot.begin_ms, shot.resume_ms) for shot in found] == [(0, 0, 1000), (1, 1000, None)]


def test_a_track_that_passes_from_one_person_to_another_without_a_cut_is_two(
    analyzer: FaceAnalyzer, known: dict[str, Template], tmp_path: Path, astronaut: Path, grace_hopper: Path
) -> None:
    collins, hopper = (scene(2, Cutout(each, 150), grey=96) for each in (astronaut, grace_hopper))
    faded = [
        (timestamp_ms, _mixed(one, other, share))
        for (timestamp_ms, one), (_, other), share in zip(
            collins, hopper, np.clip(np.linspace(-1.5, 2.5, len(collins)), 0, 1), strict=True
        )
    ]
    found = shots(analyzer, write_film(tmp_path / "faded.mp4", faded))
    assert [name for shot in found for name in names(analyzer, known, shot.tracks)] == ["collins", "hopper"]


def test_two_people_who_cross_keep_their_tracks(
    analyzer: FaceAnalyzer, known: dict[str, Template], tmp_path: Path, astronaut: Path, grace_hopper: Path
) -> None:
    frames = scene(
        4,
        Cutout(astronaut, 0, 200, right_px_per_second=100, top_px=60),
        Cutout(grace_hopper, 420, 200, right_px_per_second=-100),
    )
    (shot,) = shots(analyzer, write_film(tmp_path / "cross.mp4", frames))
    assert sorted(names(analyzer, known, shot.tracks)) == ["collins", "hopper"]
    for track in shot.tracks:
        assert track.begin_ms < 400
        assert track.end_ms > 3_500


def test_somebody_who_leaves_and_returns_in_a_shot_is_one_track(
    analyzer: FaceAnalyzer, known: dict[str, Template], tmp_path: Path, astronaut: Path
) -> None:
    gone = scene(2, grey=96)
    frames = one_after_another(
        scene(1, Cutout(astronaut, 100, 150), grey=96), gone, scene(1, Cutout(astronaut, 400, 150), grey=96)
    )
    found = shots(analyzer, write_film(tmp_path / "returns.mp4", frames))
    assert [names(analyzer, known, shot.tracks) for shot in found] == [["collins"]]


def test_work_goes_on_where_an_earlier_run_stopped(
    analyzer: FaceAnalyzer, tmp_path: Path, astronaut: Path, grace_hopper: Path
) -> None:
    frames = one_after_another(
        scene(1, Cutout(astronaut, 150), grey=40),
        scene(1, Cutout(grace_hopper, 150), grey=170),
        scene(1, Cutout(astronaut, 150), grey=40),
    )
    path = write_film(tmp_path / "three.mp4", frames)
    whole = shots(analyzer, path)
    assert whole[0].resume_ms is not None
    rest = shots(analyzer, path, start_ms=whole[0].resume_ms, first_shot=1)
    for one, other in zip(whole[1:], rest, strict=True):
        assert (one.shot, one.begin_ms, one.end_ms) == (other.shot, other.begin_ms, other.end_ms)
        for track, again in zip(one.tracks, other.tracks, strict=True):
            assert (track.begin_ms, track.end_ms) == (again.begin_ms, again.end_ms)
            assert track.template is not None
            assert again.template is not None
            assert track.template.score(again.template) > 0.999


def test_portraits_are_there_only_where_they_are_wanted(
    analyzer: FaceAnalyzer, tmp_path: Path, astronaut: Path
) -> None:
    path = write_film(tmp_path / "still.mp4", scene(0.6, Cutout(astronaut, 150)))
    assert shots(analyzer, path)[0].tracks[0].portrait is None
    portrait = shots(analyzer, path, portraits=True)[0].tracks[0].portrait
    assert portrait is not None
    assert portrait[:2] == b"\xff\xd8"


def test_boxes_of_a_large_video_are_in_its_own_pixels(
    analyzer: FaceAnalyzer, tmp_path: Path, astronaut: Path
) -> None:
    small = scene(0.4, Cutout(astronaut, 150))
    large = [(timestamp_ms, pixels.repeat(4, axis=0).repeat(4, axis=1)) for timestamp_ms, pixels in small]
    one, other = (
        shots(analyzer, write_film(tmp_path / name, frames))[0].tracks[0].best.face
        for name, frames in (("small.mp4", small), ("large.mp4", large))
    )
    assert other.box.left == pytest.approx(4 * one.box.left, rel=0.05)
    assert other.box.width == pytest.approx(4 * one.box.width, rel=0.1)
    assert other.landmarks.nose.x == pytest.approx(4 * one.landmarks.nose.x, rel=0.03)
    assert other.quality.inter_eye_distance_px == pytest.approx(
        4 * one.quality.inter_eye_distance_px, rel=0.1
    )


def test_what_is_called_at_each_look_can_end_the_work(
    analyzer: FaceAnalyzer, tmp_path: Path, astronaut: Path
) -> None:
    path = write_film(tmp_path / "still.mp4", scene(2, Cutout(astronaut, 150)))
    seen: list[int] = []

    class Enough(Exception):
        pass

    def looked(timestamp_ms: int) -> None:
        seen.append(timestamp_ms)
        if len(seen) == 3:
            raise Enough

    with open_video(path) as reader, pytest.raises(Enough):
        list(follow_faces(analyzer, reader, looked=looked))
    assert seen == [0, 200, 400]


def test_a_long_shot_is_given_in_parts(
    analyzer: FaceAnalyzer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, astronaut: Path
) -> None:
    monkeypatch.setattr("countenance.video.following._LONGEST_SHOT_MS", 1_000)
    found = shots(analyzer, write_film(tmp_path / "long.mp4", scene(3, Cutout(astronaut, 150))))
    assert [shot.shot for shot in found] == [0, 1, 2]
    assert [shot.resume_ms for shot in found] == [1000, 2000, None]
    assert all(len(shot.tracks) == 1 for shot in found)


def test_a_cut_is_seen_and_movement_is_none() -> None:
    rng = np.random.default_rng(0)
    blocks = (rng.integers(low, low + 120, (6, 8)) for low in (0, 120))
    one, other = (np.kron(each, np.ones((6, 8))).astype(np.uint8) for each in blocks)
    finder = CutFinder()
    answers = [finder.is_cut(np.roll(one, step, axis=1)) for step in range(8)]
    answers += [finder.is_cut(other), finder.is_cut(other), finder.is_cut(one)]
    assert answers == [True, *([False] * 7), True, False, True]


def template(analyzer: FaceAnalyzer, number: int, *, like: Template | None = None) -> Template:
    rng = np.random.default_rng(number)
    made = rng.normal(size=128).astype(np.float32)
    if like is not None:
        made = like.vector + 0.01 * made
    return Template(analyzer.pack, np.asarray(made / np.linalg.norm(made), np.float32))


def test_people_are_numbered_as_they_appear_and_those_seen_together_are_two(analyzer: FaceAnalyzer) -> None:
    first, second = template(analyzer, 1), template(analyzer, 2)
    tracks = [
        Appearing(5_000, 6_000, template(analyzer, 3, like=first), 80.0),
        Appearing(0, 1_000, first, 80.0),
        Appearing(500, 900, second, 70.0),
        Appearing(5_500, 7_000, template(analyzer, 4, like=first), 60.0),
        Appearing(2_000, 3_000, None, 10.0),
        Appearing(9_000, 9_500, template(analyzer, 5, like=second), 70.0),
    ]
    numbers = people_of(tracks, analyzer.calibration)
    assert numbers[1] == 0
    assert numbers[2] == numbers[5] == 1
    assert numbers[4] == 2
    assert numbers[0] != numbers[3]
    assert 0 in (numbers[0], numbers[3])


def test_a_video_without_anybody_has_nobody(analyzer: FaceAnalyzer) -> None:
    assert people_of([], analyzer.calibration) == []


@pytest.mark.shared
def test_both_men_of_the_clip_are_found_once_a_shot_and_nobody_else_is_named(
    analyzer: FaceAnalyzer, shared: Path
) -> None:
    photos = shared / "data" / "photos"
    men = {
        name: analyzer.faces(photos / f"{name}.png")[0] for name in ("lin-manuel-miranda", "alex-lacamoire")
    }
    named: list[tuple[int, str]] = []
    for shot in shots(analyzer, shared / "data" / "video" / "hamilton_clip.mp4"):
        for track in shot.tracks:
            if track.template is not None:
                like = {name: analyzer.compare(track.template, face).percent for name, face in men.items()}
                named += [(shot.shot, name) for name, percent in like.items() if percent >= 80.0]
    assert {name for _, name in named} == set(men)
    assert len(named) == len(set(named))
    assert sorted(shot for shot, name in named if name == "lin-manuel-miranda") == [0, 2]


def _mixed(one: Pixels, other: Pixels, share: float) -> Pixels:
    return np.asarray(one * (1 - share) + other * share, np.uint8)
