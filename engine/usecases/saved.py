"""Saved views of a list: each person's own by name, and those that others share with a role the person holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.model.criteria import Compare, Criterion, Every, Order, Selection, Some
from engine.model.records import Record
from engine.ports import Unit
from engine.problems import Finding, Refused
from engine.usecases.deadlines import system_values
from engine.usecases.events import in_work
from engine.usecases.internal import FILTER
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor
from engine.usecases.work import Work

MOST, MOST_SHARED = 20, 100
LONGEST_TITLE, LONGEST_QUERY = 30, 2000


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A list as somebody likes it: `query` is the list's address query, from `?` on.

    `roles` are those it is shared with; only its owner (`mine`) changes it.
    """

    id: str
    title: str
    query: str
    mine: bool = True
    roles: tuple[str, ...] = ()


def saved_filters(runtime: Runtime, actor: Actor, document: str) -> tuple[SavedFilter, ...]:
    """The actor's own views of a list in the order they were made, then those shared with them."""
    with runtime.store.begin(write=False) as unit:
        found = _known(unit, actor, document)
    own = [_read(record, mine=True) for record in found if record.values["owner"] == actor.id]
    others = [_read(record, mine=False) for record in found if record.values["owner"] != actor.id]
    return (*own, *(one for one in others if actor.roles & set(one.roles)))


def save_filter(
    runtime: Runtime, actor: Actor, document: str, title: str, query: str, roles: Iterable[str] = ()
) -> SavedFilter:
    """Keep a view; the same title again replaces it. Raises Refused: no such list, no title, too many, another role."""
    declared = runtime.definitions.documents.get(document)
    if declared is None or not runtime.rights(document, actor).in_general().any:
        raise Refused((), kind="not_found")
    title, query, told = _titled(title), query[:LONGEST_QUERY], _own_roles(actor, roles)

    def act(work: Work) -> SavedFilter:
        held = _mine(work.unit, actor, document)
        same = next((record for record in held if record.values["title"] == title), None)
        given = {"title": title, "query": query, "roles": told, "shared": bool(told)}
        if same is not None:
            return _read(_kept(work, same, given), mine=True)
        if len(held) >= MOST:
            text = {"zh": f"最多保存{MOST}个", "en": f"at most {MOST}"}
            raise Refused((Finding("too_many", text, ("title",)),))
        record = Record(FILTER, {**system_values(work), "owner": actor.id, "document": document, **given})
        work.unit.insert(record)
        return _read(record, mine=True)

    return in_work(runtime, actor, act)


def change_filter(
    runtime: Runtime, actor: Actor, filter_id: str, *, title: str | None = None, roles: Iterable[str] | None = None
) -> SavedFilter:
    """Rename one's own view, or share it with other roles than before. Raises Refused."""

    def act(work: Work) -> SavedFilter:
        record = _own(work, actor, filter_id)
        given: dict[str, object] = {}
        if title is not None:
            given["title"] = _titled(title)
            others = _mine(work.unit, actor, str(record.values["document"]))
            if any(one.id != record.id and one.values["title"] == given["title"] for one in others):
                raise Refused(
                    (Finding("title", {"zh": "已有同名视图", "en": "there is one of this name"}, ("title",)),)
                )
        if roles is not None:
            told = _own_roles(actor, roles)
            given |= {"roles": told, "shared": bool(told)}
        return _read(_kept(work, record, given), mine=True)

    return in_work(runtime, actor, act)


def drop_filter(runtime: Runtime, actor: Actor, filter_id: str) -> str:
    """Forget one's own view; the document type it was of. Raises Refused(not_found)."""

    def act(work: Work) -> str:
        record = _own(work, actor, filter_id)
        _kept(work, record, {"deleted": True})
        return str(record.values["document"])

    return in_work(runtime, actor, act)


def _titled(title: str) -> str:
    found = title.strip()[:LONGEST_TITLE]
    if not found or not found.isprintable():
        raise Refused((Finding("title", {"zh": "请填写名称", "en": "give it a name"}, ("title",)),))
    return found


def _own_roles(actor: Actor, roles: Iterable[str]) -> list[str]:
    """Roles to share with: only those one holds, so that nobody puts tabs before strangers."""
    told = sorted(set(roles))
    if not actor.roles.issuperset(told):
        text = {"zh": "只能共享给自己所属的角色", "en": "only roles of your own can be shared with"}
        raise Refused((Finding("roles", text, ("roles",)),), kind="forbidden")
    return told


def _own(work: Work, actor: Actor, filter_id: str) -> Record:
    record = work.unit.fetch(FILTER, filter_id, lock=True)
    if record is None or record.values["owner"] != actor.id or record.values["deleted"]:
        raise Refused((), kind="not_found")
    return record


def _kept(work: Work, record: Record, given: dict[str, object]) -> Record:
    version = record.version
    record.values.update(given, version=version + 1, changed_at=work.now)
    work.unit.update(record, version)
    return record


def _mine(unit: Unit, actor: Actor, document: str) -> list[Record]:
    parts: tuple[Criterion, ...] = (Compare(("owner",), "==", actor.id), Compare(("document",), "==", document))
    return unit.select(Selection(FILTER, Every(parts), (Order("created_at"),), limit=MOST))


def _known(unit: Unit, actor: Actor, document: str) -> list[Record]:
    """The actor's own and those that are shared, asked for at once."""
    whose = Some((Compare(("owner",), "==", actor.id), Compare(("shared",), "==", True)))
    where = Every((Compare(("document",), "==", document), whose))
    return unit.select(Selection(FILTER, where, (Order("created_at"),), limit=MOST + MOST_SHARED))


def _read(record: Record, *, mine: bool) -> SavedFilter:
    values = record.values
    held = values.get("roles")
    roles = tuple(str(one) for one in held) if isinstance(held, list | tuple) else ()
    return SavedFilter(record.id, str(values["title"]), str(values["query"] or ""), mine, roles)
