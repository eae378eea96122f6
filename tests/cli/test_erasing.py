"""Erasing a subject, or everything, and what the receipts prove to somebody else."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from serving import COUNTENANCE

if TYPE_CHECKING:
    from pathlib import Path

    from cli.command_line import CommandLine, Ended

TYPED = b"erase everything\n"


@pytest.fixture
def receipt(tmp_path: Path) -> Path:
    return tmp_path / "receipt.json"


def verified(command: CommandLine, receipt: Path) -> Ended:
    return command("receipt", "verify", receipt, "--key", command.done("ledger", "key").out.strip())


def test_erasing_a_subject_prints_how_much_that_was_and_writes_the_receipt(
    command: CommandLine, receipt: Path
) -> None:
    done = command.done("erase", "--subject", "ann", "--receipt", receipt)
    assert {name: done.facts[name] for name in ("faces erased", "users erased", "consents ended")} == {
        "faces erased": "2",
        "users erased": "0",
        "consents ended": "0",
    }
    assert command.count_faces("staff") == 1
    found = verified(command, receipt)
    assert (found.code, found.err) == (0, "")
    assert found.out.startswith("the receipt is genuine: ")
    assert found.facts["request"] == done.facts["request"]
    assert found.facts["asked"].startswith("erase_subject at ")
    assert found.facts["faces erased"] == "2"
    assert found.facts["keys destroyed"].startswith("1 at ")
    assert "2 faces of the collection staff: request" in found.out
    assert command.done("erase", "--subject", "bob", "--json").record["faces_erased"] == 1


def test_erasing_everything_prints_lines_where_there_is_no_terminal(
    command: CommandLine, receipt: Path
) -> None:
    command.fill("visitors", {}, (4, "carol"))
    done = command.done(
        "erase", "--everything", "--yes", "--receipt", receipt, COUNTENANCE_BACKUPS_KEPT="P30D"
    )
    assert done.facts["faces erased"] == "4"
    assert done.err.splitlines() == [
        "countenance: nobody can be found any more; erasing 4 faces",
        f"countenance: the receipt is in {receipt}; whoever has `countenance ledger key` can verify it",
    ]
    found = verified(command, receipt)
    assert (found.code, found.err) == (0, "")
    assert found.facts["faces erased"] == "4"
    assert "backups expire" in found.facts
    assert "1 face with the whole collection visitors" in found.out


def test_everything_is_not_erased_where_nobody_can_be_asked(command: CommandLine) -> None:
    refused = command("erase", "--everything")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err == "countenance: --everything needs --yes where nobody can be asked\n"
    assert command.count_faces("staff") == 3


@pytest.mark.skipif(os.name == "nt", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("typed", "code"), [(b"y\n", 1), (TYPED, 0)])
def test_on_a_terminal_it_asks_first_and_shows_a_bar(typed: bytes, code: int, command: CommandLine) -> None:
    ended, shown = at_a_terminal(command, typed, "erase", "--everything")
    assert ended.returncode == code
    assert b"This erases every collection, face and user in" in shown
    if code:
        assert b"countenance: nothing was erased" in shown
        assert command.count_faces("staff") == 3
    else:
        assert b"3/3" in shown
        assert b"faces erased  3" in ended.stdout


def at_a_terminal(
    command: CommandLine, typed: bytes, *arguments: str
) -> tuple[subprocess.CompletedProcess[bytes], bytes]:
    """Run a command whose stdin and stderr are a terminal; returns also what that showed."""
    controller, terminal = os.openpty()
    os.write(controller, typed)
    ended = subprocess.run(
        [*COUNTENANCE, *arguments],
        env=os.environ | {"COUNTENANCE_DATA_DIR": str(command.data_dir), "TERM": "xterm", "COLUMNS": "120"},
        stdin=terminal,
        stderr=terminal,
        stdout=subprocess.PIPE,
        timeout=60,
    )
    os.set_blocking(controller, False)
    shown = os.read(controller, 65_536)
    os.close(terminal)
    os.close(controller)
    return ended, shown


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "say whom to erase with --subject"),
        (("--subject", "ann", "--everything"), 2, "say whom to erase with --subject"),
        (("--subject", "nobody"), 1, "nothing is held of a subject nobody"),
        (("--subject", "\udcff"), 2, "it is not UTF-8 text"),
        (
            ("--subject", "ann", "--receipt", "/nowhere/receipt"),
            2,
            "no folder /nowhere that can be written to",
        ),
        (("--subject", "ann", "--receipt", "/"), 2, "/ is no file; choose another name"),
    ],
)
def test_what_cannot_be_meant_erases_nothing(
    arguments: tuple[str, ...], code: int, said: str, command: CommandLine
) -> None:
    refused = command("erase", *arguments)
    assert (refused.code, refused.out, refused.err.count("\n")) == (code, "", 1)
    assert said in refused.err
    assert command.count_faces("staff") == 3


def test_a_receipt_of_something_else_than_an_erasure_is_genuine_and_warned_of(
    command: CommandLine, receipt: Path
) -> None:
    command.done("hold", "list")
    command.done("receipt", "show", command.entries()[-1]["request"], "--out", receipt)
    found = verified(command, receipt)
    assert (found.code, found.facts["asked"].split()[0]) == (0, "list_holds")
    assert found.err == "countenance: warning: this request erased nothing, so this proves no erasure\n"


def test_a_receipt_without_destroyed_keys_is_warned_of(command: CommandLine, receipt: Path) -> None:
    whole = shown(command, "erase", "--subject", "ann")
    whole["entries"] = [part for part in whole["entries"] if part["entry"]["operation"] != "destroy_keys"]
    receipt.write_text(json.dumps(whole))
    found = verified(command, receipt)
    assert (found.code, found.facts["keys destroyed"]) == (0, "0")
    assert "warning: no key was destroyed by this request yet" in found.err


def test_a_receipt_of_an_erasure_that_goes_on_is_warned_of(command: CommandLine, receipt: Path) -> None:
    whole = shown(command, "erase", "--everything", "--yes")
    whole["entries"] = [part for part in whole["entries"] if part["entry"]["operation"] != "erase_collection"]
    receipt.write_text(json.dumps(whole))
    assert "warning: 3 faces were to be erased and 0 are so far" in verified(command, receipt).err


def test_what_rooms_log_goes_to_stderr_in_lines(command: CommandLine) -> None:
    database = command.data_dir / "countenance.sqlite"
    older = database.read_bytes()
    command.done("erase", "--subject", "ann")
    database.write_bytes(older)
    done = command.done("hold", "list", "--json")
    assert done.out == ""
    assert done.err.startswith("countenance: the subject keys are newer than the database")
    assert done.err.count("\n") == 1


def test_an_erasure_that_a_legal_hold_stopped_is_warned_of(command: CommandLine, receipt: Path) -> None:
    command.done("hold", "place", "--subject", "ann", "--reference", "case 7")
    command("erase", "--subject", "ann")
    command.done("receipt", "show", command.entries()[-1]["request"], "--out", receipt)
    found = verified(command, receipt)
    assert found.facts["outcome"] == "HoldInForce"
    assert "warning: erase_subject ended with HoldInForce" in found.err


def shown(command: CommandLine, *erasing: str) -> dict[str, Any]:
    """Erase, and return the receipt as it is printed."""
    request_id = command.done(*erasing).facts["request"]
    return command.done("receipt", "show", request_id).record


def more_faces(receipt: dict[str, Any]) -> None:
    receipt["entries"][0]["entry"]["erased"][0]["faces"] += 1


def another_place(receipt: dict[str, Any]) -> None:
    receipt["entries"][0]["place"] += 1


def another_request(receipt: dict[str, Any]) -> None:
    receipt["request"] = "00000000-0000-4000-8000-000000000000"


def another_root(receipt: dict[str, Any]) -> None:
    lines = receipt["checkpoint"].split("\n")
    receipt["checkpoint"] = "\n".join([*lines[:2], "A" * 43 + "=", *lines[3:]])


def no_entries(receipt: dict[str, Any]) -> None:
    receipt["entries"] = []


@pytest.mark.parametrize("altering", [more_faces, another_place, another_request, another_root, no_entries])
def test_an_altered_receipt_is_broken(altering: Any, command: CommandLine, receipt: Path) -> None:
    altered = shown(command, "erase", "--subject", "ann")
    altering(altered)
    receipt.write_text(json.dumps(altered))
    found = verified(command, receipt)
    assert (found.code, found.out) == (1, "")
    assert found.err.startswith("countenance: ")
    assert found.err.count("\n") == 1


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe", b"[]", b"null", b"7", b"{}", b'{"entries": 1}', b"[" * 200_000, b"9" * 10_000],
)
def test_what_is_no_receipt_is_told_in_one_line(content: bytes, command: CommandLine, receipt: Path) -> None:
    receipt.write_bytes(content)
    found = verified(command, receipt)
    assert (found.code, found.out, found.err.count("\n")) == (1, "", 1)
    assert "no receipt" in found.err


def test_a_receipt_is_verified_without_a_database_with_the_key_from_a_file(
    command: CommandLine, receipt: Path, tmp_path: Path
) -> None:
    command.done("erase", "--subject", "ann", "--receipt", receipt)
    key = tmp_path / "ledger.key"
    key.write_text(command.done("ledger", "key").out)
    (tmp_path / "elsewhere").mkdir()
    done = subprocess.run(
        [*COUNTENANCE, "receipt", "verify", str(receipt), "--key-file", str(key), "--json"],
        env=os.environ | {"COUNTENANCE_DATA_DIR": str(tmp_path / "elsewhere")},
        capture_output=True,
        text=True,
        timeout=60,
    )
    record = json.loads(done.stdout)
    assert (done.returncode, record["faces_erased"], record["keys_destroyed"]) == (0, 2, 1)
    assert record["warnings"] == []
    assert list((tmp_path / "elsewhere").iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "name the ledger's public key with either --key or --key-file"),
        (("--key", "k", "--key-file", "f"), 2, "either --key or --key-file"),
        (("--key", "nonsense"), 1, "a verifier's key is name+id+key"),
        (("--key-file", "/nowhere"), 2, "/nowhere cannot be read"),
        (("--key-file", "/dev/zero"), 2, "/dev/zero is too large; the limit is 4,096 bytes"),
    ],
)
def test_a_key_that_cannot_be_used_is_told(
    arguments: tuple[str, ...], code: int, said: str, command: CommandLine, receipt: Path
) -> None:
    receipt.write_text("{}")
    refused = command("receipt", "verify", receipt, *arguments)
    assert (refused.code, refused.err.count("\n")) == (code, 1)
    assert said in refused.err


def test_another_ledgers_key_verifies_nothing(command: CommandLine, receipt: Path) -> None:
    command.done("erase", "--subject", "ann", "--receipt", receipt)
    key = "countenance+369c834c+AbQhazil4kZ1Q9NgUxBQqnuz3YRpJVv15ls0Cmslt0n2"
    refused = command("receipt", "verify", receipt, "--key", key)
    assert (refused.code, refused.out) == (1, "")
    assert "has not signed" in refused.err
