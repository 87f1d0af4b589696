import re
import string
from pathlib import Path

import pytest
import yaml

from engine.model.types import BOOLEAN, DATE, DATETIME, INTEGER, NUMBER, TEXT, Kind, Shape, Type
from engine.printing import __name__ as package
from engine.printing.check import check_print
from engine.printing.partials import PARTIALS
from engine.printing.vocabulary import Vocabulary
from engine.problems import Problem, Severity, Span

ORG = Shape("org", {"name": TEXT})
PERSON = Shape(
    "person", {"sex": Type(Kind.CODE, "sexes"), "born": DATE, "org": Type(Kind.REF, "org")}, document="person"
)
ROW = Shape("relatives", {"relation": Type(Kind.CODE, "kinships"), "name": TEXT, "qty": NUMBER})
FORM = Shape(
    "form",
    {
        "name": TEXT,
        "person": Type(Kind.REF, "person"),
        "anyone": Type(Kind.REF),
        "born": DATE,
        "made_at": DATETIME,
        "days": INTEGER,
        "fit": BOOLEAN,
        "amount": NUMBER,
        "kinds": Type(Kind.CODES, "kinds"),
        "scan": Type(Kind.FILE),
        "relatives": Type(Kind.ROWS, shape=ROW),
        "letters": Type(Kind.ROWS, "person"),
    },
    document="form",
)
VOCABULARY = Vocabulary(
    FORM,
    surroundings={"today": DATE, "user": Type(Kind.ROW, shape=Shape("user", {"name": TEXT}))},
    shapes={"person": PERSON, "org": ORG}.get,
    columns={"sexes": {"short": TEXT}}.get,
    codes={"sexes": ["1", "2"], "kinds": ["passport", "permit"], "kinships": ["wife"]}.get,
)


def check(text: str, anchors: tuple[str, ...] = (), **others: str) -> list[Problem]:
    files = {f"{name}.html": each for name, each in others.items()}
    places = {name: Span("p.yaml", 6, 10) for name in anchors}
    return check_print(text, "prints/t.html", VOCABULARY, anchors=places, others=files)


@pytest.mark.parametrize(
    "text",
    [
        "{{ name }} {{ person }} {{ person.sex.code }} {{ person.sex.short }} {{ person.org.name }} {{ person.id }}",
        "{{ anyone.whatever.it.is }} {{ today | date }} {{ user.name }} {{ scan.src }} {{ scan | picture }}",
        "{% for r in relatives | padded(4) %}{{ loop.index }} {{ r.relation }} {{ r.name }}{% endfor %}",
        "{% for r in letters if r.born %}{{ r.sex.title }}{% else %}{{ name }}{% endfor %}",
        "{% for k in kinds.all %}{{ kinds | box(k) }}{{ k.title }}{% endfor %}",
        "{% for k in person.sex.all %}{{ person.sex | tick(k) }}{{ k }}{% endfor %}",
        "{% for k in kinds %}{{ k.code }}{% endfor %}",
        "{{ kinds | box('passport') }} {{ person.sex == '1' }} {{ 'permit' in kinds }} {{ fit | box }}",
        "{% set total = amount * 2 %}{{ total | money }} {{ days | rmb }} {{ born | date_zh }} {{ made_at | time }}",
        "{{ (relatives | first).name }} {{ relatives | length }}",
        "{{ relatives | map(attribute='qty') | total | money }}",
        "{% if born and (days > 3 or not fit) %}{{ name | upper | masked('1**1') }}{% elif days is none %}{% endif %}",
        "{{ 1 if fit else 2 }}",
        "{% include 'sign_and_seal.html' %}{% for i in range(3) %}{{ i }}{% endfor %}",
        "<p style='color: red'><a href='#x'></a><img src='logo.png'><img src=\"{{ scan.src }}\"></p>",
        "<style>p { margin: 0 }</style>",
        "{{ relatives | selectattr('qty') | map(attribute='name') | join('、') }}",
        "{{ person.sex | snug }} {{ days | lines }}",
    ],
)  # fmt: skip
def test_good_template_has_no_problem(text: str) -> None:
    assert check(text) == []


@pytest.mark.parametrize(
    ("text", "code", "place", "name", "nearest"),
    [
        ("{{ nmae }}", "PRT002", "1:4", "nmae", "name"),
        ("<p>\n  {{ person.sexx.code }}", "PRT002", "2:13", "sexx", "sex"),
        ("规矩 {{ person.org.nane }}", "PRT002", "1:18", "nane", "name"),
        ("{{ person.sex.shrt }}", "PRT002", "1:15", "shrt", "short"),
        ("{{ person['born2'] }}", "PRT002", "1:12", "born2", "born"),
        ("{{ name.length }}", "PRT002", "1:9", "length", ""),
        ("{% for r in relatives %}{{ r.nam }}{% endfor %}", "PRT002", "1:30", "nam", "name"),
        ("{% for r in relatives %}{% endfor %}{{ r.name }}", "PRT002", "1:40", "r", ""),
        ("{% for r in relatives %}{{ loop.indx }}{% endfor %}", "PRT002", "1:33", "indx", "index"),
        ("{% if nmae %}{% endif %}", "PRT002", "1:7", "nmae", "name"),
        ("{% set x = nmae %}{{ x.whatever }}", "PRT002", "1:12", "nmae", "name"),
        ("{{ born | dat }}", "PRT003", "1:11", "dat", "date"),
        ("{{ name | safe }}", "PRT003", "1:11", "safe", ""),
        ("{{ name | date }}", "PRT009", "1:11", "date", ""),
        ("{{ born | rmb }}", "PRT009", "1:11", "rmb", ""),
        ("{{ name | upper | date }}", "PRT009", "1:19", "date", ""),
        ("{{ relatives }}", "PRT010", "1:4", "relatives", ""),
        ("{{ user }}", "PRT010", "1:4", "user", ""),
        ("{% for r in name %}{% endfor %}", "PRT011", "1:13", "name", ""),
        ("{% for r in person.org %}{% endfor %}", "PRT011", "1:13", "person.org", ""),
        ("{% include 'rows.html' %}", "PRT012", "1:13", "rows.html", ""),
        ("{% include 'sign_and_seals.html' %}", "PRT012", "1:13", "sign_and_seals.html", "sign_and_seal.html"),
        ("{{ person.sex == '3' }}", "PRT013", "1:19", "3", "1"),
        ("{{ kinds | box('pasport') }}", "PRT013", "1:17", "pasport", "passport"),
        ("{{ 'pasport' in kinds }}", "PRT013", "1:5", "pasport", "passport"),
        ("{% for r in relatives %}{{ r.relation == 'wive' }}{% endfor %}", "PRT013", "1:43", "wive", "wife"),
    ],
)  # fmt: skip
def test_wrong_name_is_found_with_place_and_nearest(text: str, code: str, place: str, name: str, nearest: str) -> None:
    (problem,) = check(text)
    found = (problem.code, str(problem.where), problem.values["name"], problem.suggestion)
    assert found == (code, f"prints/t.html:{place}", name, nearest)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("{{ name", "1:4"),
        ("\n {% foo %}", "2:5"),
        ("{{ name }\n}", "1:9"),
        ("{% for r in relatives %}", "1:23"),
        ("{% if name %}{% endfor %}", "1:17"),
        ("规矩\r\n{{ 'open }}", "2:4"),
        ("{{ name $ }}", "1:9"),
    ],
)
def test_syntax_error_has_line_and_column(text: str, place: str) -> None:
    (problem,) = check(text)
    assert (problem.code, str(problem.where)) == ("PRT001", f"prints/t.html:{place}")


def test_white_space_control_does_not_shift_places() -> None:
    (problem,) = check("a   {%- if fit -%}   \n\n  b {{- nmae }}{% endif %}")
    assert str(problem.where) == "prints/t.html:3:9"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("{{ 2 ** 3 }}", "**"),
        ("{{ name ~ name }}", "~"),
        ("{{ name.upper() }}", "( )"),
        ("{{ name[1:2] }}", "[ : ]"),
        ("{{ {'a': 1} }}", "{ }"),
        ("{% macro x() %}{% endmacro %}", "macro"),
        ("{% set x %}{% endset %}", "set … endset"),
        ("{% filter upper %}{% endfilter %}", "filter"),
        ("{% autoescape false %}{% endautoescape %}", "autoescape"),
        ("{% for r in relatives recursive %}{% endfor %}", "for"),
    ],
)
def test_what_prints_may_not_use(text: str, what: str) -> None:
    (problem,) = check(text)
    assert problem.code == "PRT004"
    assert problem.values["what"] == what


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("<script>x</script>", "PRT005"),
        ("<p onclick='x'>", "PRT005"),
        ("<iframe></iframe>", "PRT005"),
        ("<link rel=stylesheet href='a.css'>", "PRT005"),
        ("<input>", "PRT005"),
        ("<p style='background: url(a.png)'>", "PRT006"),
        ("<p style='background: URL (a.png)'>", "PRT006"),
        ("<p style='background: u\\72l(a.png)'>", "PRT006"),
        ("<style>@import 'x.css';</style>", "PRT006"),
        ("<img src='http://x/y.png'>", "PRT006"),
        ("<img src='//x/y.png'>", "PRT006"),
        ("<img src=' java\tscript:x'>", "PRT006"),
        ("<img src='/etc/passwd'>", "PRT006"),
        ("<img src='../x.png'>", "PRT006"),
        ("<img src='data:text/html,x'>", "PRT006"),
        ("<img srcset='a.png 1x, http://x/y.png 2x'>", "PRT006"),
        ("<svg><image xlink:href='http://x/y.png'/></svg>", "PRT006"),
        ("<p class={{ name }}>", "PRT014"),
        ("<p class=a{{ name }}>", "PRT014"),
        ("<style>p { color: {{ name }} }</style>", "PRT014"),
        ("<p data-anchor='{{ name }}'>", "PRT008"),
    ],
)
def test_what_may_not_stand_on_paper(text: str, code: str) -> None:
    assert [problem.code for problem in check(text)] == [code]
    assert check(f"\n  {text}")[0].where.line == 2


def test_anchors_of_definition_and_template_are_the_same() -> None:
    text = "<i data-anchor='sign'></i><i data-anchor='seel'></i>"
    assert check(text, ("sign", "seel")) == []
    problems = check(text, ("sign", "seal"))
    assert [(each.code, each.values["name"], each.suggestion, each.where.file) for each in problems] == [
        ("PRT007", "seal", "seel", "p.yaml"),
        ("PRT008", "seel", "seal", "prints/t.html"),
    ]
    assert [each.code for each in check("<i data-anchor='sign'></i>" * 2, ("sign",))] == ["PRT016"]


def test_included_files_are_checked_with_the_names_of_their_place() -> None:
    text = "{% for r in relatives %}{% include 'row.html' %}{% endfor %}"
    assert check(text, ("a",), row="{{ r.name }}<i data-anchor='a'></i>") == []
    (problem,) = check(text, row="\n{{ r.nam }}")
    assert (str(problem.where), problem.suggestion) == ("prints/row.html:2:6", "name")
    (problem,) = check(text, row="{% include 'row.html' %}")
    assert problem.code == "PRT018"


def test_all_problems_come_at_once() -> None:
    text = "<p onclick=x>{{ nmae }}{{ 1 ** 2 }}{{ born | dat }}</p>"
    assert [problem.code for problem in check(text)] == ["PRT005", "PRT002", "PRT004", "PRT003"]


@pytest.mark.parametrize("text", ["{{ " + "(" * 5_000, "{% if fit %}" * 40 + "{% endif %}" * 40, "x" * 300_000])
def test_excess_is_a_problem(text: str) -> None:
    assert {problem.code for problem in check(text)} <= {"PRT001", "PRT015"}
    assert check(text)


def test_sign_that_no_font_draws_is_a_warning() -> None:
    vocabulary = Vocabulary(FORM, missing_glyphs=lambda text: {"☑"} & set(text))
    (problem,) = check_print("ab☑", "t.html", vocabulary)
    assert (problem.code, problem.severity, str(problem.where)) == ("PRT017", Severity.WARNING, "t.html:1:3")


@pytest.mark.parametrize("name", PARTIALS)
def test_pieces_of_the_engine_are_clean(name: str) -> None:
    assert check_print(PARTIALS[name], name, VOCABULARY) == []


# --- wording ---

ENGINE = Path(__file__).parents[3] / "engine"
CATALOGUE = yaml.safe_load((ENGINE / "codes" / "prints.yaml").read_text("utf-8"))


def test_every_code_is_worded_and_every_wording_used() -> None:
    folder = ENGINE / package.rpartition(".")[2]
    files = [*folder.glob("*.py"), ENGINE / "checks" / "papers.py"]
    used = {code for path in files for code in re.findall(r"PRT\d{3}", path.read_text("utf-8"))}
    assert used == set(CATALOGUE)


@pytest.mark.parametrize("code", CATALOGUE)
def test_wording_is_complete_in_both_languages(code: str) -> None:
    entry = CATALOGUE[code]
    assert set(entry) == {"zh", "en"}
    holes = []
    for language in entry.values():
        assert set(language) == {"message", "cause", "repair"}
        texts = [string.Formatter().parse(text) for text in language.values()]
        holes.append({name for text in texts for _, name, _, _ in text if name is not None})
    assert holes[0] == holes[1]
