"""The form that makes an access key: what it is for, what it is limited to, and what is wrong with that."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from countenance.operations.names import OPERATIONS
from countenance.operations.texts import is_line

if TYPE_CHECKING:
    from countenance.doors.console.forms import Form

ALL = ("*",)
OWN, TESTER, ADMINISTRATOR = "own", "tester", "administrator"

_LOOKS_AT_PEOPLE = ("list_subjects", "show_subject", "list_consents", "show_consent")
_FINDS_COLLECTIONS = ("list_collections", "describe_collection", "list_tags", "show_policy")

PRESETS: dict[str, tuple[str, ...]] = {
    "gate": ("search_faces_by_image", "search_users_by_image", "detect_faces"),
    "enrolment": (
        *_FINDS_COLLECTIONS,
        "index_faces",
        "associate_faces",
        "create_user",
        "list_users",
        "list_faces",
        "detect_faces",
        "record_consent",
        "list_consents",
    ),
    "reviewer": ("list_reviews", "show_review", "vote_on_review"),
    "privacy": (
        *_FINDS_COLLECTIONS,
        *_LOOKS_AT_PEOPLE,
        "record_consent",
        "withdraw_consent",
        "erase_subject",
        "record_interaction",
        "report_*",
        "list_holds",
        "list_moratoria",
        "list_reviews",
        "show_receipt",
        "explain_decision",
        "look_at_ledger",
    ),
    "auditor": ("list_*", "show_*", "describe_*", "report_*", "get_*", "explain_*", "look_at_*", "browse_*"),
    "everything": ALL,
}
"""By what a key is for, the operations that it takes; an administrator's may govern besides."""

USES = (*PRESETS, ADMINISTRATOR, TESTER, OWN)

_OPERATION = re.compile(r"[a-z_*?]{1,64}")
_PATTERNS = {
    "collections": re.compile(r"[a-zA-Z0-9_.\-*?]{1,255}"),
    "purposes": re.compile(r"[a-z0-9\-*?]{1,64}"),
    "buckets": re.compile(r"[0-9A-Za-z.\-_*?]{1,255}"),
}
_MOST_NAME, _MOST_PATTERNS = 200, 100
_SEPARATORS = re.compile(r"[\s,]+")
_FIELDS = ("name", "use", "operations", *_PATTERNS)


@dataclass(frozen=True, slots=True)
class KeyDraft:
    """A key that is to be made.

    Attributes:
        values: the fields as they were filled in.
        problems: by field, what is wrong (``empty``, ``unknown``, ``characters``) and with which part of it.
        operations: names or patterns of what it may do.
        collections: of what it may use, and so for purposes and buckets.
        purposes: see there.
        buckets: see there.
    """

    values: dict[str, str]
    problems: dict[str, tuple[str, str]] = field(default_factory=dict)
    operations: tuple[str, ...] = ALL
    collections: tuple[str, ...] = ALL
    purposes: tuple[str, ...] = ALL
    buckets: tuple[str, ...] = ALL

    @property
    def use(self) -> str:
        """What the key is for: one of `USES`."""
        return self.values["use"]


EMPTY = KeyDraft(
    {"name": "", "use": "", "operations": "", "collections": "*", "purposes": "*", "buckets": "*"}
)


def read_draft(form: Form) -> KeyDraft:
    """Read the form; nothing raises, for what is wrong is shown beside the field."""
    values = {name: form.text(name) for name in _FIELDS}
    problems: dict[str, tuple[str, str]] = {}
    if not is_line(values["name"], _MOST_NAME):
        problems["name"] = ("empty", "")
    if values["use"] not in USES:
        problems["use"] = ("empty", "")
    operations = PRESETS.get(values["use"], ALL)
    if values["use"] == OWN:
        operations = _parts(values["operations"])
        problems |= _problem("operations", operations, _OPERATION, least=1)
        unknown = [each for each in operations if not any(fnmatchcase(name, each) for name in OPERATIONS)]
        if unknown and "operations" not in problems:
            problems["operations"] = ("unknown", unknown[0])
    limits = {name: _parts(values[name]) for name in _PATTERNS}
    for name, pattern in _PATTERNS.items():
        problems |= _problem(name, limits[name], pattern, least=0 if name == "buckets" else 1)
    return KeyDraft(values, problems, operations, **limits)


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part for part in _SEPARATORS.split(text) if part)


def _problem(
    name: str, parts: tuple[str, ...], pattern: re.Pattern[str], least: int
) -> dict[str, tuple[str, str]]:
    if not least <= len(parts) <= _MOST_PATTERNS:
        return {name: ("empty", "")}
    wrong = next((part for part in parts if pattern.fullmatch(part) is None), None)
    return {name: ("characters", wrong)} if wrong is not None else {}
