PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check bench soak screenshots format clean

demo: .venv/ready ## open the app on the built-in sandbox
	@$(BIN)/close-tui demo

test: .venv/ready ## run all tests
	@$(BIN)/python -m pytest -q -n auto --dist worksteal

check: .venv/ready ## format, lint, types, import contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: .venv/ready ## speed, each figure as a ratio to its floor in the same run
	@$(BIN)/python -m tests.bench

soak: .venv/ready ## the long versions of the tests
	@CLOSE_TUI_SOAK=1 $(BIN)/python -m pytest -q --timeout 3600

screenshots: .venv/ready ## make the pictures of the README anew
	@$(BIN)/python -m tests.screenshots

format: .venv/ready
	@$(BIN)/ruff check --fix-only -q .
	@$(BIN)/ruff format -q .

clean:
	rm -rf .venv dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/ready: pyproject.toml
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable . --group dev
	@touch $@
