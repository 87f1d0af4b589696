"""The command: what each verb prints, its exit codes, and the documents it makes."""

import json
from pathlib import Path

import pytest

import app
from engine.commands.manual import problem_catalogue
from engine.commands.verbs import build_parser
from engine.documents.identifiers import credit_check_digit
from engine.usecases.acting import ENGINE
from engine.usecases.desk import Inputs
from engine.usecases.events import in_work

ROOT = Path(__file__).parents[3]
DOCUMENT = "document: leave\ntitle: 请假单\nlabel: name\nfields:\n  name: {title: 事由, type: text, required: true}\n"


@pytest.fixture
def office(tmp_path):
    """An office over an empty folder of definitions, beside the shipped ones it builds on."""
    (tmp_path / "definitions").symlink_to(ROOT / "definitions")
    return app.Office(
        app.Settings.of({"GUIJU_HOME": str(tmp_path / "var"), "GUIJU_DEFINITIONS": str(ROOT / "definitions")})
    )


def run(office, *arguments):
    parser = build_parser()
    options = parser.parse_args(arguments)
    return options.act(office, options)


def test_every_verb_has_help_with_an_example(capsys):
    verbs = build_parser()._subparsers._group_actions[0].choices
    assert {"check", "test", "run", "new", "explain", "graph", "docs", "bench", "user", "db", "tables"} <= set(verbs)
    for parser in verbs.values():
        assert "Example: guiju " in parser.format_help()


def test_without_a_verb_the_help_is_shown(capsys):
    assert app.main([]) == 2
    assert "usage: guiju" in capsys.readouterr().out


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


def test_what_new_makes_is_sound_and_nothing_is_overwritten(tmp_path, capsys):
    definitions = tmp_path / "definitions"
    definitions.mkdir()
    fresh = app.Office(app.Settings.of({"GUIJU_DEFINITIONS": str(definitions), "GUIJU_HOME": str(tmp_path / "var")}))
    assert run(fresh, "new", "system", "office", "--title", "办公") == 0
    assert run(fresh, "new", "document", "office/leave", "--title", "请假单") == 0
    assert run(fresh, "new", "field", "office/leave.days", "--title", "天数", "--type", "integer") == 0
    assert run(fresh, "new", "document", "office/leave") == 1
    capsys.readouterr()
    assert run(fresh, "check") == 0, capsys.readouterr().out
    force, _, _ = fresh.checked()
    assert list(force.definitions.documents["leave"].fields) == ["name", "days"]


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
    assert "0 step(s)" not in capsys.readouterr().out
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


def test_an_account_is_added_listed_and_given_a_password(office, capsys, monkeypatch):
    monkeypatch.setattr(
        "sys.stdin", type("Typed", (), {"isatty": lambda self: False, "readline": lambda self: "Ab1!efgh\n"})()
    )
    assert run(office, "user", "add", "newcomer") == 1
    told = capsys.readouterr().err
    assert "org: " in told
    runtime, text = office.runtime(), {"TYSHXYDM": "91110000100000000" + credit_check_digit("91110000100000000")}
    in_work(
        runtime, ENGINE, lambda work: work.apply(work.blank("org"), "enter", ENGINE, Inputs({"name": "总部", **text}))
    )
    settings = ("--roles", "unit_admin", "--set", "org=总部")
    assert run(office, "user", "add", "newcomer", "--name", "新人", *settings) == 0
    assert run(office, "user", "list") == 0
    assert "newcomer\t新人" in capsys.readouterr().out
    assert run(office, "user", "password", "newcomer") == 0
    assert run(office, "user", "password", "nobody") == 1
    assert run(office, "user", "token", "newcomer") == 0
    assert capsys.readouterr().out.strip().splitlines()[-1].startswith("gj_")
