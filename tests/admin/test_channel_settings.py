"""Channels set by an operator: chosen, filled in, tried before and after, sealed, taken back; locked by a licence."""

import json
from dataclasses import replace

import pytest

from engine.checks.outside import _ADAPTERS
from engine.model.traffic import ChannelBinding
from engine.ports.watching import Probed
from engine.problems import Refused
from engine.testing.office import BASE, Office
from engine.usecases.channel_kinds import KINDS, binding_of, fault_of, kinds_for
from engine.usecases.configured_records import CONFIGURED
from engine.usecases.configuring import channel_set, kept, node_with, reset_channel, set_channel, stamp
from tests.web.conftest import FILES

ACCESS = BASE["shared/user/access.yaml"].replace("boss: {read: [name]}", 'boss: {read: "*", create: true, edit: "*"}')
CHANNELS = {
    "in": ChannelBinding("file", "in"),
    "out": ChannelBinding("file", most=4 << 20, settings={"folder": "orders"}),
    "sms": ChannelBinding("spool"),
}
RABBIT = {
    "adapter": "rabbitmq", "host": "mq.example", "port": "5671", "tls": "true", "vhost": "/", "user": "a b",
    "password": "p@ss/1", "queue": "orders", "declare": "false", "most": "4096KB",
}  # fmt: skip


@pytest.fixture
def office():
    made = Office({**FILES, "shared/user/access.yaml": ACCESS})
    made.runtime = replace(made.runtime, node=replace(made.runtime.node, channels=CHANNELS))
    return made


def bound(office, name="out"):
    return node_with(office.runtime.node, kept(office.store)).channels[name]


def wrong(office, **raw):
    with pytest.raises(Refused) as caught:
        set_channel(office.runtime, office.people["boss"], "out", raw)
    return {one.at[0]: one.text["en"] for one in caught.value.findings}


def test_a_channel_is_bound_as_it_was_set_and_as_the_file_says_once_that_is_taken_back(office):
    boss, before = office.people["boss"], stamp(office.store)
    set_channel(office.runtime, boss, "out", RABBIT)
    found = bound(office)
    assert (found.adapter, found.direction, found.most, found.tries) == ("rabbitmq", "out", 4 << 20, 8)
    assert found.settings == {"queue": "orders", "declare": "false"}
    assert found.secrets == {"url": "amqps://a%20b:p%40ss%2F1@mq.example:5671/%2F"}
    assert "p%40" not in repr(found)
    first = stamp(office.store)
    set_channel(office.runtime, boss, "out", {**RABBIT, "password": "", "queue": "other"})  # the password stays
    assert bound(office).secrets == found.secrets
    assert len({before, first, stamp(office.store)}) == 3
    reset_channel(office.runtime, boss, "out")
    assert bound(office) == CHANNELS["out"]
    set_channel(office.runtime, boss, "out", {**RABBIT, "password": ""})  # nothing of it was kept
    assert bound(office).secrets == {"url": "amqps://a%20b:@mq.example:5671/%2F"}


def test_what_was_set_is_audited_and_its_secrets_are_not(office):
    set_channel(office.runtime, office.people["boss"], "out", RABBIT)
    (entry,) = office.store.audit(limit=1)
    assert (entry.action, entry.actor) == ("channel_set", office.people["boss"].id)
    assert entry.detail["host"] == "mq.example"
    assert entry.detail["password"] == "*"
    assert "p@ss" not in json.dumps([dict(one.detail) for one in office.store.audit()])
    from engine.usecases.internal import storages

    (storage,) = [one for one in storages() if one.document == CONFIGURED]
    assert {one.name: one.encrypted for one in storage.columns} == {"name": False, "content": False, "secrets": True}


def test_what_is_wrong_is_told_at_its_place(office):
    assert wrong(office, adapter="rabbitmq", port="0", most="big") == {
        "host": "give a value", "port": "a number above nothing", "most": "write 4096KB or 4MB",
    }  # fmt: skip
    assert set(wrong(office, adapter="rabbitmq", host="a@b")) == {"host"}
    assert wrong(office, adapter="http", url="https://me:pw@x.example")["url"] == "no password in an address"
    assert set(wrong(office, adapter="http", url="ftp://x")) == {"url"}
    assert set(wrong(office, adapter="http", url="http://[")) == {"url"}
    assert set(wrong(office, adapter="file", folder="../../etc")) == {"folder"}
    assert set(wrong(office, adapter="file", folder="x", name="a\x00b")) == {"name"}
    assert set(wrong(office, adapter="database", queue="q" * 501)) == {"queue"}
    assert set(wrong(office, adapter="carrier_pigeon")) == {"adapter"}
    assert kept(office.store) == {}
    for name in ("nowhere", "sms"):
        with pytest.raises(Refused):
            set_channel(office.runtime, office.people["boss"], name, RABBIT)
    with pytest.raises(Refused):  # it only sends
        set_channel(office.runtime, office.people["boss"], "in", {"adapter": "http", "url": "https://x.example"})


def test_addresses_are_put_together():
    out = ChannelBinding("file")
    mq = {"adapter": "ibm_mq", "host": "::1", "user": "app", "manager": "QM1", "mq_channel": "C"}
    assert binding_of(out, mq, {"password": "x"}).secrets == {"url": "mq://app:x@[::1]:1414"}
    assert binding_of(out, {"adapter": "http", "url": "https://x"}, {"token": "t"}).secrets == {"token": "t"}
    assert binding_of(out, {"adapter": "rabbitmq", "host": "h"}, {}).secrets == {"url": "amqp://h:5672/%2F"}
    assert binding_of(out, {"adapter": "database", "queue": "q", "tries": "3"}, {"url": ""}).tries == 3


def test_what_the_environment_holds_is_not_asked_for_again(office):
    settings = {"url_from": "MQ", "own": "US", "partner": "T", "key": "a", "certificate": "b", "receipts_within": "60"}
    channels = {"out": ChannelBinding("as2", settings=settings)}
    office.runtime = replace(office.runtime, node=replace(office.runtime.node, id="other", channels=channels))
    raw = {"adapter": "as2", "own": "WE", "partner": "T", "key": "a", "certificate": "b"}
    set_channel(office.runtime, office.people["boss"], "out", raw)
    found = bound(office)
    assert (found.settings["url_from"], found.settings["own"], found.secrets) == ("MQ", "WE", {})
    assert found.settings["receipts_within"] == "60"
    set_channel(office.runtime, office.people["boss"], "out", {**raw, "url": "https://x.example"})
    assert "url_from" not in bound(office).settings
    assert bound(office).secrets == {"url": "https://x.example"}


def test_what_is_asked_for_is_what_adapters_know():
    """Every key of a node file can be filled in here, but for addresses out of the environment and what few need."""
    left = {"url_from", "token_from", "receipts_by", "receipts_within", "done", "authority"}
    own = {"host", "port", "tls", "vhost", "user", "password", "url", "token", "most", "tries"}
    for name, kind in KINDS.items():
        asked = {one.name for one in (*kind.asked("in"), *kind.asked("out"))}
        known = _ADAPTERS[name].knows
        assert known - asked <= left, name
        assert asked - known <= own, name
    assert "http" not in {one.name for one in kinds_for("in")}
    assert all(fault_of(one, "") == "" for kind in KINDS.values() for one in kind.settings if not one.required)


def test_the_page_shows_no_secret_and_advises(office, sign_in):
    boss, clerk = sign_in("boss"), sign_in("clerk")
    assert clerk.get("/admin/channels/out").status_code == 404
    assert clerk.post("/admin/channels/out", RABBIT).status_code == 404
    page = boss.get("/admin/channels/out").text
    assert 'value="orders"' in page
    assert 'value="4MB"' in page
    assert "每天多于 5,000 票" in page
    assert 'name="host"' in boss.get("/admin/channels/out?adapter=rabbitmq").text
    assert boss.get("/admin/channels/sms").status_code == 404
    refused = boss.post("/admin/channels/out", {**RABBIT, "host": "", "queue": "typed"})
    assert (refused.status_code, 'value="typed"' in refused.text, "p@ss" in refused.text) == (422, True, False)
    assert 'aria-invalid="true"' in refused.text
    assert boss.post("/admin/channels/out", RABBIT).status_code == 303
    page = boss.get("/admin/channels/out").text
    assert "mq.example" in page
    assert "已封存" in page
    assert "p@ss" not in page
    assert "p%40ss" not in page
    assert "已在此设置" in boss.get("/admin/channels").text
    assert boss.post("/admin/channels/out/reset").status_code == 303
    assert channel_set(office.runtime, "out") is None
    boss.client.set_cookie("language", "en")
    assert "For more than 5,000 messages a day" in boss.get("/admin/channels/out").text


def test_what_is_typed_is_tried_before_it_is_saved(office, sign_in):
    tried = []

    def prober(name, binding):
        tried.append(binding)
        return Probed("q", 3, probed=True)

    office.runtime = replace(office.runtime, prober=prober)
    boss = sign_in("boss")
    answer = boss.post("/admin/channels/out/try", RABBIT, headers={"HX-Request": "true"}).text
    assert "探针已送达并取回" in answer
    assert tried[0].secrets["url"].startswith("amqps://")
    assert kept(office.store) == {}
    assert "<h1>out" in boss.post("/admin/channels/out/try", RABBIT).text
    answer = boss.post("/admin/channels/out/try", {**RABBIT, "host": ""}, headers={"HX-Request": "true"}).text
    assert ("主机" in answer, "<html" in answer, len(tried)) == (True, False, 2)


def test_a_channel_that_the_file_no_longer_has_is_left_alone(office):
    set_channel(office.runtime, office.people["boss"], "out", RABBIT)
    node = replace(office.runtime.node, channels={"in": CHANNELS["in"]})
    assert node_with(node, kept(office.store)).channels == {"in": CHANNELS["in"]}


def test_the_own_side_is_told_where_it_is_set(office, sign_in):
    boss = sign_in("boss")
    page = boss.get("/admin/enterprise").text
    assert "spool/orders" in page
    assert "/admin/channels/in" in page
    assert office.org in page or "基本信息" in page
    set_channel(office.runtime, office.people["boss"], "in", {"adapter": "file", "folder": "drop", "poll": "30"})
    node = node_with(office.runtime.node, kept(office.store))
    office.runtime = replace(office.runtime, node=node)
    page = boss.get("/admin/enterprise").text
    assert "spool/drop" in page
    assert '<td class="number">30</td>' in page
    assert sign_in("clerk").get("/admin/enterprise").status_code == 404
