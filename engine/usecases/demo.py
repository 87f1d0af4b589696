"""Demo data: a first start shows an office at work. Steps are played through the ordinary use cases.

In: steps as plain data; a step's `at` sets the clock from there on, `deliver: true` lets the worker do what is due,
`given` puts records of earlier years in place on behalf of `as`. Out: how many steps were played.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from engine.console import say
from engine.loading.folder import DiskTree
from engine.loading.source import read
from engine.model.criteria import ALWAYS, Compare
from engine.model.crypto import KeyKind
from engine.model.system import Accounts
from engine.ports import Unit
from engine.problems import Refused
from engine.usecases.accounts import let_given_stand
from engine.usecases.acting import ENGINE
from engine.usecases.deliver import deliver_due
from engine.usecases.placing import entries_of, on_behalf_of, place
from engine.usecases.runtime import Runtime
from engine.usecases.steps import Script, Step, StepError

DEMO_AUTHORITY = "demonstration"
"""The key of the authority that issues for demonstrations."""
_ISSUED_BEFORE, _ISSUED_FOR = timedelta(days=120), timedelta(days=3650)


class DemoError(Exception):
    """A step of the demo data could not be played; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A clock that stands."""

    at: datetime

    def now(self) -> datetime:
        """The moment it stands at."""
        return self.at


def play(runtime: Runtime, steps: Iterable[Step]) -> int:
    """Play steps in order; how many. Raises DemoError at the first that is refused or cannot be read."""
    script, count = Script(runtime), 0
    for count, step in enumerate(steps, 1):
        try:
            _play(runtime, script, step)
        except (Refused, StepError) as fault:
            raise DemoError(say("course.step", number=count, step=_named(step), fault=fault)) from fault
    return count


def _play(runtime: Runtime, script: Script, step: Step) -> None:
    if "at" in step:
        script.runtime = runtime
        moment = script.evaluated(str(step["at"]).removeprefix("="))
        if not isinstance(moment, datetime):
            raise StepError(say("course.moment"))
        script.runtime = replace(runtime, clock=Standing(moment))
    if step.get("deliver") is True:
        while deliver_due(script.runtime):
            pass
    elif "given" in step:
        giver = on_behalf_of(script.actor(str(step["as"]))) if "as" in step else ENGINE
        place(script, giver, entries_of(step["given"]))
    elif step.keys() != {"at"}:
        script.perform(step)


def _named(step: Step) -> str:
    return " ".join(f"{key} {step[key]}" for key in ("as", "event", "decide", "on", "name") if key in step)


def folder_of(definitions: Path, node: str) -> Path:
    """Where the demo data of a node lies: in a folder of its name, else beside those."""
    own = definitions / "demo" / node
    return own if own.is_dir() else definitions / "demo"


def play_demo(runtime: Runtime, folder: Path, tell: Callable[[str], object]) -> int:
    """Play the files of a folder, in order of their names, where nobody has an account yet. Raises DemoError."""
    accounts = runtime.node.accounts
    if accounts is None or not folder.is_dir():
        return 0
    with runtime.store.begin(write=False) as unit:
        if unit.count(accounts.document, ALWAYS, 1):
            return 0
    tell(say("run.playing", folder=folder.name))
    make_keys(runtime)
    count = play(runtime, read_steps(folder))
    let_given_stand(runtime)
    return count


def make_keys(runtime: Runtime) -> None:
    """A fresh key under each name that messages of this node are signed with and that has none yet, with a certificate
    by an authority of this node's own: so both ends of a demonstration in one node know who signs."""
    mappings = runtime.definitions.mappings.values()
    wanted = {one.sign.key for one in mappings if one.sign is not None and one.system in runtime.node.systems}
    if runtime.crypto is None or not wanted:
        return
    room = runtime.crypto()
    missing = sorted(wanted - set(room.desk.names()))
    begins = runtime.clock.now() - _ISSUED_BEFORE
    span = begins, begins + _ISSUED_FOR
    if missing and DEMO_AUTHORITY not in room.desk.names():
        room.issuing.authority(DEMO_AUTHORITY, *span)
    for name in missing:
        room.desk.create(name, KeyKind.SM2)
        issued = room.issuing.issue(DEMO_AUTHORITY, room.issuing.request(name), *span)
        room.desk.certify(name, issued)
        room.issuing.trust(issued)  # who tells no more than its number is found by it


def demo_accounts(runtime: Runtime, folder: Path) -> list[tuple[str, str, str]]:
    """Login, password and roles of the accounts of the demo data that are there, as the data gave them.

    Whether a password was changed since is not tried: a digest is slow on purpose, and a start has nobody to wait for.
    """
    accounts = runtime.node.accounts
    if accounts is None or not folder.is_dir():
        return []
    given = [step.get("with") for step in read_steps(folder) if step.get("on") == accounts.document]
    rows = [one for one in given if isinstance(one, Mapping) and one.get(accounts.login) and one.get(accounts.password)]
    with runtime.store.begin(write=False) as unit:
        return [_account(accounts, row) for row in rows if _stands(unit, accounts, row)]


def _stands(unit: Unit, accounts: Accounts, row: Mapping[str, object]) -> bool:
    """Whether the account is there."""
    return bool(unit.count(accounts.document, Compare((accounts.login,), "==", str(row[accounts.login])), 1))


def _account(accounts: Accounts, row: Mapping[str, object]) -> tuple[str, str, str]:
    roles = row.get(accounts.roles)
    told = ", ".join(map(str, roles)) if isinstance(roles, list | tuple) else str(roles or "")
    return str(row[accounts.login]), str(row[accounts.password]), told


def read_steps(folder: Path) -> Iterator[Step]:
    """Steps of all files right in a folder. Raises DemoError where a file is no list of steps."""
    tree = DiskTree(folder)
    for name in tree.files():
        if not name.endswith(".yaml") or "/" in name:
            continue
        source = read(name, tree.read(name))
        for document in source.documents or (None,):
            if source.problems or not isinstance(document, list):
                raise DemoError(say("course.steps", name=name))
            yield from (step for step in document if isinstance(step, Mapping))
