# Two commands do everything: `make demo` and `make test`.
# The first Python on the path that really runs and is new enough (a shim may exist and run nothing).
PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13 python3.14 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# Tests run two at a time, a file to a process; `make test WORKERS=0` runs them one after the other.
WORKERS ?= 2
SPREAD  := --numprocesses=$(WORKERS) --dist=loadfile

.PHONY: demo test lint notebooks pictures samples lab clean

demo: $(VENV)/.installed  ## run the sample study and print the path of one shareable HTML file
	@$(BIN)/cjmlab demo

test: $(VENV)/.installed-dev  ## install what tests need and run them all, the notebooks included
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest $(SPREAD) $(PYTEST_FLAGS)
	$(BIN)/python -m pytest $(SPREAD) -o addopts=-q --nbval-lax --nbval-sanitize-with tests/nbval_sanitize.cfg notebooks

lint: $(VENV)/.installed-dev  ## put code and notebooks in the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/nbstripout --extra-keys "metadata.papermill cell.metadata.papermill" notebooks/*.ipynb notebooks/*/*.ipynb

notebooks: $(VENV)/.installed-dev  ## write the notebooks in the further languages from notebooks/prose.toml
	$(BIN)/python notebooks/languages.py

pictures: $(VENV)/.installed-dev  ## draw the pictures of the README anew
	$(BIN)/python -m benchmarks.pictures

samples: $(VENV)/.installed  ## build the sample studies anew from their seed
	$(BIN)/python -m cjmlab.study.samples data/samples

lab: $(VENV)/.installed  ## open the notebooks
	$(BIN)/jupyter lab notebooks

clean:
	rm -rf $(VENV) out artifacts .pytest_cache .mypy_cache .ruff_cache

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "cjmlab needs Python 3.11 or newer and found none. Say: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml
	@echo "Installing cjmlab in $(VENV) (once, about a minute) …"
	$(PIP) -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/bin/python pyproject.toml
	@echo "Installing cjmlab with what its tests need in $(VENV) (once, about a minute) …"
	$(PIP) -e ".[dev]"
	@touch $@ $(VENV)/.installed
