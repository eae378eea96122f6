"""Faces in stored videos: asked for, found and searched by jobs, read in pages, and forgotten in time."""
