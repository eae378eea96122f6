"""How wrong recognition is: what was measured of the pack, and what people found who reviewed answers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from countenance.doors.console.days import read_day
from countenance.doors.console.marking import N_
from countenance.doors.console.routing import page
from countenance.errors import NotPermitted
from countenance.operations.accuracy.show_accuracy import LIMITS, show_accuracy
from countenance.operations.show_model_card import show_model_card

if TYPE_CHECKING:
    from datetime import date

    from starlette.responses import Response

    from countenance.doors.console.visit import Visit
    from countenance.operations.accuracy.show_accuracy import Accuracy
    from countenance.operations.acts import Act

_TABS = (
    ("list_evaluations", "/measure/evaluations"),
    ("show_accuracy", "/measure/accuracy"),
    ("show_model_card", "/measure/model-card"),
)


async def show_first(visit: Visit) -> Response:
    """Go to the first of its pages that the reader may see."""
    for operation, path in _TABS:
        if visit.may(operation):
            return visit.go(path)
    raise NotPermitted(f"access key {visit.key.key_id} may not do {_TABS[0][0]}")


async def show_operation(visit: Visit) -> Response:
    """Tell how often answers were right, from what people said of them in reviews."""
    since, until = (_day(visit, name) for name in ("since", "until"))

    def show(act: Act) -> Accuracy:
        with visit.desk.records.reading_ledger() as ledger:
            return show_accuracy(ledger, act, since=since, until=until)

    problem = ""
    if any(visit.query.get(name) and day is None for name, day in (("since", since), ("until", until))):
        problem = visit.say(N_("Give days as 2027-01-31. Until then all days are counted."))
    accuracy = await visit.do(show)
    return visit.page(
        "measure/accuracy.html",
        accuracy=accuracy,
        collections=[(each.collection_id, each.estimates) for each in accuracy.collections],
        months=[(each.month, each.estimates) for each in accuracy.months],
        since=visit.query.get("since", ""),
        until=visit.query.get("until", ""),
        problem=problem,
        limits=LIMITS,
    )


async def show_card(visit: Visit) -> Response:
    """Show the model card of the pack in use."""
    pack = visit.desk.service.pack
    card = await visit.do(lambda act: show_model_card(act, pack))
    # It is long: nobody else should wait for it.
    return await visit.desk.admission.run(partial(visit.page, "measure/model_card.html", card=card))


def _day(visit: Visit, name: str) -> date | None:
    found = read_day(visit.query.get(name, ""))
    return found.date() if found is not None else None


ROUTES = (
    page("/measure", show_first, needs=tuple(operation for operation, _ in _TABS)),
    page("/measure/accuracy", show_operation, needs=("show_accuracy",)),
    page("/measure/model-card", show_card, needs=("show_model_card",)),
)
