# Each target does all of its own set-up, in .venv and the user's cache; nothing else is touched.
PYTHON ?= python3
UV := $(shell command -v uv 2>/dev/null)
SETUP := .venv/.set-up

.PHONY: demo test check benchmarks clean

demo: $(SETUP)
	.venv/bin/countenance demo --out demo

# A file's tests stay together, since they share servers and databases; conftest.py says which files come first.
test: $(SETUP)
	.venv/bin/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

check: $(SETUP)
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports

$(SETUP): pyproject.toml
ifdef UV
	$(UV) venv --quiet --allow-existing --python ">=3.11" .venv
	$(UV) pip install --quiet --python .venv/bin/python --editable . --group dev
else
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --upgrade "pip>=25.1"
	.venv/bin/python -m pip install --quiet --editable . --group dev
endif
	# Compiled, commands start in half the time, and not every installer does it. Some packages hold templates of
	# code, which are no code.
	.venv/bin/python -m compileall -qq -j 0 .venv src || true
	touch $(SETUP)

clean:
	rm -rf .venv .benchmarks demo
