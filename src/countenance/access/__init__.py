"""Who asks: access keys, what they may do, and the signatures that prove them."""

from countenance.access.attempts import Attempts
from countenance.access.bearer import verify_bearer
from countenance.access.keys import (
    AccessKey,
    KeyStore,
    machine_operator,
    new_access_key,
    the_server_itself,
)
from countenance.access.roles import TESTING, Role, new_key_of, only_tests, prefix_of_tester
from countenance.access.sessions import Session, Sessions, SessionStore
from countenance.access.sigv4 import SignedRequest, VerifiedCaller, verify

__all__ = [
    "TESTING",
    "AccessKey",
    "Attempts",
    "KeyStore",
    "Role",
    "Session",
    "SessionStore",
    "Sessions",
    "SignedRequest",
    "VerifiedCaller",
    "machine_operator",
    "new_access_key",
    "new_key_of",
    "only_tests",
    "prefix_of_tester",
    "the_server_itself",
    "verify",
    "verify_bearer",
]
