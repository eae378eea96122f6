"""Reports that laws ask for, filled from the system's own records and its ledger.

Each of `processing`, `retention`, `accountability` and `subject` is a use case; the other files are what
these are made of. Doors show a `report.Report` as a page, or as `records` has it.
"""
