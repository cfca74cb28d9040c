"""What dispatchers decide by hand, and how it compares with what the engine would have done."""
