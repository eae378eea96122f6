"""`/v1/metrics/accuracy`: how often answers were right, from what people say of them in reviews."""

from typing import TYPE_CHECKING, Annotated

from fastapi import Query

from countenance.doors.rest.calls import TheCall, new_router
from countenance.doors.rest.models.accuracy import Accuracy, CollectionAccuracy, Estimates, MonthAccuracy
from countenance.doors.rest.models.fields import Day
from countenance.operations.accuracy import show_accuracy as showing

if TYPE_CHECKING:
    from countenance.operations.acts import Act

router = new_router("metrics")


@router.get("/metrics/accuracy")
async def show_accuracy(
    call: TheCall,
    since: Annotated[Day | None, Query(description="Only searches from this day on, UTC.")] = None,
    until: Annotated[Day | None, Query(description="Only searches up to this day, and on it.")] = None,
) -> Accuracy:
    """Tell how often answers were right, with intervals, from what people said of them in reviews."""

    def show(act: "Act") -> Accuracy:
        with call.desk.records.reading_ledger() as ledger:
            shown = showing.show_accuracy(ledger, act, since=since, until=until)
        return Accuracy(
            since=shown.since,
            until=shown.until,
            entries=shown.entries,
            limits=showing.LIMITS,
            overall=Estimates.model_validate(shown.overall),
            collections=tuple(CollectionAccuracy.model_validate(each) for each in shown.collections),
            months=tuple(MonthAccuracy.model_validate(each) for each in shown.months),
        )

    return await call.do(show)
