"""How the exchange is watched: partners' health, messages and tasks, and what may be done about them."""
