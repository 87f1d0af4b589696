# One verb each; the work is in tools/. Every verb sets up what it needs first, which costs nothing when it stands.
.PHONY: setup run test coverage check compiled code definitions-hold bench fmt lock
bin := .venv/bin
# A file stays on one worker: what its tests share is made once.
pytest := $(bin)/pytest -n auto --dist loadfile --no-loadscope-reorder

setup:
	@tools/setup.sh all

run:
	@tools/setup.sh run
	@$(bin)/guiju run

# Once for all the processes that checks and tests begin, also where the environment keeps them from keeping bytecode.
compiled: setup
	@$(bin)/python -m compileall -q -j 0 ./*.py engine adapters admin kiosk

# Types and scenarios each keep a core busy for a minute: side by side.
check: compiled
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target definitions-hold code

code:
	@$(bin)/ruff check .
	@$(bin)/ruff format --check .
	@$(bin)/lint-imports --no-logo
	@$(bin)/mypy

definitions-hold:
	@$(bin)/guiju check
	@$(bin)/guiju test --whole --quiet

test: check
	@$(pytest)

# Apart from `test`: watching every line takes more than half as long again as running it.
coverage: setup
	@$(pytest) --cov

bench: setup
	@$(bin)/pytest tests/bench -o python_files='bench_*.py' -q -s

fmt: setup
	@$(bin)/ruff check --fix .
	@$(bin)/ruff format .

lock: setup
	@tools/lock.sh $(if $(UPGRADE),--upgrade)
