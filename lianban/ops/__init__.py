"""The operator's door: the lianban command."""
