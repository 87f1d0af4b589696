"""The command: what each verb prints, its exit codes, and the documents it makes."""

import io
import json
from pathlib import Path

import pytest

import app
from engine.commands import verbs
from engine.commands.manual import problem_catalogue
from engine.commands.verbs import build_parser
from engine.console import SETTING
from engine.documents.identifiers import credit_check_digit
from engine.usecases.accounts import log_in

ROOT = Path(__file__).parents[3]
DEFINITIONS = ROOT / "definitions"
DOCUMENT = "document: leave\ntitle: 请假单\nlabel: name\nfields:\n  name: {title: 事由, type: text, required: true}\n"


@pytest.fixture(scope="module")
def shipped():
    """The definitions that are shipped, read and checked once by the product's own way."""
    return app.Office(app.Settings.of({"GUIJU_DEFINITIONS": str(DEFINITIONS)})).checked()


@pytest.fixture
def office(tmp_path, shipped, monkeypatch):
    """An office over an empty folder of definitions, beside the shipped ones it builds on."""
    (tmp_path / "definitions").symlink_to(DEFINITIONS)
    made = app.Office(app.Settings.of({"GUIJU_HOME": str(tmp_path / "var"), "GUIJU_DEFINITIONS": str(DEFINITIONS)}))
    anew = made.checked
    monkeypatch.setattr(made, "checked", lambda folder=None: anew(folder) if folder else shipped)
    return made


def run(office, *arguments):
    parser = build_parser()
    options = parser.parse_args(arguments)
    return options.act(office, options)


def test_every_verb_has_help_with_an_example(capsys):
    parsers = build_parser()._subparsers._group_actions[0].choices
    wanted = {"check", "test", "run", "new", "explain", "graph", "docs", "bench", "user", "org", "db", "tables"}
    assert wanted <= set(parsers)
    for parser in parsers.values():
        assert "Example: guiju " in parser.format_help()


def test_without_a_verb_the_help_is_shown(capsys):
    assert app.main(["--lang", "en"]) == 2
    assert "usage: guiju" in capsys.readouterr().out


@pytest.fixture
def quiet(monkeypatch):
    """A terminal that names no language."""
    for name in (SETTING, "LC_ALL", "LANG"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_every_verb_speaks_one_language_chinese_first(office, quiet, capsys):
    def said(*arguments):
        verbs.main(office, arguments)
        return capsys.readouterr().out

    assert "共 0 个单位" in said("org", "list")
    assert said("--lang", "en", "org", "list") == said("org", "list", "--lang", "en") == "0 organisation(s)\n"
    quiet.setenv("LANG", "en_GB.UTF-8")
    assert "0 account(s)" in said("user", "list")
    assert "1 passed, 0 failed" in said("test", "organisations_open")
    quiet.setenv(SETTING, "zh")
    assert "共 0 个账号" in said("user", "list")
    assert "1 个通过，0 个失败" in said("test", "organisations_open")
    assert "没有问题。" in said("check")
    assert said("outbox", "--json") == said("--lang", "en", "outbox", "--json") == "[]\n"


def test_help_is_in_the_language(office, quiet, capsys):
    for asked, told in (("zh", "例如：guiju check"), ("en", "Example: guiju check")):
        with pytest.raises(SystemExit):
            verbs.main(office, ["check", "--lang", asked, "--help"])
        assert told in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "zh", "en"),
    [
        (["chek"], "不能是 'chek'", "cannot be 'chek'"),
        (["new"], "缺少：what, name", "these are wanted: what, name"),
        (["user", "list", "--days", "many"], "--days 不能是 'many'", "--days cannot be 'many'"),
        (["user", "list", "--days"], "--days 后面要写一个值", "--days wants a value"),
        (["check", "--nothing"], "没有这样的参数：--nothing", "there is no such argument: --nothing"),
    ],
)
def test_arguments_that_are_wrong_are_told_in_the_language(office, quiet, capsys, arguments, zh, en):
    for language, told, head in (("zh", zh, "用法："), ("en", en, "usage: ")):
        with pytest.raises(SystemExit):
            verbs.main(office, ["--lang", language, *arguments])
        said = capsys.readouterr().err
        assert said.startswith(head)
        assert told in said


def test_check_of_the_shipped_definitions(office, capsys):
    assert run(office, "check", "--lang", "en") == 0
    assert capsys.readouterr().out.strip().splitlines()[-1] == "No problems."


def test_check_of_a_wrong_folder(office, tmp_path, capsys):
    folder = tmp_path / "wrong"
    (folder / "desk/leave").mkdir(parents=True)
    (folder / "desk/leave/document.yaml").write_text(DOCUMENT.replace("required", "requird"), encoding="utf-8")
    assert run(office, "check", str(folder), "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert [(one["where"]["line"], one["suggestion"]) for one in found if one["suggestion"] == "required"] == [
        (5, "required")
    ]


@pytest.fixture
def fresh(tmp_path):
    """An office over an empty folder."""
    definitions = tmp_path / "definitions"
    definitions.mkdir()
    return app.Office(app.Settings.of({"GUIJU_DEFINITIONS": str(definitions), "GUIJU_HOME": str(tmp_path / "var")}))


NEW = (
    "system office --title 办公",
    "document office/leave --title 请假单",
    "codes office/kinds",
    "field office/leave.days --title 天数 --type integer",
    "field office/leave.kind --title 类别 --type code --in kinds",
    "field office/leave.boss --title 上级 --type ref --to user",
    "field office/leave.spans --title 时段 --type table",
    "print office/leave/slip --title 条子",
    "table office/level --title 级别",
    "system store",
    "document store/memo --role leader",
)


def test_what_new_makes_is_sound_runs_and_is_in_the_menu(fresh, capsys):
    for words in NEW:
        assert run(fresh, "new", *words.split()) == 0, capsys.readouterr().err
    force, problems, _ = fresh.checked()
    assert problems == ()
    assert list(force.definitions.documents["leave"].fields) == ["name", "days", "kind", "boss", "spans"]
    assert force.definitions.nodes["demo"].systems == ("office", "store")
    assert [entry.pages for entry in force.definitions.systems["office"].menu] == [("org", "user"), ("leave",)]
    assert [entry.pages for entry in force.definitions.systems["store"].menu] == [("memo",)]
    assert run(fresh, "test") == 0, capsys.readouterr().out


def test_new_overwrites_nothing_and_offers_what_there_is(fresh, capsys):
    run(fresh, "new", "system", "office")
    run(fresh, "new", "document", "office/leave")
    capsys.readouterr()
    told = {
        "document office/leave": "stands already",
        "document offic/memo": "did you mean office?",
        "document office/memo --role clark": "did you mean clerk?",
        "field office/leve.a": "did you mean leave?",
        "field office/leave.a --type txt": "did you mean text?",
        "field office/leave.a --type ref": "needs --to, one of: leave, org, user",
        "field office/leave.a --type ref --to usr": "did you mean user?",
        "field office/leave.a --type code --in kinds": "guiju new codes office/kinds",
    }
    for words, hint in told.items():
        assert run(fresh, "new", *words.split()) == 1
        assert hint in capsys.readouterr().err


def test_new_names_must_be_names(office, capsys):
    assert run(office, "new", "document", "Nonsense") == 1
    assert run(office, "new", "field", "nowhere/none.days") == 1


def test_graph_draws_every_state(office, capsys):
    assert run(office, "graph", "exit_form") == 0
    drawn = capsys.readouterr().out
    force, _, _ = office.checked()
    assert all(f'"{state}"' in drawn for state in force.definitions.machines["exit_form"].states)
    assert run(office, "graph", "nothing") == 1


def test_docs_tell_every_field(office, capsys):
    assert run(office, "docs") == 0
    told = capsys.readouterr().out
    force, _, _ = office.checked()
    for document in force.definitions.documents.values():
        assert all(f"`{field}`" in told for field in document.fields)


def test_explain_a_code_and_a_field(office, capsys):
    assert run(office, "explain", "EXP001") == 0
    assert run(office, "explain", "exit_form.days_abroad") == 0
    assert "value: " in capsys.readouterr().out
    assert run(office, "explain", "nothing.at_all") == 1


def test_the_catalogue_in_the_docs_is_that_of_the_engine():
    assert (ROOT / "docs/problems.md").read_text(encoding="utf-8") == "\n".join(problem_catalogue()) + "\n"


def test_db_plans_then_applies_then_has_nothing_to_do(office, capsys):
    assert run(office, "db", "plan") == 0
    assert "\n0 step(s)" not in "\n" + capsys.readouterr().out
    assert run(office, "db", "apply") == 0
    assert run(office, "db", "plan") == 0
    assert capsys.readouterr().out.strip().splitlines()[-1] == "0 step(s) to do"
    assert run(office, "db", "verify") == 0


def test_tables_run_names_each_case(office, tmp_path, capsys):
    cases = ROOT / "tests/data/decision-table-cases.json"
    assert run(office, "tables", "run", str(cases)) == 0
    assert capsys.readouterr().out.strip().splitlines()[-1] == "36 passed, 0 failed"
    assert run(office, "tables", "run", str(tmp_path / "none.json")) == 1


def test_bench_tells_the_time(office, capsys):
    assert run(office, "bench", "--rounds", "1", "--json") == 0
    assert json.loads(capsys.readouterr().out)["files"] > 10


CREDIT_CODE = "TYSHXYDM=91110000100000000" + credit_check_digit("91110000100000000")


@pytest.fixture
def typed(monkeypatch):
    """What comes on standard input, which is no terminal."""

    def give(text):
        monkeypatch.setattr("sys.stdin", io.StringIO(text))

    give("")
    return give


def test_an_empty_database_gets_its_organisation_and_its_first_administrator(office, typed, capsys):
    assert run(office, "user", "add", "admin", "--roles", "system_administrator") == 1
    assert "guiju org add NAME" in capsys.readouterr().err
    assert run(office, "org", "add", "总部") == 1
    assert "--set TYSHXYDM=" in capsys.readouterr().err
    assert run(office, "org", "add", "总部", "--set", CREDIT_CODE) == 0
    typed("Ab1!efgh\n")
    arguments = ("--roles", "system_administrator", "--password-stdin")
    assert run(office, "user", "add", "admin", "--name", "新人", *arguments) == 0
    assert run(office, "user", "list") == 0
    assert "admin\t新人\tsystem_administrator" in capsys.readouterr().out
    assert log_in(office.runtime(), "admin", "Ab1!efgh").roles == {"system_administrator"}
    assert run(office, "user", "token", "admin") == 0
    assert capsys.readouterr().out.strip().splitlines()[-1].startswith("gj_")


def test_organisations_stand_under_one_another(office, capsys):
    assert run(office, "org", "add", "总部", "--set", CREDIT_CODE) == 0
    below = "TYSHXYDM=91110000100000001" + credit_check_digit("91110000100000001")
    assert run(office, "org", "add", "分部", "--under", "总部门", "--set", below) == 1
    assert run(office, "org", "add", "分部", "--under", "总部", "--set", below) == 0
    capsys.readouterr()
    assert run(office, "org", "list", "--json") == 0
    assert json.loads(capsys.readouterr().out) == ["分部", "总部"]
    assert run(office, "user", "add", "clerk", "--roles", "unit_admin") == 1
    assert "--org" in capsys.readouterr().err


def test_an_account_without_a_password_is_told_how_to_get_one(office, typed, capsys):
    run(office, "org", "add", "总部", "--set", CREDIT_CODE)
    assert run(office, "user", "add", "clerk", "--roles", "unit_admin") == 0
    assert "guiju user password clerk" in capsys.readouterr().out
    assert run(office, "user", "password", "clerk") == 1
    assert "--password-stdin" in capsys.readouterr().err
    typed("weak\n")
    assert run(office, "user", "password", "clerk", "--password-stdin") == 1
    typed("Ab1!efgh\n")
    assert run(office, "user", "password", "clerk", "--password-stdin") == 0
    capsys.readouterr()
    assert run(office, "user", "password", "clark") == 1
    assert "did you mean clerk?" in capsys.readouterr().err


def test_all_that_is_wrong_with_an_account_is_told_at_once(office, typed, capsys):
    run(office, "org", "add", "总部机关", "--set", CREDIT_CODE)
    typed("weak\n")
    arguments = ("--roles", "unit_admn", "--org", "总部机构", "--set", "lgin=x", "--password-stdin")
    assert run(office, "user", "add", "clerk", *arguments) == 1
    told = capsys.readouterr().err
    for hint in ("did you mean unit_admin?", "did you mean 总部机关?", "did you mean login?", "password is too weak"):
        assert hint in told
    assert run(office, "user", "list") == 0
    assert "0 account(s)" in capsys.readouterr().out


def test_roles_and_fields_of_an_account_are_those_that_there_are(office, capsys):
    assert run(office, "user", "add", "clerk", "--roles", "unit_admn") == 1
    assert "did you mean unit_admin?" in capsys.readouterr().err
    assert run(office, "user", "add", "clerk") == 1
    assert "unit_admin, hr_leader" in capsys.readouterr().err
    run(office, "org", "add", "总部", "--set", CREDIT_CODE)
    assert run(office, "user", "add", "clerk", "--roles", "head", "--set", "lgin=x") == 1
    assert "did you mean login?" in capsys.readouterr().err


def test_scenarios_are_chosen_by_name_document_system_or_file(office, capsys):
    for name in ("org", "shared", "exit_form/scenarios/letters"):
        assert run(office, "test", name, "--json") == 0
        assert json.loads(capsys.readouterr().out)["scenarios"]
    assert run(office, "test", "exit_from") == 1
    assert "did you mean exit_form?" in capsys.readouterr().err
