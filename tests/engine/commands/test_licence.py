"""A licence from its application to its end: asked for, issued, taken, altered, run out; what waits without one."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

import app
from adapters.files.licences import FileLicences
from engine.commands.verbs import main
from engine.model.licence import LicenceDemand, LicenceFault, LicenceRefused, LicenceState, coded, is_code
from engine.model.traffic import Arrived, ChannelBinding
from engine.problems import Refused
from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases.acting import ENGINE
from engine.usecases.door_taking import take_from_door
from engine.usecases.landed import LandedQuery, landed_page
from engine.usecases.licence_taking import take
from engine.usecases.licensing import refuse_locked, standing
from engine.usecases.listening import Listening
from tests.engine.usecases.test_landing import Channel, sent_order

NOW = datetime(2026, 11, 22, 9)


class Source:
    """One message, as often as somebody listens."""

    def __init__(self):
        self.asked = 0

    def receive(self, limit, wait):
        self.asked += 1
        return []

    def accept(self, tags): ...
    def refuse(self, tag, *, again): ...
    def close(self): ...


@pytest.fixture(scope="module")
def issuer(tmp_path_factory):
    """Whoever issues: an installation of its own."""
    home = tmp_path_factory.mktemp("issuer")
    made = app.Office(app.Settings.of({"GUIJU_HOME": str(home / "var"), "GUIJU_DEFINITIONS": str(home)}))
    assert main(made, ["crypto", "authority", "issuer", "--out", str(home / "issuer.cer")]) == 0
    assert main(made, ["crypto", "authority", "other", "--out", str(home / "other.cer")]) == 0
    return made, home


@pytest.fixture
def issue(issuer, tmp_path, capsys):
    made, _ = issuer

    def run(code, *arguments, key="issuer", until="2126-12-31"):
        out = tmp_path / "issued.ase"
        said = ["--lang", "en", "licence", "issue", code, "--firm", "云岚", "--partner", "DXP9", "--key", key]
        capsys.readouterr()
        status = main(made, [*said, "--until", until, "--out", str(out), *arguments])
        return status, out.read_bytes() if out.exists() else b"", capsys.readouterr()

    return run


@pytest.fixture
def channel():
    return Channel()


@pytest.fixture
def shelf(tmp_path):
    return FileLicences(tmp_path / "node/Config/ASEUser.xml", tmp_path / "node/ASE_License.ase")


@pytest.fixture
def office(issuer, channel, shelf):
    made, home = issuer
    office = Office({**ORDER}, channel=channel)
    office.clock.at = NOW
    node = replace(office.runtime.node, licence=LicenceDemand((home / "issuer.cer").read_text()))
    office.runtime = replace(office.runtime, node=node, licences=shelf, crypto=made.crypto)
    return office


def why(office, content):
    with pytest.raises(LicenceRefused) as caught:
        take(office.runtime, ENGINE, content)
    return caught.value.fault


def altered(content, **terms):
    told = json.loads(content)
    told["licence"].update(terms)
    return json.dumps(told).encode()


def test_a_code_checks_itself(shelf):
    code = shelf.code()
    assert is_code(code)
    assert (len(code), shelf.code()) == (29, code)
    assert not is_code(code[:-1] + ("0" if code[-1] != "0" else "1"))
    assert not is_code(code.replace("-", ""))
    assert is_code(coded("0" * 20))


def test_an_application_that_was_altered_is_told(office, shelf, tmp_path):
    path = tmp_path / "node/Config/ASEUser.xml"
    code = shelf.code()
    assert f"<applyCode>{code}</applyCode>" in path.read_text("utf-8")
    path.write_text(path.read_text("utf-8").replace(code[:4], "ZZZZ" if code[:4] != "ZZZZ" else "YYYY"), "utf-8")
    stands = standing(office.runtime)
    assert (stands.state, stands.fault, stands.exchanges) == (LicenceState.REFUSED, LicenceFault.UNREADABLE, False)


def test_without_a_licence_messages_wait_and_leave_once_it_is_there(office, channel, shelf, issue):
    assert standing(office.runtime).state is LicenceState.WAITING
    sent_order(office)
    for _ in range(12):
        office.deliver()
        office.clock.move(hours=2)
    (blocked,) = landed_page(office.runtime, LandedQuery(states=("blocked",))).messages
    assert (blocked.code, channel.sent) == ("MSG116", [])
    assert "申请码" in blocked.repair["zh"]
    status, content, _ = issue(shelf.code())
    assert status == 0
    assert take(office.runtime, ENGINE, content).state is LicenceState.VALID
    office.deliver()
    assert len(channel.sent) == 1
    assert standing(office.runtime).licence.partner == "DXP9"


def test_without_a_licence_nothing_is_listened_to(office, shelf, issue):
    source = Source()
    channels = {**office.runtime.node.channels, "in": ChannelBinding("file", "in")}
    runtime = replace(office.runtime, node=replace(office.runtime.node, channels=channels), sources={"in": source})
    listening = Listening("in", "here")
    listening.step(runtime)
    assert source.asked == 0
    with pytest.raises(Exception, match="stopped"):
        take_from_door(runtime, "in", Arrived(b"x", "k"))
    shelf.write(issue(shelf.code())[1])  # put into the folder by hand
    listening.step(runtime)
    assert source.asked == 1


def test_what_is_wrong_with_a_file_is_named(office, shelf, issue):
    good, code = issue(shelf.code())[1], shelf.code()
    assert why(office, b"\x00junk") is LicenceFault.UNREADABLE
    assert why(office, b"[]") is LicenceFault.UNREADABLE
    assert why(office, b"[" * 5_000) is LicenceFault.UNREADABLE
    assert why(office, altered(good, expires="2999-01-01")) is LicenceFault.ALTERED
    assert why(office, altered(good, code=coded("1" * 20))) is LicenceFault.ALTERED
    assert why(office, good.replace(b'"signature": "', b'"signature": "AA')) is LicenceFault.ALTERED
    assert why(office, json.dumps({**json.loads(good), "signature": "\ud800"}).encode()) is LicenceFault.ALTERED
    assert why(office, issue(code, key="other")[1]) is LicenceFault.FOREIGN
    assert why(office, issue(coded("1" * 20))[1]) is LicenceFault.CODE
    assert why(office, issue(code, "--features", "elsewhere")[1]) is LicenceFault.SYSTEMS
    assert take(office.runtime, ENGINE, issue(code, "--features", "elsewhere, desk")[1]).exchanges
    assert standing(office.runtime).state is LicenceState.VALID
    assert why(office, altered(good, firm="别人")) is LicenceFault.ALTERED
    assert standing(office.runtime).state is LicenceState.VALID  # what is refused replaces nothing


def test_an_issuer_that_cannot_be_read_proves_nothing(office, shelf, issue):
    node = replace(office.runtime.node, licence=LicenceDemand("-----BEGIN CERTIFICATE-----\nx"))
    office.runtime = replace(office.runtime, node=node)
    assert why(office, issue(shelf.code())[1]) is LicenceFault.UNPROVEN


def test_one_that_has_run_out_lets_the_exchange_go_on_and_locks_settings(office, channel, shelf, issue):
    content = issue(shelf.code(), until="2126-12-31")[1]
    take(office.runtime, ENGINE, content)
    refuse_locked(office.runtime)
    office.clock.at = datetime(2126, 12, 15)
    assert standing(office.runtime).is_told  # it ends soon
    office.clock.at = datetime(2127, 1, 1)
    stands = standing(office.runtime)
    assert (stands.state, stands.exchanges, stands.locked) == (LicenceState.EXPIRED, True, True)
    with pytest.raises(Refused, match="licence"):
        refuse_locked(office.runtime)
    sent_order(office)
    office.deliver()
    assert len(channel.sent) == 1
    assert why(office, content) is LicenceFault.EXPIRED


def test_a_node_that_demands_none_is_free(office):
    free = replace(office.runtime, node=replace(office.runtime.node, licence=None))
    assert standing(free).state is LicenceState.FREE
    assert not standing(free).is_told
    with pytest.raises(LicenceRefused):
        take(free, ENGINE, b"{}")


def test_issuing_asks_for_what_it_needs(issue):
    assert issue("7K2M")[0] == 2
    assert "no application code" in issue("7K2M")[2].err
    status, _, said = issue(coded("2" * 20), until="2020-01-01")
    assert (status, "expired" in said.err) == (1, True)
    assert issue(coded("2" * 20), key="nobody")[0] == 1
    assert issue(coded("2" * 20), "--firm", "")[0] == 2


def test_the_node_tells_its_code_and_takes_a_file_at_the_console(issuer, issue, tmp_path, capsys):
    folder, home = tmp_path / "definitions", issuer[1]
    node = app.Office(app.Settings.of({"GUIJU_HOME": str(tmp_path / "var"), "GUIJU_DEFINITIONS": str(folder)}))
    pem = (home / "issuer.cer").read_text().replace("\n", "\n    ")
    folder.mkdir()
    assert main(node, ["new", "system", "desk"]) == 0
    (path,) = folder.glob("nodes/*.yaml")
    path.write_text(path.read_text("utf-8") + f"licence:\n  issuer: |\n    {pem}\n", "utf-8")
    node.settings = replace(node.settings, node=path.stem)

    def said(*arguments):
        capsys.readouterr()
        return main(node, ["--lang", "en", "licence", *arguments]), capsys.readouterr()

    _, found = said("code")
    code = found.out.strip()
    assert is_code(code)
    assert code in Path(tmp_path / "var/Config/ASEUser.xml").read_text("utf-8")
    status, found = said("show")
    assert (status, code in found.out, "waits" in found.out) == (1, True, True)
    (tmp_path / "got.ase").write_bytes(issue(code)[1])
    assert said("take", str(tmp_path / "got.ase"))[0] == 0
    assert (tmp_path / "var/ASE_License.ase").exists()
    assert said("show")[0] == 0
    assert said("take")[0] == 2
    assert said("take", str(tmp_path / "none"))[0] == 2
    (tmp_path / "got.ase").write_bytes(altered((tmp_path / "got.ase").read_bytes(), firm="x"))
    status, found = said("take", str(tmp_path / "got.ase"))
    assert (status, "altered" in found.err) == (1, True)
    node.database.close()
