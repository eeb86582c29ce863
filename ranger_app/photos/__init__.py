"""Camera traps: cards taken in, sequences, what a model sees, what people say."""
