"""Returns within an approval: to which step, what is asked anew, what stays signed."""

import pytest

from engine.problems import Refused
from engine.testing.memory import MemoryStore
from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases.tasks import my_tasks, sign_task
from engine.usecases.views import Decision

LINE = {"item": "笔", "qty": "3", "price": "300"}
STEPS = """      - {id: one, title: 一, who: role leader in org, sign: all}
      - {id: two, title: 二, who: role boss in org}
      - {id: three, title: 三, who: role head}
"""


def office_of(back, store=None, **more):
    lines = ORDER["desk/order/machine.yaml"].split("\n")
    start = next(i for i, line in enumerate(lines) if "{id: first" in line)
    lines[start : start + 2] = STEPS.rstrip("\n").split("\n")
    machine = "\n".join(line for line in lines if "withdraw:" not in line)
    machine = machine.replace("return: {to: starter, event: back}", f"return: {back}")
    if "event: back" not in back:
        machine = "\n".join(line for line in machine.split("\n") if not line.startswith("  back:"))
    access = ORDER["desk/order/access.yaml"] + '  head: {read: "*"}\n'
    roles = "code,title\nclerk,经办\nleader,领导\nboss,主管\nhead,负责人\n"
    system = "system: desk\nid: T-1\ntitle: 办公\nuses: [shared]\nroles:\n  clerk: {title: 经办}\n"
    system += "  leader: {title: 领导}\n  boss: {title: 主管}\n  head: {title: 负责人}\n"
    files = {"desk/order/machine.yaml": machine, "desk/order/access.yaml": access, "desk/system.yaml": system}
    office = Office({**ORDER, **files, "shared/codes/roles.csv": roles}, store=store or MemoryStore())
    office.account("head", "head", office.org)
    office.record = office.raise_("clerk", "enter", "order", name="甲", lines=[LINE]).record_id
    office.raise_("clerk", "submit", "order", office.record)
    return office


def sign(office, who, outcome="agree", to=None):
    task = my_tasks(office.runtime, office.people[who])[0].id
    sign_task(office.runtime, office.people[who], task, Decision(outcome, "意见", to=to))


def waiting(office):
    names = {actor.id: who for who, actor in office.people.items()}
    tasks = office.all("_task", status="open")
    return sorted((str(one["step"]), names[str(one["assignee"])]) for one in tasks)


def up_to_head(office):
    for who in ("leader", "second", "boss"):
        sign(office, who)
    assert waiting(office) == [("three", "head")]


def state(office):
    return office.values("order", office.record)["state"]


def test_to_the_step_before_and_on_from_there(store):
    office = office_of("{to: previous}", store)
    up_to_head(office)
    sign(office, "head", "return")
    assert (state(office), waiting(office)) == ("reviewing", [("two", "boss")])
    sign(office, "boss")
    sign(office, "head")
    assert state(office) == "approved"


def test_to_a_named_step_all_that_follows_is_done_again():
    office = office_of("{to: one, resume: redo}")
    up_to_head(office)
    sign(office, "head", "return")
    assert waiting(office) == [("one", "leader"), ("one", "second")]
    for who in ("leader", "second"):
        sign(office, who)
    assert waiting(office) == [("two", "boss")]


def test_continue_here_comes_straight_back():
    office = office_of("{to: one, resume: continue_here}")
    up_to_head(office)
    sign(office, "head", "return")
    for who in ("leader", "second"):
        sign(office, who)
    assert waiting(office) == [("three", "head")]
    sign(office, "head")
    assert state(office) == "approved"


def test_any_step_that_was_passed_is_a_choice():
    office = office_of("{to: any_passed, event: back}")
    up_to_head(office)
    with pytest.raises(Refused) as caught:
        sign(office, "head", "return", to="three")
    assert caught.value.findings[0].code == "no_return"
    sign(office, "head", "return", to="one")
    assert waiting(office) == [("one", "leader"), ("one", "second")]
    sign(office, "leader", "return", to="")
    assert (state(office), waiting(office)) == ("draft", [])


def test_before_the_first_step_there_is_nowhere_to_return_to():
    office = office_of("{to: previous}")
    with pytest.raises(Refused) as caught:
        sign(office, "leader", "return")
    assert caught.value.findings[0].code == "no_return"
    assert waiting(office) == [("one", "leader"), ("one", "second")]


def test_sent_back_to_the_starter_signatures_stay_where_it_continues(store):
    office = office_of("{to: starter, event: back, resume: continue_here}", store)
    up_to_head(office)
    sign(office, "head", "return")
    assert state(office) == "draft"
    office.raise_("clerk", "submit", "order", office.record)
    assert waiting(office) == [("three", "head")]
    sign(office, "head")
    assert state(office) == "approved"


def test_sent_back_to_the_starter_all_sign_again_unless_it_says_so():
    office = office_of("{to: starter, event: back}")
    up_to_head(office)
    sign(office, "head", "return")
    office.raise_("clerk", "submit", "order", office.record)
    assert waiting(office) == [("one", "leader"), ("one", "second")]


def test_others_of_the_step_are_not_asked_any_more():
    office = office_of("{to: previous, event: back}")
    sign(office, "leader", "return")
    assert (state(office), waiting(office)) == ("draft", [])
