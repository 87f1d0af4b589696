"""Rows in order: several keys, each up or down, what has none last."""

from dataclasses import dataclass

import pytest

from engine.checks import check
from engine.expressions.environment import Env
from engine.loading import MemoryTree, load
from engine.model.formula import Formula, Sort, SortKey
from engine.sources.ordering import in_order
from engine.testing.office import BASE, Office

ROWS = [{"a": 1, "b": "y"}, {"a": None, "b": "x"}, {"a": 2, "b": "z"}, {"a": 1, "b": "x"}, {"a": None, "b": "y"}]


@dataclass
class Column:
    """Stands for a linked formula: a column of the row."""

    name: str

    def evaluate(self, env):
        return env.row[self.name]


def key(text):
    name = text.removeprefix("-")
    return SortKey(Formula(name, linked=Column(name)), text.startswith("-"))


@pytest.mark.parametrize(
    ("keys", "numbers"),
    [
        ("", [0, 1, 2, 3, 4]),
        ("a", [0, 3, 2, 1, 4]),
        ("-a", [2, 0, 3, 1, 4]),
        ("a b", [3, 0, 2, 1, 4]),
        ("-a b", [2, 3, 0, 1, 4]),
        ("-b a", [2, 0, 4, 3, 1]),
    ],
)
def test_rows_are_in_order(keys, numbers):
    order = Sort(tuple(map(key, keys.split()))) if keys else None
    found = in_order([Env(row, None) for row in ROWS], order)
    assert [ROWS.index(env.row) for env in found] == numbers


SORTED = {
    "desk/item/document.yaml": "document: item\ntitle: 物品\nfields:\n"
    "  name: {title: 名称, type: text, required: true}\n  amount: {title: 数量, type: integer}\n"
    "  rank: {title: 名次, type: integer, edit: false}\n"
    "  lines:\n    title: 行\n    type: table\n    fields: {label: {title: 标签, type: text}}\n",
    "desk/item/machine.yaml": "machine: item\nstates: {open: {title: 在用}, gone: {title: 报废, final: true}}\n"
    "events:\n  drop: {title: 报废, from: open, to: gone, by: clerk}\n"
    "  enter: {title: 登记, from: new, to: open, by: clerk}\n"
    "  gather:\n    from: open\n    by: clerk\n    title: 汇总\n    do:\n"
    "      - {each: item, sort: [-amount, name], put: lines, with: {label: =up.name}}\n",
    "desk/item/access.yaml": 'access:\n  clerk: {read: "*", create: true, edit: "*", events: "*"}\n',
}


@pytest.mark.parametrize("written", ["[-amount, name]", '"-amount, name"', "['-amount', 'lower(name)']"])
def test_an_action_goes_over_rows_in_the_order_of_several_keys(written):
    files = {**SORTED, "desk/item/machine.yaml": SORTED["desk/item/machine.yaml"].replace("[-amount, name]", written)}
    office = Office(files)
    made = [
        office.raise_("clerk", "enter", "item", name=name, amount=amount)
        for name, amount in (("b", 1), ("c", 7), ("a", 1), ("d", None))
    ]
    office.raise_("clerk", "gather", "item", made[0].record_id)
    rows = office.values("item", made[0].record_id)["lines"]
    assert [row["label"] for row in rows] == ["c", "a", "b", "d"]


def test_every_key_is_told_where_it_is_wrong():
    machine = SORTED["desk/item/machine.yaml"].replace("[-amount, name]", "'-amount, nmae, -lines'")
    problems = check(load(MemoryTree({**BASE, **SORTED, "desk/item/machine.yaml": machine}))).problems
    places = [
        (one.code, machine.split("\n")[one.where.line - 1][one.where.column - 1 :][:5])
        for one in problems
        if one.code != "ACC001"
    ]
    assert places == [("EXP010", "nmae,"), ("EXP044", "lines")]


def test_an_action_goes_over_groups():
    before, after = (
        "sort: [-amount, name], put: lines, with: {label: =up.name}",
        "sort: name, per: {n: name}, put: lines, ",
    )
    after += "with: {label: '=n + text(sum(rows, amount))'}"
    machine = SORTED["desk/item/machine.yaml"].replace(before, after)
    office = Office({**SORTED, "desk/item/machine.yaml": machine})
    made = [office.raise_("clerk", "enter", "item", name=n, amount=a) for n, a in (("b", 1), ("a", 7), ("b", 2))]
    office.raise_("clerk", "gather", "item", made[0].record_id)
    assert [row["label"] for row in office.values("item", made[0].record_id)["lines"]] == ["a7", "b3"]
