"""The machine door: the exchange's addresses, signed calls in, signed answers out."""
