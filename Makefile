# `make demo` and `make test` work on a fresh machine with make, git and Python 3.11+ (venv).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SHELL := /bin/sh

.PHONY: help demo test slow simulate test-long fuzz mutate check bench clean

help: ## Print this list
	@sed -n 's/^\([a-z-]*\):.*## /  \1: /p' $(MAKEFILE_LIST)

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

slow: $(VENV)/dev ## Run the tests that take minutes
	$(BIN)/python -m pytest --numprocesses auto -m slow

RUNS ?= 20000
JOBS ?= $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
simulate: $(VENV)/dev ## Simulate 20,000 fresh runs under random faults; RUNS=… for more, FIRST=… for the same ones again
	$(BIN)/python -m tests.simulation --runs $(RUNS) --jobs $(JOBS) $(if $(FIRST),--first $(FIRST))

PROGRESS ?= .simulation.jsonl
test-long: $(VENV)/dev ## Everything at length: 1,000,000 runs, the whole fault matrix, every failpoint
	$(BIN)/python -m tests.faults.matrix --jobs $(JOBS)
	$(BIN)/python -m tests.faults.kill
	$(BIN)/python -m tests.simulation --runs 1000000 --jobs $(JOBS) --progress $(PROGRESS)

$(VENV)/fuzz: $(VENV)/dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[fuzz]'
	@touch $@

FUZZ ?=
fuzz: $(VENV)/fuzz ## Fuzz the parser and the loader; FUZZ=-max_total_time=1800 for longer
	$(BIN)/python tests/fuzz/parser.py $(or $(FUZZ),-runs=30000)
	$(BIN)/python tests/fuzz/loader.py $(or $(FUZZ),-runs=3000)

$(VENV)/mutate: $(VENV)/dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[mutate]'
	@touch $@

SAMPLE ?= 900
mutate: $(VENV)/mutate ## Mutate differ and applier, 900 mistakes drawn at random (an hour); SAMPLE=0 for all (many hours)
	$(BIN)/python -m tests.mutation --sample $(SAMPLE) --jobs $(JOBS) $(if $(SEED),--seed $(SEED))

check: $(VENV)/dev ## Lint, formatting, types, the direction of imports, schemas and samples
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/reconcile schema --write reconciler/schemas --check
	$(BIN)/check-jsonschema --check-metaschema reconciler/schemas/*.json
	$(BIN)/check-jsonschema --schemafile reconciler/schemas/config.json manifests/reconcile.yaml
	@for kind in AgentRuntime Agent; do \
		files=$$(grep -lx "kind: $$kind" manifests/*.yaml) || exit 1; \
		$(BIN)/check-jsonschema --schemafile reconciler/schemas/$$kind.json $$files || exit 1; \
	done

bench: $(VENV)/core ## Measure start-up, loading, reports and applying, as ratios in one run
	$(BIN)/python bench/startup.py
	$(BIN)/python bench/load.py 300 3
	$(BIN)/python bench/report.py 300 3
	$(BIN)/python bench/apply.py 5x10 20x100

clean: ## Remove the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
