"""What every gallery store must do, whichever database is behind it."""
