"""The `/v1` API of a real server process, asked over the wire."""
