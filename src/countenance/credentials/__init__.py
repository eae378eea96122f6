"""Signed face credentials, which people carry so that gates need no database of everybody."""
