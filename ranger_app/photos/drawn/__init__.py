"""Draws camera-trap pictures of which every box is known."""
