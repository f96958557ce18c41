"""The machine door. Empty until a partner needs it."""
