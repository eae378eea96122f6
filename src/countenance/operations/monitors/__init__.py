"""Monitors: cameras that a server watches by itself, kept, run, looked at, and told of."""
