# Everything runs in .venv, which the first target that needs it creates: only python3 (with venv and pip) and make are assumed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint format bench clean help

help:  ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /  —  /'

$(VENV)/.installed: setup.py
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[tests]'
	@touch $@

demo: $(VENV)/.installed  ## sync a year of example Stripe data into an embedded Fincome, and prove the result
	$(BIN)/python -m examples.stripe_year --out build/demo
	$(BIN)/fincome demo build/demo

test: $(VENV)/.installed lint  ## lint, type-check and run all tests
	$(BIN)/pytest -n 2 --dist loadfile

lint: $(VENV)/.installed  ## ruff and mypy --strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.installed  ## put the code into its canonical form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.installed  ## measure speed and size (docs/performance.md); about 12 minutes, or BENCH=--quick
	$(BIN)/python -m benchmarks $(BENCH)

clean:  ## remove everything that the targets made
	rm -rf $(VENV) build dist *.egg-info
