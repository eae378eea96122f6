"""Article records name their pictures, and the record of each leads back to the article."""

from __future__ import annotations

import contextlib
import os
import textwrap
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
import yaml
from hypothesis import given

from countenance.archive.articles import read_article
from countenance.archive.front_matter import MOST_BYTES, parse_front_matter, read_front_matter
from countenance.archive.values import ImportItem, Listed, LocalFile, PassedOver, PictureRecord, WebAddress
from countenance.errors import ManifestInvalid

ARTICLE = """\
    ---
    title: "Crew of the first landing honoured: a night to remember"
    publishedDateTime: 2026-03-01T09:00:00Z
    webUrl: https://news.example.org/crew
    provider:
      name: Example News
      images:
        - url: https://media.example.org/logo.png
    topics: [space, {name: history}]
    images:
      - url: https://media.example.org/crew.jpg
        caption: The crew
      - url: pictures/dinner.jpg
    related:
      - title: Their return
        webUrl: https://news.example.org/return
        images:
          - url: https://media.example.org/return.jpg
      - title: No picture
    ---
    The text of the article, with --- in it.
    """


def article(folder: Path, text: str = ARTICLE) -> list[Listed]:
    (folder / "2026").mkdir(exist_ok=True)
    (folder / "2026" / "crew.md").write_text(textwrap.dedent(text), "utf-8")
    return list(read_article(folder, Path("2026/crew.md")))


def records(found: list[Listed]) -> list[PictureRecord]:
    return [each.record for each in found if isinstance(each, ImportItem) and each.record is not None]


def test_pictures_of_the_article_of_related_ones_and_of_its_provider_are_found(tmp_path: Path) -> None:
    found = article(tmp_path)
    assert [each.place for each in found if isinstance(each, ImportItem)] == [
        WebAddress("https://media.example.org/crew.jpg"),
        LocalFile("2026/pictures/dinner.jpg", str(tmp_path)),
        WebAddress("https://media.example.org/return.jpg"),
        WebAddress("https://media.example.org/logo.png"),
    ]


def test_a_record_says_all_that_leads_back_to_the_article(tmp_path: Path) -> None:
    first, _, related, provider = records(article(tmp_path))
    assert first.as_json() == {
        "kind": "article",
        "source_file": "2026/crew.md",
        "title": "Crew of the first landing honoured: a night to remember",
        "published_at": "2026-03-01T09:00:00Z",
        "web_url": "https://news.example.org/crew",
        "provider": "Example News",
        "topics": ("space", "history"),
        "found_in": "images",
    }
    assert (related.title, related.related_title) == (first.title, "Their return")
    assert (related.found_in, provider.found_in) == ("related", "provider")
    assert PictureRecord.from_json(first.as_json()) == first


def test_a_picture_that_is_named_twice_is_one_item(tmp_path: Path) -> None:
    found = article(
        tmp_path,
        "---\nimages: [{url: https://a.example/x.jpg}]\nrelated: [{images: [{url: https://a.example/x.jpg}]}]\n---\n",
    )
    assert len(found) == 1


@pytest.mark.parametrize("url", ["../../secret.jpg", "/etc/passwd", "//host/a.jpg", "file:///etc/passwd"])
def test_no_address_leads_out_of_the_folder(tmp_path: Path, url: str) -> None:
    (only,) = article(tmp_path, f"---\nimages: [{{url: '{url}'}}]\n---\n")
    assert isinstance(only, PassedOver)
    assert only.failed


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd"])
def test_an_address_that_no_page_may_link_to_is_not_kept(tmp_path: Path, url: str) -> None:
    (record,) = records(article(tmp_path, f"---\nwebUrl: '{url}'\nimages: [{{url: a.jpg}}]\n---\n"))
    assert record.web_url is None


def test_lines_and_control_characters_in_a_title_become_spaces(tmp_path: Path) -> None:
    (record,) = records(article(tmp_path, '---\ntitle: "One\\nTwo\\e[31m\\0"\nimages: [{url: a.jpg}]\n---\n'))
    assert record.title == "One Two [31m"


@pytest.mark.parametrize(
    ("text", "failed", "why"),
    [
        ("just text", False, "no front matter"),
        ("---\ntitle: x\n---\n", False, "names no pictures"),
        ("---\ntitle: x\n", True, "no end"),
        ("---\n- a\n- b\n---\n", True, "no mapping"),
        ("---\na: [1\n---\n", True, "no YAML"),
        ("---\na: &x [1]\nb: *x\n---\n", True, "alias"),
        ("---\na: !!python/object/apply:os.system [ls]\n---\n", True, "no YAML"),
        (f"---\na: {'[' * 20}{']' * 20}\n---\n", True, "deeper than 16"),
        (f"---\na: [{'x,' * 20_001}]\n---\n", True, "20,000 values"),
        (f"---\ntitle: {'x' * 20_000}\nimages: [{{url: a.jpg}}]\n---\n", True, "16,384"),
        (f"---\na: {'x' * MOST_BYTES}\n---\n", True, "does not end within"),
        ("---\nimages: [" + ",".join(f"{{url: {n}.jpg}}" for n in range(1001)) + "]\n---\n", True, "1,000"),
    ],
)
def test_a_text_without_a_usable_record_says_why(tmp_path: Path, text: str, failed: bool, why: str) -> None:
    (only,) = article(tmp_path, text)
    assert isinstance(only, PassedOver)
    assert (only.failed, why in only.reason) == (failed, True), only


def test_what_looks_like_a_date_or_a_number_stays_as_it_is_written(tmp_path: Path) -> None:
    (record,) = records(
        article(tmp_path, "---\ntitle: 1984\npublishedDateTime: 2026-13-45\nimages: [{url: a.jpg}]\n---\n")
    )
    assert (record.title, record.published_at) == ("1984", "2026-13-45")


def test_a_named_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    with pytest.raises(ManifestInvalid, match="regular file"):
        read_front_matter(tmp_path / "pipe.md")


@given(st.binary(max_size=400))
def test_whatever_is_in_front_matter_it_is_a_mapping_or_refused(content: bytes) -> None:
    with contextlib.suppress(ManifestInvalid):
        assert isinstance(parse_front_matter(content), dict)


PLAIN = st.none() | st.booleans() | st.integers() | st.text(max_size=20)
NESTED = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)


@given(
    st.dictionaries(
        st.sampled_from(["title", "publishedDateTime", "webUrl", "provider", "topics", "images", "related"]),
        NESTED | st.lists(st.fixed_dictionaries({"url": NESTED}), max_size=3),
    )
)
def test_whatever_an_article_says_it_gives_items_or_a_reason(
    tmp_path_factory: pytest.TempPathFactory, found: dict[str, Any]
) -> None:
    folder = tmp_path_factory.mktemp("article")
    (folder / "a.md").write_text(f"---\n{yaml.safe_dump(found)}---\ntext\n", "utf-8")
    listed = list(read_article(folder, Path("a.md")))
    assert listed
    for record in records(listed):
        assert PictureRecord.from_json(record.as_json()).digest == record.digest
