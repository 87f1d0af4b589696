"""The registry of functions: every one is documented, declared soundly, and there in the browser when it says so."""

import re
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from engine.expressions.checking.aggregates import AGGREGATES
from engine.expressions.checking.names import UNITS, WORDS
from engine.expressions.functions import FUNCTIONS, install
from engine.expressions.functions.digests import DIGESTS
from engine.expressions.functions.identifiers import valid_gb11643
from engine.expressions.functions.patterns import PatternError, compiled, matches
from engine.expressions.functions.registry import declared
from engine.expressions.names import Scope
from tests.engine.expressions.office import CATALOG, SCOPE, env
from tests.engine.expressions.worlds import checked

ROOT = Path(__file__).parents[3]
SPECIAL = {"share", "under"}


@cache
def guide() -> str:
    return (ROOT / "docs/expressions.md").read_text(encoding="utf-8")


@cache
def browser_functions() -> frozenset[str]:
    text = (ROOT / "engine/web/static/js/expression_functions.js").read_text(encoding="utf-8")
    table = text[text.index("export const FUNCTIONS = {") :]
    return frozenset(re.findall(r"^  (\w+)(?:[:(,]|,$)", table, re.MULTILINE))


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_function_is_in_the_guide(name: str) -> None:
    function = FUNCTIONS[name]
    mark = "●" if function.browser else ""
    row = f"| `{function.signature}` | {mark} | {function.zh} | {function.en} |".replace("|  |", "| |")
    assert row in guide()


@pytest.mark.parametrize("name", sorted({*AGGREGATES, *SPECIAL, *UNITS, *WORDS}))
def test_other_words_are_in_the_guide(name: str) -> None:
    assert re.search(rf"`[^`]*\b{name}\b[^`]*`", guide()), name


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_browser_has_what_is_promised(name: str) -> None:
    assert (name in browser_functions()) is FUNCTIONS[name].browser


def test_aggregates_say_their_parameters_in_the_guide() -> None:
    for name, shapes in AGGREGATES.items():
        written = re.search(rf"^\| `{name}\((.*?)\)` \|", guide(), re.MULTILINE)
        assert written is not None, name
        assert re.sub(r"='[^']*'", "", written[1]).split(", ") == ["source", *shapes.params], name


@pytest.mark.parametrize("signature", ["noname -> text", "f(x) -> text", "f(x: thing) -> text", "f(x: text) -> thing"])
def test_signature_that_cannot_be_read(signature: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        declared(signature, lambda: None, "", "")


def test_name_that_is_taken() -> None:
    with pytest.raises(ValueError, match="round"):
        install(declared("round(value: number) -> number", lambda value: value, "", ""))


def test_plug_in_brings_a_function() -> None:
    install(
        declared(
            "twice(value: number, plus: integer = 0) -> number", lambda value, plus: value * 2 + plus, "二倍", "Twice"
        )
    )
    try:
        assert checked("twice(fee)", SCOPE, CATALOG).evaluate(env()) == Decimal(25)
        assert checked("twice(fee, plus=1)", SCOPE, CATALOG).evaluate(env()) == Decimal(26)
        assert checked("twice(null)", SCOPE, CATALOG).evaluate(env()) is None
    finally:
        del FUNCTIONS["twice"]


def test_digest_that_the_build_lacks_can_be_given() -> None:
    DIGESTS["reversed"] = lambda data: data[::-1]
    try:
        assert checked("hash('reversed', 'ab')", Scope(SCOPE.row), CATALOG).evaluate(env()) == b"ba".hex()
    finally:
        del DIGESTS["reversed"]


@pytest.mark.parametrize(
    "pattern", ["(a)", "a|b", "a**", "[a", "a{2", "a{3,2}", "a{101}", "\\", "\\q", "^a", "[b-a]", "a]"]
)
def test_pattern_that_cannot_be_read(pattern: str) -> None:
    with pytest.raises(PatternError):
        compiled(pattern)


def test_pattern_with_too_many_states() -> None:
    with pytest.raises(PatternError):
        compiled("a{0,100}" * 3)


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("", "", True),
        ("[a-z0-9-]+", "a-1", True),
        ("[\\d.]+", "1.2", True),
        ("[^\\s]+", "a b", False),
        ("[]", "]", None),
        ("a\\*b", "a*b", True),
        ("x{0}y", "y", True),
        ("规.*", "规矩", True),
        (".{2}", "𠀀x", True),
    ],
)
def test_pattern(pattern: str, text: str, expected: bool | None) -> None:
    if expected is None:
        with pytest.raises(PatternError):
            matches(pattern, text)
    else:
        assert matches(pattern, text) is expected


def test_gb11643() -> None:
    assert valid_gb11643("11010519491231002X")
    assert valid_gb11643("11010519491231002x")
    assert not valid_gb11643("110105194912310021")
    assert not valid_gb11643("110105194913310026")
    assert not valid_gb11643("110105491231002")
    assert FUNCTIONS["birth_of"].apply("110105491231002") == date(1949, 12, 31)
