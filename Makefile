# What people type. `make help` lists it; each target sets up what it needs and skips what is done.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
export PIP_NO_INPUT := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/runtime.stamp frontend ## set up everything and start it with a demonstration city
	@exec $(BIN)/lianban run --with-parent

stop: $(VENV)/runtime.stamp ## stop what `make run` started
	@$(BIN)/lianban stop

test: $(VENV)/dev.stamp frontend browser ## set up everything and run all tests
	@exec $(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder $(TESTS)

lint: $(VENV)/dev.stamp ## check style, types, imports, dead code, dependencies, migrations
	@$(BIN)/python tests/house/lint.py

bench: $(VENV)/dev.stamp ## measure the life of a case, and the relay, beside what is plainest
	@$(BIN)/python bench/lifecycle.py
	@$(BIN)/python bench/exchange.py

bench-roster: $(VENV)/dev.stamp ## measure a roster of three thousand: checked, taken in, taken back
	@$(BIN)/python bench/roster.py

format: $(VENV)/dev.stamp ## put the code into the house's form
	@$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format --quiet .

requirements: $(VENV)/runtime.stamp ## lock the dependencies again, with the newest that fit
	@$(PIP) install uv
	@for name in runtime dev build node ocr; do \
	  $(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-header --no-emit-index-url \
	    --no-emit-find-links --python-version 3.11 requirements/$$name.in -o requirements/$$name.txt \
	    || exit 1; \
	done

clean: ## remove what was built; the data in var/ and the environment stay
	@rm -rf build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# Set-up -------------------------------------------------------------------------------------

$(BIN)/python:
	@echo "Making the environment in $(VENV) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Lianban needs Python 3.11 or later: make PYTHON=/path/to/python $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/runtime.stamp: requirements/runtime.txt requirements/build.txt pyproject.toml | $(BIN)/python
	@echo "Installing what Lianban needs ..."
	@$(PIP) install --require-hashes -r requirements/build.txt -r requirements/runtime.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/runtime.stamp
	@echo "Installing what the tests and checks need ..."
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

# Node builds the front end: the one on PATH if it is new enough, else the one from a wheel.
$(VENV)/node.stamp: requirements/node.txt $(VENV)/runtime.stamp
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null \
	  || { echo "Installing Node ..."; $(PIP) install --require-hashes -r requirements/node.txt; }
	@touch $@

frontend: $(VENV)/node.stamp
	@$(BIN)/python frontend/build.py

# Root gets Debian's browser, others the one that playwright brings.
browser: $(VENV)/dev.stamp
	@if ! $(BIN)/python tests/chromium.py >/dev/null 2>&1; then \
	  echo "Installing a browser ..."; \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	  else $(BIN)/python -m playwright install chromium; fi; \
	fi

.PHONY: help run stop test lint bench bench-roster format requirements clean frontend browser
