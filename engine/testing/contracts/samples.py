"""Document types and records that the contracts of stores are tried with: every kind of value, no business."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from engine.model.criteria import ALWAYS, Compare, Criterion, Selection
from engine.model.records import Record
from engine.model.storage import Column, Storage, StoredTable, Unique
from engine.model.types import SYSTEM_FIELDS, Kind, Type
from engine.model.values import Duration, StoredFile
from engine.ports import DocumentStore

MORNING = datetime(2024, 3, 1, 8, 30)
EVERY_KIND: Mapping[str, object] = {
    "title": "海事总署 Harbour",
    "code": "0110",
    "owner": "owner-1",
    "count": -12,
    "amount": Decimal("1234567890.12"),
    "rate": Decimal("99999999999999.99999"),
    "free": Decimal("-0.000000000000000000001"),
    "done": True,
    "day": date(1899, 12, 31),
    "clock": time(23, 59, 59, 999999),
    "moment": datetime(2024, 2, 29, 0, 0, 0, 1),
    "length": Duration(14, Decimal("0.5"), -3),
    "marks": ("b", "a", "quote\"d, 'x'"),
    "owners": ("owner-1",),
    "picture": StoredFile("ab" * 32, "图.png", 12, "image/png"),
    "papers": (StoredFile("cd" * 32, "a.pdf", 1, "application/pdf"),),
    "data": {"n": 1, "list": [1, "x", None, True], "exact": Decimal("0.10"), "$odd": {"$date": "no date"}},
    "姓名": "王小明",
    "ID": "X-1",
    "lines": [
        {"id": "l1", "what": "first", "qty": 3, "price": Decimal("1.50000"), "tags": ("t",)},
        {"id": "l2", "what": None, "qty": None, "price": None, "tags": ()},
    ],
    "notes": [],
}
ITEM = Storage(
    "item",
    (
        Column("title", Type(Kind.TEXT), length=200),
        Column("code", Type(Kind.CODE, of="codes")),
        Column("owner", Type(Kind.REF, of="owner")),
        Column("count", Type(Kind.INTEGER)),
        Column("amount", Type(Kind.NUMBER), digits=18, scale=2),
        Column("rate", Type(Kind.NUMBER), digits=19, scale=5),
        Column("free", Type(Kind.NUMBER)),
        Column("done", Type(Kind.BOOLEAN)),
        Column("day", Type(Kind.DATE)),
        Column("clock", Type(Kind.TIME)),
        Column("moment", Type(Kind.DATETIME)),
        Column("length", Type(Kind.DURATION)),
        Column("marks", Type(Kind.CODES, of="codes")),
        Column("owners", Type(Kind.REFS, of="owner")),
        Column("picture", Type(Kind.FILE)),
        Column("papers", Type(Kind.FILES)),
        Column("data", Type(Kind.JSON)),
        Column("姓名", Type(Kind.TEXT)),
        Column("ID", Type(Kind.TEXT)),  # differs from the system field by case alone
    ),
    (
        StoredTable(
            "lines",
            (
                Column("what", Type(Kind.TEXT)),
                Column("qty", Type(Kind.INTEGER)),
                Column("price", Type(Kind.NUMBER), digits=19, scale=5),
                Column("tags", Type(Kind.CODES)),
            ),
        ),
        StoredTable("notes", (Column("position", Type(Kind.TEXT)),)),
    ),
    uniques=(Unique(("code", "count"), Compare(("done",), "==", True)), Unique(("ID",))),
    indexes=(("code", "amount"), ("owner",), ("marks",)),
    search=("title", "姓名", "code"),
)
OWNER = Storage(
    "owner",
    (Column("name", Type(Kind.TEXT)), Column("rank", Type(Kind.INTEGER)), Column("boss", Type(Kind.REF, of="owner"))),
)
SECRET = Storage(
    "secret",
    (
        Column("holder", Type(Kind.TEXT), encrypted=True),
        Column("sum", Type(Kind.NUMBER), digits=12, scale=2, encrypted=True),
        Column("born", Type(Kind.DATE), encrypted=True),
        Column("open", Type(Kind.TEXT)),
    ),
    (StoredTable("parts", (Column("hidden", Type(Kind.TEXT), encrypted=True), Column("shown", Type(Kind.TEXT)))),),
    uniques=(Unique(("holder",)),),
    indexes=(("holder",),),
    search=("holder", "open"),
)
STORAGES = (ITEM, OWNER, SECRET)


def record(document: str, number: int | str, **values: Any) -> Record:
    """A record with all system fields; `number` makes its id, created a minute after the one before."""
    made = MORNING + timedelta(minutes=number if isinstance(number, int) else 0)
    system: dict[str, Any] = {name: _default(type_) for name, type_ in SYSTEM_FIELDS.items()}
    system |= {"id": id_of(number), "created_at": made, "changed_at": made, "version": 1, "created_by": "tester"}
    return Record(document, system | values)


def id_of(number: int | str) -> str:
    """The id that `record` gives."""
    return number if isinstance(number, str) else f"{number:032x}"


def _default(type_: Type) -> object:
    return False if type_.kind is Kind.BOOLEAN and not type_.optional else None


def stored(store: DocumentStore, *records: Record) -> None:
    """Put records in, in one unit."""
    with store.begin() as unit:
        for one in records:
            unit.insert(one)


def found(store: DocumentStore, where: Criterion = ALWAYS, document: str = "item", **how: Any) -> list[str]:
    """Ids of the records selected, in order."""
    with store.begin(write=False) as unit:
        return [one.id for one in unit.select(Selection(document, where, **how))]
