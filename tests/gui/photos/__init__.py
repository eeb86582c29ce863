"""Claims about the Photos page and its parts."""
