"""Packets: an assessment with its evidence, redacted, readable anywhere, and signed."""
