"""A field of a form becomes a control: which widget, its name, its text, its limits. Templates only draw it.

In: a FieldView and what the person typed, if anything. Out: a `Control` of plain texts. Typed text wins over the value,
so that a refused form shows exactly what was sent.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from engine.documents.field_kinds import json_of
from engine.documents.uploads import accepted
from engine.model.values import StoredFile
from engine.problems import Finding, Level
from engine.usecases.files import largest
from engine.usecases.views import FieldView, Option
from engine.web.incoming import read_json

Path = tuple[str, ...]
How = Callable[[FieldView], str]
"""How the engine comes by a value, in words; empty where it does not."""
Choices = Callable[[FieldView, Path], "Sequence[Option] | None"]
"""The options of a short list, or None where the person has to search."""

TEXTS = {
    "text": "text", "signature": "text", "credit_code": "text", "citizen_id": "text", "mobile": "text",
    "integer": "number", "counter": "number", "decimal": "number", "money": "number", "duration": "text",
    "long_text": "long", "rich_text": "long", "mrz": "long", "json": "long",
    "date": "date", "time": "time", "datetime": "datetime",
    "boolean": "check", "password": "password", "file": "file", "image": "file", "table": "table",
    "code": "one", "ref": "one", "codes": "many", "refs": "many",
}  # fmt: skip
GROUPS = {"citizen_id": "6 8 4", "mobile": "3 4 4"}
"""How long identifiers are set in groups while they are typed."""
CHOSEN = {"code", "codes", "ref", "refs"}
WIDE = {"long", "table", "file", "checks", "tags"}
MOST_RADIOS, MOST_CHECKS = 4, 12


class Control(NamedTuple):
    """One field as a form draws it. `texts` are the titles of chosen codes or references, beside `values`.

    A tuple, as a FieldView is, because forms have many.
    """

    view: FieldView
    name: str
    widget: str
    value: str = ""
    values: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    options: Sequence[Option] = ()
    files: tuple[StoredFile, ...] = ()
    path: str = ""
    findings: tuple[Finding, ...] = ()
    typed: bool = False
    how: str = ""

    @property
    def attributes(self) -> Mapping[str, str]:
        """HTML attributes that follow from the field's type and limits."""
        return attributes_of(self.view)

    @property
    def kinds(self) -> str:
        """The kinds of file that it takes, as people write them."""
        return "、".join(sorted(one.rpartition("/")[2].upper() for one in accepted(self.view.field)))

    @property
    def most(self) -> int:
        """How many bytes one of its files may have."""
        return largest(self.view.field)

    @property
    def wide(self) -> bool:
        """Whether it takes the whole line."""
        return self.widget in WIDE

    @property
    def wrong(self) -> bool:
        """Whether something about it refuses the form."""
        return any(one.level is Level.ERROR for one in self.findings)

    @property
    def computed(self) -> bool:
        """Whether the engine gives the value."""
        return not self.view.editable and (self.view.field.is_derived or self.view.field.copied is not None)


def control(
    view: FieldView,
    name: str,
    raw: Mapping[str, object],
    choices: Choices,
    findings: Sequence[Finding] = (),
    how: How = lambda view: "",
) -> Control:
    """The control of one field. `raw` holds what was typed, by field name; `name` is the name in the form."""
    typed = view.name in raw
    path = (view.name,)
    options = choices(view, path) if view.editable and view.field.kind in CHOSEN else None
    widget = widget_of(view, options)
    value, values, texts = _chosen(view, raw.get(view.name), options) if typed else _stored(view)
    return Control(
        view=view,
        name=name,
        widget=widget,
        value=value,
        values=values,
        texts=texts,
        options=options or (),
        files=_files(raw.get(view.name) if typed else view.value) if widget == "file" else (),
        path=".".join(path),
        findings=_both(view.findings, findings),
        typed=typed,
        how=how(view),
    )


def _both(own: tuple[Finding, ...], others: Sequence[Finding]) -> tuple[Finding, ...]:
    return own if not others else (*own, *(one for one in others if one not in own))


def widget_of(view: FieldView, options: Sequence[Option] | None) -> str:
    """Which widget draws a field."""
    widget = TEXTS.get(view.field.kind, "text")
    if widget == "one":
        if options is None:
            return "search"
        return "radio" if view.field.widget == "radio" and len(options) <= MOST_RADIOS else "select"
    if widget == "many":
        return "tags" if options is None or len(options) > MOST_CHECKS else "checks"
    return widget


def attributes_of(view: FieldView) -> dict[str, str]:
    """HTML attributes that follow from the field's type and limits."""
    declared, found = view.field, {}
    if declared.kind in {"integer", "counter"}:
        found["inputmode"] = "numeric"
    elif declared.kind in {"decimal", "money"}:
        found["inputmode"] = "decimal"
        scale = declared.scale if declared.scale is not None else (2 if declared.kind == "money" else None)
        if scale is not None:
            found["data-scale"] = str(scale)
    elif declared.kind == "mobile":
        found["inputmode"] = "tel"
    if declared.kind in GROUPS:
        found["data-groups"] = GROUPS[declared.kind]
    elif isinstance(declared.maximum, Decimal) and declared.kind in {"text", "long_text", "rich_text", "password"}:
        found["maxlength"] = str(declared.maximum)
    if declared.accept:
        found["accept"] = ",".join(one if "/" in one or one.startswith(".") else f".{one}" for one in declared.accept)
    return found


def text_for_input(view: FieldView) -> str:
    """A stored value as its input holds it."""
    if view.masked:
        return view.text
    if view.value is None:
        return ""
    value = json_of(view.value, view.field.kind)
    if type(value) is str:  # most are
        return value[:16].replace("T", " ") if view.field.kind == "datetime" else value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


def plain_value(view: FieldView) -> object:
    """A stored value as the form's script keeps it: a text, or a list of texts."""
    if isinstance(view.value, tuple) and view.field.kind in {"codes", "refs"}:
        return [str(one) for one in view.value]
    return text_for_input(view)


def _stored(view: FieldView) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    if view.field.kind in {"codes", "refs"}:
        values = tuple(str(one) for one in view.value) if isinstance(view.value, tuple | list) else ()
        texts = tuple(view.text.split("、")) if view.text else ()
        return "", values, texts if len(texts) == len(values) else values
    if view.field.kind in {"code", "ref"}:
        return ("" if view.value is None else str(view.value)), (), (view.text,)
    return ("" if view.field.is_table else text_for_input(view)), (), ()


def _chosen(
    view: FieldView, raw: object, options: Sequence[Option] | None
) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """What was sent; its wording comes from the options, or from the view where the value is still the same."""
    titles = {option.value: option.title for option in options or ()}
    _, stored, texts = _stored(view)
    titles.update(zip(stored, texts, strict=False))
    if view.value is not None and not isinstance(view.value, tuple | list):
        titles.setdefault(str(view.value), view.text)
    if view.field.kind in {"codes", "refs"}:
        values = tuple(str(one) for one in raw) if isinstance(raw, list | tuple) else ((str(raw),) if raw else ())
        return "", values, tuple(titles.get(one, one) for one in values)
    if isinstance(raw, bool):
        return ("true" if raw else "false"), (), ()
    text = "" if raw is None or isinstance(raw, list | dict) else str(raw)
    return text, (), (titles.get(text, text),)


def _files(value: object) -> tuple[StoredFile, ...]:
    """Stored files of a value or of what a form sent back."""
    if isinstance(value, StoredFile):
        return (value,)
    if isinstance(value, str):
        try:
            value = read_json(value)
        except ValueError:
            return ()
    if isinstance(value, Mapping):
        value = [value]
    if not isinstance(value, list | tuple):
        return ()
    return tuple(found for one in value if (found := _file(one)) is not None)


def _file(value: object) -> StoredFile | None:
    if isinstance(value, StoredFile):
        return value
    if not isinstance(value, Mapping) or not {"hash", "name", "size", "media"} <= value.keys():
        return None
    try:
        return StoredFile(str(value["hash"]), str(value["name"]), int(value["size"]), str(value["media"]))
    except (TypeError, ValueError):
        return None
