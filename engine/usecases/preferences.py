"""How one person likes a list: its columns, their widths, and the view it opens with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.model.criteria import Compare, Every, Order, Selection
from engine.model.records import Record
from engine.ports import Unit
from engine.problems import Refused
from engine.usecases.deadlines import system_values
from engine.usecases.events import in_work
from engine.usecases.internal import CHOICE
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor
from engine.usecases.work import Work

NARROWEST, WIDEST, MOST_COLUMNS = 48, 1200, 60


@dataclass(frozen=True, slots=True)
class ListChoice:
    """`columns` in order (none: as the definition has them), widths in CSS pixels, the id of the view that opens."""

    columns: tuple[str, ...] = ()
    widths: Mapping[str, int] = field(default_factory=dict)
    view: str = ""


def list_choice(runtime: Runtime, actor: Actor, document: str) -> ListChoice:
    """What the actor has chosen for a list."""
    with runtime.store.begin(write=False) as unit:
        held = _held(unit, actor, document)
    return ListChoice() if held is None else _read(held.values["content"])


def choose_columns(runtime: Runtime, actor: Actor, document: str, columns: Sequence[str]) -> None:
    """Columns of the list from now on; none goes back to those of the definition. Unknown names are left out."""
    declared = runtime.definitions.documents.get(document)
    if declared is None or not runtime.rights(document, actor).in_general().any:
        raise Refused((), kind="not_found")
    rights = runtime.rights(document, actor).in_general()
    kept = [name for name in dict.fromkeys(columns) if rights.reads(name)][:MOST_COLUMNS]
    _choose(runtime, actor, document, columns=kept)


def choose_width(runtime: Runtime, actor: Actor, document: str, column: str, width: int) -> None:
    """The width of a column from now on; 0 leaves it to the page."""
    if document not in runtime.definitions.documents or not runtime.rights(document, actor).in_general().reads(column):
        raise Refused((), kind="not_found")
    widths = {**list_choice(runtime, actor, document).widths, column: min(max(width, NARROWEST), WIDEST)}
    if width == 0:
        del widths[column]
    _choose(runtime, actor, document, widths=widths)


def choose_view(runtime: Runtime, actor: Actor, document: str, view: str) -> None:
    """The saved view that the list opens with; empty for none."""
    if document not in runtime.definitions.documents:
        raise Refused((), kind="not_found")
    _choose(runtime, actor, document, view=view[:64])


def _choose(runtime: Runtime, actor: Actor, document: str, **given: object) -> None:
    def act(work: Work) -> None:
        held = _held(work.unit, actor, document)
        if held is None:
            about = {"owner": actor.id, "document": document, "content": given}
            work.unit.insert(Record(CHOICE, {**system_values(work), **about}))
            return
        version, content = held.version, held.values["content"]
        before = content if isinstance(content, dict) else {}
        held.values.update(content={**before, **given}, version=version + 1, changed_at=work.now)
        work.unit.update(held, version)

    in_work(runtime, actor, act)


def _held(unit: Unit, actor: Actor, document: str) -> Record | None:
    """The one record; where two were made at once, the older one counts."""
    own = Every((Compare(("owner",), "==", actor.id), Compare(("document",), "==", document)))
    found = unit.select(Selection(CHOICE, own, (Order("created_at"),), limit=1))
    return found[0] if found else None


def _read(content: object) -> ListChoice:
    if not isinstance(content, dict):
        return ListChoice()
    columns, widths = content.get("columns") or (), content.get("widths") or {}
    sized = {str(name): int(width) for name, width in widths.items()}
    return ListChoice(tuple(str(name) for name in columns), sized, str(content.get("view") or ""))
