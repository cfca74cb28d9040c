"""The customer's side: who comes and when, without an account, by a code and the last digits of a phone number."""
