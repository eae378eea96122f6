"""Readers of data sets: pair lists, folders, tables, and the layouts of well-known ones."""
