"""Claims about camera-trap pictures: cards, times, sequences, models, labels."""
