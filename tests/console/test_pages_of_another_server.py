"""What pages show where a server was started with other settings, and has nothing but what is done here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from console.reviewed import Reviewed
from console.visitor import Visitor
from rest.api import Api
from serving import running_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from serving import RunningServer

MORATORIA = "/console/govern/moratoria"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that shows scores to reviewers, and with a moratorium that nobody can lift."""
    settings = {"moratorium": "purpose:loitering", "console_hides_scores": False}
    with running_server(tmp_path_factory.mktemp("another"), **settings) as started:
        yield started


def test_a_moratorium_from_the_settings_is_marked_and_cannot_be_lifted_here(server: RunningServer) -> None:
    admin = Visitor(server.endpoint_url).sign_in(Api.of(server))
    page = admin.get(MORATORIA)
    assert page.says("from the settings", "All use of faces for the purpose loitering")
    assert not page.all("a[href$='/lift']")
    assert admin.get(f"{MORATORIA}/None/lift").status == 404


def test_scores_are_shown_at_once_where_the_settings_say_so(server: RunningServer, collins: bytes) -> None:
    api = Api.of(server)
    review_id = Reviewed(server, api, "one", collins, "not-kept").ask()
    page = Visitor(server.endpoint_url).sign_in(api.with_key()).get(f"/console/reviews/{review_id}")
    scores = [float(each) for each in re.findall(r"similarity ([\d.]+) of 100", page.text)]
    assert len(scores) == 5
    assert scores == sorted(scores, reverse=True)
    assert "In random order." not in page.text


def test_lists_of_keys_come_in_pages_and_the_last_administrator_is_warned_of(server: RunningServer) -> None:
    api = Api.of(server)
    admin = Visitor(server.endpoint_url).sign_in(api)
    for _ in range(50):
        api.with_key()
    first = admin.get("/console/keys")
    assert len(first.all("tbody tr")) == 50
    second = admin.get(f"/console/keys{first.one('a[rel=next]')['href']}")
    assert 1 <= len(second.all("tbody tr")) < 5
    assert admin.get(f"/console/keys/{api.key_id}/revoke").says("This is the last administrator's key.")
