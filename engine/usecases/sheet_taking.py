"""The worker's step of an import: some parts are tried out, or one part is taken.

In: an import's id and the place that the step was queued for. Out: verdicts stored, the next step queued, in one
transaction: whatever is killed, a row is taken once. A part is one transaction; where a row of it is refused after all,
its rows are taken one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from engine.model.criteria import Compare, Every, Order, Selection
from engine.model.records import Record
from engine.ports import Unit
from engine.problems import Finding, Refused
from engine.sheets.submissions import Submission, Submissions
from engine.usecases.accounts import actor_of
from engine.usecases.acting import ENGINE
from engine.usecases.deadlines import system_values
from engine.usecases.desk import Inputs
from engine.usecases.events import in_work
from engine.usecases.runtime import Runtime
from engine.usecases.sheet_cells import CellReader
from engine.usecases.sheet_records import (
    CHECKED,
    CHECKING,
    DONE,
    FOUND,
    GOOD,
    IMPORT,
    KEYS,
    LEFT,
    PART,
    REFUSED,
    STOPPED,
    TAKEN,
    TAKING,
    Part,
    Understood,
    Verdict,
)
from engine.usecases.sheet_trial import Keys, given_to_found, try_part
from engine.usecases.sheet_use import InUse, may_import
from engine.usecases.views import Actor
from engine.usecases.work import Work

PARTS_AT_ONCE = 5
MOST_TOLD = 200
"""Findings that are kept with the import itself, to be shown at once; all stand with their rows."""
_TAKES = frozenset({GOOD, FOUND})


def queue_step(work: Work, record: Record) -> None:
    """Let the worker go on with an import."""
    values = record.values
    key = f"sheet:{record.id}:{values['status']}:{values['place']}"
    work.effect("sheet", key, {"import": record.id, "status": values["status"], "place": values["place"]})


def advance(runtime: Runtime, payload: Mapping[str, object]) -> bool:
    """Do one step; False when it was done before, or the import is no more."""
    with runtime.store.begin(write=False) as unit:
        record = unit.fetch(IMPORT, str(payload["import"]))
    if record is None or record.values["deleted"] or not _stands_at(record, payload):
        return False
    actor = actor_of(runtime, str(record.values["owner"]))
    sheet = runtime.definitions.sheets.get(str(record.values["sheet"]))
    used = None if sheet is None or sheet.document != record.values["document"] else InUse.of(runtime, sheet)
    if actor is None or used is None or not may_import(runtime, actor, used):
        return _stop(runtime, record)
    step = _try_parts if record.values["status"] == CHECKING else _take_part
    return step(runtime, actor, used, record)


def parts_of(unit: Unit, import_id: str, place: int, limit: int) -> list[Part]:
    """Parts of an import from a place on."""
    where = Every((Compare(("batch",), "==", import_id), Compare(("place",), ">=", place)))
    return [Part.of(one) for one in unit.select(Selection(PART, where, (Order("place"),), limit=limit))]


def _stands_at(record: Record, payload: Mapping[str, object]) -> bool:
    values = record.values
    return values["status"] == payload["status"] and values["place"] == payload["place"]


def _stop(runtime: Runtime, record: Record) -> bool:
    """The account or the sheet is gone, or the right: nothing further is taken."""

    def act(work: Work) -> bool:
        held = work.unit.fetch(IMPORT, record.id, lock=True)
        if held is None or held.values["place"] != record.values["place"]:
            return False
        save(work, held, status=STOPPED, finished_at=work.now)
        return True

    return in_work(runtime, ENGINE, act)


# --- trying ----------------------------------------------------------------------------------------------------------


def _try_parts(runtime: Runtime, actor: Actor, used: InUse, record: Record) -> bool:
    understood = Understood.from_data(record.values["layout"])
    place = _whole(record.values["place"])
    with runtime.store.begin(write=False) as unit:
        parts, known = parts_of(unit, record.id, place, PARTS_AT_ONCE), unit.fetch(KEYS, record.id)
    keys = {} if known is None else dict(_mapping(known.values["keys"]))
    verdicts = [try_part(runtime, actor, used, understood, part.groups, keys) for part in parts]

    def act(work: Work) -> bool:
        held = work.unit.fetch(IMPORT, record.id, lock=True)
        if held is None or not _stands_at(held, {"status": CHECKING, "place": place}):
            return False
        for part, found in zip(parts, verdicts, strict=True):
            part.verdicts = found
            save(work, part.record, **part.contents())
            _count(held, found)
        if place + len(parts) < _whole(held.values["parts"]):
            _remember(work, known or Record(KEYS, {**system_values(work), "id": held.id, "version": 0}), keys)
        _go_on(work, held, place + len(parts), CHECKED)
        return True

    return in_work(runtime, actor, act)


def _remember(work: Work, known: Record, keys: Keys) -> None:
    if known.version:
        save(work, known, keys=keys)
    else:
        work.unit.insert(Record(KEYS, {**known.values, "keys": keys, "version": 1}))


# --- taking ----------------------------------------------------------------------------------------------------------


def _take_part(runtime: Runtime, actor: Actor, used: InUse, record: Record) -> bool:
    taker = _Taker(runtime, actor, used, record)
    try:
        return taker.in_step(taker.whole_part)
    except Refused:
        taker.one_by_one()
        return taker.in_step(taker.whole_part)


class _Taker:
    """Takes the part at which an import stands."""

    def __init__(self, runtime: Runtime, actor: Actor, used: InUse, record: Record) -> None:
        self._runtime, self._actor, self._used, self._id = runtime, actor, used, record.id
        self._place = _whole(record.values["place"])
        self._pages = used.pages(Understood.from_data(record.values["layout"]))
        self._at = 0

    def in_step(self, act: Callable[[Work, Record, Part], bool]) -> bool:
        """Run something on the import and its part, both locked, in one transaction."""

        def locked(work: Work) -> bool:
            held = work.unit.fetch(IMPORT, self._id, lock=True)
            if held is None or not _stands_at(held, {"status": TAKING, "place": self._place}):
                return False
            return act(work, held, parts_of(work.unit, self._id, self._place, 1)[0])

        return in_work(self._runtime, self._actor, locked)

    def whole_part(self, work: Work, held: Record, part: Part) -> bool:
        """All groups that are left, and the step to the next part. Raises Refused."""
        submissions = Submissions(self._pages, CellReader(work).read)
        for index in range(part.next, len(part.groups)):
            self._take(work, part, index, submissions)
        part.groups = [rows if one.state in LEFT else [] for rows, one in zip(part.groups, part.verdicts, strict=True)]
        save(work, part.record, next=len(part.groups), **part.contents())
        _count(held, [one for one in part.verdicts if one.state in (TAKEN, REFUSED)], told=REFUSED)
        _go_on(work, held, self._place + 1, DONE)
        return True

    def one_by_one(self) -> None:
        """Each group in a transaction of its own; one that is refused is left, with what was said."""
        going = True
        while going:
            try:
                going = self.in_step(self._one_group)
            except Refused as refused:
                going = self.in_step(partial(self._leave, refused))

    def _one_group(self, work: Work, _held: Record, part: Part) -> bool:
        self._at = part.next
        if self._at >= len(part.groups):
            return False
        self._take(work, part, self._at, Submissions(self._pages, CellReader(work).read))
        save(work, part.record, next=self._at + 1, **part.contents())
        return True

    def _leave(self, refused: Refused, work: Work, _held: Record, part: Part) -> bool:
        if part.next != self._at:  # somebody else has gone on meanwhile
            return True
        submission = Submissions(self._pages, lambda place, cell: None).of(part.groups[self._at])
        found = refused.findings or (Finding("refused", {"zh": "不能导入此行", "en": "the row may not be imported"}),)
        told = [submission.cell_finding(finding) for finding in found]
        part.verdicts[self._at] = part.verdicts[self._at].now(REFUSED, *told)
        save(work, part.record, next=self._at + 1, **part.contents())
        return True

    def _take(self, work: Work, part: Part, index: int, submissions: Submissions) -> None:
        verdict = part.verdicts[index]
        if verdict.state not in _TAKES:
            return
        submission = submissions.of(part.groups[index])
        part.verdicts[index] = verdict.now(TAKEN, record_id=self._apply(work, verdict, submission))

    def _apply(self, work: Work, verdict: Verdict, submission: Submission) -> str:
        sheet, document = self._used.sheet, self._used.document.id
        raw: Mapping[str, object] = submission.raw
        if verdict.state == FOUND:
            working, name, raw = work.open(document, verdict.record_id), sheet.found, given_to_found(sheet, submission)
        else:
            working, name = work.blank(document), self._used.event.name
        work.apply(working, name, self._actor, Inputs(raw, submission.asked, frozenset(verdict.confirmed)))
        return str(working.values["id"])


# --- keeping ---------------------------------------------------------------------------------------------------------


def save(work: Work, record: Record, **values: object) -> None:
    """Store a record of an import with other values."""
    version = record.version
    record.values.update(values, version=version + 1, changed_at=work.now)
    work.unit.update(record, version)


def _go_on(work: Work, held: Record, place: int, ended: str) -> None:
    """The next step, or the end of this round of steps."""
    if place >= _whole(held.values["parts"]):
        save(work, held, place=place, status=ended, finished_at=work.now)
        return
    save(work, held, place=place)
    queue_step(work, held)


def _count(held: Record, verdicts: Sequence[Verdict], told: str = "") -> None:
    """Add to the import's counts, and to the findings that are shown at once; with `told`, those of that state."""
    counts = dict(_mapping(held.values["counts"]))
    shown = held.values["told"]
    assert isinstance(shown, list)
    for verdict in verdicts:
        counts[verdict.state] = counts.get(verdict.state, 0) + 1
        findings = verdict.findings if not told or verdict.state == told else ()
        counts["findings"] = counts.get("findings", 0) + len(findings)
        shown.extend(one.to_data() for one in findings[: max(0, MOST_TOLD - len(shown))])
    held.values.update(counts=counts, told=shown)


def _mapping(value: object) -> dict[str, int]:
    assert isinstance(value, dict)
    return value


def _whole(value: object) -> int:
    assert isinstance(value, int)
    return value
