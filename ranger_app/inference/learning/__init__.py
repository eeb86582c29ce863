"""Learning a park's own species: embeddings, a head over them, and the pack that it becomes."""
