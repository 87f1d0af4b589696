"""What an address or a form asks of a list, and addresses that ask the same with something else.

In: arguments of a request. Out: a `ListRequest`; texts for addresses. Names: `f.FIELD` filters, `q`, `sort`, `after`,
`back`, `view` the saved view that is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import url_for

from engine.usecases.preferences import ListChoice, list_choice
from engine.usecases.views import ListRequest
from engine.web.surroundings import actor, runtime

FILTER = "f."
PAGE = 50


def list_request(document: str, given: Mapping[str, str], choice: ListChoice | None = None) -> ListRequest:
    """What is asked for, with the columns that the person has chosen (`choice`, read where it is not known yet)."""
    choice = choice or list_choice(runtime(), actor(), document)
    filters = {name.removeprefix(FILTER): value.strip() for name, value in given.items() if name.startswith(FILTER)}
    return ListRequest(
        document,
        filters={name: value for name, value in filters.items() if value},
        text=given.get("q", "").strip(),
        sort=given.get("sort", ""),
        after=given.get("after", ""),
        backwards=given.get("back") == "1",
        limit=PAGE,
        columns=choice.columns,
    )


def arguments(asked: ListRequest) -> dict[str, str]:
    """What makes a list this list, as arguments of an address; without the place in its pages."""
    found = {FILTER + name: value for name, value in sorted(asked.filters.items())}
    return {name: value for name, value in (found | {"q": asked.text, "sort": asked.sort}).items() if value}


def query_of(asked: ListRequest) -> str:
    """The same as one text, as saved views keep it."""
    return urlencode(arguments(asked))


def arguments_of(query: str) -> dict[str, str]:
    """The arguments that a saved view keeps; only those of lists."""
    found = dict(parse_qsl(query))
    return {name: value for name, value in found.items() if name in {"q", "sort"} or name.startswith(FILTER)}


def same_list(query: str, asked: ListRequest) -> bool:
    """Whether a saved view asks for what is shown."""
    return arguments_of(query) == arguments(asked)


def list_link(asked: ListRequest, view: str = "", /, **changes: str) -> str:
    """The same list with something else; paging begins anew unless it is what changes."""
    found: dict[str, Any] = arguments(asked) | {"view": view} | changes
    return url_for("lists.documents", document=asked.document, **{key: value for key, value in found.items() if value})
