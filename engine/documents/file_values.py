"""Attachments as values: read from what an upload left in the form, worded by name, written as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping

from engine.documents.malformed import Malformed
from engine.model.documents import Field
from engine.model.values import StoredFile

_NO_FILE = ("file", "请先上传文件", "upload the file first")


def parse_file(raw: object, field: Field) -> object:
    if isinstance(raw, str):
        try:
            raw = json.loads(raw)
        except (ValueError, RecursionError):
            raise Malformed(*_NO_FILE) from None
    if isinstance(raw, list | tuple):
        if len(raw) > 1 and not field.many:
            raise Malformed("several", "只能有一个文件", "one file only")
        files = tuple(_one_file(part) for part in raw)
        return (files or None) if field.many else (files[0] if files else None)
    return _one_file(raw)


def file_json(value: object) -> object:
    if isinstance(value, tuple):
        return [file_json(part) for part in value]
    assert isinstance(value, StoredFile)
    return {"hash": value.hash, "name": value.name, "size": value.size, "media": value.media}


def file_text(value: object) -> str:
    if isinstance(value, tuple):
        return "、".join(file_text(part) for part in value)
    return value.name if isinstance(value, StoredFile) else ""


def _one_file(raw: object) -> StoredFile:
    if isinstance(raw, StoredFile):
        return raw
    if not isinstance(raw, Mapping):
        raise Malformed(*_NO_FILE)
    try:
        return StoredFile(str(raw["hash"]), str(raw["name"]), int(raw["size"]), str(raw["media"]))
    except (KeyError, TypeError, ValueError):
        raise Malformed(*_NO_FILE) from None
