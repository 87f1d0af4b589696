"""The catalogue of the console: each sentence in both languages with the same values, and none that nobody says."""

import re
from pathlib import Path
from string import Formatter

import pytest

from engine.console import catalogue, chosen, say, speak, spoken

ENGINE = Path(__file__).parents[3] / "engine"
WORDS = re.compile(r"[a-z]{3,} [a-z]{2,}")


def values(text):
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_fill_the_same_values():
    for key, both in catalogue().items():
        assert values(both["zh"]) == values(both["en"]), key
        assert not WORDS.search(re.sub(r"`[^`]*`|--?\w+|guiju [\w ]+|{[^}]*}", "", both["zh"])), key


def test_every_sentence_is_said_and_there_is_one_for_all_that_is():
    files = [*ENGINE.rglob("*.py"), ENGINE.parent / "app.py"]
    texts = [text for path in files if "from engine.console import" in (text := path.read_text(encoding="utf-8"))]
    text = "".join(texts)
    families = set(re.findall(r'say\(f"([a-z0-9_.]+)\.\{', text))
    assert set(re.findall(r"\bsay\([\"']([a-z0-9_.]+)[\"']", text)) <= set(catalogue())
    told = {key for key in catalogue() if f'"{key}"' in text or f"'{key}'" in text}
    assert {key for key in catalogue() if key.rpartition(".")[0] not in families} <= told


@pytest.mark.parametrize(
    ("asked", "environment", "language"),
    [
        ("", {}, "zh"),
        ("", {"LANG": "C.UTF-8"}, "zh"),
        ("", {"LANG": "en_GB.UTF-8"}, "en"),
        ("", {"LANG": "en_GB.UTF-8", "GUIJU_LANG": "zh"}, "zh"),
        ("", {"LC_ALL": "zh_CN.UTF-8", "LANG": "en_GB.UTF-8"}, "zh"),
        ("en", {"GUIJU_LANG": "zh"}, "en"),
    ],
)
def test_language_is_the_one_asked_for_then_that_of_the_setting_then_that_of_the_terminal(asked, environment, language):
    assert chosen(asked, environment) == language


def test_a_sentence_is_said_in_the_language_that_is_spoken():
    assert (spoken(), say("org.count", count=3)) == ("zh", "共 3 个单位")
    speak("en")
    try:
        assert say("org.count", count=3) == "3 organisation(s)"
    finally:
        speak("zh")
    with pytest.raises(ValueError, match="fr"):
        speak("fr")
