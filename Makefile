# Each of these alone sets up what it needs. On Debian: python3 (3.11 or newer), python3-venv, make and a C compiler.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
unexport PYTHONDONTWRITEBYTECODE  # five processes start again and again: none should compile what the last one compiled

.PHONY: run test demo bench figures lint format catalog docs clean

run: $(VENV)/.run
	@$(BIN)/python -m bot run

test: $(VENV)/.dev
	@tests/set_up.sh
	@test -d tests/__pycache__ || $(BIN)/python -m pytest -n 0 --collect-only >/dev/null || true  # one compiles for eight
	@$(BIN)/python -m pytest $(TESTS)

demo: $(VENV)/.run
	@$(BIN)/python -m sandbox.demo

bench: $(VENV)/.dev
	@$(BIN)/python -m tests.bench $(ONLY)

figures: $(VENV)/.dev
	@$(BIN)/python -m tests.bench.page

lint: $(VENV)/.dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo --cache-dir .cache/imports

format: $(VENV)/.dev
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

catalog: $(VENV)/.run
	@$(BIN)/python -m bot.locale.update

docs: $(VENV)/.run
	@$(BIN)/python -m bot.reference

$(VENV)/.run: requirements.txt
	@echo "Setting up (once) …"
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Canales needs Python 3.11 or newer.")'
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

clean:
	rm -rf $(VENV) data .cache bench.json
