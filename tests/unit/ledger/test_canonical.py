"""An entry's bytes are those of RFC 8785, as another implementation writes them."""

from __future__ import annotations

import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from countenance.ledger import canonical, in_hundredths

TEXT = st.text(st.characters(codec="utf-8"))
NAMES = st.text(st.characters(codec="ascii"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner),
    max_leaves=20,
)


@given(record=st.dictionaries(NAMES, VALUES))
def test_the_form_is_the_rfcs(record: dict[str, object]) -> None:
    written = canonical(record)  # type: ignore[arg-type]
    assert written == rfc8785.dumps(record)  # type: ignore[arg-type]
    assert json.loads(written) == record


@pytest.mark.parametrize("value", [0.5, float("nan"), b"bytes", {1}, "\ud800"])
def test_what_has_no_canonical_form_here_is_refused(value: object) -> None:
    for record in ({"a": value}, {"a": [{"b": value}]}):
        with pytest.raises(ValueError, match=r"recorded|surrogates"):
            canonical(record)  # type: ignore[arg-type]


def test_fractions_are_written_as_text_with_two_decimals() -> None:
    assert [in_hundredths(value) for value in (80, 99.929, 0.001)] == ["80.00", "99.93", "0.00"]
