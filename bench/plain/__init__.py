"""The plain Django peer."""
