"""Trying rows out: what would become of them, without storing anything.

In: groups of rows, the sheet as it is in force, who imports. Out: a verdict for each group. A row is judged by the same
steps as the event itself (`Work.admit`); then it is looked up whether its record is there already, and whether an
earlier row of the file says the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.documents import compute as computing
from engine.expressions.environment import Env
from engine.model.criteria import ALWAYS, Compare, Criterion, Every, Selection
from engine.model.documents import Document, Field, UniqueKey
from engine.model.machines import Event
from engine.model.records import Record
from engine.model.sheets import ASKED, Sheet
from engine.problems import Finding, Level, Refused
from engine.sheets.findings import PAGE, CellFinding, error, page_of, warning
from engine.sheets.layout import Group, faults_in
from engine.sheets.submissions import Submission, Submissions
from engine.usecases.acting import Performer
from engine.usecases.bounds import bounded
from engine.usecases.desk import Inputs, Working
from engine.usecases.presenting import Presenter
from engine.usecases.runtime import Runtime
from engine.usecases.sheet_cells import CellReader
from engine.usecases.sheet_records import BAD, FOUND, GOOD, KNOWN, Understood, Verdict
from engine.usecases.sheet_use import InUse
from engine.usecases.views import Actor
from engine.usecases.work import Work
from engine.usecases.world import RecordWorld

Keys = dict[str, int]
"""Digests of what the rows tried so far would be known by, with the first row of each."""
_DIGEST = 16


@dataclass(slots=True)
class Tried:
    """One group while it is judged."""

    submission: Submission
    working: Working
    verdict: Verdict = field(default_factory=lambda: Verdict(GOOD))


def try_part(
    runtime: Runtime, actor: Actor, used: InUse, understood: Understood, groups: Sequence[Group], keys: Keys
) -> list[Verdict]:
    """Verdicts for groups, in order; `keys` grows."""
    with bounded(), runtime.store.begin(write=False) as unit:
        trial = _Trial(Work(runtime, unit, actor, Performer()), actor, used, understood)
        tried = [trial.judged(group) for group in groups]
        for one in tried:
            trial.recognise(one, keys)
        return [one.verdict for one in tried]


class _Trial:
    """Judges groups within one transaction that only reads."""

    def __init__(self, work: Work, actor: Actor, used: InUse, understood: Understood) -> None:
        self._work, self._actor, self._used = work, actor, used
        self._pages = used.pages(understood)
        self._faults = understood.faults
        self._submissions = Submissions(self._pages, CellReader(work).read)
        storage = work.runtime.force.programs[used.document.id].storage
        own = [UniqueKey((name,)) for name, one in used.document.fields.items() if one.unique]
        conditions = [unique.when for unique in storage.uniques]
        self._uniques = list(zip([*used.document.uniques, *own], conditions, strict=True))

    # --- the rows themselves -----------------------------------------------------------------------------------------

    def judged(self, group: Group) -> Tried:
        """A group as a new document."""
        submission = self._submissions.of(group)
        if self._faults:
            _merge(submission.faults, faults_in(group, self._faults, self._pages))
        working = self._work.blank(self._used.document.id)
        verdict = self._admitted(submission, working, self._used.event, submission.raw)
        return Tried(submission, working, verdict)

    def _admitted(self, submission: Submission, working: Working, event: Event, raw: Mapping[str, object]) -> Verdict:
        inputs = Inputs(raw, submission.asked)
        findings, kind = self._admit(working, event, inputs)
        confirmed = tuple(sorted({one.code for one in findings if one.level is Level.CONFIRM}))
        if kind and confirmed and not any(one.level is Level.ERROR for one in findings):
            findings, kind = self._admit(working, event, replace(inputs, confirmed=frozenset(confirmed)))
        told = self._told(submission, findings, event)
        if kind and not any(one.is_error for one in told):
            told.append(submission.on_row("refused", "不能导入此行", "this row may not be imported"))
        state = BAD if any(one.is_error for one in told) else GOOD
        return Verdict(state, tuple(told), confirmed if state == GOOD else ())

    def _admit(self, working: Working, event: Event, inputs: Inputs) -> tuple[list[Finding], str]:
        """Findings, and the kind of refusal; empty where there is none."""
        try:
            with bounded():
                return self._work.admit(working, event.name, self._actor, inputs)[2], ""
        except Refused as refused:
            return list(refused.findings), refused.kind

    def _told(self, submission: Submission, findings: Sequence[Finding], event: Event) -> list[CellFinding]:
        """What was found, at cells; a cell that could not be read is not told that it is empty, too."""
        told = list(submission.faults)
        faulty = {(one.row, one.column) for one in told if one.column}
        for finding in findings:
            made = submission.cell_finding(finding, self._title(finding.at, event))
            if (made.row, made.column) not in faulty:
                told.append(made)
        return told

    def _title(self, path: tuple[str, ...], event: Event) -> str:
        found: Field | None
        if path[:1] == (ASKED,) and len(path) > 1:
            found = event.ask.get(path[1])
        else:
            found = self._used.document.field_at(path) if path else None
        return "" if found is None else found.title.worded(self._actor.language)

    # --- what is there already ---------------------------------------------------------------------------------------

    def recognise(self, tried: Tried, keys: Keys) -> None:
        """Look for the record of a group that is good, in the store and among the rows before."""
        if tried.verdict.state == BAD:
            return
        matched = self._matched(tried)
        if matched is None:
            for unique, condition in self._uniques:
                if (key := _key(unique, tried.working, self._used.event.to, self._work.world)) is not None:
                    self._look_up(tried, unique.fields, key, condition)
        for name, key in self._own_keys(tried):
            first = keys.setdefault(_digest(name, key), tried.submission.rows[0])
            if first != tried.submission.rows[0] and tried.verdict.state in (GOOD, FOUND):
                zh, en = self._line(first)
                zh, en = f"与{zh}是同一条记录", f"the same record as in {en}"
                tried.verdict = tried.verdict.now(BAD, self._at(tried, name, "repeated", zh, en))

    def _line(self, row: int) -> tuple[str, str]:
        """A row as people find it."""
        title, line = self._pages[page_of(row)].title, row % PAGE
        return (f"“{title}”第{line}行", f"row {line} of {title!r}") if title else (f"第{line}行", f"row {line}")

    def _own_keys(self, tried: Tried) -> list[tuple[tuple[str, ...], tuple[object, ...]]]:
        found = [
            (unique.fields, key)
            for unique, _ in self._uniques
            if (key := _key(unique, tried.working, self._used.event.to, self._work.world)) is not None
        ]
        match = self._match_key(tried)
        return found if match is None else [*found, (self._used.sheet.match, match)]

    def _match_key(self, tried: Tried) -> tuple[object, ...] | None:
        match = self._used.sheet.match
        key = tuple(tried.working.values.get(name) for name in match)
        return key if match and None not in key else None

    def _matched(self, tried: Tried) -> Record | None:
        """The record that the sheet's `match` means; its verdict is given then."""
        key, match = self._match_key(tried), self._used.sheet.match
        if key is None:
            return None
        rights = self._work.runtime.rights(self._used.document.id, self._actor)
        rows = rights.rows(self._work.world)
        found = [one for one in self._records(match, key, rows) if rights.on(one.values, self._work.world).any]
        if len(found) > 1:
            zh, en = f"已有{len(found)}条记录与此行相符，无法确定是哪一条", f"{len(found)} records fit this row"
            tried.verdict = tried.verdict.now(BAD, self._at(tried, match, "ambiguous", zh, en))
        elif found:
            self._would_change(tried, found[0])
        return found[0] if found else None

    def _would_change(self, tried: Tried, record: Record) -> None:
        """A record that is there: left out, or given the sheet's event for it."""
        event = self._used.machine.events.get(self._used.sheet.found)
        if event is None:
            tried.verdict = Verdict(KNOWN, (self._known(tried, record),))
            return
        working = Working(self._used.document, record.values, computing.snapshot(self._used.document, record.values))
        self._work.world.put(self._used.document.id, record.values)
        raw = given_to_found(self._used.sheet, tried.submission)
        verdict = self._admitted(tried.submission, working, event, raw)
        if verdict.state == GOOD and not _differs(working, self._used.document) and not event.to:
            verdict = Verdict(KNOWN, (self._known(tried, record),))
        tried.verdict = replace(verdict, state=FOUND if verdict.state == GOOD else verdict.state, record_id=record.id)

    def _look_up(self, tried: Tried, names: tuple[str, ...], key: tuple[object, ...], condition: Criterion) -> None:
        if tried.verdict.state != GOOD:
            return
        for record in self._records(names, key, condition):
            rights = self._work.rights(self._used.document.id, record.values, self._actor)
            if rights.any:
                tried.verdict = Verdict(KNOWN, (self._known(tried, record),), record_id=record.id)
            else:
                text = "已经有了，不能重复", "already taken"
                tried.verdict = tried.verdict.now(BAD, self._at(tried, names, "duplicate", *text))

    def _records(self, names: Sequence[str], key: tuple[object, ...], condition: Criterion) -> list[Record]:
        parts = [Compare((name,), "==", value) for name, value in zip(names, key, strict=True)]
        where = Every((*parts, condition) if condition is not ALWAYS else tuple(parts))
        return self._work.unit.select(Selection(self._used.document.id, where, limit=3, tables=None))

    def _known(self, tried: Tried, record: Record) -> CellFinding:
        rights = self._work.rights(self._used.document.id, record.values, self._actor)
        label = Presenter(self._work.world).label(self._used.document.id, record.values, rights)
        row = tried.submission.rows[0]
        zh, en = f"已有此记录（{label}），不再导入", f"there is such a record ({label}): the row is left out"
        return replace(warning(row, 0, "known", zh, en), page=tried.submission.title_at(row))

    def _at(self, tried: Tried, names: Sequence[str], code: str, zh: str, en: str) -> CellFinding:
        """A finding at the first of the fields that has a column."""
        submission = tried.submission
        found = [place for name in names if (place := submission.place_of((name,)))[1]]
        row, column, head = found[0] if found else submission.place_of(())
        shown, page = submission.shown(row, column), submission.title_at(row)
        return replace(error(row, column, code, zh, en, head), value=shown, page=page)


def given_to_found(sheet: Sheet, submission: Submission) -> dict[str, object]:
    """What a record that is there is given: all but what it was found by."""
    return {name: value for name, value in submission.raw.items() if name not in sheet.match}


def _merge(faults: list[CellFinding], formulas: Sequence[CellFinding]) -> None:
    """A failed formula says more than that its cell is empty or strange."""
    places = {(one.row, one.column) for one in formulas}
    faults[:] = [*(one for one in faults if (one.row, one.column) not in places), *formulas]


def _key(unique: UniqueKey, working: Working, state: str, world: RecordWorld) -> tuple[object, ...] | None:
    """The values that may not repeat; None where one is empty or the condition does not hold for a new record."""
    key = tuple(working.values.get(name) for name in unique.fields)
    if None in key:
        return None
    if unique.when is None:
        return key
    values = {**working.values, "state": state}
    return key if unique.when.holds(Env(values, world, this=values)) else None


def _digest(names: Sequence[str], key: tuple[object, ...]) -> str:
    return hashlib.sha256(repr((tuple(names), key)).encode()).hexdigest()[:_DIGEST]


def _differs(working: Working, document: Document) -> bool:
    """Whether anything of the document itself would be changed; rows of tables are compared without their ids."""
    before = working.before or {}
    return any(_bare(working.values.get(name)) != _bare(before.get(name)) for name in document.fields)


def _bare(value: object) -> object:
    if not isinstance(value, list):
        return value
    return [{name: cell for name, cell in row.items() if name != "id"} for row in value if isinstance(row, dict)]
