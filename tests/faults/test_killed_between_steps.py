"""Erasure, sweep, deletion, checkpoints, killed before each of their steps: never half, never unrecorded."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from countenance.access import machine_operator
from countenance.errors import CollectionNotFound
from countenance.governance import ConsentMethod
from countenance.ledger import VerifierKey, make_receipt, read_checkpoint, verify_ledger, verify_receipt
from countenance.operations.create_collection import create_collection
from countenance.operations.delete_collection import finish_deletions
from countenance.operations.erase_subject import erase_subject
from countenance.operations.keep_consents import NewConsent, record_consent
from countenance.operations.look_into_ledger import prove_request
from countenance.operations.sweep import sweep
from countenance.settings import read_settings
from countenance.wiring import Office, open_office
from new_faces import PACK, new_face, template

KILLED_PROCESS = Path(__file__).with_name("killed_process.py")
REQUEST = "the-request"
STAFF, COLLINS = (1, 2, 3, 4, 5), (1, 2, 3)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a collection of five faces, three of them of one subject, who consented."""
    folder = tmp_path_factory.mktemp("prepared") / "data"
    with open_office(read_settings(data_dir=folder)) as office:
        with office.register.act(machine_operator()) as act:
            tags = {"countenance:purpose": "access", "countenance:consent": "required"}
            create_collection(OnlyThePack, office.gallery, act, "staff", tags)  # type: ignore[arg-type]
        with office.register.act(machine_operator()) as act:
            record_consent(
                act, NewConsent("collins", "access", "1", "May we?", ConsentMethod.WRITTEN_RELEASE)
            )
        with office.gallery.changing() as change:
            staff = change.writer.collection("staff")
            for number in STAFF:
                name = "collins" if number in COLLINS else f"another-{number}"
                change.enrol(staff, [new_face(number, name)])
    return folder


class OnlyThePack:
    """All that creating a collection asks of vision."""

    pack = PACK


@pytest.fixture
def data(prepared: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(prepared, tmp_path / "data"))


def killed_before_each_step(data: Path, task: str) -> Iterator[Path]:
    """Yield a data folder for each step before which the task was killed, and one where it was not."""
    command = [sys.executable, str(KILLED_PROCESS), str(data), task]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    last = int(done.stdout)
    assert last > 1
    for step in range(last + 1):
        yield data.with_name(f"{data.name}-{step}")


@contextmanager
def opened(folder: Path) -> Iterator[Office]:
    with open_office(read_settings(data_dir=folder)) as office:
        with office.store.reading_ledger() as ledger:
            verify_ledger(ledger, office.store.verifier_key)
        yield office


def entries(office: Office) -> list[dict[str, Any]]:
    with office.store.reading_ledger() as ledger:
        return [json.loads(entry) for _, entry in ledger.entries()]


def erased_count(office: Office) -> int:
    return sum(part["faces"] for entry in entries(office) for part in entry.get("erased", []))


def destroyed_count(office: Office) -> int:
    return sum(entry["keys"] for entry in entries(office) if entry["operation"] == "destroy_keys")


def found(office: Office) -> set[int]:
    """Return the numbers of the faces that can be read and are found by their own template."""
    with office.gallery.reading() as reader:
        staff = reader.collection("staff")
    return {
        number
        for number in STAFF
        if office.gallery.search_faces(staff, template(number), most=1, at_least=0.99)
    }


def erase_collins(office: Office) -> None:
    with office.register.act(machine_operator(), "again") as act:
        erase_subject(office.gallery, act, "collins")


@pytest.mark.slow
def test_an_erasure_is_finished_or_not_begun(data: Path) -> None:
    seen = set()
    for folder in killed_before_each_step(data, "erase"):
        with opened(folder) as office:
            there = found(office) & set(COLLINS)
            begun = any(entry["operation"] == "erase_subject" for entry in entries(office))
            assert there in (set(COLLINS), set())
            assert begun == (not there)
            assert erased_count(office) == len(COLLINS) - len(there)
            assert destroyed_count(office) == (1 if begun else 0)
            if begun:
                assert_receipt_holds(office, REQUEST)
            else:
                erase_collins(office)
                assert_receipt_holds(office, "again")
            assert found(office) == set(STAFF) - set(COLLINS)
            seen.add(begun)
    assert seen == {True, False}


def assert_receipt_holds(office: Office, request_id: str) -> None:
    with office.store.reading_ledger() as ledger:
        proved, checkpoint = prove_request(ledger, request_id)
    receipt = json.loads(json.dumps(make_receipt(request_id, proved, checkpoint)))
    verified = verify_receipt(receipt, VerifierKey.parse(str(office.store.verifier_key)))
    assert (verified.erased_faces, verified.keys_destroyed) == (3, 1)


@pytest.mark.slow
def test_a_sweep_erases_whole_batches_and_the_next_one_goes_on(data: Path) -> None:
    with open_office(read_settings(data_dir=data)) as office, office.store.writing() as writer:
        (consent,) = writer.consents(subject="collins", after_key=0, most=9)
        writer.withdraw_consent(consent.consent_id, datetime.now(UTC) - timedelta(seconds=1))
    for folder in killed_before_each_step(data, "sweep"):
        with opened(folder) as office:
            left = found(office) & set(COLLINS)
            assert erased_count(office) == len(COLLINS) - len(left)
            with office.register.act(machine_operator()) as act:
                sweep(office.gallery, act, timedelta(days=1))
            assert found(office) == set(STAFF) - set(COLLINS)
            assert (erased_count(office), destroyed_count(office)) == (3, 1)


@pytest.mark.slow
def test_a_deleted_collection_is_gone_at_once_and_emptied_in_the_end(data: Path) -> None:
    for folder in killed_before_each_step(data, "delete"):
        with opened(folder) as office:
            begun = any(entry["operation"] == "delete_collection" for entry in entries(office))
            if not begun:
                assert found(office) == set(STAFF)
                continue
            with office.gallery.reading() as reader, pytest.raises(CollectionNotFound):
                reader.collection("staff")
            finish_deletions(office.gallery, office.register)
            with office.gallery.reading() as reader:
                assert not reader.hidden_collections()
            assert erased_count(office) == len(STAFF)
            assert destroyed_count(office) == 3  # of Collins and of the two others


@pytest.mark.slow
def test_a_checkpoint_is_given_whole_or_not_at_all(data: Path) -> None:
    for folder in killed_before_each_step(data, "checkpoint"):
        with opened(folder) as office:
            kept = sorted((folder / "witness").glob("checkpoint-*")) if (folder / "witness").exists() else []
            for path in kept:
                checkpoint = read_checkpoint(path.read_text("utf-8"), office.store.verifier_key)
                with office.store.reading_ledger() as ledger:
                    verify_ledger(ledger, office.store.verifier_key, checkpoint)
