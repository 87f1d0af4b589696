"""Payment data on request over real HTTP: customs asks a platform, the platform answers and gives signed data."""

import socket
import threading
from datetime import timedelta
from urllib.parse import urlencode

import pytest
import urllib3
from werkzeug.serving import make_server

from engine.model.crypto import KeyKind
from engine.testing.office import SetClock
from engine.usecases.demo import DEMO_AUTHORITY, make_keys
from engine.web import WebSettings, create_app
from tests.journeys.test_exchange import BEGIN, FIRM, Node

OPEN = "/platDataOpen"
UPLOAD = "/ceb2grab/grab/realTimeDataUpload"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """The firm's node and that of customs, each behind a web server of its own, and their addresses."""
    ports = {"firms": free_port(), "customs": free_port()}
    address = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    folder = tmp_path_factory.mktemp("payment")
    clock = SetClock(BEGIN)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CUSTOMS_EXCHANGE", f"sqlite:///{folder / 'queues.db'}")
        environment.setenv("CUSTOMS_PAYMENT_URL", address["customs"])
        environment.setenv("PLATFORM_PAYMENT_URL", address["firms"])
        firm = Node("firms", folder / "firm", clock)
        customs = Node("customs", folder / "customs", clock)
        make_keys(firm.runtime)
        for name in (DEMO_AUTHORITY, "enterprise"):
            customs.runtime.crypto().issuing.trust(firm.runtime.crypto().desk.certificate(name))
        firm.person(["ecommerce", "platform_operator"], **FIRM, firm_kinds=["platform", "seller"])
        customs.person(["customs_officer"], name="海关", TYSHXYDM="11990101750000974H")
        servers = []
        for name, node in (("firms", firm), ("customs", customs)):
            served = create_app(lambda node=node: node.runtime, WebSettings(secret_key="0" * 32))
            servers.append(make_server("127.0.0.1", ports[name], served, threaded=True))
            threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        yield firm, customs, address
        for one in servers:
            one.shutdown()
            one.server_close()
        for one in (*firm.listening, *customs.listening):
            one.close()


def run(*nodes: Node) -> None:
    while sum(node.run() for node in nodes):
        pass


def record(firm: Node, number: str, *orders: str) -> str:
    return firm.act(
        "enter", "payment_record", payTransactionId=f"P-{number}", payCode="9901970033", initalRequest='{"pay":"1"}',
        initalResponse="ok=1", totalAmount="218.20", tradingTime="2026-05-06 08:00", verDept="1", payType="3",
        orders=[{"orderNo": one, "recpAccount": "6222000000001", "recpName": "云岚"} for one in orders],
        goods=[{"orderNo": one, "gname": "面霜", "itemLink": "https://shop.example/1"} for one in orders],
    )  # fmt: skip


def test_customs_asks_and_the_platform_gives_signed_data(both):
    firm, customs, _ = both
    record(firm, "1", "YL1", "YL2")
    check = customs.act("ask", "payment_check", orderNo="YL2")
    run(customs, firm)
    asked = next(one for one in firm.all("payment_inquiry") if one["orderNo"] == "YL2")
    assert (asked["state"], asked["answer_code"], asked["answer_text"]) == ("uploaded", "10000", "上传成功")
    given = customs.of("payment_check", check)
    assert (given["state"], given["sessionID"], given["payTransactionId"]) == ("given", asked["sessionID"], "P-1")
    assert (str(given["totalAmount"]), given["orders"]) == ("218.20000", "YL1,YL2")
    assert given["certNo"] == firm.runtime.crypto().provider().certificate("enterprise").number


def test_data_that_come_later_are_given_then(both):
    firm, customs, _ = both
    check = customs.act("ask", "payment_check", orderNo="YL9")
    run(customs, firm)
    assert customs.of("payment_check", check)["state"] == "promised"
    assert next(one for one in firm.all("payment_inquiry") if one["orderNo"] == "YL9")["state"] == "lacking"
    record(firm, "9", "YL9")
    run(firm, customs)
    assert customs.of("payment_check", check)["state"] == "given"


def post(address: str, field: str, text: str) -> dict:
    body = urlencode({field: text}).encode()
    head = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = urllib3.request("POST", address, body=body, headers=head, retries=False)
    assert answer.status == 200
    return answer.json()


def test_what_is_wrong_is_answered_by_its_code(both):
    firm, _, address = both
    assert post(address["firms"] + OPEN, "openReq", "{")["code"] == "20000"
    missing = post(address["firms"] + OPEN, "openReq", '{"orderNo":"YL1"}')
    assert (missing["code"], "sessionID" in missing["message"]) == ("20000", True)
    good = post(address["firms"] + OPEN, "openReq", '{"orderNo":"YL1","sessionID":"S-1","serviceTime":1544519952469}')
    assert (good["code"], good["serviceTime"]) == ("10000", int((BEGIN.timestamp() - 8 * 3600) * 1000))
    again = post(address["firms"] + OPEN, "openReq", '{"orderNo":"YL1","sessionID":"S-1","serviceTime":1544519952469}')
    assert again["code"] == "10000"
    assert len([one for one in firm.all("payment_inquiry") if one["sessionID"] == "S-1"]) == 1
    run(firm)  # customs never asked under this number
    refused = next(one for one in firm.all("payment_inquiry") if one["sessionID"] == "S-1")
    assert (refused["state"], refused["answer_code"]) == ("failed", "20004")
    assert (
        post(address["customs"] + UPLOAD, "payExInfoStr", '{"sessionID":"S-1","signValue":"AA=="}')["code"] == "20002"
    )
    assert post(address["customs"] + UPLOAD, "other", "{}")["code"] == "20001"


def test_a_key_that_customs_does_not_know_is_refused(both):
    firm, customs, _ = both
    room = firm.runtime.crypto()
    room.desk.create("other", KeyKind.RSA)
    room.issuing.authority("elsewhere", BEGIN - timedelta(days=1), BEGIN + timedelta(days=9))
    issued = room.issuing.issue(
        "elsewhere", room.issuing.request("other"), BEGIN - timedelta(days=1), BEGIN + timedelta(days=9)
    )
    before = room.desk.certificate("enterprise")
    record(firm, "7", "YL7")
    check = customs.act("ask", "payment_check", orderNo="YL7")
    folder = room._folder / "signing"
    kept = {name: (folder / f"enterprise.{name}").read_bytes() for name in ("cer",)}
    (folder / "enterprise.cer").write_bytes(issued)
    try:
        run(customs, firm)
    finally:
        (folder / "enterprise.cer").write_bytes(kept["cer"])
    assert before == kept["cer"]
    asked = next(one for one in firm.all("payment_inquiry") if one["orderNo"] == "YL7")
    assert (asked["state"], asked["answer_code"], asked["answer_text"]) == ("failed", "20002", "签名证书不受信任")
    assert customs.of("payment_check", check)["state"] == "promised"
    firm.act("again", "payment_inquiry", asked["id"])
    run(firm, customs)
    assert customs.of("payment_check", check)["state"] == "given"
