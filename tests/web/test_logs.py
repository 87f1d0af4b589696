"""Logs on pages: who signed in, what people did, all else; for roles that name them alone. Menus in three levels."""

import re
from datetime import datetime

import pytest

from engine.model.records import AuditEntry
from engine.problems import Refused
from engine.testing.office import Office
from engine.usecases.accounts import log_in, set_password
from engine.usecases.free_pages import open_page
from engine.usecases.sessions import begin_session, end_session
from tests.web.conftest import FILES, PASSWORD

ALWAYS = (datetime(2000, 1, 1), datetime(2100, 1, 1))
SYSTEM = """system: desk
id: T-1
title: {zh: 办公, en: Desk}
uses: [shared]
roles:
  clerk: {title: 经办}
  leader: {title: 领导, logs: [sign_ins, acts]}
  boss: {title: 主管}
  admin: {title: 管理员}
menu:
  - title: {zh: 业务, en: Business}
    pages: [letter]
    groups:
      - {title: {zh: 订单, en: Orders}, pages: [order]}
      - {title: {zh: 日志, en: Logs}, roles: [leader], pages: [logs, engine.parameters]}
"""
PAGE = """page: logs
title: 日志
roles: [clerk, leader]
keep: {since: {title: 自, type: date}, until: {title: 至, type: date}, who: {title: 谁, type: text}}
body:
  - {log: sign_ins, title: 登录, since: page.since, until: today, who: page.who}
  - {log: acts, title: 操作, since: page.since, until: page.until, who: page.who}
  - {log: system, title: 系统}
  - {table: order, title: 清单, columns: [name, total, state], totals: [total]}
  - {board: order, per: state, as: name, mark: total > 0, alert: total > 9999,
     legend: {plain: 平常, mark: 有金额, alert: 太多}}
  - {text: {zh: 说明, en: In words}}
"""
ACCESS = "access:\n  clerk: {read: '*', create: true, edit: '*', events: '*', export: true}\n  leader: {read: [name]}\n"


@pytest.fixture
def office():
    files = {**FILES, "desk/system.yaml": SYSTEM, "desk/pages/logs.yaml": PAGE, "desk/order/access.yaml": ACCESS}
    made = Office(files)
    for who in ("clerk", "leader"):
        set_password(made.runtime, made.people[who].id, PASSWORD)
    made.raise_(
        "clerk", "enter", "order", name="甲单", secret="12345678", lines=[{"item": "笔", "qty": "1", "price": "12"}]
    )
    return made


def told(page: str, title: str) -> str:
    """The component with this title, as text."""
    start = page.index(f"<h2>{title}</h2>")
    return re.sub(r"<[^>]+>", " ", page[start : page.index("</section>", start)])


def test_logs_are_told_to_roles_that_name_them(sign_in):
    page = sign_in("leader").get("/p/logs").text
    assert re.search(r"leader\s+leader\s+登录", told(page, "登录"))
    assert re.search(r"clerk\s+订单\s+甲单", told(page, "操作"))
    assert "您没有查看此日志的权限" in told(page, "系统")
    of_clerk = sign_in("clerk").get("/p/logs").text
    assert "您没有查看此日志的权限" in told(of_clerk, "登录")
    assert "您没有查看此日志的权限" in told(of_clerk, "操作")


def test_logs_are_narrowed_by_person_and_days(office, sign_in):
    leader = sign_in("leader")
    begun = begin_session(office.runtime, log_in(office.runtime, "clerk", PASSWORD, "10.0.0.9"))
    end_session(office.runtime, begun)
    found = told(leader.get("/p/logs?k.who=CLERK").text, "登录")
    assert "10.0.0.9" in found
    assert "退出" in found
    assert "leader" not in found
    assert "没有数据" in told(leader.get("/p/logs?k.since=2999-01-01").text, "登录")
    assert "没有数据" in told(leader.get("/p/logs?k.who=nobody").text, "操作")


SCOPED = "access:\n  clerk: {read: [name]}\n  leader: {rows: org == user.org, read: [name]}\n  boss: {read: [name]}\n"


@pytest.fixture
def scoped():
    """An office whose leader sees the accounts of his unit alone."""
    system = SYSTEM.replace("boss: {title: 主管}", "boss: {title: 主管, logs: [sign_ins, acts, system]}").replace(
        "logs: [sign_ins, acts]", "logs: [sign_ins, acts, system]"
    )
    page = PAGE.replace("[clerk, leader]", "[clerk, leader, boss]").replace("{log: system,", "{log: system, most: 3,")
    made = Office(
        {
            **FILES,
            "desk/system.yaml": system,
            "desk/pages/logs.yaml": page,
            "desk/order/access.yaml": ACCESS,
            "shared/user/access.yaml": SCOPED,
        }
    )
    for who in ("clerk", "stranger"):
        log_in_as(made, who)
        for number in range(3):
            made.raise_(who, "enter", "order", name=f"{who}{number}")
    with pytest.raises(Refused):
        log_in(made.runtime, "nobody", "wrong", "10.0.0.66")
    for actor in ("engine", made.people["clerk"].id, made.people["stranger"].id):
        made.runtime.store.note(AuditEntry(made.clock.now(), actor, "export"))
    return made


def log_in_as(office, who):
    set_password(office.runtime, office.people[who].id, PASSWORD)
    log_in(office.runtime, who, PASSWORD, f"10.0.0.{len(who)}")


def logs_of(office, who):
    """The three logs as somebody reads them: the texts of their rows."""
    body = open_page(office.runtime, office.people[who], "logs", {}).body
    return [[[cell.text for cell in row.cells] for row in one.part.rows] for one in body[:3]]


def test_logs_tell_of_those_whose_accounts_the_reader_may_see(scoped):
    sign_ins, acts, system = logs_of(scoped, "leader")
    assert {row[1] for row in sign_ins} == {"clerk"}
    assert {row[1] for row in acts} == {"clerk"}
    assert "10.0.0.66" not in str(sign_ins)
    assert {row[1] for row in system} == {"clerk"}
    sign_ins, acts, system = logs_of(scoped, "boss")
    assert {"clerk", "stranger", ""} == {row[1] for row in sign_ins}
    assert {"clerk", "stranger"} == {row[1] for row in acts}
    assert len(system) == 3
    sign_ins, acts, _ = logs_of(scoped, "leader")
    assert len(acts) == 3, "those of others take no place"


def test_the_log_of_the_system_speaks_of_fields_and_of_itself_in_words(scoped):
    read = AuditEntry(scoped.clock.now(), "engine", "view", "order", "", {"fields": ["secret", "elsewhere"]})
    scoped.runtime.store.note(read)
    _, _, system = logs_of(scoped, "boss")
    assert system[0][1] == "系统"
    assert system[0][4] == "证号, elsewhere"


def test_a_log_reads_its_people_and_records_together(scoped, monkeypatch):
    for number in range(20):
        scoped.raise_("clerk", "enter", "order", name=f"又{number}")
    asked = []
    with scoped.runtime.store.begin(write=False) as unit:
        kind, fetch = type(unit), type(unit).fetch
    monkeypatch.setattr(kind, "fetch", lambda self, *about, **how: asked.append(about) or fetch(self, *about, **how))
    _, acts, _ = logs_of(scoped, "boss")
    assert len(acts) == 26
    assert [one for one in asked if one[0] in ("order", "user")] == []


def test_who_is_looked_for_among_people_and_accounts_alone(office, sign_in):
    leader = sign_in("leader")
    with pytest.raises(Refused):
        log_in(office.runtime, "audit.clerk", "wrong", "10.0.0.9")
    assert "没有数据" in told(leader.get("/p/logs?k.who=订单").text, "操作")
    assert re.search(r"clerk\s+订单", told(leader.get("/p/logs?k.who=clerk").text, "操作"))
    found = told(leader.get("/p/logs?k.who=audit").text, "登录")
    assert re.search(r"audit\.clerk\s+登录失败", found), "what was typed is told as it was typed"


def test_the_last_of_all_days_is_a_day(sign_in):
    assert "甲单" in told(sign_in("leader").get("/p/logs?k.until=9999-12-31").text, "操作")


def test_a_record_that_is_hidden_is_told_by_its_type_alone(sign_in, office):
    order = office.runtime.store.acts(ALWAYS, 1)[0].record_id
    office.raise_("clerk", "write", "letter", order=order)
    found = told(sign_in("leader").get("/p/logs").text, "操作")
    assert re.search(r"clerk\s+函\s+起草\s+草稿", found)


def test_tables_are_taken_away_by_those_who_may(sign_in):
    clerk = sign_in("clerk")
    page = clerk.get("/p/logs").text
    address = re.search(r'href="(/p/logs/taken/3[^"]*)"', page)[1].replace("&amp;", "&")
    rows = [line.split("\t") for line in clerk.get(address).text.split("\n")]
    assert rows[0] == ["名称", "合计", "状态"]
    assert rows[1] == ["甲单", "12.00", "草稿"]
    assert rows[2][1] == "12.00"
    leader = sign_in("leader")
    assert "/taken/3" not in leader.get("/p/logs").text
    assert leader.get("/p/logs/taken/3").status_code == 403
    assert leader.get("/p/logs/taken/0").text.startswith("时间\t人员\t账号\t动作")
    assert "\t登录\t" in leader.get("/p/logs/taken/0").text
    assert clerk.get("/p/logs/taken/0").status_code == 404
    assert clerk.get("/p/logs/taken/4").status_code == 404


def test_a_table_with_what_is_masked_elsewhere_is_not_taken_away():
    slip = (
        "document: slip\ntitle: 条\nlabel: name\nfields:\n  name: {title: 名称, type: text, required: true}\n"
        "  order: {title: 订单, type: ref, to: order}\n"
    )
    page = "page: slips\ntitle: 条\nroles: [clerk]\nbody: [{table: slip, columns: [%s]}]\n"
    files = {
        **FILES,
        "desk/system.yaml": SYSTEM.replace("engine.parameters", "slips"),
        "desk/pages/logs.yaml": PAGE,
        "desk/order/access.yaml": ACCESS.replace("export: true", "export: {mask: [secret]}"),
        "desk/slip/document.yaml": slip,
        "desk/slip/access.yaml": "access: {clerk: {read: '*', create: true, edit: '*', export: true}}\n",
    }
    for columns, may in (("name", True), ("name, order.name", True), ("name, order.secret", False)):
        made = Office({**files, "desk/pages/slips.yaml": page % columns})
        (table,) = open_page(made.runtime, made.people["clerk"], "slips", {}).body
        assert table.part.exports is may, columns


def test_small_fields_stand_out_and_say_what_it_means(sign_in):
    page = sign_in("clerk").get("/p/logs").text
    assert 'class="slot mark"' in page
    assert re.findall(r'<li><i class="sign (\w+)"[^>]*></i>(.+?)</li>', page) == [
        ("plain", "平常"),
        ("mark", "有金额"),
        ("alert", "太多"),
    ]


def test_sentences_of_pages_are_told_in_both_languages(sign_in):
    clerk = sign_in("clerk")
    clerk.client.set_cookie("language", "en")
    page = clerk.get("/p/logs").text
    assert "In words" in page
    assert "说明" not in page


def test_groups_of_the_menu_stand_within_groups(sign_in):
    clerk, leader = sign_in("clerk").get("/d/order").text, sign_in("leader").get("/d/order").text
    assert re.search(r'<details data-fold="1-1" class="inner" open>\s*<summary><h3>订单</h3>', clerk)
    assert 'data-fold="1-2"' not in clerk
    assert re.search(r'<details data-fold="1-2" class="inner">\s*<summary><h3>日志</h3>', leader)
    assert 'href="/p/logs"' in leader
    assert "/admin/parameters" not in leader
