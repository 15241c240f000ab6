# Everything one does with this project. `make` alone lists it.
SHELL := /bin/bash
PY := .venv/bin/python
PROVISION := bash .ci/provision
UNION := $(PY) -m backend.cli
# Each of the JOBS test processes has a database of its own; JOBS=0 runs all in one process.
JOBS ?= 2
# Compiled modules are kept, whatever the shell says: each test process would compile everything again.
PYTEST := PYTHONDONTWRITEBYTECODE= $(PY) -m pytest --numprocesses $(JOBS) --dist loadfile $(PYTEST_ARGS)
# Folders are given to the programs only when they are given to make.
AT := $(if $(DATA),--data "$(DATA)")
# HOST is taken from the command line alone: some shells export one of their own.
ON := $(if $(PORT),--port $(PORT)) $(if $(findstring command,$(origin HOST)),--host "$(HOST)")
MEMBERS ?= 156000
CASES ?= 500000

.DEFAULT_GOAL := help
.PHONY: help run test test-fast test-sqlite test-mariadb check format bench bench-scale chaos soak doctor demo people migrate \
	screenshots clean lock needs test-needs

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: needs ## Start the demo in the foreground: PORT=8000 DATA=.data HOST=127.0.0.1
	@exec $(UNION) run $(ON) $(AT) --follow-make

demo: needs ## Build a large county: DATA=folder MEMBERS=156000 CASES=500000
	@$(UNION) migrate $(AT)
	@$(UNION) demo $(AT) --members $(MEMBERS) --cases $(CASES)

people: needs ## Invent people to try the demo with: name, identity number, phone
	@$(UNION) people

migrate: needs ## Bring the database to the newest schema: DATA=folder
	@$(UNION) migrate $(AT)

doctor: needs ## Check every invariant of the data: DATA=folder
	@$(UNION) doctor $(AT)

check: needs ## Lint, format, types, layers, catalogue
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m pyright
	.venv/bin/lint-imports
	$(UNION) catalogue check

format: needs ## Fix what can be fixed by itself
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

test: test-sqlite test-mariadb ## The whole suite on SQLite, then on MariaDB with the browser

test-sqlite: test-needs
	UNION_TEST_ENGINE=sqlite $(PYTEST) -m "not browser"

test-mariadb: test-needs
	UNION_TEST_ENGINE=mariadb $(PYTEST) -m "not browser"
	UNION_TEST_ENGINE=mariadb $(PYTEST) -n 0 -m browser

test-fast: needs ## Under a minute: SQLite, no browser, no races
	UNION_TEST_ENGINE=sqlite $(PYTEST) -m "not browser and not slow and not race"

chaos: test-needs ## Kill workers and servers at full size
	UNION_TEST_ENGINE=mariadb UNION_TEST_SCALE=full $(PYTEST) -n 0 --timeout 3600 tests/chaos

soak: test-needs ## Long runs: generated requests, lives of a case, work on budgets against models, fifty writers
	UNION_TEST_ENGINE=mariadb UNION_TEST_SCALE=full $(PYTEST) -n 0 --timeout 14400 tests/soak \
		tests/casework/test_case_machine.py tests/payments/test_ledger_model.py tests/payments/test_budget_model.py

bench: test-needs ## Measure ours, the raw floor and the peers in one run
	@$(PROVISION) bench
	$(PY) -m tests.bench

bench-scale: test-needs ## The same pages on a county of 1,560,000 members and on a tenth of it
	$(PY) -m tests.bench.scale

screenshots: test-needs ## Take the pictures of docs/screenshots again
	$(PY) -m tests.browser.screenshots

lock: needs ## Resolve the pinned packages again: UPGRADE=--upgrade for newer ones
	$(LOCK) pyproject.toml --group dev --output-file requirements.lock
	$(LOCK) --group bench --constraints requirements.lock --output-file tests/bench/peers/requirements.lock

clean: ## Remove what was built or installed here; data stays
	rm -rf .venv tests/bench/peers/.venv portal_templates/assets/node_modules portal_templates/assets/dist
	rm -rf .pytest_cache .ruff_cache .import_linter_cache .hypothesis .schemathesis test-results
	find backend workers tests -name __pycache__ -type d -prune -exec rm -rf {} +

LOCK := .venv/bin/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links $(UPGRADE)

needs:
	@$(PROVISION) venv system front

test-needs: needs
	@$(PROVISION) test-servers
