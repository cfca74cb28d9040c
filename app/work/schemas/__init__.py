"""Wire shapes of the work room."""
