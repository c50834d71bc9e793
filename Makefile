# Every target sets up what it needs. `make demo` and `make test` are all a newcomer has to know.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TOOLS := $(VENV)/.ready-tools
ARGS ?=
HASHES := --quiet --generate-hashes --allow-unsafe --strip-extras --no-header --no-annotate --constraint constraints.txt --output-file -

.DEFAULT_GOAL := help
.PHONY: help setup demo test slow faults chaos night check lint types contracts cover bench workloads shapes yardstick picture rooms lock audit wheel clean

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(TOOLS) ## Make .venv and install fetchdeck and its development tools into it

# What runs fetchdeck: some 30 packages. Progress goes to standard error, so that `make demo ARGS='... --json'` can be piped.
# Compiling our own modules here takes seconds off the first start; pip compiles the packages itself.
$(READY): pyproject.toml constraints.txt
	@{ echo "Setting up $(VENV): fetchdeck and what it runs on (once; later runs start at once)" && \
	if command -v uv >/dev/null 2>&1; then \
	  uv venv --quiet --allow-existing --python $(PYTHON) $(VENV) && \
	  uv pip install --compile-bytecode --python $(BIN)/python --constraint constraints.txt --editable .; \
	else \
	  echo "Making the environment" && $(PYTHON) -m venv $(VENV) && \
	  $(BIN)/python -m pip install --disable-pip-version-check --constraint constraints.txt --editable .; \
	fi && \
	$(BIN)/python -m compileall -q -j 0 engine sources tui themes simulator; } >&2
	@touch $@

# What checks it: mypy, pyarrow, pytest and others, seven times as large.
$(TOOLS): $(READY)
	@{ echo "Adding the development tools to $(VENV) (once): about 400 MB" && \
	if command -v uv >/dev/null 2>&1; then \
	  uv pip install --python $(BIN)/python --constraint constraints.txt --editable '.[dev]'; \
	else \
	  $(BIN)/python -m pip install --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'; \
	fi; } >&2
	@touch $@

demo: $(READY) ## Watch a harvest of the built-in simulator (ARGS='--headless --for 20s --json')
	@$(BIN)/fetchdeck demo $(ARGS) || case $$? in 3 | 129 | 130 | 143) ;; *) exit 1 ;; esac # stopped by a limit, or by the person

test: $(TOOLS) ## Run the tests of every change: five minutes at most (ARGS='tests/engine -k penalty')
	@echo "Running the tests"
	@$(BIN)/python -m pytest -q -n auto --dist loadfile $(ARGS)

slow: $(TOOLS) ## Run the slow tests: real terminals, tmux, screen and kill loops
	@echo "Running the slow tests, some of which take a minute"
	@$(BIN)/python -m pytest -q -m 'slow and not night' $(ARGS)

faults: $(TOOLS) ## Show for each fault that may come what became of it, with the figures (ten minutes; ARGS='7 27' for some)
	@$(BIN)/python -m tests.faults $(ARGS)

chaos: $(TOOLS) ## Harvest for two minutes with a fault every second or so, and compare with a calm harvest (SEED=7)
	@$(BIN)/python -m tests.faults.chaos $(or $(SEED),1) $(ARGS)

night: $(TOOLS) ## Run one part of what takes hours: ARGS=soak, fuzz, chaos or mutation
	@$(BIN)/python -m tests.night $(ARGS)

check: lint types contracts cover ## Run everything CI runs: format, lint, types, import contracts, tests with coverage

lint: $(TOOLS)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(TOOLS)
	$(BIN)/mypy

contracts: $(TOOLS)
	$(BIN)/lint-imports

cover: $(TOOLS)
	@$(MAKE) --no-print-directory test ARGS='--cov --cov-report=term-missing:skip-covered --cov-fail-under=95 $(ARGS)'
	$(BIN)/coverage report --skip-covered --fail-under=100 \
	  --include='engine/pacing/concurrency/controller.py,engine/pacing/response/verdict.py,engine/pacing/retry.py,engine/pacing/budgets/budget.py,engine/pacing/admission.py,engine/storage/store.py'

bench: $(TOOLS) ## Measure what docs/benchmarks.md promises, and print its tables
	@$(BIN)/python -m bench $(ARGS)

workloads: $(TOOLS) ## Fetch six workloads in plain ways and in fetchdeck's, against the simulator (seven minutes)
	@$(BIN)/python -m bench.workloads $(ARGS)

shapes: $(TOOLS) ## Harvest shapes of real APIs by hand-written configuration and by `auto` (ARGS='stripe --dlt PYTHON')
	@$(BIN)/python -m bench.shapes $(ARGS)

yardstick: $(TOOLS) ## Hold the adaptive law against the bars of ../shared/yardstick
	@$(BIN)/python -m bench.yardstick $(ARGS)

picture: $(TOOLS) ## Draw docs/screen.svg again, from the real screen
	@$(BIN)/python -m bench.screen.readme_picture docs/screen.svg

rooms: $(TOOLS) ## Draw the rooms in docs/architecture.md again, from the imports
	@$(BIN)/python -m bench.rooms

lock: ## Write constraints.txt and the files of hashes again, from the newest versions pyproject.toml allows
	@rm -rf $(VENV)/lock && $(PYTHON) -m venv $(VENV)/lock
	@$(VENV)/lock/bin/python -m pip install --quiet --disable-pip-version-check '.[dev]' hatchling
	@{ echo "# Exact versions the tests have passed with; written by 'make lock'."; \
	   $(VENV)/lock/bin/python -m pip freeze --exclude fetchdeck; } > constraints.txt
	@$(VENV)/lock/bin/python -m pip install --quiet --disable-pip-version-check pip-tools
	@{ echo "# Every package of a run, with the hashes of all its files; written by \"make lock\" for Linux and Python 3.11."; \
	   echo "# pip install --require-hashes -r requirements.lock && pip install --no-deps fetchdeck"; \
	   $(VENV)/lock/bin/pip-compile $(HASHES) pyproject.toml; } > requirements.lock
	@{ echo "# As requirements.lock, with the tools of development; written by \"make lock\"."; \
	   $(VENV)/lock/bin/pip-compile $(HASHES) --extra dev pyproject.toml; } > requirements-dev.lock
	@rm -rf $(VENV)/lock

audit: $(TOOLS) ## Ask the public list of vulnerabilities about every package of a run, where it can be reached
	@$(BIN)/pip-audit --strict --require-hashes --disable-pip -r requirements.lock

wheel: $(READY) ## Build the wheel into dist/
	@rm -rf dist && $(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .
	@ls dist

clean: ## Remove what make made
	rm -rf $(VENV) dist build mutants .coverage .mypy_cache .ruff_cache .pytest_cache .hypothesis
