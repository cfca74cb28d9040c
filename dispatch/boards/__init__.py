"""Routes as arrays, kept in memory between questions and checked against the organisation's plan at each."""
