"""What attacks share with the console's own tests: a real browser."""

from console.conftest import browser

__all__ = ["browser"]
