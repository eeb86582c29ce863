"""Parts of the desk where photos are reviewed."""
