# `make run` runs the demo, `make test` runs all tests; both first set up what is missing.
SHELL := /bin/bash -euo pipefail
PYTHON ?= python3
BIN := .venv/bin
# Shared by all checkouts, as in services/ratchet/local/cache.py.
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/ratchet
KAFKA := $(CACHE)/kafka-4.3.1/libs
MODEL := $(CACHE)/models/smollm2-135m-instruct
export RATCHET_KAFKA_LIBS := $(KAFKA)
export RATCHET_MODEL := $(MODEL)
STUBS ?= services

.PHONY: setup kafka model chromium run test test-system test-all fuzz lint types proto lock docs load-test bench-judge bench-judge-gpu bench-gate bench-picking bench-agreement bench-recursion bench-critic bench-careless performance
.DELETE_ON_ERROR:

setup: .venv/stamp kafka model chromium
model: $(MODEL)/config.json

.venv/stamp: requirements/cpu.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "ratchet needs Python 3.11 or newer: make PYTHON=...")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet uv==0.13.9
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --no-deps --require-hashes -r requirements/cpu.txt
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	touch $@

# By content, for the file is always newer in a fresh clone. Its copy says that all the jars are there.
kafka: deploy/kafka/pom.xml
	@cmp --silent $< $(KAFKA)/pom.xml || { \
		type mvn java > /dev/null 2>&1 || { echo "ratchet needs Maven and a JDK 17 or newer" >&2; exit 2; }; \
		rm -rf $(KAFKA); \
		mvn --quiet --batch-mode --file $< dependency:copy-dependencies -DoutputDirectory=$(KAFKA); \
		cp $< $(KAFKA)/pom.xml; \
	}

$(MODEL)/config.json: | .venv/stamp
	$(BIN)/python -m ratchet.local.model_setup --out $(MODEL)

# The tests of the labeling page need it; nothing else does.
chromium:
	@type chromium > /dev/null 2>&1 || { \
		if [ "$$(id -u)" = 0 ] && type apt-get > /dev/null 2>&1; then \
			{ apt-get update && apt-get install --yes --no-install-recommends chromium; } > /dev/null || true; \
		fi; \
		type chromium > /dev/null 2>&1 || echo "the tests of the labeling page need chromium on the PATH"; \
	}

run: setup
	$(BIN)/ratchet demo $(ARGS)

# Two files at a time: half of the tests wait for what they started while the other half computes.
test: setup
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses=2 --dist=loadfile $(ARGS)

# The whole system, its judge and its learner killed while it learns: by itself, for it has all cores to fill.
test-system: setup
	$(BIN)/python -m pytest -m slow tests/chaos/test_demo.py $(ARGS)

# With the slow ones, of which .ci/run has that of the whole system alone.
test-all: setup
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses=2 --dist=loadfile -m "slow or not slow" $(ARGS)

# Ten times what `make test` sends, and other inputs each time.
fuzz: setup
	RATCHET_FUZZ_INPUTS=100000 $(BIN)/python -m pytest tests/fuzz $(ARGS)

lint: .venv/stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/buf lint proto
	$(BIN)/hadolint Dockerfile

types: .venv/stamp
	$(BIN)/pyright

# The stubs are committed; CI writes them elsewhere (STUBS=...) and compares.
proto: .venv/stamp
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python -m grpc_tools.protoc --proto_path=proto \
		--python_out=$(STUBS) --pyi_out=$(STUBS) --grpc_python_out=$(STUBS) \
		--mypy_grpc_out=quiet:$(STUBS) proto/ratchet/v1/*.proto

lock: .venv/stamp
	$(BIN)/uv pip compile pyproject.toml --extra server --extra cpu --extra demo --extra load --extra dev \
		--override requirements/overrides.txt --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-annotate --no-header --output-file requirements/cpu.txt

docs: .venv/stamp
	$(BIN)/python -m ratchet.local.metrics_page > docs/metrics.md

# Against a system that runs: `ratchet up` in another terminal.
load-test: .venv/stamp
	$(BIN)/python -m load_tests run $(ARGS)

bench-judge: setup
	PYTHONPATH=. $(BIN)/python -m benchmarks.judge $(ARGS)

bench-judge-gpu: setup
	PYTHONPATH=. $(BIN)/python -m benchmarks.judge_gpu $(ARGS)

bench-gate: .venv/stamp
	PYTHONPATH=. $(BIN)/python -m benchmarks.gate $(ARGS)

# Half an hour on two cores; goes on where it was killed.
bench-picking: setup
	PYTHONPATH=. $(BIN)/python -m benchmarks.picking $(ARGS)

# Goes on where it was killed; `... report` writes docs/recursion.md from what is there.
bench-recursion: setup
	PYTHONPATH=. $(BIN)/python -m benchmarks.recursion run --arms F,O --seeds 0-4 $(ARGS)
	PYTHONPATH=. $(BIN)/python -m benchmarks.recursion run --arms O+A,O+A0,O+shuffled,gold,O-votes,O-both --seeds 0-2 $(ARGS)

# Writes docs/performance.md's tables from docs/results/.
performance: .venv/stamp
	$(BIN)/python -m benchmarks.page
	$(BIN)/python -m benchmarks.agreement.table

bench-agreement: setup
	PYTHONPATH=. $(BIN)/python -m benchmarks.agreement $(ARGS)

bench-critic: setup
	PYTHONPATH=. $(BIN)/python -m benchmarks.critic $(ARGS)

bench-careless: setup
	PYTHONPATH=. $(BIN)/python -m benchmarks.careless $(ARGS)

bench-%: setup
	$(BIN)/ratchet bench $* $(ARGS)
