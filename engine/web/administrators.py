"""Pages for those who look after the office. To everybody else they are not there."""

from __future__ import annotations

from functools import wraps

from flask import abort, current_app
from werkzeug.wrappers import Response

from engine.usecases.administration import is_administrator
from engine.web.doors import Params, View
from engine.web.surroundings import actor, runtime


def looks_after() -> bool:
    """Whether whoever acts is an administrator; in development everybody is."""
    return current_app.debug or is_administrator(runtime(), actor())


def administrators_only(view: View[Params]) -> View[Params]:
    """Let only administrators into a view; put it below `signed_in`."""

    @wraps(view)
    def guarded(*args: Params.args, **kwargs: Params.kwargs) -> Response | str:
        if not looks_after():
            abort(404)
        return view(*args, **kwargs)

    return guarded
