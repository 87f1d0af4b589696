"""A step of a scenario that imports: rows as they would be pasted, tried and taken as far as they are good.

In: the step and who acts. Out: what went otherwise than told. `expect_refused` names findings that keep rows out,
`expect_told` those that keep nothing out. Only through the ordinary use cases.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence

from engine.console import say, spoken
from engine.problems import Refused
from engine.usecases import imports, sheets
from engine.usecases.imports import GOOD_ONES, ImportView
from engine.usecases.runtime import Runtime
from engine.usecases.steps import StepError
from engine.usecases.views import Actor


def bring(
    runtime: Runtime, actor: Actor, step: Mapping[str, object], wanted: Sequence[str], deliver: Callable[[], object]
) -> list[str]:
    """Import the rows of a step; `wanted` are the findings that must keep rows out. Raises StepError."""
    sheet = runtime.definitions.sheets.get(str(step["import"]))
    if sheet is None:
        raise StepError(say("course.sheet", name=step["import"]))
    try:
        view = sheets.paste(runtime, actor, sheet.document, sheet.id, pasted(step.get("rows")))
        deliver()
        view = imports.read(runtime, actor, sheet.document, view.id)
        if view.takes:
            imports.take(runtime, actor, sheet.document, view.id, GOOD_ONES)
            deliver()
            view = imports.read(runtime, actor, sheet.document, view.id)
    except Refused as refused:
        found = {finding.code for finding in refused.findings} or {refused.kind}
        return [] if wanted and set(wanted) <= found else [refusal(found, refused)]
    return _otherwise(view, wanted, _names(step.get("expect_told")))


def refusal(codes: Iterable[str], refused: Refused) -> str:
    """That something was refused, by what, and what the person was told."""
    return say("course.refused", codes=", ".join(sorted(codes)), texts=worded(refused))


def worded(fault: Exception) -> str:
    """A fault of a step; of a refusal its findings with their fields."""
    if not isinstance(fault, Refused) or not fault.findings:
        return str(fault)
    return "; ".join(f"{'.'.join(one.at)}: {one.text.get(spoken(), '')}" for one in fault.findings)


def pasted(rows: object) -> str:
    """Rows of a step as a clipboard holds them, the heads first. Raises StepError."""
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise StepError(say("course.rows"))
    out = io.StringIO()
    csv.writer(out, "excel-tab").writerows([["" if cell is None else cell for cell in row] for row in rows])
    return out.getvalue()


def _otherwise(view: ImportView, refused: Sequence[str], told: Sequence[str]) -> list[str]:
    errors = {
        finding.code: f"{finding.address} {finding.text[spoken()]}" for finding in view.findings if finding.is_error
    }
    others = {finding.code for finding in view.findings if not finding.is_error}
    found = [f"{text} ({code})" for code, text in errors.items() if code not in refused]
    missing = set(refused) - errors.keys()
    found += [say("course.not_refused", codes=", ".join(sorted(missing)))] if missing else []
    silent = set(told) - others
    return [*found, say("course.not_told", codes=", ".join(sorted(silent)))] if silent else found


def _names(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list) else (() if value is None else (str(value),))
