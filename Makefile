# Everything happens in the environment .venv, made from the lock files; `make help` lists what there is.
PYTHON ?= python3
VENV ?= .venv
EXAMPLE := examples/sock-shop
ENGINE ?= docker
VERSION = $(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
REVISION = $(shell git rev-parse HEAD)
IMAGE ?= segaudit:$(VERSION)

PIP := $(VENV)/bin/python -m pip --disable-pip-version-check --quiet
# The suites that need more than Python and Pango, from their one list in pyproject.toml: $(call SUITES,what,separator).
SUITES = $(VENV)/bin/python -c 'import tomllib; \
	listed = tomllib.load(open("pyproject.toml", "rb"))["tool"]["pytest"]["ini_options"]["markers"]; \
	print(*($(1) for line in listed), sep="$(2)")'
# As many processes as there are processors, and who is done takes from the others, or a group of tests that share a server.
PARALLEL := --numprocesses auto --dist=
NAMES = $(shell $(call SUITES,line.partition(":")[0], or ))

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test lint check bench bench-full bench-live bench-live-full lock image wheel clean

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

demo: $(VENV)/.runtime  ## sets up and audits a bundled real example into out/
	$(VENV)/bin/segaudit run --from $(EXAMPLE) --out out
	@echo
	@echo "The report on $(EXAMPLE) is in out/. Look at:"
	@echo "  out/report.html       in a browser; out/report.pdf is the same on paper"
	@echo "  out/csv/findings.csv  what to mend, a row each, with the YAML that mends it"
	@echo "Then try it on your own manifests: $(VENV)/bin/segaudit run --from PATH --out FOLDER"

test: $(VENV)/.dev  ## sets up and runs the tests that need Python and Pango only
	$(VENV)/bin/python -m pytest $(PARALLEL)worksteal --cov --cov-report term:skip-covered -m "not ($(NAMES))"
	@echo
	@echo "Left out, for they take more than Python and Pango; run all with make check, one with $(VENV)/bin/pytest -m NAME:"
	@$(call SUITES,"  " + line,\n)

lint: $(VENV)/.dev  ## ruff, mypy --strict, import-linter
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

check: $(VENV)/.dev  ## the marked suites: API server, object store, browser, PDF validator, image, wheel
	@.ci/packages check || echo "The tests that need them are skipped below; in CI they fail."
	$(VENV)/bin/python -m pytest $(PARALLEL)loadgroup -m "$(NAMES)"

bench: $(VENV)/.dev  ## benchmarks, small sizes
	$(VENV)/bin/python -m bench

bench-full: $(VENV)/.dev  ## benchmarks, all sizes: needs minutes and gigabytes
	$(VENV)/bin/python -m bench --full

bench-live: $(VENV)/.dev  ## a live cluster's snapshot beside curl and the official client, on a replay server
	$(VENV)/bin/python -m bench.live

bench-live-full: $(VENV)/.dev  ## the same at 150,000 pods: takes minutes
	$(VENV)/bin/python -m bench.live --full --repeat 3

# What is locked for development is locked first and holds the others to the same versions.
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-strip-extras $(UPGRADE)
lock:  ## brings the lock files in line with pyproject.toml; newest versions: make lock UPGRADE=--upgrade
	@command -v uv >/dev/null || { echo "uv is missing: pip install uv" >&2; exit 1; }
	$(COMPILE) pyproject.toml --all-extras --group dev --output-file requirements-dev.lock
	$(COMPILE) pyproject.toml --constraint requirements-dev.lock --output-file requirements.lock
	$(COMPILE) pyproject.toml --extra s3 --constraint requirements-dev.lock --output-file requirements-image.lock
	$(COMPILE) --group build --constraint requirements-dev.lock --output-file requirements-build.lock
	$(COMPILE) --group sbom --constraint requirements-dev.lock --output-file requirements-sbom.lock

image:  ## builds the image with docker, or ENGINE=podman|buildah; IMAGE names it, BASE its Debian
	$(ENGINE) build --tag $(IMAGE) --build-arg VERSION=$(VERSION) --build-arg REVISION=$(REVISION) \
		$(if $(BASE),--build-arg BASE=$(BASE)) .

wheel: $(VENV)/.runtime  ## builds dist/*.whl
	$(PIP) wheel --no-deps --no-build-isolation --wheel-dir dist .

clean:  ## removes the environment and everything that was built
	rm -rf $(VENV) out dist build .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

# The environment, in two steps: what it takes to run, then what it takes to develop. A stamp is older than its lock when the
# lock has changed; pip then brings what differs. The build backend comes from a lock too, so nothing is fetched unhashed.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3" >&2; exit 1; }
	@PYTHON=$(PYTHON) .ci/packages set-up
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.lock requirements-build.lock pyproject.toml | $(VENV)/bin/python
	@PYTHON=$(VENV)/bin/python .ci/packages set-up
	@echo "Installing the locked dependencies into $(VENV) (a minute or so)"
	@$(PIP) install --require-hashes -r requirements.lock -r requirements-build.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@$(VENV)/bin/python -m compileall -q audit reports
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@echo "Installing the locked tools for development into $(VENV)"
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@
