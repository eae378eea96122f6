"""A request of the console: who reads, in which language, what they sent, and how they are answered."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode, urlsplit

from starlette.responses import HTMLResponse, RedirectResponse

from countenance.doors.console.paths import PREFIX
from countenance.doors.console.rendering import rendered
from countenance.doors.desk import Call, Desk
from countenance.errors import NotPermitted
from countenance.operations.names import ADMINISTRATIVE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from countenance.access import AccessKey, Attempts, Sessions
    from countenance.doors.console.forms import Form
    from countenance.doors.console.languages import Language
    from countenance.doors.metrics import Metrics
    from countenance.operations.acts import Act
    from countenance.operations.overview.show_overview import OverviewRooms
    from countenance.operations.pages import Page

PAGE_SIZE = 50
"""How many items a page of a list has."""

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class ConsoleDesk(Desk):
    """The rooms behind the console, and what it needs besides.

    Attributes:
        sessions: who is signed in.
        attempts: who has tried to sign in in vain.
        metrics: what the server counts.
        overview: what the first page looks into.
        form_secret: what forms are signed with.
        hides_scores: whether reviewers see similarities only when they have decided.
    """

    sessions: Sessions
    attempts: Attempts
    metrics: Metrics
    overview: OverviewRooms
    form_secret: bytes
    hides_scores: bool


@dataclass(frozen=True, slots=True)
class Arrival:
    """A request of somebody who need not have signed in.

    Attributes:
        http: the request.
        desk: the rooms behind the door.
        request_id: its id, also in the ledger and the log.
        language: what the reader reads.
        form: what was sent with it; it is known that a page of this console has shown the form.
        cookie: what tells this browser from others.
        theme: light, dark or auto.
    """

    http: Request
    desk: ConsoleDesk
    request_id: str
    language: Language
    form: Form
    cookie: str
    theme: str

    @property
    def query(self) -> Mapping[str, str]:
        """The parameters after the question mark; anybody can make them."""
        return self.http.query_params

    @property
    def came_from(self) -> str | None:
        """The page of the console from which the reader came, as a path."""
        try:
            parts = urlsplit(self.http.headers.get("referer", ""))
        except ValueError:  # an address whose brackets do not match
            return None
        is_ours = parts.netloc == self.http.headers.get("host") and parts.path.startswith(f"{PREFIX}/")
        return parts._replace(scheme="", netloc="", fragment="").geturl() if is_ours else None

    @property
    def form_token(self) -> str:
        """What a form must have in it to be taken for one that this browser was shown."""
        return form_token(self.desk.form_secret, self.cookie)

    def say(self, message: str, **values: object) -> str:
        """Return a message in the reader's language."""
        return self.language.say(message, **values)

    def page(self, template: str, status: int = 200, **shown: Any) -> Response:
        """Return a page; the template also gets ``visit``, ``may``, ``done`` and ``query``."""
        return HTMLResponse(rendered(self, template, shown), status)

    def go(self, path: str, done: str = "", **query: str | int) -> Response:
        """Send the browser to a page of the console, which tells what was done by its name."""
        told = ({"done": done} if done else {}) | query
        return RedirectResponse(f"{PREFIX}{path}{'?' if told else ''}{urlencode(told)}", 303)

    def may(self, *operations: str) -> bool:  # noqa: ARG002 - those who have signed in are asked
        """Tell whether the reader may do any of these; nobody who has not signed in may."""
        return False


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page of a list is asked for, and how the next is found."""

    visit: Visit
    belongs_to: dict[str, object]
    position: int

    def next_of(self, page: Page[Any]) -> str | None:
        """Return the token of the page that follows, None after the last."""
        return self.visit.desk.tokens.following(page, self.belongs_to)


@dataclass(frozen=True, slots=True)
class Visit(Arrival):
    """A request of somebody who has signed in, with ``key``."""

    key: AccessKey

    async def do(self, operation: Callable[[Act], Answer]) -> Answer:
        """Run an operation as soon as a worker is free; its entry is in the ledger before this returns.

        Raises:
            ServerBusy: too many requests wait already.
            CountenanceError: what the operation raises.
        """
        return await Call(self.desk, self.key, self.request_id).do(operation)

    async def require(self, *operations: str) -> None:
        """Do nothing where the key may do any of these; a refusal is in the ledger.

        Raises:
            NotPermitted: it may do none.
        """
        if not self.may(*operations):
            await self.do(lambda act: act.permit(operations[0]))
            raise NotPermitted(f"access key {self.key.key_id} may not do {operations[0]}")

    def may(self, *operations: str) -> bool:
        """Tell whether the key may do any of these, in some collection."""
        governs = self.key.administrator
        return any(self.key.does(each) and (governs or each not in ADMINISTRATIVE) for each in operations)

    def paging(self, name: str, **filters: object) -> Paging:
        """Return which page of a list is asked for; ``filters`` are those that the list is under.

        Raises:
            PaginationTokenInvalid: ``after`` is of another list.
        """
        belongs_to = {"list": f"console/{name}", "key": self.key.key_id, **filters}
        return Paging(self, belongs_to, self.desk.tokens.position(self.query.get("after"), belongs_to))


def form_token(secret: bytes, cookie: str) -> str:
    """Return the token of the forms that a browser is shown."""
    return hmac.digest(secret, cookie.encode(errors="surrogatepass"), hashlib.sha256).hex()
