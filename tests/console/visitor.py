"""Uses the console as a browser does that has no scripts: follows links, fills forms in, keeps cookies."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
from bs4 import BeautifulSoup, Tag

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rest.api import Api

_TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Page:
    """What came back, after redirects within the console."""

    status: int
    path: str
    headers: httpx.Headers
    content: bytes

    @property
    def soup(self) -> BeautifulSoup:
        """The page, parsed."""
        return BeautifulSoup(self.content, "html.parser")

    @property
    def text(self) -> str:
        """What a reader reads in the main part, white space made single."""
        main = self.soup.find("main")
        assert main is not None, self.content[:500]
        return " ".join(main.get_text(" ").split())

    def all(self, selector: str) -> list[Tag]:
        """Return the elements that a CSS selector chooses."""
        return list(self.soup.select(selector))

    def one(self, selector: str) -> Tag:
        """Return the only element that a CSS selector chooses."""
        (found,) = self.all(selector)
        return found

    def says(self, *texts: str) -> bool:
        """Tell whether the main part says all of these."""
        return all(text in self.text for text in texts)

    @property
    def form_token(self) -> str:
        """What its forms are signed with."""
        return str(self.all("input[name=form_token]")[0]["value"])


@dataclass
class Visitor:
    """Somebody with a browser, before or after signing in."""

    endpoint_url: str
    language: str = "en"
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(
            base_url=self.endpoint_url,
            timeout=_TIMEOUT_SECONDS,
            headers={"accept-language": self.language},
            limits=httpx.Limits(max_keepalive_connections=0),  # so that nothing stays open after a test
        )

    def sign_in(self, api: Api) -> Visitor:
        """Sign in with a key."""
        page = self.post("/console/sign-in", {"key_id": api.key_id, "secret": api.secret})
        assert page.status == 200, page.text
        assert page.path == "/console/", page.text
        return self

    def get(self, path: str, **headers: str) -> Page:
        """Open a page."""
        return self._followed(self.client.get(path, headers=headers))

    def post(
        self,
        path: str,
        fields: Mapping[str, str | Sequence[str]] | None = None,
        files: Mapping[str, tuple[str, bytes]] | None = None,
        *,
        shown_on: str | None = None,
        follow: bool = True,
    ) -> Page:
        """Send a form, with the token of the page that shows it (the sign-in page, where none is named)."""
        shown = self.get(shown_on or "/console/sign-in")
        data: dict[str, Any] = {"form_token": shown.form_token, **(fields or {})}
        response = self.client.post(path, data=data, files=dict(files or {}) or None)
        return self._followed(response) if follow else _page(response)

    def _followed(self, response: httpx.Response) -> Page:
        for _ in range(5):
            if not response.is_redirect:
                break
            assert response.next_request is not None
            response = self.client.send(response.next_request)
        return _page(response)


def _page(response: httpx.Response) -> Page:
    parts = urlsplit(str(response.url))
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return Page(response.status_code, path, response.headers, response.content)
