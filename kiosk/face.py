"""The touch pages of a node: one page whose screen comes from the flow that runs there, kept live by events.

In: touches of whoever stands before it. Out: the screen as a fragment of HTML with the token of its standing, over
server-sent events too, with a beat that tells that the service lives. What is shown and what a touch does is decided
by the service behind; only the machine itself may look, unless the node says otherwise.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import wraps
from pathlib import Path
from typing import ParamSpec, Protocol, cast

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    jsonify,
    make_response,
    render_template,
    request,
    send_from_directory,
    stream_with_context,
    url_for,
)
from werkzeug.wrappers import Response as AnyResponse

from engine.usecases.flow_views import Screen, Touch
from engine.web.assets import FOREVER, Assets
from engine.web.surroundings import LANGUAGES, language, runtime, shell, speak
from engine.web.surroundings import address as caller
from kiosk import specimen
from kiosk.drawing import drawing, shows
from kiosk.near import is_near
from kiosk.state import state_of
from kiosk.wording import KIOSK

SERVICE = "kiosk"
"""Where an application keeps the service that runs the flow of its node."""
BEAT = 2.0
"""Seconds after which a stream says that it lives, where nothing else happens."""
LIFE = 600.0
"""Seconds after which a stream ends and the page asks for a new one."""
FOLDER = Path(__file__).parent / "static"
LONGEST_TEXT, MOST_TEXTS = 2_000, 100
YEAR = 31_536_000
_KINDS = frozenset({"press", "judge", "pick", "type", "home"})
_START = "start."
Params = ParamSpec("Params")

blueprint = Blueprint("kiosk", __name__, url_prefix="/kiosk", template_folder="templates")
blueprint.register_blueprint(specimen.blueprint)
_assets = Assets(FOLDER)


class Service(Protocol):
    """What runs the flow of a node: `kiosk.service`."""

    def screen(self, language: str, starts: Mapping[str, int] | None = None) -> Screen:
        """The screen as it stands; `starts` are the first rows of tables."""
        ...

    def touch(self, touch: Touch, language: str) -> Screen:
        """What follows from a touch; one that carries an old token changes nothing."""
        ...

    def subscribe(self, patience: float) -> Iterator[str | None]:
        """The token that stands, and each that follows; None when nothing came within so many seconds."""
        ...


def service() -> Service:
    """The service behind these pages; without one there are none."""
    found = current_app.extensions.get(SERVICE)
    if found is None:
        abort(404)
    return cast(Service, found)


def near(view: Callable[Params, AnyResponse | str]) -> Callable[Params, AnyResponse | str]:
    """Let only the machine itself into a view: who can touch its screen."""

    @wraps(view)
    def guarded(*args: Params.args, **kwargs: Params.kwargs) -> AnyResponse | str:
        if not is_near(caller(), request.host, request.headers.keys(), shell().settings.proxies):
            abort(404)
        return view(*args, **kwargs)

    return guarded


def asset(path: str) -> str:
    """The address of a static file of these pages."""
    return url_for("kiosk.static_file", version=_assets.version, name=path)


@blueprint.context_processor
def _every_page() -> dict[str, object]:
    return {
        "k": lambda key, **values: KIOSK.worded(key, language(), **values),
        "kiosk_asset": asset,
        "script_words": json.dumps(KIOSK.for_scripts(language()), ensure_ascii=False),
        "state": lambda: state_of(runtime(), language()),
        "moment": lambda: runtime().clock.now().isoformat(timespec="seconds"),
        **drawing(),
    }


# --- pages -----------------------------------------------------------------------------------------------------------


@blueprint.get("")
@near
def page() -> str:
    """The whole page with the screen as it stands."""
    usual = {"zh": "zh-CN"}.get(LANGUAGES[0], LANGUAGES[0])
    return render_template("kiosk/page.html", screen=service().screen(language(), starts()), usual=usual)


@blueprint.get("/waiting")
def waiting() -> str:
    """What stands there while the service does not; a browser keeps it."""
    return render_template("kiosk/waiting.html")


@blueprint.get("/assets/<version>/<path:name>")
def static_file(version: str, name: str) -> Response:
    """One static file; an address of an older version is answered, but not kept."""
    current = version == _assets.version
    response = send_from_directory(FOLDER, name, max_age=FOREVER if current else 0)
    response.cache_control.public = True
    response.cache_control.immutable = current
    return response


@blueprint.get("/worker.js")
def worker() -> Response:
    """What stands in for the service while it is gone; it may speak for these pages alone."""
    response = send_from_directory(FOLDER / "js", "worker.js", max_age=0)
    response.headers["Service-Worker-Allowed"] = "/kiosk"
    return response


# --- the screen ------------------------------------------------------------------------------------------------------


@blueprint.get("/screen")
@near
def screen() -> AnyResponse:
    """The screen as it stands."""
    began = time.monotonic_ns()
    return jsonify(told(service().screen(language(), starts()), began))


@blueprint.post("/touch")
@near
def touch() -> AnyResponse:
    """Somebody has touched: what follows."""
    began = time.monotonic_ns()
    asked = request.get_json(silent=True)
    if not isinstance(asked, dict) or asked.get("kind") not in _KINDS:
        abort(400)
    return jsonify(told(service().touch(read_touch(asked), language()), began))


def read_touch(asked: Mapping[str, object]) -> Touch:
    """A touch as the page sends it; what is no text is left out."""
    given = asked.get("form")
    form = dict(list(given.items())[:MOST_TEXTS]) if isinstance(given, dict) else {}
    said = {name: str(asked.get(name) or "")[:LONGEST_TEXT] for name in ("kind", "token", "outcome", "path", "row")}
    return Touch(**said, form={str(name): _typed(value) for name, value in form.items()})


def _typed(value: object) -> object:
    if isinstance(value, list):
        return [str(one)[:LONGEST_TEXT] for one in value[:MOST_TEXTS]]
    return str(value)[:LONGEST_TEXT]


@blueprint.get("/live")
@near
def live() -> Response:
    """The screen whenever it changes, and a beat between; whoever comes again gets the whole screen at once."""
    chosen = language()

    def events() -> Iterator[str]:
        end = time.monotonic() + LIFE
        with closing(service().subscribe(BEAT)) as tokens:  # type: ignore[type-var]
            yield "retry: 500\n\n"
            for token in tokens:
                yield _event(chosen) if token is not None else "event: beat\ndata: \n\n"
                if time.monotonic() > end:
                    return

    response = Response(stream_with_context(events()), mimetype="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _event(chosen: str) -> str:
    speak(chosen)
    began = time.monotonic_ns()
    body = json.dumps(told(service().screen(chosen), began), ensure_ascii=False)
    return f"event: screen\ndata: {body}\n\n"


def told(view: Screen, began: int) -> dict[str, object]:
    """A screen for the page. `at` tells which of two is the newer one."""
    return {"token": view.token, "at": str(began).zfill(20), "html": render_template("kiosk/screen.html", screen=view)}


def starts() -> dict[str, int]:
    """The rows at which tables begin, as the page asks for them."""
    found = {name.removeprefix(_START): text for name, text in request.args.items() if name.startswith(_START)}
    return {path: int(text) for path, text in found.items() if text.isdigit() and len(text) < 9}


# --- beside it -------------------------------------------------------------------------------------------------------


@blueprint.get("/status")
@near
def status() -> AnyResponse:
    """What stands at the head of the page; an answer at all tells that the service lives."""
    return jsonify(html=render_template("kiosk/strip.html"))


@blueprint.get("/candidates")
@near
def candidates() -> AnyResponse:
    """Characters that are read so, the rare ones too, which no list in the browser has."""
    return jsonify(characters=runtime().pinyin.characters(request.args.get("pinyin", "")[:8].lower()))


@blueprint.get("/file/<digest>")
@near
def file(digest: str) -> AnyResponse:
    """A picture that the screen shows; no other file can be asked for here."""
    if not shows(service().screen(language()), digest):
        abort(404)
    try:
        response = make_response(runtime().files.get(digest))
    except KeyError:  # the oldest pictures go where room is short
        abort(404)
    response.headers["Content-Type"] = "image/jpeg"
    return response


@blueprint.post("/language")
@near
def choose_language() -> AnyResponse:
    """Speak another language from now on, or the usual one where none is named."""
    chosen = request.form.get("language", "")
    response = make_response("", 204)
    if not chosen:
        response.delete_cookie("language", httponly=True, samesite="Lax", secure=shell().settings.secure)
    if chosen in LANGUAGES:
        secure = shell().settings.secure
        response.set_cookie("language", chosen, max_age=YEAR, httponly=True, samesite="Lax", secure=secure)
    return response
