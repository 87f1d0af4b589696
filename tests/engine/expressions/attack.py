"""Runs attacks on the expression language in a child process with little memory and time; prints what each one did.

Reads a JSON list of expressions from standard input. For each it prints how it ended, the processor seconds it took
and by how many bytes the peak of memory grew.
"""

import json
import resource
import sys
import time
from decimal import Decimal
from typing import Any

from engine.expressions.environment import Env
from engine.expressions.expression import check_expression
from engine.expressions.limits import Exhausted
from engine.expressions.names import Scope
from engine.problems import NOWHERE
from tests.engine.expressions.worlds import MemoryCatalog, MemoryWorld, document, row_of

MEMORY = 2 * 2**30
SECONDS = 30


def peak() -> int:
    """The most memory that the process has had so far, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def attempt(text: str, scope: Scope, env: Env) -> str:
    """How the attack ends: refused by the checker, stopped at a bound, or a value."""
    found, problems = check_expression(text, NOWHERE, scope, MemoryCatalog())
    if found is None:
        return "refused " + ",".join(problem.code for problem in problems[:3])
    try:
        value = found.evaluate(env)
    except Exhausted as stopped:
        return f"stopped at {stopped.bound}"
    return f"value of {len(str(value))} characters"


def main() -> None:
    """Run all attacks, one after the other."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    shape = document("record", {"t": "text", "n": "number", "a": "integer", "lines": {"qty": "number", "name": "text"}})
    scope = Scope(shape, this=shape)
    lines = [{"id": str(index), "qty": str(index), "name": "x"} for index in range(5_000)]
    row: dict[str, Any] = row_of({"t": "x" * 50_000, "n": "1.5", "a": 3, "lines": lines}, shape.fields)
    env = Env(row, MemoryWorld(), this=row)
    attempt("sum(lines, qty * 2) + round(n, 2) + 1", scope, env)  # everything is loaded before the clock starts
    results = []
    for text in json.load(sys.stdin):
        before, begin = peak(), time.process_time()
        ending = attempt(text, scope, env)
        results.append({"ending": ending, "seconds": time.process_time() - begin, "bytes": peak() - before})
    assert row["n"] == Decimal("1.5")
    sys.stdout.write(json.dumps(results))


if __name__ == "__main__":
    main()
