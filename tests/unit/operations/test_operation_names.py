"""The operations that a key may be limited to are those that ask the caller's key."""

from __future__ import annotations

import re
from pathlib import Path

import countenance.operations
from countenance.operations.names import OPERATIONS


def test_the_names_are_all_that_operations_ask_a_key_for() -> None:
    (folder,) = countenance.operations.__path__
    asked = {
        name
        for file in Path(folder).rglob("*.py")
        for name in re.findall(
            r"(?:act\.permit\(\s*|permitted_monitor\([^\"]*)\"(\w+)\"", file.read_text("utf-8")
        )
    }
    assert asked == set(OPERATIONS)
