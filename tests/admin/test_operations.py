"""The operator's rooms: monitor, messages and what is done with them, listening resources, channels."""

from dataclasses import replace

import pytest

import admin
from admin.laid_out import laid_out
from admin.message_queries import asked_of
from engine.model.traffic import Arrived, ChannelBinding
from engine.ports.watching import Disk, HostLoad, Probed
from engine.problems import DeliveryError, Incident
from engine.testing.office import Office
from engine.usecases.accounts import set_password
from engine.usecases.landed import LandedQuery, landed_page
from engine.usecases.taking_in import take_in, take_in_many
from engine.web import WebSettings, create_app
from tests.engine.usecases.test_landing import Channel, sent_order
from tests.web.conftest import FILES, PASSWORD, Browser

ACCOUNTS = 'access:\n  clerk: {read: [name]}\n  leader: {read: [name]}\n  boss: {read: "*", create: true, edit: "*"}\n'
ORDERS = FILES["desk/order/access.yaml"].replace('boss: {read: "*", hide: [secret]}', 'boss: {read: "*"}')
CHANNELS = {
    "in": ChannelBinding("file", "in"),
    "out": ChannelBinding("http", settings={"url": "https://me:pw@far.example/in"}),
}
ROOMS = [
    "/admin/monitor",
    "/admin/landed",
    "/admin/exceptions",
    "/admin/blocked",
    "/admin/listening",
    "/admin/channels",
]


@pytest.fixture
def channel():
    return Channel()


@pytest.fixture
def office(channel):
    made = Office({**FILES, "shared/user/access.yaml": ACCOUNTS, "desk/order/access.yaml": ORDERS}, channel=channel)
    made.runtime = replace(made.runtime, node=replace(made.runtime.node, channels=CHANNELS))
    return made


@pytest.fixture
def boss(sign_in):
    return sign_in("boss")


def only(office, **query):
    (found,) = landed_page(office.runtime, LandedQuery(**query)).messages
    return found


def act(boss, room, what, **given):
    return boss.post("/admin/messages/do", {"room": room, "act": what, **given})


def test_rooms_are_for_administrators_alone_and_stand_empty(sign_in, boss):
    clerk = sign_in("clerk")
    for address in ROOMS:
        assert boss.get(address).status_code == 200, address
        assert clerk.get(address).status_code == 404, address
    assert "没有阻塞" in boss.get("/admin/blocked").text
    assert 'href="/admin/monitor"' in boss.get("/").text
    assert 'href="/admin/monitor"' not in clerk.get("/").text
    for door in ("/admin/messages/ask", "/admin/messages/do", "/admin/listening/stop", "/admin/channels/out/try"):
        assert clerk.post(door, {"room": "landed", "act": "resend", "all": "1"}).status_code == 404


def test_the_monitor_tells_traffic_queues_and_the_machine(office, boss, channel):
    class Host:
        def load(self):
            return HostLoad(0.97, 1 << 30, 2 << 30, (Disk("/data", 90, 100, 5, 10),), 4096)

    office.runtime = replace(office.runtime, host=Host())
    channel.fault = DeliveryError(Incident("out", "no route"))
    sent_order(office)
    take_in(office.runtime, "in", Arrived(b"<a/>", "k1", "", {}))
    page = boss.get("/admin/monitor").text
    for text in ("97 %", "50 %", "90 %", "/data", "4 KB", "no route", "阻塞", "检查网络"):
        assert text in page, text
    part = boss.get("/admin/monitor", headers={"HX-Request": "true"}).text
    assert "<html" not in part
    assert 'data-chart-of="flow"' in part
    office.runtime = replace(office.runtime, host=None)
    assert "主机情况不明" in boss.get("/admin/monitor").text


def test_messages_are_found_by_what_is_known_of_them(office, boss):
    sent_order(office)
    take_in_many(office.runtime, "in", [Arrived(b"<a/>", "A-1", "", {}), Arrived(b"<b/>", "B-1", "", {})])
    day = office.clock.at.date().isoformat()
    for query, count in (
        ("", 3), ("number=A", 1), ("direction=in", 2), ("channel=out", 1), ("state=normal", 3), ("state=abnormal", 0),
        (f"by=sent&from={day}&to={day}", 1), ("kind=order_report", 1), (f"to={day} 00:00", 0), ("state=strange", 3),
    ):  # fmt: skip
        assert f"共 {count} 份" in boss.get(f"/admin/landed?{query}").text or count == 0, query
    assert "没有符合条件的" in boss.get("/admin/landed?state=abnormal").text
    assert "不是时间" in boss.get("/admin/landed?from=gestern").text
    assert boss.get("/admin/landed?after=forged").status_code == 422


def test_a_day_is_meant_whole_and_a_minute_too():
    query = asked_of("landed", {"from": "2026/08/30", "to": "2026-08-30T21:21"}).query
    assert (str(query.since), str(query.until)) == ("2026-08-30 00:00:00", "2026-08-30 21:21:59.999999")
    assert asked_of("landed", {"to": "2026-08-30"}).query.until.hour == 23
    assert asked_of("landed", {"to": "2026-08-30T21:21+08:00"}).unread == ("to",)
    assert asked_of("blocked", {"state": "sent"}).query.states == ("blocked",)


def test_pages_lead_on_and_back(office, boss):
    take_in_many(office.runtime, "in", [Arrived(b"%d" % n, f"k{n:03}", "", {}) for n in range(60)])
    page = boss.get("/admin/landed").text
    onward = page.split("after=")[1].split('"')[0].replace("&amp;", "&")
    second = boss.get(f"/admin/landed?after={onward}").text
    assert (page.count('name="id"'), second.count('name="id"')) == (50, 10)
    assert "back=1" in second


def test_a_body_is_shown_when_it_is_asked_for_and_that_is_kept(office, boss):
    sent_order(office)
    found = only(office)
    page = boss.get(f"/admin/message/{found.id}").text
    assert f"/d/order/{found.record_id}" in page
    assert "message-body" not in page
    assert office.store.audit(document="_message") == []
    assert "message-body" in boss.get(f"/admin/message/{found.id}?body=1").text
    answer = boss.get(f"/admin/message/{found.id}/body")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert [one.action for one in office.store.audit(document="_message")] == ["message_read"] * 2
    assert "查看报文正文" in boss.get(f"/admin/message/{found.id}").text
    assert f"/admin/message/{found.id}" in boss.get("/admin/audit").text
    assert boss.get("/admin/message/nothing").status_code == 404


def test_who_may_not_see_all_of_the_document_sees_no_body(office, channel):
    made = Office({**FILES, "shared/user/access.yaml": ACCOUNTS}, channel=channel)
    app = create_app(lambda: made.runtime, WebSettings("s" * 32), faces=[admin.blueprint])
    set_password(made.runtime, made.people["boss"].id, PASSWORD)
    boss = Browser(app.test_client())
    boss.post("/login", {"login": "boss", "password": PASSWORD})
    sent_order(made)
    found = only(made)
    page = boss.get(f"/admin/message/{found.id}?body=1").text
    assert "您的角色不能看正文" in page
    assert "message-body" not in page
    assert boss.get(f"/admin/message/{found.id}/body").status_code == 403


def test_several_are_sent_again_after_it_was_said_how_many(office, boss, channel):
    sent_order(office)
    page = boss.post("/admin/messages/ask", {"room": "landed", "act": "resend", "matching": "1", "state": "sent"}).text
    assert "重发 1 份报文" in page
    assert 'name="matching"' in page
    assert only(office).state == "sent"
    assert act(boss, "landed", "resend", matching="1", state="sent").status_code == 303
    office.deliver()
    assert (len(channel.sent), only(office).resent) == (2, 1)
    assert boss.post("/admin/messages/ask", {"room": "landed", "act": "resend"}).status_code == 303
    assert (
        "重发 1 份" in boss.post("/admin/messages/ask", {"room": "landed", "act": "resend", "id": only(office).id}).text
    )
    assert boss.post("/admin/messages/do", {"room": "landed", "act": "burn"}).status_code == 400


def test_what_is_blocked_says_why_and_goes_to_the_end_or_away(office, boss, channel):
    channel.fault = DeliveryError(Incident("out", "no <route>"))
    sent_order(office)
    found = only(office)
    page = boss.get("/admin/blocked").text
    assert "no &lt;route&gt;" in page
    assert "检查网络、地址和对方服务" in page
    assert '<span class="badge">1</span>' in page
    assert act(boss, "blocked", "end", id=found.id, here="1").headers["Location"].endswith(found.id)
    assert "移到最后" in boss.get(f"/admin/message/{found.id}").text
    assert act(boss, "blocked", "discard", id=found.id, because=" ").status_code == 400
    assert act(boss, "blocked", "discard", id=found.id, because="已电话告知").status_code == 303
    assert only(office).state == "discarded"
    assert "已电话告知" in boss.get(f"/admin/message/{found.id}").text


def test_what_was_put_aside_is_released(office, boss):
    take_in_many(office.runtime, "in", [Arrived(b"<a/>", "A-1", "", {}), Arrived(b"<b/>", "A-1", "", {})])
    aside = only(office, states=("quarantined",))
    assert "编号相同而内容不同" in boss.get("/admin/exceptions?code=MSG201").text
    assert act(boss, "exceptions", "release", id=aside.id).status_code == 303
    assert landed_page(office.runtime, LandedQuery(states=("quarantined",))).messages == ()


def test_listening_is_stopped_and_started(office, boss):
    assert boss.post("/admin/listening/stop", {"name": "in"}).status_code == 303
    assert "停止" in boss.get("/admin/listening", headers={"HX-Request": "true"}).text
    assert boss.post("/admin/listening/start", {"all": "1"}).status_code == 303
    assert "启动中" in boss.get("/admin/listening?q=in").text
    assert boss.post("/admin/listening/stop").status_code == 400
    assert boss.post("/admin/listening/stop", {"name": "out"}).status_code == 404
    assert "没有符合条件的" in boss.get("/admin/listening?q=xyz").text


def test_channels_are_told_without_secrets_and_tried(office, boss):
    page = boss.get("/admin/channels").text
    assert "https://far.example/in" in page
    assert "pw@" not in page
    assert "这种通道不能试" in boss.post("/admin/channels/out/try").text
    office.runtime = replace(office.runtime, prober=lambda name, bound: Probed("3.12", 4))
    answer = boss.post("/admin/channels/out/try", headers={"HX-Request": "true"}).text
    assert "<html" not in answer
    assert "3.12" in answer
    assert "队列里 4 份" in answer

    def away(name, bound):
        raise DeliveryError(Incident(name, "no <route>"))

    office.runtime = replace(office.runtime, prober=away)
    assert "no &lt;route&gt;" in boss.post("/admin/channels/out/try").text
    assert office.store.audit(limit=1)[0].action == "channel_try"
    assert boss.post("/admin/channels/strange/try").status_code == 404


def test_english_is_complete(office, boss, channel):
    channel.fault = DeliveryError(Incident("out", "no route"))
    sent_order(office)
    boss.client.set_cookie("language", "en")
    assert "The channel cannot be reached" in boss.get("/admin/blocked").text
    assert "Move to the end" in boss.get(f"/admin/message/{only(office).id}").text


def test_bodies_are_laid_out_and_never_interpreted():
    xml = '<?xml version="1.0"?><a x="1"><b>甲</b><c/><d></d><e><![CDATA[<x>]]></e></a>'
    assert laid_out(xml.encode()) == (
        "xml",
        '<?xml version="1.0"?>\n<a x="1">\n  <b>甲</b>\n  <c/>\n  <d></d>\n  <e><![CDATA[<x>]]></e>\n</a>',
    )
    json = b'{"a":1.10,"b":[],"c":[{"x":"y:{"},2]}'
    assert laid_out(json) == (
        "json", '{\n  "a": 1.10,\n  "b": [],\n  "c": [\n    {\n      "x": "y:{"\n    },\n    2\n  ]\n}',
    )  # fmt: skip
    assert laid_out("甲,乙".encode("gb18030")) == ("text", "甲,乙")
    assert laid_out(b"\x00\xff\xfe") is None
    for hostile in ("<" * 200_000, "<!--" * 50_000, '{"' + '\\"' * 90_000, "[" * 200_000):
        assert laid_out(hostile.encode())
