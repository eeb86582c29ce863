"""Runs model packs over pictures: what is in a pack, what goes into its graph, and what comes out."""
