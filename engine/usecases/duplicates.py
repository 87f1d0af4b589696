"""What may not be there twice: foreseen while one types, and the record there is named for whoever may read it.

In: a record being filled in; or a refusal, outside of the transaction that it has broken. Out: findings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.documents.repeated import repeated
from engine.model.criteria import Compare, Every, Selection
from engine.ports import Duplicate
from engine.problems import Finding, Refused
from engine.usecases.bounds import bounded
from engine.usecases.desk import Desk, Working
from engine.usecases.presenting import Presenter
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor
from engine.usecases.world import RecordWorld


def foreseen(work: Desk, working: Working) -> Iterator[Finding]:
    """Keys without a condition that another record has already."""
    document, values = working.document, working.values
    for key in document.uniques:
        if key.when is not None or any(values.get(name) is None for name in key.fields):
            continue
        wanted = [Compare((name,), "==", values[name]) for name in key.fields]
        others = Compare(("id",), "!=", values["id"])
        for record in work.unit.select(Selection(document.id, Every((*wanted, others)), limit=1, tables=())):
            for one in repeated(document, Duplicate(document.id, key.fields, record.id)):
                yield _told(work.world, one)


def with_names(runtime: Runtime, actor: Actor, refused: Refused) -> Refused:
    """The same refusal, naming what there is already; of what the actor may not read nothing is told."""
    with bounded(), runtime.store.begin(write=False) as unit:
        world = RecordWorld(runtime, unit, actor, runtime.clock.now())
        return Refused((_told(world, one) for one in refused.findings), kind=refused.kind)


def _told(world: RecordWorld, finding: Finding) -> Finding:
    if not finding.about:
        return finding
    document, record_id = finding.about
    presenter = Presenter(world)
    row = world.follow(document, record_id)
    rights = presenter.rights(document, row)
    if row is None or not rights.any:
        return replace(finding, about=())
    label = presenter.label(document, row, rights)
    state = world.runtime.definitions.machines[document].states.get(str(row["state"] or ""))
    zh, en = (f"{label}（{state.title.zh}）", f"{label} ({state.title.worded('en')})") if state else (label, label)
    return replace(finding, text={"zh": f"{finding.text['zh']}：{zh}", "en": f"{finding.text['en']}: {en}"})
