# Two commands: `make run` sets everything up and starts the hotline; `make test` sets everything up and checks it.

PYTHON := $(shell for p in /usr/bin/python3 python3.14 python3.13 python3.12 python3; do \
	p=$$(command -v $$p) && $$p -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null && echo $$p && break; done)
export UV_PYTHON_DOWNLOADS := never
unexport PYTHONDONTWRITEBYTECODE  # what is compiled once starts in seconds the next time
UV := .tools/bin/uv
SYNC = $(UV) sync --quiet --frozen --inexact --python $(PYTHON)
BIN := .venv/bin
CATALOGUES := $(wildcard amparo/locale/*/LC_MESSAGES/django.po)

.PHONY: run stop call test check docs bench soak

run: .venv/run
	@$(BIN)/amparo run

stop: .venv/run
	@$(BIN)/amparo stop

call: .venv/run
	@$(BIN)/amparo demo call

# All tests, or those of one room: make test ROOM=care/cases. ARGS go to pytest: make test ARGS=--lf.
test: .venv/dev
	@deploy/test-tools
	@$(BIN)/pytest -n 2 --no-loadscope-reorder --durations=20 $(ROOM:%=amparo/%) $(ARGS)

check: .venv/dev
	@deploy/install gettext
	@$(BIN)/python tests/check.py

# The manual, in Spanish and English; the application serves it under /help/ from its next start on.
docs: .venv/run
	@$(SYNC) --no-dev --group docs --offline 2>/dev/null || $(SYNC) --no-dev --group docs
	@for language in es en; do $(BIN)/zensical build --strict --config-file docs/manual.$$language.toml || exit; done

bench: .venv/dev
	@for what in telephony media console fair_queue flood vault access ledger kills; do $(BIN)/python -m bench.$$what || exit; done

# What takes long: what is tried at random, far more often; the tests of the database on the PostgreSQL 17 of Debian.
soak: .venv/dev
	@deploy/install postgresql-17
	@deploy/test-tools
	@AMPARO_SOAK=1 $(BIN)/pytest -n 2 -m soak
	@$(BIN)/python -m tests.soak

$(UV):
	@test -n "$(PYTHON)" || { echo "Amparo needs Python 3.12 or newer: install it, then type the command again."; exit 2; }
	@$(PYTHON) -m venv .tools >/dev/null 2>&1 || { rm -rf .tools; deploy/install python3-venv && $(PYTHON) -m venv .tools; }
	@.tools/bin/python -m pip install -q --disable-pip-version-check --require-hashes --only-binary :all: -r deploy/uv.txt

.venv/run: pyproject.toml uv.lock $(CATALOGUES) | $(UV)
	@$(SYNC) --no-dev --offline 2>/dev/null || $(SYNC) --no-dev  # the network is asked only for what is not here yet
	@$(BIN)/python -m amparo.catalogues
	@touch $@

.venv/dev: pyproject.toml uv.lock $(CATALOGUES) | $(UV)
	@$(SYNC) --offline 2>/dev/null || $(SYNC)
	@$(BIN)/python -m amparo.catalogues
	@touch $@ .venv/run

uv.lock: pyproject.toml | $(UV)
	@$(UV) lock --quiet --python $(PYTHON)
