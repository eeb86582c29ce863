"""Models that feed views with more rows than fit into memory."""
