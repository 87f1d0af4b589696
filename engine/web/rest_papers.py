"""The REST door for batches of prints and for scans: names with an underscore, as no document has."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response, request, url_for
from werkzeug.exceptions import BadRequest

from engine.usecases import batches, page_filing, scans
from engine.usecases.batches import BatchView
from engine.usecases.scans import PageView, ScanView
from engine.web.batches import hand_over, left_out
from engine.web.bearer import with_token
from engine.web.live import json_body
from engine.web.scans import taken
from engine.web.surroundings import actor, language, runtime, title

blueprint = Blueprint("rest_papers", __name__, url_prefix="/api/v1")


@blueprint.post("/_batches")
@with_token
def begin() -> Response:
    """Print many: `{document, ids, prints?}`; without prints all of the type. The batch is made by and by."""
    body = json_body()
    ids, prints = body.get("ids"), body.get("prints", [])
    if not isinstance(ids, list) or not isinstance(prints, list):
        raise BadRequest("ids and prints must be lists")
    named = [str(one) for one in ids], [str(one) for one in prints]
    key = request.headers.get("Idempotency-Key", "")[:200]
    return of_batch(batches.start_batch(runtime(), actor(), str(body.get("document") or ""), *named, key))


@blueprint.get("/_batches")
@with_token
def mine() -> Response:
    """The account's own batches, newest first."""
    return make_response(jsonify([batch_json(one) for one in batches.my_batches(runtime(), actor())]))


def of_batch(batch_id: str) -> Response:
    """The answer that a batch has begun."""
    answer = make_response(jsonify(batch_json(batches.batch_view(runtime(), actor(), batch_id))), 202)
    answer.headers["Location"] = url_for("rest_papers.batch", batch_id=batch_id)
    return answer


@blueprint.get("/_batches/<batch_id>")
@with_token
def batch(batch_id: str) -> Response:
    """How far a batch has come."""
    return make_response(jsonify(batch_json(batches.batch_view(runtime(), actor(), batch_id))))


@blueprint.get("/_batches/<batch_id>/file")
@with_token
def batch_file(batch_id: str) -> Response:
    """The finished PDF."""
    return hand_over(batch_id)


@blueprint.post("/_scans")
@with_token
def bring() -> Response:
    """Bring a scan: a part named `file`. It is read by and by; the same file again is the same scan."""
    view = taken()
    answer = make_response(jsonify(scan_json(view)), 202)
    answer.headers["Location"] = url_for("rest_papers.scan", scan_id=view.id)
    return answer


@blueprint.get("/_scans")
@with_token
def brought() -> Response:
    """The account's own scans, newest first."""
    return make_response(jsonify([scan_json(one) for one in scans.my_scans(runtime(), actor())]))


@blueprint.get("/_scans/<scan_id>")
@with_token
def scan(scan_id: str) -> Response:
    """What became of a scan and its pages."""
    return make_response(jsonify(scan_json(scans.scan_view(runtime(), actor(), scan_id))))


@blueprint.get("/_scans/pages")
@with_token
def waiting() -> Response:
    """Pages of the account's unit that wait for a hand."""
    return make_response(jsonify([page_json(one) for one in scans.open_pages(runtime(), actor())]))


@blueprint.get("/_scans/pages/<page_id>")
@with_token
def picture(page_id: str) -> Response:
    """The picture of a page (JPEG)."""
    return Response(scans.picture_of(runtime(), actor(), page_id, small=False), mimetype="image/jpeg")


@blueprint.post("/_scans/pages/<page_id>")
@with_token
def by_hand(page_id: str) -> Response:
    """File a page: `{print, number}`; or put it aside: `{aside: true}`."""
    body = json_body()
    if body.get("aside") is True:
        scans.put_aside(runtime(), actor(), page_id)
    else:
        about = str(body.get("print") or ""), str(body.get("number") or "")
        page_filing.file_by_hand(runtime(), actor(), page_id, *about)
    return make_response("", 204)


def batch_json(view: BatchView) -> dict[str, object]:
    """A batch as JSON."""
    told = [{"reason": reason, "count": count} for reason, count in left_out(view)]
    counts = {"total": view.total, "done": view.done}
    about = {"id": view.id, "title": view.title, "state": view.state, **counts, "left_out": told}
    return {**about, "file": None if view.file is None else url_for("rest_papers.batch_file", batch_id=view.id)}


def scan_json(view: ScanView) -> dict[str, object]:
    """A scan as JSON."""
    trouble = None if view.trouble is None else view.trouble.get(language())
    about = {"id": view.id, "name": view.name, "state": view.state, "trouble": trouble}
    return {**about, "pages": [page_json(one) for one in view.pages]}


def page_json(view: PageView) -> dict[str, object]:
    """A page as JSON; `document` and `record` only where the account may see it."""
    document, record = view.link or (None, None)
    about = {"id": view.id, "page": view.place, "state": view.state, "reason": view.trouble.get(language())}
    return {**about, "print": title(view.print) or None, "document": document, "record": record, "label": view.label}
