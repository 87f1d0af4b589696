"""One written step of a script at a time: somebody raises an event, or decides an approval task.

In: plain data as a step of a scenario or of demo data holds it, and the names given so far. Out: what happened, through
the ordinary use cases alone. A value may name a record of an earlier step, say `{file: page.pdf}`, or begin with `=`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from engine.console import say
from engine.expressions.environment import Env
from engine.expressions.expression import check_expression
from engine.expressions.names import EMPTY, NameKind, Scope, Signature
from engine.model.criteria import Compare, Every, Selection
from engine.model.documents import Field
from engine.model.machines import Event
from engine.model.records import Record
from engine.model.system import Definitions
from engine.model.types import Kind, Shape, Type
from engine.problems import NOWHERE
from engine.usecases.accounts import actor_of
from engine.usecases.acting import ENGINE
from engine.usecases.events import raise_event
from engine.usecases.handing import HANDED, hand_over
from engine.usecases.internal import TASK
from engine.usecases.runtime import Runtime
from engine.usecases.task_lists import task_on
from engine.usecases.tasks import sign_task
from engine.usecases.views import Actor, Decision, EventRequest, Outcome
from engine.usecases.world import RecordWorld

Step = Mapping[str, object]
_WORD = re.compile(r"\w+")
_MEDIA = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png"}
STARTER = "starter"
_BEGINS = {"pdf": b"%PDF-1.7\n", "jpg": b"\xff\xd8\xff\xe0", "png": b"\x89PNG\r\n\x1a\n"}


class StepError(ValueError):
    """A step cannot be read: a name, event or account that there is not."""


@dataclass(slots=True)
class Script:
    """Steps over one runtime. `names` leads from a name to its record: (document type, id)."""

    runtime: Runtime
    names: dict[str, tuple[str, str]] = field(default_factory=dict)
    system: str = ""
    """The system in which the steps are written: its own document types go before others of their name."""

    def key(self, document: str) -> str:
        """A document type as it is registered; what is written where there is none."""
        own = f"{self.system}.{document}"
        return own if own in self.runtime.definitions.documents else document

    def perform(self, step: Step) -> Outcome:
        """Carry out one step. Raises Refused, StepError."""
        actor = self.actor(str(step.get("as", "engine")))
        if "decide" in step:
            return self._decide(actor, step)
        document, record_id = self._target(str(step.get("on") or step.get("create") or ""))
        event = self._event(document, str(step.get("event") or ""))
        given = step.get("with") or {}
        if not isinstance(given, Mapping):
            raise StepError(say("course.with"))
        values = self._values(document, event, given)
        asked = {name: value for name, value in values.items() if name in event.ask}
        raw = {name: value for name, value in values.items() if name not in event.ask}
        request = EventRequest(
            document,
            event.name,
            record_id,
            raw=raw,
            asked=asked,
            confirmed=frozenset(listed(step.get("confirm"))),
            comment=str(step.get("comment") or ""),
        )
        outcome = raise_event(self.runtime, actor, request)
        if name := str(step.get("name") or ""):
            self.names[name] = (document, outcome.record_id)
        return outcome

    def _decide(self, actor: Actor, step: Step) -> Outcome:
        target = self.named(str(step.get("on")))
        task = task_on(self.runtime, actor, *target)
        if task is None:
            raise StepError(say("course.task", who=step.get("as"), on=step.get("on"), waiting=self._waiting(*target)))
        way, comment = str(step["decide"]), str(step.get("comment") or "")
        if way in HANDED:
            account = self._account(str(step.get("to") or ""))
            hand_over(self.runtime, actor, task.id, way, account, comment)
            values = self.record(str(step.get("on"))).values
            return Outcome(
                *target, str(values["number"] or ""), str(values["state"] or ""), int(str(values["version"]))
            )
        decision = Decision(
            way,
            comment,
            raw=self._filled(target[0], step.get("with")),
            confirmed=frozenset(listed(step.get("confirm"))),
            to=None if "to" not in step else "" if step["to"] == STARTER else str(step["to"]),
        )
        return sign_task(self.runtime, actor, task.id, decision)

    def _waiting(self, document: str, record_id: str) -> str:
        """Whose turn it is, for whoever expected somebody else's."""
        accounts = self.runtime.node.accounts
        wanted = {"document": document, "record_id": record_id, "status": "open"}
        about = Every(tuple(Compare((name,), "==", value) for name, value in wanted.items()))
        with self.runtime.store.begin(write=False) as unit:
            record, tasks = unit.fetch(document, record_id), unit.select(Selection(TASK, about, limit=20))
            ids = [str(one.values["assignee"]) for one in tasks]
            people = unit.fetch_many(accounts.document, ids) if accounts is not None else {}
        if not tasks:
            return say("course.waits_none", state=record.values["state"] if record is not None else None)
        steps = ", ".join(dict.fromkeys(str(one.values["step"]) for one in tasks))
        logins = sorted(str(one.values[accounts.login]) for one in people.values()) if accounts is not None else []
        return say("course.waits", steps=steps, logins=", ".join(logins) or say("course.nobody"))

    def _filled(self, document: str, given: object) -> dict[str, object]:
        """What a signer fills in."""
        fields = self.runtime.definitions.documents[document].fields
        values = given if isinstance(given, Mapping) else {}
        return {str(name): self.value(fields.get(str(name)), value) for name, value in values.items()}

    def named(self, name: str) -> tuple[str, str]:
        """The record that a step named. Raises StepError."""
        if name not in self.names:
            raise StepError(say("course.name", name=name))
        return self.names[name]

    def actor(self, who: str) -> Actor:
        """`engine`, an account that a step named, or one with that login. Raises StepError."""
        if who == ENGINE.id:
            return ENGINE
        found = actor_of(self.runtime, self._account(who))
        if found is None:
            raise StepError(self._nobody(who))
        return found

    def _nobody(self, who: str) -> str:
        """That there is no such account."""
        return say("course.account", name=who)

    def _account(self, who: str) -> str:
        accounts = self.runtime.node.accounts
        if accounts is None:
            raise StepError(say("course.accounts"))
        if self.names.get(who, ("",))[0] == accounts.document:
            return self.names[who][1]
        by_login = Selection(accounts.document, Compare((accounts.login,), "==", who), limit=1)
        with self.runtime.store.begin(write=False) as unit:
            found = unit.select(by_login)
        return found[0].id if found else ""

    def _target(self, on: str) -> tuple[str, str | None]:
        """A named record, or a document type of which one is created."""
        if on in self.names:
            return self.names[on]
        if self.key(on) not in self.runtime.definitions.documents:
            raise StepError(say("course.neither", name=on))
        return self.key(on), None

    def _event(self, document: str, name: str) -> Event:
        machine = self.runtime.definitions.machines[document]
        found = machine.events.get(name) if name else machine.creating()[0]
        if found is None:
            raise StepError(say("course.event", document=document, name=name))
        return found

    # --- values ------------------------------------------------------------------------------------------------

    def _values(self, document: str, event: Event, given: Mapping[str, object]) -> dict[str, object]:
        fields = self.runtime.definitions.documents[document].fields
        return {name: self.value(event.ask.get(name) or fields.get(name), value) for name, value in given.items()}

    def value(self, declared: Field | None, value: object) -> object:
        """A value as written, its names and formulas resolved."""
        if isinstance(value, str) and value.startswith("="):
            value = self.evaluated(value[1:])
        if declared is None or value is None:
            return value
        if declared.is_table and isinstance(value, list):
            return [{name: self.value(declared.fields.get(name), one) for name, one in row.items()} for row in value]
        if declared.kind == "ref":
            return self._reference(declared, value)
        if declared.kind == "refs" and isinstance(value, list):
            return [self._reference(declared, one) for one in value]
        if isinstance(value, Mapping) and "file" in value:
            return self._file(str(value["file"]))
        return value

    def _reference(self, declared: Field, value: object) -> object:
        if isinstance(value, Mapping):
            return value.get("id")
        document, record_id = self.names.get(str(value), ("", str(value)))
        return record_id if declared.type.of or not document else f"{document}:{record_id}"

    def _file(self, name: str) -> object:
        ending = name.rpartition(".")[2].lower()
        content = _BEGINS.get(ending, b"") + name.encode()
        return self.runtime.files.put(content, name, _MEDIA.get(ending, "application/octet-stream"))

    def evaluated(self, text: str) -> object:
        """An expression over the named records, `today` and `now`. Raises StepError."""
        definitions = self.runtime.definitions
        meant = [name for name in dict.fromkeys(_WORD.findall(text)) if name in self.names]  # a script knows thousands
        scope = Scope(EMPTY, locals={name: _row(definitions, self.names[name][0]) for name in meant})
        checked, problems = check_expression(text, NOWHERE, scope, _Shapes(definitions))
        if checked is None:
            raise StepError(f"{text!r}: {', '.join(problem.code for problem in problems)}")
        with self.runtime.store.begin(write=False) as unit:
            world = RecordWorld(self.runtime, unit, ENGINE, self.runtime.clock.now())
            rows = {name: world.follow(*self.names[name]) for name in meant}
            return checked.evaluate(Env({}, world, names=rows))

    def record(self, name: str) -> Record:
        """The record behind a name as it is stored now. Raises StepError."""
        document, record_id = self.named(name)
        with self.runtime.store.begin(write=False) as unit:
            found = unit.fetch(document, record_id)
        if found is None:
            raise StepError(say("course.gone", name=name))
        return found


def listed(value: object) -> list[str]:
    """One word or several, as words."""
    if value is None:
        return []
    return [str(one) for one in value] if isinstance(value, list | tuple) else [str(value)]


def _row(definitions: Definitions, document: str) -> Type:
    return Type(Kind.ROW, of=document, optional=False, shape=definitions.documents[document].shape)


@dataclass(frozen=True, slots=True)
class _Shapes:
    """The catalog of a step's expressions: records and their references, nothing else."""

    definitions: Definitions

    def shape(self, document: str) -> Shape | None:
        """The shape of a document type."""
        found = self.definitions.documents.get(document)
        return None if found is None else found.shape

    def code_columns(self, list_id: str) -> Mapping[str, Type] | None:
        """Columns of a code list."""
        found = self.definitions.codes.get(list_id)
        return None if found is None else found.columns

    def callable(self, _name: str) -> Signature | None:
        """No tables, no queries."""
        return None

    def parameter(self, name: str) -> Type | None:
        """The type of a parameter."""
        found = self.definitions.parameters.get(name)
        return None if found is None else found.type

    def names(self, _kind: NameKind) -> Iterable[str]:
        """Nothing to suggest."""
        return ()
