"""Webhooks: notices as signed HTTP requests, in the manner of the Standard Webhooks specification.

https://github.com/standard-webhooks/standard-webhooks: the headers ``webhook-id``, ``webhook-timestamp`` and
``webhook-signature``, which is ``v1,`` and the base64 of HMAC-SHA256 over ``id.timestamp.body``. Whoever gets
one checks it with a library for that specification, or in three lines.
"""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
import hmac
import json
import time
from typing import TYPE_CHECKING, Any

from countenance.errors import NotificationFailed, NotificationRefused, SettingsInvalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from countenance.notices.values import Notice

_CONNECT_SECONDS = 5
_ANSWER_SECONDS = 10
_PREFIX = "whsec_"
_LEAST_SECRET_BYTES = 24
_SUCCESS = range(200, 300)


class Webhooks:
    """Sends notices to the addresses that an operator chose; no request leads anywhere else.

    Args:
        addresses: by name, or by the ARN of an SNS topic that the webhook stands for, an address.
        secret: signs what is sent: ``whsec_`` and the base64 of 24 bytes or more.

    Raises:
        SettingsInvalid: the secret is none, or an address is not of HTTP.
    """

    def __init__(self, addresses: Mapping[str, str], secret: str) -> None:
        self._addresses = dict(addresses)
        self._secret = _opened(secret)
        for name, address in addresses.items():
            if not address.startswith(("http://", "https://")):
                raise SettingsInvalid(f"webhooks: the address of {name} must begin with http:// or https://")

    def __contains__(self, channel: str) -> bool:
        """Tell whether there is a webhook of that name."""
        return channel in self._addresses

    def send(self, notice: Notice) -> None:
        """Send a notice once; on return the receiver has said that it has it.

        Raises:
            NotificationRefused: there is no webhook of that name.
            NotificationFailed: it was not taken; trying later may help.
        """
        from urllib3.exceptions import HTTPError  # noqa: PLC0415 - a tenth of a second, for those who use it

        if notice.channel not in self._addresses:
            raise NotificationRefused(f"there is no webhook {notice.channel}; name it in [webhooks]")
        body = json.dumps(notice.body, separators=(",", ":")).encode()
        headers = {"Content-Type": "application/json"} | self._signature(notice.notice_id, body)
        try:
            answer = self._connections.request(
                "POST",
                self._addresses[notice.channel],
                body=body,
                headers=headers,
                redirect=False,
                retries=False,
                preload_content=False,
            )
        except (HTTPError, OSError, ValueError) as error:
            raise NotificationFailed(f"the webhook cannot be reached: {type(error).__name__}") from None
        status = answer.status
        answer.close()  # unread: whatever it says, and however much of it
        if status not in _SUCCESS:
            raise NotificationFailed(f"the webhook answered with the status {status}")

    def _signature(self, notice_id: str, body: bytes) -> dict[str, str]:
        sent_at = str(int(time.time()))
        signed = f"{notice_id}.{sent_at}.".encode() + body
        signature = base64.b64encode(hmac.digest(self._secret, signed, hashlib.sha256)).decode()
        return {
            "webhook-id": notice_id,
            "webhook-timestamp": sent_at,
            "webhook-signature": f"v1,{signature}",
        }

    @functools.cached_property
    def _connections(self) -> Any:
        import urllib3  # noqa: PLC0415

        return urllib3.PoolManager(timeout=urllib3.Timeout(connect=_CONNECT_SECONDS, read=_ANSWER_SECONDS))


def _opened(secret: str) -> bytes:
    try:
        content = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if not secret.startswith(_PREFIX) or len(content) < _LEAST_SECRET_BYTES:
        raise SettingsInvalid(
            f"webhook_secret must be {_PREFIX} and the base64 of at least {_LEAST_SECRET_BYTES} bytes; "
            f"make one with: echo {_PREFIX}$(openssl rand -base64 32)"
        )
    return content
