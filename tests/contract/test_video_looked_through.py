"""Looking through a video file: people are named only as far, and as long, as that is permitted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from contract.offices import CLERK, acting, consent, create, enrol, entries, office_on, vision, withdrawn
from countenance.errors import CollectionNotFound, MoratoriumInForce, PolicyForbids, VideoUnreadable
from countenance.gallery.values import NewFace
from countenance.images import open_image
from countenance.operations.delete_collection import delete_collection
from countenance.operations.manage_moratoria import begin_moratorium
from countenance.operations.review_answers import list_reviews, show_review
from countenance.operations.videos import look_through_video
from countenance.operations.videos.look_through_video import LookedFor, search_faces_in_video
from countenance.operations.videos.seen import SeenVideo
from countenance.store import SqlStore
from countenance.wiring import Office
from filming import Cutout, one_after_another, scene, write_film
from new_faces import new_face

JPEG = b"\xff\xd8\xff"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory, astronaut: Path, grace_hopper: Path) -> Path:
    """Collins, then Hopper, then both."""
    shots = [
        scene(0.5, Cutout(astronaut, 150), grey=30),
        scene(0.5, Cutout(grace_hopper, 200), grey=200),
        scene(0.5, Cutout(astronaut, 10, 240), Cutout(grace_hopper, 330, 260), grey=60),
    ]
    return write_film(tmp_path_factory.mktemp("films") / "film.mp4", one_after_another(*shots))


@pytest.fixture
def office(store: SqlStore) -> Office:
    return office_on(store)


@pytest.fixture
def asks_at_each_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(look_through_video, "ASK_AGAIN_SECONDS", 0.0)


def of_picture(path: Path, number: int, name: str) -> NewFace:
    """Return somebody's face, about to be enrolled under a name."""
    face = vision().faces(open_image(path))[0]
    assert face.template is not None
    made = new_face(number, name)
    return NewFace(made.face_id, made.image_id, name, made.box, 99.0, 90.0, face.template.vector)


def looked(office: Office, film: Path, collection_id: str = "cast", **asked: object) -> SeenVideo:
    how = {"least_similarity": 80.0, "portraits": False, "looked": lambda _now, _whole: None} | asked
    with acting(office, CLERK) as act:
        return search_faces_in_video(
            vision(),
            office.gallery,
            act,
            collection_id,
            LookedFor(film, **how),  # type: ignore[arg-type]
        )


def names(seen: SeenVideo) -> list[str | None]:
    return [person.naming.name if person.naming else None for person in seen.people]


def searches(office: Office) -> list[dict[str, object]]:
    return [entry for entry in entries(office) if entry["operation"] == "search_faces_in_video"]


def test_whom_the_collection_knows_is_named_and_when_they_are_seen_is_told(
    office: Office, film: Path, astronaut: Path
) -> None:
    enrol(office, create(office, "cast", purpose="media-archive"), of_picture(astronaut, 1, "collins"))
    seen = looked(office, film)
    assert names(seen) == ["collins", None]
    collins, hopper = seen.people
    assert [(span.begin_ms < 50, span.end_ms > 1300) for span in collins.spans] == [(True, True)]
    assert [face.shot for face in collins.faces] == [0, 2]
    assert [face.shot for face in hopper.faces] == [1, 2]
    assert hopper.spans[0].begin_ms == pytest.approx(520, abs=90)
    assert len(seen.shots) == 3
    assert seen.damage == ()


def test_each_person_is_a_search_of_its_own_that_can_be_explained(
    office: Office, film: Path, astronaut: Path
) -> None:
    enrol(office, create(office, "cast", purpose="media-archive"), of_picture(astronaut, 1, "collins"))
    seen = looked(office, film)
    first, second, whole = searches(office)
    assert (first["person"], second["person"]) == (1, 2)
    assert first["looking"] == second["looking"] == whole["request"] == seen.request_id
    assert len(first["results"]) == 1  # type: ignore[arg-type]
    assert second["results"] == []
    assert (whole["people"], whole["named"], whole["shots"], whole["outcome"]) == (2, 1, 3, "done")
    naming = seen.people[0].naming
    assert naming is not None
    assert naming.request_id == first["request"]
    assert len(str(whole["video"])) == 32
    assert "collins" not in json.dumps(entries(office))
    assert film.name not in json.dumps(entries(office))


def test_the_same_film_has_the_same_digest_whatever_it_is_called(
    office: Office, film: Path, tmp_path: Path
) -> None:
    create(office, "cast", purpose="media-archive")
    copy = tmp_path / "other.mp4"
    copy.write_bytes(film.read_bytes())
    looked(office, film)
    looked(office, copy)
    assert len({entry["video"] for entry in searches(office) if "video" in entry}) == 1


def test_a_policy_that_forbids_searches_is_obeyed_before_the_file_is_opened(office: Office) -> None:
    create(office, "cast", purpose="media-archive", search="refused")
    with pytest.raises(PolicyForbids):
        looked(office, Path("/there/is/no/such.mp4"))
    (entry,) = searches(office)
    assert entry["outcome"] == "PolicyForbids"


def test_where_people_review_answers_nobody_is_named(office: Office, film: Path, astronaut: Path) -> None:
    enrol(
        office,
        create(office, "cast", purpose="media-archive", review="one"),
        of_picture(astronaut, 1, "collins"),
    )
    seen = looked(office, film)
    assert names(seen) == [None, None]
    review_id, nobody = (person.review_id for person in seen.people)
    assert nobody is None
    with acting(office) as act:
        (review,) = list_reviews(act, state=None, most=10).items
        assert review.review_id == review_id
        shown = show_review(office.gallery, act, review.review_id)
    assert shown.probe is not None
    assert shown.probe.startswith(JPEG)
    assert [candidate.external_image_id for candidate in review.candidates] == ["collins"]


def test_who_withdrew_their_consent_is_not_named(office: Office, film: Path, astronaut: Path) -> None:
    collection = create(office, "cast", purpose="entry", consent="required")
    record = consent(office, "collins")
    enrol(office, collection, of_picture(astronaut, 1, "collins"))
    assert names(looked(office, film)) == ["collins", None]
    withdrawn(office, record.consent_id)
    assert names(looked(office, film)) == [None, None]


@pytest.mark.usefixtures("asks_at_each_look")
def test_a_moratorium_ends_the_work(office: Office, film: Path, astronaut: Path) -> None:
    enrol(office, create(office, "cast", purpose="media-archive"), of_picture(astronaut, 1, "collins"))
    times = list[int]()

    def begin_one(now_ms: int, _whole_ms: int | None) -> None:
        if not times:
            with acting(office) as act:
                begin_moratorium(act, "search", "the council said so", None)
        times.append(now_ms)

    with pytest.raises(MoratoriumInForce):
        looked(office, film, looked=begin_one)
    assert len(times) == 1
    (entry,) = searches(office)
    assert (entry["outcome"], "results" in entry) == ("MoratoriumInForce", False)


def test_a_collection_that_is_made_again_meanwhile_is_another(
    office: Office, film: Path, astronaut: Path
) -> None:
    create(office, "cast", purpose="media-archive")
    times = list[int]()

    def make_again(now_ms: int, _whole_ms: int | None) -> None:
        if not times:
            with acting(office) as act:
                delete_collection(office.gallery, act, "cast")
            enrol(office, create(office, "cast"), of_picture(astronaut, 1, "collins"))
        times.append(now_ms)

    with pytest.raises(CollectionNotFound, match="made again"):
        looked(office, film, looked=make_again)


def test_a_file_that_is_no_video_is_told(office: Office, tmp_path: Path) -> None:
    create(office, "cast", purpose="media-archive")
    path = tmp_path / "notes.mp4"
    path.write_text("nothing to see")
    with pytest.raises(VideoUnreadable, match=r"notes\.mp4"):
        looked(office, path)
    assert [entry["outcome"] for entry in searches(office)] == ["VideoUnreadable"]
