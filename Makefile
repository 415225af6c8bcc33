# Merian: every target that people and CI use. `make help` lists them.
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
# The first Python on this machine that is new enough and can make an environment.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)

.PHONY: help install run test faults image-test check lint types audit lock bench browser screens clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Merian needs Python 3.11 or newer with the venv module."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	@echo "Installing Merian and what it needs into $(VENV). The first time takes some minutes."
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@

$(VENV)/.installed-images: $(VENV)/.installed-dev
	$(BIN)/python -m pip install --quiet --editable '.[dev,images]'
	@touch $@

install: $(VENV)/.installed ## Make .venv with everything in it

run: install ## Start Merian: the page is at http://127.0.0.1:8000
	$(BIN)/merian up

browser: $(VENV)/.installed-dev
	@$(BIN)/python tests/e2e/browser.py

test: $(VENV)/.installed-dev browser ## Run all tests, a real browser and a real queue included
	rm -f .coverage .coverage.*
	$(BIN)/python -m coverage run -m pytest --numprocesses 2 $(ARGS)
	@$(BIN)/python -m coverage combine --quiet
	@$(BIN)/python -m coverage report --fail-under=85

faults: $(VENV)/.installed-dev browser ## Hurt the real thing in every way, over an hour: FAULTS_KILLS=10 for a short run
	$(BIN)/python -m pytest tests/faults $(ARGS)

image-test: $(VENV)/.installed-images ## Build both images and paint in them, a quarter of an hour; as root on Debian, without Docker
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest tests/images $(ARGS)

lint: $(VENV)/.installed-dev ## Style, and the direction of imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types: $(VENV)/.installed-dev ## Static types
	$(BIN)/mypy

audit: $(VENV)/.installed-dev ## Known flaws in what is installed; needs the net, and does without
	$(BIN)/python tests/audit.py

check: lint types audit test ## Lint, types, known flaws and tests

lock: $(VENV)/.installed-images ## Choose anew what goes into the images: ARGS=--upgrade takes the newest
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python deploy/lock.py $(ARGS)

bench: $(VENV)/.installed-dev ## Benchmarks: BENCH=painting (default) with ARGS
	$(BIN)/python -m benchmarks.$(or $(BENCH),painting) $(ARGS)

screens: $(VENV)/.installed-dev browser ## Pictures of every page and state: OUT=docs/screens (default)
	$(BIN)/python -m tests.e2e.screens $(or $(OUT),docs/screens)

clean: ## Remove the environment and caches
	rm -rf $(VENV) *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.*
