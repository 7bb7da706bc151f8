# Every command sets itself up: the first one makes an environment in .venv, the others find it there.
#   make run        open the app in the browser
#   make demo       train on a sample table for 30 s in the terminal and predict with the file it leaves
#   make test       everything that must hold: lint, types, import contracts, all tests, a real browser
#   make twins      compare files with the libraries on 500 made-up tables for each feature step (10 to 20 minutes)
#   make fuzz       send 80,000 odd requests to our own routes and the scoring service
#   make faults     produce every fault that a run must survive (10 to 20 minutes; some need the right to mount)
#   make lint       only the first three          make format     lay the code out
#   make wheel      build dist/*.whl              make benchmark  measure on tables (TABLES=folder INDEX=index.json)
#   make versus     measure beside other systems (TABLES=folder INDEX=index.json BUDGETS="60 10"), goes on where it was
#   make page-runtime   fetch what one-page exports carry (onnxruntime-web, with npm), once
#   make screenshots    a picture of every screen in screenshots/ (EYES="en-light-1280 ..." for some of them)
#   make accessible     ask axe-core about every screen (with npm); the same EYES
#   make journeys       from Home to a model, three samples, both languages, by mouse and keyboard; what a page survives
#   make clean      remove what the commands made (never the workspace)

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
DEMO := demo
SECONDS_EACH ?= 30
BUDGETS ?= 60
SPLITS ?= 0
RESULTS ?= benchmarks/results/versus
EYES ?=

.DEFAULT_GOAL := run
.DELETE_ON_ERROR:
.PHONY: run demo test twins fuzz faults lint format wheel page-runtime browser benchmark versus screenshots accessible journeys clean

run: $(INSTALLED)
	$(BIN)/tablewright app

demo: $(INSTALLED)
	rm -rf $(DEMO)
	$(BIN)/tablewright train sample_data/customers.csv --target left --seconds 30 --out $(DEMO) --workspace $(DEMO)/workspace
	@echo
	@echo "Now only the file, with onnxruntime and numpy: does this computer give the recorded answers?"
	$(BIN)/python $(DEMO)/predict.py --check
	@head -n 6 sample_data/customers.csv > $(DEMO)/new_rows.csv
	@echo
	@echo "Five rows through the file alone:"
	$(BIN)/tablewright predict $(DEMO)/model.onnx $(DEMO)/new_rows.csv

# What the tests need is fetched while the code is read, all before the first test: what is missing is said at once.
# Files go whole to one of two processes, those that take longest first: tests/conftest.py has their order.
test: $(INSTALLED)
	@$(MAKE) --no-print-directory --jobs 3 page-runtime browser lint
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

twins: $(INSTALLED)
	TABLEWRIGHT_EXAMPLES=500 $(BIN)/python -m pytest tests/properties -n 2 --timeout 3600

fuzz: $(INSTALLED)
	TABLEWRIGHT_REQUESTS=20000 $(BIN)/python -m pytest tests/app/test_fuzzed_routes.py --timeout 3600

faults: $(INSTALLED) browser
	$(BIN)/python -m tests.faults

lint: $(INSTALLED)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(INSTALLED)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

wheel: $(INSTALLED)
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

browser: $(INSTALLED)
	@$(BIN)/python -m tests.chromium

page-runtime: $(INSTALLED)
	@$(BIN)/python -m exporters.page_parts.runtime

benchmark: $(INSTALLED)
	$(BIN)/python benchmarks/development_tables.py $(TABLES) $(INDEX) --seconds $(SECONDS_EACH) --out benchmarks/results

versus: $(INSTALLED)
	$(BIN)/python benchmarks/versus/run.py --tables $(TABLES) --index $(INDEX) $(addprefix --seconds ,$(BUDGETS)) --splits $(SPLITS) --out $(RESULTS)
	$(BIN)/python benchmarks/versus/report.py --results $(RESULTS)

screenshots: $(INSTALLED)
	$(BIN)/python -m benchmarks.looks.screenshots --eyes $(EYES)

accessible: $(INSTALLED)
	$(BIN)/python -m benchmarks.looks.accessible --eyes $(EYES)

journeys: $(INSTALLED)
	$(BIN)/python -m benchmarks.looks.journeys
	$(BIN)/python -m benchmarks.looks.survival

clean:
	rm -rf $(VENV) $(DEMO) screenshots build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

# The stamp is younger than what decides about the packages, so a second command starts at once.
$(INSTALLED): pyproject.toml constraints.txt
	@python=$$(for each in python3 python3.13 python3.12 python3.11 python; do \
		$$each -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$each && break; \
	done); \
	if [ -z "$$python" ]; then echo "Install Python 3.11, 3.12 or 3.13 first; none was found."; exit 1; fi; \
	echo "Setting up $(VENV) with $$($$python --version); this takes a few minutes, once."; \
	[ -x $(BIN)/python ] || $$python -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet -e ".[test]" -c constraints.txt
	@touch $@
