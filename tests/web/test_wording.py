"""The catalogue of texts: complete in both languages, every key used, every used key there."""

import re
from pathlib import Path

import pytest

import admin
import engine.web
from engine.web.wording import PAGES

ROOM = Path(engine.web.__file__).parent
CONSOLE = [*Path(admin.__file__).parent.glob("*.py"), *Path(admin.__file__).parent.glob("templates/admin/*.html")]
"""The console of `admin` speaks the same words."""
USES = re.compile(r"""\b(?:t|say)\(\s*f?["']([\w.]+?)(\.?(?:\{[^"']*|["']\s*~))?["']?[\s,)~]""")


def sources() -> str:
    files = [*ROOM.glob("*.py"), *ROOM.glob("templates/*.html"), *ROOM.glob("static/js/**/*.js"), *CONSOLE]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def used() -> tuple[set[str], set[str]]:
    """Keys that stand in the code, and beginnings of keys that are put together."""
    text = sources()
    whole = set(re.findall(r"""["']([a-z_]+(?:\.[a-z0-9_]+)*)["']""", text))
    begun = set(re.findall(r"""["']([a-z_.]+\.)(?:["']\s*~|\{)""", text))
    return whole, begun


def test_every_text_stands_in_both_languages():
    assert all(zh.strip() and en.strip() for zh, en in PAGES.texts.values())


def test_places_are_the_same_in_both_languages():
    places = re.compile(r"\{(\w+)\}")
    for key, (zh, en) in PAGES.texts.items():
        assert sorted(places.findall(zh)) == sorted(places.findall(en)), key


def test_every_key_is_used():
    whole, begun = used()
    unused = [
        key
        for key in PAGES.texts
        if key.removeprefix("js.") not in whole and not any(key.startswith(start) for start in begun)
    ]
    assert not unused


@pytest.mark.parametrize(
    "pattern", [r'\bt\(\s*"([\w.]+)"\s*[,)]', r"\bt\(\s*'([\w.]+)'\s*[,)]", r'\bsay\(\s*"([\w.]+)"\s*[,)]']
)
def test_every_used_key_is_there(pattern):
    files = [*ROOM.glob("*.py"), *ROOM.glob("templates/*.html"), *CONSOLE]
    keys = {key for file in files for key in re.findall(pattern, file.read_text(encoding="utf-8"))}
    assert keys <= PAGES.texts.keys()


def test_scripts_find_their_words():
    text = "\n".join(file.read_text(encoding="utf-8") for file in ROOM.glob("static/js/**/*.js"))
    keys = set(re.findall(r'\bsay\("([\w.]+)"', text))
    assert {f"js.{key}" for key in keys} <= PAGES.texts.keys()


def test_english_and_chinese_do_not_mix():
    assert PAGES.worded("login.enter", "zh") == "登录"
    assert PAGES.worded("login.enter", "en") == "Sign in"
    assert not [key for key, (_, en) in PAGES.texts.items() if re.search(r"[\u4e00-\u9fff]", en)]


def test_only_the_tokens_name_colours():
    colour = re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgb\(|\bhsl\(")
    for sheet in ROOM.glob("static/css/*.css"):
        text = re.sub(r"url\(.*?\)\s", "", sheet.read_text(encoding="utf-8"))
        assert sheet.name == "tokens.css" or not colour.search(text), sheet.name


def test_templates_leave_code_out_of_htmx():
    for template in ROOM.glob("templates/*.html"):
        text = template.read_text(encoding="utf-8")
        for trigger in re.findall(r'hx-trigger="([^"]*)"', text):
            assert "[" not in trigger, template.name
