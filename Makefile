# Two commands need nothing but Python 3.11+ and make:
#
#   make demo     the main job, offline, on bundled real data: a table here, a report in autotrade-demo.html
#   make test     everything the tests need, then all of them
#
# `make check` is what a change has to pass. `make help` lists the rest.

VENV   := .venv
BIN    := $(VENV)/bin
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
PIP    := $(BIN)/python -m pip --disable-pip-version-check
CODE   := $(wildcard src tests proofs benchmarks)
# Stamps: one per set of packages, so that a second call installs nothing.
CORE   := $(VENV)/.installed-core
TEST   := $(VENV)/.installed-test
DEV    := $(VENV)/.installed-dev
INPUTS := pyproject.toml constraints.txt
# One test process per core; each takes whole files, in order, so that what a file shares is made once.
CORES  ?= auto
SPREAD := --numprocesses $(CORES) --dist loadfile --no-loadscope-reorder

# Python keeps what it compiled, also where it was told not to: the tests start several hundred processes.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo install test check format format-check lint types imports coverage prove bench chromium clean

help:
	@sed -n 's/^##: //p' Makefile

##: make demo       run the main job on bundled data, print the table, write autotrade-demo.html
demo: $(CORE)
	$(BIN)/autotrade demo

##: make install    create .venv and install the program
install: $(CORE)

##: make test       install what the tests need and run all of them, on every core; CORES=0 for one process
test: $(TEST) chromium
	$(BIN)/python -m pytest $(SPREAD) $(ARGS)

##: make check      format, lint, types, imports, tests with coverage
check: format-check lint types imports coverage

##: make format     rewrite the code in the house format
format: $(DEV)
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix --select I $(CODE)

format-check: $(DEV)
	$(BIN)/ruff format --check $(CODE)

##: make lint       ruff
lint: $(DEV)
	$(BIN)/ruff check $(CODE)

##: make types      mypy --strict on everything, tests included
types: $(DEV)
	$(BIN)/mypy $(CODE)

##: make imports    the layers and the walls
imports: $(DEV)
	$(BIN)/lint-imports

##: make coverage   the tests, with branch coverage and its floor
coverage: $(TEST) chromium
	$(BIN)/python -m pytest $(SPREAD) --cov --cov-report=term-missing:skip-covered $(ARGS)

##: make prove      every claim with its bound and its figure; ONLY=topic or ONLY=topic/file for a part
prove: $(TEST) chromium
	$(BIN)/python -m proofs $(ONLY)

##: make bench      the benchmarks, one after another; ONLY=name for one
bench: $(CORE)
	@for file in benchmarks/$(or $(ONLY),[a-z]*).py; do \
		name=$${file#benchmarks/}; echo "== $$name"; $(BIN)/python -m benchmarks.$${name%.py} || exit 1; done

##: make clean      remove the environment and every cache
clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache htmlcov .coverage
	find src tests proofs benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer was found. Install one, or name it: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "$(PYTHON) cannot create an environment. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }

# The build tool is pinned like everything else, so the build runs in the environment itself.
$(CORE): $(INPUTS) | $(BIN)/python
	$(PIP) install --quiet --constraint constraints.txt hatchling editables
	$(PIP) install --quiet --constraint constraints.txt --no-build-isolation --editable .
	@touch $@

$(TEST): $(CORE)
	$(PIP) install --quiet --constraint constraints.txt --no-build-isolation --editable '.[test]'
	@touch $@

$(DEV): $(TEST)
	$(PIP) install --quiet --constraint constraints.txt --no-build-isolation --editable '.[dev]'
	@touch $@

# The report is tested in a real browser, which no Python package can bring without a download of its own.
chromium:
	@for name in chromium chromium-browser google-chrome google-chrome-stable; do \
		command -v $$name >/dev/null && exit 0; done; \
	if [ -x /usr/bin/apt-get ] && [ "$$(id -u)" = 0 ]; then \
		echo "Installing chromium for the report tests (apt-get)."; \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; } >/dev/null \
			|| echo "chromium could not be installed: the browser tests will fail and say so." >&2; \
	else \
		echo "No chromium or google-chrome found: install one, the browser tests fail without it (AUTOTRADE_WITHOUT_BROWSER=1 leaves them out)." >&2; \
	fi
