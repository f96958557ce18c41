"""Department systems: the port, its adapters, and what comes back. Empty until a department connects."""
