"""Pictures are fetched from allowed hosts only, wherever an address, name or redirection tries to lead."""

from __future__ import annotations

import gzip
import socket
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from countenance.archive.addresses import AllowedHosts, HostPattern, is_public
from countenance.archive.fetching import Fetcher
from countenance.errors import (
    CountenanceError,
    FetchFailed,
    FetchRefused,
    ImageNotReadable,
    ImageTooLarge,
    SettingsInvalid,
)
from local_web import Answer, answering, web

MOST = 100_000


def fetch(url: str, *private: str, hosts: tuple[str, ...] = (), seconds: float = 5.0) -> bytes:
    return Fetcher(AllowedHosts(hosts, private), seconds).fetch(url, MOST)


def test_a_picture_of_an_allowed_host_is_fetched() -> None:
    with web(answering(b"crew")) as (host, asked):
        assert fetch(f"http://{host}/a%20b.jpg?x=1#part", host) == b"crew"
        assert asked == ["/a%20b.jpg?x=1"]


def test_a_host_that_is_not_in_the_list_is_not_asked() -> None:
    with web(answering()) as (host, asked):
        for allowed in ((), ("media.example.org",), ("127.0.0.1",)):
            with pytest.raises(FetchRefused, match="--allow-host"):
                fetch(f"http://{host}/a.jpg", *allowed)
        assert asked == []


def test_a_host_of_ones_own_network_takes_the_explicit_list() -> None:
    with web(answering()) as (host, asked):
        with pytest.raises(FetchRefused, match="--allow-private-host"):
            fetch(f"http://{host}/a.jpg", hosts=(host,))
        assert asked == []


@pytest.mark.parametrize(
    "name",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0.0.0.0",  # noqa: S104 - an address to refuse
        "localhost",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "10.0.0.1",
        "192.168.1.1",
        "172.16.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "[fe80::1]",
        "[fd00::1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "224.0.0.1",
    ],
)
def test_no_address_that_is_not_public_is_connected_to_though_its_host_is_allowed(name: str) -> None:
    with pytest.raises((FetchRefused, FetchFailed)) as refused:
        fetch(f"http://{name}/a.jpg", hosts=(name,))
    assert "not public" in str(refused.value) or "resolved" in str(refused.value)


def test_a_name_that_leads_elsewhere_the_second_time_leads_nowhere_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """DNS rebinding: the first answer is the one that is checked, and the one that is connected to."""
    with web(answering(b"public")) as (host, _), web(answering(b"secret")) as (inner, asked):
        real, names = socket.getaddrinfo, list[str]()
        ports = [int(each.split(":")[1]) for each in (host, inner)]

        def resolve(name: Any, *place: Any, **more: Any) -> Any:
            if name != "rebound.example":
                return real(name, *place, **more)
            names.append(name)
            return real("127.0.0.1", ports[min(len(names), 2) - 1], **more)

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        assert fetch(f"http://rebound.example:{ports[0]}/a.jpg", f"rebound.example:{ports[0]}") == b"public"
        assert len(names) == 1
        assert asked == []


def redirecting(location: str) -> Answer:
    return answering(b"", 302, Location=location)


def test_a_redirection_is_checked_like_the_first_address() -> None:
    with web(answering(b"secret")) as (secret, asked):
        for location in (f"http://{secret}/a.jpg", f"//{secret}/a.jpg", f"http://127.0.0.1@{secret}/a.jpg"):
            with web(redirecting(location)) as (host, _), pytest.raises(FetchRefused):
                fetch(f"http://{host}/a.jpg", host)
        assert asked == []


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "ftp://host/a",
        "gopher://host/",
        "javascript:x",
        "http://",
        "http://[::1",
        "\\\\host",
    ],
)
def test_a_redirection_to_another_kind_of_address_is_refused(location: str) -> None:
    with web(redirecting(location)) as (host, _), pytest.raises(CountenanceError):
        fetch(f"http://{host}/a.jpg", host)


def test_redirections_to_allowed_places_are_followed_and_counted() -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        left = int(request.path[1:])
        (answering(b"there") if not left else redirecting(f"/{left - 1}"))(request)

    with web(answer) as (host, asked):
        assert fetch(f"http://{host}/5", host) == b"there"
        with pytest.raises(FetchRefused, match="more than 5 times"):
            fetch(f"http://{host}/7", host)
        assert len(asked) == 12


def test_credentials_in_an_address_are_refused() -> None:
    with web(answering()) as (host, asked), pytest.raises(FetchRefused, match="credentials"):
        fetch(f"http://user:secret@{host}/a.jpg", host)
    assert asked == []


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, ImageNotReadable),
        (403, ImageNotReadable),
        (410, ImageNotReadable),
        (500, FetchFailed),
        (503, FetchFailed),
        (429, FetchFailed),
    ],
)
def test_a_server_that_may_answer_later_is_told_from_one_that_has_no_such_picture(
    status: int, kind: type[CountenanceError]
) -> None:
    with web(answering(b"", status)) as (host, _), pytest.raises(kind, match=str(status)):
        fetch(f"http://{host}/a.jpg", host)


def test_a_host_that_nobody_answers_at_may_work_later() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(FetchFailed):
            fetch(f"http://{host}/a.jpg", host)


@pytest.mark.parametrize("claimed", [str(MOST + 1), "9" * 5000, None])
def test_more_bytes_than_allowed_are_not_read(claimed: str | None) -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        if claimed is not None:
            request.send_header("Content-Length", claimed)
        request.end_headers()
        with suppress(OSError):
            request.wfile.write(bytes(4 * MOST))

    with web(answer) as (host, _), pytest.raises(ImageTooLarge):
        fetch(f"http://{host}/a.jpg", host)


def test_what_is_compressed_is_not_unfolded() -> None:
    packed = gzip.compress(bytes(50_000_000))
    with web(answering(packed, Content_Encoding="gzip")) as (host, _):
        assert fetch(f"http://{host}/a.jpg", host) == packed


def test_an_answer_that_is_cut_off_is_no_picture() -> None:
    with web(answering(b"half", Content_Length="8")) as (host, _), pytest.raises(FetchFailed):
        fetch(f"http://{host}/a.jpg", host)


@pytest.mark.parametrize("where", ["headers", "body"])
def test_a_server_that_answers_byte_by_byte_is_not_waited_for(where: str) -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        if where == "body":
            request.send_response(200)
            request.end_headers()
        with suppress(OSError):
            for _ in range(100):
                request.wfile.write(b"H")
                request.wfile.flush()
                time.sleep(0.05)

    with web(answer) as (host, _):
        began = time.monotonic()
        with pytest.raises(FetchFailed, match=r"longer than 0\.3 s"):
            fetch(f"http://{host}/a.jpg", host, seconds=0.3)
        assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("pattern", "host", "port", "covered"),
    [
        ("media.example.org", "media.example.org", 443, True),
        ("Media.Example.org.", "media.example.org", 443, True),
        ("media.example.org", "media.example.org", 8443, False),
        ("media.example.org:8443", "media.example.org", 8443, True),
        ("media.example.org", "evilmedia.example.org", 443, False),
        ("media.example.org", "media.example.org.evil.net", 443, False),
        ("*.example.org", "media.example.org", 443, True),
        ("*.example.org", "a.b.example.org", 443, True),
        ("*.example.org", "example.org", 443, False),
        ("*.example.org", "evilexample.org", 443, False),
        ("[::1]:8080", "::1", 8080, True),
    ],
)
def test_a_pattern_covers_its_hosts_and_no_others(pattern: str, host: str, port: int, covered: bool) -> None:
    assert HostPattern.parse(pattern).covers("https", host, port) is covered


@pytest.mark.parametrize(
    "pattern", ["", "*", "*.", "a b", "http://a", "a/b", "a:0", "a:99999", "a:x", "a*b", "**.a"]
)
def test_what_is_no_host_is_refused(pattern: str) -> None:
    with pytest.raises(SettingsInvalid):
        AllowedHosts([pattern])


@given(st.ip_addresses(v=4))
def test_an_address_within_another_is_as_public_as_itself(address: object) -> None:
    plain = ip_address(str(address))
    number = int(plain)
    for wrapped in (f"::ffff:{plain}", f"64:ff9b::{plain}", ip_address((0x2002 << 112) | (number << 80))):
        assert not is_public(ip_address(str(wrapped))) or is_public(plain)
    assert is_public(ip_address("93.184.216.34"))
    assert is_public(ip_address("2606:2800:220:1::1"))
