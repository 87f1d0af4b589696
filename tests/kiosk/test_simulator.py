"""The page of a simulated cabinet: for the machine itself alone, orders by JSON, no other site's."""

from datetime import datetime

import pytest

from adapters.devices.rack import rack_of
from adapters.devices.serial_wire import open_wire
from adapters.devices.simulators import served
from adapters.devices.simulators.cabinet import SimulatedCabinet
from engine.testing.office import Office
from engine.web import WebSettings, create_app
from kiosk import simulator
from kiosk.attending import Attendant

WORDS = {"left": {"adapter": "lock_cu48", "port": "a", "address": "1"}}
PLACE = "/simulator"


class Near:
    """The cabinet in this process."""

    def __init__(self, cabinet):
        self.cabinet, self.away = cabinet, False

    def ask(self, order):
        if self.away:
            raise OSError
        return served.answer(self.cabinet, order.encode())


@pytest.fixture
def shown(tmp_path):
    cabinet, office = SimulatedCabinet(WORDS, tmp_path), Office({})
    devices = rack_of(cabinet.words, open_wire)
    attendant = Attendant(devices, (), lambda name, values, at: None, lambda: datetime(2026, 11, 22, 8, 30))
    app = create_app(lambda: office.runtime, WebSettings(secret_key="x" * 32))
    app.extensions[simulator.PLAY] = simulator.Play(Near(cabinet), attendant)
    app.register_blueprint(simulator.blueprint)
    yield app.test_client(), attendant, app.extensions[simulator.PLAY]
    devices.close()
    cabinet.close()


@pytest.mark.parametrize("heads", [{"Host": "elsewhere.example"}, {"X-Forwarded-For": "192.0.2.7"}], ids=str)
def test_a_name_that_leads_here_opens_nothing(shown, heads):
    client, _, _ = shown
    origin = f"http://{heads.get('Host', 'localhost')}"
    told = client.post(f"{PLACE}/act", json={"act": "reset"}, headers={**heads, "Origin": origin})
    assert told.status_code == 404
    assert client.get(f"{PLACE}/state", headers=heads).status_code == 404


def test_hands_and_what_is_heard(shown):
    client, _, play = shown
    told = client.post(f"{PLACE}/act", json={"act": "force", "board": "left", "lock": 7}).json
    assert told["devices"][0]["open"] == [7]
    play._hear("lock.forced", {"board": "left", "lock": 7})
    state = client.get(f"{PLACE}/state").json
    assert state["heard"] == [
        {"number": 1, "at": "08:30:00", "name": "lock.forced", "values": {"board": "left", "lock": "7"}}
    ]
    assert (state["health"], state["cabinet"]["devices"][0]["open"]) == ({"left": "new"}, [7])
    page = client.get(PLACE, headers={"Accept-Language": "en"}).text
    assert "<script>" not in page
    with client.get(page.split('stylesheet" href="')[2].split('"')[0]) as sheet:
        assert sheet.status_code == 200


def test_what_is_not_understood(shown):
    client, _, play = shown
    assert "wrong" in client.post(f"{PLACE}/act", json={"act": "fly"}).json
    assert client.post(f"{PLACE}/act", json={"act": "fly"}).status_code == 400
    play.cabinet.away = True
    assert client.get(f"{PLACE}/state").status_code == 503


def test_who_may(shown):
    client, _, _ = shown
    far = {"REMOTE_ADDR": "192.0.2.9"}
    assert client.get(f"{PLACE}/state", environ_overrides=far).status_code == 404
    order = {"act": "network", "on": False}
    assert client.post(f"{PLACE}/act", json=order, headers={"Origin": "https://else.example"}).status_code == 400
    assert client.post(f"{PLACE}/act", data={"act": "reset"}).status_code == 400
    assert client.post(f"{PLACE}/act", json=order, headers={"Origin": "http://localhost"}).json["network"] is False
