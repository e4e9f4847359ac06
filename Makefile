# Everything a newcomer types. The README has the same lines without make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: pictures reference demo test test-all bench lint types trace examples schemas constraints wheel clean

demo: $(VENV)/.demo
	$(BIN)/kpi demo

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n 2 --dist worksteal

test-all: test
	$(BIN)/python -m pytest -n 2 --dist worksteal -m slow
	KPI_CLIENT=home-goods $(BIN)/python -m pytest --nbval-lax --nbval-cell-timeout=120 -m "" notebooks
	$(MAKE) lint

# The oracles hold pandas below 3 and live in an environment of their own.
bench: $(VENV)/.dev .venv-oracles/.ready
	$(BIN)/python tests/benchmarks/bench_defend.py .venv-oracles/bin/python bench.md
	$(BIN)/python tests/benchmarks/bench_batch.py bench.md

.venv-oracles/.ready: constraints-oracles.txt
	test -x .venv-oracles/bin/python || $(PYTHON) -m venv .venv-oracles
	.venv-oracles/bin/python -m pip install --quiet --require-hashes -r constraints-oracles.txt
	touch $@

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory types; \
	elif [ -n "$$KPI_REQUIRE_ALL" ]; then echo "npm is missing: the types of kpi_toolkit/whatif/live cannot be checked" >&2; exit 1; \
	else echo "npm is missing: the types of kpi_toolkit/whatif/live were NOT checked (Debian: apt-get install npm)" >&2; fi

# The live what-if is plain JavaScript; TypeScript only reads its types.
types: tests/js/node_modules/.ready
	tests/js/node_modules/.bin/tsc --project tests/js
	tests/js/node_modules/.bin/tsc --project tests/js/form.tsconfig.json

tests/js/node_modules/.ready: tests/js/package-lock.json
	npm ci --prefix tests/js --no-audit --no-fund --silent
	touch $@

# Which row of the method's catalogue is proven by which test, and what is open.
trace: $(VENV)/.dev
	$(BIN)/python tests/trace_rows.py

examples: $(VENV)/.dev
	$(BIN)/python client_data/make_examples.py

# The pictures of README and docs, and the pages that are made from the code.
pictures: $(VENV)/.dev
	$(BIN)/python tests/make_pictures.py

reference: $(VENV)/.dev
	$(BIN)/python tests/make_reference.py

schemas: $(VENV)/.dev
	$(BIN)/python tests/make_schemas.py

wheel: $(VENV)/.dev
	$(BIN)/python -m hatchling build -t wheel

# Needs uv. Pins hold for every platform, carry hashes and name no index.
constraints:
	uv pip compile --universal --generate-hashes --no-header --no-annotate --python-version 3.11 --group build pyproject.toml -o constraints.txt
	uv pip compile --universal --generate-hashes --no-header --no-annotate --python-version 3.11 --all-extras --group dev pyproject.toml -o constraints-dev.txt -c constraints.txt
	uv pip compile --universal --generate-hashes --no-header --no-annotate --python-version 3.11 --group oracles -o constraints-oracles.txt

$(VENV)/.demo: constraints.txt pyproject.toml
	test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r constraints.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	$(BIN)/python -m pip check
	touch $@

$(VENV)/.dev: constraints-dev.txt pyproject.toml
	test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r constraints-dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	$(BIN)/python -m pip check
	touch $@ $(VENV)/.demo

clean:
	rm -rf $(VENV) .venv-oracles tests/js/node_modules bench.md dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
