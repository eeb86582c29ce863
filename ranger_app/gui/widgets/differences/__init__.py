"""Parts that show what was written apart."""
