"""The use cases, one per file; every door calls these and nothing beneath them."""
