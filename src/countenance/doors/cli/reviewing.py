"""The work of ``countenance review …``."""

from __future__ import annotations

import getpass
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from countenance.access import verify_bearer
from countenance.doors.cli.files import check_target, write_content
from countenance.doors.cli.governance_records import review_record
from countenance.doors.cli.outcomes import WrongUsage, tell
from countenance.doors.cli.records import json_line
from countenance.doors.cli.tables import print_facts, print_rows
from countenance.doors.cli.words import percent, printable, time_in_words
from countenance.doors.cli.work import at_work, opened_office
from countenance.errors import AccessError, NotPermitted
from countenance.operations.review_answers import (
    ReviewState,
    Verdict,
    list_reviews,
    show_review,
    vote_on_review,
)

if TYPE_CHECKING:
    from pathlib import Path

    from countenance.access import AccessKey, KeyStore
    from countenance.doors.cli.work import Work
    from countenance.governance import Review

SECRET_VARIABLE = "COUNTENANCE_SECRET_ACCESS_KEY"  # noqa: S105 - its name, not its value
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Ballot:
    """A vote as the user gives it."""

    review_id: str
    verdict: str
    candidate_id: str | None
    note: str


def show_list(file: Path | None, data_dir: Path | None, state: str | None, *, as_json: bool) -> None:
    """Print reviews."""
    with at_work(file, data_dir) as work:
        reviews = _all(work, ReviewState(state) if state is not None else None)
    if as_json:
        for review in reviews:
            print(json_line(review_record(review)))
        return
    print_rows(
        ("id", "collection", "state", "asked", "asked by", "people", "candidates"),
        [
            (
                review.review_id,
                review.collection_id,
                review.state,
                time_in_words(review.created_at),
                review.asked_by,
                review.mode,
                len(review.candidates),
            )
            for review in reviews
        ],
    )


def show(
    file: Path | None,
    data_dir: Path | None,
    review_id: str,
    probe_out: Path | None,
    portraits_out: Path | None,
    *,
    as_json: bool,
) -> None:
    """Print a review; the pictures of who was searched for and found go into files or nowhere.

    Raises:
        WrongUsage: there is no picture that could be written.
    """
    if probe_out is not None:
        check_target(probe_out)
    with at_work(file, data_dir) as work:
        shown = show_review(work.office.gallery, work.act, review_id)
    review, probe = shown.review, shown.probe
    if as_json:
        print(json_line(review_record(review)))
    else:
        _print(review)
    if probe_out is not None:
        if probe is None:
            raise WrongUsage(f"the review {review_id} has no picture, or has been decided")
        write_content(probe_out, probe, private=True)
        tell(f"the picture of who was searched for is in {probe_out}")
    if portraits_out is not None:
        portraits_out.mkdir(mode=0o700, parents=True, exist_ok=True)
        for place, candidate in enumerate(review.candidates, start=1):
            if candidate.candidate_id in shown.portraits:
                portrait = portraits_out / f"candidate-{place}.jpg"
                write_content(portrait, shown.portraits[candidate.candidate_id], private=True)
        tell(f"{len(shown.portraits)} pictures of who was found are in {portraits_out}")


def vote(file: Path | None, data_dir: Path | None, ballot: Ballot, key_id: str) -> None:
    """Vote with an access key.

    Raises:
        WrongUsage: nobody can be asked for the secret.
        NotPermitted: there is no such key, or its secret is another.
    """
    secret = _secret_of(key_id)
    with opened_office(file, data_dir) as office:
        key = _verified(office.store, key_id, secret)
        with office.register.act(key) as act:
            review = vote_on_review(
                act,
                ballot.review_id,
                Verdict(ballot.verdict),
                candidate_id=ballot.candidate_id,
                note=ballot.note,
            )
    missing = "; another person must vote, too" if review.state is ReviewState.OPEN else ""
    tell(f"the vote is counted and the review is {review.state}{missing}")


def _all(work: Work, state: ReviewState | None) -> list[Review]:
    reviews: list[Review] = []
    after_key: int | None = 0
    while after_key is not None:
        page = list_reviews(work.act, state=state, most=_PAGE, after_key=after_key)
        reviews += page.items
        after_key = page.next_after
    return reviews


def _print(review: Review) -> None:
    print_facts(
        {
            "review": review.review_id,
            "collection": review.collection_id,
            "request": review.request_id,
            "asked": f"{time_in_words(review.created_at)} by {review.asked_by}: {review.operation}",
            "people": review.mode,
            "state": review.state,
            "decided": time_in_words(review.decided_at),
        }
    )
    print_rows(
        ("candidate", "similarity", "external image id", "user"),
        [
            (each.candidate_id, percent(each.similarity_percent), each.external_image_id, each.user_id)
            for each in review.candidates
        ],
    )
    if review.votes:
        print_rows(
            ("voter", "vote", "candidate", "when", "note"),
            [
                (each.voter, each.verdict, each.candidate_id, time_in_words(each.voted_at), each.note)
                for each in review.votes
            ],
        )


def _secret_of(key_id: str) -> str:
    given = os.environ.get(SECRET_VARIABLE)
    if given:
        return given
    if not sys.stdin.isatty():
        raise WrongUsage(f"put the secret of the access key {key_id} into {SECRET_VARIABLE}")
    try:
        return getpass.getpass(f"secret access key of {printable(key_id)}: ")
    except EOFError:
        raise WrongUsage("no secret was given") from None


def _verified(keys: KeyStore, key_id: str, secret: str) -> AccessKey:
    try:
        return verify_bearer(f"Bearer {key_id}.{secret}", keys.key)
    except AccessError:
        raise NotPermitted(f"there is no valid access key {key_id} with this secret") from None
