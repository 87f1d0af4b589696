"""What the engine keeps of an import: the import itself, and its rows in parts, each with what became of it.

In: plain data. Out: storages of the engine's own and records with their contents as objects. Rows and what is said of
them hold what people typed, so a store keeps them encrypted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from engine.model.records import Record
from engine.model.storage import Column, Storage
from engine.model.types import DATETIME, INTEGER, JSON, TEXT, Type
from engine.sheets.findings import CellFinding
from engine.sheets.layout import Group, ReadPage, Row

IMPORT, PART, KEYS = "_import", "_import_part", "_import_keys"
CHECKING, CHECKED, TAKING, DONE, STOPPED = "checking", "checked", "taking", "done", "stopped"
GOOD, FOUND, KNOWN, BAD, TAKEN, REFUSED = "good", "found", "known", "bad", "taken", "refused"
ROWS_IN_PART = 200
"""Rows that are tried, and taken, in one transaction; a document is never torn."""
LEFT = frozenset({BAD, REFUSED})
"""What stays with the person who sent it."""

_COLUMNS: dict[str, dict[str, Type]] = {
    IMPORT: {
        "owner": TEXT,
        "document": TEXT,
        "sheet": TEXT,
        "title": TEXT,
        "digest": TEXT,
        "status": TEXT,
        "which": TEXT,
        "language": TEXT,
        "parts": INTEGER,
        "place": INTEGER,
        "rows": INTEGER,
        "counts": JSON,
        "layout": JSON,
        "told": JSON,
        "finished_at": DATETIME,
    },
    PART: {"batch": TEXT, "place": INTEGER, "next": INTEGER, "groups": JSON, "verdicts": JSON},
    KEYS: {"keys": JSON},  # under the id of its import: read by the dry run alone
}
_ENCRYPTED = {"layout", "told", "keys", "groups", "verdicts"}
_INDEXES: dict[str, tuple[tuple[str, ...], ...]] = {
    IMPORT: (("owner", "document"),),
    PART: (("batch", "place"),),
    KEYS: (),
}


def sheet_storages() -> tuple[Storage, ...]:
    """What the store must keep of imports."""
    return tuple(
        Storage(
            name,
            tuple(Column(column, kind, encrypted=column in _ENCRYPTED) for column, kind in columns.items()),
            indexes=_INDEXES[name],
        )
        for name, columns in _COLUMNS.items()
    )


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one group of rows: `good` would make a document, `found` change one, `known` is there already,
    `bad` cannot be taken; later `taken` or `refused`. `confirmed` are rules that whoever imports accepts."""

    state: str
    findings: tuple[CellFinding, ...] = ()
    confirmed: tuple[str, ...] = ()
    record_id: str = ""

    def now(self, state: str, *further: CellFinding, record_id: str = "") -> Verdict:
        """The same, later."""
        return replace(self, state=state, findings=(*self.findings, *further), record_id=record_id or self.record_id)

    def to_data(self) -> dict[str, object]:
        """Plain JSON."""
        findings = [finding.to_data() for finding in self.findings]
        return {"state": self.state, "findings": findings, "confirmed": list(self.confirmed), "id": self.record_id}

    @classmethod
    def from_data(cls, data: dict[str, object]) -> Verdict:
        """Out of plain JSON of our own."""
        findings, confirmed = data["findings"], data["confirmed"]
        assert isinstance(findings, list)
        assert isinstance(confirmed, list)
        told = tuple(CellFinding.from_data(finding) for finding in findings)
        return cls(str(data["state"]), told, tuple(confirmed), str(data["id"]))


@dataclass(slots=True)
class Part:
    """Some groups of an import. `next` is the first one that is not done; groups without rows are done with."""

    record: Record
    groups: list[Group]
    verdicts: list[Verdict]

    @classmethod
    def of(cls, record: Record) -> Part:
        """A part as it was stored."""
        groups, verdicts = record.values["groups"], record.values["verdicts"]
        assert isinstance(groups, list)
        assert isinstance(verdicts, list)
        found: list[Group] = [[(row[0], row[1]) for row in group] for group in groups]
        return cls(record, found, [Verdict.from_data(one) for one in verdicts])

    @property
    def next(self) -> int:
        """The first group that is not done."""
        return int(str(self.record.values["next"]))

    def contents(self) -> dict[str, object]:
        """What a store keeps of it."""
        return {
            "groups": [rows_data(group) for group in self.groups],
            "verdicts": [one.to_data() for one in self.verdicts],
        }


@dataclass(frozen=True, slots=True)
class UnderstoodPage:
    """One page whose rows are read: its title, where its heads stand, the rows above the data, columns by number."""

    title: str
    head_row: int
    above: Sequence[Row]
    columns: dict[str, int] = field(default_factory=dict)

    def to_data(self) -> dict[str, object]:
        """Plain JSON."""
        head = {"title": self.title, "head_row": self.head_row}
        return {**head, "above": rows_data(self.above), "columns": dict(self.columns)}

    @classmethod
    def of(cls, page: ReadPage) -> UnderstoodPage:
        """A page as it was read."""
        return cls(page.sheet.title, page.heads.row, page.above, dict(page.heads.columns))

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> UnderstoodPage:
        """Out of plain JSON of our own."""
        return cls(data["title"], data["head_row"], [(row[0], row[1]) for row in data["above"]], data["columns"])


@dataclass(frozen=True, slots=True)
class Understood:
    """What is known of a workbook once its heads were read: kept, so that parts need no file."""

    pages: tuple[UnderstoodPage, ...]
    findings: tuple[CellFinding, ...] = ()
    faults: dict[tuple[int, int], str] = field(default_factory=dict)

    def to_data(self) -> dict[str, object]:
        """Plain JSON."""
        return {
            "pages": [page.to_data() for page in self.pages],
            "findings": [finding.to_data() for finding in self.findings],
            "faults": [[row, column, shown] for (row, column), shown in self.faults.items()],
        }

    @classmethod
    def from_data(cls, data: object) -> Understood:
        """Out of plain JSON of our own."""
        assert isinstance(data, dict)
        return cls(
            tuple(UnderstoodPage.from_data(page) for page in data["pages"]),
            tuple(CellFinding.from_data(finding) for finding in data["findings"]),
            {(row, column): shown for row, column, shown in data["faults"]},
        )


def rows_data(rows: Sequence[Row]) -> list[list[object]]:
    """Rows as plain lists, without the empty cells at their ends."""
    return [[number, _trimmed(cells)] for number, cells in rows]


def _trimmed(cells: Sequence[object]) -> list[object]:
    kept = list(cells)
    while kept and kept[-1] is None:
        kept.pop()
    return kept
