"""Parts that show patrols: the list, one in full, and the small forms."""
