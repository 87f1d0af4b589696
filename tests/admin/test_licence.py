"""The page of the licence: the code, a file brought and refused, what every page says of it."""

import io
from dataclasses import replace
from datetime import datetime

import pytest

import app
from adapters.files.licences import FileLicences
from engine.commands.verbs import main
from engine.model.licence import LicenceDemand
from engine.testing.office import BASE, Office
from tests.web.conftest import FILES

ACCESS = BASE["shared/user/access.yaml"].replace("boss: {read: [name]}", 'boss: {read: "*", create: true, edit: "*"}')


@pytest.fixture(scope="module")
def issuer(tmp_path_factory):
    home = tmp_path_factory.mktemp("issuer")
    made = app.Office(app.Settings.of({"GUIJU_HOME": str(home / "var"), "GUIJU_DEFINITIONS": str(home)}))
    assert main(made, ["crypto", "authority", "issuer", "--out", str(home / "issuer.cer")]) == 0
    return made, home


@pytest.fixture
def office(issuer, tmp_path):
    made, home = issuer
    office = Office({**FILES, "shared/user/access.yaml": ACCESS})
    office.clock.at = datetime(2026, 11, 22, 9)
    node = replace(office.runtime.node, licence=LicenceDemand((home / "issuer.cer").read_text()))
    shelf = FileLicences(tmp_path / "Config/ASEUser.xml", tmp_path / "ASE_License.ase")
    office.runtime = replace(office.runtime, node=node, licences=shelf, crypto=made.crypto)
    return office


def brought(browser, content):
    return browser.post("/admin/licence", {"file": (io.BytesIO(content), "ASE_License.ase")})


def test_a_licence_is_applied_for_and_brought(office, issuer, sign_in, tmp_path):
    made, _ = issuer
    boss, clerk = sign_in("boss"), sign_in("clerk")
    code = office.runtime.licences.code()
    assert "本节点还没有授权" in boss.get("/").text
    assert "本节点还没有授权" not in clerk.get("/").text
    assert code in boss.get("/admin/licence").text
    assert f"<applyCode>{code}</applyCode>" in boss.get("/admin/licence/application").text
    assert clerk.get("/admin/licence").status_code == 404
    refused = brought(boss, b"nothing")
    assert (refused.status_code, "不是授权文件" in refused.text) == (422, True)
    out = tmp_path / "issued.ase"
    terms = ["--firm", "云岚<b>", "--partner", "DXP9", "--until", "2126-12-31", "--key", "issuer", "--out", str(out)]
    assert main(made, ["licence", "issue", code, *terms]) == 0
    assert clerk.post("/admin/licence", {"file": (io.BytesIO(out.read_bytes()), "x")}).status_code == 404
    assert brought(boss, out.read_bytes()).status_code == 303
    page = boss.get("/admin/licence").text
    assert "已授权" in page
    assert "云岚&lt;b&gt;" in page
    assert "还没有授权" not in boss.get("/").text
    altered = brought(boss, out.read_bytes().replace("云岚".encode(), "海岚".encode()))
    assert (altered.status_code, "签名不成立" in altered.text) == (422, True)
    office.clock.at = datetime(2127, 1, 1)
    boss = sign_in("boss")  # that session is over by then
    assert "配置已锁定" in boss.get("/").text
    assert "配置锁定" in boss.get("/admin/licence").text
    assert boss.post("/admin/channels/out", {"adapter": "file"}).status_code == 409
    assert boss.post("/admin/channels/out/reset").status_code == 409
    assert boss.post("/admin/security/provider", {"provider": ""}).status_code == 409
    assert boss.post("/admin/security/consent", {"purpose": "business", "answer": "no"}).status_code == 409
    assert "disabled" in boss.get("/admin/channels/out").text
    assert "停止加签" not in boss.get("/admin/security").text


def test_a_node_that_demands_none_says_so(office, sign_in):
    office.runtime = replace(office.runtime, node=replace(office.runtime.node, licence=None))
    boss = sign_in("boss")
    assert "不要求授权" in boss.get("/admin/licence").text
    assert "/admin/licence" not in boss.get("/admin/monitor").text
