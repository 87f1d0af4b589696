"""Imports are for who may, and tell nobody what is hidden from them."""

import pytest

from engine.problems import Refused
from engine.usecases import imports, sheets
from engine.usecases.imports import ALL
from tests.engine.usecases.sheet_office import book, counts, sent, taken, told


def test_only_with_the_right(office):
    leader = office.people["leader"]
    assert sheets.sheets_of(office.runtime, leader, "staff") == ()
    assert not sheets.may_bring_in(office.runtime, leader, "staff")
    for act in (
        lambda: sheets.template(office.runtime, leader, "staff", "staff"),
        lambda: sheets.begin(office.runtime, leader, "staff", "staff", book(["甲", "c1"]), "x.xlsx"),
        lambda: sheets.paste(office.runtime, leader, "staff", "staff", "姓名\t证号\n甲\tc1"),
    ):
        with pytest.raises(Refused, match="not_found"):
            act()


def test_an_import_is_its_owners(office):
    view = sent(office, ["甲", "c1"])
    office.account("mate", "clerk", office.org)
    for who in ("leader", "mate"):
        actor = office.people[who]
        for act in (
            lambda: imports.read(office.runtime, actor, "staff", view.id),  # noqa: B023 - called at once
            lambda: imports.marked(office.runtime, actor, "staff", view.id),  # noqa: B023
            lambda: imports.take(office.runtime, actor, "staff", view.id, ALL),  # noqa: B023
            lambda: imports.drop(office.runtime, actor, "staff", view.id),  # noqa: B023
        ):
            with pytest.raises(Refused, match="not_found"):
                act()
    assert office.all("staff") == []
    with pytest.raises(Refused):
        imports.read(office.runtime, office.people["clerk"], "order", view.id)


def test_hidden_fields_are_not_even_told_as_heads(office):
    boss = office.people["boss"]
    view, _ = sheets.template(office.runtime, boss, "staff", "staff")
    assert [one.head for one in view.columns] == ["姓名", "民族", "出生日期", "上级", "级别"]
    with pytest.raises(Refused) as refused:
        sheets.paste(office.runtime, boss, "staff", "staff", "甲\t乙")
    assert "证号" not in refused.value.findings[0].text["zh"]
    view = sheets.paste(office.runtime, boss, "staff", "staff", "姓名\t证号\n甲\tc1")
    assert counts(view) == (0, 0, 0, 1)
    assert view.findings[0].code == "unknown_head"


def test_nobody_is_found_by_what_is_hidden(office):
    taken(office, sent(office, ["甲", "c1"]))
    heads = "姓名\t证号\t级别\t上级证号\n"
    view = sheets.paste(office.runtime, office.people["clerk"], "staff", "changes", f"{heads}子\td1\t1\tc1")
    assert told(view) == {}
    boss = office.people["boss"]
    view = sheets.paste(office.runtime, boss, "staff", "changes", f"{heads}子\td1\t1\tc1")
    assert told(view)["D2"] == "没有找到职员“c1”"
