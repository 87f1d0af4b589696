"""A process that dies at one boundary, over a real database file and a real folder of messages.

It plays an approval whose end creates a letter, sends a message and starts a deadline; every commit and every call to
the outside has a boundary before and after it. Without a number it runs to the end and tells how many it passed.
"""

from __future__ import annotations

import os
import tempfile
import traceback
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from adapters.clock.system import TimeOrderedIds
from adapters.crypto.fields import Sm4FieldCipher
from adapters.crypto.keys import open_key_file
from adapters.database.store import DatabaseStore
from adapters.file_channel.channel import FileChannel
from engine.testing.office import Office
from engine.testing.orders import ORDER
from engine.usecases.events import raise_event
from engine.usecases.tasks import decide, my_tasks
from engine.usecases.views import EventRequest

KEYS = Path(tempfile.gettempdir()) / f"guiju-crash-keys-{os.getuid()}" / "fields.key"
LINE = {"item": "笔", "qty": "3", "price": "200"}


class Boundaries:
    """Counts boundaries; the process ends at one of them, as by a power cut."""

    def __init__(self, last: int | None) -> None:
        self.last, self.passed = last, 0

    def __call__(self) -> None:
        self.passed += 1
        if self.passed == self.last:
            os._exit(9)


class DoomedStore:
    """A store with a boundary before and after everything that writes."""

    def __init__(self, inner: DatabaseStore, boundary: Boundaries) -> None:
        self._inner, self._boundary = inner, boundary

    @contextmanager
    def begin(self, *, write: bool = True):
        with self._inner.begin(write=write) as unit:
            yield unit
            if write:
                self._boundary()
        if write:
            self._boundary()

    def __getattr__(self, name):
        found = getattr(self._inner, name)
        if name not in ("claim_effects", "finish_effect", "finish_effects", "fail_effect"):
            return found

        def bounded(*arguments, **keys):
            self._boundary()
            answer = found(*arguments, **keys)
            self._boundary()
            return answer

        return bounded


class DoomedChannel:
    """A channel with a boundary before and after each message."""

    def __init__(self, inner: FileChannel, boundary: Boundaries) -> None:
        self._inner, self._boundary = inner, boundary

    def send(self, body, *, key, kind, headers):
        self._boundary()
        self._inner.send(body, key=key, kind=kind, headers=headers)
        self._boundary()


def open_office(
    database: Path, folder: Path, boundary: Boundaries, now: datetime = datetime(2026, 5, 6, 9, 0)
) -> Office:
    """The office over the files; leases of a dead process are over after five minutes, so each start comes later."""
    store = DoomedStore(DatabaseStore(f"sqlite:///{database}", cipher=Sm4FieldCipher(open_key_file(KEYS))), boundary)
    return Office(
        ORDER, now=now, store=store, ids=TimeOrderedIds(), channel=DoomedChannel(FileChannel(folder), boundary)
    )


def play(office: Office) -> None:
    """Go on from wherever it stands; each step is taken only where it is still to be done."""
    entered = office.all("order", name="甲")
    if not entered:
        request = EventRequest("order", "enter", raw={"name": "甲", "lines": [LINE]}, key="enter")
        raise_event(office.runtime, office.people["clerk"], request)
        entered = office.all("order", name="甲")
    order = str(entered[0]["id"])
    if entered[0]["state"] == "draft":
        raise_event(office.runtime, office.people["clerk"], EventRequest("order", "submit", order))
    for who in ("leader", "second", "boss"):
        for task in my_tasks(office.runtime, office.people[who]):
            decide(office.runtime, office.people[who], task.id, "agree", "好")
    office.deliver()
    for letter in office.all("letter", state="draft"):
        raise_event(office.runtime, office.people["clerk"], EventRequest("letter", "send", str(letter["id"])))
    office.clock.move(days=46)
    office.deliver()
    office.deliver()


def live(database: Path, folder: Path, last: int | None) -> tuple[int, int]:
    """A process of its own that plays until it dies at boundary `last`; its exit code and the boundaries it passed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        counting = Boundaries(None)
        try:
            office = open_office(database, folder, counting)
            counting.last, counting.passed = last, 0
            play(office)
            os.write(writing, str(counting.passed).encode())
        except BaseException:  # noqa: BLE001 - whatever it is, the child must not come back
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        passed = told.read()
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), int(passed or 0)
