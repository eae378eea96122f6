"""The work of ``countenance review accuracy``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from countenance.doors.cli.records import json_line
from countenance.doors.cli.tables import print_facts, print_rows
from countenance.doors.cli.words import percent
from countenance.doors.cli.work import at_work
from countenance.operations.accuracy import show_accuracy as showing
from countenance.operations.accuracy.estimates import CONFIDENCE, METHOD
from countenance.operations.accuracy.show_accuracy import LIMITS

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from countenance.doors.cli.records import Record
    from countenance.governance.accuracy import Counts
    from countenance.operations.accuracy.estimates import Estimates, Rate
    from countenance.operations.accuracy.show_accuracy import Accuracy

_COLUMNS = ("searches", "confirmed", "rejected", "undecided", "false discovery", "FPIR", "FMR")
# What rates are made of and nobody asks for by itself.
_INNER = ("false_candidates_squared", "stated_false_matches", "stated_false_positives")


def show_accuracy(
    file: Path | None, data_dir: Path | None, since: date | None, until: date | None, *, as_json: bool
) -> None:
    """Print how often answers were right: all together, by collection and by month."""
    with at_work(file, data_dir) as work, work.office.store.reading_ledger() as ledger:
        found = showing.show_accuracy(ledger, work.act, since=since, until=until)
    if as_json:
        print(json_line(_record(found)))
    else:
        _print(found)


def _print(found: Accuracy) -> None:
    overall = found.overall
    print_facts(
        {
            "entries counted": f"{found.entries:,}",
            "searches": _searches_in_words(overall.counts),
            "answers": _answers_in_words(overall.counts),
            "false discovery": _in_words(overall.false_discovery, "decided answers"),
            "FPIR": _in_words(overall.false_positive_identification, "searches that confirmed nobody"),
            "FMR": _in_words(overall.false_match, "comparisons"),
            "intervals": METHOD,
        }
    )
    collections = [_row(each.collection_id, each.estimates) for each in found.collections]
    months = [_row(each.month, each.estimates) for each in found.months]
    if collections:
        print_rows(("collection", *_COLUMNS), collections)
        print_rows(("month", *_COLUMNS), months)
    print("what these rates do not say")
    for limit in LIMITS:
        print(f"- {limit}")


def _searches_in_words(counts: Counts) -> str:
    if counts.least_threshold is None or counts.most_threshold is None:
        return "none whose answers people review"
    low, high = percent(counts.least_threshold), percent(counts.most_threshold)
    at = low if low == high else f"{low} to {high}"
    return f"{counts.searches:,}, which made {counts.comparisons:,} comparisons, at a similarity of {at}"


def _answers_in_words(counts: Counts) -> str:
    states = ("confirmed", "rejected", "disagreed", "open", "void", "gone")
    return ", ".join(f"{getattr(counts, state):,} {state}" for state in states)


def _in_words(rate: Rate, trials: str) -> str:
    if rate.rate is None:
        return f"not known: {rate.errors:,} of no {trials}"
    words = f"{_with_interval(rate)}: {rate.errors:,} of {rate.trials:,.0f} {trials}"
    if rate.least != rate.most and rate.least is not None and rate.most is not None:
        words += f"; {rate.least:.3g} to {rate.most:.3g} if none or all that is undecided were false"
    return words + (f"; stated: {rate.stated:.3g}" if rate.stated is not None else "")


def _with_interval(rate: Rate) -> str:
    if rate.rate is None:
        return "not known"
    return f"{rate.rate:.3g} ({rate.lower:.3g} to {rate.upper:.3g})"


def _row(name: str, estimates: Estimates) -> tuple[object, ...]:
    counts = estimates.counts
    return (
        name,
        counts.searches,
        counts.confirmed,
        counts.rejected,
        counts.undecided,
        _with_interval(estimates.false_discovery),
        _with_interval(estimates.false_positive_identification),
        _with_interval(estimates.false_match),
    )


def _record(found: Accuracy) -> Record:
    return {
        "since": found.since.isoformat() if found.since is not None else None,
        "until": found.until.isoformat() if found.until is not None else None,
        "entries": found.entries,
        "confidence": CONFIDENCE,
        "method": METHOD,
        "limits": list(LIMITS),
        "overall": _estimates(found.overall),
        "collections": [
            {"collection_id": each.collection_id, "estimates": _estimates(each.estimates)}
            for each in found.collections
        ],
        "months": [{"month": each.month, "estimates": _estimates(each.estimates)} for each in found.months],
    }


def _estimates(estimates: Estimates) -> Record:
    record = asdict(estimates)
    record["counts"] = {name: value for name, value in record["counts"].items() if name not in _INNER}
    return record
