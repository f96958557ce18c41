"""The memory of the engine: rows, store, services, queries, worklists."""
