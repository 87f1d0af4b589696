"""What a step asks of the parameters of its node: those that whoever is signed in may set, and a value for one.

In: an order's arguments, who stands there. Out: how it ended; rows of `engine.model.node_rows.PARAMETER`. Rights,
types, history and audit are those of the administration's page.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.model.flows import DONE, REFUSED
from engine.model.types import Kind
from engine.problems import Refused
from engine.usecases.flow_accounts import Ended
from engine.usecases.parameters import ParameterView, reset_parameter, set_parameter, settable
from engine.usecases.runtime import Runtime
from engine.usecases.views import Actor
from engine.usecases.world import EVERYWHERE, value_of

_TRUTH = ("true", "false")


def carry_out(runtime: Runtime, actor: Actor, what: str, given: Mapping[str, object]) -> Ended:
    """One command: `list`, `choices`, `set` or `reset`. Raises Refused for a parameter that the actor may not set."""
    name = str(given.get("name") or "")
    if what == "list":
        return DONE, {"parameters": [_row(runtime, one) for one in settable(runtime, actor)]}
    declared = next((one for one in settable(runtime, actor) if one.id == name), None)
    if declared is None:
        raise Refused((), kind="not_found")
    if what == "choices":
        row = _row(runtime, declared)
        found = ({**row, "value": one} for one in _choices(runtime, declared))
        return DONE, {
            "parameters": [{**one, "state": "usual" if one["value"] == row["usual"] else None} for one in found]
        }
    try:
        if what == "reset":
            for setting in (one for one in declared.settings if one.scope == EVERYWHERE):
                reset_parameter(runtime, actor, setting.id)
        else:
            set_parameter(runtime, actor, name, str(given.get("value") or "").strip())
    except Refused as refused:
        said = next((one.text for one in refused.findings), {})
        return REFUSED, {"zh": said.get("zh"), "en": said.get("en")}
    return DONE, {}


def _row(runtime: Runtime, one: ParameterView) -> Mapping[str, object]:
    """A parameter as it stands: raw texts, which screens word by its type."""
    held = next((setting for setting in one.settings if setting.scope == EVERYWHERE), None)
    parameter = runtime.definitions.parameters[one.id]
    declared = value_of(parameter, runtime.clock.now().date())
    usual = None if declared is None else str(declared).lower() if isinstance(declared, bool) else str(declared)
    set_to = None if held is None else held.raw.lower() if held.raw in ("True", "False") else held.raw
    return {
        "name": one.id,
        "title": one.id,
        "value": usual if set_to is None else set_to,
        "usual": usual,
        "kind": one.field.kind,
        "least": None if parameter.minimum is None else str(parameter.minimum),
        "most": None if parameter.maximum is None else str(parameter.maximum),
        "source": one.source or None,
        "set_by": None if held is None else held.by,
        "set_at": None if held is None else held.at.replace(microsecond=0),
        "state": "usual" if held is None else "set",
    }


def _choices(runtime: Runtime, one: ParameterView) -> tuple[str, ...]:
    """What it may be, where it is one of a few; nothing where it is typed."""
    if one.field.type.kind is Kind.BOOLEAN:
        return _TRUTH
    codes, day = runtime.definitions.codes.get(one.field.type.of), runtime.clock.now().date().isoformat()
    if one.field.type.kind is not Kind.CODE or codes is None:
        return ()
    return tuple(entry.code for entry in codes.entries if entry.dated.holds_on(day))
