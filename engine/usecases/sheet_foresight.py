"""What a dry run of a sheet cannot foresee: ledgers judge a posting when it is made, by what is posted by then.

In: a document type, the events that rows raise. Out: the titles of the ledgers that may refuse some of them. Reads
definitions alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.model.actions import Act, Block, Choose, Create, Do, Post, Raise
from engine.model.formula import Title
from engine.model.system import Definitions
from engine.usecases.runtime import Runtime

_DEEPEST = 8


def judging_later(runtime: Runtime, sheet_id: str) -> tuple[Title, ...]:
    """The ledgers with limits to which rows of a sheet post, directly or by what they set off."""
    definitions = runtime.definitions
    sheet = definitions.sheets.get(sheet_id)
    if sheet is None:
        return ()
    events = [one for one in (sheet.event, sheet.found) if one] or _creating(definitions, sheet.document)
    names = _posted(definitions, [(sheet.document, event) for event in events])
    return tuple(definitions.ledgers[name].title for name in names if definitions.ledgers[name].never)


def _creating(definitions: Definitions, document: str) -> list[str]:
    return [event.name for event in definitions.machines[document].creating()]


def _posted(definitions: Definitions, events: list[tuple[str, str]]) -> Iterable[str]:
    """Ledgers that events post to, and what they set off; of an event on other documents, whichever they are, all that
    are so called."""
    found: dict[str, None] = {}
    seen: set[tuple[str, str]] = set()
    while events:
        event = events.pop()
        if event in seen:
            continue
        seen.add(event)
        document, name = event
        declared = definitions.machines[document].events.get(name)
        for act in _every(definitions, declared.do if declared is not None else (), _DEEPEST):
            if isinstance(act, Post):
                found[act.ledger] = None
            elif isinstance(act, Raise):
                others = [document] if act.on is None else list(definitions.machines)
                events.extend((other, act.event) for other in others)
            elif isinstance(act, Create):
                events.extend((act.document, one) for one in [act.event] if one)
    return found


def _every(definitions: Definitions, acts: Iterable[Act], left: int) -> Iterator[Act]:
    """Actions with those inside them, named ones too."""
    for act in acts if left else ():
        yield act
        inner: Iterable[Act] = ()
        if isinstance(act, Block):
            inner = act.actions
        elif isinstance(act, Choose):
            inner = act.branches
        elif isinstance(act, Do) and act.action in definitions.actions:
            inner = definitions.actions[act.action].do
        yield from _every(definitions, inner, left - 1)
