# `make demo` and `make test` work on a fresh machine with make, git and Python 3.11+ (venv).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SHELL := /bin/sh

.PHONY: help demo test check bench clean

help: ## Print this list
	@sed -n 's/^\([a-z]*\):.*## /  \1: /p' $(MAKEFILE_LIST)

$(VENV)/core: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/dev: $(VENV)/core
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,check]'
	@touch $@

demo: $(VENV)/core ## Apply the sample manifests to the sandbox; needs no account
	@echo '$$ reconcile apply manifests/'
	@SUPPORT_API_KEY=a-throwaway-value $(BIN)/reconcile apply manifests/

test: $(VENV)/dev ## Run the tests
	$(BIN)/python -m pytest --numprocesses auto

check: $(VENV)/dev ## Lint, formatting, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/core ## Measure start-up as ratios to a bare interpreter
	$(BIN)/python bench/startup.py

clean: ## Remove the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
