# make run, make test: all they install goes into .venv. Only "make test", and only as root or with CI=1, also installs
# foreign programs that tests run, with apt-get.

BIN := .venv/bin
PIP_INSTALL := $(BIN)/python -m pip --disable-pip-version-check -qq install --no-compile -c constraints.txt
PYTEST := $(BIN)/python -m pytest --output test-artefacts/playwright

# Python compiles what it imports and keeps that: half of what pip would compile is never imported.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test test-long bench lint format tools clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 18

run: .venv/ready-to-run  ## install if needed, then start Skybasket; Ctrl-C stops it
	@exec $(BIN)/skybasket up

test: lint tools  ## everything: lint, types, import law, unit, web, service and browser tests
	$(PYTEST) -m "not long" -n 3 --dist worksteal

test-long: .venv/ready-to-test tools  ## what is too long for make test
	$(PYTEST) -m long --timeout 1800 --hypothesis-profile long

bench: .venv/ready-to-test tools  ## measure, print, and write docs/benchmarks.md
	$(BIN)/python -m tests.benchmarks

lint: .venv/ready-to-test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/ready-to-test  ## fix what the linter can fix
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

tools: .venv/ready-to-test  # the foreign programs: named if missing, installed as root or with CI=1
	$(BIN)/python -m tests.tools --install

clean:  ## remove what make made, but not var/, where data is
	rm -rf .venv dist test-artefacts .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# A virtual environment made by the first Python that is new enough. PYTHON=... names another.
define make_environment
	@if ! $(BIN)/python -c '' 2>/dev/null; then \
	  for python in "$(PYTHON)" python3 python3.14 python3.13 python3.12 python3.11 ''; do \
	    "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
	  done; \
	  if [ -z "$$python" ]; then echo 'Skybasket needs Python 3.11 or newer. Set PYTHON=/path/to/python3.'; exit 2; fi; \
	  "$$python" -m venv --clear .venv || { rm -rf .venv; exit 2; }; \
	fi
	@echo 'Installing Skybasket into .venv (once, about a minute) ...'
	@$(PIP_INSTALL) hatchling editables setuptools setuptools-scm wheel
endef

.venv/ready-to-run: pyproject.toml constraints.txt
	$(make_environment)
	@$(PIP_INSTALL) --no-build-isolation -e .
	@touch $@

.venv/ready-to-test: pyproject.toml constraints.txt
	$(make_environment)
	@$(PIP_INSTALL) --no-build-isolation -e '.[dev]'
	@touch $@ .venv/ready-to-run
