"""Accounts of a ledger: their ids, their values before anything was posted, and the values after it.

In: a ledger and values by name. Out: ids and values. An account's id is a digest of its keys, so that whoever posts
knows it without looking, and two who open the same account meet in the same row. Keys without a value are left out of
it: a ledger may get a further key that may be missing, and its accounts stay what they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from hashlib import sha256

from engine.access.masks import masked
from engine.documents.compute import fitted
from engine.expressions.environment import Env, World
from engine.expressions.limits import CONTEXT
from engine.model.documents import Field
from engine.model.formula import Title
from engine.model.ledgers import Ledger, Never
from engine.model.program import DocumentProgram
from engine.model.types import Kind

Values = dict[str, object]
Number = int | Decimal
Deltas = Mapping[str, Number]


class WrongKey(ValueError):
    """A key of an account has no value, or one that does not fit; `text` says which, in each language."""

    def __init__(self, title: Title, name: str, zh: str, en: str) -> None:
        self.text = {"zh": f"账户的{title.zh or name}{zh}", "en": f"account: {title.worded('en') or name} {en}"}
        super().__init__(self.text["en"])


@dataclass(frozen=True, slots=True)
class Book:
    """A ledger with what the checker worked out for its accounts."""

    ledger: Ledger
    program: DocumentProgram

    def account_id(self, keys: Mapping[str, object]) -> str:
        """32 hexadecimal digits that say which account it is."""
        said = sorted((name, _plain(value)) for name, value in keys.items() if value is not None)
        return sha256(json.dumps([self.ledger.id, *said], ensure_ascii=False).encode()).hexdigest()[:32]

    def keys(self, given: Mapping[str, object]) -> Values:
        """Keys in the form in which they are stored. Raises WrongKey."""
        return {name: _fitting(field, given.get(name)) for name, field in self.ledger.keys.items()}

    def opened(self, keys: Mapping[str, object], world: World) -> Values:
        """The values of an account to which nothing was posted yet."""
        zeros = {name: fitted(field, Decimal(0)) for name, field in self.ledger.amounts.items()}
        return self.derived({**keys, **zeros}, world)

    def whole(self, values: Values) -> Values:
        """The values with nothing of each amount that the ledger got after the account was opened."""
        missing = [name for name in self.ledger.amounts if values.get(name) is None]
        return {**values, **{name: fitted(self.ledger.amounts[name], Decimal(0)) for name in missing}}

    def changed(self, values: Mapping[str, object], deltas: Iterable[Deltas], world: World) -> Values:
        """The values of an account after postings, what is derived computed anew.

        Raises Refused where a number is beyond its field."""
        found = dict(values)
        for one in deltas:
            for name, delta in one.items():
                found[name] = fitted(self.ledger.amounts[name], _number(found.get(name)) + delta)
        return self.derived(found, world)

    def derived(self, values: Values, world: World) -> Values:
        """The values with what is derived from them."""
        env = Env(values, world, this=values)
        for path in self.program.order:
            field = self.ledger.derived[path[0]]
            assert field.value is not None
            values[path[0]] = fitted(field, field.value(env))
        return values

    def broken(self, before: Values, after: Values, world: World) -> Iterator[tuple[Never, Env]]:
        """What may never hold and does, with the scope of what is said of it.

        Where it held before already, as by a limit that was lowered, a posting that does not widen it is let through.
        """
        env = Env(after, world, this=after)
        for never in self.ledger.never:
            if never.condition.holds(env) and not _eased(never, Env(before, world, this=before), env):
                told = self._told(after)
                yield never, Env(told, world, this=told)

    def _told(self, values: Values) -> Values:
        """What a message may quote: keys that are masked for people are masked in it."""
        hidden = {name: masked(str(values[name]), field.mask) for name, field in self.ledger.keys.items() if field.mask}
        return {**values, **hidden}


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize(CONTEXT):f}"
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return str(value)


def _number(value: object) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(value) if isinstance(value, int) else Decimal(0)


def _fitting(field: Field, given: object) -> object:
    value = fitted(field, given)
    if value is None and field.required is True:
        raise WrongKey(field.title, field.name, "没有值", "has no value")
    text = field.type.kind is Kind.TEXT and isinstance(field.maximum, Decimal)
    if text and len(str(value or "")) > int(str(field.maximum)):
        raise WrongKey(field.title, field.name, "过长", "is too long")
    return value


def _eased(never: Never, before: Env, after: Env) -> bool:
    if never.excess.linked is None or not never.condition.holds(before):
        return False
    was, now = never.excess(before), never.excess(after)
    return isinstance(was, Number) and isinstance(now, Number) and now <= was
