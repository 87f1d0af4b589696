"""Offers over HTTP: doors at the addresses that others prescribe, beside and before this program's own.

In: a request at an offer's address. Out: the answer in the offer's envelope with status 200, a file in parts, or plain
JSON with the status of HTTP. Which addresses there are is asked of the definitions in force with each request. No
cookie opens one.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs

from flask import Blueprint, Flask, Response, current_app, make_response, request
from werkzeug.exceptions import HTTPException

from engine.model.guards import Size
from engine.model.interfaces import Offer
from engine.model.values import StoredFile
from engine.ports import Stale
from engine.usecases.offer_views import Answered, Asked
from engine.usecases.offers import answer
from engine.usecases.runtime import Runtime
from engine.web.bearer import recognise_token
from engine.web.handing import handed
from engine.web.surroundings import SHELL, actor, address, runtime

blueprint = Blueprint("offers", __name__)
ROOM = "/_offers/"
_MOST = 16 << 20
"""Bytes of a call to an offer whose envelope sets no bound."""
_LED = "guiju.offer"
METHODS = ["GET", "POST", "PUT", "DELETE"]


def offers_of(found: Runtime) -> Mapping[tuple[str, str], Offer]:
    """The offers of this node by method and address."""

    def by_address() -> Mapping[tuple[str, str], Offer]:
        here = {*found.node.systems, "shared", ""}
        offers = [one for one in found.definitions.offers.values() if one.system in here]
        return {(one.method, path): one for one in offers for path in (one.path, *one.also)}

    return found.force.once("offers", found.node.id, by_address)


def lead(app: Flask) -> None:
    """Lead requests at an offer's address into this room; whatever else the address would mean here."""
    inner = app.wsgi_app

    def led(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        path = str(environ.get("PATH_INFO", ""))
        offer = offers_of(app.extensions[SHELL].runtime_source()).get((str(environ.get("REQUEST_METHOD", "")), path))
        if offer is None:
            offer = _otherwise(app, path, str(environ.get("REQUEST_METHOD", "")))
        if offer is not None:
            environ["PATH_INFO"], environ[_LED] = f"{ROOM}{offer.id}", offer.id
        return inner(environ, start)

    app.wsgi_app = led  # type: ignore[method-assign, assignment]


def _otherwise(app: Flask, path: str, method: str) -> Offer | None:
    """An offer at this address that is asked by another method, where our own program has nothing there either."""
    if method not in METHODS:
        return None
    found: Runtime = app.extensions[SHELL].runtime_source()
    by_path = found.force.once(
        "offers by path", found.node.id, lambda: {at: one for (_, at), one in offers_of(found).items()}
    )
    here = by_path.get(path)
    return None if here is None or app.url_map.bind("").test(path, method) else here


@blueprint.route(f"{ROOM}<name>", methods=METHODS)
def call(name: str) -> Response:
    """Serve a call."""
    offer = next((one for one in offers_of(runtime()).values() if one.id == name), None)
    if offer is None or request.environ.get(_LED) != name:  # the room itself has no address
        return _plain({"code": "unknown"}, 404)
    if offer.method != request.method:
        return _other_method(offer)
    known = request.headers.get("Authorization") is not None and recognise_token()
    most = _most(offer)
    content, size = _body(most)
    if offer.form:
        content = _of_form(content, offer.form)
    asked = Asked(content, size, _arguments(), actor() if known else None, address(), most, _encoding())
    try:
        return _told(answer(runtime(), offer, asked))
    except HTTPException:
        raise
    except Exception as fault:  # whatever it is, the caller reads JSON; what failed left nothing behind
        current_app.logger.exception("a call of %s failed", offer.id)
        status = 503 if isinstance(fault, Stale) else 500  # somebody else was always faster: soon it may go well
        return _plain({"code": "internal", "text": "本方出错，请稍后重试", "fields": []}, status)


def _other_method(offer: Offer) -> Response:
    made = _plain({"code": "method", "text": f"此地址用 {offer.method} 调用", "fields": []}, 405)
    made.headers["Allow"] = offer.method
    return made


def _encoding() -> str:
    """How the body is encoded beyond what it is; empty where it is as it stands."""
    told = request.headers.get("Content-Encoding", "").strip().lower()
    return "" if told == "identity" else told


def _of_form(content: bytes, name: str) -> bytes:
    """The message in a field of a form; nothing where the form has no such field."""
    try:
        given = parse_qs(content.decode("ascii"), keep_blank_values=True, max_num_fields=50)
    except ValueError:
        return b""
    return given.get(name, [""])[0].encode()


def _arguments() -> Mapping[str, str]:
    return dict(request.args.items()) if request.method in ("GET", "DELETE") else {}


def _most(offer: Offer) -> int:
    envelope = runtime().definitions.envelopes.get(offer.envelope)
    bounds = [one.most for one in envelope.accept if isinstance(one, Size)] if envelope is not None else []
    return min(bounds, default=_MOST)


def _body(most: int) -> tuple[bytes, int]:
    """The bytes of a call, and how many it has; of one that is too large no more than its beginning."""
    request.max_content_length = sys.maxsize  # no more is read than `most`; too much is told in the words of the offer
    told = request.content_length or 0
    content = request.stream.read(most + 1 if told <= most else 1024)
    size = max(len(content), told)
    return content[:most] if size <= most else content[:1024], size


def _told(answered: Answered) -> Response:
    told = answered.told
    if told.file is not None and told.word == "ok":
        return _filed(told.file)
    if answered.content is not None:
        made = make_response(answered.content, 200)
        made.headers["Content-Type"] = answered.media
        return made
    if told.word == "ok":
        return _plain({**told.data, **({"duplicate": True} if told.duplicate else {})}, 200)
    shown = {"code": told.code or told.word, "text": told.text, "fields": list(told.fields)}
    return _plain(shown, told.status)


def _filed(file: StoredFile) -> Response:
    """A file whole or, where a range is asked for, in part."""
    try:
        return handed(file, runtime().files.open(file.hash))
    except KeyError:
        return _plain({"code": "unknown"}, 404)


def _plain(data: Mapping[str, object], status: int) -> Response:
    made = make_response(json.dumps(data, ensure_ascii=False), status)
    made.headers["Content-Type"] = "application/json"
    if status == 401:
        made.headers["WWW-Authenticate"] = 'Bearer realm="guiju"'
    return made
