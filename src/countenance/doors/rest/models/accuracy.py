"""How often answers were right."""

from datetime import date

from pydantic import Field

from countenance.doors.rest.models.fields import Told
from countenance.operations.accuracy.estimates import CONFIDENCE, METHOD

_DAY = "2026-03-01"


class Counts(Told):
    """What was counted of searches whose answers people review."""

    searches: int = Field(description="Searches, with candidates or without.", examples=[1200])
    comparisons: int = Field(description="Comparisons: the galleries' sizes, added up.", examples=[6_000_000])
    least_threshold: float | None = Field(
        description="The lowest similarity that was asked for, 0–100.", examples=[80.0]
    )
    most_threshold: float | None = Field(description="The highest.", examples=[99.0])
    confirmed: int = Field(description="Answers in which somebody was confirmed.", examples=[28])
    rejected: int = Field(description="Answers in which all were rejected.", examples=[6])
    disagreed: int = Field(description="Answers that two people saw differently.", examples=[1])
    open: int = Field(description="Answers that wait.", examples=[2])
    void: int = Field(description="Answers that ended because somebody in them was erased.", examples=[0])
    gone: int = Field(description="Answers that ended because their collection was deleted.", examples=[0])
    false_candidates: int = Field(
        description="Candidates who are somebody else: rejected, or others than who was confirmed.",
        examples=[9],
    )
    undecided_candidates: int = Field(description="Candidates of whom nobody knows.", examples=[4])


class Rate(Told):
    """An error rate; a number is null where there is nothing to tell it from."""

    errors: int = Field(description="Errors that are known.", examples=[6])
    trials: float = Field(description="Trials that they are errors of.", examples=[34.0])
    rate: float | None = Field(description="Their quotient.", examples=[0.1765])
    lower: float | None = Field(description="Where the interval begins.", examples=[0.0835])
    upper: float | None = Field(description="Where the interval ends.", examples=[0.3351])
    least: float | None = Field(
        description="The rate if nothing that is undecided were an error.", examples=[0.1622]
    )
    most: float | None = Field(description="The rate if all of it were.", examples=[0.2432])
    stated: float | None = Field(
        description="The rate that the calibration states for the same searches.", examples=[None]
    )


class Estimates(Told):
    """Counts, and the rates made of them."""

    counts: Counts = Field(description="What was counted.")
    false_discovery: Rate = Field(description="Answers that were rejected, of those that were decided.")
    false_positive_identification: Rate = Field(
        description="FPIR: searches that returned somebody who was rejected, of those that confirmed nobody."
    )
    false_match: Rate = Field(description="FMR: comparisons that led to somebody else, of all comparisons.")


class CollectionAccuracy(Told):
    """The rates of one collection."""

    collection_id: str = Field(description="The collection.", examples=["suspects"])
    estimates: Estimates = Field(description="Its rates.")


class MonthAccuracy(Told):
    """The rates of one month."""

    month: str = Field(description="The month, UTC.", examples=["2026-03"])
    estimates: Estimates = Field(description="Its rates.")


class Accuracy(Told):
    """How often answers of searches were right, as people said who reviewed them."""

    since: date | None = Field(description="The first day, UTC.", examples=[_DAY])
    until: date | None = Field(description="The last day.", examples=[None])
    entries: int = Field(description="How many entries of the ledger this was counted in.", examples=[4120])
    confidence: float = Field(default=CONFIDENCE, description="Of the intervals.", examples=[CONFIDENCE])
    method: str = Field(default=METHOD, description="Of the intervals.", examples=[METHOD])
    limits: tuple[str, ...] = Field(
        description="What the rates do not say.", examples=[["a reviewer can be wrong"]]
    )
    overall: Estimates = Field(description="The rates of all collections that the key may use.")
    collections: tuple[CollectionAccuracy, ...] = Field(description="By collection.")
    months: tuple[MonthAccuracy, ...] = Field(description="By month in which was searched.")
