"""The reports of a server in use, over HTTP and on the command line, tell what was done with it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from reports.test_pages import tree
from reports.world import all_of, facts, rows
from rest.api import Api, consent_of
from serving import running_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from serving import RunningServer

TAGS = {
    "countenance:purpose": "access-control",
    "countenance:consent": "required",
    "countenance:retention": "P90D",
    "countenance:portraits": "kept",
}
PATHS = {
    "processing": "/v1/reports/processing",
    "retention": "/v1/reports/retention",
    "accountability": "/v1/reports/accountability",
    "subject": "/v1/subjects/eileen-collins/report",
}
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory, astronaut: Path) -> Iterator[RunningServer]:
    """A server on which one person consented, was enrolled, and was found three times by two keys."""
    with running_server(tmp_path_factory.mktemp("used")) as server:
        client, image = server.boto3_client(), {"Bytes": astronaut.read_bytes()}
        api = Api.of(server)
        client.create_collection(CollectionId="staff", Tags=TAGS)
        with pytest.raises(client.exceptions.AccessDeniedException):
            client.index_faces(CollectionId="staff", Image=image, ExternalImageId="eileen-collins")
        assert api.post("/v1/consents", consent_of("eileen-collins")).status == 201
        client.index_faces(CollectionId="staff", Image=image, ExternalImageId="eileen-collins", MaxFaces=1)
        guard = api.with_key(operations=["search_*"])
        guards = server.boto3_client(aws_access_key_id=guard.key_id, aws_secret_access_key=guard.secret)
        for searcher in (client, client, guards):
            found = searcher.search_faces_by_image(CollectionId="staff", Image=image)
            assert len(found["FaceMatches"]) == 1
        yield server


@pytest.fixture
def api(used: RunningServer) -> Api:
    return Api.of(used)


def asked(api: Api, path: str, accept: str) -> Any:
    return api.send("GET", path, headers={**api.authorization("GET", path), "Accept": accept})


def test_the_report_of_a_subject_tells_who_found_them(api: Api) -> None:
    record = api.get(PATHS["subject"]).json
    (face,) = all_of(record, "face")
    assert face["facts"]["portrait_kept"] is True
    assert face["facts"]["portrait"]["media_type"] == "image/jpeg"
    searches = [row for row in rows(record, "disclosures") if row["method"] == "search_faces_by_image"]
    assert [row["count"] for row in searches] == [2, 1]
    assert [row["recipient"] for row in searches] == ["administrator", "a test's"]
    decisions = rows(record, "decisions")
    assert len(decisions) == 3
    explained = api.get(f"/v1/decisions/{decisions[0]['request_id']}").json
    assert explained["false_match_rate"] == decisions[0]["false_match_rate"]
    assert explained["gallery_size"] == decisions[0]["gallery"] == 1


def test_the_accountability_report_counts_what_was_done(api: Api) -> None:
    record = api.get(PATHS["accountability"]).json
    (searches,) = rows(record, "searches")
    assert (searches["purpose"], searches["asked"], searches["returned"]) == ("access-control", 3, 3)
    refused = {row["reason"]: row["count"] for row in rows(record, "refusals")}
    assert refused["ConsentMissing"] == 1


def test_the_processing_report_counts_what_is_held(api: Api) -> None:
    record = api.get(PATHS["processing"]).json
    (staff,) = all_of(record, "collection")
    assert (staff["facts"]["faces"], staff["facts"]["consents_valid"]) == (1, 1)
    assert facts(record, "security")["in_transit"].startswith("not by the server")


@pytest.mark.parametrize("kind", PATHS)
def test_a_browser_gets_a_page_and_a_program_gets_json(api: Api, kind: str) -> None:
    path = PATHS[kind]
    for accept in ("", "*/*", "application/json", "text/html;q=0.1, application/json", "text/html;q=x"):
        assert asked(api, path, accept).headers["content-type"] == "application/json", accept
    for accept in (BROWSER, "text/html", "Text/HTML;level=1, application/json;q=0.5"):
        page = asked(api, path, accept)
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
        assert page.headers["cache-control"] == "no-store"
        assert tree(page.body.decode()).all("h1")[0].text
    assert asked(api, f"{path}?format=json", BROWSER).headers["content-type"] == "application/json"
    assert api.get(path, format="html").headers["content-type"] == "text/html; charset=utf-8"
    assert api.get(path, format="pdf").status == 422


def test_templates_need_a_key_that_may_make_them(api: Api) -> None:
    whole = api.get(PATHS["subject"], templates="true").json
    assert len(all_of(whole, "face")[0]["facts"]["template"]) == 128
    reader = api.with_key(operations=["report_*"])
    assert reader.get(PATHS["subject"]).status == 200
    assert reader.get(PATHS["subject"], templates="true").problem == "not-permitted"


def test_nobody_gets_a_report_without_leave(api: Api) -> None:
    for path in PATHS.values():
        assert api.send("GET", path).status == 401
        assert api.with_key(operations=["search_faces"]).get(path).problem == "not-permitted"
    limited = api.with_key(collections=["others"])
    assert limited.get(PATHS["retention"]).problem == "not-permitted"
    assert limited.get("/v1/subjects/nobody/report").problem == "subject-not-found"


def test_the_command_line_makes_the_same_reports(used: RunningServer, api: Api, tmp_path: Path) -> None:
    for kind, path in PATHS.items():
        subject = ("eileen-collins",) if kind == "subject" else ()
        printed = used.command("report", kind, *subject)
        assert printed.returncode == 0, printed.stderr
        by_command, over_http = json.loads(printed.stdout), api.get(path).json
        assert [each["key"] for each in by_command["sections"]] == [
            each["key"] for each in over_http["sections"]
        ]
        files = tmp_path / f"{kind}.html", tmp_path / f"{kind}.json"
        written = used.command("report", kind, *subject, "--html", str(files[0]), "--json", str(files[1]))
        assert (written.returncode, written.stdout) == (0, "")
        assert tree(files[0].read_text()).all("title")[0].text == by_command["title"]
        assert json.loads(files[1].read_text())["kind"] == kind
        assert all(file.stat().st_mode & 0o077 == 0 for file in files)


def test_what_goes_wrong_on_the_command_line_is_told_in_a_line(used: RunningServer, tmp_path: Path) -> None:
    nobody = used.command("report", "subject", "nobody")
    assert (nobody.returncode, nobody.stderr) == (1, "countenance: nothing is held of a subject nobody\n")
    nowhere = used.command("report", "retention", "--html", str(tmp_path / "no" / "file"))
    assert nowhere.returncode == 2
