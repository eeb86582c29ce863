"""Maps without a network and without Qt: projection, base map, layers, boundaries, pictures."""
