"""A department's face: the worklist of an office, and its decisions."""
