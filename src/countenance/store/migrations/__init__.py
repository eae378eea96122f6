"""How the tables came to be, step by step; a store takes the missing steps when it is opened."""
