"""The contract as people read it: described from its own types, with examples that compute."""
