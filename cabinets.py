"""Composition root, cabinets: the devices of a node, who attends to them, the flow of its touch screen.

In: a node, the folder of its installation, its runtime. Out: what stands beside the web application in the one process
that serves such a node: ports belong to one alone.
"""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from flask import Flask

from adapters.devices.rack import rack_of
from adapters.devices.serial_wire import open_wire
from adapters.devices.simulators.far import FarCabinet
from adapters.files.disk import DiskFiles
from adapters.files.pictures import PictureFolder
from adapters.host.network import LinuxNetwork
from adapters.versions.places import running
from engine.model.device_kinds import (
    CAMERA,
    CLIMATE,
    CONTACTS,
    CURRENT,
    DEVICE_KINDS,
    FINGER,
    LOCK,
    RADIO,
    SUPPLY,
    classes,
)
from engine.model.devices import DeviceFault
from engine.model.system import Node
from engine.ports.devices import Devices
from engine.ports.watching import NetworkState
from engine.usecases.happenings import tell
from engine.usecases.monitoring import waiting_to_leave
from engine.usecases.own_machine import machine
from engine.usecases.runtime import Runtime
from kiosk import face, rounds, simulator
from kiosk.attending import Attendant, Post
from kiosk.service import KioskService
from simulating import is_cut, simulated, socket_of

LOG = logging.getLogger("guiju")
_EVERY: Mapping[str, float] = {LOCK: 0.2, CONTACTS: 0.1, SUPPLY: 2.0, CLIMATE: 5.0, CURRENT: 5.0, RADIO: 30.0}
_ASKED, _CAMERA, _SPEAKS = 15.0, 60.0, 1.0
"""Seconds between two looks, where the node does not say: by class; of what is only asked whether it is there, and of
readers that speak by themselves, whose words are let go of where nobody reads them."""


@dataclass(frozen=True, slots=True)
class _CutNetwork:
    """The network of the machine, behind the cable of the simulated cabinet."""

    home: Path

    def state(self) -> NetworkState:
        return NetworkState(online=False) if is_cut(self.home) else NetworkState(online=True, address="127.0.0.1")


def begin(web: Flask, runtime: Callable[[], Runtime], home: Path, know: Callable[..., None]) -> Attendant:
    """Open the devices, attend to them, begin the flow of the touch screen, and put its pages into the application.
    `know` puts fields into the runtime. Raises ValueError for words that cannot be meant, OSError where the simulators
    are not there."""
    node = runtime().node
    words, far, mine = dict(node.devices), FarCabinet(socket_of(home)), simulated(node)
    if mine:
        words |= {name: said for name, said in far.words().items() if name in mine}
    devices = rack_of(words, open_wire)
    attendant = attendant_of(runtime, devices, node, home)
    if mine:
        web.extensions[simulator.PLAY] = simulator.Play(far, attendant)
        web.register_blueprint(simulator.blueprint)
    know(measured=attendant.measured)
    service = KioskService(runtime, devices, attendant) if node.kiosk is not None else None
    attendant.begin()  # who listens does so by now
    if service is not None:
        web.extensions[face.SERVICE] = service
        web.register_blueprint(face.blueprint)
        service.begin()
    return attendant


def attendant_of(runtime: Callable[[], Runtime], devices: Devices, node: Node, home: Path) -> Attendant:
    """Who attends to these devices and to the machine."""
    posts = [*(_post(devices, name, said) for name, said in node.devices.items()), *_own_posts(runtime, node, home)]
    about = {"name": node.title.zh or node.id, "serial": serial_of(home), "version": running()}
    return Attendant(
        devices,
        posts,
        lambda name, values, at: tell(runtime(), name, values, at=at),
        runtime().clock.now,
        pictured=_pictures(runtime, devices, node, home),
        beside=lambda: about,
        classes=classes(node.devices),
    )


def _post(devices: Devices, name: str, said: Mapping[str, str]) -> Post:
    kind = DEVICE_KINDS[said["adapter"]].device
    usual = _SPEAKS if said["adapter"] == "zones_serial" else _CAMERA if kind == CAMERA else _EVERY.get(kind, _ASKED)
    return Post(name, kind, _round(devices, name, kind, float(said.get("every", usual))))


def _round(devices: Devices, name: str, kind: str, every: float) -> rounds.Round:
    if kind == LOCK:
        return rounds.LockRound(name, devices.locks(name), every)
    if kind == CONTACTS:
        return rounds.InputRound(name, devices.contacts(name), every)
    if kind == SUPPLY:
        return rounds.SupplyRound(devices.supply(name), every)
    if kind == FINGER:
        return rounds.FingerRound(name, devices, every)
    measured = {
        CLIMATE: lambda: rounds.climate(devices.climate(name)),
        CURRENT: lambda: rounds.current(devices.current(name)),
        RADIO: lambda: rounds.radio(devices.radio(name)),
    }
    return rounds.MeterRound(measured.get(kind, lambda: rounds.answers(devices, name)), every)


def _own_posts(runtime: Callable[[], Runtime], node: Node, home: Path) -> list[Post]:
    network = _CutNetwork(home) if simulated(node) else LinuxNetwork()
    posts = [
        Post("network", "node", rounds.NetworkRound(network, 2.0)),
        Post("messages", "node", rounds.MeterRound(lambda: {"waiting": waiting_to_leave(runtime())}, 5.0)),
    ]
    host = runtime().host
    if host is not None:
        posts.append(Post("machine", "node", rounds.MeterRound(partial(machine, host), 5.0)))
    return posts


def _pictures(
    runtime: Callable[[], Runtime], devices: Devices, node: Node, home: Path
) -> Callable[[str], Mapping[str, object]]:
    told, files = node.snapshots, runtime().files
    if told is None or not isinstance(files, DiskFiles):
        return lambda name: {}
    shelf = PictureFolder(files, home / "pictures.list", told.free)

    def pictured(name: str) -> Mapping[str, object]:
        """A camera that fails, or a full disk, never keeps an event from being told."""
        if name not in told.on:
            return {}
        try:
            taken = devices.camera(told.camera).snapshot()
            suffix = taken.media_type.rpartition("/")[2]
            return {"picture": shelf.keep(taken.data, f"{name}.{suffix}", taken.media_type)}
        except (DeviceFault, OSError) as fault:
            LOG.warning("no picture: %s", fault, extra={"about": {"name": name}})
            return {}

    return pictured


def serial_of(home: Path) -> str:
    """The serial number of this machine: GUIJU_SERIAL, or one that is made at first and kept."""
    told, path = os.environ.get("GUIJU_SERIAL", ""), home / "serial"
    if told:
        return told
    if not path.exists():
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.write_text(f"{secrets.token_hex(6).upper()}\n", "ascii")
        fresh.rename(path)
    return path.read_text("ascii").strip()
