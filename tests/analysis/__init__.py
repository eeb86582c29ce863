"""Claims about numbers and their intervals."""
