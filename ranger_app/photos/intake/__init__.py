"""Memory cards taken in: pictures found, read, kept and put into sequences."""
