"""What the worker does for a person: how far it has come, what came of it, the file it made; and stopping it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from engine.usecases import bulk, errands
from engine.usecases.errands import Errand
from engine.web.doors import signed_in
from engine.web.handing import handed
from engine.web.surroundings import actor, runtime, say, title

blueprint = Blueprint("errands", __name__)
TONES = {"waiting": "new", "running": "moving", "done": "done", "failed": "late", "stopped": "stopped"}


@dataclass(frozen=True, slots=True)
class Shown:
    """An errand as a page shows it."""

    errand: Errand
    what: str
    kind: str
    tone: str

    @property
    def share(self) -> int:
        """How far it has come, in hundredths."""
        return 100 if self.errand.status == errands.DONE else self.errand.handled * 100 // max(1, self.errand.total)

    @property
    def lines(self) -> Sequence[Sequence[object]]:
        """Records by name: those refused or asking first."""
        found: list[Sequence[object]] = list(self.errand.told.get("lines", ()))
        return sorted(found, key=lambda line: ("asking", "refused", "done").index(str(line[2])))

    @property
    def asking(self) -> list[str]:
        """Ids of records that wait for a confirmation."""
        return [str(line[0]) for line in self.lines if line[2] == "asking"]

    @property
    def codes(self) -> list[str]:
        """What would have to be confirmed."""
        asked = {str(code) for line in self.lines if line[2] == "asking" for code in line[4]}  # type: ignore[attr-defined]
        return sorted(asked | set(self.errand.asked.get("confirmed", ())))

    @property
    def answers(self) -> dict[str, object]:
        """What was answered, to be sent again with a confirmation."""
        return {str(name): value for name, value in self.errand.asked.get("asked", {}).items()}


@blueprint.get("/errands")
@signed_in
def mine() -> str:
    """The person's own errands of the last days."""
    return render_template("errands.html", errands=[_shown(one) for one in errands.my_errands(runtime(), actor())])


@blueprint.get("/errands/<errand_id>")
@signed_in
def errand(errand_id: str) -> AnyResponse:
    """One errand; the part that changes alone where the page asks again."""
    shown = _shown(errands.errand(runtime(), actor(), errand_id))
    template = "errand_part.html" if request.headers.get("HX-Request") else "errand.html"
    return make_response(render_template(template, shown=shown))


@blueprint.post("/errands/<errand_id>/stop")
@signed_in
def stop(errand_id: str) -> AnyResponse:
    """Stop an errand; what is done stays done."""
    errands.stop_errand(runtime(), actor(), errand_id)
    return redirect(url_for("errands.errand", errand_id=errand_id), 303)


@blueprint.get("/errands/<errand_id>/file")
@signed_in
def file(errand_id: str) -> Response:
    """The file that an errand made."""
    return handed(*errands.errand_file(runtime(), actor(), errand_id))


def _shown(found: Errand) -> Shown:
    declared = runtime().definitions.documents.get(found.document)
    kind = title(declared.title) if declared is not None else found.document
    if found.kind == bulk.KIND:
        machine = runtime().definitions.machines.get(found.document)
        event = machine.events.get(str(found.asked["event"])) if machine is not None else None
        what = title(event.title) if event is not None else str(found.asked["event"])
    else:
        what = say("errand.export")
    return Shown(found, what, kind, TONES[found.status])
