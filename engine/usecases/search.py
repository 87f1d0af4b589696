"""One search over everything the actor may see: documents by number or text, lists and beginnings by their titles."""

from __future__ import annotations

from dataclasses import dataclass

from engine.model.criteria import Every, Order, Selection
from engine.model.formula import Title
from engine.usecases.acting import Performer
from engine.usecases.bounds import bounded
from engine.usecases.listing import begun_by
from engine.usecases.needles import LONGEST, found_by_text
from engine.usecases.presenting import Presenter
from engine.usecases.reading import menu
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor
from engine.usecases.work import Work


def search(runtime: Runtime, actor: Actor, text: str, limit: int = 20) -> tuple[tuple[str, str, str, str], ...]:
    """(document, id, label, number) of records that match, newest first within each document type."""
    needle, found = text.strip(), []
    if not needle:
        return ()
    with bounded(), runtime.store.begin(write=False) as unit:
        work = Work(runtime, unit, actor, Performer())
        presenter = Presenter(work.world)
        for document in runtime.definitions.documents.values():
            rights = runtime.rights(document.id, actor)
            if not rights.in_general().any or not (document.search or document.number):
                continue
            where = Every((rights.rows(work.world), found_by_text(work, document, needle, by_number=True)))
            order = (Order("changed_at", descending=True),)
            for record in unit.select(Selection(document.id, where, order, limit=limit)):
                own = rights.on(record.values, work.world)
                if own.any:
                    label = presenter.label(document.id, record.values, own)
                    found.append((document.id, record.id, label, presenter.number(record.values, own)))
    return tuple(found[:limit])


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to go: the list of a document type, with `event` the form that begins one, or a free page."""

    title: Title
    document: str
    event: str = ""
    page: str = ""


def places(runtime: Runtime, actor: Actor, text: str, limit: int = 8) -> tuple[Place, ...]:
    """Lists of the actor's menu and events that begin a document, by part of their title or of its pinyin."""
    needle = text.strip().lower()
    if not needle or len(needle) > LONGEST:
        return ()
    listed = dict.fromkeys(document for group in menu(runtime, actor) for document in group.documents)
    found: list[Place] = []
    for name in listed:
        if name not in runtime.definitions.documents:
            continue
        document = runtime.definitions.documents[name]
        own = _is_meant(runtime, document.title, needle)
        if own:
            found.append(Place(document.title, name))
        rights = runtime.rights(name, actor).in_general()
        begins = [one for one in runtime.definitions.machines[name].creating() if begun_by(one, actor, rights)]
        meant = (event for event in begins if own or _is_meant(runtime, event.title, needle))
        found += (Place(event.title if len(begins) > 1 else document.title, name, event.name) for event in meant)
    return tuple(sorted(found, key=lambda one: bool(one.event))[:limit])


def _is_meant(runtime: Runtime, title: Title, needle: str) -> bool:
    readings = runtime.force.once(f"readings {title.zh}", "", lambda: runtime.pinyin.readings(title.zh).lower())
    return any(needle in text for text in (title.zh.lower(), title.en.lower(), readings) if text)
