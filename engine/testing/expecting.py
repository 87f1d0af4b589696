"""What a scenario expects, held against what is stored and what has left.

In: the mapping under `expect`. Out: a sentence for each thing that is otherwise. Keys are names of records (`f`), paths
from them (`f.letter`), `ledger NAME` (accounts that are there, in any order), `count(TYPE)`, `tasks(NAME)` (steps that
wait, in order), and `sent`, `printed`, `notified`: everything of that kind since the scenario began, in any order.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.console import say
from engine.documents.field_kinds import json_of, parse
from engine.documents.malformed import Malformed
from engine.model.criteria import ALWAYS, Compare, Every, Order, Selection
from engine.model.documents import Field
from engine.model.records import Effect, Record
from engine.model.types import SYSTEM_FIELDS
from engine.model.xml_shapes import local_name
from engine.ports.xml import XmlElement
from engine.testing.outside import Outside
from engine.usecases.internal import TASK
from engine.usecases.message_mappings import mapping_of
from engine.usecases.runtime import Runtime
from engine.usecases.steps import Script, StepError, listed

_COUNTED = re.compile(r"(count|tasks)\((\w[\w.]*)\)")
_LEDGER = "ledger "
_MOST = 100_000


@dataclass(frozen=True, slots=True)
class Expectations:
    """The present state of a scenario."""

    script: Script
    outside: Outside

    def compare(self, expected: Mapping[str, object]) -> list[str]:
        """Everything that is otherwise. Raises StepError for names that there are not."""
        return [mistake for key, value in expected.items() for mistake in self._one(str(key), value)]

    def _one(self, key: str, value: object) -> Iterator[str]:
        counted = _COUNTED.fullmatch(key)
        if counted is not None:
            found = self._count(counted[2]) if counted[1] == "count" else self._tasks(counted[2])
            wanted = value if counted[1] == "count" else listed(value)
            if found != wanted:
                yield say("course.is", key=key, found=found, wanted=wanted)
        elif key == "one_of" and isinstance(value, list):
            yield from self._one_of(value)
        elif key.startswith(_LEDGER):
            yield from self._ledger(key, value if isinstance(value, list) else [value])
        elif key in ("sent", "printed", "notified"):
            yield from self._left(key, value if isinstance(value, list) else [value])
        elif isinstance(value, Mapping):
            yield from self._record(key, value)
        else:
            raise StepError(say("course.expected", key=key))

    def _one_of(self, ways: list[object]) -> Iterator[str]:
        """What may come of a race: one of several ways."""
        found = [self.compare(way) for way in ways if isinstance(way, Mapping)]
        if all(found):
            yield say("course.one_of", found=" | ".join("; ".join(mistakes) for mistakes in found))

    def _count(self, written: str) -> int:
        document = self.script.key(written)
        if document not in self.script.runtime.definitions.documents:
            raise StepError(say("course.document", name=written))
        with self.script.runtime.store.begin(write=False) as unit:
            return unit.count(document, ALWAYS, _MOST)

    def _tasks(self, name: str) -> list[str]:
        document, record_id = self.script.named(name)
        pairs = {"document": document, "record_id": record_id, "status": "open"}
        where = Every(tuple(Compare((key,), "==", value) for key, value in pairs.items()))
        with self.script.runtime.store.begin(write=False) as unit:
            found = unit.select(Selection(TASK, where, (Order("created_at"),), limit=1000))
        return list(dict.fromkeys(str(task.values["step"]) for task in found))

    # --- ledgers -------------------------------------------------------------------------------------------------

    def _ledger(self, key: str, expected: list[object]) -> Iterator[str]:
        """Each told account is there, another one for each; none at all for an empty list."""
        name = key.removeprefix(_LEDGER).strip()
        ledgers = self.script.runtime.definitions.ledgers
        if name not in ledgers:
            raise StepError(say("course.ledger", name=name))
        fields = self.script.runtime.definitions.documents[name].fields
        with self.script.runtime.store.begin(write=False) as unit:
            left = [record.values for record in unit.select(Selection(name, limit=_MOST))]
        shown = [{one: _worded(row[one], fields[one]) for one in fields} for row in left]
        if not expected and left:
            yield say("course.also", kind=key, left=shown)
        for told in expected:
            found = next((row for row in left if self._told(fields, row, told)), None)
            if found is None:
                yield say("course.absent", kind=key, one=repr(told), left=shown)
            else:
                left.remove(found)

    def _told(self, fields: Mapping[str, Field], row: Mapping[str, object], told: object) -> bool:
        if not isinstance(told, Mapping):
            return False
        for name in told:
            if name not in fields:
                raise StepError(say("course.field", document="ledger", name=name))
        return all(self._same(fields[str(name)], row.get(str(name)), value) for name, value in told.items())

    # --- records -------------------------------------------------------------------------------------------------

    def _record(self, key: str, expected: Mapping[str, object]) -> Iterator[str]:
        record = self._reached(key)
        if record is None:
            yield say("course.nowhere", key=key)
            return
        fields = self.script.runtime.definitions.documents[record.document].fields
        for name, value in expected.items():
            if name not in fields and name not in SYSTEM_FIELDS:
                raise StepError(say("course.field", document=record.document, name=name))
            found = record.values.get(name)
            if not self._same(fields.get(name), found, value):
                shown = _worded(found, fields.get(name))
                yield say("course.is", key=f"{key}.{name}", found=shown, wanted=repr(value))

    def _reached(self, key: str) -> Record | None:
        name, *path = key.split(".")
        record: Record | None = self.script.record(name)
        for step in path:
            if record is None:
                return None
            record = self._behind(record, step)
        return record

    def _behind(self, record: Record, step: str) -> Record | None:
        """The record that a field refers to, or the first that refers back under a name."""
        force = self.script.runtime.force
        field = force.definitions.documents[record.document].fields.get(step)
        back = force.backs.get((record.document, step))
        with self.script.runtime.store.begin(write=False) as unit:
            if field is not None and record.values[step]:
                return unit.fetch(field.type.of, str(record.values[step]))
            if back is None:
                return None
            referring = Selection(back[0], Compare((back[1],), "==", record.id), (Order("created_at"),), limit=1)
            found = unit.select(referring)
            return unit.fetch(back[0], found[0].id) if found else None

    def _same(self, field: Field | None, found: object, expected: object) -> bool:
        if field is None:
            return found == expected or str(found) == str(expected)
        if field.is_table:
            return self._same_rows(field, found, expected)
        expected = self.script.value(field, expected)
        try:
            wanted = parse(expected, field)
        except Malformed as fault:
            raise StepError(f"{field.name}: {fault}") from None
        return wanted == found

    def _same_rows(self, table: Field, found: object, expected: object) -> bool:
        if not isinstance(expected, list) or not isinstance(found, list) or len(expected) != len(found):
            return False
        pairs = zip(found, expected, strict=True)
        return all(self._same(table.fields.get(k), row.get(k), v) for row, told in pairs for k, v in told.items())

    # --- what left -----------------------------------------------------------------------------------------------

    def _left(self, kind: str, expected: list[object]) -> Iterator[str]:
        left = list(getattr(self, f"_{kind}")())
        for one in expected:
            match = next((found for found in left if _fits(found, one)), None)
            if match is None:
                yield say("course.absent", kind=kind, one=repr(one), left=[dict(found) for found in left])
            else:
                left.remove(match)
        if left:
            yield say("course.also", kind=kind, left=[dict(found) for found in left])

    def _done(self, kind: str) -> list[Effect]:
        effects = self.script.runtime.store.effects(state="done", limit=_MOST)
        return [effect for effect in reversed(effects) if effect.kind == kind]

    def _sent(self) -> Iterator[Mapping[str, object]]:
        for kind, body in self.outside.sent.values():
            yield {**_told(self.script.runtime, kind, body), "mapping": kind}

    def _printed(self) -> Iterator[Mapping[str, object]]:
        for effect in self._done("print"):
            yield {"print": effect.payload["print"]}

    def _notified(self) -> Iterator[Mapping[str, object]]:
        for effect in self._done("notify"):
            yield {name: effect.payload.get(name) for name in ("notice", "via", "text")}


def _fits(found: Mapping[str, object], expected: object) -> bool:
    """Whether all that is told of it is so; a word alone is its kind (print, mapping, notice)."""
    if isinstance(expected, Mapping):
        return all(key in found and str(found[key]) == str(value) for key, value in expected.items())
    return str(expected) in (found.get("print"), found.get("mapping"), found.get("notice"))


def _told(runtime: Runtime, kind: str, body: bytes) -> Mapping[str, object]:
    """Leaves of a message by their own names: of XML the texts by local name, of flat formats what was read."""
    mapping = runtime.definitions.mappings.get(kind)
    if mapping is not None and mapping.format == "xml" and runtime.xml is not None:
        return dict(_texts(runtime.xml.parse(body)))
    if mapping is not None and mapping.format != "json":
        rows = mapping_of(runtime, kind).read(body).documents
        return rows[0] if rows else {}
    return _flat(json.loads(body))


def _texts(element: XmlElement) -> Iterator[tuple[str, object]]:
    for child in element:
        if len(child):
            yield from _texts(child)
        else:
            yield local_name(child.tag), child.text or ""


def _flat(tree: object) -> dict[str, object]:
    """Leaves of a message by their own names."""
    if not isinstance(tree, Mapping):
        return {}
    flat: dict[str, object] = {}
    for name, value in tree.items():
        flat.update(_flat(value) if isinstance(value, Mapping) else {name: value})
    return flat


def _worded(value: object, field: Field | None) -> str:
    if field is None or field.is_table:
        return repr(value)
    return repr(json_of(value, field.kind))
