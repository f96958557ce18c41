"""Who you are and what you may do: people, departments, offices, districts, permissions."""
