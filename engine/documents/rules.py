"""Checks of a whole document: required fields, row counts, field checks and rules, as of the business date.

Every finding is collected; nothing stops at the first. Pure: reads only through the environment's world.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from engine.documents.compute import row_envs
from engine.documents.origins import missing
from engine.documents.wording import filled
from engine.expressions.environment import Env, World
from engine.model.documents import Document, Field, Rule
from engine.model.formula import Formula
from engine.problems import Finding, Level

Values = dict[str, object]
ASKED = "event."
"""How `at` of a rule names what its event asks."""


def condition(given: bool | Formula | None, env: Env, default: bool = False) -> bool:
    """A condition that may be fixed; null counts as false."""
    if given is None:
        return default
    return given if isinstance(given, bool) else given.holds(env)


def is_empty(value: object) -> bool:
    """Whether nothing was given."""
    return value is None or (isinstance(value, str | list | tuple) and not value)


def check(
    document: Document,
    values: Values,
    *,
    world: World,
    event: str,
    day: date,
    event_values: Values | None = None,
    told: Values | None = None,
) -> list[Finding]:
    """All findings of a document for one event. `told` are the values as messages may quote them to whoever reads."""
    env = Env(row=values, this=values, world=world, event=event_values)
    saying = env if told is None else Env(row=told, this=told, world=world, event=event_values)
    findings = list(check_fields(document.fields, values, env, ()))
    for name, table in document.fields.items():
        if table.is_table and condition(table.show, env):
            findings.extend(_check_rows(table, values, values.get(name) or [], world))  # type: ignore[arg-type]
    for rule in document.rules.values():
        if (rule.on and event not in rule.on) or not rule.dated.holds_on(day.isoformat()):
            continue
        findings.extend(_judge(document, rule, values, env, saying))
    return findings


def check_fields(fields: Mapping[str, Field], values: Values, env: Env, at: tuple[str, ...]) -> Iterator[Finding]:
    """Required fields, bounds that are formulas, and each field's own `check`, of a document or row."""
    for name, field in fields.items():
        if field.show is not True and not condition(field.show, env):
            continue
        value = values.get(name)
        here = (*at, name)
        if is_empty(value):
            if field.required is not False and not field.is_table and condition(field.required, env):
                found = missing(field, fields, values, at, lambda one: _is_asked(one, env))
                yield from () if found is None else (found,)
            continue
        if isinstance(field.minimum, Formula) or isinstance(field.maximum, Formula):
            yield from _bounds(field, value, env, here)
        if field.check is not None and field.check(env) is False:
            yield Finding(
                "check",
                {"zh": f"{field.title.zh}不符合要求", "en": f"{field.title.worded('en')} is not acceptable"},
                here,
                where=field.check.where,
            )


def _is_asked(field: Field, env: Env) -> bool:
    return condition(field.show, env, default=True) and condition(field.required, env)


def _bounds(field: Field, value: object, env: Env, at: tuple[str, ...]) -> Iterator[Finding]:
    """Bounds that are formulas; fixed ones were judged when the value was read."""
    size: Any = len(value) if isinstance(value, str) else value
    for bound, beyond, zh, en in (
        (field.minimum, operator.lt, "不能小于", "must not be below"),
        (field.maximum, operator.gt, "不能大于", "must not be above"),
    ):
        limit: Any = bound(env) if isinstance(bound, Formula) else None
        if limit is not None and isinstance(bound, Formula) and beyond(size, limit):
            text = {"zh": f"{field.title.zh}{zh}{limit}", "en": f"{field.title.worded('en')} {en} {limit}"}
            yield Finding("bounds", text, at, where=bound.where)


def _check_rows(table: Field, this: Values, rows: list[Values], world: World) -> Iterator[Finding]:
    at = (table.name,)
    least = max(table.rows_min, 1 if condition(table.required, Env(row=this, this=this, world=world)) else 0)
    if len(rows) < least:
        yield Finding(
            "rows_min",
            {"zh": f"{table.title.zh}至少{least}行", "en": f"{table.title.worded('en')}: at least {least} row(s)"},
            at,
            where=table.where,
        )
    if table.rows_max is not None and len(rows) > table.rows_max:
        yield Finding(
            "rows_max",
            {
                "zh": f"{table.title.zh}最多{table.rows_max}行",
                "en": f"{table.title.worded('en')}: at most {table.rows_max} rows",
            },
            at,
            where=table.where,
        )
    for index, inner in enumerate(row_envs(rows, this, world)):
        yield from check_fields(table.fields, rows[index], inner, (table.name, str(index)))


def _judge(document: Document, rule: Rule, values: Values, env: Env, saying: Env) -> Iterator[Finding]:
    if not rule.each:
        if _broken(rule, env):
            asked = rule.at[:1] and rule.at[0].startswith(ASKED)
            yield _finding(rule, saying, rule.at[0].split(".") if asked else rule.at)
        return
    rows = values.get(rule.each) or []
    assert isinstance(rows, list)
    table = document.fields[rule.each]
    for index, inner in enumerate(row_envs(rows, values, env.world)):
        if _broken(rule, inner):
            at = tuple((rule.each, str(index), name) if name in table.fields else (name,) for name in rule.at)
            yield _finding(rule, _saying_row(rule, inner, saying), at[0] if at else (rule.each, str(index)))


def _saying_row(rule: Rule, inner: Env, saying: Env) -> Env:
    """The environment of a row's message: the row is quoted only where its table may be."""
    told = saying.this or {}
    row = inner.row if told.get(rule.each) else dict.fromkeys(inner.row)
    return Env(row, saying.world, this=told, parent=told, up=saying, index=inner.index)


def _broken(rule: Rule, env: Env) -> bool:
    if rule.when is not None and not rule.when.holds(env):
        return False
    return rule.check(env) is False if rule.check is not None else True


def _finding(rule: Rule, env: Env, at: Iterable[str]) -> Finding:
    return Finding(rule.id, filled(rule.message, env), tuple(at), rule.level, rule.where)


def refusing(findings: Iterable[Finding], confirmed: frozenset[str]) -> list[Finding]:
    """Findings that keep an event from happening: errors, and confirmations not yet given."""
    return [f for f in findings if f.level is Level.ERROR or (f.level is Level.CONFIRM and f.code not in confirmed)]
