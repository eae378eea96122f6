"""``countenance evaluate``: of a pack and of endpoints, with data that is broken, and what it costs."""

from __future__ import annotations

import json
import re
import stat
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from moto.server import ThreadedMotoServer
from PIL import Image, ImageEnhance, ImageOps

from cli.command_line import CommandLine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from serving import RunningServer


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory, astronaut: Path, grace_hopper: Path) -> Path:
    """A folder with four pictures each of two people, beside it their groups."""
    folder = tmp_path_factory.mktemp("people")
    groups = ["file,role"]
    for name, file in (("collins", astronaut), ("hopper", grace_hopper)):
        (folder / "set" / name).mkdir(parents=True)
        picture = Image.open(file).convert("RGB").resize((256, 256))
        for number, changed in enumerate(
            (
                picture,
                ImageOps.mirror(picture),
                ImageEnhance.Brightness(picture).enhance(1.3),
                picture.rotate(4, fillcolor="grey"),
            )
        ):
            changed.save(folder / "set" / name / f"{number}.jpg", quality=92)
            groups.append(f"{name}/{number}.jpg,{'astronaut' if name == 'collins' else 'admiral'}")
    (folder / "roles.csv").write_text("\n".join(groups) + "\n", "utf-8")
    return folder


@pytest.fixture
def command(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path)


def section(report: dict[str, Any], ending: str) -> dict[str, Any]:
    found = [each for each in report["sections"] if each["key"].endswith(ending)]
    assert len(found) == 1, ending
    return dict(found[0])


def test_a_pack_is_measured_by_every_protocol(command: CommandLine, people: Path, tmp_path: Path) -> None:
    html, into, card = (tmp_path / name for name in ("report.html", "report.json", "card.json"))
    ended = command(
        *("evaluate", "all", "--dataset", f"folders:{people / 'set'}", "--groups", people / "roles.csv"),
        *("--people", "1", "--gallery", "500", "--html", html, "--json", into, "--card", card),
    )
    assert (ended.code, ended.out) == (0, ""), ended.err
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in (html, into, card))
    report = json.loads(into.read_text("utf-8"))
    assert (report["type"], report["kind"]) == ("countenance-report/1", "evaluation")
    assert (report["request_id"], report["ledger_checkpoint"]) == (None, None)
    rates = section(report, "verification.all-pictures-with-each-other")
    assert rates["facts"]["mated"] == 12
    assert rates["facts"]["non_mated"] == 16
    assert rates["facts"]["area_under_curve"] == 1.0
    assert section(report, "identification.ranks")["table"]["rows"][0]["identified"]["value"] == 1.0
    groups = section(report, "bias.role.recognition")["table"]["rows"]
    assert {row["group"] for row in groups} == {"everybody", "admiral", "astronaut"}
    assert section(report, ".thresholds")["facts"]["people"] == 1
    assert any("500" in label for label in section(report, ".thresholds")["table"]["columns"].values())
    repeat = section(report, "repeat")
    assert repeat["facts"]["seed"] == 0
    assert (
        section(report, ".data")["facts"]["data_sha256"]
        == json.loads(card.read_text())["sections"][0]["facts"]["data_sha256"]
    )
    page = html.read_text("utf-8")
    assert page.count("<figure>") == sum(len(each.get("figures", [])) for each in report["sections"])
    assert "<script" not in page
    assert "The ledger" not in page


def test_what_a_data_set_does_not_allow_is_told_and_the_rest_is_measured(
    command: CommandLine, people: Path
) -> None:
    data = ("--dataset", f"folders:{people / 'set'}", "--people", "1")
    report = command("evaluate", "all", *data).record
    assert "tells of no two groups" in section(report, "bias.not-measured")["text"]
    assert section(report, ".thresholds")["facts"]["people"] == 1
    alone = command("evaluate", "bias", *data)
    assert alone.code == 1
    assert "tells of no two groups" in alone.err


def test_the_same_seed_gives_the_same_report(command: CommandLine, people: Path) -> None:
    def sections(seed: int) -> Any:
        ended = command("evaluate", "verify", "--dataset", f"folders:{people / 'set'}", "--seed", str(seed))
        return [each for each in ended.record["sections"] if each["key"] != "repeat"]

    assert sections(7) == sections(7)


def test_a_data_set_with_errors_is_told_row_by_row_and_measured(
    command: CommandLine, people: Path, tmp_path: Path
) -> None:
    pictures = people / "set"
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no picture")
    (tmp_path / "copy.jpg").write_bytes((pictures / "hopper" / "1.jpg").read_bytes())
    for name in ("one.jpg", "stranger.jpg"):
        (tmp_path / name).write_bytes((pictures / "collins" / "0.jpg").read_bytes())
    (tmp_path / "two.jpg").write_bytes((pictures / "collins" / "1.jpg").read_bytes())
    (tmp_path / "three.jpg").write_bytes((pictures / "hopper" / "1.jpg").read_bytes())
    (tmp_path / "four.jpg").write_bytes((pictures / "hopper" / "2.jpg").read_bytes())
    rows = (
        *("file,subject", "one.jpg,ann", "two.jpg,ann", "three.jpg,bob", "four.jpg,bob", "four.jpg,bob"),
        *("copy.jpg,bob", "stranger.jpg,carol", "gone.jpg,bob", "broken.jpg,bob", "only-one-field"),
        "../elsewhere.jpg,dora",
    )
    (tmp_path / "table.csv").write_text("\n".join(rows) + "\n", "utf-8")
    ended = command(
        "evaluate", "verify", "--dataset", f"table:{tmp_path / 'table.csv'}", "--columns", "file,subject"
    )
    assert ended.code == 0
    problems = section(ended.record, ".data")["table"]["rows"]
    told: dict[str, str] = {}
    for row in problems:
        told[row["kind"]] = told.get(row["kind"], "") + " ".join(row["rows"]) + row["text"]
    assert "line 6" in told["repeated row"]
    assert "line 9" in told["missing file"]
    assert "line 7: copy.jpg" in told["same picture twice"]
    assert "line 8" in told["one picture, two subjects"]
    assert "line 10" in told["unreadable file"]
    assert "line 11" in told["bad row"]
    assert "line 12" in told["bad row"]
    assert section(ended.record, ".data")["facts"]["failure_to_enrol"]["errors"] == 2
    assert "missing file" in ended.err


def test_what_is_no_data_set_is_told(command: CommandLine, tmp_path: Path) -> None:
    ended = command("evaluate", "verify", "--dataset", str(tmp_path / "nothing"))
    assert ended.code == 1
    assert "there is nothing of that name" in ended.err
    assert "utkface" in ended.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--face", "second"), "--face is largest or central"),
        (("--columns", "file"), "name the columns as"),
        (("--endpoint", "http://127.0.0.1:9", "--face", "central"), "looks at the largest face"),
        (("--endpoint", "http://127.0.0.1:9", "--pack", "dlib-cc0"), "either a pack or an endpoint"),
        (("--endpoint", "http://127.0.0.1:9", "--tag", "nothing"), "NAME=VALUE"),
        (("--html", "/nowhere/report.html"), "/nowhere"),
    ],
)
def test_wrong_usage_is_told_before_anything_is_measured(
    command: CommandLine, people: Path, arguments: tuple[str, ...], said: str
) -> None:
    ended = command("evaluate", "verify", "--dataset", f"folders:{people / 'set'}", *arguments)
    assert ended.code == 2
    assert said in ended.err


def test_amazon_is_not_paid_without_agreement(command: CommandLine, people: Path) -> None:
    ended = command(
        *("evaluate", "verify", "--dataset", f"folders:{people / 'set'}", "--endpoint", "aws"),
        *("--region", "us-east-1"),
    )
    assert ended.code == 2
    # 12 mated and 16 non-mated pairs at 0.001 USD.
    assert "28 requests to https://rekognition.us-east-1.amazonaws.com, about 0.03 USD" in ended.err
    assert "agree with --yes" in ended.err


@pytest.mark.slow
def test_a_server_gives_the_verdicts_that_its_engine_gives(
    command: CommandLine, people: Path, server: RunningServer, tmp_path: Path
) -> None:
    data = ("--dataset", f"folders:{people / 'set'}")
    here = command("evaluate", "verify", "identify", *data).record
    there = command(
        *("evaluate", "verify", "identify", *data, "--endpoint", server.endpoint_url),
        *("--cache", tmp_path / "answers.jsonl"),
        **server.client_environment,
    )
    assert there.code == 0
    assert "no price is known for this endpoint" in there.err
    ours = section(here, "verification.all-pictures-with-each-other")
    theirs = section(there.record, "verification.pairs-drawn-from-the-data")
    for name in ("mated", "non_mated", "equal_error_rate", "area_under_curve"):
        assert theirs["facts"][name] == ours["facts"][name]
    for mine, other in zip(ours["table"]["rows"][:4], theirs["table"]["rows"][:4], strict=True):
        assert (other["threshold"], other["false_match_rate"]["errors"]) == (
            mine["threshold"],
            mine["false_match_rate"]["errors"],
        )
        assert other["false_non_match_rate"]["errors"] == mine["false_non_match_rate"]["errors"]
    assert (
        section(there.record, "identification.ranks")["table"]
        == section(here, "identification.ranks")["table"]
    )
    assert server.boto3_client().list_collections()["CollectionIds"] == [] or not any(
        name.startswith("evaluation-") for name in server.boto3_client().list_collections()["CollectionIds"]
    )


@pytest.mark.slow
def test_a_tester_measures_a_server_and_leaves_nothing(
    command: CommandLine, people: Path, server: RunningServer
) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "countenance", "keys", "create", "institute", "--role", "tester", "--json"],
        env=server.environment,
        check=True,
        capture_output=True,
    )
    key = json.loads(made.stdout)
    tester = replace(server, access_key_id=key["access_key_id"], secret_access_key=key["secret_access_key"])
    ended = command(
        *("evaluate", "identify", "thresholds", "--dataset", f"folders:{people / 'set'}", "--people", "1"),
        *("--endpoint", server.endpoint_url, "--tag", "countenance:retention=P1D"),
        **tester.client_environment,
    )
    assert ended.code == 0, ended.err
    assert section(ended.record, "identification.ranks")["table"]["rows"][0]["identified"]["value"] == 1.0
    assert tester.boto3_client().list_collections()["CollectionIds"] == []


@pytest.fixture
def moto() -> Iterator[str]:
    """The address of moto's Rekognition."""
    stand_in = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    stand_in.start()
    host, port = stand_in.get_host_and_port()
    yield f"http://{host}:{port}"
    stand_in.stop()


def test_moto_is_measured_to_the_end_and_its_answers_are_said_to_be_constant(
    command: CommandLine, people: Path, moto: str, tmp_path: Path
) -> None:
    html = tmp_path / "moto.html"
    ended = command(
        *("evaluate", "verify", "--dataset", f"folders:{people / 'set'}", "--endpoint", moto, "--html", html),
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",  # noqa: S106 - moto's
    )
    assert ended.code == 0
    assert re.search(
        r"All answers are the same: this target does not compare pictures", html.read_text("utf-8")
    )
