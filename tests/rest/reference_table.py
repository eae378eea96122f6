"""The table of routes in docs/reference/rest.md, as the API's own description has it."""

from __future__ import annotations

from typing import Any

from countenance.doors.rest.application import rest_app
from countenance.doors.rest.description import description

# Where a route has another name than its operation, to which keys may be limited.
OPERATION_OF = {
    "change_policy": "tag_collection",
    "search_records_by_face": "search_faces_by_image",
    "list_monitor_events": "show_monitor",
    "stream_monitor_events": "show_monitor",
    "show_checkpoint": "look_at_ledger",
    "show_ledger_key": "look_at_ledger",
}


def rows() -> list[str]:
    """Return the table's rows: each route, what it does, its operation, and its own problems."""
    document = description(rest_app())
    return [
        row(method, path, operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    ]


def row(method: str, path: str, operation: dict[str, Any]) -> str:
    """Return one row."""
    name = operation["operationId"]
    queries = [each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"]
    query = f"?{'&'.join(queries)}" if queries else ""
    own = [
        status for status, each in operation["responses"].items() if status >= "400" and "$ref" not in each
    ]
    cells = (
        f"`{method.upper()} {path}{query}`",
        operation["description"].replace("\n", " "),
        f"`{OPERATION_OF.get(name, name)}`",
        ", ".join(own),
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    print("\n".join(rows()))
