"""The city's face. Empty until the dashboard is built."""
