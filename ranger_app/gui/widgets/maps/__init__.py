"""The map: its canvas, tiles, marks and furniture."""
