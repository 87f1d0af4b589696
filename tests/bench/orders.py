"""A million orders, the same every time: the data of the storage bench, and the table of them written by hand."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from engine.model.records import Record
from engine.model.storage import Column, Storage
from engine.model.types import SYSTEM_FIELDS, Kind, Type

START = datetime(2020, 1, 1)
PLANTED = "琥珀"  # occurs in the planted titles alone
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
CITIES = ["重庆", "成都", "昆明", "贵阳", "西安", "武汉", "长沙", "广州", "深圳", "上海"]
GOODS = ["婴儿奶粉", "面膜", "咖啡豆", "运动鞋", "保健食品", "洗发水", "手表", "葡萄酒", "尿不湿", "电饭煲"]
STATES = ["draft", "filed", "passed", "refused", "closed"]

ORDER = Storage(
    "order",
    (
        Column("serial", Type(Kind.TEXT), length=20),
        Column("buyer", Type(Kind.TEXT), length=20),
        Column("phone", Type(Kind.TEXT), length=20),
        Column("city", Type(Kind.CODE)),
        Column("address", Type(Kind.TEXT), length=80),
        Column("kind", Type(Kind.CODE)),
        Column("goods", Type(Kind.TEXT), length=80),
        Column("quantity", Type(Kind.INTEGER)),
        Column("price", Type(Kind.NUMBER), digits=12, scale=2),
        Column("freight", Type(Kind.NUMBER), digits=12, scale=2),
        Column("tax", Type(Kind.NUMBER), digits=12, scale=2),
        Column("total", Type(Kind.NUMBER), digits=14, scale=2),
        Column("paid", Type(Kind.BOOLEAN)),
        Column("ordered_on", Type(Kind.DATE)),
        Column("paid_at", Type(Kind.DATETIME)),
        Column("sent_on", Type(Kind.DATE)),
        Column("firm", Type(Kind.CODE)),
        Column("warehouse", Type(Kind.CODE)),
        Column("note", Type(Kind.TEXT), length=200),
    ),
    indexes=(("kind", "city", "created_at"), ("serial",), ("created_at",)),
    search=("goods",),
)


def orders(count: int, start: int = 0) -> Iterator[Record]:
    """Orders by number; every 2,427th carries the planted word."""
    for number in range(start, start + count):
        yield Record("order", values(number))


def values(number: int) -> dict[str, Any]:
    """One order."""
    chance = random.Random(number)  # noqa: S311
    price, quantity = Decimal(chance.randrange(100, 500_000)) / 100, chance.randrange(1, 20)
    day = date(2020, 1, 1) + timedelta(days=chance.randrange(1500))
    title = f"{chance.choice(CITIES)}{chance.choice(GOODS)}{chance.randrange(100)}号"
    system: dict[str, Any] = {
        name: False if type_.kind is Kind.BOOLEAN else None for name, type_ in SYSTEM_FIELDS.items()
    }
    return system | {
        "id": id_of(number),
        "number": f"O{number:08}",
        "state": chance.choice(STATES),
        "version": 1,
        "created_at": START + timedelta(seconds=number),
        "created_by": "bench",
        "changed_at": START + timedelta(seconds=number),
        "changed_by": "bench",
        "serial": f"S{chance.randrange(10**9):09}",
        "buyer": chance.choice(SURNAMES) + chance.choice("伟芳娜秀英敏静丽强磊军洋勇艳杰"),
        "phone": f"13{chance.randrange(10**9):09}",
        "city": chance.choice(CITIES),
        "address": f"{chance.choice(CITIES)}市{chance.randrange(900)}号{chance.randrange(30)}栋",
        "kind": "BC" if chance.random() < 0.7 else chance.choice(["B2", "C3", "D4"]),
        "goods": f"{title}{PLANTED}" if number % 2427 == 7 else title,
        "quantity": quantity,
        "price": price,
        "freight": Decimal(chance.randrange(3000)) / 100,
        "tax": Decimal(chance.randrange(90000)) / 100,
        "total": price * quantity,
        "paid": chance.random() < 0.8,
        "ordered_on": day,
        "paid_at": START + timedelta(seconds=chance.randrange(10**8)),
        "sent_on": day + timedelta(days=3) if chance.random() < 0.6 else None,
        "firm": f"F{chance.randrange(300):04}",
        "warehouse": f"W{chance.randrange(12)}",
        "note": "" if chance.random() < 0.9 else "备注：请尽快发货",
    }


def id_of(number: int) -> str:
    return f"{number:032x}"


def by_hand(metadata: sa.MetaData, name: str, *, postgres: bool) -> sa.Table:
    """The same columns as somebody would write them in Core; money in cents on SQLite, which has no exact decimals."""
    money: Any = sa.Numeric(14, 2) if postgres else sa.Integer
    types: dict[str, Any] = {
        "quantity": sa.Integer, "price": money, "freight": money, "tax": money, "total": money, "paid": sa.Boolean,
        "ordered_on": sa.Date, "paid_at": sa.DateTime, "sent_on": sa.Date, "version": sa.Integer,
        "created_at": sa.DateTime, "changed_at": sa.DateTime, "deleted": sa.Boolean, "frozen": sa.Boolean,
    }  # fmt: skip
    names = [name for name in (*SYSTEM_FIELDS, *(column.name for column in ORDER.columns)) if name != "id"]
    columns = [sa.Column(one, types.get(one, sa.Text)) for one in names]
    return sa.Table(name, metadata, sa.Column("id", sa.Text, primary_key=True), *columns)


def hand_row(record: Record, *, postgres: bool) -> dict[str, Any]:
    """The values for that table."""
    row = dict(record.values)
    if not postgres:
        for name in ("price", "freight", "tax", "total"):
            row[name] = int(row[name] * 100)
    return row
