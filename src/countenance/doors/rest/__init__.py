"""Doors of our own over HTTP: the `/v1` API, health and metrics."""
