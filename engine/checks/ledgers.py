"""Checks of ledgers: names meet no others, keys can be told apart, entries change amounts that there are and balance,
conditions are a matter of the account alone, and somebody posts what is declared.

In: ledgers, after linking. Out: problems. What a single posting gives is checked with the actions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.checks.owners import every_act, owners
from engine.checks.subject import Subject, problem, unknown, warning
from engine.expressions import nodes
from engine.expressions.expression import Checked
from engine.loading.build_actions import POSTED
from engine.loading.build_ledgers import ACCOUNT, ENTRY, KEYS, OWN, UNTIL
from engine.model.actions import Post
from engine.model.formula import Formula
from engine.model.ledgers import ENTRIES, FROM, TO, EntryKind, Ledger
from engine.model.types import SYSTEM_FIELDS
from engine.problems import Problem, Span

_SECRET = frozenset({"password", "rich_text", "signature"})
_TAKEN = frozenset({*SYSTEM_FIELDS, ACCOUNT, ENTRY, ENTRIES, UNTIL, *(field.name for field in OWN)})
_ACTORS = frozenset({"user", "org", "device", "caller", "event"})
_ELSEWHERE = (nodes.Aggregate, nodes.Invoke, nodes.Follow, nodes.Under, *nodes.SOURCES)


def check_ledgers(subject: Subject) -> Iterator[Problem]:
    """All ledgers."""
    posted = {(act.ledger, act.entry) for owner in owners(subject) for act in _posts(owner.acts)}
    for ledger in subject.definitions.ledgers.values():
        yield from _names(subject, ledger)
        yield from _conditions(ledger)
        for kind in ledger.entries.values():
            wrong = list(_entry(subject, ledger, kind))
            yield from wrong
            if not wrong and (ledger.id, kind.name) not in posted:
                yield warning("LED020", subject.name_of(kind.where, kind.name), entry=kind.name)
        yield from _grants(subject, ledger)


def _posts(acts: tuple[object, ...]) -> Iterator[Post]:
    yield from (act for act in every_act(acts) if isinstance(act, Post))  # type: ignore[arg-type]


# --- names -----------------------------------------------------------------------------------------------------------


def _names(subject: Subject, ledger: Ledger) -> Iterator[Problem]:
    """Each name stands for one thing, in accounts and in entries."""
    seen: dict[str, Span] = {}
    for section, fields in (("per", ledger.keys), ("amounts", ledger.amounts), ("derived", ledger.derived)):
        for name in fields:
            place = subject.places.key(ledger.where, section, name)
            if name in _TAKEN or name in seen:
                related = (seen[name],) if name in seen else ()
                yield problem("LED011", place, related=related, name=name)
            seen.setdefault(name, place)
    for name, field in ledger.keys.items():
        if field.type.kind not in KEYS or field.kind in _SECRET:
            yield problem("LED017", subject.places.value(field.where, "type"), name=name)


# --- conditions ------------------------------------------------------------------------------------------------------


def _conditions(ledger: Ledger) -> Iterator[Problem]:
    numbers = {*ledger.amounts, *ledger.derived}
    for field in ledger.derived.values():
        checked = _checked(field.value)
        if checked is not None and any(
            isinstance(node, _ELSEWHERE) or _looks(node) for node in nodes.walk(checked.node)
        ):
            yield problem("LED013", checked.where, text=checked.source)
    for never in ledger.never:
        checked = _checked(never.condition)
        if checked is None:
            continue
        if any(isinstance(node, nodes.Surrounding) and node.word in _ACTORS for node in nodes.walk(checked.node)):
            yield problem("LED013", checked.where, text=checked.source)
        elif not any(path[0] in ("row", "this") and numbers.intersection(path[1:2]) for path in checked.reads):
            yield problem("LED022", checked.where, text=checked.source)


def _looks(node: nodes.Node) -> bool:
    """Whether a node is something of the surroundings, which changes without any posting."""
    return isinstance(node, nodes.Surrounding) and node.word != "this"


def _checked(formula: Formula | None) -> Checked | None:
    linked = formula.linked if formula is not None else None
    return linked if isinstance(linked, Checked) else None


# --- kinds of entries ------------------------------------------------------------------------------------------------


def _entry(subject: Subject, ledger: Ledger, kind: EntryKind) -> Iterator[Problem]:
    name = subject.name_of(kind.where, kind.name)
    for side, changes in kind.sides.items():
        for amount in changes:
            if amount not in ledger.amounts:
                place = subject.places.key(kind.where, *([side] if side else []), amount)
                yield unknown("LED007", amount, ledger.amounts, place, ledger=ledger.id)
    if not any(kind.sides.values()):
        yield problem("LED008", name, entry=kind.name)
    elif (len(kind.sides) > 1 and "" in kind.sides) or (len(kind.sides) == 1 and "" not in kind.sides):
        yield problem("LED010", name, entry=kind.name)
    elif kind.is_between:
        yield from _balance(subject, kind, kind.sides[FROM], kind.sides[TO])
    for parameter in kind.parameters:
        if parameter in POSTED:
            yield problem("LED021", name, entry=kind.name, name=parameter)


def _balance(
    subject: Subject, kind: EntryKind, given: Mapping[str, Formula], got: Mapping[str, Formula]
) -> Iterator[Problem]:
    """What one side gives the other gets, amount by amount: the same expression with the other sign."""
    for amount in dict.fromkeys((*given, *got)):
        one, other = given.get(amount), got.get(amount)
        if one is None or other is None or _negated(one.text) != "".join(other.text.split()):
            side = FROM if other is None else TO
            yield warning("LED009", subject.places.key(kind.where, side, amount), entry=kind.name, name=amount)


def _negated(text: str) -> str:
    plain = "".join(text.split())
    return plain[1:] if plain.startswith("-") else f"-{plain}"


# --- grants ----------------------------------------------------------------------------------------------------------


def _grants(subject: Subject, ledger: Ledger) -> Iterator[Problem]:
    """Which accounts a role sees is a matter of their keys, so that entries are seen with their account."""
    for grant in subject.definitions.access.get(ledger.id, {}).values():
        checked = _checked(grant.rows)
        for path in sorted(checked.reads) if checked is not None else ():
            if checked is not None and path[0] == "row" and path[1] in (*ledger.amounts, *ledger.derived):
                yield problem("LED018", subject.word_in(checked.where, path[1]), name=path[1])
