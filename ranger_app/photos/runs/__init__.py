"""Runs of a model over photos: which model, when, how long, and what is kept of what it says."""
