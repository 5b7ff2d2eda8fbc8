# Each of these alone sets up what it needs. Python 3.11 or newer, make and a C compiler are all it takes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: run test demo bench lint format catalog docs clean

run: $(VENV)/.run
	@$(BIN)/python -m bot run

test: $(VENV)/.dev
	@$(BIN)/python -m pytest $(TESTS)

demo: $(VENV)/.run
	@$(BIN)/python -m sandbox.demo

bench: $(VENV)/.dev
	@$(BIN)/python -m tests.bench $(ONLY)

lint: $(VENV)/.dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

format: $(VENV)/.dev
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

catalog: $(VENV)/.run
	@$(BIN)/python -m bot.locale.update

docs: $(VENV)/.run
	@$(BIN)/python -m bot.reference

$(VENV)/.run: requirements.txt
	@echo "Setting up (once) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

clean:
	rm -rf $(VENV) data .cache bench.json
