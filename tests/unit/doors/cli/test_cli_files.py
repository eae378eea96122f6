"""Files that a user names are read up to a limit, and written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from countenance.doors.cli.files import (
    FileNotWritten,
    check_target,
    read_content,
    read_words,
    whole_file,
    write_content,
)
from countenance.doors.cli.outcomes import WrongUsage


def test_a_file_of_just_the_limit_is_read_and_one_byte_more_is_not(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"12345")
    assert read_content(file, 5) == b"12345"
    with pytest.raises(WrongUsage, match="file is too large; the limit is 4 bytes"):
        read_content(file, 4)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there is no endless file")
def test_a_file_without_an_end_is_read_up_to_the_limit() -> None:
    with pytest.raises(WrongUsage, match="/dev/zero is too large"):
        read_content(Path("/dev/zero"), 1_000)


def test_what_cannot_be_read_is_wrong_usage(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent", tmp_path / "x\0y"):
        with pytest.raises(WrongUsage, match="cannot be read: "):
            read_content(path, 10)


def test_text_is_utf8(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes("Tür\r\n".encode())
    assert read_words(file, 10) == "Tür\r\n"
    file.write_bytes("Tür".encode("latin-1"))
    with pytest.raises(WrongUsage, match="is not UTF-8 text"):
        read_words(file, 10)


def test_a_file_is_replaced_and_may_be_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("before")
    write_content(file, b"after", private=True)
    assert file.read_bytes() == b"after"
    assert os.name == "nt" or file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_cannot_be_finished_leaves_the_one_that_was_there(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("before")
    with pytest.raises(TypeError), whole_file(file) as writing:
        writing.write(b"aft" + "er")  # type: ignore[operator]
    assert file.read_text() == "before"
    assert list(tmp_path.iterdir()) == [file]


def test_what_is_no_place_for_a_file_is_told_beforehand(tmp_path: Path) -> None:
    for target in (tmp_path, Path(), Path(os.devnull)):
        with pytest.raises(WrongUsage, match="is no file"):
            check_target(target)
    with pytest.raises(WrongUsage, match="there is no folder"):
        check_target(tmp_path / "absent" / "file")


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(FileNotWritten, match="file cannot be written: No space left on device"):
        write_content(tmp_path / "file", b"content")
