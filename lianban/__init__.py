"""Lianban: one joint case for a soldier who leaves the service."""
