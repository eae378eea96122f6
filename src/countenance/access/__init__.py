"""Who asks: access keys, what they may do, and the signatures that prove them."""

from countenance.access.keys import AccessKey, KeyStore, machine_operator, new_access_key
from countenance.access.sigv4 import SignedRequest, VerifiedCaller, verify

__all__ = [
    "AccessKey",
    "KeyStore",
    "SignedRequest",
    "VerifiedCaller",
    "machine_operator",
    "new_access_key",
    "verify",
]
