"""Teaching a model from what people confirmed, and saying what it is worth."""
