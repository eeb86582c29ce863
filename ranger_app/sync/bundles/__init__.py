"""Bundles on sticks: what goes in, how it is framed and sealed, how it is read, and receipts for it."""
