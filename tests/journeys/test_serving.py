"""Several processes serve one node: one that dies is replaced, and whoever begins late has the present definitions."""

import os
import shutil
import signal
import time
from datetime import timedelta
from pathlib import Path
from urllib.request import urlopen

import serving
from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases.deliver import Held
from tests.browser.product import ROOT, running


def children(parent: int) -> set[int]:
    """Processes that serve, begun by a process and alive; those beside them make fonts."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, above = path.read_text().rpartition(")")[2].split()[:2]
            serves = b"guiju" in (path.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if int(above) == parent and state != "Z" and serves:
            found.add(int(path.parent.name))
    return found


def awaited(parent: int, count: int, gone: set[int]) -> set[int]:
    """The processes, once there are so many and none of those that are gone."""
    for _ in range(300):
        found = children(parent)
        if len(found) == count and not found & gone:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{len(found)} processes instead of {count}")


def test_a_process_that_dies_is_replaced_while_the_other_answers(tmp_path, monkeypatch):
    monkeypatch.setenv("GUIJU_WORKERS", "2")
    monkeypatch.setenv("GUIJU_DEFINITIONS", str(listening(tmp_path / "definitions")))
    with running(tmp_path / "var", demo=False) as product:
        serving = awaited(product.process, 2, set())
        first = min(serving)
        os.kill(first, signal.SIGKILL)
        fresh = awaited(product.process, 2, {first})
        assert len(fresh & serving) == 1
        for _ in range(10):
            with urlopen(f"{product.address}/login", timeout=10) as answer:  # noqa: S310 -- our own server
                assert answer.status == 200
        for number in range(5):  # whoever is there takes what comes in
            (product.home / "spool/drop" / f"{number}.xml").write_text("<a/>", encoding="utf-8")
        done = product.home / "spool/drop/done"
        for _ in range(300):
            if len(list(done.iterdir())) == 5:
                return
            time.sleep(0.1)
        raise AssertionError("nobody listens")


def listening(folder: Path) -> Path:
    """The shipped definitions with a channel that comes in by a folder."""
    shutil.copytree(ROOT / "definitions", folder)
    node = folder / "nodes/demo.yaml"
    text = node.read_text("utf-8")
    channel = "  drop: {adapter: file, direction: in, folder: drop, quiet: 0.2}\n"
    node.write_text(text.replace("channels:\n", f"channels:\n{channel}"), "utf-8")
    return folder


def test_what_changed_before_a_process_began_is_told_at_once(tmp_path):
    (tmp_path / "one.yaml").write_text("a: 1\n", encoding="utf-8")
    seen = serving.stamp(tmp_path)
    (tmp_path / "one.yaml").write_text("a: 12\n", encoding="utf-8")
    begun = time.monotonic()
    next(serving.changes(tmp_path, seen))
    assert time.monotonic() - begun < serving.RELOAD_REST


def test_a_worker_that_was_away_counts_from_when_it_is_back():
    office = Office(ORDER)
    for minutes in (0, 1, 40, 1):
        office.clock.move(minutes=minutes)
        serving.turn(office.runtime, Held())
    assert office.runtime.uptime.since == office.clock.now() - timedelta(minutes=1)
