# Ranger: every target does its own set-up, on a bare Debian 12 too; the second time that is quick.

PYTHON ?= python3
BIN := .venv/bin
XVFB := xvfb-run --auto-servernum --server-args="-screen 0 1366x768x24"
WORDS := $(wildcard resources/i18n/*/LC_MESSAGES/ranger.po)

# One environment, ours, whatever the shell that called make has switched on.
unexport VIRTUAL_ENV PYTHONHOME PYTHONPATH
export UV_PROJECT_ENVIRONMENT := .venv

.DEFAULT_GOAL := help
.PHONY: help setup run demo test check bench shots i18n soak clean system

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/.synced .venv/.words .venv/.basemap  ## Get everything that is needed; the rest works offline

run: setup  ## Open the window
	@$(BIN)/ranger-app

demo: setup  ## Build a demo park in build/demo (made afresh), and show it where there is a screen
	@rm -rf build/demo && mkdir -p build
	@$(BIN)/ranger-app demo build/demo

test: setup  ## Run the tests; those that need a screen get one
	@$(PYTHON) packaging/system_libraries.py test
	@status=0; \
	if command -v xvfb-run >/dev/null && command -v xauth >/dev/null; then \
	  QT_QPA_PLATFORM=xcb $(XVFB) $(BIN)/pytest -q -m xvfb || [ $$? -eq 5 ] || \
	  { status=1; echo "Tests on a real screen FAILED, see above; the others follow."; }; \
	else echo "No xvfb-run here: the tests marked xvfb are left out."; fi; \
	QT_QPA_PLATFORM=offscreen $(BIN)/pytest -n 2 --dist worksteal || status=1; \
	exit $$status

check: setup  ## Check format, style, types, layers and word catalogues
	@status=0; \
	for check in "ruff format --check ." "ruff check ." "mypy" "lint-imports" \
	             "python packaging/words.py check"; do \
	  echo "== $$check"; $(BIN)/$$check || status=1; \
	done; exit $$status

bench: setup  ## Measure against the budgets and the peers
	@$(BIN)/python -m tests.benchmarks

shots: setup  ## Take a picture of every page, light and dark, into shots/
	@$(PYTHON) packaging/system_libraries.py shots
	@QT_QPA_PLATFORM=xcb $(XVFB) $(BIN)/python packaging/shots.py

i18n: .venv/.synced  ## Collect the words from the code into the catalogues, and compile them
	@$(BIN)/python packaging/words.py update
	@$(BIN)/python packaging/words.py compile

# RANGER_SOAK_EXAMPLES=5000 says how many examples of the state machines, RANGER_SOAK_MINUTES how long each long
# test may take at most, RANGER_SOAK_SEED where to begin (a failure names the seed that leads to it).
soak: setup  ## Run the long tests, many rounds: about an hour on two cores
	@$(PYTHON) packaging/system_libraries.py test
	@HYPOTHESIS_PROFILE=soak QT_QPA_PLATFORM=offscreen $(BIN)/pytest -q -n 2 --dist worksteal -m soak \
	  -o faulthandler_timeout=3600

clean:  ## Throw away what can be made again without the network
	@rm -rf build dist shots .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@rm -f .venv/.words resources/i18n/*/LC_MESSAGES/*.mo
	@find ranger_app packaging tests -name __pycache__ -type d -prune -exec rm -rf {} +

# ---- set-up, a step at a time; each leaves a mark and is done again only when what it stands on changes

system:
	@$(PYTHON) packaging/system_libraries.py run

.venv/.synced: pyproject.toml uv.lock packaging/get_uv.py | system
	@uv=$$($(PYTHON) packaging/get_uv.py) && "$$uv" sync --frozen --compile-bytecode --quiet
	@touch $@

.venv/.words: .venv/.synced packaging/words.py $(WORDS)
	@$(BIN)/python packaging/words.py compile
	@touch $@

# A world without a base map is still a world: everything else works, and the next set-up tries again.
.venv/.basemap: .venv/.synced $(wildcard packaging/fetch_basemap.py)
	@if [ -f packaging/fetch_basemap.py ]; then \
	  if PATH="$$PATH:$(CURDIR)/.bootstrap/bin" $(BIN)/python packaging/fetch_basemap.py; then touch $@; \
	  else echo "The base map could not be fetched: maps will have no land or water behind them for now."; fi; \
	fi
