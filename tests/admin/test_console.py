"""The administrator's console: what it shows, what it lets be set, and that it is there for administrators alone."""

import pytest

import admin
from engine.model.records import Effect
from engine.testing.office import Office
from engine.usecases.accounts import set_password
from engine.web import WebSettings, create_app
from tests.web.conftest import FILES, PASSWORD, Browser

VALUES = """values:
  most: {title: 上限, type: integer, value: 500, set_by: boss, source: 办法}
  open: {title: 开放, type: boolean, value: false, set_by: leader}
"""
ACCOUNTS = 'access:\n  clerk: {read: [name]}\n  leader: {read: [name]}\n  boss: {read: "*", create: true, edit: "*"}\n'
JOBS = "jobs:\n  sweep: {title: 清扫, every: day, at: '10:00', each: order, where: state == 'draft', do: []}\n"
PAGES = [
    "/admin/",
    "/admin/roles",
    "/admin/codes",
    "/admin/codes/roles",
    "/admin/jobs",
    "/admin/audit",
    "/admin/outbox",
]


@pytest.fixture
def office():
    files = {**FILES, "shared/user/access.yaml": ACCOUNTS, "desk/values/desk.yaml": VALUES}
    return Office(files)


@pytest.mark.parametrize("address", PAGES)
def test_pages_are_for_administrators_alone(sign_in, address):
    assert sign_in("boss").get(address).status_code == 200
    assert sign_in("clerk").get(address).status_code == 404


def test_the_console_is_named_where_it_can_be_opened(sign_in):
    assert 'href="/admin/"' in sign_in("boss").get("/").text
    assert 'href="/admin/"' not in sign_in("clerk").get("/").text


def test_parameters_are_set_and_taken_back(sign_in):
    boss = sign_in("boss")
    page = boss.get("/admin/parameters").text
    assert "上限" in page
    assert "开放" not in page
    assert boss.post("/admin/parameters/most", {"value": "700"}).status_code == 303
    page = boss.get("/admin/parameters").text
    assert "<strong>700</strong>" in page
    setting = page.split("/admin/parameters/reset/")[1].split('"')[0]
    assert boss.post(f"/admin/parameters/reset/{setting}").status_code == 303
    assert "<strong>700</strong>" not in boss.get("/admin/parameters").text
    assert "700" in boss.get("/admin/parameters/most/history").text


def test_a_wrong_value_is_told_and_kept_in_the_field(sign_in):
    answer = sign_in("boss").post("/admin/parameters/most", {"value": "viel<"})
    assert answer.status_code == 422
    assert "应为整数" in answer.text
    assert 'value="viel&lt;"' in answer.text


def test_roles_may_set_what_they_are_allowed_to(sign_in):
    leader = sign_in("leader")
    assert "开放" in leader.get("/admin/parameters").text
    assert leader.post("/admin/parameters/open", {"value": "true"}).status_code == 303
    assert leader.post("/admin/parameters/most", {"value": "1"}).status_code == 404
    assert sign_in("clerk").get("/admin/parameters").status_code == 404


def test_a_forged_setting_is_refused(sign_in):
    boss = sign_in("boss")
    assert boss.client.post("/admin/parameters/most", data={"value": "1"}).status_code == 400


def test_what_is_in_force_and_what_happened(office, sign_in):
    boss = sign_in("boss")
    assert "org == user.org" in boss.get("/admin/roles").text
    assert "经办" in boss.get("/admin/codes/roles").text
    assert "经办" not in boss.get("/admin/codes/roles?q=leader").text
    assert "登录" in boss.get("/admin/audit").text
    assert boss.get("/admin/codes/nothing").status_code == 404
    assert boss.get("/admin/outbox?state=strange").status_code == 404


@pytest.fixture
def failed(office):
    """The id of an effect that has failed for good."""
    now = office.clock.now()
    with office.store.begin() as unit:
        unit.put_effect(Effect("e" * 32, "message", "k", now, payload={}, created_at=now))
    office.store.claim_effects(now, 5, 60)
    office.store.fail_effect("e" * 32, "line <down>", None)
    return "e" * 32


def test_failed_effects_are_begun_anew(office, sign_in, failed):
    boss = sign_in("boss")
    page = boss.get("/admin/outbox").text
    assert "line &lt;down&gt;" in page
    assert "失败 1" in boss.get("/admin/").text
    assert boss.post("/admin/outbox/retry").status_code == 303
    assert [one.state for one in office.store.effects()] == ["waiting"]
    assert office.store.audit(limit=1)[0].action == "retry"


def test_effects_are_given_up_with_a_reason(office, sign_in, failed):
    boss = sign_in("boss")
    assert boss.post("/admin/outbox/drop", {"id": failed, "because": " "}).status_code == 400
    assert boss.post("/admin/outbox/drop", {"id": failed, "because": "重复"}).status_code == 303
    assert [one.state for one in office.store.effects()] == ["cancelled"]
    assert office.store.audit(limit=1)[0].detail["because"] == "重复"


@pytest.mark.parametrize("door", ["retry", "drop"])
def test_effects_are_for_administrators_alone(office, sign_in, failed, door):
    assert sign_in("clerk").post(f"/admin/outbox/{door}", {"id": failed, "because": "x"}).status_code == 404
    assert [one.state for one in office.store.effects()] == ["failed"]


def test_names_are_told_as_people_know_them():
    jobs = JOBS + "  tally: {title: 清点, every: 3 months, each: order, do: []}\n"
    office = Office({**FILES, "desk/jobs.yaml": jobs, "shared/user/access.yaml": ACCOUNTS})
    app = create_app(lambda: office.runtime, WebSettings("s" * 32), faces=[admin.blueprint])
    set_password(office.runtime, office.people["boss"].id, PASSWORD)
    boss = Browser(app.test_client())
    boss.post("/login", {"login": "boss", "password": PASSWORD})
    assert "提交" in boss.get("/admin/roles").text
    page = boss.get("/admin/jobs").text
    assert "每天 10:00" in page
    assert "每3个月" in page
