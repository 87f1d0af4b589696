"""The log: written by any number of processes, covered, found again, forgotten."""

from __future__ import annotations

import json
import logging
import multiprocessing
import stat
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from adapters.journal.book import JournalBook
from adapters.journal.masking import masked
from adapters.journal.writing import JournalHandler
from engine.ports.logs import LogQuery


@pytest.fixture
def book(tmp_path: Path) -> JournalBook:
    return JournalBook(tmp_path / "log")


@pytest.fixture
def logger(tmp_path: Path):
    made = logging.getLogger(f"guiju.{tmp_path.name}")
    handler = JournalHandler(tmp_path / "log")
    made.addHandler(handler)
    made.setLevel(logging.INFO)
    made.propagate = False
    yield made
    made.removeHandler(handler)


def written(folder: Path, day: str, count: int, **more) -> None:
    folder.mkdir(exist_ok=True)
    with (folder / f"{day}.jsonl").open("a", encoding="utf-8") as file:
        for number in range(count):
            told = {"at": f"{day}T10:{number // 60 % 60:02}:{number % 60:02}", "level": "info", "process": "1"}
            text = {"thread": "worker", "text": f"line {number}", "kind": "", "place": "", "about": {}}
            file.write(json.dumps({**told, **text, **more}) + "\n")


def every(book: JournalBook, query: LogQuery, limit: int) -> list[str]:
    found, older = [], ""
    while True:
        page = book.find(LogQuery(query.since, query.until, query.level, query.thread, query.text, older), limit)
        found += [one.text for one in page.lines]
        older = page.older
        if not older:
            return found


@pytest.mark.parametrize(
    ("text", "covered"),
    [
        ("amqp://me:s3cret@mq.example/x is away", "amqp://***@mq.example/x is away"),
        ("password=s3cret, host=a", "password=***, host=a"),
        ("{'api_key': 'x y'}", "{***: ***}"),
        ("Authorization: Bearer gj_abc", "Authorization: Bearer ***"),
        ("call 13800138000 or 110101199001011234 or 11010119900101123X", "call *** or *** or ***"),
        ("zhang.san@example.com wrote 「张三」 and “李四” and 'x'", "*** wrote *** and *** and ***"),
        ("a\nb\r\n2026 c", "a b 2026 c"),
        ("port 5672, 12345 messages, 400 KB", "port 5672, 12345 messages, 400 KB"),
    ],
)
def test_what_nobody_may_read_is_covered(text, covered):
    assert masked(text) == covered


def test_a_line_is_whole_and_long_ones_end():
    assert len(masked("x" * 100_000)) == 1_000
    assert masked("1" * 100_000) == "***"


def test_what_is_logged_is_found_with_its_thread_and_without_what_it_quotes(logger, book, tmp_path):
    try:
        int("张三 13800138000")
    except ValueError:
        logger.exception("listening to %s waits", "orders")
    logger.warning("a message is %s", "blocked", extra={"about": {"channel": "out", "number": "A-123456789"}})
    logger.debug("nothing")
    second, first = book.find(LogQuery(), 10).lines
    assert (first.level, first.thread, first.text) == ("error", "MainThread", "listening to orders waits")
    assert (first.kind, first.place.partition(":")[0]) == ("ValueError", "test_journal.py")
    assert (second.about["number"], second.level) == ("A-123456789", "warning")
    (path,) = (tmp_path / "log").iterdir()
    content = path.read_text("utf-8")
    assert "张三" not in content
    assert "13800138000" not in content
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_library_says_its_sentence_without_what_was_filled_in(tmp_path, book):
    handler = JournalHandler(tmp_path / "log")
    handler.handle(logging.LogRecord("sqlalchemy.pool", logging.WARNING, "", 1, "row %s", ("王五",), None))
    (line,) = book.find(LogQuery(), 1).lines
    assert line.text == "sqlalchemy.pool: row %s"


def test_processes_write_whole_lines(logger, book):
    def write():
        for number in range(200):
            logger.info("line %s of many", number, extra={"about": {"code": "x" * 150}})

    running = [multiprocessing.get_context("fork").Process(target=write) for _ in range(3)]
    for one in running:
        one.start()
    for one in running:
        one.join()
    assert len(every(book, LogQuery(), 97)) == 600


def test_pages_go_on_where_they_ended_over_days_and_blocks(book, tmp_path):
    for day in ("2026-11-20", "2026-11-21"):
        written(tmp_path / "log", day, 1_500)  # more than one block
    found = every(book, LogQuery(), 400)
    assert found == [f"line {number}" for _ in range(2) for number in reversed(range(1_500))]
    assert book.find(LogQuery(text="line 1499"), 5).lines[0].at == datetime(2026, 11, 21, 10, 24, 59)


def test_lines_are_found_by_time_level_thread_and_text(book, tmp_path):
    folder = tmp_path / "log"
    written(folder, "2026-11-20", 2, thread="orders_in", level="error", kind="KeyError", about={"code": "MSG111"})
    written(folder, "2026-11-21", 2)
    assert len(book.find(LogQuery(level="warning"), 9).lines) == 2
    assert len(book.find(LogQuery(thread="ORDERS"), 9).lines) == 2
    assert len(book.find(LogQuery(text="msg111"), 9).lines) == 2
    assert len(book.find(LogQuery(text="keyerror"), 9).lines) == 2
    assert [one.at.day for one in book.find(LogQuery(since=datetime(2026, 11, 21)), 9).lines] == [21, 21]
    assert [one.at.day for one in book.find(LogQuery(until=datetime(2026, 11, 20, 23)), 9).lines] == [20, 20]
    assert len(book.find(LogQuery(until=datetime(2026, 11, 20, 10, 0, 0)), 9).lines) == 1
    assert book.find(LogQuery(text="nothing"), 9).lines == []
    assert len(book.find(LogQuery(older="../../etc.1", level="strange"), 9).lines) == 4


def test_what_cannot_be_read_is_passed_over(book, tmp_path):
    assert book.find(LogQuery(), 9).lines == []
    written(tmp_path / "log", "2026-11-21", 1)
    with (tmp_path / "log/2026-11-21.jsonl").open("ab") as file:
        file.write(b"\xff\xfe\n[]\n{}\nnull\n" + b'{"at": 1}\n' + b"torn")
    assert [one.text for one in book.find(LogQuery(), 9).lines] == ["line 0"]


def test_days_are_forgotten(book, tmp_path):
    for day in ("2026-08-01", "2026-11-20"):
        written(tmp_path / "log", day, 1)
    assert book.forget(date(2026, 8, 22)) == 1
    assert [path.stem for path in (tmp_path / "log").iterdir()] == ["2026-11-20"]


def test_a_full_disk_keeps_nobody_from_work(tmp_path, monkeypatch):
    (tmp_path / "log").write_text("a file where the folder should be")
    monkeypatch.setattr(logging, "raiseExceptions", False)
    JournalHandler(tmp_path / "log").handle(logging.LogRecord("guiju", logging.ERROR, "", 1, "x", (), None))


def test_lines_stand_on_the_day_and_at_the_time_of_the_zone(tmp_path):
    record = logging.LogRecord("guiju", logging.WARNING, "", 1, "late", (), None)
    record.created = datetime(2026, 5, 6, 16, 30, tzinfo=UTC).timestamp()
    JournalHandler(tmp_path / "log", ZoneInfo("Asia/Shanghai")).handle(record)
    [line] = JournalBook(tmp_path / "log").find(LogQuery(), 10).lines
    assert line.at == datetime(2026, 5, 7, 0, 30)
    assert [path.name for path in (tmp_path / "log").iterdir()] == ["2026-05-07.jsonl"]
