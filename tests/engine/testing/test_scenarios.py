"""The scenario runner: what goes as told passes, all else is said with its step; coverage counts what was shown."""

from dataclasses import replace
from functools import cache

import pytest

from engine.testing.memory import MemoryStore
from engine.testing.office import Office
from engine.testing.scenarios import run_scenarios
from engine.usecases.internal import storages

FILES = {
    "desk/loan/document.yaml": """document: loan
title: 借用
label: name
number: "JY{seq:03}"
fields:
  org: {title: 单位, type: ref, to: org, default: =user.org}
  name: {title: 名称, type: text, required: true}
  days: {title: 天数, type: integer, default: 3}
  keeper: {title: 保管人, type: ref, to: user, back: loans}
  page: {title: 扫描件, type: file}
  lines: {title: 明细, type: table, fields: {item: {title: 品名, type: text}}}
""",
    "desk/loan/machine.yaml": """machine: loan
states:
  asked: {title: 待批, approval: grant}
  out: {title: 借出, until: {after: 10 days, event: lapse}}
  back: {title: 已还, final: true}
  denied: {title: 未批, final: true}
events:
  ask: {title: 申请, from: new, to: asked, by: clerk}
  grant: {title: 同意, from: asked, to: out, by: approval, do: [{send: loan_report, failed: lost}]}
  deny: {title: 不同意, from: asked, to: denied, by: approval}
  give: {title: 归还, from: out, to: back, by: clerk, when: page != null, ask: {note: {title: 说明, type: text}}}
  scan: {title: 采集, from: out, by: clerk, ask: {page: {title: 扫描件, type: file}}, do: [{set: {page: =event.page}}]}
  lapse: {title: 到期, from: out, to: back, by: timer, do: [{notify: late, with: {l: =this}}]}
  lost: {title: 未送达, from: out, by: engine, do: [{set: {name: 未送达}}]}
approvals:
  grant:
    steps: [{id: boss, title: 主管, who: role boss in org, due: 2 days, late: [remind]}]
    agreed: grant
    refused: deny
""",
    "desk/loan/rules.yaml": """rules:
  long: {when: days > 7, level: confirm, at: days, message: 超过7天}
  longer: {check: days < 30, at: days, message: 不能超过30天}
  odd: {when: days == 1, level: warn, at: days, message: 只借一天}
""",
    "desk/loan/access.yaml": """access:
  clerk: {rows: org == user.org, read: "*", create: true, edit: "*", events: "*"}
  boss: {read: "*"}
""",
    "desk/loan/mappings/loan_report.yaml": """mapping: loan_report
document: loan
format: json
to: out
tree: {no: number, what: {name: name}}
""",
    "desk/notices.yaml": """notices:
  late: {takes: {l: loan}, to: role clerk in l.org, via: [site], text: "{l.name}到期"}
""",
}


@cache
def office():
    return Office(FILES)


def run(*steps, given=None, now="2026-05-06 09:00", files=None):
    """The mistakes of one scenario, and its coverage."""
    runtime = (office() if files is None else Office(files)).runtime

    def make(clock):
        store = MemoryStore()
        store.apply([*storages(), *(program.storage for program in runtime.force.programs.values())])
        return replace(runtime, store=store, clock=clock)

    scenario = {"name": "one", "now": now, "given": given or {}, "steps": list(steps)}
    report = run_scenarios(runtime.definitions, make, [scenario])
    return report.results[0].mistakes, report.coverage


ASK = {
    "as": "clerk",
    "event": "ask",
    "on": "loan",
    "with": {"name": "投影仪", "lines": [{"item": "灯泡"}]},
    "name": "l",
}
AGREE = {"as": "boss", "decide": "agree", "on": "l"}


def test_a_whole_life_goes_as_told():
    mistakes, coverage = run(
        ASK,
        {"expect": {"l": {"state": "asked", "days": 3, "lines": [{"item": "灯泡"}]}, "tasks(l)": ["boss"]}},
        AGREE,
        {"expect": {"l": {"state": "out"}, "sent": [{"mapping": "loan_report", "no": "JY001", "name": "投影仪"}]}},
        {"as": "clerk", "event": "give", "on": "l", "expect_refused": "give"},
        {"as": "clerk", "event": "scan", "on": "l", "with": {"page": {"file": "a.pdf"}}},
        {"as": "clerk", "event": "give", "on": "l"},
        {"expect": {"l": {"state": "back"}, "count(loan)": 1, "notified": []}},
    )
    assert mistakes == ()
    assert ("guard", "loan", "give") in coverage.points
    assert {name for kind, _, name in coverage.missing("loan") if kind == "event"} == {"deny", "lapse", "lost"}


def test_time_passes_with_what_becomes_due():
    mistakes, _ = run(
        ASK,
        {"wait": "3 days"},
        {"expect": {"notified": ["remind"]}},
        AGREE,
        {"wait": "9 days"},
        {"expect": {"l": {"state": "out"}}},
        {"wait": "1 day"},
        {"expect": {"l": {"state": "back"}, "notified": ["remind", {"notice": "late", "text": "投影仪到期"}]}},
    )
    assert mistakes == ()


def test_an_outage_keeps_messages_back():
    mistakes, _ = run(ASK, {"outage": "out"}, AGREE, {"expect": {"sent": [], "l": {"name": "未送达"}}})
    assert mistakes == ()


def test_given_records_begin_in_the_middle():
    given = {
        "k": {"user": {"login": "k", "name": "管", "roles": ["leader"]}},
        "l": {"loan": {"name": "甲", "state": "out", "keeper": "k"}},
    }
    mistakes, _ = run(
        {"expect": {"k.loans": {"name": "甲"}, "l.keeper": {"name": "管"}}},
        {"wait": "10 days"},
        {"expect": {"l": {"state": "back"}}},
        given=given,
    )
    assert mistakes == ()


def test_confirmed_and_told():
    mistakes, coverage = run(
        {**ASK, "with": {"name": "甲", "days": 8}, "expect_refused": "long"},
        {**ASK, "with": {"name": "甲", "days": 31}, "confirm": "long", "expect_refused": "longer"},
        {**ASK, "with": {"name": "甲", "days": 8}, "confirm": "long"},
        {**ASK, "with": {"name": "乙", "days": 1}, "expect_told": "odd", "name": "m"},
    )
    assert mistakes == ()
    assert [point for point in coverage.missing("loan") if point[0] == "rule"] == []


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({"expect": {"l": {"state": "out"}}}, "l.state is 'asked', not 'out'"),
        ({"expect": {"l": {"days": 4}}}, "l.days is 3, not 4"),
        ({"expect": {"l": {"colour": "red"}}}, "loan has no field 'colour'"),
        ({"expect": {"x": {"state": "out"}}}, "no step is named 'x'"),
        ({"expect": {"l.keeper": {"name": "k"}}}, "l.keeper leads nowhere"),
        ({"expect": {"count(loan)": 2}}, "count(loan) is 1, not 2"),
        ({"expect": {"tasks(l)": []}}, "tasks(l) is ['boss'], not []"),
        ({"expect": {"sent": ["loan_report"]}}, "'loan_report' is not among []"),
        ({"as": "clerk", "event": "give", "on": "l"}, "refused: state"),
        ({"as": "clerk", "event": "give", "on": "l", "expect_refused": "give"}, "refused: state"),
        ({"as": "clerk", "event": "change", "on": "l", "expect_refused": "longer"}, "not refused by longer"),
        ({"as": "clerk", "event": "change", "on": "l", "expect_told": "odd"}, "not told: odd"),
        ({"as": "clerk", "event": "fly", "on": "l"}, "loan has no event 'fly'"),
        ({"as": "clerk", "event": "ask", "on": "moon"}, "'moon' is neither"),
        ({"as": "nobody", "event": "ask", "on": "loan"}, "no enabled account 'nobody'"),
        ({"as": "clerk", "decide": "agree", "on": "l"}, "clerk has no open task on l"),
        ({"wait": "soon"}, "no length of time"),
        ({"down": "soon"}, "no length of time"),
        ({"press": "done"}, "a step has no press"),
        ({"as": "clerk", "event": "change", "on": "l", "with": {"days": "=1 +"}}, "EXP"),
    ],
)
def test_what_is_otherwise_is_said_with_its_step(step, said):
    mistakes, _ = run(ASK, step)
    assert len(mistakes) == 1
    assert mistakes[0].startswith("step 2 ")
    assert said in mistakes[0]


def test_given_accounts_come_before_those_of_roles():
    boss = {"login": "clerk", "name": "周予安", "roles": ["boss"], "org": "unit"}
    assert run(ASK, given={"unit": {"org": {"name": "甲"}}, "b": {"user": boss}})[0][0].endswith("you may not do this")


def test_a_role_that_somebody_given_holds_has_no_account_of_its_name_and_that_is_said():
    boss = {"login": "zhou", "name": "周予安", "roles": ["clerk"], "org": "unit"}
    step = {"as": "clerk", "event": "change", "on": "l"}
    asked = {**ASK, "as": "b"}
    said = run(asked, step, given={"unit": {"org": {"name": "甲"}}, "b": {"user": boss}})[0][0]
    assert "'b' in `given` already holds the role clerk" in said
    assert said.endswith("write as: b")


def test_what_cannot_be_given_is_said():
    twice = {name: {"user": {"login": "a", "name": name, "roles": ["boss"]}} for name in ("a", "b")}
    assert "another user has the same login" in run(given=twice)[0][0]
    assert "there is no document type" in run(given={"x": {"moon": {}}})[0][0]
    assert "days" in run(given={"x": {"loan": {"days": "many"}}})[0][0]


def test_a_template_that_stops_fails_the_scenario_that_prints():
    printing = FILES["desk/loan/machine.yaml"].replace("do: [{set: {page: =event.page}}]", "do: [{print: slip}]")
    files = {
        **FILES,
        "desk/loan/machine.yaml": printing,
        "desk/loan/prints/slip.yaml": "print: slip\ntitle: 借条\ndocument: loan\ntemplate: slip.html\n",
        "desk/loan/prints/slip.html": "<p>{{ name }}</p>\n<p>{{ days / 0 }}</p>",
    }
    steps = {"as": "clerk", "event": "scan", "on": "l"}, {"expect": {"printed": ["slip"]}}
    mistakes, _ = run(*steps, given={"l": {"loan": {"name": "书", "state": "out"}}}, files=files)
    assert len(mistakes) == 1
    assert "slip.html:2" in mistakes[0]
