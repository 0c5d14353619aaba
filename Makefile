# Two commands: `make run` sets everything up and starts the hotline; `make test` sets everything up and checks it.
# `make help` lists the others.

PYTHON := $(shell for p in /usr/bin/python3 python3.14 python3.13 python3.12 python3; do \
	p=$$(command -v $$p) && $$p -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null && echo $$p && break; done)
export UV_PYTHON_DOWNLOADS := never
unexport PYTHONDONTWRITEBYTECODE  # what is compiled once starts in seconds the next time
UV := .tools/bin/uv
SYNC = $(UV) sync --quiet --frozen --inexact --python $(PYTHON)
RUNS = $(SYNC) --no-dev $(if $(wildcard .venv/estimation),--extra estimation)  # once installed, it is kept up to date
WORKS = $(SYNC) --all-extras --no-extra spark  # half a gigabyte, which `make soak` alone needs
BIN := .venv/bin
# A worker and its hotline take up to 3 GB.
WORKERS := $(shell awk '/MemAvailable/ { n = int($$2 / 3000000); print (n < 1 ? 1 : n > 3 ? 3 : n) }' /proc/meminfo)
MANUAL = ($(RUNS) --group docs --offline 2>/dev/null || $(RUNS) --group docs) && \
	for language in es en; do $(BIN)/zensical build --strict --config-file docs/manual.$$language.toml || exit; done
CATALOGUES := $(wildcard amparo/locale/*/LC_MESSAGES/django.po)

.PHONY: run stop call help dev test again check format messages migrations lint-html lint-js hooks coverage audit notes release
.PHONY: docs bench soak package

run: .venv/run .venv/manual  ## Start the demonstration: database, switchboard, pages.
	@$(BIN)/amparo run

stop: .venv/run  ## Stop what `make run` started.
	@$(BIN)/amparo stop

call: .venv/run  ## Let an invented person call the running demonstration.
	@$(BIN)/amparo demo call

help:  ## List what can be made.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

dev: .venv/dev  ## Start the demonstration, and start it again whenever a file of it changes.
	@$(BIN)/watchfiles --filter amparo.developer_commands.restarts --sigint-timeout 60 --verbosity warning \
		"$(BIN)/amparo run" amparo

test: .venv/dev  ## Run all tests; ROOM=care/cases runs those of one room, ARGS=--lf what failed last.
	@deploy/test-tools
	@$(BIN)/pytest -n $(WORKERS) --no-loadscope-reorder --durations=20 $(ROOM:%=amparo/%) $(ARGS)

again: .venv/dev  ## Run what failed in the last test run once more: alone, and after what ran before it.
	@$(BIN)/python -m tests.again

check: .venv/dev  ## Say what can be said of the code without running it: style, types, imports, translations.
	@deploy/install gettext
	@$(BIN)/python tests/check.py

format: .venv/dev  ## Lay the Python out and mend what can be mended by itself.
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

messages: .venv/dev  ## Collect new strings into the catalogues of Spanish and Quechua.
	@deploy/install gettext
	@$(BIN)/python -m tests.catalogues

migrations: .venv/dev  ## Write the next migration of rooms whose models changed; an empty one: ROOM=line/contacts NAME=one_more_index.
	@$(BIN)/python -m tests.migrations $(ROOM:%=--room %) $(NAME:%=--name %)

lint-html: .venv/tools  ## Look for mistakes in the templates.
	@$(BIN)/djlint amparo --lint --quiet

lint-js: node_modules/.package-lock.json  ## Look for mistakes in the scripts, and check their types by their JSDoc; needs npm.
	@node_modules/.bin/biome lint --error-on-warnings
	@node_modules/.bin/tsc --project jsconfig.json

hooks: .venv/tools  ## Let git check what you commit (.pre-commit-config.yaml).
	@$(BIN)/pre-commit install

coverage: .venv/tools  ## Run the tests as `make test` does, and show in htmlcov/ which lines they reach.
	@deploy/test-tools
	@$(BIN)/pytest -n 2 --no-loadscope-reorder --cov --cov-report=html --cov-report=term:skip-covered $(ROOM:%=amparo/%) $(ARGS)

audit: .venv/tools  ## Ask the package index, over the network, about known weaknesses of what we ship; fails without an answer.
	@$(UV) export --quiet --frozen --no-dev --all-extras --no-emit-workspace --format requirements-txt > .venv/shipped.txt
	@$(BIN)/python -m tests.audit .venv/shipped.txt

notes: .venv/tools  ## Show the notes of the next release (changes/).
	@$(BIN)/towncrier build --draft --version next

release: .venv/tools  ## Keep what this version makes for the tests of later ones, and move the notes to CHANGELOG.md: make release VERSION=0.4.0.
	@test -n "$(VERSION)" || { echo "Say which: make release VERSION=0.4.0"; exit 2; }
	@$(BIN)/python -m tests.kept_releases $(VERSION)
	@$(BIN)/towncrier build --yes --version $(VERSION)

docs: .venv/run  ## Build the manual; the application serves it under /help/ from its next start on.
	@$(MANUAL)
	@touch .venv/manual

bench: .venv/dev  ## Measure: telephony, pages, ledger, kills; each prints its figures.
	@deploy/install r-base-core
	@for what in telephony media console fair_queue flood vault access ledger kills estimation linkage; do $(BIN)/python -m bench.$$what || exit; done

package: .venv/dev  ## Build the Debian packages in dist/, from what git has at HEAD (Debian 13 alone).
	@UV="$(abspath $(UV))" ZENSICAL="$(abspath $(BIN))/zensical" deploy/debian/build dist

soak: .venv/dev  ## Run at length what is tried at random, and what takes long: other days, Debian's PostgreSQL 17, 10,000 calls.
	@$(SYNC) --all-extras
	@deploy/install postgresql-17 default-jre-headless
	@deploy/test-tools
	@AMPARO_SOAK=1 $(BIN)/pytest -n 2 -m soak
	@AMPARO_SOAK=1 $(BIN)/pytest amparo/line/switchboard/tests/endurance.py
	@$(BIN)/python -m tests.soak
	@$(BIN)/python -m tests.other_days

$(UV):
	@test -n "$(PYTHON)" || { echo "Amparo needs Python 3.12 or newer: install it, then type the command again."; exit 2; }
	@$(PYTHON) -m venv .tools >/dev/null 2>&1 || { rm -rf .tools; deploy/install python3-venv && $(PYTHON) -m venv .tools; }
	@.tools/bin/python -m pip install -q --disable-pip-version-check --require-hashes --only-binary :all: -r deploy/uv.txt

.venv/run: pyproject.toml uv.lock $(CATALOGUES) | $(UV)
	@$(RUNS) --offline 2>/dev/null || $(RUNS)  # the network is asked only for what is not here yet
	@$(BIN)/python -m amparo.catalogues
	@$(BIN)/python -m amparo.static_files
	@touch $@

.venv/estimation: .venv/run  ## Install what estimates of hidden people need, 300 MB; then start the hotline again.
	@$(RUNS) --extra estimation --offline 2>/dev/null || $(RUNS) --extra estimation
	@touch $@

# Without its manual the demonstration still starts: /help/ says so.
.venv/manual: $(shell find docs/en docs/es docs/theme docs/manual.en.toml docs/manual.es.toml -type f) | .venv/run
	@($(MANUAL)) >.venv/manual.log 2>&1 && touch $@ || echo "The manual could not be built, see .venv/manual.log."

.venv/dev: pyproject.toml uv.lock $(CATALOGUES) | $(UV)
	@$(WORKS) --offline 2>/dev/null || $(WORKS)
	@$(BIN)/python -m amparo.catalogues
	@$(BIN)/python -m amparo.static_files
	@touch $@ .venv/run

.venv/tools: .venv/dev
	@$(WORKS) --group tools --offline 2>/dev/null || $(WORKS) --group tools
	@touch $@

node_modules/.package-lock.json: package-lock.json
	@command -v npm >/dev/null || { echo "The scripts are checked by a program of npm: install npm, then type the command again."; exit 2; }
	@npm ci --silent --no-audit --no-fund
	@touch $@

uv.lock: pyproject.toml | $(UV)
	@$(UV) lock --quiet --python $(PYTHON)
