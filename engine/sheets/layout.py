"""A sheet that was sent: which one of several it is, where its heads are, which rows belong together.

In: the sheets of a file and the places of a definition. Out: a `Layout` with findings about the whole, and groups of
rows. A group is what becomes one document: a single row, or all rows with the same value in one column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from engine.loading.nearest import nearest
from engine.model.sheets import SheetColumn
from engine.model.workbooks import EXAMPLES, ReadSheet
from engine.sheets.cells import is_blank, plain
from engine.sheets.columns import Place
from engine.sheets.findings import CellFinding, column_letters, error, warning
from engine.sheets.heads import Heads, find_heads, normal, spellings

Row = tuple[int, Sequence[object]]
Group = Sequence[Row]
HEADS_WITHIN = 20
"""Rows from the top in which heads are looked for: titles and advice may stand above them."""
_NAMED = 8
_EXAMPLES = frozenset(EXAMPLES.values())


@dataclass(frozen=True, slots=True)
class Layout:
    """A sheet understood. `above` are the rows up to the heads; `findings` are about heads and the sheet as a whole."""

    sheet: ReadSheet
    heads: Heads
    above: Sequence[Row]
    findings: tuple[CellFinding, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether its rows can be read at all."""
        return not any(finding.is_error for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Unfit:
    """No sheet of the file can be read: why."""

    findings: tuple[CellFinding, ...] = field(default_factory=tuple)


def lay_out(sheets: Sequence[ReadSheet], places: Sequence[Place], needed: Iterable[Place]) -> Layout | Unfit:
    """The sheet with the most known heads; hidden ones are not looked at."""
    known = spellings(place.column for place in places)
    given = [sheet for sheet in sheets if not sheet.is_hidden and sheet.title not in _EXAMPLES]
    tops = [(sheet, list(_top(sheet))) for sheet in given]
    if not any(top for _, top in tops):
        return Unfit((error(0, 0, "empty", "文件里没有数据", "there is nothing in the file"),))
    found = [(sheet, top, heads) for sheet, top in tops if (heads := find_heads(top, known)) is not None]
    if not found:
        return Unfit((_no_heads([one.column for one in places]),))
    sheet, top, heads = max(found, key=lambda one: len(one[2].columns))
    others = [one.title for one, rows in tops if one is not sheet and rows]
    findings = (*_about_heads(heads, places, needed), *_about_sheet(sheet, heads, others))
    return Layout(sheet, heads, [row for row in top if row[0] <= heads.row], findings)


def _top(sheet: ReadSheet) -> Iterator[Row]:
    for row in islice(sheet.rows, HEADS_WITHIN):
        if row[0] > HEADS_WITHIN:
            return
        yield row


def _no_heads(columns: Sequence[SheetColumn]) -> CellFinding:
    heads = "、".join(column.head for column in columns[:_NAMED])
    return error(
        0,
        0,
        "no_heads",
        f"前{HEADS_WITHIN}行里没有找到表头，应有：{heads}",
        f"no heads in the first {HEADS_WITHIN} rows; wanted: {heads}",
    )


def _about_heads(heads: Heads, places: Sequence[Place], needed: Iterable[Place]) -> Iterator[CellFinding]:
    row = heads.row
    missing = [place.column for place in places if place.column.name not in heads.columns]
    wanted = {normal(head): one for one in missing for head in (one.head, *one.also)}
    unknown = {normal(head): number for number, head in heads.unknown.items()}
    for place in needed:
        column = place.column
        if column.name in heads.columns:
            continue
        spelled = (nearest(normal(head), unknown) for head in (column.head, *column.also))
        near = next(filter(None, spelled), "")
        at = unknown.get(near, 0)
        zh, en = f"缺少必填列“{column.head}”", f"the column {column.head!r} is needed and missing"
        if near:
            zh += f"；{column_letters(at)}{row}的“{heads.unknown[at]}”是不是它？"
            en += f"; is it {heads.unknown[at]!r} in {column_letters(at)}{row}?"
        yield error(row, at, "missing_head", zh, en, column.head)
    for number, head in heads.unknown.items():
        near = nearest(normal(head), wanted)
        zh, en = f"不认识的表头“{head}”，此列不导入", f"the head {head!r} is not known: the column is left out"
        if near:
            zh, en = f"{zh}；是否应为“{wanted[near].head}”？", f"{en}; did you mean {wanted[near].head!r}?"
        yield warning(row, number, "unknown_head", zh, en, head)
    for number, head in heads.doubled.items():
        yield error(row, number, "doubled_head", f"表头“{head}”重复", f"the head {head!r} stands twice", head)


def _about_sheet(sheet: ReadSheet, heads: Heads, others: Sequence[str]) -> Iterator[CellFinding]:
    if others:
        names = "、".join(others[:_NAMED])
        yield warning(0, 0, "other_sheets", f"只导入工作表“{sheet.title}”，未导入：{names}", f"left out: {names}")
    hidden = sorted(row for row in sheet.hidden_rows if row > heads.row)
    if hidden:
        rows = "、".join(map(str, hidden[:_NAMED])) + ("…" if len(hidden) > _NAMED else "")
        zh = f"有{len(hidden)}行是隐藏或筛选掉的（第{rows}行），也会一起导入"
        yield warning(hidden[0], 0, "hidden_rows", zh, f"{len(hidden)} hidden rows are imported too: {rows}")
    merged = [one for one in sheet.merged if one.bottom > heads.row]
    if merged:
        zh = f"有{len(merged)}处合并单元格，合并的各行都按第一格的值导入"
        first = merged[0]
        yield warning(first.top, first.left, "merged", zh, f"{len(merged)} merged blocks: each row takes the value")


def data_rows(layout: Layout) -> Iterator[Row]:
    """Rows below the heads, values of merged cells standing in every row of their block."""
    starts = {(one.top, one.left): one.bottom for one in layout.sheet.merged if one.bottom > one.top}
    spread: dict[int, tuple[int, object]] = {}
    for number, cells in layout.sheet.rows:
        if number <= layout.heads.row:
            continue
        if not starts:
            yield number, cells
            continue
        row = list(cells)
        for column, (bottom, value) in list(spread.items()):
            if number > bottom:
                del spread[column]
            elif column <= len(row) and row[column - 1] is None:
                row[column - 1] = value
        for column in range(1, len(row) + 1):
            if (number, column) in starts:
                spread[column] = (starts[number, column], row[column - 1])
        yield number, row


def groups(rows: Callable[[], Iterable[Row]], column: int | None) -> Iterator[Group]:
    """Rows that become one document each. With a column, rows with the same value in it are gathered wherever they
    stand, in the order of their first; a row without a value stands alone.

    The rows are gone through twice: once to know where each group ends, so that only those groups are in memory that
    are not complete, or wait for one before them.
    """
    if column is None:
        for row in rows():
            yield [row]
        return
    last = {_key(row, column): row[0] for row in rows()}
    gathered: dict[object, list[Row]] = {}
    for row in rows():
        gathered.setdefault(_key(row, column), []).append(row)
        while gathered and last[first := next(iter(gathered))] <= row[0]:
            yield gathered.pop(first)


def _key(row: Row, column: int) -> object:
    """What rows of one document have in common; the number of the row where nothing stands."""
    cell = row[1][column - 1] if column <= len(row[1]) else None
    return row[0] if is_blank(cell) else plain(cell).strip()


def part_up(found: Iterable[Group], rows: int) -> Iterator[list[Group]]:
    """Groups in parts of about so many rows; a group is never torn."""
    part: list[Group] = []
    size = 0
    for group in found:
        if part and size + len(group) > rows:
            yield part
            part, size = [], 0
        part.append(group)
        size += len(group)
    if part:
        yield part


def faults_in(group: Group, faults: Mapping[tuple[int, int], str], columns: Mapping[int, str]) -> list[CellFinding]:
    """Cells of a group whose formula failed, in columns that are imported (number to head)."""
    found = []
    for number, _ in group:
        for column, head in columns.items():
            shown = faults.get((number, column))
            if shown is None:
                continue
            zh = f"公式出错：{shown}" if shown else "公式没有保存计算结果：请在 Excel 中打开并保存后再上传"
            en = f"the formula failed: {shown}" if shown else "the formula has no saved value: open and save the file"
            found.append(error(number, column, "formula", zh, en, head))
    return found
