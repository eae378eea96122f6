"""Whatever a request's body holds, it is a form or it is refused, and nothing of it touches a disk."""

from __future__ import annotations

import tempfile
from pathlib import Path

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from countenance.doors.console.forms import Form, form_of
from countenance.errors import FormInvalid

PIECES = (
    b"--x",
    b"--x--",
    b"\r\n",
    b"\n",
    b"\r\n\r\n",
    b'Content-Disposition: form-data; name="a"',
    b'Content-Disposition: form-data; name="a"; filename="b.jpg"',
    b"Content-Disposition: form-data; name=\"a\"; filename*=utf-16''%FF",
    b"Content-Type: image/jpeg",
    b"Content-Transfer-Encoding: base64",
    b"a=b",
    b"&",
    b"%",
    b";",
    b'"',
    b"\xff",
    b"\0",
)
KINDS = (
    "multipart/form-data; boundary=x",
    "multipart/form-data; boundary=x; charset=utf-16",
    'multipart/form-data; boundary="',
    "multipart/form-data",
    "application/x-www-form-urlencoded",
)


def read(kind: str, body: bytes) -> Form:
    return anyio.run(form_of, Headers({"content-type": kind}), body)


@given(
    body=st.binary(max_size=300) | st.lists(st.sampled_from(PIECES), max_size=30).map(b"".join),
    kind=st.sampled_from(KINDS)
    | st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=60),
)
def test_whatever_is_sent_is_a_form_or_refused_as_none(kind: str, body: bytes) -> None:
    try:
        form = read(kind, body)
    except FormInvalid:
        return
    assert isinstance(form, Form)


def test_a_form_keeps_what_was_typed_and_the_first_of_files_with_one_name() -> None:
    parts = (
        ('name="note"', b"  the same scar\r\nabove the eye "),
        ('name="each"', b"one"),
        ('name="each"', b"two"),
        ('name="picture"; filename="../../me.jpg"', b"\xff\xd8first"),
        ('name="picture"; filename="other.jpg"', b"second"),
        ('name="evidence"; filename=""', b""),
    )
    body = b"".join(
        b"--x\r\nContent-Disposition: form-data; " + about.encode() + b"\r\n\r\n" + content + b"\r\n"
        for about, content in parts
    )
    form = read("multipart/form-data; boundary=x", body + b"--x--\r\n")
    assert form.text("note") == "the same scar\r\nabove the eye"
    assert form.texts("each") == ["one", "two"]
    assert form.checked("each")
    assert not form.checked("others")
    picture = form.file("picture")
    assert picture is not None
    assert (picture.name, picture.content) == ("../../me.jpg", b"\xff\xd8first")
    assert form.file("evidence") is None  # as browsers send it where no file was chosen


def test_a_large_file_is_never_written_to_a_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "there-is-none"))
    content = b"x" * 6_000_000
    head = b'--x\r\nContent-Disposition: form-data; name="picture"; filename="a"\r\n\r\n'
    upload = read("multipart/form-data; boundary=x", head + content + b"\r\n--x--\r\n").file("picture")
    assert upload is not None
    assert upload.content == content
