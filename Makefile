# boxloop. Two commands matter: `make run` and `make test`; `make` alone lists all of them.
#
# Everything stays in this folder: the environment is .venv, and a second call sets up nothing.

STUDY ?= photoz_demo
PACKAGE ?=
CORES ?=
PROFILE ?= default
# As the environment was set up; GPU= (empty) goes back to processors.
GPU ?= $(if $(wildcard .venv/ready-requirements-gpu.lock),1)
NAME ?=
ARGS ?=
PYTHON ?= python3 python3.13 python3.12 python3.11 python

SHELL := /bin/sh
BIN := .venv/bin
UV := .venv/uv/bin/uv
LOCK := requirements$(if $(GPU),-gpu).lock
READY := .venv/ready-$(LOCK)
RUN := exec $(BIN)/boxloop run
HOW := --profile $(PROFILE) $(if $(CORES),--cores $(CORES)) $(ARGS)
# Where `make wheels` has filled this folder, all comes from it, and no package index is asked.
OFFLINE := $(if $(wildcard wheels/*.whl),--no-index --find-links wheels)
COMPILE := $(UV) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11

# A name that was given is taken as it stands: make does not expand it, and the shell gets it as a
# variable, which it does not read as code.
override STUDY := $(value STUDY)
help run recover: export STUDY := $(value STUDY)

# A home or system-wide configuration of Python must not leak into the environment.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV
export PYTHONNOUSERSITE := 1
export MLFLOW_DISABLE_TELEMETRY := true
export DO_NOT_TRACK := true

.DEFAULT_GOAL := help
.PHONY: help setup run recover studies test test-all coverage check benchmark pull repro wheels lock clean

help: ## list these commands
	@echo "make COMMAND [STUDY=$$STUDY] [CORES=$(or $(CORES),all)] [PROFILE=$(PROFILE)] [GPU=1]"
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-18s %s\n", $$1, $$2}'

run: $(READY) ## run a study and write its report (STUDY=, CORES=, PROFILE=, ARGS=--verbose)
	@case "$$STUDY" in *[!a-z0-9_]*|"") \
	  printf 'STUDY: expected small letters, digits and underscores, as in config/studies/NAME.yaml; found %s\n' \
	    "$$STUDY" >&2; exit 2;; esac
	@$(BIN)/boxloop check "$$STUDY"
	@$(RUN) "$$STUDY" $(HOW)

recover: $(READY) ## after a run was killed: end the jobs it left, free the folder, go on
	@$(BIN)/boxloop recover
	@$(MAKE) --no-print-directory run

studies: $(READY) ## run all studies that config/config.yaml lists; may take hours
	@$(RUN) studies $(HOW)

# Three at a time, file by file, in their order, for two cores: many tests wait for processes.
TESTS := -n 3 --dist loadfile --no-loadscope-reorder $(if $(PACKAGE),tests/unit/$(PACKAGE),tests/workflow \
  $(if $(shell command -v chromium),tests/browser) tests/unit) $(ARGS)

test: $(READY) ## run the tests (PACKAGE=evaluate: of one package; ARGS=)
	@$(BIN)/pytest $(TESTS)

test-all: $(READY) ## run all tests, the long ones too, and the demo under other Pythons; takes half an hour
	@bash .ci/tests all --long=all && sh .ci/pythons

coverage: $(READY) ## run the tests and say which lines and branches they reach (PACKAGE=, ARGS=--long=all)
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest $(TESTS)
	@$(BIN)/coverage combine --quiet && $(BIN)/coverage report

check: $(READY) ## check style, types, arrows between packages, and that the docs are in step
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/snakefmt --check Snakefile workflow
	$(BIN)/python .ci/lint
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/boxloop docs --check

benchmark: $(READY) ## run a script of benchmarks/ (NAME=, ARGS=)
	@test -f "benchmarks/$(NAME).py" || { \
	  echo "make benchmark NAME=...; there are: $$(cd benchmarks && ls *.py | sed 's/\.py$$//' | tr '\n' ' ')"; exit 2; }
	@$(BIN)/python "benchmarks/$(NAME).py" $(ARGS)

pull: $(READY) ## fetch results from the DVC remote, so that nothing they hold is computed again
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh .ci/pull

repro: $(READY) ## let DVC run what dvc.yaml lists and keep the results in its cache
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/dvc repro

setup: $(READY) ## make the environment in .venv (GPU=1: with NVIDIA's libraries)

wheels: | .venv/python ## download all packages to wheels/, for a machine without network (GPU=1)
	@"$$(cat .venv/python)" -m pip download --quiet --no-deps --require-hashes --prefer-binary \
	  --disable-pip-version-check --dest wheels -r $(LOCK)
	@echo "wheels/: $$(ls wheels | wc -l) packages, $$(du -sh wheels | cut -f1)"

lock: $(UV) ## pin all dependencies anew in requirements.lock and requirements-gpu.lock
	$(COMPILE) --upgrade --extra dev pyproject.toml -o requirements.lock
	$(COMPILE) --extra dev --extra gpu -c requirements.lock pyproject.toml -o requirements-gpu.lock

clean: ## remove the environment and caches; data and results stay
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage*

# The stamp is written last: whatever interrupts the set-up, the next call does it again. uv comes
# with pip, in the version and with the checksum that the lock file holds.
$(READY): requirements.lock $(LOCK) pyproject.toml | .venv/python $(UV)
	@echo "boxloop: setting up .venv; once, it takes a few minutes"
	@rm -f .venv/ready-*
	@$(UV) venv --quiet --allow-existing --python "$$(cat .venv/python)" .venv
	@$(UV) pip sync --quiet $(OFFLINE) --compile-bytecode --python $(BIN)/python $(LOCK)
	@$(UV) pip install --quiet --no-deps --no-build-isolation --python $(BIN)/python -e .
	@touch $@

$(UV): | .venv/python
	@sed -n '/^uv==/,/^    # via/p' requirements.lock > .venv/uv.txt
	@"$$(cat .venv/python)" -m pip install --quiet --no-deps --require-hashes --disable-pip-version-check \
	  $(OFFLINE) --root-user-action ignore --target .venv/uv --upgrade -r .venv/uv.txt

.venv/python:
	@mkdir -p .venv
	@for python in $(PYTHON); do \
	  "$$python" -c 'import pip, sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null || continue; \
	  "$$python" -c 'import sys; print(sys.executable)' > $@; break; done; \
	test -s $@ || { rm -f $@; \
	  echo "boxloop needs Python 3.11, 3.12 or 3.13 with pip; none of these is one: $(PYTHON)."; \
	  echo "Name yours: make $(MAKECMDGOALS) PYTHON=/path/to/python3"; exit 2; }
