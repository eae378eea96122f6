"""Real AWS clients against a real server process; the oracle is Amazon's own service model, from botocore."""
