"""How a server stands: what it holds, what is due, what waits, and whether its ledger verifies."""
