"""Attacks that hang or exhaust other languages: each is refused, or done at once within little memory."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
SECONDS = 0.1
BYTES = 50 * 2**20

NESTED = "count(this.lines, " * 8 + "1" + " > 0)" * 8
ATTACKS = {
    "power tower": "9**9**9",
    "right power tower": "9**(9**9)",
    "power by name": "power(9, power(9, 9))",
    "power of powers": "power(power(power(9, 999), 999), 999)",
    "text repeated": "'A' * 10000000000",
    "long range": "sum(range(300000000), 1)",
    "nested map": NESTED,
    "map over maps": "sum(this.lines, sum(this.lines, sum(this.lines, qty)))",
    "class of a text": "''.__class__",
    "class by name": "t.__class__.__mro__",
    "dunder": "__import__('os')",
    "dunder of a row": "this.__class__",
    "globals": "self.__globals__",
    "percent format": "'%1000000000d' % 1",
    "wide format": "text('{:1000000000}', 1)",
    "wide format of two digits": "text('{:099.99}', 1)",
    "format walks attributes": "text('{.__class__}', 1)",
    "format method": "'{0.__class__}'.format(1)",
    "regex": "match(t, '(a+)+$')",
    "regex counted": "match(cut(t, 2000), 'x{0,50}x{0,50}x{0,50}x{0,50}y')",
    "regex starred": "match(cut(t, 2000), 'x*x*x*x*x*x*x*x*x*x*x*x*x*x*x*x*x*x*x*x*y')",
    "regex over a long text": "match(t, 'x*')",
    "parentheses": "(" * 5000 + "1" + ")" * 5000,
    "parentheses within the length": "(" * 1990 + "1" + ")" * 1990,
    "unary minus": "-" * 3999 + "1",
    "not": "not " * 990 + "true",
    "long sum": "1" + "+1" * 1999,
    "chain in chains": "1 < (" * 40 + "2" + ") < 3" * 40,
    "conditions in conditions": "1 if " * 300 + "true" + " else 2" * 300,
    "calls in calls": "abs(" * 600 + "1" + ")" * 600,
    "attributes": "this" + ".a" * 1900,
    "many arguments": "least(" + "1, " * 1300 + "1)",
    "long number": "9" * 3900,
    "long product": "*".join(["9" * 34] * 100),
    "long digits": "1." + "1" * 3900,
    "padded": "pad('x', 10000000000)",
    "padded within the bound": "pad('x', 100000)",
    "texts added": "+".join(["t"] * 100),
    "replaced": "replace(replace(replace(t, 'x', 'yyyy'), 'y', 'zzzz'), 'z', 'xxxx')",
    "rounded": "round(1, 1000000000)",
    "rounded at the edge": "round(1, 34) + round(1, -34)",
    "huge date": "date(999999999, 1, 1)",
    "huge duration": "today + 1000000000000 * day",
    "huge month": "today + 1000000000000 * month",
    "tiny fraction": "power(0.1, 1000) * power(0.1, 1000)" + " * power(0.1, 1000)" * 6,
    "number from text": "number('9' + '9')",
    "lambda": "(lambda: 1)()",
    "comprehension": "[x for x in lines]",
    "walrus": "(x := 1)",
    "f-string": "f'{t}'",
    "subscript": "lines[0]",
    "star": "least(*lines)",
    "surrogate": "'\ud800' + t",
    "null byte": "a \x00 + 1",
    "comment": "a # + 1",
    "too long": "a" * 5000,
    "nothing": "   ",
    "shared out": "sum(lines, share(1, by=qty))",
}


@cache
def results() -> dict[str, dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.engine.expressions.attack"],
        input=json.dumps(list(ATTACKS.values())),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(zip(ATTACKS, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("name", ATTACKS)
def test_attack_is_refused_or_cheap(name: str) -> None:
    found = results()[name]
    assert found["seconds"] < SECONDS, found
    assert found["bytes"] < BYTES, found


REFUSED = (
    "power tower", "right power tower", "text repeated", "long range", "class of a text", "class by name", "dunder",
    "dunder of a row", "globals", "percent format", "wide format", "format walks attributes", "format method", "regex",
    "parentheses", "unary minus", "long sum", "lambda", "comprehension", "walrus", "f-string", "subscript", "star",
    "comment", "too long", "nothing", "long number",
)  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_attack_never_runs(name: str) -> None:
    assert results()[name]["ending"].startswith("refused "), results()[name]


@pytest.mark.parametrize("name", ["nested map", "map over maps", "regex over a long text", "padded", "replaced"])
def test_work_is_stopped_at_its_bound(name: str) -> None:
    assert results()[name]["ending"].startswith("stopped at "), results()[name]
