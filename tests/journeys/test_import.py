"""An import killed at any boundary takes every row once."""

import os
import shutil
import sys
import traceback
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import crashing

from adapters.clock.system import TimeOrderedIds
from adapters.crypto.fields import Sm4FieldCipher
from adapters.crypto.keys import open_key_file
from adapters.database.store import DatabaseStore
from engine.testing.office import Office
from engine.usecases import imports, sheets
from engine.usecases.sheet_records import ROWS_IN_PART

ROWS = 2 * ROWS_IN_PART + 20
NOTE = {
    "desk/note/document.yaml": """document: note
title: 便条
fields: {name: {title: 名称, type: text, required: true}, size: {title: 大小, type: integer, max: 1000}}
""",
    "desk/note/machine.yaml": """machine: note
states: {open: {title: 登记, final: true}}
events: {enter: {title: 登记, from: new, to: open, by: clerk}}
""",
    "desk/note/access.yaml": 'access: {clerk: {read: "*", create: true, edit: "*", events: "*", import: true}}\n',
    "desk/note/sheets/notes.yaml": """sheet: notes
document: note
columns: {name: {head: 名称}, size: {head: 大小}}
""",
}
TEXT = "名称\t大小\n" + "".join(f"条{number}\t{number if number % 100 else 2000}\n" for number in range(1, ROWS + 1))
BAD = sum(number % 100 == 0 for number in range(1, ROWS + 1))


def opened(database: Path, boundary: crashing.Boundaries, hour: int) -> Office:
    """The office; nothing of a note is unique, so that only the import itself can keep it from being doubled."""
    plain = DatabaseStore(f"sqlite:///{database}", cipher=Sm4FieldCipher(open_key_file(crashing.KEYS)))
    store = crashing.DoomedStore(plain, boundary)
    return Office(NOTE, now=datetime(2026, 5, 6, hour), store=store, ids=TimeOrderedIds())


def play(office: Office) -> None:
    """Go on from wherever it stands."""
    clerk = office.people["clerk"]
    known = imports.recent(office.runtime, clerk, "note")
    view = known[0] if known else sheets.paste(office.runtime, clerk, "note", "notes", TEXT)
    office.deliver()
    imports.take(office.runtime, clerk, "note", view.id, imports.GOOD_ONES)
    office.deliver()


def live(database: Path, last: int | None) -> tuple[int, int]:
    """A process of its own that dies at a boundary; its exit code and the boundaries it passed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        counting = crashing.Boundaries(None)
        try:
            office = opened(database, counting, 9)
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


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    folder = tmp_path_factory.mktemp("start")
    empty = folder / "empty.db"
    opened(empty, crashing.Boundaries(None), 9).store.close()
    whole = folder / "whole.db"
    shutil.copy(empty, whole)
    code, boundaries = live(whole, None)
    assert code == 0
    return empty, boundaries


def test_the_import_has_boundaries_everywhere(start):
    assert start[1] > 15


def judged(office: Office) -> None:
    [view] = imports.recent(office.runtime, office.people["clerk"], "note")
    assert (view.status, view.taken, view.bad, view.refused) == ("done", ROWS - BAD, BAD, 0)
    names = [row["name"] for row in office.all("note")]
    assert len(names) == len(set(names)) == ROWS - BAD
    assert office.store.effects(state="failed") == []
    assert list(office.store.verify_history()) == []


@pytest.mark.parametrize("share", range(4))
def test_killed_at_any_boundary_no_row_is_lost_or_doubled(start, share, tmp_path):
    empty, boundaries = start
    for number in range(1 + share, boundaries + 1, 4):
        database = tmp_path / f"{number}.db"
        shutil.copy(empty, database)
        code, _ = live(database, number)
        assert code == 9
        office = opened(database, crashing.Boundaries(None), 10)
        play(office)
        judged(office)
        office.store.close()


def test_two_workers_at_once_take_every_row_once(start, tmp_path):
    """The second one finds the part done, or waits for it."""
    database = tmp_path / "two.db"
    shutil.copy(start[0], database)
    first, second = (opened(database, crashing.Boundaries(None), 9) for _ in range(2))
    clerk = first.people["clerk"]
    view = sheets.paste(first.runtime, clerk, "note", "notes", TEXT)
    first.deliver()
    imports.take(first.runtime, clerk, "note", view.id, imports.GOOD_ONES)
    step = {"import": view.id, "status": "taking", "place": 0}
    done = [sheets.advance(office.runtime, step) for office in (first, second, first)]
    assert done == [True, False, False]
    first.deliver()
    judged(replace_people(second, first))
    first.store.close()
    second.store.close()


def replace_people(office: Office, other: Office) -> Office:
    """The same people before another connection."""
    office.people = {name: replace(actor) for name, actor in other.people.items()}
    return office
