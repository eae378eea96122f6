"""Bulk imports: what users name becomes items of a job, and pictures become enrolled faces."""
