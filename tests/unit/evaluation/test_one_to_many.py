"""1:N protocols: who is enrolled, who is searched for, and that endpoints give the same rates."""

from __future__ import annotations

import pytest

from countenance.errors import TooFewSubjects
from countenance.evaluation.one_to_many import (
    NOT_ENROLLED,
    choose_roles,
    measure_identification,
    study_thresholds,
)
from countenance.evaluation.threshold_study import StatedRates
from evaluated import KnownTarget, OnlyPairs, data_set

PEOPLE = [number // 3 for number in range(240)]


def test_nobody_is_searched_for_with_the_picture_that_is_enrolled() -> None:
    data = data_set(PEOPLE, copies=[(5, 4)])
    roles = choose_roles(data, seed=1)
    assert not set(roles.gallery) & set(roles.probes)
    assert 5 not in {*roles.gallery, *roles.probes}
    enrolled = {PEOPLE[sample] for sample in roles.gallery}
    assert len(enrolled) == len(roles.gallery) == 80 - int(NOT_ENROLLED * 80)
    assert len(roles.gallery) + len(roles.probes) == 239
    assert roles == choose_roles(data, seed=1)
    assert roles != choose_roles(data, seed=2)


def test_one_person_alone_cannot_be_identified() -> None:
    with pytest.raises(TooFewSubjects, match="1 subjects"):
        choose_roles(data_set([0, 0, 0]))


def test_an_endpoint_gives_the_rates_that_templates_give() -> None:
    target, data = KnownTarget(PEOPLE, noise=1.0, unseen=[0, 7]), data_set(PEOPLE)
    ours, theirs = measure_identification(target, data), measure_identification(OnlyPairs(target), data)
    assert ours.rates.ranks == theirs.rates.ranks
    assert ours.rates.at_thresholds == theirs.rates.at_thresholds
    assert ours.sizes is not None
    assert theirs.sizes is None
    whole = ours.sizes.misses[-1]
    assert whole.gallery == ours.rates.gallery
    assert whole.identified.value == pytest.approx(ours.rates.ranks[0].identified.value)


def test_false_positives_are_extrapolated_to_the_galleries_that_are_named() -> None:
    measured = measure_identification(KnownTarget(PEOPLE, noise=1.0), data_set(PEOPLE), larger=(5000,))
    assert measured.sizes is not None
    beyond = [each for each in measured.sizes.false_positives if each.gallery == 5000]
    assert len(beyond) == 4
    assert all(each.measured.value is None for each in beyond)
    assert all((each.independent.value or 0) >= 0 for each in beyond)


def test_strangers_are_searched_for_once_and_are_not_in_the_gallery() -> None:
    groups = ["odd" if person % 2 else "even" for person in range(80)]
    data = data_set(PEOPLE, groups)
    stated = StatedRates("a test", (1e-3,) * 7)
    studied = study_thresholds(KnownTarget(PEOPLE), data, stated=stated, attribute="kind", larger=(1000,))
    assert studied.study.people == 26
    searched = {PEOPLE[sample] for sample in studied.choice.probes}
    assert not searched & {PEOPLE[sample] for sample in studied.choice.gallery}
    assert studied.study.overall[0].expected == pytest.approx(26 * (1 - (1 - 1e-3) ** 54))
    assert {row.group for row in studied.study.groups} == {"even", "odd"}
    observed = [row.observed.errors or 0 for row in studied.study.overall]
    assert observed == sorted(observed, reverse=True)
