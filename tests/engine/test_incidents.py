"""The catalogue of what can go wrong with messages."""

import re
from pathlib import Path

from engine.incidents import catalogue, told, worded

ROOT = Path(__file__).parents[2]
SOURCES = [*(ROOT / "engine/usecases").glob("*.py"), *(ROOT / "engine/mappings").glob("*.py")]


def test_every_code_is_told_to_operators_and_used() -> None:
    page = (ROOT / "docs/operations.md").read_text("utf-8")
    code = "".join(path.read_text("utf-8") for path in SOURCES)
    assert [one for one in catalogue() if f"| {one} |" not in page] == []
    assert set(re.findall(r'"(MSG[1-9]\d\d)"', code)) == set(catalogue())


def test_every_text_is_there_in_both_languages() -> None:
    for one in catalogue().values():
        for part in (one.text, one.cause, one.repair):
            assert re.search("[\u4e00-\u9fff]", part["zh"])
            assert re.search("[a-z]{2}", part["en"])


def test_a_strange_code_says_itself() -> None:
    assert told("own_rule") is None
    assert worded("own_rule", "x") == {"zh": "own_rule：x", "en": "own_rule: x"}


# What operators are told of each event of the operations table: (what happens, what is to be checked).
EVENTS = {
    "power cut": ("MSG303", "不间断电源"),
    "card or UKey": ("MSG108", "重新插好卡或UKey"),
    "encryption machine": ("MSG109", "恢复加密机"),
    "AS2 up": ("MSG113", "检查本地网络和端口"),
    "AS3 down": ("MSG114", "检查本地网络和端口"),
    "IBM MQ or Toprow": ("MSG112", "MQ 服务"),
    "RabbitMQ": ("MSG111", "检查本地网络"),
}


def test_each_event_of_the_operations_table_tells_what_to_do() -> None:
    for event, (code, words) in EVENTS.items():
        incident = told(code)
        assert incident is not None, event
        assert words in incident.repair["zh"], event
