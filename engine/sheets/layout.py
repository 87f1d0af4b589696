"""A sheet that was sent: which one of several it is, where its heads are, which rows belong together.

In: the sheets of a file and the places of a definition. Out: a `Layout` with findings about the whole, and groups of
rows. A group is what becomes one document: a single row, or all rows with the same value in one column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from engine.loading.nearest import nearest
from engine.model.sheets import SheetColumn
from engine.model.workbooks import EXAMPLES, ReadSheet
from engine.sheets.cells import is_blank, plain
from engine.sheets.columns import Page, Place
from engine.sheets.findings import CellFinding, column_letters, error, on_page, page_of, warning
from engine.sheets.heads import Heads, find_heads, normal, spellings, with_advice

Row = tuple[int, Sequence[object]]
Group = Sequence[Row]
HEADS_WITHIN = 20
"""Rows from the top in which heads are looked for: titles and advice may stand above them."""
_NAMED = 8
_EXAMPLES = frozenset(EXAMPLES.values())


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page whose rows are read. `above` are the rows up to the heads."""

    sheet: ReadSheet
    heads: Heads
    above: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Layout:
    """A workbook understood: its pages in order; `findings` are about heads and pages as a whole."""

    pages: tuple[ReadPage, ...]
    findings: tuple[CellFinding, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether its rows can be read at all."""
        return not any(finding.is_error for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Unfit:
    """No sheet of the file can be read: why."""

    findings: tuple[CellFinding, ...] = field(default_factory=tuple)


def lay_out(
    sheets: Sequence[ReadSheet], places: Sequence[Place], needed: Sequence[Place], group: str = ""
) -> Layout | Unfit:
    """The sheet with the most known heads and those that belong to it: with a group, all that have its column, for rows
    of one document may stand on several; without, those with the very same columns. Hidden ones are not looked at."""
    known = spellings(place.column for place in places)
    given = [sheet for sheet in sheets if not sheet.is_hidden and sheet.title not in _EXAMPLES]
    tops = [(sheet, list(_top(sheet))) for sheet in given]
    if not any(top for _, top in tops):
        return Unfit((error(0, 0, "empty", "文件里没有数据", "there is nothing in the file"),))
    headed = [(sheet, top, find_heads(top, known, sheet.merged)) for sheet, top in tops]
    found = [
        ReadPage(sheet, heads, [row for row in top if row[0] <= heads.row])
        for sheet, top, named in headed
        if named is not None
        for heads in (with_advice(named, top, known),)
    ]
    if not found:
        return Unfit((_no_heads([one.column for one in places]),))
    main = max(found, key=lambda one: len(one.heads.columns))
    pages = tuple(one for one in found if one is main or _belongs(one.heads, main.heads, group))
    read = {page.sheet.title for page in pages}
    others = [sheet.title for sheet, top in tops if top and sheet.title not in read]
    return Layout(pages, tuple(_about(pages, main, places, needed, others)))


def _belongs(heads: Heads, main: Heads, group: str) -> bool:
    if group:
        return group in heads.columns and group in main.columns and len(heads.columns) > 1
    return heads.columns.keys() == main.columns.keys()


def _about(
    pages: Sequence[ReadPage], main: ReadPage, places: Sequence[Place], needed: Sequence[Place], others: Sequence[str]
) -> Iterator[CellFinding]:
    """What is to be said of pages and their heads, each with its page where there are several."""
    there = {name for page in pages for name in page.heads.columns}
    missing = [place for place in needed if place.column.name not in there]
    wanted = [place for place in places if place.column.name not in there]
    for index, page in enumerate(pages):
        said = [*_about_heads(page.heads, wanted, missing if page is main else ()), *_about_sheet(page)]
        for one in said if len(pages) == 1 else ():
            yield one
        for one in said if len(pages) > 1 else ():
            yield replace(one, row=on_page(index, one.row), page=page.sheet.title)
    if len(pages) > 1:
        titles = "、".join(page.sheet.title for page in pages[:_NAMED])
        yield warning(0, 0, "several_pages", f"{len(pages)}个工作表一起导入：{titles}", f"read together: {titles}")
    if others:
        names, kept = "、".join(others[:_NAMED]), "、".join(page.sheet.title for page in pages[:_NAMED])
        yield warning(0, 0, "other_sheets", f"只导入工作表“{kept}”，未导入：{names}", f"left out: {names}")


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


def _about_heads(heads: Heads, missing: Sequence[Place], needed: Iterable[Place]) -> Iterator[CellFinding]:
    """`missing` are the columns that no page has, `needed` those among them without which nothing can be read."""
    row = heads.row
    wanted = {normal(head): one.column for one in missing for head in (one.column.head, *one.column.also)}
    unknown = {normal(head): number for number, head in heads.unknown.items()}
    for column in (place.column for place in needed):
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


def _about_sheet(page: ReadPage) -> Iterator[CellFinding]:
    sheet, heads = page.sheet, page.heads
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
    """Rows below the heads of all pages, values of merged cells standing in every row of their block."""
    for index, page in enumerate(layout.pages):
        for number, cells in _rows_below(page):
            yield on_page(index, number), cells


def _rows_below(page: ReadPage) -> Iterator[Row]:
    starts = {(one.top, one.left): one.bottom for one in page.sheet.merged if one.bottom > one.top}
    spread: dict[int, tuple[int, object]] = {}
    for number, cells in page.sheet.rows:
        if number <= page.heads.row:
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


def groups(rows: Callable[[], Iterable[Row]], columns: Sequence[int]) -> Iterator[Group]:
    """Rows that become one document each. With columns, one for each page, rows with the same value in them are
    gathered wherever they stand, in the order of their first; a row without a value stands alone.

    The rows are gone through twice: once to know where each group ends, so that only those groups are in memory that
    are not complete, or wait for one before them.
    """
    if not columns:
        for row in rows():
            yield [row]
        return
    last = {_key(row, columns): row[0] for row in rows()}
    gathered: dict[object, list[Row]] = {}
    for row in rows():
        gathered.setdefault(_key(row, columns), []).append(row)
        while gathered and last[first := next(iter(gathered))] <= row[0]:
            yield gathered.pop(first)


def _key(row: Row, columns: Sequence[int]) -> object:
    """What rows of one document have in common; the number of the row where nothing stands."""
    number, cells = row
    column = columns[page_of(number)]
    cell = cells[column - 1] if column <= len(cells) else None
    return number if is_blank(cell) else plain(cell).strip()


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


def faults_of(layout: Layout) -> dict[tuple[int, int], str]:
    """Cells of all pages whose formula failed."""
    pages = enumerate(layout.pages)
    return {(on_page(at, row), column): told for at, page in pages for (row, column), told in page.sheet.faults.items()}


def faults_in(group: Group, faults: Mapping[tuple[int, int], str], pages: Sequence[Page]) -> list[CellFinding]:
    """Cells of a group whose formula failed, in columns that are imported."""
    found = []
    for number, _ in group:
        page = pages[page_of(number)]
        for column, place in page.columns:
            shown = faults.get((number, column))
            if shown is None:
                continue
            zh = f"公式出错：{shown}" if shown else "公式没有保存计算结果：请在 Excel 中打开并保存后再上传"
            en = f"the formula failed: {shown}" if shown else "the formula has no saved value: open and save the file"
            found.append(replace(error(number, column, "formula", zh, en, place.column.head), page=page.title))
    return found
