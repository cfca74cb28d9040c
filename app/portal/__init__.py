"""The customer's side."""
