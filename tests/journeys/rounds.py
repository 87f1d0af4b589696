"""A node within the test's own process: what it does in a round, and records that are put in place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.usecases.acting import ENGINE
from engine.usecases.deliver import deliver_due
from engine.usecases.desk import Inputs
from engine.usecases.events import in_work
from engine.usecases.listening import Listening
from engine.usecases.runtime import Runtime
from engine.usecases.work import Work


class Rounds:
    """Whoever derives from it has a runtime and what it listens to."""

    runtime: Runtime
    listening: Sequence[Listening]

    def run(self) -> int:
        """One round of all that a process does; how much there was to do."""
        for one in self.listening:
            one.step(self.runtime, wait=0.0)
        return deliver_due(self.runtime)

    def engine(self, document: str, **raw: Any) -> str:
        """Put a record in place."""
        event = self.runtime.definitions.machines[document].creating()[0].name

        def act(work: Work) -> str:
            return str(work.apply(work.blank(document), event, ENGINE, Inputs(raw)).values["id"])

        return in_work(self.runtime, ENGINE, act)
