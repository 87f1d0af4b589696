"""The shared cases: every expression gives the same in Python and in the browser twin."""

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from engine.expressions.environment import Env
from engine.expressions.expression import Checked
from engine.expressions.limits import Exhausted
from engine.expressions.names import Scope
from engine.model.types import Kind, Type
from engine.model.values import Duration
from tests.engine.expressions.worlds import MemoryCatalog, MemoryWorld, checked, document, row_of, type_of, value_of

ROOT = Path(__file__).parents[3]
SCRIPTS = ROOT / "engine/web/static"


@dataclass(frozen=True)
class Case:
    """One expression in its place, and what it must give."""

    group: str
    text: str
    expected: Any
    table: str
    index: int


@cache
def shared() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((ROOT / "tests/cases/expressions.json").read_text(encoding="utf-8"))
    return loaded


def cases() -> list[Case]:
    return [
        Case(group["name"], text, expected, group["place"].get("table", ""), group["place"].get("index", 0))
        for group in shared()["groups"]
        for text, expected in group["cases"]
    ]


each_case = pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.group}: {case.text}")


@cache
def catalog() -> MemoryCatalog:
    columns = {
        name: {column: type_of(phrase) for column, phrase in found.items()}
        for name, found in shared()["columns"].items()
    }
    return MemoryCatalog(shapes={"record": document("record", shared()["fields"])}, lists=columns)


@cache
def record() -> dict[str, Any]:
    return row_of(shared()["row"], catalog().shapes["record"].fields)


@cache
def world() -> MemoryWorld:
    lists = catalog().lists
    codes = {
        name: {
            code: {column: value_of(value, lists[name][column]) for column, value in row.items()}
            for code, row in rows.items()
        }
        for name, rows in shared()["codes"].items()
    }
    return MemoryWorld(catalog(), codes=codes, now=datetime.fromisoformat(shared()["now"]))


@cache
def checked_case(case: Case) -> Checked:
    shape = catalog().shapes["record"]
    scope = Scope(shape, this=shape)
    if case.table:
        table = shape.fields[case.table].shape
        assert table is not None
        scope = scope.inner(table, parent=shape, in_child=True)
    return checked(case.text, scope, catalog())


def env_of(case: Case) -> Env:
    outer = Env(record(), world(), this=record())
    if not case.table:
        return outer
    return outer.inner(record()[case.table][case.index], parent=record(), index=case.index)


@each_case
def test_python(case: Case) -> None:
    found = checked_case(case)
    assert written(found.evaluate(env_of(case))) == wanted(case.expected, found.type)


def written(value: Any) -> Any:
    """A value as the cases write it."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | Decimal):
        return {"number": plain_number(Decimal(value))}
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Duration):
        return {"months": value.months, "seconds": str(value.seconds), "working_days": value.working_days}
    return [written(member) for member in value] if isinstance(value, tuple | list) else value


def plain_number(value: Decimal) -> str:
    text = format(value, "f")
    return (
        (text.rstrip("0").rstrip(".") if "." in text else text).replace("-0", "0")
        if value == 0
        else (text.rstrip("0").rstrip(".") if "." in text else text)
    )


def wanted(expected: Any, type_: Type) -> Any:
    """What a case expects; text stands for a number where the expression gives one."""
    looks_so = re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", str(expected)) is not None
    if looks_so and type_.kind in {Kind.INTEGER, Kind.NUMBER, Kind.ANY}:
        return {"number": plain_number(Decimal(str(expected)))}
    return expected


# --- the browser twin ------------------------------------------------------------------------------------------------


def node_program() -> str:
    found = shutil.which("node") or shutil.which("node", path=str(ROOT / ".venv/bin"))
    assert found is not None, "Node.js runs the browser twin; set-up brings it where the machine has none"
    return found


def run_twin(asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Results of the twin, one for each case asked."""
    message = {
        "twin": str(SCRIPTS / "js/expressions.js"),
        "decimal": str(SCRIPTS / "vendor/decimal.mjs"),
        "cases": asked,
    }
    script = Path(__file__).with_name("twin.mjs")
    done = subprocess.run(  # noqa: S603 - our own script
        [node_program(), "--no-warnings", str(script)],
        input=json.dumps(message),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    results: list[dict[str, Any]] = json.loads(done.stdout)
    return results


def browser_env(case: Case) -> dict[str, Any]:
    row = shared()["row"]
    outer = {"row": row, "this": row, "today": shared()["today"], "now": shared()["now"]}
    if not case.table:
        return outer
    inner = {"row": row[case.table][case.index], "parent": row, "index": case.index, "up": outer}
    return {**outer, **inner}


@cache
def twin_results() -> dict[Case, dict[str, Any]]:
    local = [case for case in cases() if checked_case(case).local]
    asked = [
        {"node": checked_case(case).to_json(), "env": browser_env(case), "codes": shared()["codes"]} for case in local
    ]
    return dict(zip(local, run_twin(asked), strict=True))


@each_case
def test_browser(case: Case) -> None:
    found = checked_case(case)
    assert found.local, "every shared case can be decided in the browser"
    result = twin_results()[case]
    assert "error" not in result, result
    value = result["value"]
    if isinstance(value, dict) and "number" in value:
        value = {"number": plain_number(Decimal(value["number"]))}
    assert value == wanted(case.expected, found.type)


def test_there_are_enough_cases() -> None:
    assert len(cases()) >= 150


NESTED = "count(this.lines, " * 7 + "true" + ") > 0" * 6 + ")"


def test_browser_holds_the_same_bounds() -> None:
    shape = catalog().shapes["record"]
    texts = {
        NESTED: "steps",
        "+".join(["pad(t, 90000)"] * 2): "text",
        " * ".join(["power(10, 1000)"] * 7): "number",
        "match(pad('x', 3000), 'x*')": "text",
        "power(2, 1001)": "number",
        "round(1, 99)": "number",
    }
    found = {text: checked(text, Scope(shape, this=shape), catalog()) for text in texts}
    row = {**shared()["row"], "lines": shared()["row"]["lines"] * 5}
    results = run_twin(
        [{"node": one.to_json(), "env": {"row": row, "this": row}, "codes": {}} for one in found.values()]
    )
    assert [result.get("bound") for result in results] == list(texts.values()), results
    rows = {**record(), "lines": record()["lines"] * 5}
    for text, bound in texts.items():
        with pytest.raises(Exhausted, match=bound):
            found[text].evaluate(Env(rows, world(), this=rows))
