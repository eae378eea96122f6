"""The web console: pages on which people enrol, search, review, erase and answer for it."""
