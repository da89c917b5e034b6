# Five verbs, the same for people and for CI.
PYTHON ?= python3.11
BIN := .venv/bin
export LIMNER_HOME ?= $(CURDIR)/.limner
export LIMNER_MIRRORS ?= $(CURDIR)/examples/mirrors.toml
MODEL ?= qwen2.5-coder-1.5b-instruct
SMALL := smollm2-135m-instruct
EMBEDDINGS := all-minilm-l6-v2

.PHONY: demo install dev models check test test-all docs train-icons clean

demo: install  ## Install, break a model on purpose, pull the models, write an article.
	$(BIN)/limner demo faults
	$(BIN)/limner models pull $(MODEL) $(EMBEDDINGS) || echo "Without the models: the article below is written by the fallbacks, and says so."
	$(BIN)/limner write examples/outfitter/brief.yaml --knowledge examples/outfitter/knowledge --model $(MODEL) --out out/demo

install: .venv/installed  ## Install Limner into .venv.
.venv/installed: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv || python3 -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[cpu]"
	touch $@

dev: .venv/dev  ## Install what tests and checks need.
.venv/dev: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv .venv || python3 -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[dev]"
	touch .venv/installed $@

models: install  ## Pull the models that the tests with weights use.
	$(BIN)/limner models pull $(SMALL) $(MODEL) $(EMBEDDINGS)

check: dev  ## Lint, format, types, import order.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python scripts/typecheck.py

test: dev  ## The tests, in under ten minutes on two cores; those that need weights skip without them.
	$(BIN)/python -m pytest -q -m "not slow"

test-all: dev  ## Every test, the slow ones too; `make models` first, for those with weights.
	$(BIN)/python -m pytest -q

docs: dev  ## The documentation as a site, in site/.
	$(BIN)/mkdocs build --strict --quiet

SIZE ?= 64
train-icons: dev  ## Train limner-icons, in out/icons; Ctrl-C stops, the same call goes on. SIZE=128 on a GPU.
	$(BIN)/limner models pull $(EMBEDDINGS)
	$(BIN)/python -m limner.training.icons --size $(SIZE) --folder out/icons

clean:  ## Remove what was built; models and runs in .limner stay.
	rm -rf build dist site out *.egg-info .pytest_cache .mypy_cache .ruff_cache
