"""Measurements against budgets and peers, run by `make bench` and never by `make test`."""

import ranger_app  # noqa: F401  # first, as in the program: it says how numpy may use the cores
