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
X509 = (
    "adapters.crypto", "adapters.xml", "adapters.as2", "adapters.http", "engine.commands.crypto", "engine.ports.crypto",
    "engine.commands.partners", "engine.ports.partners",
    "engine.checks.envelopes", "engine.checks.links.messages", "engine.envelopes", "engine.loading.build_guards",
    "engine.model.crypto", "engine.model.envelopes", "engine.model.messages", "engine.signing",
    "engine.usecases.admitting", "engine.usecases.proving", "engine.usecases.sealing",
    "engine.usecases.signing_settings",
)  # fmt: skip
BUSINESS_NAMES = {
    "person": (),
    "persons": (),
    "invoice": (),
    "vehicle": (),
    "certificate": X509,
    "certificates": X509,
}
# Paths of one machine and addresses of package registries: the project is at home anywhere.
ONE_MACHINE = re.compile(
    r"(?<![\w.$}])/(?:work|root|home)/[\w.]|\.\./shared/\w|https?://[^\s\"')]*(?:pypi|pythonhosted|npmjs)[^\s\"')]*",
    re.IGNORECASE,
)
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b(?!.*words-are-the-subject)")
BINARY = {".png", ".jpg", ".ico", ".pdf", ".xlsx", ".docx", ".ttf", ".otf", ".woff2", ".gz", ".zip", ".der", ".p12"}

TEXTS = [path.as_posix() for path in files() if path.suffix not in BINARY]


def places(paths: list[str], pattern: re.Pattern[str]) -> list[str]:
    """Where the pattern stands in these files."""
    return [
        f"{path}:{text.count(chr(10), 0, match.start()) + 1}: {match.group()!r}"
        for path, text in ((path, read(path)) for path in paths)
        for match in pattern.finditer(text)
    ]


def test_no_business_word() -> None:
    found = places(texts(".py", ".html", ".js", ".mjs", ".css", ".json", ".yaml"), BUSINESS)
    assert not found, f"business belongs in definitions: {found}"


def test_no_business_name() -> None:
    found = {module.path: names for module in named(*PACKAGES) if (names := business_names(module))}
    assert not found, f"names made of business: {found}"


def business_names(module: Module) -> set[str]:
    tokens = tokenize.generate_tokens(io.StringIO(module.text).readline)
    words = {word for name in {token.string for token in tokens if token.type == tokenize.NAME} for word in split(name)}
    return {word for word in words if word in BUSINESS_NAMES and not module.inside(*BUSINESS_NAMES[word])}


def split(name: str) -> list[str]:
    """The words of a name in snake_case or CamelCase, in lower case."""
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]


def test_text_is_of_no_one_machine() -> None:
    assert not places(TEXTS, ONE_MACHINE)


def test_nothing_is_left_for_later() -> None:
    assert not places([path for path in TEXTS if not path.endswith((".lock", ".json"))], UNFINISHED)


@pytest.mark.parametrize(("name", "words"), [("person_id", ["person", "id"]), ("HTTPServer2", ["http", "server"])])
def test_name_is_split_into_words(name: str, words: list[str]) -> None:
    assert split(name) == words
