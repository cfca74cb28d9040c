"""A believable city day, made from a seed: territories, engineers, vans, customers, and work for today."""
