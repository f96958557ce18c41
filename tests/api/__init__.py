"""The machine door: calls as a partner's system makes them, and as nobody should."""
