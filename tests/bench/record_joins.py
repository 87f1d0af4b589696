"""Has durable_rules 2.0.28 join the streams of `tests/engine/watches/streams.py`, in a child process that may die.

Run it with `python tests/bench/record_joins.py PYTHON > tests/data/watches/durable_rules.json`, where PYTHON (at most
3.12) has the package: `pip install durable_rules` builds it with gcc. What it prints is kept and held against the
engine in `tests/engine/watches/test_joins.py`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.engine.watches.streams import STREAMS, stream

CHILD = """
import json, sys
from durable.lang import *
fired = []
with ruleset("joined"):
    @when_all(
        c.cause << m.kind == "a",
        c.effect << (m.kind == "b") & (m.key == c.cause.key) & (m.number > c.cause.number))
    def join(c):
        fired.append([c.cause.number, c.effect.number])
for number, kind, key in json.load(sys.stdin):
    try:
        post("joined", {"id": number, "number": number, "kind": kind, "key": key})
    except Exception as fault:
        if "MessageNotHandled" not in type(fault).__name__:
            raise
print(json.dumps(fired))
"""


def main() -> None:
    """Print the joins of every stream."""
    found = []
    for seed in range(STREAMS):
        told = json.dumps(stream(seed))
        ended = subprocess.run(  # noqa: S603 -- the interpreter that was named on the command line
            [sys.argv[1], "-c", CHILD], input=told, capture_output=True, text=True, check=True, timeout=60
        )
        found.append(json.loads(ended.stdout))
    sys.stdout.write(json.dumps(found, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
