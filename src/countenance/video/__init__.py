"""Moving pictures → shots, tracks and timelines: who appears when, at a cost that grows with people.

It knows files and cameras, and asks `vision` about single frames; collections and jobs are not its business.
"""
