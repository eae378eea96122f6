"""The ways in: each turns the outside world's words into calls of operations."""
