"""What administrators look at: figures of the outbox, roles and rights, code lists, jobs and their runs, the audit.

In: the runtime. Out: plain views. Nothing here changes anything; who may look is decided at the door.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.model.access import Grant
from engine.model.criteria import Selection
from engine.model.formula import Title
from engine.model.records import AuditEntry, Effect
from engine.model.system import CodeEntry, CodeList, Definitions, Job
from engine.usecases.acting import ENGINE
from engine.usecases.desk import Desk
from engine.usecases.internal import JOB
from engine.usecases.jobs import jobs_of
from engine.usecases.presenting import Presenter
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor

MOST_EFFECTS = 1_000
STATES = ("failed", "waiting", "running", "done", "cancelled")
_MOST_CODES = 1_000
_TOLD = 20


@dataclass(frozen=True, slots=True)
class Figures:
    """What needs an eye: effects that failed or wait, their number no more than `MOST_EFFECTS`."""

    failed: int
    waiting: int
    jobs: int
    parameters: int
    codes: int
    roles: int


def figures(runtime: Runtime) -> Figures:
    """The figures of the console's first page."""
    definitions = runtime.definitions
    return Figures(
        len(runtime.store.effects(state="failed", limit=MOST_EFFECTS)),
        len(runtime.store.effects(state="waiting", limit=MOST_EFFECTS)),
        len(jobs_of(runtime)),
        sum(1 for one in definitions.parameters.values() if one.set_by),
        len(definitions.codes),
        sum(len(system.roles) for system in definitions.systems.values()),
    )


def effects(runtime: Runtime, state: str, limit: int) -> tuple[tuple[Effect, Title | None], ...]:
    """Effects of a state with the titles of their document types, newest first."""
    documents = runtime.definitions.documents
    found = runtime.store.effects(state=state, limit=limit)
    return tuple((one, documents[one.document].title if one.document in documents else None) for one in found)


def retry(runtime: Runtime, actor: Actor, ids: Sequence[str]) -> int:
    """Let failed effects begin anew, all of them where none is named; how many. It stands in the audit."""
    chosen = list(ids) or [one.id for one in runtime.store.effects(state="failed", limit=MOST_EFFECTS)]
    count = runtime.store.retry_effects(chosen, runtime.clock.now())
    _note(runtime, actor, "retry", {"effects": chosen[:_TOLD]})
    return count


def give_up(runtime: Runtime, actor: Actor, effect_id: str, because: str) -> int:
    """Give up an effect that waits or has failed, and keep who did so and why; how many."""
    count = runtime.store.drop_effects([effect_id], because)
    _note(runtime, actor, "drop", {"effects": [effect_id], "because": because})
    return count


def _note(runtime: Runtime, actor: Actor, action: str, detail: Mapping[str, object]) -> None:
    with runtime.store.begin() as unit:
        unit.append_audit(AuditEntry(runtime.clock.now(), actor.id, action, "", "", detail, actor.address))


# --- roles ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RoleRow:
    """What a role may do with one document type; `rows` is the condition as written, `titles` those of the names."""

    document: str
    title: Title
    grant: Grant
    rows: str
    titles: Mapping[str, Title]

    @property
    def reads_all(self) -> bool:
        """Whether every field is read in the clear."""
        return "*" in self.grant.read and not self.grant.mask and not self.grant.hide


def role_matrix(runtime: Runtime) -> tuple[tuple[Title, str, tuple[Title, ...], tuple[RoleRow, ...]], ...]:
    """Roles of the systems that run here: title, id, systems, and a row for each document type they touch."""
    definitions = runtime.definitions
    systems = [definitions.systems[one] for one in runtime.node.systems]
    titles = {document: _titles(definitions, document) for document in definitions.access}
    found = []
    for name in dict.fromkeys(name for system in systems for name in system.roles):
        holding = [system for system in systems if name in system.roles]
        if holding:
            rows = tuple(
                RoleRow(
                    document, definitions.documents[document].title, grants[name], _rows(grants[name]), titles[document]
                )
                for document, grants in definitions.access.items()
                if name in grants
            )
            found.append((holding[0].roles[name].title, name, tuple(one.title for one in holding), rows))
    return tuple(found)


def _titles(definitions: Definitions, document: str) -> Mapping[str, Title]:
    """What grants may name: fields, events and prints of a document type."""
    machine = definitions.machines.get(document)
    return {
        **{name: field.title for name, field in definitions.documents[document].fields.items()},
        **{name: event.title for name, event in (machine.events.items() if machine is not None else ())},
        **{name: form.title for name, form in definitions.prints.items()},
    }


def _rows(grant: Grant) -> str:
    return grant.rows.text if grant.rows is not None else ""


# --- code lists ----------------------------------------------------------------------------------------------------


def code_lists(runtime: Runtime) -> tuple[tuple[str, int, bool], ...]:
    """Every code list with how many rows it has, and whether any of them is dated."""
    return tuple(
        (name, len(codes.entries), any(entry.dated.start or entry.dated.end for entry in codes.entries))
        for name, codes in sorted(runtime.definitions.codes.items())
    )


def code_rows(codes: CodeList, text: str) -> tuple[CodeEntry, ...]:
    """Rows in which a text stands, at most a thousand."""
    needle = text.casefold()
    found = (entry for entry in codes.entries if not needle or needle in _said(entry))
    return tuple(entry for _, entry in zip(range(_MOST_CODES), found, strict=False))


def _said(entry: CodeEntry) -> str:
    return " ".join([entry.code, *(str(value) for value in entry.columns.values())]).casefold()


# --- jobs ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class JobView:
    """A job: when it runs, the moment it was last begun for, and how that run stands."""

    job: Job
    last: datetime | None
    state: str = ""
    error: str = ""


def jobs(runtime: Runtime) -> tuple[JobView, ...]:
    """All jobs by name."""
    runs = _runs(runtime)
    with runtime.store.begin(write=False) as unit:
        begun = {str(one.values["name"]): str(one.values["moment"]) for one in unit.select(Selection(JOB, limit=1000))}
    return tuple(
        JobView(job, _moment(begun.get(name)), *_outcome(runs.get(name)))
        for name, job in sorted(jobs_of(runtime).items())
    )


def _runs(runtime: Runtime) -> Mapping[str, Effect]:
    """The newest run of each job among the newest effects."""
    found: dict[str, Effect] = {}
    for effect in runtime.store.effects(limit=MOST_EFFECTS):
        if effect.kind == "job":
            found.setdefault(str(effect.payload.get("job", "")), effect)
    return found


def _outcome(effect: Effect | None) -> tuple[str, str]:
    return (effect.state, effect.error) if effect is not None else ("", "")


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


# --- the audit -----------------------------------------------------------------------------------------------------


def audit(
    runtime: Runtime, *, document: str = "", record_id: str = "", limit: int = 200
) -> tuple[tuple[AuditEntry, str, Title], ...]:
    """Entries with the person's and the document type's names, newest first."""
    entries = runtime.store.audit(limit=limit, document=document, record_id=record_id)
    with runtime.store.begin(write=False) as unit:
        presenter = Presenter(Desk(runtime, unit, ENGINE).world)
        return tuple((one, _who(presenter, one.actor), _kind(presenter, one.document)) for one in entries)


def _who(presenter: Presenter, account: str) -> str:
    accounts = presenter.world.runtime.node.accounts
    row = presenter.world.follow(accounts.document, account) if accounts is not None and account else None
    return presenter.label(accounts.document, row) if accounts is not None and row is not None else account


def _kind(presenter: Presenter, document: str) -> Title:
    declared = presenter.definitions.documents.get(document)
    return declared.title if declared is not None else Title(document)
