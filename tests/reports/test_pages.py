"""A report's page stands by itself, is accessible, and shows hostile text as text."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from countenance.doors.report_pages import report_page, shown
from countenance.operations.reports.records import report_record
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
from reports.test_records import REPORTS
from reports.world import HOSTILE, World, portrait

VOID = {"meta", "img", "br", "hr", "link", "input"}
SHOWN_HOSTILE = HOSTILE.replace("\u202e", "\N{REPLACEMENT CHARACTER}")


@dataclass
class Element:
    """An element of a page."""

    tag: str
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)
    own_text: list[str] = field(default_factory=list)

    def all(self, tag: str) -> list[Element]:
        """Return all elements of a kind below this one."""
        return [each for each in self.walk() if each.tag == tag]

    def walk(self) -> list[Element]:
        """Return all elements below this one."""
        return [below for child in self.children for below in (child, *child.walk())]

    @property
    def text(self) -> str:
        """All text in it."""
        return " ".join([*self.own_text, *(child.text for child in self.children)]).strip()


class Tree(HTMLParser):
    """Reads a page strictly: what is opened is closed, in order."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self._open = [self.root]
        self.feed(page)
        self.close()
        assert [each.tag for each in self._open] == [""]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        if data.strip():
            self._open[-1].own_text.append(data.strip())


def tree(page: str) -> Element:
    return Tree(page).root


@pytest.fixture(params=REPORTS)
def page(request: pytest.FixtureRequest, world: World) -> Element:
    """The page of each report."""
    return tree(report_page(world.report(request.param, **REPORTS[request.param])))


def test_nothing_is_loaded_from_elsewhere_and_nothing_runs(page: Element) -> None:
    for element in page.walk():
        assert element.tag not in {"script", "link", "iframe", "object", "embed", "base", "form"}
        for name, value in element.attributes.items():
            assert not name.startswith("on")
            if name in {"src", "href", "action", "srcset", "data"}:
                assert value.startswith(("#", "data:image/")), value
    (style,) = page.all("style")
    assert "url(" not in style.text
    assert "@import" not in style.text
    (policy,) = [each for each in page.all("meta") if each.attributes.get("http-equiv")]
    assert policy.attributes["content"].startswith("default-src 'none'")


def test_every_link_leads_to_a_place_in_the_page(page: Element) -> None:
    places = [each.attributes["id"] for each in page.walk() if "id" in each.attributes]
    assert len(places) == len(set(places))
    links = [each.attributes["href"] for each in page.all("a")]
    assert links
    assert {link.removeprefix("#") for link in links} <= set(places)
    named = [
        each.attributes["aria-labelledby"] for each in page.walk() if "aria-labelledby" in each.attributes
    ]
    assert set(named) <= set(places)


def test_every_table_has_a_caption_and_headings_for_rows_and_columns(page: Element) -> None:
    for table in page.all("table"):
        (caption,) = table.all("caption")
        assert table.children[0] is caption
        assert caption.text
        heads = table.all("thead")[0].all("th")
        assert {each.attributes["scope"] for each in heads} == {"col"}
        assert all(each.text for each in heads)
        for row in table.all("tbody")[0].all("tr"):
            if row.children[0].attributes.get("colspan") == str(len(heads)):
                continue
            assert len(row.children) == len(heads)
            assert row.children[0].attributes["scope"] == "row"
            assert all(cell.text or cell.all("img") for cell in row.children)


def test_the_page_says_its_language_title_and_headings_in_order(page: Element) -> None:
    (html,) = page.all("html")
    assert html.attributes["lang"] == "en"
    (title,), (heading,) = page.all("title"), page.all("h1")
    assert title.text == heading.text
    assert not page.all("h3")
    assert all(each.attributes["alt"] for each in page.all("img"))
    assert len(page.all("main")) == 1


def test_every_fact_is_on_the_page(world: World) -> None:
    for kind, options in REPORTS.items():
        report = world.report(kind, **options)
        facts = [fact for section in report.sections for fact in section.facts]
        page = tree(report_page(report))
        assert [each.text for each in page.all("dt")] == [fact.label for fact in facts]
        marks = [each for each in page.all("dd") if each.all("mark")]
        assert len(marks) == sum(isinstance(fact.value, ToBeFilledIn) for fact in facts)


def test_hostile_text_is_shown_as_text(world: World) -> None:
    for kind, told in (
        ("processing", f"reception {SHOWN_HOSTILE}"),
        ("accountability", f"a complaint {SHOWN_HOSTILE}"),
        ("subject", f"reception {SHOWN_HOSTILE}"),
    ):
        text = report_page(world.report(kind, **REPORTS[kind]))
        assert "<script" not in text
        assert "\u202e" not in text
        assert told in {each.text for each in tree(text).walk()}


def value_with(text: str) -> list[Any]:
    return [text, (text, text), Picture(b"", "image/jpeg", text), ToBeFilledIn(text)]


def report_full_of(text: str) -> Report:
    facts = tuple(Fact("fact", text, value) for value in value_with(text))
    table = Table(
        text, columns(first=text, second=text), ((text, text), *((text, each) for each in value_with(text)))
    )
    empty = replace(table, rows=(), empty=text)
    sections = (
        Section("one", text, text, text, facts, table, (Figure(text, b"<svg/>", text, table),)),
        Section("two", text, None, text, (), empty),
    )
    return Report("subject", text, text, datetime.now(UTC), text, text, sections)


@pytest.mark.parametrize(
    "text", [HOSTILE, "</style></title>{{ 7777 * 7 }}", "' onload='x", "&lt;b&gt;", "\x00\x1b[31m"]
)
def test_nothing_in_a_report_becomes_markup_wherever_it_stands(text: str) -> None:
    plain, hostile = tree(report_page(report_full_of("word"))), tree(report_page(report_full_of(text)))

    def shape(page: Element) -> list[tuple[str, list[str]]]:
        return [(each.tag, sorted(each.attributes)) for each in page.walk()]

    assert shape(hostile) == shape(plain)
    assert "54439" not in hostile.text
    assert "\x00" not in hostile.text


def test_a_portrait_is_in_the_page(world: World) -> None:
    page = tree(report_page(world.report("subject", subject="ann")))
    (image,) = page.all("img")
    encoded = image.attributes["src"].removeprefix("data:image/jpeg;base64,")
    assert base64.b64decode(encoded) == portrait()


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (None, "none", "none"),
        (True, "text", "yes"),
        (1234567, "number", "1,234,567"),
        (0.00001, "number", "1.0 × 10⁻⁵"),
        (0.0, "number", "0"),
        (Estimate(0.0123, 0.0101, 0.015, 12, 976, 40), "number", "0.0123 (0.0101–0.0150)"),
        (Estimate(1.2e-5, 9e-6, 1.6e-5), "number", "1.2 × 10⁻⁵ (0.9–1.6 × 10⁻⁵)"),
        (Estimate(0.0, 0.0, 3e-4), "number", "0 (0–3.0 × 10⁻⁴)"),
        (Estimate(None, trials=0), "number", "not estimable"),
        (99.936, "number", "99.94"),
        (datetime(2026, 1, 31, 12, tzinfo=UTC), "time", "2026-01-31 12:00:00 UTC"),
        (timedelta(days=30), "time", "30 days"),
        ((), "none", "none"),
        (("*",), "text", "all"),
        (Numbers((0.5, -1.0)), "numbers", "0.5 -1"),
        (ToBeFilledIn("the agency"), "blank", "to be filled in by the agency"),
    ],
)
def test_values_are_shown_as_people_read_them(value: Any, kind: str, text: str) -> None:
    found = shown(value)
    assert (found.kind, found.text) == (kind, text)


def test_a_figure_is_in_the_page_with_its_words_and_numbers() -> None:
    table = Table("numbers", columns(rate="Rate"), ((0.25,), (0.5,)))
    figure = Figure("caption", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a line that falls", table)
    report = replace(report_full_of("word"), sections=(Section("one", "One", None, "", figures=(figure,)),))
    page = tree(report_page(report))
    (image,) = page.all("img")
    assert image.attributes["alt"] == "a line that falls"
    encoded = image.attributes["src"].removeprefix("data:image/svg+xml;base64,")
    assert base64.b64decode(encoded) == figure.svg
    (details,) = page.all("details")
    assert "0.25" in details.text
    record = report_record(report)["sections"][0]["figures"]
    assert record == [
        {
            "caption": "caption",
            "shows": "a line that falls",
            "data": {
                "caption": "numbers",
                "columns": {"rate": "Rate"},
                "rows": [{"rate": 0.25}, {"rate": 0.5}],
            },
        }
    ]


def test_a_report_of_files_has_no_ledger_and_no_request() -> None:
    report = replace(report_full_of("word"), request_id=None, ledger_checkpoint=None)
    page = tree(report_page(report))
    assert "ledger" not in page.text.lower()
    assert "request" not in page.text
    record = report_record(report)
    assert (record["request_id"], record["ledger_checkpoint"]) == (None, None)


def test_the_page_of_an_empty_ledger_says_so() -> None:
    report = replace(report_full_of("word"), ledger_checkpoint="")
    assert "The ledger had no entry yet." in tree(report_page(report)).text
