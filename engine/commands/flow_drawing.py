"""A flow as a diagram in the DOT language, as rows of a manual, and what is told of one step.

In: a flow. Out: lines of text in the language of the console.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.console import say, spoken
from engine.model.flows import AGAIN, Flow, Step

_ANYWHERE = "·always"
_AGAIN = "·again"
_WIDEST = 40


def dot(flow: Flow) -> str:
    """Steps by what they are: screens as boxes, devices as components, other flows as folders, what decides by itself
    as diamonds, ends with a double line. What may happen anywhere comes from a point, dashed; dotted is where it goes
    on after a power cut. Steps of one stage stand together."""
    rows = [f"digraph {quoted(flow.id)} {{", "  rankdir=LR; node [shape=box, style=rounded];"]
    rows.append(f'  "·start" [shape=point]; "·start" -> {quoted(flow.start)};')
    for number, stage in enumerate(_stages(flow)):
        inner = [f"    {_node(step)}" for step in flow.steps.values() if step.stage == stage]
        if stage:
            rows += [f"  subgraph cluster_{number} {{ label={quoted(stage)}; color=gray;", *inner, "  }"]
        else:
            rows += inner
    for step in flow.steps.values():
        rows += _edges(step.name, _ways(step))
    always = [(target, outcome, "dashed") for outcome, target in flow.always.items()]
    if flow.idle is not None:
        always.append((flow.idle.go, f"⏱ {flow.idle.after.text}", "dashed"))
    rows += [f"  {quoted(_ANYWHERE)} [shape=point];", *_edges(_ANYWHERE, always)] if always else []
    if any(target == AGAIN and AGAIN not in flow.steps for step in flow.steps.values() for target, *_ in _ways(step)):
        rows.append(f"  {quoted(_AGAIN)} [shape=plain, label={quoted(say('graph.again'))}];")
        rows = [row.replace(f"-> {quoted(AGAIN)} ", f"-> {quoted(_AGAIN)} ") for row in rows]
    return "\n".join([*rows, "}"])


def _stages(flow: Flow) -> list[str]:
    return list(dict.fromkeys(step.stage for step in flow.steps.values()))


def _node(step: Step) -> str:
    shape = "box"
    if step.end:
        shape = "doublecircle"
    elif step.run:
        shape = "folder"
    elif step.meets and not step.screen:
        shape = "component"
    elif not step.waits:
        shape = "diamond"
    lines = [title_of(step), *asked(step)]
    return f"{quoted(step.name)} [shape={shape}, label={quoted(chr(10).join(lines))}];"


def title_of(step: Step) -> str:
    """What people call a step: its title, or its name."""
    return step.title.worded(spoken()) or step.end or step.name


def asked(step: Step) -> list[str]:
    """What a step asks of devices, services and other flows."""
    return [*(meeting.what for meeting in step.meets.values()), *([step.run] if step.run else [])]


def _ways(step: Step) -> Iterator[tuple[str, str, str]]:
    """Target, label and style of each way out."""
    for branch in step.choose:
        yield branch.go, _short(branch.when.text) if branch.when is not None else "", ""
    if step.next:
        yield step.next, "", ""
    for outcome, target in step.on.items():
        button = step.buttons.get(outcome)
        yield target, (button.title.worded(spoken()) if button is not None else "") or outcome, ""
    if step.restart not in ("", AGAIN):
        yield step.restart, "↻", "dotted"


def _edges(source: str, ways: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    """An arrow for each step that follows, with all that leads there."""
    labels: dict[tuple[str, str], list[str]] = {}
    for target, label, style in ways:
        labels.setdefault((target, style), []).append(label)
    for (target, style), found in labels.items():
        drawn = f", style={style}" if style else ""
        yield f"  {quoted(source)} -> {quoted(target)} [label={quoted(chr(10).join(filter(None, found)))}{drawn}];"


def _short(text: str) -> str:
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"


def quoted(text: str) -> str:
    """A text as DOT writes it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def told(flow: Flow) -> Iterator[str]:
    """A flow in the manual: its steps, what each asks, and what follows."""
    yield f"\n## {flow.title.worded(spoken())} `{flow.id}`\n"
    yield f"| {say('docs.steps')} |\n|---|---|---|"
    for step in flow.steps.values():
        leads = [f"{label} → `{target}`" if label else f"→ `{target}`" for target, label, _ in _ways(step)]
        cells = [f"{title_of(step)} `{step.name}`", ", ".join(asked(step)), "; ".join(leads)]
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def step_told(flow: Flow, name: str) -> Iterator[str]:
    """What a flow says of one step; nothing where there is none."""
    step = flow.steps.get(name)
    if step is None:
        return
    yield f"{step.where}: {', '.join([title_of(step), *asked(step)])}"
    for target, label, style in _ways(step):
        there = flow.steps.get(target)
        where = there.where if there is not None else step.where
        yield f"{where}: {label or '·'} → {target}{' (' + style + ')' if style else ''}"
