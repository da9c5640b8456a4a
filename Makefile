# Two commands for everyone: `make demo` and `make test`. Each sets up what it needs, from Python 3.11, git and the registries alone.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.ready
# Commands and tests start hundreds of processes; forbidden to keep what they compiled, each would compile every library anew.
unexport PYTHONDONTWRITEBYTECODE
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-slow test-browser test-spark test-postgres validity validity-fast lint types rooms spell check bench docs release-check lock clean

help:            ## Say what each target does
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: $(STAMP)  ## Prepare .venv and no more

# uv comes from the registry into a folder of the project's own, so that nothing of the machine is changed.
.tools/bin/uv: requirements/uv.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] < (3, 11) and "Groundswell needs Python 3.11 or later: set PYTHON=...")'
	$(PYTHON) -m venv .tools
	.tools/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

$(STAMP): .tools/bin/uv requirements/dev.txt pyproject.toml
	test -x $(BIN)/python || .tools/bin/uv venv --quiet --python $(PYTHON) .venv
	.tools/bin/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements/dev.txt
	.tools/bin/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup      ## Two invented companies, read and reported: demo/report.html
	$(BIN)/groundswell demo demo

test: setup      ## The fast tests
	$(BIN)/python -m pytest -q -n auto

test-slow: setup ## The slow tests
	$(BIN)/python -m pytest -q -m "slow and not browser"

test-browser: setup ## The page in a real browser (Debian's chromium)
	$(BIN)/python -m pytest -q -m browser

test-spark: setup ## The same counts on a Spark cluster of its own, on loopback; needs Java 17
	.tools/bin/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/spark.txt
	$(BIN)/python -m pytest -q -m spark tests/engines

test-postgres: setup ## What people tell, in a PostgreSQL server of the tests' own (Debian's postgresql)
	$(BIN)/python -m pytest -q -m postgres

validity: setup  ## Plant truths, recover them: the full run, docs/validity.md (about an hour on two cores)
	$(BIN)/python -m pytest -q -n auto -m validity
	$(BIN)/groundswell validate --out docs

validity-fast: setup ## The same with fewer worlds, in under three minutes
	$(BIN)/groundswell validate --fast

lint: setup      ## Style, types, the rule between rooms, spelling
	$(BIN)/ruff format --check src tests bench
	$(BIN)/ruff check src tests bench
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell src tests docs README.md

bench: setup     ## Speed as ratios: each stage beside its floor
	$(BIN)/python -m bench

docs: setup      ## The documentation site: docs/_build/index.html
	.tools/bin/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/docs.txt
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build

release-check: setup ## What a release must have beyond the tests: every phrase in every language
	$(BIN)/python -m pytest -q -m release tests/test_release.py

lock: .tools/bin/uv ## Pin again, a week behind the newest releases, with hashes and without index addresses
	sh requirements/lock.sh

clean:           ## Remove what the targets above made
	rm -rf .venv .tools demo .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
