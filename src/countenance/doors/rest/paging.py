"""Lists come in pages: how many items, after which token, and the token of the page that follows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Query

from countenance.doors.rest.calls import TheCall
from countenance.doors.rest.models.fields import Listed
from countenance.doors.tokens import PaginationTokens
from countenance.operations.pages import Page

Item = TypeVar("Item")
Kind = TypeVar("Kind", bound=Listed[Any])

_MOST = 1000
_USUAL = 100
_MOST_TOKEN = 64


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page is asked for; ``belongs_to`` says of which list."""

    limit: int
    after: str | None
    tokens: PaginationTokens

    def position(self, belongs_to: Mapping[str, object]) -> int:
        """Return where the page begins; raises PaginationTokenInvalid."""
        return self.tokens.position(self.after, belongs_to)

    def listed(
        self,
        kind: type[Kind],
        page: Page[Any],
        belongs_to: Mapping[str, object],
        show: Callable[[Any], Any],
    ) -> Kind:
        """Return a page as it is answered."""
        items = tuple(show(item) for item in page.items)
        return kind(items=items, next=self.tokens.following(page, belongs_to))

    def cut(
        self,
        kind: type[Kind],
        items: Sequence[Item],
        belongs_to: Mapping[str, object],
        show: Callable[[Item], Any],
        wanted: Callable[[Item], bool] = lambda _: True,
    ) -> Kind:
        """Return a page of a list that is there as a whole and only ever grows at its end."""
        begin = self.position(belongs_to)
        places = [place for place in range(begin, len(items)) if wanted(items[place])]
        shown = tuple(show(items[place]) for place in places[: self.limit])
        following = None
        if len(places) > self.limit:
            following = self.tokens.token(places[self.limit], belongs_to)
        return kind(items=shown, next=following)


async def _paging(
    call: TheCall,
    limit: Annotated[int, Query(ge=1, le=_MOST, description="How many items at most.")] = _USUAL,
    after: Annotated[
        str | None,
        Query(max_length=_MOST_TOKEN, description="The `next` of the page before; without it, the first."),
    ] = None,
) -> Paging:
    return Paging(limit, after, call.desk.tokens)


ThePaging = Annotated[Paging, Depends(_paging)]
"""How a route asks which page is wanted."""
