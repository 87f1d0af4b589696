"""What stands beside a node with devices, as the composition root puts it together: simulators, pictures, the cable."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

import cabinets
import simulating
from adapters.devices.rack import rack_of
from adapters.devices.serial_wire import open_wire
from adapters.devices.simulators.far import FarCabinet
from adapters.files.disk import DiskFiles
from engine.model.criteria import ALWAYS, Selection
from engine.model.system import Node, Snapshots
from engine.model.traffic import ChannelBinding
from engine.problems import DeliveryError
from engine.testing.office import Office
from engine.usecases.deliver import deliver_due
from engine.usecases.watch_turns import run_watches
from tests.test_wiring import lines_of
from wiring import Lines, Severed

REMARK = """
document: remark
title: 备注
fields:
  text: {title: 内容, type: text, max: 80}
  picture: {title: 图片, type: file}
"""
WATCHES = """
watches:
  forced:
    title: 强开
    on: lock.forced
    do: [{create: remark, with: {text: "=board + ' ' + device.serial", picture: =picture}}]
"""
DEVICES = {
    "left": {"adapter": "lock_cu48", "port": "a", "address": "1", "every": "0.02"},
    "eye": {"adapter": "camera_v4l2", "path": "/dev/video0"},
}


@pytest.fixture
def stood(tmp_path, monkeypatch):
    """A node whose devices are simulated in a process apart, attended to as a served one is."""
    monkeypatch.setenv("GUIJU_SERIAL", "S-1")
    access = "access: {clerk: {read: '*'}}"
    files = {"desk/remark/document.yaml": REMARK, "desk/remark/access.yaml": access, "desk/watches.yaml": WATCHES}
    office = Office(files)
    shown = Snapshots("eye", ("lock.forced",), free=0)
    node = replace(office.runtime.node, devices=DEVICES, simulate=True, snapshots=shown)
    runtime = replace(office.runtime, node=node, files=DiskFiles(tmp_path / "files"))
    process = simulating.stand(node, tmp_path)
    far = FarCabinet(simulating.socket_of(tmp_path))
    devices = rack_of(far.words(), open_wire)
    held = [runtime]
    attendant = cabinets.attendant_of(lambda: held[0], devices, node, tmp_path)
    held[0] = replace(runtime, measured=attendant.measured)
    attendant.begin()
    time.sleep(0.2)
    yield held[0], far, tmp_path
    attendant.close()
    devices.close()
    process.kill()
    process.join()


def remarks(runtime):
    for _ in range(100):
        run_watches(runtime)
        deliver_due(runtime)
        with runtime.store.begin(write=False) as unit:
            found = unit.select(Selection("remark", ALWAYS))
        if found:
            return [one.values for one in found]
        time.sleep(0.05)
    return []


def test_what_happens_leaves_a_record_with_its_picture(stood):
    runtime, far, _ = stood
    far.ask('{"act": "force", "board": "left", "lock": 5}')
    (found,) = remarks(runtime)
    assert found["text"] == "left S-1"
    assert runtime.files.get(found["picture"].hash).startswith(b"\x89PNG")


def test_a_camera_that_fails_keeps_no_event_from_being_told(stood):
    runtime, far, _ = stood
    far.ask('{"act": "camera", "on": false}')
    far.ask('{"act": "force", "board": "left", "lock": 5}')
    (found,) = remarks(runtime)
    assert (found["text"], found["picture"]) == ("left S-1", None)


def test_a_device_row_knows_what_is_measured(stood):
    runtime, _, _ = stood
    row = runtime.measured()
    assert (row["name"], row["serial"], row["online"], row["lost"]) == ("test", "S-1", True, "")


class Line:
    sent = 0

    def send(self, body, *, key, kind, headers):
        self.sent += 1


def test_a_cable_that_is_cut_lets_nothing_out_and_later_everything(stood):
    _, far, home = stood
    line = Line()
    severed = Severed("out", line, lambda: simulating.is_cut(home))
    severed.send(b"1", key="a", kind="", headers={})
    far.ask('{"act": "network", "on": false}')
    with pytest.raises(DeliveryError):
        severed.send(b"2", key="b", kind="", headers={})
    far.ask('{"act": "network", "on": true}')
    severed.send(b"2", key="b", kind="", headers={})
    assert line.sent == 2


def test_lines_of_a_node_that_simulates_can_be_cut_and_others_are_as_they_were(tmp_path: Path):
    bound = {"out": ChannelBinding("file"), "in": ChannelBinding("file", "in")}
    plain, playing = Node("n", (), channels=bound), Node("n", (), channels=bound, devices=DEVICES, simulate=True)
    lines: Lines = lines_of(tmp_path)
    assert not isinstance(lines.channels(plain)["out"], Severed)
    assert isinstance(lines.channels(playing)["out"], Severed)
    assert isinstance(lines.sources(playing)["in"], Severed)


def test_which_devices_are_simulated(monkeypatch):
    some = {"left": DEVICES["left"], "right": {**DEVICES["left"], "simulate": "yes"}}
    assert list(simulating.simulated(Node("n", (), devices=some))) == ["right"]
    assert list(simulating.simulated(Node("n", (), devices=some, simulate=True))) == ["left", "right"]
    monkeypatch.setenv("GUIJU_SIMULATE", "1")
    assert list(simulating.simulated(Node("n", (), devices=some))) == ["left", "right"]
    assert not simulating.is_cabinet(Node("n", ()))


def test_a_serial_number_is_made_once(tmp_path, monkeypatch):
    monkeypatch.delenv("GUIJU_SERIAL", raising=False)
    made = cabinets.serial_of(tmp_path)
    assert cabinets.serial_of(tmp_path) == made
    assert len(made) == 12
