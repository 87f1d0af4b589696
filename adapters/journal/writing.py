"""Writes what a process logs: one line of JSON for each record, into the file of its day.

In: records of `logging`. Out: lines that are appended whole, by however many processes. A defect is told by its kind
and place, its text stays unsaid: it may quote what somebody typed. Of libraries the sentence is kept and what would be
filled in is not.
"""

from __future__ import annotations

import json
import logging
import os
import traceback
from collections.abc import Mapping
from datetime import datetime, tzinfo
from pathlib import Path, PurePath

from adapters.journal.masking import masked

_OWN = ("guiju", "engine", "adapters", "admin", "kiosk")
_LEVELS = {logging.INFO: "info", logging.WARNING: "warning"}
_ABOUT = 200
_NUMBER = "number"


class JournalHandler(logging.Handler):
    """Appends to `FOLDER/YYYY-MM-DD.jsonl`, by the civil time of a zone; without one, of the machine's."""

    def __init__(self, folder: Path, zone: tzinfo | None = None) -> None:
        super().__init__(logging.INFO)
        self._folder, self._zone = folder, zone

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record; what cannot be written is lost, and keeps nobody from work."""
        try:
            at = datetime.fromtimestamp(record.created, self._zone).replace(tzinfo=None)
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            line = json.dumps(_told(record, at), ensure_ascii=False) + "\n"
            path = self._folder / f"{at:%Y-%m-%d}.jsonl"
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(descriptor, line.encode("utf-8", "replace"))
            finally:
                os.close(descriptor)
        except Exception:  # noqa: BLE001 - a full disk must not stop the exchange
            self.handleError(record)


def begin_journal(folder: Path, zone: tzinfo) -> None:
    """Keep what this process and those that it begins say: of this program all from `info`, of libraries warnings.
    Errors go to whoever began it as well."""
    root = logging.getLogger()
    if not any(isinstance(one, JournalHandler) for one in root.handlers):
        root.addHandler(JournalHandler(folder, zone))
        told = logging.StreamHandler()
        told.setLevel(logging.ERROR)
        root.addHandler(told)
        for name in _OWN:
            logging.getLogger(name).setLevel(logging.INFO)


def _told(record: logging.LogRecord, at: datetime) -> Mapping[str, object]:
    is_own = record.name.partition(".")[0] in _OWN
    fault = record.exc_info[1] if record.exc_info else None
    about = getattr(record, "about", None)
    return {
        "at": at.isoformat(timespec="milliseconds"),
        "level": _LEVELS.get(record.levelno, "error" if record.levelno > logging.WARNING else "info"),
        "process": str(record.process or ""),
        "thread": record.threadName or "",
        "text": masked(record.getMessage() if is_own else f"{record.name}: {record.msg}"),
        "kind": _kind(fault),
        "place": _place(fault),
        "about": _about(about) if isinstance(about, Mapping) else {},
    }


def _about(told: Mapping[object, object]) -> Mapping[str, str]:
    """What is spoken of: a message by its number as it is, all else covered."""
    texts = {str(key): str(text) for key, text in told.items()}
    return {key: (text if key == _NUMBER else masked(text))[:_ABOUT] for key, text in texts.items()}


def _kind(fault: BaseException | None) -> str:
    """The kind of a defect, and of what lies behind it."""
    names: list[str] = []
    while fault is not None and len(names) < 3:
        names.append(type(fault).__name__)
        fault = fault.__cause__ or fault.__context__
    return " < ".join(names)


def _place(fault: BaseException | None) -> str:
    frames = traceback.extract_tb(fault.__traceback__) if fault is not None else []
    return f"{PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
