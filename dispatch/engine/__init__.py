"""The dispatch engine: who should go, in which order, and why. Pure: no web, no database, no clock of its own."""
