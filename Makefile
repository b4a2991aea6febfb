# Hostpanel. `make help` lists what there is.
PYTHON ?= python3
PORT ?= 8000
SANDBOX_PORT ?= 8001
DATA ?= var
FUZZ ?= 1
VENV := .venv
BIN := $(VENV)/bin
SERVICES_DATABASE ?= postgresql://root@127.0.0.1:5432/test
SERVICES_REDIS ?= redis://127.0.0.1:6379/9

# The tests of a whole panel with its browser run by themselves: beside the others they would measure the others.
SUITE = sh -c '$(BIN)/python -m pytest -n 2 --dist loadgroup --ignore tests/browser $(ARGS) && $(BIN)/python -m pytest -n 2 --dist loadfile tests/browser $(ARGS)'

export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset install test test-services test-oldest secure vulnerabilities lint messages screenshots chaos bench docs figures lock clean

help: ## Show what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Hostpanel needs Python 3.11 or newer, and $(PYTHON) is older or missing. Name another: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { \
	  echo "Python's venv module is missing. On Debian and Ubuntu: apt install python3-venv"; exit 1; }

$(VENV)/run.stamp: requirements/run.lock | $(VENV)/bin/python
	@echo "Installing what the panel needs…"
	@$(BIN)/pip install -q --require-hashes -r requirements/run.lock || { \
	  echo "A package could not be installed: look above. If a compiler is missing, on Debian and Ubuntu: apt install build-essential python3-dev"; exit 1; }
	@touch $@

$(VENV)/dev.stamp: requirements/dev.lock $(VENV)/run.stamp
	@echo "Installing what its tests need…"
	@$(BIN)/pip install -q --require-hashes -r requirements/dev.lock
	@touch $@

install: $(VENV)/dev.stamp ## Make .venv with everything
	@$(BIN)/python -m hostpanel.messages

demo: $(VENV)/run.stamp ## Start the panel with the sandbox; PORT= SANDBOX_PORT= DATA=
	@exec $(BIN)/python -m hostpanel.demo --port $(PORT) --sandbox-port $(SANDBOX_PORT) --data $(DATA)

demo-reset: ## Forget the demo's data and start anew
	@rm -rf -- $(DATA)/hostpanel.sqlite3* $(DATA)/sandbox.json $(DATA)/keys.json $(DATA)/logs $(DATA)/redis
	@$(MAKE) --no-print-directory demo

test: install ## Run every test on SQLite and the bundled Redis
	@env -u DATABASE_URL -u REDIS_URL $(SUITE)

test-services: install ## The same on DATABASE_URL and REDIS_URL
	@DATABASE_URL=$${DATABASE_URL:-$(SERVICES_DATABASE)} REDIS_URL=$${REDIS_URL:-$(SERVICES_REDIS)} $(SUITE)

test-oldest: install ## The suite without the browser on the oldest packages that are promised (needs uv)
	@uv venv -q --clear --python $(BIN)/python build/oldest
	@uv pip compile -q --resolution lowest-direct --no-emit-index-url --no-header pyproject.toml -o build/oldest.txt
	@uv pip install -q --python build/oldest/bin/python -r build/oldest.txt -r requirements/dev.lock --override build/oldest.txt --no-verify-hashes
	@env -u DATABASE_URL -u REDIS_URL build/oldest/bin/python -m pytest -n 2 --dist loadgroup --ignore tests/browser $(ARGS)

secure: install ## Attack the panel: rights, secrets, odd input; FUZZ= times as much input. Counts what was tried
	@env -u DATABASE_URL -u REDIS_URL FUZZ=$(FUZZ) $(BIN)/python -m pytest -q -n 2 tests/security tests/audit tests/members tests/teams $(ARGS)

vulnerabilities: install ## Look the packages up among the known holes (needs the network)
	@$(BIN)/pip-audit -r requirements/run.lock --require-hashes --disable-pip

lint: install ## Style, types, templates, direction of imports, migrations
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/python -m tests.environment mypy hostpanel apps scripts tests
	@$(BIN)/lint-imports --no-logo 2>/dev/null || $(BIN)/lint-imports
	@$(BIN)/djlint templates --lint --quiet
	@$(BIN)/python -m tests.environment python manage.py makemigrations --check --dry-run
	@$(BIN)/python -m tests.environment python manage.py check

messages: install ## Collect the texts for translation (needs gettext) and compile
	@$(BIN)/python -m tests.environment python manage.py makemessages -l fr --no-wrap --no-location -i .venv -i var -i build -i tests
	@$(BIN)/python -m hostpanel.messages

screenshots: install ## Pictures of the pages, into screenshots/ and docs/images/
	@$(BIN)/python -m scripts.screenshots

chaos: install ## Kill processes and break calls while changes run: N= SECONDS= SEED= (CHAOS_API= another stand-in)
	@$(BIN)/python -m scripts.chaos $(if $(N),--n $(N)) $(if $(SECONDS),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED))

bench: install ## Figures, as ratios
	@$(BIN)/python -m scripts.bench

docs: install ## Build the documentation into build/site; a link that leads nowhere fails
	@$(BIN)/mkdocs build --strict --quiet

figures: install ## What running it takes: memory, start, pages at a million operations; needs PostgreSQL. ROWS=
	@$(BIN)/python -m scripts.figures $(SERVICES_DATABASE) $(if $(ROWS),--rows $(ROWS))

lock: $(VENV)/bin/python ## Resolve the dependencies anew (needs uv)
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements/run.lock
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --group dev pyproject.toml -c requirements/run.lock -o requirements/dev.lock

clean: ## Remove what was built
	@rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
