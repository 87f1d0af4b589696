"""What a person gave, judged beyond its type: choices outside a field's `where`, strange files, masks sent back.

In: raw and typed values with the record as it stood. Out: findings. What the engine's own parts give is not judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.access.rights import RecordRights
from engine.documents.compute import row_envs, rows_of
from engine.documents.explained import Roots, condition
from engine.documents.uploads import fits
from engine.expressions.environment import Env
from engine.model.criteria import Compare, Every, Selection
from engine.model.documents import Document, Field
from engine.model.formula import Formula
from engine.model.machines import Event
from engine.model.types import Kind
from engine.model.values import StoredFile
from engine.ports import Unit
from engine.problems import Finding
from engine.sources.criteria import checked_of
from engine.usecases.internal import UPLOAD
from engine.usecases.presenting import Presenter
from engine.usecases.world import RecordWorld

Values = Mapping[str, object]
_FILES = {Kind.FILE, Kind.FILES}
_MOST_UPLOADS = 200  # of the same bytes by the same person under different names


def without_masks(
    world: RecordWorld, document: Document, before: Values | None, raw: Values, rights: RecordRights
) -> Values:
    """The raw values without those that are only the masked text that a form had shown: they say nothing new."""
    hidden = [name for name in raw if name in rights.masked and before is not None]
    if not hidden or before is None:
        return raw
    env, presenter = Env(before, world, this=before), Presenter(world)
    shown = {name: presenter.field(document.fields[name], before, env, rights).text for name in hidden}
    return {name: value for name, value in raw.items() if name not in shown or value != shown[name]}


@dataclass(frozen=True, slots=True)
class Given:
    """One value that came: where, before and after, the environment in which its `where` speaks, and the fields behind
    the words that it may begin with."""

    field: Field
    at: tuple[str, ...]
    old: object
    new: object
    raw: object
    env: Env
    roots: Roots


def given_values(
    world: RecordWorld, document: Document, values: Values, before: Values | None, raw: Values, bound: Values
) -> Iterator[Given]:
    """Every value that was bound and that more than its type judges, those of rows one by one."""
    own, roots = Env(values, world, this=values), {"this": document.fields, "up": document.fields}
    for name, value in bound.items():
        field = document.fields[name]
        if not field.is_table:
            if not _is_judged(field):
                continue
            yield Given(field, (name,), (before or {}).get(name), value, raw.get(name), own, roots)
            continue
        stored = {str(row["id"]): row for row in rows_of(before or {}, name)}
        came, rows = raw.get(name), rows_of(values, name)
        sent = came if isinstance(came, list | tuple) and len(came) == len(rows) else [{}] * len(rows)
        judged = [cell for cell in field.fields.values() if _is_judged(cell)]
        inner = {**roots, "up": field.fields, "parent": document.fields}
        for index, (row, env) in enumerate(zip(rows, row_envs(rows, values, world), strict=True)):
            for cell in judged:
                old = stored.get(str(row["id"]), {}).get(cell.name)
                at = (name, str(index), cell.name)
                yield Given(cell, at, old, row.get(cell.name), sent[index].get(cell.name), env, inner)


def _is_judged(field: Field) -> bool:
    return field.filter is not None or field.type.kind in _FILES


def asked_values(
    world: RecordWorld, document: Document, event: Event, answers: Values, this: Values, raw: Values
) -> Iterator[Given]:
    """Every answer to what an event asks."""
    env = Env(answers, world, this=this, event=answers)
    roots = {"this": document.fields, "up": event.ask, "event": event.ask}
    for name, field in event.ask.items():
        yield Given(field, ("event", name), None, answers.get(name), raw.get(name), env, roots)


def outside_choices(world: RecordWorld, given: Given) -> Iterator[Finding]:
    """A reference newly chosen although the field's `where` does not hold for it."""
    declared, value = given.field, given.new
    if declared.filter is None or value is None or value == given.old:
        return
    for one in value if isinstance(value, tuple) else (value,):
        row = world.follow(declared.type.of, str(one))
        if row is not None and not declared.filter.holds(given.env.inner(row)):
            yield Finding("outside_choice", _unfit(world, given, row), given.at, where=declared.filter.where)


def _unfit(world: RecordWorld, given: Given, row: Values) -> Mapping[str, str]:
    """Which record may not be chosen, and what must hold, where the person may know of all that it speaks of."""
    documents, target = world.runtime.definitions.documents, given.field.type.of
    label = Presenter(world).label(target, row)
    zh, en = f"不能选择“{label}”", f"“{label}” may not be chosen"
    where = given.field.filter
    if where is None or not _is_open(world, given, where):
        return {"zh": zh, "en": en}
    accounts = world.runtime.node.accounts
    people = documents[accounts.document].fields if accounts is not None else {}
    roots = {**given.roots, "user": people}
    told = {one: condition(where.text, documents[target].fields, roots, documents, one) for one in ("zh", "en")}
    for state in world.runtime.definitions.machines[target].states.values():  # people know states by their titles
        told = {one: text.replace(f"“{state.name}”", f"“{state.title.worded(one)}”") for one, text in told.items()}
    return {"zh": f"{zh}，须满足：{told['zh']}", "en": f"{en}; it must hold that {told['en']}"}


def _is_open(world: RecordWorld, given: Given, where: Formula) -> bool:
    """Whether the person may read every field of the chosen record that a condition asks, in general."""
    rights = world.runtime.rights(given.field.type.of, world.actor).in_general()
    asked = {path[1] for path in checked_of(where).reads if path[0] == "row" and len(path) > 1}
    return all(rights.reads(name) for name in asked)


def strange_files(unit: Unit, owner: str, given: Given) -> Iterator[Finding]:
    """A file that the field did not hold and this person never uploaded: whoever knows a digest does not own the bytes.

    Files that come as values, not as data from outside, are the engine's own.
    """
    if given.field.type.kind not in _FILES:
        return
    known = {*_files(given.old), *_files(given.raw)}
    for file in _files(given.new):
        if file not in known and not (fits(given.field, file) and _uploaded(unit, owner, file)):
            text = {"zh": "请先上传文件", "en": "upload the file first"}
            yield Finding("unknown_file", text, given.at)


def _files(value: object) -> list[StoredFile]:
    return [one for one in (value if isinstance(value, list | tuple) else (value,)) if isinstance(one, StoredFile)]


def _uploaded(unit: Unit, owner: str, file: StoredFile) -> bool:
    mine = Every((Compare(("owner",), "==", owner), Compare(("hash",), "==", file.hash)))
    found = unit.select(Selection(UPLOAD, mine, limit=_MOST_UPLOADS))
    return any(record.values["file"] == file for record in found)
