"""Webhooks: signed, to the operator's own addresses, and taken only when somebody says so."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from countenance.errors import NotificationFailed, NotificationRefused, SettingsInvalid
from countenance.notices import Channels, Notice, SnsTopics, Webhooks
from receiving import SECRET, Receiver, receiving, signature
from serving import free_port

BODY = {"JobId": "4711", "Status": "SUCCEEDED"}
TOPIC = "arn:aws:sns:eu-west-1:123456789012:videos"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as started:
        yield started


def test_a_notice_arrives_with_a_signature_that_its_receiver_can_check(receiver: Receiver) -> None:
    Webhooks({"door": receiver.url}, SECRET).send(Notice("n-1", "door", BODY))
    ((path, headers, body),) = receiver.requests
    assert (path, receiver.bodies()) == ("/hook", [BODY])
    assert headers["content-type"] == "application/json"
    assert headers["webhook-id"] == "n-1"
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    assert headers["webhook-signature"] == signature(headers, body)
    assert headers["webhook-signature"] != signature(headers, body + b" ")


@pytest.mark.parametrize("status", [304, 400, 410, 500, 503])
def test_whoever_does_not_say_that_he_has_it_has_it_not(receiver: Receiver, status: int) -> None:
    receiver.status = status
    with pytest.raises(NotificationFailed, match=f"answered with the status {status}"):
        Webhooks({"door": receiver.url}, SECRET).send(Notice("n-1", "door", BODY))


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirection_is_followed(receiver: Receiver, status: int) -> None:
    with receiving() as elsewhere:
        receiver.status, receiver.redirect_to = status, elsewhere.url
        with pytest.raises(NotificationFailed, match=f"status {status}"):
            Webhooks({"door": receiver.url}, SECRET).send(Notice("n-1", "door", BODY))
    assert elsewhere.requests == []


def test_who_does_not_listen_cannot_be_reached() -> None:
    hooks = Webhooks({"door": f"http://127.0.0.1:{free_port()}/"}, SECRET)
    with pytest.raises(NotificationFailed, match="cannot be reached"):
        hooks.send(Notice("n-1", "door", BODY))


def test_a_name_that_nobody_gave_is_refused(receiver: Receiver) -> None:
    with pytest.raises(NotificationRefused, match="no webhook window"):
        Webhooks({"door": receiver.url}, SECRET).send(Notice("n-1", "window", BODY))


@pytest.mark.parametrize(
    "secret", ["", "whsec_", "whsec_c2hvcnQ=", "whsec_no base64", SECRET.removeprefix("whsec_")]
)
def test_a_secret_that_anybody_could_guess_is_refused(secret: str) -> None:
    with pytest.raises(SettingsInvalid, match="openssl rand -base64 32"):
        Webhooks({}, secret)


@pytest.mark.parametrize("address", ["ftp://here/", "/etc/passwd", "file:///etc/passwd", ""])
def test_an_address_that_is_not_of_http_is_refused(address: str) -> None:
    with pytest.raises(SettingsInvalid, match="the address of door must begin with http"):
        Webhooks({"door": address}, SECRET)


def test_a_webhook_stands_for_the_topic_whose_name_it_has(receiver: Receiver) -> None:
    nobody = SnsTopics(f"http://127.0.0.1:{free_port()}/")
    channels = Channels(Webhooks({TOPIC: receiver.url}, SECRET), nobody)
    channels.require(TOPIC)
    channels.send(Notice("n-1", TOPIC, BODY))
    assert receiver.bodies() == [BODY]


@pytest.mark.parametrize(
    "channels",
    [
        Channels(None, None),
        Channels(Webhooks({}, SECRET), None),
        Channels(Webhooks({"arn:aws:sns:eu-west-1:123456789012:other": "http://here/"}, SECRET), None),
    ],
)
def test_what_nothing_is_configured_for_is_refused_at_once(channels: Channels) -> None:
    with pytest.raises(NotificationRefused, match=r"name a webhook for it in \[webhooks\], or set sns"):
        channels.require(TOPIC)


@pytest.mark.parametrize("channel", ["videos", "arn:aws:sqs:eu-west-1:123456789012:q", f"{TOPIC}\n", "arn:"])
def test_what_is_no_topic_does_not_go_to_sns(channel: str) -> None:
    topics = SnsTopics("http://127.0.0.1:1/")
    with pytest.raises(NotificationRefused):
        Channels(None, topics).require(channel)
    with pytest.raises(NotificationRefused, match="not the ARN"):
        topics.send(Notice("n-1", channel, BODY))
