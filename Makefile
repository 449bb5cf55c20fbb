# Everything runs in .venv, which the first target that needs it creates: only python3 (with venv and pip) and make are assumed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ENGINE ?= docker
VERSION := $(shell sed -n '0,/^version = /s/^version = "\(.*\)"/\1/p' pyproject.toml)
TOOLS := build/tools
CLIENTS := build/clients
AIRBYTE := build/airbyte
# Container images like to set it. Each of the tests' hundreds of processes would compile all that it imports.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test tests test-long mutants drafts test-recorded browser screenshots lint format version-check release-notes package airbyte-test lint-workflows docs site bench image image-test image-engine clients-test lock audit clean help

help:  ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /  —  /'

# What the sandbox needs is enough for the demo and the site, and half of what the tests need. Where neither is asked for,
# all comes at once. Python compiles what it imports. The pip that comes with older Pythons takes three times as long to
# find out which versions go together; the newer one shows what setuptools has to say of every editable installation.
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --no-compile
INSTALL := PYTHONWARNINGS=ignore $(PIP) --editable
ifeq ($(filter demo site,$(MAKECMDGOALS)),)
$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) --upgrade pip
	$(INSTALL) '.[tests]'
	@touch $(VENV)/.sandbox $@
else
$(VENV)/.sandbox: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) --upgrade pip
	$(INSTALL) '.[sandbox]'
	@touch $@

$(VENV)/.installed: $(VENV)/.sandbox
	$(INSTALL) '.[tests]'
	@touch $@
endif

# By one process, once: else each of the tests' processes would compile all of it at the same time. What fails here
# fails in the tests again, and is told there.
$(VENV)/.compiled: $(VENV)/.installed
	@$(BIN)/pytest --collect-only >/dev/null 2>&1 || true
	@touch $@

demo: $(VENV)/.sandbox  ## sync a year of example Stripe data into an embedded Fincome, and prove the result; KEEP=1 leaves its page open
	$(BIN)/python -m examples.stripe_year --out build/demo
	$(BIN)/fincome demo build/demo $(if $(KEEP),--keep)

test: lint tests  ## lint, type-check and run all tests; with `make --jobs 2` at once

# More processes than most machines have cores: many tests wait for something that takes its time. The files that take
# long come first, so that no process is left alone with one at the end.
tests: $(VENV)/.compiled browser
	$(BIN)/pytest -n 4 --dist loadfile --no-loadscope-reorder integration_tests unit_tests

test-long: $(VENV)/.installed  ## what `make test` leaves out because it is only more of the same; about 2 minutes
	LONG_TESTS=1 $(BIN)/pytest -n 4 --dist loadfile -m long

drafts: $(VENV)/.installed  ## measure what `fincome map` makes of exports that it was not made for (docs/testing.md)
	$(BIN)/python -m integration_tests.measure_drafts

test-recorded: $(VENV)/.installed  ## sync a year that source-stripe really wrote: DATA=folder with its catalog.json and messages.jsonl.gz
	@test -f "$(DATA)/catalog.json" || { echo "Name a folder with catalog.json and messages.jsonl.gz: make test-recorded DATA=folder" >&2; exit 1; }
	RECORDED_DATA="$(abspath $(DATA))" $(BIN)/pytest integration_tests/test_stripe.py --timeout 300

# mutmut's work is in the folder mutants. It takes those of its changes whose number ends in 3, a tenth.
mutants: $(VENV)/.installed  ## change the code of the core in small ways, and count the changes that no test sees; or MUTANTS='*' for all
	$(BIN)/pip install --quiet --disable-pip-version-check mutmut==3.8.1
	rm -rf mutants && mkdir -p build
	$(BIN)/mutmut run '$(or $(MUTANTS),*3)' >build/mutants.log 2>&1 || { tail -n 40 build/mutants.log; exit 1; }
	$(BIN)/python -m unit_tests.mutation_score mutants

# The page's tests need a browser. On Debian and its kind root gets it from the system's packages.
browser:  ## make sure that there is a Chromium
	@for name in "$$CHROMIUM" chromium chromium-browser google-chrome-stable google-chrome; do \
	  command -v "$$name" >/dev/null && exit 0; \
	done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	  apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null; \
	else \
	  echo "The tests of the sandbox's page need Chromium: install it (on Debian: sudo apt-get install chromium)," >&2; \
	  echo "or name it: CHROMIUM=/path/to/chromium make test" >&2; exit 1; \
	fi

screenshots: $(VENV)/.installed browser  ## make the pictures anew: the README's from a real sync, those of docs/erp-export.md from a real studio
	$(BIN)/python -m examples.stripe_year --out build/demo
	$(BIN)/python -m integration_tests.page.picture build/demo docs/images
	$(BIN)/python -m integration_tests.page.studio_pictures docs/images

lint: $(VENV)/.installed  ## ruff and mypy --strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.installed  ## put the code into its canonical form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

version-check: $(VENV)/.installed  ## name every place that has another version than metadata.yaml, or than TAG=v1.2.3
	$(BIN)/pytest unit_tests/packaging -k version --tb=line
	@test -z "$(TAG)" || test "$(TAG)" = "v$(VERSION)" || { echo "The tag is $(TAG), the version is $(VERSION)." >&2; exit 1; }

release-notes:  ## print the changelog's section of this version
	@awk -v version='$(VERSION)' '/^## /{on = index($$0, "[" version "]")} on && !/^## /' CHANGELOG.md

package: $(TOOLS)/bin/build $(TOOLS)/bin/twine  ## build sdist and wheel into dist, and check them
	rm -rf dist build/lib
	$(TOOLS)/bin/python -m build --outdir dist .
	$(TOOLS)/bin/twine check --strict dist/*

# What needs Docker and GitHub is left out: integration_tests/image does as much with any engine.
airbyte-test: $(AIRBYTE)/.installed  ## Airbyte's standard tests, by their own command in an environment of its own; the folder must be called destination-fincome
	$(AIRBYTE)/bin/airbyte-cdk connector test . --pytest-arg=-k --pytest-arg="not image"

$(AIRBYTE)/.installed: pyproject.toml
	$(PYTHON) -m venv $(AIRBYTE)
	$(AIRBYTE)/bin/pip install --quiet --disable-pip-version-check --editable . 'airbyte-cdk[dev]>=7.39.1,<8'
	@touch $@

lint-workflows: $(TOOLS)/bin/check-jsonschema $(TOOLS)/bin/zizmor  ## check .github against its schemas, and for what is unsafe
	$(TOOLS)/bin/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(TOOLS)/bin/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(TOOLS)/bin/check-jsonschema --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/bug.yml .github/ISSUE_TEMPLATE/source.yml
	$(TOOLS)/bin/check-jsonschema --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	$(TOOLS)/bin/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml
	$(TOOLS)/bin/zizmor --offline --quiet .github

docs: $(VENV)/.installed  ## write the lists that README and docs have of the sources, and of other APIs
	PYTHONPATH=. $(BIN)/python docs/generate.py

# Pinned: it is young. What it must do is in docs/site.py.
site: $(VENV)/.sandbox $(TOOLS)/bin/python  ## build the documentation as a site, in English and French, into build/site/site
	$(TOOLS)/bin/pip install --quiet --disable-pip-version-check zensical==0.0.73
	PYTHONPATH=. $(BIN)/python docs/site.py $(TOOLS)/bin/zensical

bench: $(VENV)/.installed  ## measure speed and size (docs/performance.md); about 19 minutes, or BENCH=--quick
	$(BIN)/python -m benchmarks $(BENCH)

image:  ## build the image with Docker, or with ENGINE=podman
	$(ENGINE) build -t destination-fincome:$(VERSION) .

image-test: $(VENV)/.installed  ## build the image with the engine that is here, and run it as the platform does; about 5 minutes
	IMAGE_TESTS=1 $(BIN)/pytest integration_tests/image --timeout 1200

image-engine:  ## install an engine for image-test, where there is no Docker (Debian and its kind, as root)
	apt-get update -qq
	apt-get install -y -qq --no-install-recommends podman buildah runc mmdebstrap

# PyAirbyte, source-faker and the connector don't agree on their dependencies: each has an environment of its own.
# What setuptools left in build/lib would be installed along with what is there now.
clients-test: $(VENV)/.installed $(CLIENTS)/pyairbyte/.installed $(CLIENTS)/source-faker/.installed  ## sync with PyAirbyte from source-faker; about 2 minutes, and 5 to install them
	test -x $(CLIENTS)/destination/bin/pip || $(PYTHON) -m venv $(CLIENTS)/destination
	rm -rf build/lib $(CLIENTS)/wheel
	$(CLIENTS)/destination/bin/pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir $(CLIENTS)/wheel .
	$(CLIENTS)/destination/bin/pip install --quiet --disable-pip-version-check --upgrade $(CLIENTS)/wheel/*.whl
	$(CLIENTS)/destination/bin/pip install --quiet --disable-pip-version-check --force-reinstall --no-deps $(CLIENTS)/wheel/*.whl
	CLIENT_TESTS=1 $(BIN)/pytest integration_tests/clients --timeout 600

$(CLIENTS)/%/.installed: integration_tests/clients/requirements-%.txt
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

# No place that packages come from is written into the lock. LOCK=--upgrade takes the newest versions.
# The image has Python 3.13; the markers for older ones let another base stand in. The second compilation proves that
# each package has a wheel on both architectures.
UV := $(TOOLS)/bin/uv pip compile --quiet --generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links \
  --custom-compile-command "make lock"

lock: $(TOOLS)/bin/uv  ## lock what goes into the image, for its Python and both architectures
	cp docker/requirements.lock $(TOOLS)/requirements.lock
	$(UV) --universal --python-version 3.11 pyproject.toml --extra studio $(LOCK) -o $(TOOLS)/requirements.lock
	for platform in x86_64 aarch64; do \
	  $(UV) --only-binary :all: --python-version 3.13 --python-platform $$platform-manylinux_2_28 \
	    $(TOOLS)/requirements.lock -o $(TOOLS)/$$platform.lock || exit 1; \
	done
	cmp $(TOOLS)/x86_64.lock $(TOOLS)/aarch64.lock
	cp $(TOOLS)/requirements.lock docker/requirements.lock

# Strict: what the database of vulnerabilities can't tell about is a failure too. Needs the internet.
audit: $(TOOLS)/bin/pip-audit  ## look the image's locked packages up among the known vulnerabilities
	$(TOOLS)/bin/pip-audit --strict --require-hashes --disable-pip --progress-spinner off -r docker/requirements.lock

$(TOOLS)/bin/python:
	$(PYTHON) -m venv $(TOOLS)

$(TOOLS)/bin/%:
	test -d $(TOOLS) || $(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/pip install --quiet --disable-pip-version-check $*

clean:  ## remove everything that the targets made
	rm -rf $(VENV) build dist mutants *.egg-info
