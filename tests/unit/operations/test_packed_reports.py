"""A report that is packed and unpacked is the same report, and nothing else is taken for one."""

from __future__ import annotations

import string
import zlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countenance.errors import ReportBroken, ReportTooLarge
from countenance.operations.reports import packed
from countenance.operations.reports.packed import packed_report, unpacked_report
from countenance.reporting import (
    Estimate,
    Fact,
    Figure,
    Numbers,
    Picture,
    Report,
    Section,
    Table,
    ToBeFilledIn,
    columns,
)

# File names may hold what is no text.
texts = st.text(max_size=20) | st.sampled_from(["", "\udcff.jpg", "\0"])
numbers = st.floats(allow_nan=False, allow_infinity=False)
moments = st.datetimes(timezones=st.just(UTC))
estimates = st.builds(Estimate, st.none() | numbers, st.none() | numbers, st.none() | numbers)
values = (
    st.none()
    | st.booleans()
    | st.integers()
    | numbers
    | texts
    | moments
    | st.timedeltas(timedelta(0), timedelta(days=9999))
    | st.lists(texts, max_size=3).map(tuple)
    | estimates
    | st.builds(Picture, st.binary(max_size=20), texts, texts)
    | st.builds(Numbers, st.lists(numbers, max_size=4).map(tuple))
    | st.builds(ToBeFilledIn, texts)
)
keys = st.text(string.ascii_lowercase, min_size=1, max_size=9)
tables = st.builds(
    lambda caption, rows: Table(caption, columns(one="One", two="Two"), tuple(rows)),
    texts,
    st.lists(st.tuples(values, values), max_size=3),
)
figures = st.builds(Figure, texts, st.binary(max_size=30), texts, tables)
sections = st.builds(
    Section,
    keys,
    texts,
    st.none() | texts,
    texts,
    st.lists(st.builds(Fact, keys, texts, values), max_size=3).map(tuple),
    st.none() | tables,
    st.lists(figures, max_size=2).map(tuple),
)
reports = st.builds(
    Report,
    keys,
    texts,
    texts,
    moments,
    st.none() | texts,
    st.none() | texts,
    st.lists(sections, max_size=3).map(tuple),
)


@given(reports)
def test_it_is_the_same_report(report: Report) -> None:
    assert unpacked_report(packed_report(report)) == report


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: zlib.compress(text.encode())))
def test_what_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(ReportBroken):
        unpacked_report(content)


@pytest.mark.parametrize(
    "text",
    [
        "[1]",
        "[2, {}]",
        '[1, {"type": "Report"}]',
        '[1, {"type": "Fact", "key": "a", "label": "b", "value": 1}]',
        '[1, {"type": "os.system"}]',
        "[1, {}]",
    ],
)
def test_what_only_looks_like_one_is_refused(text: str) -> None:
    with pytest.raises(ReportBroken):
        unpacked_report(zlib.compress(text.encode()))


def test_one_that_is_too_large_is_not_packed_and_not_unpacked_into_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    section = Section("a", "x" * 10_000, None, "")
    report = Report("k", "t", "i", datetime(2026, 3, 1, tzinfo=UTC), None, None, (section,))
    content = packed_report(report)
    monkeypatch.setattr(packed, "MOST_BYTES", 5_000)
    with pytest.raises(ReportTooLarge, match="the limit is 5,000"):
        packed_report(report)
    with pytest.raises(ReportBroken):
        unpacked_report(content)
