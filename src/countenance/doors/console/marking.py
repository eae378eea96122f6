"""Marks messages for the catalogues where they are written, long before it is known who reads them."""


def N_(message: str) -> str:  # noqa: N802 - gettext's customary name for this
    """Return a message as it is."""
    return message
