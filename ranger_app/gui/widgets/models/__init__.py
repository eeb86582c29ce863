"""Parts of the room where models are taught, judged and chosen."""
