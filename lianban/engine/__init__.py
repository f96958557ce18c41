"""What may happen to a case. Pure: no Django, no clock, no I/O, no randomness."""
