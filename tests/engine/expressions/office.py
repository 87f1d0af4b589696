"""A small office for tests: forms of people, with lines, orders and recalls, over a world in memory."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from engine.expressions.environment import Env
from engine.expressions.names import EMPTY, Scope, Signature
from engine.model.types import BOOLEAN, DURATION, INTEGER, NUMBER, TEXT, Kind, Shape, Type
from tests.engine.expressions.worlds import MemoryCatalog, MemoryWorld, document, row_of

ORG = document("org", {"name": "text", "above": "ref org"})
HUMAN = document("human", {"name": "text", "born": "date", "org": "ref org", "boss": "ref human"})
FORM = document(
    "form",
    {
        "owner": "ref human", "org": "ref org", "place": "code places", "places": "codes places", "from": "date",
        "until": "date", "sent": "datetime", "days": "integer", "fee": "number", "paid": "boolean", "reason": "text",
        "about": "ref", "helpers": "refs human", "scan": "file", "data": "json", "limit": "duration",
        "lines": {"goods": "text", "qty": "number", "price": "number", "ok": "boolean"},
    },
)  # fmt: skip
RECALL = document("recall", {"form": "ref form", "kind": "code kinds", "since": "datetime", "open": "boolean"})
STOCK = Shape("stock", {"goods": TEXT, "total": NUMBER, "above": TEXT}, document="stock")
ENTRIES = Shape("stock.entries", {"goods": TEXT, "total": NUMBER, "at": Type(Kind.DATETIME)}, document="stock.entries")
HUMAN.fields["forms"] = Type(Kind.ROWS, of="form", optional=False, shape=FORM)  # type: ignore[index]
FORM.fields["recalls"] = Type(Kind.ROWS, of="recall", optional=False, shape=RECALL)  # type: ignore[index]
LINE = FORM.fields["lines"].shape or EMPTY
SETTLED = Shape("settled", {"party": Type(Kind.REF, of="human"), "amount": NUMBER})

CATALOG = MemoryCatalog(
    shapes={"org": ORG, "human": HUMAN, "form": FORM, "recall": RECALL, "stock": STOCK, "stock.entries": ENTRIES},
    lists={"places": {"title": TEXT, "zone": TEXT, "rate": NUMBER}, "kinds": {}},
    signatures={
        "sla": Signature(
            {"level": TEXT.required()}, Type(Kind.ROW, shape=Shape("sla", {"fix": DURATION, "kind": TEXT}))
        ),
        "settled": Signature({"until": Type(Kind.DATE), "kind": TEXT}, Type(Kind.ROWS, shape=SETTLED)),
        "running": Signature({}, Type(Kind.ROWS, of="form", shape=FORM), uses_this=True),
        "differences": Signature({"form": Type(Kind.REF, of="form", optional=False)}, Type(Kind.ROWS, shape=SETTLED)),
    },
    parameters={"max_days": INTEGER, "open": BOOLEAN},
    backs={("human", "forms"): "owner", ("form", "recalls"): "form"},
    codes_of={"places": ("HKG", "MAC", "JPN")},
)
USER = Type(Kind.ROW, shape=Shape("user", {**HUMAN.fields, "roles": Type(Kind.LIST)}, document="human"))
SCOPE = Scope(FORM, this=FORM, user=USER, org=Type(Kind.ROW, shape=ORG))
LINE_SCOPE = SCOPE.inner(LINE, parent=FORM, in_child=True)

FORM_ROW: dict[str, Any] = row_of(
    {
        "id": "f1", "owner": "h1", "org": "o2", "place": "HKG", "places": ["HKG", "MAC"], "from": "2026-05-01",
        "until": "2026-05-20", "sent": "2026-04-30T12:00:00", "days": 20, "fee": "12.50", "reason": "visit",
        "about": "recall:r1", "helpers": ["h2", "h9"], "state": "entered", "data": {"a": 1},
        "lines": [
            {"id": "1", "goods": "x", "qty": "2", "price": "1.50", "ok": True},
            {"id": "2", "goods": "y", "qty": "3", "price": None, "ok": None},
        ],
    },
    FORM.fields,
)  # fmt: skip


def form(record_id: str, **values: Any) -> dict[str, Any]:
    """Another form."""
    return {**row_of({}, FORM.fields), "id": record_id, **values}


def recall(record_id: str, **values: Any) -> dict[str, Any]:
    """A recall."""
    return {**row_of({}, RECALL.fields), "id": record_id, **values}


def human(record_id: str, **values: Any) -> dict[str, Any]:
    """A human."""
    return {**row_of({}, HUMAN.fields), "id": record_id, **values}


def org(record_id: str, **values: Any) -> dict[str, Any]:
    """An organisation."""
    return {**row_of({}, ORG.fields), "id": record_id, **values}


def world() -> MemoryWorld:
    """A world with a few records."""
    return MemoryWorld(
        CATALOG,
        records={
            "org": [org("o1", name="Head"), org("o2", name="Branch", above="o1"), org("o3", name="Other")],
            "human": [
                human("h1", name="Ann", org="o2", boss="h2", born=date(1990, 3, 7)),
                human("h2", name="Bo", org="o1"),
            ],
            "form": [
                FORM_ROW,
                form("f2", owner="h1", state="accepted", **{"from": date(2026, 5, 15)}, until=date(2026, 5, 25)),
                form(
                    "f3",
                    owner="h2",
                    state="accepted",
                    fee=Decimal(5),
                    lines=[{"id": "1", "goods": "x", "qty": Decimal(7)}],
                ),
                form("f4", state="entered"),
            ],
            "recall": [
                recall("r1", form="f1", kind="late", since=datetime(2026, 5, 2), open=True),
                recall("r2", form="f1", kind="lost", since=datetime(2026, 5, 4), open=False),
                recall("r3", form="f2", kind="late", open=True),
            ],
        },
        codes={"places": {"HKG": {"title": "香港", "zone": "E", "rate": Decimal("0.13")}}},
        values={"max_days": 30, "open": True},
        user={**human("h2", name="Bo", org="o1"), "roles": ("clerk",)},
        org=org("o1", name="Head"),
    )


def env(of: MemoryWorld | None = None) -> Env:
    """The environment of the first form."""
    return Env(FORM_ROW, of if of is not None else world(), this=FORM_ROW)


def line_env(of: MemoryWorld | None = None, index: int = 0) -> Env:
    """The environment of one of its lines."""
    return env(of).inner(FORM_ROW["lines"][index], parent=FORM_ROW, index=index)
