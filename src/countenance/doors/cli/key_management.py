"""The work of ``countenance keys …`` and ``countenance env``."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from rich.text import Text

from countenance.access import Role
from countenance.doors.cli.address import server_address
from countenance.doors.cli.outcomes import WrongUsage, tell
from countenance.doors.cli.records import json_line
from countenance.doors.cli.tables import new_table, stdout_console
from countenance.doors.cli.words import printable
from countenance.doors.cli.work import at_work
from countenance.errors import AccessKeyUnknown
from countenance.operations.manage_keys import (
    administrators_key,
    create_key,
    create_key_of,
    list_keys,
    revoke_key,
)
from countenance.operations.names import OPERATIONS
from countenance.settings import read_settings

if TYPE_CHECKING:
    from pathlib import Path

    from countenance.access import AccessKey

# Clients want a region; the server takes any.
REGION = "us-east-1"
_WORD_START = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a key is limited to, as the user gives it."""

    operations: str = "*"
    collections: str = "*"
    purposes: str = "*"
    buckets: str = "*"
    administrator: bool = False


def create(
    file: Path | None, data_dir: Path | None, name: str, limits: Limits, role: str | None, *, as_json: bool
) -> None:
    """Make a key and print it with its secret.

    Raises:
        WrongUsage: there is no operation of such a name, or limits are given beside a role.
    """
    if role is not None and limits != Limits():
        raise WrongUsage("a role says what a key is limited to; give either --role or limits")
    allowed = tuple(_operation(each) for each in _listed(limits.operations))
    with at_work(file, data_dir) as work:
        if role is not None:
            key = create_key_of(work.act, Role(role), name)
        else:
            key = create_key(
                work.act,
                name,
                operations=allowed,
                collections=_listed(limits.collections),
                purposes=_listed(limits.purposes),
                buckets=_listed(limits.buckets),
                administrator=limits.administrator,
            )
    if as_json:
        print(json_line(_record(key) | {"secret_access_key": key.secret}))
        return
    print(f"access key id      {key.key_id}\nsecret access key  {key.secret}")
    if role is not None:
        print(f"collections        {', '.join(key.collections)}")
    tell("the secret is not shown again; `countenance env --key ID` prints it as exports")


def show_list(file: Path | None, data_dir: Path | None, *, as_json: bool) -> None:
    """Print all keys."""
    with at_work(file, data_dir) as work:
        keys = list_keys(work.office.store, work.act)
    if as_json:
        for key in keys:
            print(json_line(_record(key)))
        return
    console = stdout_console()
    table = new_table(console)
    for column in ("id", "name", "operations", "collections", "purposes", "buckets", "created", "state"):
        table.add_column(column)
    for key in keys:
        state = "revoked" if key.revoked_at else "administrator" if key.administrator else "valid"
        cells = (
            key.key_id,
            key.name,
            ", ".join(key.operations),
            ", ".join(key.collections),
            ", ".join(key.purposes),
            ", ".join(key.buckets),
        )
        created = key.created_at.strftime("%Y-%m-%d %H:%M")
        table.add_row(*(Text(printable(cell)) for cell in cells), created, state)
    console.print(table)


def revoke(file: Path | None, data_dir: Path | None, key_id: str) -> None:
    """Make a key worthless."""
    with at_work(file, data_dir) as work:
        revoke_key(work.act, key_id)
    tell(f"{key_id} is revoked")


def print_exports(file: Path | None, data_dir: Path | None, key_id: str | None) -> None:
    """Print four exports; nothing is written anywhere.

    Raises:
        AccessKeyUnknown: there is no such key, or it is revoked.
    """
    settings = read_settings(file, data_dir=data_dir)
    with at_work(file, data_dir) as work:
        if key_id is None:
            key = administrators_key(work.office.store, work.act)
        else:
            keys = list_keys(work.office.store, work.act)
            valid = {each.key_id: each for each in keys if each.revoked_at is None}
            if key_id not in valid:
                raise AccessKeyUnknown(f"there is no valid access key {key_id}; see countenance keys list")
            key = valid[key_id]
    print(f"export AWS_ACCESS_KEY_ID={shlex.quote(key.key_id)}")
    print(f"export AWS_SECRET_ACCESS_KEY={shlex.quote(key.secret)}")
    # boto3 and the AWS CLI read the second name of the region; other SDKs, the first.
    print(f"export AWS_REGION={REGION} AWS_DEFAULT_REGION={REGION}")
    print(f"export AWS_ENDPOINT_URL_REKOGNITION={shlex.quote(server_address(settings))}")


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _operation(name: str) -> str:
    """Return an operation's name or pattern as operations know it: IndexFaces is index_faces."""
    pattern = _WORD_START.sub("_", name).lower()
    if not any(fnmatchcase(operation, pattern) for operation in OPERATIONS):
        raise WrongUsage(f"there is no operation {name}; there are {', '.join(OPERATIONS)}")
    return pattern


def _record(key: AccessKey) -> dict[str, Any]:
    return {
        "access_key_id": key.key_id,
        "name": key.name,
        "operations": list(key.operations),
        "collections": list(key.collections),
        "purposes": list(key.purposes),
        "buckets": list(key.buckets),
        "administrator": key.administrator,
        "created_at": key.created_at.isoformat(),
        "revoked_at": key.revoked_at.isoformat() if key.revoked_at else None,
    }
