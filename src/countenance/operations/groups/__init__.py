"""People without names: faces of a collection are grouped, and people confirm, correct, name and undo."""
