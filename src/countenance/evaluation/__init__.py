"""How accurate a face recognition system is, for whom, and what its scores mean: measured, with intervals."""
