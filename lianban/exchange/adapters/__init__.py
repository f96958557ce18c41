"""One package for each kind of department system."""
