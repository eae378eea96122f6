"""What was measured, as sections of a report: facts, tables and figures."""
