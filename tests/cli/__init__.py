"""Commands that govern, on real databases."""
