"""What was done: append-only, hash-chained entries for each case, and their verifier."""
