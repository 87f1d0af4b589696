"""Words that must not stand where they would tie the engine to one business, or the text to one machine."""

import io
import re
import tokenize

import pytest

from tests.house.tree import PACKAGES, Module, files, named, read, texts

# `citizen_id` and `hs_code` are not here: they name national standards of writing a value, as `date` does.
# A word of one office's business, wherever it stands in engine, adapters, kiosk and admin: comments and texts too.
BUSINESS = re.compile(
    r"(?<![a-z])(passports?|visas?|customs|consignees?|consignors?|tariffs?|immigration|exit[_ -]entry"
    r"|nationality|household|hukou|applicants?|taxpayers?|patients?|students?|travell?ers?|bill[_ ]of[_ ]lading)"
    r"(?![a-z])"
    r"|护照|签证|报关|海关|出入境|出境|入境|通行证|居留|户口|户籍|国籍|关税|舱单|提单|申请人|旅客|驾驶证|身份证",
    re.IGNORECASE,
)
# Words with a second, technical meaning: forbidden as names only, and not where that meaning is at home.
BUSINESS_NAMES = {
    "person": (),
    "persons": (),
    "invoice": (),
    "vehicle": (),
    "certificate": ("adapters.crypto", "adapters.as2", "adapters.http"),  # X.509
    "certificates": ("adapters.crypto", "adapters.as2", "adapters.http"),
}
# Paths of one machine and addresses of package registries: the project is at home anywhere.
ONE_MACHINE = re.compile(
    r"(?<![\w.$}])/(?:work|root|home)/[\w.]|\.\./shared/\w|https?://[^\s\"')]*(?:pypi|pythonhosted|npmjs)[^\s\"')]*",
    re.IGNORECASE,
)
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")  # words-are-the-subject
BINARY = {".png", ".jpg", ".ico", ".pdf", ".xlsx", ".docx", ".ttf", ".otf", ".woff2", ".gz", ".zip", ".der", ".p12"}

TEXTS = [path.as_posix() for path in files() if path.suffix not in BINARY]


def excerpt(text: str, match: re.Match[str]) -> str:
    line = text.count("\n", 0, match.start()) + 1
    return f"line {line}: {match.group()!r}"


@pytest.mark.parametrize("path", texts(".py", ".html", ".js", ".mjs", ".css", ".json", ".yaml"))
def test_no_business_word(path: str) -> None:
    text = read(path)
    found = [excerpt(text, match) for match in BUSINESS.finditer(text)]
    assert not found, f"{path}: business belongs in definitions: {found}"


@pytest.mark.parametrize("module", named(*PACKAGES), ids=lambda module: module.path)
def test_no_business_name(module: Module) -> None:
    tokens = tokenize.generate_tokens(io.StringIO(module.text).readline)
    words = {word for token in tokens if token.type == tokenize.NAME for word in split(token.string)}
    found = {word for word in words if word in BUSINESS_NAMES and not module.inside(*BUSINESS_NAMES[word])}
    assert not found, f"{module.path}: names made of {found}"


def split(name: str) -> list[str]:
    """The words of a name in snake_case or CamelCase, in lower case."""
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]


@pytest.mark.parametrize("path", TEXTS)
def test_text_is_of_no_one_machine(path: str) -> None:
    text = read(path)
    found = [excerpt(text, match) for match in ONE_MACHINE.finditer(text)]
    assert not found, f"{path}: {found}"


@pytest.mark.parametrize("path", [path for path in TEXTS if not path.endswith((".lock", ".json"))])
def test_nothing_is_left_for_later(path: str) -> None:
    text = read(path)
    found = [
        excerpt(text, match)
        for match in UNFINISHED.finditer(text)
        if "words-are-the-subject" not in line_of(text, match)
    ]
    assert not found, f"{path}: {found}"


def line_of(text: str, match: re.Match[str]) -> str:
    return text[text.rfind("\n", 0, match.start()) + 1 :].partition("\n")[0]


@pytest.mark.parametrize(("name", "words"), [("person_id", ["person", "id"]), ("HTTPServer2", ["http", "server"])])
def test_name_is_split_into_words(name: str, words: list[str]) -> None:
    assert split(name) == words
