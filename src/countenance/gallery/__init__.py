"""Templates become people: collections, faces, users, and search over them."""
