"""Evaluations on a server: asked for, measured by jobs, kept, read and forgotten in time."""
