"""The operator's settings of the own side: who the organisation is to others, parameters of the exchange, and the
folders by which other programs of the organisation hand over and take.

In: requests of administrators. Out: the page. What stands on it is set where it belongs: the organisation's own record,
parameters, channels.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template

from admin.console import blueprint
from engine.model.traffic import MESSAGES
from engine.problems import Refused
from engine.usecases import parameters
from engine.usecases.channel_forms import size_of
from engine.usecases.exchange_parameters import exchange_parameters
from engine.usecases.monitoring import attention
from engine.usecases.reading import read_document
from engine.usecases.views import DetailView
from engine.web.administrators import administrators_only
from engine.web.doors import signed_in
from engine.web.surroundings import actor, runtime


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder by which messages are handed over or fetched."""

    name: str
    direction: str
    place: str
    poll: str
    most: str


@blueprint.get("/enterprise")
@signed_in
@administrators_only
def enterprise() -> str:
    """Who we are to others, and where."""
    return render_template(
        "admin/enterprise.html", unit=_unit(), settable=_parameters(), folders=_folders(),
        needs=attention(runtime()),
    )  # fmt: skip


def _unit() -> DetailView | None:
    """The record of the person's own organisation, as the person may see it."""
    accounts = runtime().node.accounts
    if accounts is None or not accounts.org or actor().org is None:
        return None
    document = runtime().definitions.documents[accounts.document].fields[accounts.org].type.of
    try:
        return read_document(runtime(), actor(), document, str(actor().org))
    except Refused:
        return None


def _parameters() -> list[parameters.ParameterView]:
    """The parameters that the person may set, of those that messages are made with."""
    named = exchange_parameters(runtime())
    return [one for one in parameters.settable(runtime(), actor()) if one.id.rpartition(".")[2] in named]


def _folders() -> list[Folder]:
    found = [(name, one) for name, one in sorted(runtime().node.channels.items()) if one.adapter == MESSAGES]
    return [
        Folder(name, one.direction, one.settings.get("folder", name), one.settings.get("poll", ""), size_of(one.most))
        for name, one in found
    ]
