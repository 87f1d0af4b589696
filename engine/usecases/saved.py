"""Saved filters: each person's own views of a list, kept by name."""

from __future__ import annotations

from dataclasses import dataclass

from engine.model.criteria import Compare, Criterion, Every, Order, Selection
from engine.model.records import Record
from engine.ports import Unit
from engine.problems import Finding, Refused
from engine.usecases.deadlines import system_values
from engine.usecases.events import in_work
from engine.usecases.internal import FILTER
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor
from engine.usecases.work import Work

MOST = 20


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A list as somebody likes it: `query` is the list's address query, from `?` on."""

    id: str
    title: str
    query: str


def saved_filters(runtime: Runtime, actor: Actor, document: str) -> tuple[SavedFilter, ...]:
    """The actor's own filters of a list, in the order they were made."""
    with runtime.store.begin(write=False) as unit:
        return tuple(_read(record) for record in _mine(unit, actor, document))


def save_filter(runtime: Runtime, actor: Actor, document: str, title: str, query: str) -> SavedFilter:
    """Keep a filter; the same title again replaces it. Raises Refused: no such list, no title, too many."""
    declared = runtime.definitions.documents.get(document)
    if declared is None or not runtime.rights(document, actor).in_general().any:
        raise Refused((), kind="not_found")
    title, query = title.strip()[:30], query[:2000]
    if not title:
        raise Refused((Finding("title", {"zh": "请填写名称", "en": "give it a name"}, ("title",)),))

    def act(work: Work) -> SavedFilter:
        held = _mine(work.unit, actor, document)
        same = next((record for record in held if record.values["title"] == title), None)
        if same is not None:
            version = same.version
            same.values.update(query=query, version=version + 1, changed_at=work.now)
            work.unit.update(same, version)
            return _read(same)
        if len(held) >= MOST:
            text = {"zh": f"最多保存{MOST}个", "en": f"at most {MOST}"}
            raise Refused((Finding("too_many", text, ("title",)),))
        about = {"owner": actor.id, "document": document, "title": title, "query": query}
        record = Record(FILTER, {**system_values(work), **about})
        work.unit.insert(record)
        return _read(record)

    return in_work(runtime, actor, act)


def drop_filter(runtime: Runtime, actor: Actor, filter_id: str) -> None:
    """Forget one's own filter. Raises Refused(not_found)."""

    def act(work: Work) -> None:
        record = work.unit.fetch(FILTER, filter_id, lock=True)
        if record is None or record.values["owner"] != actor.id or record.values["deleted"]:
            raise Refused((), kind="not_found")
        version = record.version
        record.values.update(deleted=True, version=version + 1)
        work.unit.update(record, version)

    in_work(runtime, actor, act)


def _mine(unit: Unit, actor: Actor, document: str) -> list[Record]:
    parts: tuple[Criterion, ...] = (Compare(("owner",), "==", actor.id), Compare(("document",), "==", document))
    return unit.select(Selection(FILTER, Every(parts), (Order("created_at"),), limit=MOST))


def _read(record: Record) -> SavedFilter:
    return SavedFilter(record.id, str(record.values["title"]), str(record.values["query"] or ""))
