"""A flow as a diagram, in the manual, and explained."""

import re
from pathlib import Path

from engine.commands.flow_drawing import dot, step_told, told
from engine.loading import DiskTree, load
from engine.model.flows import Flow

SAMPLE = Path(__file__).parents[2] / "data" / "every_key"


def visit() -> Flow:
    return load(DiskTree(SAMPLE)).definitions.flows["visit"]


def test_every_step_is_drawn_and_every_way() -> None:
    drawn = dot(visit())
    nodes = set(re.findall(r'^ +"(\w+)" \[shape=', drawn, re.MULTILINE))
    assert nodes == visit().steps.keys()
    assert '"know" [shape=diamond' in drawn
    assert '"last" [shape=doublecircle' in drawn
    assert '"hand" [shape=component, label="hand\\nlock.open"' in drawn
    assert '"begin" -> "know" [label="card\\nchecked\\nopened\\npicked"]' in drawn
    assert '"·always" -> "alarm" [label="lock.forced", style=dashed]' in drawn
    assert '"alarm" -> "·again"' in drawn
    assert drawn.count('"again"') == 0


def test_the_manual_has_a_row_for_each_step() -> None:
    rows = [row for row in told(visit()) if "`" in row]
    assert len(rows) == 1 + len(visit().steps)
    assert any("lock.closed" in row and "done → `hand`" in row for row in rows)


def test_a_step_is_explained_with_the_places_it_leads_to() -> None:
    found = list(step_told(visit(), "hand"))
    assert re.match(r"office/flows/visit\.yaml:\d+:\d+: hand, lock\.open$", found[0])
    assert [line.partition(": ")[2] for line in found[1:]] == ["done → wait", "failed → leave", "timeout → leave"]
    assert list(step_told(visit(), "nowhere")) == []
