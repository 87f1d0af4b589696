"""Every problem of decision tables has its wording, and every wording its problem."""

import re
from pathlib import Path

import yaml

ENGINE = Path(__file__).parents[3] / "engine"
CATALOGUE = yaml.safe_load((ENGINE / "codes" / "tables.yaml").read_text(encoding="utf-8"))
SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in (ENGINE / "tables").glob("*.py"))


def test_codes_of_the_engine_are_those_of_the_catalogue() -> None:
    assert set(re.findall(r'"(TAB\d{3})"', SOURCES)) == set(CATALOGUE)


def test_every_wording_is_complete_and_names_the_same_values() -> None:
    for code, wordings in CATALOGUE.items():
        assert set(wordings) == {"zh", "en"}, code
        assert all(set(wording) == {"message", "cause", "repair"} for wording in wordings.values()), code
        named = [set(re.findall(r"{(\w+)}", wording["message"])) for wording in wordings.values()]
        assert named[0] == named[1], code
