"""Who asks: access keys, what they may do, and the signatures that prove them."""

from countenance.access.keys import AccessKey, KeyStore, new_access_key

__all__ = ["AccessKey", "KeyStore", "new_access_key"]
