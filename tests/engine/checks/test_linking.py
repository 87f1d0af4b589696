"""Linking: no formula is left out, each stands in the scope of its place."""

from pathlib import Path

import pytest

from engine.checks import CheckedDefinitions, check, put_in_force
from engine.loading import DiskTree, MemoryTree, load
from engine.problems import DefinitionError
from tests.definitions.wrong import office
from tests.engine.checks.walking import formulas

SHIPPED = Path(__file__).parents[3] / "definitions"


def checked(**files: str) -> CheckedDefinitions:
    """The sound office with more files; `note` is desk/note/document.yaml and so on."""
    more = {f"desk/note/{name}.yaml": text for name, text in files.items()}
    return check(load(MemoryTree({**office(), **more})))


def left_out(found: CheckedDefinitions) -> list[str]:
    """Formulas that nothing linked; those of roles are merged into grants, those of messages that come in are read."""
    paths = [path for path, formula in formulas(found.definitions) if formula.linked is None]
    incoming = {f".mappings.{key}." for key, one in found.definitions.mappings.items() if not one.document}
    return [path for path in paths if ".roles." not in path and not any(path.startswith(one) for one in incoming)]


def test_every_formula_of_the_office_is_linked() -> None:
    assert left_out(checked()) == []


def test_every_formula_that_ships_is_linked() -> None:
    found = check(load(DiskTree(SHIPPED)))
    assert found.problems == ()
    assert left_out(found) == []


def test_definitions_with_an_error_are_not_put_in_force() -> None:
    tree = {**office(), "desk/note/document.yaml": "document: note\ntitle: 便条\nfields: {a: {title: A, type: txt}}\n"}
    with pytest.raises(DefinitionError) as raised:
        put_in_force(load(MemoryTree(tree)))
    assert [problem.code for problem in raised.value.problems] == ["SHP012"]


def test_warnings_alone_are_put_in_force() -> None:
    tree = {**office(), "desk/codes/none.csv": "code,title\n"}
    assert [problem.code for problem in put_in_force(load(MemoryTree(tree))).problems] == ["VAL009"]


NOTE = """document: note
title: 便条
fields:
  order: {title: 单, type: ref, to: order}
  items:
    title: 项
    type: table
    fields:
      name: {title: 名, type: text}
      size: {title: 长, type: integer, value: "len(name) + parent.extra + up.extra + this.extra"}
  extra: {title: 加, type: integer}
"""


@pytest.mark.parametrize(
    ("act", "codes"),
    [
        ("{create: order, with: {customer: 甲, colour: red}}, {notify: reminder, with: {o: =created}}", []),
        ("{create: order, as: o, with: {customer: 甲, colour: red}}, {notify: reminder, with: {o: =o}}", []),
        ("{notify: reminder, with: {o: =created}}", ["EXP010"]),
        ("{each: items, do: [{set: {extra: =size + up.extra + this.extra}}]}", []),
        ("{each: items, do: [{set: {extra: =extra}}]}", ["EXP010"]),
        ("{each: order.lines, do: [{raise: change, on: parent}]}", []),
        ("{raise: finish, on: order, with: {note: =text(extra)}}", []),
        ("{raise: finish, on: order, with: {note: =customer}}", ["EXP010"]),
        ("{raise: finish, on: order, where: customer == '甲' and up.extra > 1}", []),
        ("{put: items, by: [name], with: {name: =event.word, size: =1}}", []),
        ("{drop: items, where: row == 1 and name != up.order.customer}", []),
        ("{each: items, spread: {total: =10, take: size}, do: [{set: {extra: =taken}}]}", []),
        ("{do: remind, with: {about: =order}, when: event.word != null}", []),
        ("{do: remind, with: {about: =today}}", ["EXP025"]),
    ],
)
def test_actions_see_what_stands_before_them(act: str, codes: list[str]) -> None:
    machine = (
        "machine: note\nstates: {draft: {title: 草稿, final: true}}\nevents:\n"
        f"  enter: {{from: new, to: draft, by: clerk, ask: {{word: {{title: 词, type: text}}}}, do: [{act}]}}\n"
    )
    found = [problem.code for problem in checked(document=NOTE, machine=machine).problems]
    assert [code for code in found if code.startswith("EXP")] == codes


@pytest.mark.parametrize(
    ("condition", "codes"),
    [("event.kind == 'x'", []), ("extra > 1", []), ("this.extra > 1", []), ("kind == 'x'", ["EXP010"])],
)
def test_questions_stand_in_the_document(condition: str, codes: list[str]) -> None:
    machine = (
        "machine: note\nstates: {draft: {title: 草稿, final: true}}\nevents:\n"
        "  enter: {from: new, to: draft, by: clerk, ask: {kind: {title: 类, type: text}, "
        f'why: {{title: 因, type: text, required: "{condition}"}}}}}}\n'
    )
    assert [problem.code for problem in checked(document=NOTE, machine=machine).problems] == codes


def test_role_floor_limits_every_grant_of_the_role() -> None:
    system = office()["desk/system.yaml"]
    assert isinstance(system, bytes)
    floored = system.decode().replace("leader: {title: 领导}", "leader: {title: 领导, rows: org == user.org}")
    access = 'access:\n  leader: {rows: customer != null, read: "*"}\n  clerk: {read: "*", create: true}\n'
    tree = {**office(), "desk/system.yaml": floored, "desk/order/access.yaml": access}
    rows = check(load(MemoryTree(tree))).definitions.access["order"]["leader"].rows
    assert rows is not None
    assert rows.text == "(org == user.org) and (customer != null)"
    assert rows.linked is not None


def test_state_is_a_code_with_a_title() -> None:
    fields = "order: {title: 单, type: ref, to: order}\n  shown: {title: 状态, type: text, value: order.state.title}\n"
    found = checked(document=f"document: note\ntitle: 便条\nfields:\n  {fields}")
    assert found.problems == ()
    titles = [entry.columns["title"] for entry in found.definitions.codes["states of order"].entries]
    assert titles[:2] == ["草稿", "审批中"]
