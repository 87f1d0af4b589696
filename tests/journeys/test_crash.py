"""A process killed at any boundary loses nothing and doubles nothing."""

import json
import shutil
import sys
from datetime import datetime
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import crashing


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """A database with accounts, and the number of boundaries of the whole journey."""
    folder = tmp_path_factory.mktemp("start")
    empty = folder / "empty.db"
    office = crashing.open_office(empty, folder / "none", crashing.Boundaries(None))
    office.store.close()
    whole = folder / "whole.db"
    shutil.copy(empty, whole)
    code, boundaries = crashing.live(whole, folder / "whole", None)
    assert code == 0
    return empty, boundaries


def judged(office, folder):
    orders, letters = office.all("order"), office.all("letter")
    assert [(order["state"], order["number"]) for order in orders] == [("expired", "DD20260001")]
    assert [letter["state"] for letter in letters] == ["closed"]
    with office.store.begin(write=False) as unit:
        order_steps = [entry.event for entry in unit.history("order", str(orders[0]["id"]))]
        letter_steps = [entry.event for entry in unit.history("letter", str(letters[0]["id"]))]
    assert order_steps == ["enter", "submit", "approve", "expire"]
    assert letter_steps == ["write", "send", "close"]
    messages = list(folder.glob("*.msg"))
    assert len(messages) == 1
    assert json.loads(messages[0].read_text())["no"] == "DD20260001"
    assert [effect.error for effect in office.store.effects(state="failed")] == []
    assert list(office.store.verify_history()) == []


def test_the_journey_has_boundaries_everywhere(start):
    assert start[1] > 40


@pytest.mark.parametrize("share", range(12))
def test_killed_at_any_boundary_it_ends_as_if_nothing_had_happened(start, share, tmp_path):
    """The boundaries are dealt out to twelve tests, so that they run beside each other."""
    empty, boundaries = start
    for number in range(1 + share, boundaries + 1, 12):
        database, folder = tmp_path / f"{number}.db", tmp_path / f"out{number}"
        shutil.copy(empty, database)
        code, _ = crashing.live(database, folder, number)
        assert code == 9
        office = crashing.open_office(database, folder, crashing.Boundaries(None), datetime(2026, 5, 6, 10, 0))
        crashing.play(office)
        judged(office, folder)
        office.store.close()
