"""Real exports of other systems, turned into requests, accounts, sites and jobs by a map."""
