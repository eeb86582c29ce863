"""Signed changes: feeds and segments, what may count of them, and what they make of a record."""
