"""Every command leaves an entry in the ledger, or there is a reason why it leaves none."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer

from cli.command_line import CommandLine
from cli.conftest import CONSENTED
from countenance.doors.cli.application import app
from countenance.governance import Candidate, CandidateKeys, Review, ReviewMode, ReviewState
from countenance.operations.names import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "command-line.md"
FILM = "/films/door.mp4"
OWN_FILES = "works on files of one's own, without a database"
OWN_PROCESS = "runs a server of its own, whose entries test_beside_a_server shows"
ONLY_THE_LEDGER = "reads nothing but the ledger, whose entries would otherwise be about themselves"


@dataclass(frozen=True)
class Recorded:
    """The operation that a command's entry names, and what the command is given here."""

    operation: str
    arguments: str = ""


COMMANDS: dict[str, Recorded | str] = {
    "detect": OWN_FILES,
    "compare": OWN_FILES,
    "video": "without a collection works on files of one's own; with one, test_video shows its entries",
    "evaluate": OWN_FILES,
    "calibrate": OWN_FILES,
    "demo": OWN_PROCESS,
    "serve": OWN_PROCESS,
    "worker": "does what others asked for, whose entries test_worker shows",
    "settings": "opens no database",
    "models list": OWN_FILES,
    "models prepare": OWN_FILES,
    "models install": OWN_FILES,
    "models verify": OWN_FILES,
    "models card": OWN_FILES,
    "ledger verify": ONLY_THE_LEDGER,
    "ledger key": ONLY_THE_LEDGER,
    "ledger checkpoint": ONLY_THE_LEDGER,
    "ledger show": ONLY_THE_LEDGER,
    "receipt verify": "opens no database",
    "keys create": Recorded("create_key", "reception"),
    "keys list": Recorded("list_keys"),
    "keys revoke": Recorded("revoke_key", "{unwanted_key}"),
    "env": Recorded("list_keys", "--key {key}"),
    "master-key rotate": Recorded("rotate_master_key"),
    "policy show": Recorded("show_policy", "staff"),
    "consent record": Recorded(
        "record_consent",
        "--subject eve --purpose access --notice-sha256 {sha256} --notice-version 1 --method guardian "
        "--signer adam",
    ),
    "consent list": Recorded("list_consents", "--subject ann"),
    "consent show": Recorded("show_consent", "{consent}"),
    "consent withdraw": Recorded("withdraw_consent", "{consent}"),
    "subject interaction": Recorded("record_interaction", "bob"),
    "moratorium on": Recorded("begin_moratorium", "--scope purpose:nothing --reason test"),
    "moratorium list": Recorded("list_moratoria"),
    "moratorium off": Recorded("lift_moratorium", "{moratorium}"),
    "hold place": Recorded("place_hold", "--subject bob --reference case"),
    "hold list": Recorded("list_holds"),
    "hold release": Recorded("release_hold", "{hold}"),
    "review list": Recorded("list_reviews", "--state open"),
    "review show": Recorded("show_review", "{review}"),
    "review vote": Recorded("vote_on_review", "{review} reject --key {key}"),
    "review accuracy": Recorded("show_accuracy"),
    "report processing": Recorded("report_processing"),
    "report retention": Recorded("report_retention"),
    "report accountability": Recorded("report_accountability"),
    "report subject": Recorded("report_subject", "bob"),
    "watch": "goes on until it is stopped; test_watching shows its entries",
    "monitors create": Recorded("create_monitor", "door {film} --collection watched"),
    "monitors list": Recorded("list_monitors"),
    "monitors stop": Recorded("stop_monitor", "{monitor}"),
    "monitors start": Recorded("start_monitor", "{monitor}"),
    "monitors delete": Recorded("delete_monitor", "{monitor}"),
    "group": "works on files of one's own, or on a collection, whose entries test_groups shows",
    "groups list": Recorded("list_groups", "--collection album"),
    "groups show": Recorded("show_group", "{group} --collection album"),
    "groups move": Recorded("move_faces", "{group} {free_face} --collection album"),
    "groups split": Recorded("split_group", "{group} {free_face} --collection album"),
    "groups reject": Recorded("reject_faces", "{group} {face} --collection album"),
    "groups merge": Recorded("merge_groups", "{group} {other_group} --collection album"),
    "groups confirm": Recorded("confirm_group", "{third_group} --collection album"),
    "groups name": Recorded("name_group", "{third_group} eve --collection album"),
    "groups undo": Recorded("undo_group_edit", "--collection album"),
    "groups history": Recorded("list_group_edits", "--collection album"),
    "jobs list": Recorded("list_jobs"),
    "jobs show": Recorded("show_job", "{job}"),
    "jobs items": Recorded("list_job_items", "{job}"),
    "jobs cancel": Recorded("cancel_job", "{job}"),
    "import": Recorded("import_faces", "--collection staff {empty}"),
    "search": Recorded("search_faces_by_image", "--collection staff {picture}"),
    "export": Recorded("export_collection", "--collection staff --out {out}"),
    "sweep": Recorded("sweep"),
    "erase": Recorded("erase_subject", "--subject carol"),
    "receipt show": Recorded("show_receipt", "{request}"),
    "decision show": Recorded("explain_decision", "{request}"),
}
"""By command, in the order in which they are run here."""


def leaves(group: Any, name: str = "") -> Iterator[str]:
    """Yield the names of all commands that do something."""
    for part, below in getattr(group, "commands", {}).items():
        if hasattr(below, "commands"):
            yield from leaves(below, f"{name}{part} ")
        else:
            yield f"{name}{part}"


@dataclass(frozen=True)
class Filled:
    """A database with one of everything."""

    command: CommandLine
    names: dict[str, str]
    secret: str


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, astronaut: Path) -> Filled:
    command = CommandLine(tmp_path_factory.mktemp("filled"))
    command.fill("staff", CONSENTED, (1, "ann"), (2, "bob"), (3, "carol"))
    command.fill("watched", {"countenance:purpose": "access"}, (4, "dan"))
    album = command.album("album", {"countenance:grouping": "allowed", "countenance:purpose": "access"})
    key = command.done("keys", "create", "reviewer", "--json").record
    sha256 = "ab" * 32
    consent = command.done(
        *("consent", "record", "--subject", "ann", "--purpose", "access", "--notice-sha256", sha256),
        *("--notice-version", "1", "--method", "written-release", "--json"),
    ).record
    moratorium = command.done("moratorium", "on", "--scope", "all", "--reason", "test", "--json").record
    hold = command.done("hold", "place", "--subject", "dora", "--reference", "case", "--json").record
    names = {
        "sha256": sha256,
        "empty": str(tmp_path_factory.mktemp("empty")),
        "out": str(tmp_path_factory.mktemp("out")),
        "picture": str(astronaut),
        "key": key["access_key_id"],
        "unwanted_key": command.done("keys", "create", "lost", "--json").record["access_key_id"],
        "consent": consent["consent_id"],
        "moratorium": moratorium["moratorium_id"],
        "hold": hold["hold_id"],
        "review": open_review(command),
        "request": command.entries()[-1]["request"],
        "job": command.queued_job("staff"),
        **album,
        "film": FILM,
        "monitor": command.monitor("watched", FILM),
    }
    return Filled(command, names, key["secret_access_key"])


def open_review(command: CommandLine) -> str:
    """Let a search of staff wait for people, and return the review's id."""
    review_id = str(uuid.uuid4())
    with command.office() as office:
        with office.gallery.reading() as reader:
            staff = reader.collection("staff")
            (bob,) = [
                face for face in reader.faces(staff, after_key=0, most=9) if face.subject == "external:bob"
            ]
        review = Review(
            review_id=review_id,
            collection_id="staff",
            request_id=str(uuid.uuid4()),
            asked_by="CTNCSOMEBODY",
            operation="search_faces_by_image",
            mode=ReviewMode.ONE,
            state=ReviewState.OPEN,
            created_at=datetime.now(UTC),
            decided_at=None,
            candidates=(Candidate(bob.face_id, "bob", None, 99.0),),
            votes=(),
        )
        with office.register.governance.writing() as writer:
            writer.add_review(review, staff.key, b"a picture", [CandidateKeys(face_key=bob.key)])
    return review_id


def test_every_command_has_a_row_and_nothing_else_has() -> None:
    assert set(COMMANDS) == set(leaves(typer.main.get_command(app)))


RECORDED = [name for name, row in COMMANDS.items() if isinstance(row, Recorded)]


@pytest.mark.parametrize("name", RECORDED)
def test_a_command_that_is_done_leaves_its_entry(name: str, filled: Filled) -> None:
    row = COMMANDS[name]
    assert isinstance(row, Recorded)
    assert row.operation in OPERATIONS
    before = len(filled.command.entries())
    arguments = row.arguments.format(**filled.names).split()
    variables = {"COUNTENANCE_SECRET_ACCESS_KEY": filled.secret, "COUNTENANCE_MONITOR_SOURCES": f'["{FILM}"]'}
    filled.command.done(*name.split(), *arguments, **variables)
    added = [entry for entry in filled.command.entries(before) if entry["operation"] == row.operation]
    assert [entry["outcome"] for entry in added] == ["done"]
    by = filled.names["key"] if name == "review vote" else "operator"
    assert [entry["key"] for entry in added] == [by]


@pytest.mark.parametrize("name", ["ledger key", "ledger checkpoint", "ledger verify", "ledger show"])
def test_a_look_at_the_ledger_leaves_it_as_it_is(name: str, filled: Filled) -> None:
    before = filled.command.entries()
    filled.command.done(*name.split(), *([before[0]["request"]] if name == "ledger show" else []))
    assert filled.command.entries() == before


def test_a_command_that_is_refused_leaves_an_entry_that_says_so(filled: Filled) -> None:
    before = len(filled.command.entries())
    assert filled.command("policy", "show", "nothing").code == 1
    (entry,) = filled.command.entries(before)
    assert (entry["operation"], entry["outcome"]) == ("show_policy", "CollectionNotFound")


def test_no_entry_names_anybody(filled: Filled) -> None:
    everything = json.dumps(filled.command.entries())
    assert not any(name in everything for name in ("carol", "dora", "adam", ":ann", '"ann', '"bob', ":bob"))


def names_in(record: Any) -> Iterator[str]:
    """Yield the names of fields; what the ledger records is described elsewhere."""
    for name, value in record.items():
        yield name
        if name not in {"asked", "entries", "pack"}:
            for part in value if isinstance(value, list) else [value]:
                yield from names_in(part) if isinstance(part, dict) else ()


@pytest.mark.parametrize(
    "arguments",
    [
        "policy show staff",
        "consent list",
        "moratorium list --ended",
        "hold list --released",
        "review show {review}",
        "decision show {request}",
        "jobs show {job}",
        "jobs items {job}",
        "monitors list",
        "erase --subject ann",
        "sweep",
    ],
)
def test_every_field_of_the_json_is_in_the_reference(arguments: str, filled: Filled) -> None:
    described = set(re.findall(r"`(\w+)`", PAGE.read_text("utf-8")))
    ended = filled.command.done(*arguments.format(**filled.names).split(), "--json")
    assert ended.records
    for record in ended.records:
        assert set(names_in(record)) <= described
