"""Where versions lie and which one is in force: names in a folder, changed by renames alone.

In: the folder `versions` of a home. Out: which version is current, wanted, on trial, and how trials ended. Each change
is one rename, so that whoever is killed leaves what was or what is to be. Knows the standard library and nothing of
Guiju: the launcher, which must survive a version that cannot even be imported, stands on this alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import version as installed
from pathlib import Path

BUILT_IN = "built_in"
"""The version that was installed with the machine: its program, the definitions of its settings."""
CURRENT, FORMER = "current", "former"
CHOSEN, WANTED, TRIAL = "chosen.json", "wanted.json", "trial.json"
_OUTCOMES = "outcomes"
DEFINITIONS, PROGRAM = "definitions", "program"
ENTRY = "import gc, sys; gc.disable(); from app import main; gc.enable(); sys.exit(main(sys.argv[1:]))"
"""What a Python begins the program of a version with, arguments behind it: any version has this door."""
INSTALLED, FAILED = "installed", "failed"


@dataclass(frozen=True, slots=True)
class Trial:
    """A version on its way into force. `name` of the outcome is that of the trial."""

    id: str
    name: str
    former: str
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a trial ended."""

    id: str
    name: str
    former: str
    state: str
    why: str = ""


def running() -> str:
    """The name of the version that this process runs as, else the number of the program."""
    name = os.environ.get("GUIJU_VERSION", BUILT_IN)
    return installed("guiju") if name == BUILT_IN else name


class Versions:
    """The versions of one home. Several processes may look; one launcher changes what is in force."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def current(self) -> str:
        """The version in force."""
        return self._linked(CURRENT) or BUILT_IN

    def former(self) -> str:
        """The version that was in force before; empty without one."""
        return self._linked(FORMER)

    def names(self) -> list[str]:
        """Versions that lie here beside the built-in one."""
        found = (path.parent.name for path in self.folder.glob("*/manifest.json"))
        return sorted(name for name in found if name[0] != ".")

    def holds(self, name: str) -> bool:
        """Whether a version is here."""
        return name == BUILT_IN or name in self.names()

    def definitions(self, name: str) -> Path | None:
        """The definitions of a version; None where it brings none."""
        return self._part(name, DEFINITIONS)

    def program(self, name: str) -> Path | None:
        """The program of a version; None where it brings none."""
        return self._part(name, PROGRAM)

    def environment(self, name: str, environment: Mapping[str, str]) -> dict[str, str]:
        """The environment in which a version runs. The folder it is begun from brings no modules."""
        made = {**environment, "GUIJU_VERSION": name, "PYTHONSAFEPATH": "1"}
        definitions, program = self.definitions(name), self.program(name)
        if definitions is not None:
            made["GUIJU_DEFINITIONS"] = str(definitions)
        if program is not None:
            made["PYTHONPATH"] = str(program)
        return made

    # --- on the way into force ---------------------------------------------------------------------------------------

    def choose(self, name: str) -> None:
        """Somebody wants it; it goes on when the node is at rest."""
        self._write(CHOSEN, {"name": name})

    def chosen(self) -> str:
        """What somebody wants; empty without."""
        return str(self._read(CHOSEN).get("name", ""))

    def release(self) -> None:
        """The node is at rest: what is chosen may come into force."""
        with suppress(FileNotFoundError):
            (self.folder / CHOSEN).rename(self.folder / WANTED)

    def wanted(self) -> str:
        """What may come into force now; empty without."""
        return str(self._read(WANTED).get("name", ""))

    def begin(self, trial_id: str) -> Trial:
        """The trial of what is wanted begins."""
        made = Trial(trial_id, self.wanted(), self.current())
        self._write(TRIAL, asdict(made))
        self._gone(WANTED)
        return made

    def trial(self) -> Trial | None:
        """The trial that is under way."""
        told = self._read(TRIAL)
        try:
            return Trial(str(told["id"]), str(told["name"]), str(told["former"]), int(str(told["tries"])))
        except (KeyError, ValueError):
            return None

    def again(self, trial: Trial) -> Trial:
        """The trial was cut off and begins once more."""
        made = Trial(trial.id, trial.name, trial.former, trial.tries + 1)
        self._write(TRIAL, asdict(made))
        if self.wanted() == trial.name:
            self._gone(WANTED)
        return made

    def switch(self, name: str) -> None:
        """Put a version in force for what begins from now on."""
        self._link(CURRENT, name)

    def end(self, trial: Trial, state: str, why: str = "") -> None:
        """The trial is over; what the node runs from now on is in force already."""
        if state == INSTALLED:
            self._link(FORMER, trial.former)
        made = Outcome(trial.id, trial.name, trial.former, state, why)
        (self.folder / _OUTCOMES).mkdir(mode=0o700, exist_ok=True)
        self._write(f"{_OUTCOMES}/{trial.id}.json", asdict(made))
        self._gone(TRIAL)

    def outcomes(self) -> list[Outcome]:
        """Ends of trials that the node has not been told."""
        found = []
        for path in sorted((self.folder / _OUTCOMES).glob("*.json")):
            with suppress(OSError, ValueError, TypeError):
                found.append(Outcome(**json.loads(path.read_bytes())))
        return found

    def told(self, outcome: Outcome) -> None:
        """The node knows of an end."""
        self._gone(f"{_OUTCOMES}/{outcome.id}.json")

    # --- names -------------------------------------------------------------------------------------------------------

    def _part(self, name: str, part: str) -> Path | None:
        path = self.folder / name / part
        return path if name != BUILT_IN and path.is_dir() else None

    def _linked(self, name: str) -> str:
        try:
            found = (self.folder / name).readlink().name
        except OSError:
            return ""
        return found if self.holds(found) else ""

    def _link(self, name: str, to: str) -> None:
        fresh = self.folder / f".{name}-{os.getpid()}"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(to)
        fresh.rename(self.folder / name)
        self._force()

    def _read(self, name: str) -> Mapping[str, object]:
        try:
            found = json.loads((self.folder / name).read_bytes())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _write(self, name: str, told: Mapping[str, object]) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = self.folder / name
        fresh = place.with_name(f".{place.name}-{os.getpid()}")
        with fresh.open("wb") as out:
            out.write(json.dumps(told).encode())
            out.flush()
            os.fsync(out.fileno())
        fresh.rename(place)
        self._force()

    def _gone(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)
        self._force()

    def _force(self) -> None:
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
