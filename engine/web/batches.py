"""Many prints as one PDF: begun from a selection, watched while it is made, taken away."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from engine.usecases import batches, bulk
from engine.usecases.batches import BatchView
from engine.usecases.bulk import BulkRequest
from engine.web.doors import signed_in
from engine.web.handing import handed
from engine.web.list_requests import list_request
from engine.web.surroundings import actor, language, runtime

blueprint = Blueprint("batches", __name__)
TONES = {"printing": "moving", "done": "done", "failed": "late"}


@blueprint.post("/d/<document>/batch")
@signed_in
def begin(document: str) -> AnyResponse:
    """Print a selection of a list: `id` for each record, or `matching` for all of the list; `print` for each print.

    Without `print` all prints of the type are meant.
    """
    given, named = request.form, request.form.getlist("print")
    chosen = given.getlist("id")
    if given.get("matching"):
        wanted = BulkRequest(document, "", matching=list_request(document, given))
        chosen = list(bulk.chosen_ids(runtime(), actor(), wanted, batches.MOST))
    batch = batches.start_batch(runtime(), actor(), document, chosen, named, key=request.form.get("_key", "")[:200])
    return redirect(url_for("batches.batch", batch_id=batch), 303)


@blueprint.get("/batches")
@signed_in
def mine() -> str:
    """The person's own batches."""
    return render_template("batches.html", batches=batches.my_batches(runtime(), actor()), tones=TONES)


@blueprint.get("/batches/<batch_id>")
@signed_in
def batch(batch_id: str) -> AnyResponse:
    """One batch; the part that changes alone where the page asks again."""
    view = batches.batch_view(runtime(), actor(), batch_id)
    template = "batch_part.html" if request.headers.get("HX-Request") else "batch.html"
    return make_response(render_template(template, view=view, tone=TONES[view.state], left_out=left_out(view)))


@blueprint.get("/batches/<batch_id>/file")
@signed_in
def file(batch_id: str) -> Response:
    """The finished PDF."""
    return hand_over(batch_id)


def left_out(view: BatchView) -> list[tuple[str, int]]:
    """Why prints were left out, and how many for each reason."""
    texts = [text.get(language()) or text.get("zh", "") for text in view.left_out]
    return [(text, texts.count(text)) for text in dict.fromkeys(texts)]


def hand_over(batch_id: str) -> Response:
    """The file of a batch as an answer, shown in the browser unless it is to be kept."""
    return handed(*batches.batch_file(runtime(), actor(), batch_id), shown="download" not in request.args)
