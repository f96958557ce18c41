"""What must be told: messages written in the transaction that caused them."""
