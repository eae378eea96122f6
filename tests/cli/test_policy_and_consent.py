"""Policies are shown with their laws; consents are recorded, listed, shown and withdrawn."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from countenance.operations.keep_consents import MOST_EVIDENCE_BYTES, ConsentMethod

if TYPE_CHECKING:
    from pathlib import Path

    from cli.command_line import CommandLine

SHA256 = hashlib.sha256(b"a notice").hexdigest()
BOB = ("--subject", "bob", "--purpose", "access", "--notice-version", "2026-1")
RELEASED = ("--method", "written-release")


def test_a_policy_shows_who_set_each_line_and_the_law_it_comes_from(command: CommandLine) -> None:
    command.fill("visitors", {"countenance:jurisdiction": "bipa", "countenance:review": "one"})
    shown = command.done("policy", "show", "visitors")
    lines = {line.split()[0]: " ".join(line.split()[1:]) for line in shown.out.splitlines()[1:]}
    assert lines["consent"].startswith("required bipa 740 ILCS 14/15(b): a written release")
    assert lines["review"] == "one tag"
    assert lines["search"] == "allowed default"
    assert shown.err == ""


def test_a_policy_says_what_has_to_be_declared_yet(command: CommandLine) -> None:
    command.fill("guests", {"countenance:jurisdiction": "gdpr", "countenance:purpose": "access"})
    shown = command.done("policy", "show", "guests")
    assert shown.err == (
        "countenance: faces are used once these tags are declared: countenance:basis, countenance:retention\n"
    )
    record = command.done("policy", "show", "guests", "--json").record
    assert record["undeclared"] == ["countenance:basis", "countenance:retention"]
    (basis,) = [line for line in record["lines"] if line["line"] == "basis"]
    assert basis == {"line": "basis", "value": None, "set_by": "default", "law": None}


def test_a_consent_holds_the_digest_that_sha256sum_prints_of_the_notice(
    command: CommandLine, tmp_path: Path
) -> None:
    notice = tmp_path / "notice.pdf"
    notice.write_bytes(b"%PDF\xff\r\n")
    record = command.done("consent", "record", *BOB, *RELEASED, "--notice", notice, "--json").record
    assert record["notice_sha256"] == hashlib.sha256(b"%PDF\xff\r\n").hexdigest()
    assert (record["state"], record["recorded_by"]) == ("valid", "operator")


def test_every_method_of_consent_can_be_recorded(command: CommandLine) -> None:
    for method in ConsentMethod:
        named = ("--method", method, "--signer", "eve", "--notice-sha256", SHA256.upper())
        facts = command.done("consent", "record", *BOB, *named).facts
        assert facts["notice sha256"] == SHA256
    assert len(command.done("consent", "list", "--subject", "bob").out.splitlines()) == 1 + len(ConsentMethod)
    assert len(command.done("consent", "list", "--subject", "ann").out.splitlines()) == 1


def test_times_are_read_in_any_zone_and_shown_in_utc(command: CommandLine) -> None:
    times = ("--given-at", "2026-01-31T12:00+02:00", "--expires-at", "2026-02-28")
    made = command.done("consent", "record", *BOB, *RELEASED, "--notice-sha256", SHA256, *times)
    facts = command.done("consent", "show", made.facts["consent"]).facts
    assert (facts["given"], facts["expires"]) == ("2026-01-31T10:00:00Z", "2026-02-28T00:00:00Z")
    assert facts["state"] == "expired"


def test_evidence_comes_back_in_a_private_file_and_is_never_printed(
    command: CommandLine, tmp_path: Path
) -> None:
    release, out = tmp_path / "release.png", tmp_path / "out.png"
    release.write_bytes(b"signed by bob")
    made = command.done(
        "consent", "record", *BOB, *RELEASED, "--notice-sha256", SHA256, "--evidence", release
    )
    consent_id = made.facts["consent"]
    shown = command.done("consent", "show", consent_id, "--evidence-out", out)
    assert shown.facts["evidence"].startswith("image/png, sha256 ")
    assert "signed by bob" not in shown.out + shown.err
    assert out.read_bytes() == b"signed by bob"
    assert out.stat().st_mode & 0o077 == 0
    assert "signed" not in command.done("consent", "show", consent_id, "--json").out


def test_withdrawing_says_how_many_faces_were_erased_and_names_the_request(command: CommandLine) -> None:
    made = command.done("consent", "record", *BOB, *RELEASED, "--notice-sha256", SHA256)
    withdrawn = command.done("consent", "withdraw", made.facts["consent"])
    assert withdrawn.facts["faces erased"] == "1"
    assert withdrawn.err == "countenance: the consent is withdrawn and 1 face erased\n"
    assert command.count_faces("staff") == 2
    erased = [entry for entry in command.entries() if entry["operation"] == "erase_withdrawn"]
    assert [entry["request"] for entry in erased] == [withdrawn.facts["request"]]


def test_withdrawing_says_that_a_legal_hold_keeps_the_faces_until_it_is_released(
    command: CommandLine,
) -> None:
    made = command.done("consent", "record", *BOB, *RELEASED, "--notice-sha256", SHA256)
    hold = command.done("hold", "place", "--subject", "bob", "--reference", "case 7").facts["hold"]
    withdrawn = command.done("consent", "withdraw", made.facts["consent"])
    assert withdrawn.facts["faces erased"] == "0"
    assert "a legal hold keeps their faces" in withdrawn.err
    refused = command("erase", "--subject", "bob")
    assert (refused.code, refused.out) == (1, "")
    assert "a legal hold (case 7) forbids to erase this" in refused.err
    command.done("hold", "release", hold)
    assert command.done("hold", "list").out.count("\n") == 1
    assert "case 7" in command.done("hold", "list", "--released").out
    assert command.done("sweep").facts["faces erased"] == "1"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "name the notice that was shown with either --notice or --notice-sha256"),
        (("--notice-sha256", "abc"), 2, "--notice-sha256 is 64 hexadecimal digits"),
        (("--notice-sha256", SHA256, "--notice", "x"), 2, "either --notice or --notice-sha256"),
        (("--notice", "/nowhere/notice"), 2, "/nowhere/notice cannot be read: No such file or directory"),
        (("--notice", "/"), 2, "/ cannot be read: Is a directory"),
        (("--notice", "/dev/null"), 2, "the notice /dev/null is empty"),
        (("--notice", "/dev/zero"), 2, "/dev/zero is too large; the limit is 52,428,800 bytes"),
        (
            ("--notice-sha256", SHA256, "--evidence", "/dev/zero"),
            2,
            f"/dev/zero is too large; the limit is {MOST_EVIDENCE_BYTES:,} bytes",
        ),
        (("--notice-sha256", SHA256, "--given-at", "soon"), 2, "'--given-at': a time is ISO 8601, such as"),
        (("--notice-sha256", SHA256, "--given-at", "2999-01-01"), 1, "cannot be given in the future"),
        (("--notice-sha256", SHA256, "--expires-at", "1999-01-01"), 1, "ends after it was given"),
        (("--notice-sha256", SHA256, "--method", "guardian"), 1, "names the guardian as its signer"),
        (("--notice-sha256", SHA256, "--method", "a nod"), 2, "'a nod' is not one of"),
        (("--notice-sha256", SHA256, "--subject", "b ob"), 1, "letters, digits and _ . - :"),
        (("--notice-sha256", SHA256, "--subject", "\udcff"), 2, "'--subject': it is not UTF-8 text"),
        (("--notice-sha256", SHA256, "--purpose", "Any Thing"), 1, "is no purpose"),
    ],
)
def test_what_is_no_consent_is_refused_in_one_line(
    arguments: tuple[str, ...], code: int, said: str, command: CommandLine
) -> None:
    refused = command("consent", "record", *BOB, *RELEASED, *arguments)
    assert (refused.code, refused.out) == (code, "")
    assert refused.err.startswith("countenance: ")
    assert refused.err.count("\n") == 1
    assert said in refused.err


def test_a_consent_that_is_not_there_or_has_no_evidence_is_told(command: CommandLine, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert command("consent", "show", "never").err == "countenance: there is no consent never\n"
    assert command("consent", "withdraw", "never").code == 1
    made = command.done("consent", "record", *BOB, *RELEASED, "--notice-sha256", SHA256)
    refused = command("consent", "show", made.facts["consent"], "--evidence-out", out)
    assert refused.code == 2
    assert "nothing is attached to the consent" in refused.err
    assert not out.exists()
