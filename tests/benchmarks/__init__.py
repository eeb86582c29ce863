"""Measurements against budgets and peers, run by `make bench` and never by `make test`."""
