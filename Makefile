# Two commands: `make demo` starts the product, `make test` runs everything. Both install what is missing.
SHELL := /bin/sh
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
HASHED := --require-hashes --no-deps

.PHONY: demo serve test check lint types arrows unit smoke system train lock clean bench

demo: .venv/.run
	@$(BIN)/voicebot demo

serve: .venv/.run
	@$(BIN)/voicebot serve

test: .venv/.dev .venv-rasa-sdk/.done system check train
	@$(BIN)/python -m pytest $(PYTEST)
	@tools/smoke.sh

train: .venv/.run
	@$(BIN)/voicebot train --if-stale

check: .venv/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

system:
	@tools/system.sh

lock: .venv/.dev
	@tools/lock.sh

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3,11) <= sys.version_info < (3,14) else "voicebot needs Python 3.11, 3.12 or 3.13; this is %s. Set PYTHON=/path/to/python3.11" % sys.version.split()[0])'
	@$(PYTHON) -m venv .venv

.venv/.run: .venv/bin/python requirements/run.lock
	@echo "Installing voicebot (about two minutes the first time)"
	@$(PIP) $(HASHED) -r requirements/run.lock
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.dev: .venv/.run requirements/dev.lock
	@echo "Installing the tools of the test-suite"
	@$(PIP) $(HASHED) -r requirements/dev.lock
	@touch $@

.venv-rasa-sdk/.done: tests/rasa_sdk/requirements.txt
	@echo "Installing rasa-sdk into an environment of its own"
	@$(PYTHON) -m venv .venv-rasa-sdk
	@.venv-rasa-sdk/bin/python -m pip --disable-pip-version-check install --quiet $(HASHED) -r tests/rasa_sdk/requirements.txt
	@touch $@

clean:
	rm -rf .venv .venv-rasa-sdk .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build *.egg-info
