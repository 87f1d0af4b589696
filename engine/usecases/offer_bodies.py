"""What a call brings, typed: the fields of an offer's body out of JSON or the arguments of an address.

In: an offer, raw data by name. Out: typed values of its fields and everything that is wrong with them at once. Names
that the offer does not know are left: they are for somebody further on.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass

from engine.documents import compute as computing
from engine.documents.bind import bind
from engine.documents.rules import check_fields
from engine.expressions.environment import Env
from engine.mappings.leaves import leaf_of
from engine.mappings.scalars import Misread, value_of
from engine.model.formula import Formula
from engine.model.interfaces import BodyField, Offer
from engine.model.messages import MessageLeaf, Seal
from engine.problems import Finding
from engine.usecases.message_mappings import surroundings_of
from engine.usecases.runtime import Runtime
from engine.usecases.work import Work

Row = Mapping[str, object]
_FILES = frozenset({"file", "image"})


@dataclass(frozen=True, slots=True)
class Taken:
    """The typed body, and what is wrong with it."""

    values: dict[str, object]
    findings: tuple[Finding, ...] = ()


def take_body(work: Work, offer: Offer, raw: Row) -> Taken:
    """The fields of a body. Writes files that came in it."""
    fields = {name: one.field for name, one in offer.body.items()}
    findings: list[Finding] = []
    given: dict[str, object] = {}
    for name, one in offer.body.items():
        value = _spelled(raw, name, one)
        try:
            given[name] = _unwrapped(work.runtime, offer, one, value) if value not in (None, "") else None
        except Misread as misread:
            findings.append(Finding("malformed", misread.text, (name,)))
    nested = {name: value for name, value in given.items() if offer.body[name].mapping}
    plain = {name: value for name, value in given.items() if name not in nested}
    bound = bind(
        fields, plain, may_set=lambda path: True, exists=work.exists, new_id=work.runtime.ids.new, rows_before=None
    )
    values: dict[str, object] = {**computing.blank(fields), **bound.values, **nested}
    env = Env(values, work.world, this=values)
    computing.give_defaults(fields, values, env, plain)
    named = {one.at[0] for one in (*findings, *bound.findings) if one.at}
    missing = [one for one in check_fields(fields, values, env, ()) if not one.at or one.at[0] not in named]
    return Taken(values, (*findings, *bound.findings, *missing))


def _spelled(raw: Row, name: str, one: BodyField) -> object:
    """The value under a field's own name or another spelling of it."""
    return next((raw[word] for word in (name, *one.also) if raw.get(word) is not None), None)


def _unwrapped(runtime: Runtime, offer: Offer, one: BodyField, value: object) -> object:
    if one.wrap or one.mapping:
        leaf = MessageLeaf(one.field.name, Formula("null"), one.format, wrap=one.wrap, mapping=one.mapping)
        return _from_leaf(runtime, offer, one, leaf, value)
    if one.field.kind in _FILES:
        return _file(runtime, one, value)
    if one.format and isinstance(value, str | int):
        return value_of(one.field.type.kind, one.format)(str(value))
    return value


def _from_leaf(runtime: Runtime, offer: Offer, one: BodyField, leaf: MessageLeaf, value: object) -> object:
    if not isinstance(value, str):
        raise Misread("应为文字", "must be text")
    key = _key_of(runtime, offer)
    read = leaf_of(leaf, surroundings_of(runtime, Seal(key=key) if key else None), of=one.field.type).read(value)
    if one.field.kind in _FILES and isinstance(read, bytes):
        return runtime.files.put(read, one.field.name, "application/octet-stream")
    return read


def _key_of(runtime: Runtime, offer: Offer) -> str:
    """The key that opens what is sealed within a body: that of the envelope."""
    envelope = runtime.definitions.envelopes.get(offer.envelope)
    return envelope.security.key if envelope is not None and envelope.security is not None else ""


def _file(runtime: Runtime, one: BodyField, value: object) -> object:
    """A file that came in base64."""
    try:
        content = base64.b64decode("".join(str(value).split()), validate=True)
    except (binascii.Error, ValueError):
        raise Misread("应为base64内容", "must be base64") from None
    if one.field.max_size is not None and len(content) > one.field.max_size:
        raise Misread("文件过大", "the file is too large")
    return runtime.files.put(content, one.field.name, "application/octet-stream")
