"""Claims about a place, folded into who holds it."""
