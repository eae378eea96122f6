"""Doors of our own over HTTP; so far health and metrics."""
