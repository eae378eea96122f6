"""Verifies bearer tokens: an access key's id and its secret, for clients that do not sign.

Unlike a signature, a token shows the secret to whoever sees the request, so it belongs on encrypted
connections alone. Whatever a client sends, the outcome is a key or an `AccessError`.
"""

from __future__ import annotations

import hmac
import re
from typing import TYPE_CHECKING

from countenance.access.sigv4 import UNKNOWN_KEY
from countenance.errors import AccessKeyUnknown, SignatureInvalid

if TYPE_CHECKING:
    from collections.abc import Callable

    from countenance.access.keys import AccessKey

SCHEME = "bearer"
_TOKEN = re.compile(r"([A-Za-z0-9_]{1,128})\.([A-Za-z0-9+/]{1,128})")
# What a token is compared with where no key has its id, so that this takes as long.
_NOBODYS = "/" * 40


def verify_bearer(authorization: str, find_key: Callable[[str], AccessKey | None]) -> AccessKey:
    """Return whose token an Authorization header holds; an unknown id and a wrong secret are told alike.

    Args:
        authorization: the header's value, ``Bearer <key id>.<secret>``.
        find_key: looks up an access key by its id.

    Raises:
        SignatureInvalid: it does not have that form.
        AccessKeyUnknown: nobody has that key, it is revoked, or the secret is another.
    """
    scheme, _, token = authorization.strip().partition(" ")
    match = _TOKEN.fullmatch(token.strip())
    if scheme.lower() != SCHEME or match is None:
        raise SignatureInvalid("The Authorization header is not Bearer <key id>.<secret>.")
    key_id, secret = match.groups()
    key = find_key(key_id)
    is_right = hmac.compare_digest(key.secret if key is not None else _NOBODYS, secret)
    if key is None or key.revoked_at is not None or not is_right:
        raise AccessKeyUnknown(UNKNOWN_KEY)
    return key
