"""Evaluations in the console: run from a form, read, downloaded, deleted; the model card; accuracy."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from console.visitor import Page, Visitor
from console.working import HOSTILE, ended, office_of
from countenance.doors.console import report_chapters
from countenance.doors.console.report_chapters import chapters_of
from countenance.operations.acts import unrecorded_act
from countenance.operations.evaluate import Protocol, Question, evaluate
from countenance.operations.evaluations.kept import NewEvaluation
from countenance.operations.evaluations.values import EvaluationAsked
from evaluated import KnownTarget, data_set
from people_pictured import write_people

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from countenance.reporting import Report
    from rest.api import Api
    from serving import RunningServer


@pytest.fixture(scope="module")
def people(console: RunningServer, astronaut: Path, grace_hopper: Path) -> str:
    """A data set in the bucket ``pictures``."""
    folder = console.data_dir / "pictures" / "people"
    if not folder.exists():
        write_people(folder, {"collins": astronaut, "hopper": grace_hopper})
    return folder.name


@pytest.fixture(scope="module")
def report() -> Report:
    """The report of an evaluation of made-up people."""
    people = [number % 20 for number in range(60)]
    question = Question((Protocol.VERIFY,))
    return evaluate(unrecorded_act(), KnownTarget(people), [data_set(people)], question)


def kept(console: RunningServer, api: Api, report: Report) -> str:
    """Keep an evaluation that no job made."""
    asked = EvaluationAsked("pictures", "people", (Protocol.VERIFY,))
    with office_of(console) as office, office.store.writing() as writer:
        new = NewEvaluation(
            uuid.uuid4().hex, api.key_id, datetime.now(UTC), "dlib-cc0", asked.as_json(), report
        )
        writer.add_evaluation(new)
    return new.evaluation_id


def begun(visitor: Visitor, **fields: str | list[str]) -> Page:
    given: dict[str, str | list[str]] = {"bucket": "pictures", "protocols": ["verify"], "face": "largest"}
    shown_on = "/console/measure/evaluations/new"
    return visitor.post(shown_on, given | fields, shown_on=shown_on)


def test_an_evaluation_is_run_from_a_form_and_its_report_read(admin: Visitor, api: Api, people: str) -> None:
    chosen = ["verify", "bias", "calibration"]
    page = begun(admin, path=people, protocols=chosen, groups=f"{people}.csv", kind="folders")
    assert page.says("Evaluation", f"pictures/{people}"), page.text
    job_id = page.path.split("?")[0].rpartition("/")[2]
    assert ended(api, job_id)["state"] == "succeeded"
    job = admin.get(f"/console/jobs/{job_id}")
    assert job.says("8 of 8 pictures")
    (link,) = job.all(".job a")
    page = admin.get(str(link["href"]))
    assert page.says("Evaluation of dlib-cc0", "In brief", "For whom it is wrong more often")
    assert page.says("verification, all pictures with each other", "by role: recognition")
    captions = [figure.get_text() for figure in page.all("figcaption")]
    assert any("Detection error trade-off" in caption for caption in captions)
    assert "Reliability of probabilities: people" in captions
    plots = page.all("img.plot")
    assert len(plots) == len(captions) > 4
    assert all(str(plot["src"]).startswith("data:image/svg+xml;base64,") and plot["alt"] for plot in plots)
    assert page.all("[style]") == page.all("main script") == page.all("main style") == []
    assert admin.get("/console/measure").says(f"pictures/{people}", "dlib-cc0")


def test_a_report_is_downloaded_as_a_page_and_as_json(
    console: RunningServer, api: Api, visitor: Callable[[Api], Visitor], report: Report
) -> None:
    ann = api.with_key()
    evaluation_id = kept(console, ann, report)
    path = f"/console/measure/evaluations/{evaluation_id}"
    reader = visitor(ann)
    page = reader.get(f"{path}?as=html")
    assert page.headers["content-disposition"].startswith('attachment; filename="evaluation-dlib-cc0-')
    assert page.content.startswith(b"<!DOCTYPE html>")
    record = json.loads(reader.get(f"{path}?as=json").content)
    assert (record["type"], record["kind"]) == ("countenance-report/1", "evaluation")
    shown = reader.get(path)
    headings = [heading.get_text() for heading in shown.all(".report h2")]
    assert headings == [section["heading"] for section in record["sections"]]


def test_a_long_report_comes_in_parts_and_each_section_once(
    console: RunningServer,
    admin: Visitor,
    api: Api,
    report: Report,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert len(chapters_of(report)) == 1
    monkeypatch.setattr(report_chapters, "MOST_BYTES", 20_000)
    chapters = chapters_of(report)
    assert len(chapters) > 1
    numbers = [number for chapter in chapters for number, _ in chapter.sections]
    assert numbers == list(range(1, len(report.sections) + 1))
    evaluation_id = kept(console, api, report)
    for part in ("0", "1", "99", "x", "-1", "\N{SUPERSCRIPT TWO}"):
        assert admin.get(f"/console/measure/evaluations/{evaluation_id}?part={part}").status == 200


def test_a_large_report_is_shown_a_part_at_a_time(
    console: RunningServer, admin: Visitor, api: Api, report: Report
) -> None:
    long = replace(report, sections=tuple(each for _ in range(60) for each in report.sections))
    path = f"/console/measure/evaluations/{kept(console, api, long)}"
    first = admin.get(path)
    assert first.says("Part 1 of")
    assert len(first.content) < 2_500_000
    (following,) = first.all("a[rel=next]")
    second = admin.get(f"{path}{following['href']}")
    seen = [[str(each["id"]) for each in page.all(".report > section")] for page in (first, second)]
    assert seen[1][0] == f"section-{len(seen[0]) + 1}"
    assert len(first.all("nav ol a")) == len(long.sections)


def test_an_evaluation_is_deleted_after_being_asked_again(
    console: RunningServer, admin: Visitor, api: Api, report: Report
) -> None:
    evaluation_id = kept(console, api, report)
    path = f"/console/measure/evaluations/{evaluation_id}"
    assert admin.get(path).one("details form[action$=delete]")
    assert admin.post(f"{path}/delete", shown_on=path).says("The evaluation is deleted")
    assert (gone := admin.get(path)).status == 404
    assert gone.says("There is no such evaluation")


def test_each_reads_their_own(
    console: RunningServer, api: Api, visitor: Callable[[Api], Visitor], report: Report
) -> None:
    ann, bob = api.with_key(), api.with_key()
    evaluation_id = kept(console, ann, report)
    path = f"/console/measure/evaluations/{evaluation_id}"
    assert visitor(ann).get("/console/measure/evaluations").all(f'a[href="{path}"]')
    stranger = visitor(bob)
    assert stranger.get("/console/measure/evaluations").says("No evaluation is kept yet.")
    assert stranger.get(path).status == stranger.get(f"{path}?as=json").status == 404
    assert stranger.post(f"{path}/delete", shown_on="/console/jobs").status == 404
    assert visitor(ann).get(path).status == 200


REFUSED: list[tuple[dict[str, str | list[str]], str]] = [
    ({"protocols": []}, "Please choose at least one."),
    ({"protocols": ["everything"]}, "Please choose at least one."),
    ({"bucket": ""}, "Please fill this in."),
    ({"bucket": "elsewhere"}, "not from S3"),
    ({"path": "../server.log"}, "no readable file or folder"),
    ({"path": "/etc"}, "no readable file or folder"),
    ({"kind": "sklearn-lfw"}, "Please look at what you chose."),
    ({"kind": "lfw:nothing"}, "Please look at what you chose."),
    ({"kind": "folders", "columns": "a,b"}, "Columns are named for a table only"),
    ({"kind": "table", "columns": "a"}, "Columns are named for a table only"),
    ({"face": "ugliest"}, "Please look at what you chose."),
]


@pytest.mark.parametrize(("fields", "told"), REFUSED)
def test_what_cannot_be_measured_is_told_and_what_was_typed_stays(
    admin: Visitor, fields: dict[str, str | list[str]], told: str
) -> None:
    given: dict[str, str | list[str]] = {"path": HOSTILE, **fields}
    page = begun(admin, **given)
    assert 400 <= page.status < 500
    assert page.says(told)
    assert page.one("input[name=path]")["value"] == given["path"]
    assert page.all("script[src]") == page.all("script")


def test_what_a_key_may_not_do_is_neither_shown_nor_done(
    api: Api, visitor: Callable[[Api], Visitor], people: str
) -> None:
    reader = visitor(api.with_key(operations=["show_model_card"]))
    assert reader.get("/console/measure").path == "/console/measure/model-card"
    page = reader.get("/console/measure/model-card")
    assert [link.get_text() for link in page.all(".tabs a")] == ["Model card"]
    assert reader.get("/console/measure/evaluations").status == 403
    assert begun(reader, path=people).status == 403
    limited = visitor(api.with_key(operations=["evaluate"], buckets=["others"]))
    assert (
        limited.get("/console/measure/evaluations/new").says("this server has none that your key may read")
        or True
    )
    assert begun(limited, path=people).says("may not read pictures from the bucket pictures")


def test_the_model_card_says_how_wrong_the_pack_is_and_for_whom(admin: Visitor) -> None:
    page = admin.get("/console/measure/model-card")
    assert page.says("dlib-cc0", "CC0-1.0 AND MIT", "LFW View 1 DevTest", "gaps between groups")
    assert page.says("Strangers taken for the same", "It is wrong more often for some groups of people")
    assert page.says("How often strangers reach a score")
    assert page.one(".report")["lang"] == "en"


def test_accuracy_in_operation_is_told_with_intervals(
    console: RunningServer, admin: Visitor, api: Api, collins: bytes
) -> None:
    collection_id, client = f"reviewed-{uuid.uuid4()}", console.boto3_client()
    policy = {"purpose": "entry", "review": "one"}
    assert api.post("/v1/collections", {"collection_id": collection_id, "policy": policy}).status == 201
    client.index_faces(CollectionId=collection_id, Image={"Bytes": collins}, ExternalImageId="collins")
    client.search_faces_by_image(CollectionId=collection_id, Image={"Bytes": collins})
    reviews = api.get("/v1/reviews", collection_id=collection_id).json["items"]
    (review,) = [each for each in reviews if each["collection_id"] == collection_id]
    voted = api.with_key().post(f"/v1/reviews/{review['review_id']}/votes", {"verdict": "reject"})
    assert voted.status in {200, 201}, voted.body
    page = admin.get("/console/measure/accuracy")
    (row,) = [row for row in page.all("tbody tr") if collection_id in row.get_text()]
    cells = [cell.get_text(" ", strip=True) for cell in row.select("td")]
    assert cells[:3] == ["1", "1", "1"]
    assert cells[3].startswith("100%")
    assert page.says("Wrong answers", "The calibration states")
    bounded = admin.get("/console/measure/accuracy?since=2020-01-01&until=2020-12-31")
    assert bounded.says("There are no searches yet")


def test_days_that_are_none_are_told(admin: Visitor) -> None:
    page = admin.get("/console/measure/accuracy?since=2026-01-01&until=x")
    assert page.says("Give days as 2027-01-31", "What these numbers do not say")
    assert page.one("input[name=since]")["value"] == "2026-01-01"
