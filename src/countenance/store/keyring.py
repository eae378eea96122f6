"""The master keys that seal all other keys, and where they come from: a file, the environment, a command.

A keyring holds one current key, with which things are sealed, and older ones, with which they can still be
opened until a rotation has sealed them anew.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import json
import os
import secrets
import shlex
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from countenance.errors import MasterKeyInvalid
from countenance.store.private_files import check_private, make_durable, write_private

if TYPE_CHECKING:
    from pathlib import Path

KEY_BYTES = 32
_COMMAND_SECONDS = 30


@dataclass(frozen=True, slots=True)
class MasterKey:
    """One generation; ``retired_at`` says since when it seals nothing new."""

    key_id: str
    key: bytes = field(repr=False)
    created_at: datetime
    retired_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Keyring:
    """All generations; exactly one is not retired."""

    keys: tuple[MasterKey, ...]

    @property
    def current(self) -> MasterKey:
        """The key that seals."""
        return next(key for key in self.keys if key.retired_at is None)

    def rotated(self, now: datetime) -> Keyring:
        """Return a keyring with a new current key; the others are kept, retired."""
        retired = tuple(
            key if key.retired_at else MasterKey(key.key_id, key.key, key.created_at, now)
            for key in self.keys
        )
        return Keyring((*retired, new_master_key(now)))

    def to_json(self) -> str:
        """Return the keyring as `parse_keyring` reads it."""
        return json.dumps(
            {
                "keys": [
                    {
                        "id": key.key_id,
                        "key": base64.b64encode(key.key).decode(),
                        "created_at": key.created_at.isoformat(),
                        "retired_at": key.retired_at.isoformat() if key.retired_at else None,
                    }
                    for key in self.keys
                ]
            },
            indent=2,
        )


class KeyringSource(Protocol):
    """Where a keyring comes from."""

    def make(self) -> None:
        """Make a keyring for a new database where there is none yet, if that is possible here."""

    def load(self) -> Keyring:
        """Read the keyring; raises MasterKeyInvalid."""

    def stamp(self) -> object:
        """Return something that is another when the keyring may have changed; cheap."""


class FileKeyring:
    """A file that only its owner may read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def make(self) -> None:
        """Make the file with a random key, unless it is there.

        Raises:
            MasterKeyInvalid: the file cannot be written.
        """
        if self._path.exists():
            return
        fresh = self._path.with_name(f"{self._path.name}.{secrets.token_hex(4)}")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(fresh, Keyring((new_master_key(datetime.now(UTC)),)).to_json().encode())
            # Unlike a rename this never replaces what another process just made.
            with contextlib.suppress(FileExistsError):
                os.link(fresh, self._path)
            fresh.unlink()
            make_durable(self._path.parent)
        except OSError as error:
            raise MasterKeyInvalid(f"the master key {self._path} cannot be written: {error}") from error

    def load(self) -> Keyring:
        """Read the keyring.

        Raises:
            MasterKeyInvalid: there is no file, others than the owner may read it, or it holds no keyring.
        """
        try:
            check_private(self._path, "the master key")
            return parse_keyring(self._path.read_text(encoding="ascii"), str(self._path))
        except (OSError, UnicodeDecodeError) as error:
            raise MasterKeyInvalid(f"the master key {self._path} cannot be read: {error}") from error

    def stamp(self) -> object:
        """Return the file's identity and time of change."""
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_ino, status.st_mtime_ns

    def replace(self, keyring: Keyring) -> None:
        """Put another keyring into the file's place, whole or not at all.

        Raises:
            MasterKeyInvalid: the file cannot be written.
        """
        fresh = self._path.with_name(f"{self._path.name}.{secrets.token_hex(4)}")
        try:
            write_private(fresh, keyring.to_json().encode())
            fresh.replace(self._path)
            make_durable(self._path.parent)
        except OSError as error:
            fresh.unlink(missing_ok=True)
            raise MasterKeyInvalid(f"the master key {self._path} cannot be written: {error}") from error


class ValueKeyring:
    """A key or keyring given as text, as in an environment variable."""

    def __init__(self, text: str) -> None:
        self._text = text

    def make(self) -> None:
        """Do nothing: whoever gives the value makes it."""

    def load(self) -> Keyring:
        """Read the text; raises MasterKeyInvalid."""
        return parse_keyring(self._text, "the master key given as a value")

    def stamp(self) -> object:
        """Return nothing: a value never changes."""
        return None


class CommandKeyring:
    """A key or keyring that a command prints: the way to any key management service."""

    def __init__(self, command: str) -> None:
        self._command = command

    def make(self) -> None:
        """Do nothing: what answers the command makes it."""

    def load(self) -> Keyring:
        """Run the command and read what it prints; raises MasterKeyInvalid."""
        try:
            arguments = shlex.split(self._command)
            if not arguments:
                raise MasterKeyInvalid("the master key's command is empty")
            done = subprocess.run(  # noqa: S603 - the operator's own setting
                arguments,
                capture_output=True,
                text=True,
                timeout=_COMMAND_SECONDS,
                check=True,
            )
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            # Neither the command's output nor its arguments are told: they may hold the key.
            raise MasterKeyInvalid(f"the master key's command failed ({type(error).__name__})") from None
        return parse_keyring(done.stdout, "what the master key's command printed")

    def stamp(self) -> object:
        """Return nothing: the command is run again only when a key is missing."""
        return None


def parse_keyring(text: str, where: str) -> Keyring:
    """Read a keyring in JSON, or a single key of 32 bytes in base64 or hexadecimal.

    Raises:
        MasterKeyInvalid: it is neither.
    """
    text = text.strip()
    try:
        if text.startswith("{"):
            return _from_json(text)
        key = bytes.fromhex(text) if len(text) == 2 * KEY_BYTES else base64.b64decode(text, validate=True)
        if len(key) == KEY_BYTES:
            return Keyring((MasterKey(_fingerprint(key), key, datetime.fromtimestamp(0, UTC)),))
    except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
        pass
    raise MasterKeyInvalid(
        f"{where} is neither a keyring nor a key of {KEY_BYTES} bytes in base64 or hexadecimal"
    )


def new_key() -> bytes:
    """Return a random key."""
    return secrets.token_bytes(KEY_BYTES)


def new_master_key(now: datetime) -> MasterKey:
    """Make a random key."""
    key = new_key()
    return MasterKey(_fingerprint(key), key, now)


def _from_json(text: str) -> Keyring:
    keys = tuple(
        MasterKey(
            str(entry["id"])[:64],
            base64.b64decode(entry["key"], validate=True),
            _time(entry["created_at"]),
            _time(entry["retired_at"]) if entry.get("retired_at") else None,
        )
        for entry in json.loads(text)["keys"]
    )
    if sum(key.retired_at is None for key in keys) != 1 or any(len(key.key) != KEY_BYTES for key in keys):
        raise ValueError("one current key is needed, and 32 bytes in each")
    return Keyring(keys)


def _time(text: str) -> datetime:
    """Read a time; one without a zone is UTC."""
    time = datetime.fromisoformat(text)
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)


def _fingerprint(key: bytes) -> str:
    return hashlib.sha256(b"countenance master key id" + key).hexdigest()[:16]
