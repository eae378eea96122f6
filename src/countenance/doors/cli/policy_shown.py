"""The work of ``countenance policy …``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from countenance.doors.cli.governance_records import policy_record
from countenance.doors.cli.outcomes import tell
from countenance.doors.cli.records import json_line
from countenance.doors.cli.tables import print_rows
from countenance.doors.cli.work import at_work
from countenance.operations.show_policy import show_policy

if TYPE_CHECKING:
    from pathlib import Path


def show(file: Path | None, data_dir: Path | None, collection_id: str, *, as_json: bool) -> None:
    """Print the policy of a collection."""
    with at_work(file, data_dir) as work:
        policy = show_policy(work.act, collection_id)
    if as_json:
        print(json_line(policy_record(collection_id, policy)))
        return
    print_rows(
        ("line", "value", "set by", "law"),
        [(line.name, line.value, line.origin, line.law) for line in policy.lines],
    )
    if policy.undeclared:
        tell(f"faces are used once these tags are declared: {', '.join(policy.undeclared)}")
