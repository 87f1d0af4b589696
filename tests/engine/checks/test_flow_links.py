"""What names mean in flows: what is kept, where rows are asked for, in rows of sources."""

from engine.checks import check
from engine.codes import word
from engine.expressions import nodes
from engine.expressions.expression import Checked
from engine.loading import MemoryTree, load
from engine.model.actions import Set
from engine.model.flows import Flow
from engine.model.free_pages import Table
from tests.definitions.wrong import office

FLOW = """
flow: visit
keep: {{order: order, found: order, card: record card}}
idle: {{after: 60 s, go: leave}}
start: begin
steps:
  begin:
    do: [{{set: {{found: "{found}"}}}}]
    screen: [{{search: name}}, {{table: order, where: "{where}", columns: [number, customer], pick: order}}]
    buttons: {{leave: 离开}}
    on: {{picked: leave, leave: leave}}
  leave: {{end: done}}
"""


def checked(
    found: str = "=first(order, state == 'draft')", where: str = "customer == up.form.name"
) -> tuple[Flow, list[str]]:
    tree = {**office(), "desk/flows/visit.yaml": FLOW.format(found=found, where=where)}
    result = check(load(MemoryTree(tree)))
    told = [f"{one.code} {one.suggestion}".strip() for one in result.problems]
    assert all(word(one, "en").message for one in result.problems)
    return result.definitions.flows["visit"], told


def test_where_rows_are_asked_for_a_document_type_comes_before_what_is_kept() -> None:
    flow, told = checked()
    assert told == []
    table = flow.steps["begin"].screen[1].part
    assert isinstance(table, Table)
    assert isinstance(table.source.of.linked, Checked)
    assert isinstance(table.source.of.linked.node, nodes.Documents)
    (act,) = flow.steps["begin"].do
    assert isinstance(act, Set)
    formula = act.values["found"].formula
    assert formula is not None
    assert isinstance(formula.linked, Checked)
    assert "order" in formula.linked.reads_of


def test_elsewhere_what_is_kept_comes_first() -> None:
    assert checked("=order")[1] == []
    assert checked("=order.last")[1] == []
    assert checked("=order.total")[1] == ["EXP025"]


def test_a_row_knows_its_own_number_and_the_flow_by_up() -> None:
    assert checked(where="number == up.number")[1] == []
    assert checked(where="customer == form.name")[1] == ["EXP010 up.form"]
    assert checked(where="customer == up.card.nmae")[1] == ["EXP011 name"]


def test_what_is_typed_and_answered_has_its_type() -> None:
    assert checked(where="customer == up.form.nmae")[1] == ["EXP011 name"]
    assert checked(where="customer == up.answer.user")[1] == ["EXP011"]


OUTER = """
flow: outer
always: {failed: leave, lock.forced: again_later}
start: begin
steps:
  begin: {run: visit, on: {done: leave}}
  again_later: {screen: [{text: 等}], timeout: 5 s, on: {timeout: again}}
  leave: {end: done}
"""


def test_a_flow_may_take_over_what_those_within_it_do_not_name() -> None:
    inner = (
        FLOW.format(found="=order", where="customer == up.form.name")
        .replace("screen:", "read: reader.card\n    timeout: 5 s\n    screen:")
        .replace("on: {picked", "on: {done: leave, timeout: leave, picked")
    )
    alone = check(load(MemoryTree({**office(), "desk/flows/visit.yaml": inner}))).problems
    assert [(one.code, one.values["outcomes"]) for one in alone] == [("FLW006", "failed, silent, gone, unreadable")]
    files = {**office(), "desk/flows/visit.yaml": inner, "desk/flows/outer.yaml": OUTER}
    assert [one.code for one in check(load(MemoryTree(files))).problems] == []
