"""Manifests of each format give the same items, and no bad row loses a good one."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given

from countenance.archive.manifests import read_manifest
from countenance.archive.values import ImportItem, Listed, LocalFile, PassedOver, RecordKind, WebAddress
from countenance.errors import ManifestInvalid
from countenance.images.sources import StoredObject

CONSENT = "5f0c1b8e-4a3d-4c2b-9e1f-7d6c5b4a3f2e"
ROWS: list[dict[str, Any]] = [
    {"path": "crew, 1.jpg", "external_image_id": "collins", "user_id": "mike", "tags": "roll=17; by=x"},
    {"path": "/else/where.png", "consent_id": CONSENT, "source": "licensed"},
    {"path": "s3://archive/1969/crew.jpg"},
    {"path": "https://media.example.org/crew.jpg"},
]


def write(folder: Path, kind: str, rows: list[dict[str, Any]]) -> Path:
    path = folder / f"list.{kind}"
    columns = list(dict.fromkeys(name for row in rows for name in row))
    if kind == "parquet":
        pq.write_table(pa.table({name: [row.get(name) for row in rows] for name in columns}), path)
    elif kind == "csv":
        lines = [",".join(columns)]
        lines += [",".join(f'"{row.get(name) or ""}"' for name in columns) for row in rows]
        path.write_text("\n".join(lines) + "\n", "utf-8")
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def items(found: list[Listed]) -> list[ImportItem]:
    return [each for each in found if isinstance(each, ImportItem)]


def failures(found: list[Listed]) -> dict[str, str]:
    return {each.name.rpartition(":")[2]: each.reason for each in found if isinstance(each, PassedOver)}


@pytest.mark.parametrize("kind", ["csv", "jsonl", "ndjson", "parquet"])
def test_every_format_says_the_same(tmp_path: Path, kind: str) -> None:
    first, second, third, fourth = items(list(read_manifest(write(tmp_path, kind, ROWS))))
    assert first.place == LocalFile(str(tmp_path / "crew, 1.jpg"))
    assert (first.external_image_id, first.user_id) == ("collins", "mike")
    assert first.record is not None
    assert first.record.kind is RecordKind.MANIFEST
    assert first.record.tags == {"roll": "17", "by": "x"}
    assert second.place == LocalFile("/else/where.png")
    assert (second.consent_id, second.source, second.record) == (CONSENT, "licensed", None)
    assert third.place == StoredObject("archive", "1969/crew.jpg")
    assert fourth.place == WebAddress("https://media.example.org/crew.jpg")


def test_tags_may_be_a_mapping_where_the_format_has_them(tmp_path: Path) -> None:
    tags = pa.array([[("roll", "17")]], pa.map_(pa.string(), pa.string()))
    pq.write_table(pa.table({"path": ["a.jpg"], "tags": tags}), tmp_path / "list.parquet")
    (tmp_path / "list.jsonl").write_text('{"path": "a.jpg", "tags": {"roll": "17"}}')
    for name in ("list.parquet", "list.jsonl"):
        (item,) = items(list(read_manifest(tmp_path / name)))
        assert item.record is not None
        assert item.record.tags == {"roll": "17"}


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"path": ""}, "path is empty"),
        ({"path": "a\0.jpg"}, "NUL"),
        ({"path": 7}, "must be a text"),
        ({"path": "x" * 5000}, "4,096"),
        ({"path": "s3://b"}, "no object"),
        ({"path": "ftp://host/a.jpg"}, "http"),
        ({"path": "http://"}, "http"),
        ({"path": "a.jpg", "external_image_id": "Ann Lee"}, "external_image_id"),
        ({"path": "a.jpg", "external_image_id": "x" * 256}, "255"),
        ({"path": "a.jpg", "user_id": "x" * 129}, "128"),
        ({"path": "a.jpg", "consent_id": "mine"}, "UUID"),
        ({"path": "a.jpg", "source": "x" * 33}, "32"),
        ({"path": "a.jpg", "tags": "no value"}, "name=value"),
        ({"path": "a.jpg", "tags": ";".join(f"n{n}=v" for n in range(51))}, "51 tags"),
        ({"path": "a.jpg", "tags": [1]}, "tags"),
        ({"path": "a.jpg", "colour": "red"}, "no column"),
        ([], "object"),
    ],
)
def test_a_row_that_is_wrong_says_why_and_loses_no_other(tmp_path: Path, row: Any, why: str) -> None:
    good = json.dumps({"path": "good.jpg"})
    path = tmp_path / "list.jsonl"
    path.write_text(f"{good}\n{json.dumps(row)}\n{good}\n", "utf-8")
    found = list(read_manifest(path))
    assert len(items(found)) == 2
    assert why in failures(found)["2"]


def test_lines_that_are_no_rows_are_told_by_number(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    lines = [b"\xef\xbb\xbfpath,source", b"a.jpg,licensed", b'"open,licensed', b"b.jpg", b"\xff.jpg,subject"]
    lines += [b"c" * 70_000 + b".jpg,subject", b"", b"d.jpg,"]
    path.write_bytes(b"\r\n".join(lines))
    found = list(read_manifest(path))
    assert [item.name for item in items(found)] == ["a.jpg (list.csv:2)", "d.jpg (list.csv:8)"]
    reasons = failures(found)
    assert set(reasons) == {"3", "4", "5", "6"}
    assert "1 fields where there are 2" in reasons["4"]
    assert "UTF-8" in reasons["5"]
    assert "65,536 bytes" in reasons["6"]


@pytest.mark.parametrize("header", ["", "path,colour", "source", "path,path"])
def test_a_manifest_of_other_columns_is_refused_as_a_whole(tmp_path: Path, header: str) -> None:
    (tmp_path / "list.csv").write_text(f"{header}\na,b\n")
    with pytest.raises(ManifestInvalid, match=r"columns|column|header"):
        list(read_manifest(tmp_path / "list.csv"))


def test_what_is_no_parquet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.parquet"
    for content in (b"", b"PAR1" * 20, b"x" * 5000):
        path.write_bytes(content)
        with pytest.raises(ManifestInvalid):
            list(read_manifest(path))
    pq.write_table(pa.table({"path": [1, 2]}), path)
    with pytest.raises(ManifestInvalid, match="must be a text"):
        list(read_manifest(path))


def test_a_damaged_parquet_is_refused_wherever_it_is_damaged(tmp_path: Path) -> None:
    whole = write(tmp_path, "parquet", ROWS * 50).read_bytes()
    damaged = tmp_path / "damaged.parquet"
    for place in range(0, len(whole), 37):
        damaged.write_bytes(
            whole[:place] + bytes(byte ^ 0xFF for byte in whole[place : place + 5]) + whole[place + 5 :]
        )
        try:
            list(read_manifest(damaged))
        except ManifestInvalid:
            continue


def test_a_long_manifest_is_read_in_constant_memory(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    with path.open("w") as file:
        file.write("path\n")
        file.writelines(f"{number}.jpg\n" for number in range(50_000))
    tracemalloc.start()
    count = sum(1 for _ in read_manifest(path))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 50_000
    assert peak < 2_000_000


@given(st.lists(st.binary(max_size=200).map(lambda line: line.replace(b"\n", b"")), max_size=30))
def test_whatever_lines_there_are_each_gives_one_item_or_one_reason(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]
) -> None:
    folder = tmp_path_factory.mktemp("lines")
    for kind, header in (("csv", b"path,tags\n"), ("jsonl", b"")):
        path = folder / f"list.{kind}"
        path.write_bytes(header + b"\n".join(lines))
        found = list(read_manifest(path))
        assert len(found) <= len(lines)
        for item in items(found):
            item.name.encode(errors="surrogatepass")


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["path", "external_image_id", "user_id", "tags", "consent_id", "source"]),
            st.text(max_size=40) | st.none() | st.integers() | st.lists(st.text(max_size=5), max_size=3),
        ),
        max_size=20,
    )
)
def test_whatever_rows_there_are_each_gives_one_item_or_one_reason(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]]
) -> None:
    path = tmp_path_factory.mktemp("rows") / "list.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert len(list(read_manifest(path))) == len(rows)
