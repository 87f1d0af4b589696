"""The generated pages and the REST door: the one room of the engine that knows Flask.

In: requests of browsers and programs. Out: HTML and JSON made from the views of `engine.usecases`. Nothing here decides
who may see or do what, and no definition is special.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from flask import Blueprint, Flask, jsonify
from werkzeug.middleware.proxy_fix import ProxyFix

from engine.problems import Problem
from engine.usecases.runtime import Runtime
from engine.web import (
    account,
    assets,
    batches,
    bulk_pages,
    details,
    drafts,
    errands,
    errors,
    exports,
    files,
    finding,
    forms,
    free_pages,
    list_views,
    lists,
    live,
    login,
    notices,
    offers,
    openapi,
    rest,
    rest_life,
    rest_notices,
    rest_pages,
    rest_papers,
    rest_sheets,
    rest_tasks,
    rest_views,
    scans,
    sheets,
    specimen,
    tasks,
    troubles,
    verifying,
    workbench,
)
from engine.web.escaping import Pages
from engine.web.rates import RateLimit
from engine.web.security import csrf, guard, read_together
from engine.web.settings import WebSettings
from engine.web.surroundings import SHELL, Shell
from engine.web.templating import dress

__all__ = ["WebSettings", "create_app"]

ROOMS = (
    assets, login, workbench, live, drafts, forms, files, tasks, exports, lists, list_views, bulk_pages,
    batches, scans, verifying,
    sheets, errands, notices, finding, details, free_pages, account, troubles,
    openapi, specimen, rest_papers, rest_pages, rest_tasks, rest_notices, rest_sheets, rest_views, rest_life, rest,
    offers,
)  # fmt: skip
WITHOUT_COOKIES = (rest, rest_life, rest_papers, rest_pages, rest_tasks, rest_notices, rest_sheets, rest_views, offers)
"""Rooms that no cookie opens need no token against forged requests."""


def create_app(
    runtime_source: Callable[[], Runtime],
    settings: WebSettings,
    problems_source: Callable[[], Sequence[Problem]] = tuple,
    faces: Sequence[Blueprint] = (),
) -> Flask:
    """The application. Both sources are asked anew for each request, so that definitions can be reloaded live.

    `runtime_source` gives the runtime in force; `problems_source` what is wrong with definitions that could not be put
    in force. `faces` are rooms of other packages that stand in the frame of these pages.
    """
    app = Flask("engine.web", static_folder=None)
    app.jinja_environment = Pages
    kept = assets.Assets()
    app.extensions["assets"] = kept
    app.extensions[SHELL] = Shell(
        runtime_source,
        problems_source,
        settings,
        kept,
        RateLimit(settings.failures_per_minute, timedelta(minutes=1)),
        RateLimit(settings.calls_per_minute, timedelta(minutes=1)),
    )
    read_together(app)
    guard(app, settings, files.allowed)
    dress(app)
    errors.register(app)
    for room in ROOMS:
        app.register_blueprint(room.blueprint)
    for face in faces:
        app.register_blueprint(face)
    for room in WITHOUT_COOKIES:
        csrf.exempt(room.blueprint)
    app.add_url_rule("/health", "health", lambda: jsonify(status="ok"))
    offers.lead(app)
    if settings.proxies:
        count = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    return app
