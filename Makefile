# Two commands matter: `make run` and `make test`. Each sets up what it needs.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
HOST ?= 127.0.0.1
PORT ?= 8080
LOG ?= .frontwire/log.db
ARTICLES ?=

.DEFAULT_GOAL := help
.PHONY: test-far test-near help setup browser kafka run test check deploy sbom bench fuzz campaign eval schemas lock

help: ## List these targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: .venv/.ready ## Make the virtual environment from the lock file

.venv/.ready: requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; set PYTHON=")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

# What the tests need from the system, by Debian's names; nothing is done where it is there already.
define install
	if [ "$$(id -u)" = 0 ]; then sudo=; else sudo=sudo; fi; \
	$$sudo apt-get update -qq && $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $(1) >/dev/null
endef

browser: ## Install Chromium from the system's packages, if there is none
	@command -v chromium >/dev/null || { $(call install,chromium); }

kafka: deploy/kafka/libs/.ready ## Collect the jars of a Kafka broker, for machines without Docker

deploy/kafka/libs/.ready: deploy/kafka/pom.xml
	@command -v java >/dev/null && command -v mvn >/dev/null || { $(call install,openjdk-17-jre-headless maven); }
	mvn -B -q -f $< package
	touch $@

run: setup ## Read the sample (or ARTICLES=file), show who holds what; then processor, feed and map (SERVE=0: end instead)
ifeq ($(ARTICLES),)
	$(BIN)/frontwire demo --log $(LOG)
else
	$(BIN)/frontwire ingest --log $(LOG) $(ARTICLES)
	$(BIN)/frontwire run --log $(LOG) --once
	$(BIN)/frontwire towns --log $(LOG)
endif
ifneq ($(SERVE),0)
	$(BIN)/frontwire serve --run --log $(LOG) --host $(HOST) --port $(PORT)
endif

test: setup browser kafka ## Pass everything: lint, types, import rules, deployment files, all tests
	$(MAKE) --no-print-directory check deploy
	$(MAKE) --no-print-directory --jobs=2 --output-sync=target test-far test-near

# Two halves side by side: those that wait for brokers and other processes, and the rest.
FAR := tests/kafka tests/ports tests/end_to_end
test-far:
	$(BIN)/python -m pytest $(FAR)
test-near:
	$(BIN)/python -m pytest $(addprefix --ignore=,$(FAR))

check: setup ## Lint, types and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

VALIDATE := .venv/validators/bin
.venv/validators/.ready: deploy/validators.txt .venv/.ready
	$(PYTHON) -m venv .venv/validators
	$(VALIDATE)/pip install --quiet -r $<
	touch $@

deploy: .venv/validators/.ready ## Hold the deployment files against their fields' schemas
	$(VALIDATE)/check-jsonschema --builtin-schema vendor.compose-spec deploy/compose.yaml
	$(VALIDATE)/hadolint deploy/Dockerfile
	$(VALIDATE)/kubernetes-validate --strict --quiet deploy/kubernetes/workers.yaml

AUDIT := .venv/audit/bin
.venv/audit/.ready: deploy/audit.txt .venv/.ready
	$(PYTHON) -m venv .venv/audit
	$(AUDIT)/pip install --quiet -r $<
	touch $@

BILL ?= .frontwire/sbom
sbom: .venv/audit/.ready ## List all that is installed: a CycloneDX bill of materials and the licences, into BILL=
	mkdir -p $(BILL)
	$(AUDIT)/cyclonedx-py environment --pyproject pyproject.toml --mc-type application --of JSON -o $(BILL)/sbom.json $(BIN)/python
	$(AUDIT)/pip-licenses --python $(BIN)/python --from=mixed --order=license --format=markdown --output-file=$(BILL)/licences.md

CONTEST := .venv/contest/bin
.venv/contest/.ready: tests/bench/requirements.txt .venv/.ready
	$(PYTHON) -m venv .venv/contest
	$(CONTEST)/pip install --quiet --require-hashes -r requirements.lock
	$(CONTEST)/pip install --quiet --no-deps -r $<
	$(CONTEST)/pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

bench: setup kafka .venv/contest/.ready ## Measure speed, side by side in one run, into tests/bench/results.md
	$(BIN)/python tests/bench/bench.py
	PYTHONPATH=. $(CONTEST)/python tests/bench/kafka_bench.py
	PYTHONPATH=. $(BIN)/python tests/bench/feed.py
	$(BIN)/python tests/bench/replay.py
	$(BIN)/python tests/bench/control.py

FUZZ := .venv/fuzz/bin
.venv/fuzz/.ready: tests/fuzz/requirements.txt .venv/.ready
	$(PYTHON) -m venv .venv/fuzz
	$(FUZZ)/pip install --quiet --require-hashes -r requirements.lock
	$(FUZZ)/pip install --quiet --no-deps -r $<
	$(FUZZ)/pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

INPUTS ?= 1000000
fuzz: .venv/fuzz/.ready ## Give all that reads foreign bytes INPUTS= made-up ones, led by coverage
	PYTHONPATH=. $(FUZZ)/python -m tests.fuzz.fuzz $(INPUTS)

SIZE ?= small
REPORT ?= .frontwire/campaign
campaign: setup browser kafka ## Prove the promise by force (SIZE=small or release), with a report in REPORT=
	$(BIN)/python tests/campaign.py $(SIZE) $(REPORT)

GOLD ?= ../shared/corpus/gold-dev.jsonl
CLUSTERS ?= ../shared/corpus/gold-dev-clusters.jsonl
TEXTS ?= ../shared/corpus/seeds.jsonl ../shared/corpus/fakes-dev.jsonl
eval: setup ## Score extraction against GOLD= over TEXTS=, and merging against CLUSTERS=
	$(BIN)/frontwire eval --gold $(GOLD) $(foreach file,$(TEXTS),--articles $(file)) $(if $(wildcard $(CLUSTERS)),--clusters $(CLUSTERS))

schemas: setup ## Write schemas/published anew
	$(BIN)/python -m schemas.asyncapi

lock: setup ## Resolve the lock file anew
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --group dev \
	  --python-version 3.11 pyproject.toml -o requirements.lock
