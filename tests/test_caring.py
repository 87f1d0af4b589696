"""The care of a node as it is put together: orders of flows, jobs and the console on a real home and database."""

import json
import shutil
import textwrap
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

import app
from adapters.versions.places import FAILED, Versions
from caring import arrive
from engine.commands.verbs import main
from engine.model.criteria import ALWAYS, Selection
from engine.model.node_care import BackupPlan, CareFault, CareRefused
from engine.model.records import Effect
from engine.ports import Stale
from engine.problems import DeliveryError
from engine.usecases.care import care_for
from engine.usecases.internal import JOB
from engine.usecases.jobs import BACKUP, keep_up, run_standing_jobs

OFFICE = Path(__file__).parent / "definitions" / "office"


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[app.Office, Path]]:
    """A node with two folders of copies, whose versions are signed by a key of its own."""
    folder = tmp_path_factory.mktemp("care")
    shutil.copytree(OFFICE, folder / "definitions")
    given = {"GUIJU_DEFINITIONS": str(folder / "definitions"), "GUIJU_HOME": str(folder / "home"), "GUIJU_NODE": "test"}
    settings = app.Settings.of(given)
    first = app.Office(settings)
    assert main(first, ["crypto", "authority", "releases", "--out", str(folder / "releases.cer")]) == 0
    node = folder / "definitions" / "nodes" / "test.yaml"
    said = "backup: {folders: [one, two], keep: 2, every: day, at: '00:00'}\nupdates:\n  signer: |\n"
    pem = textwrap.indent((folder / "releases.cer").read_text(), "    ")
    node.write_text(f"{node.read_text()}{said}{pem}")
    presence = arrive(settings.home, settings.database)
    office = app.Office(settings, presence=presence)
    yield office, folder
    office.database.close()
    first.database.close()
    assert presence is not None
    presence.close()


def test_a_copy_is_made_listed_and_checked(installation: tuple[app.Office, Path]) -> None:
    care = installation[0].care()
    made = care.order("backup.make", {})
    assert (made.outcome, made.answer["folders"], made.answer["why"]) == ("done", 2, "")
    name = made.answer["name"]
    assert care.order("backup.list", {}).answer["newest"] == name
    assert care.order("backup.check", {"name": name}).outcome == "done"
    gone = care.order("backup.check", {"name": "20000101-000000"})
    assert (gone.outcome, gone.answer["why"]) == ("failed", "missing")
    assert installation[0].database.audit(limit=5)[-1].action == "backup"


def test_copies_are_made_by_the_clock(installation: tuple[app.Office, Path]) -> None:
    runtime = installation[0].runtime()
    run_standing_jobs(runtime)
    with runtime.store.begin(write=False) as unit:
        begun = {record.values["name"] for record in unit.select(Selection(JOB, ALWAYS, limit=100))}
    assert BACKUP in begun
    keep_up(runtime, Effect("1", "upkeep", "k", runtime.clock.now(), payload={"job": BACKUP}))


def test_an_effect_says_why_it_failed(installation: tuple[app.Office, Path]) -> None:
    runtime = installation[0].runtime()
    effect = Effect("1", "care", "k", runtime.clock.now(), payload={"order": "update.install", "with": {"name": "v9"}})
    with pytest.raises(DeliveryError, match="missing") as caught:
        care_for(runtime, effect)
    assert not caught.value.incident.retry
    away = {"order": "update.take", "with": {"address": "http://127.0.0.1:1/v2.zip"}}
    with pytest.raises(DeliveryError, match="away") as caught:
        care_for(runtime, Effect("1", "care", "k", runtime.clock.now(), payload=away))
    assert caught.value.incident.retry


def test_a_version_is_made_signed_taken_and_waits(
    installation: tuple[app.Office, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    office, folder = installation
    package = str(folder / "v2.zip")
    assert main(office, ["package", "make", package, "--name", "v2", "--definitions", str(office.definitions)]) == 0
    assert main(office, ["package", "check", package]) == 1, "nobody signed it"
    assert main(office, ["package", "sign", package, "--key", "releases"]) == 0
    assert main(office, ["package", "take", package]) == 0
    capsys.readouterr()
    assert main(office, ["package", "list", "--json"]) == 0
    built_in, taken = json.loads(capsys.readouterr().out)
    assert (built_in["states"], taken["name"], taken["brings"]) == (["current"], "v2", "definitions")
    care = office.care()
    assert care.order("update.install", {"name": "v2"}).outcome == "done"
    assert care.order("update.list", {}).answer["wanted"] == "v2"
    care.look()
    versions = Versions(office.settings.home / "versions")
    assert versions.wanted() == "v2", "a node without a kiosk is at rest"
    versions.end(versions.begin("t1"), FAILED, "it ended with 1")
    care.look()
    assert versions.outcomes() == []
    assert office.database.audit(limit=1)[0].detail["state"] == FAILED
    assert care.order("update.rollback", {}).outcome == "failed"


def test_a_package_is_judged_where_it_lies_among_files(installation: tuple[app.Office, Path]) -> None:
    office, folder = installation
    care, package = office.care(), folder / "v4.zip"
    made = ["package", "make", str(package), "--name", "v4", "--notes", "faster", "--suits", "G100"]
    assert main(office, [*made, "--definitions", str(office.definitions)]) == 0
    files = office.runtime().files
    unsigned = files.put(package.read_bytes(), "v4.zip", "application/zip")
    assert care.order("update.judge", {"file": unsigned.hash}).answer["why"] == "broken"
    assert main(office, ["package", "sign", str(package), "--key", "releases"]) == 0
    signed = files.put(package.read_bytes(), "v4.zip", "application/zip")
    judged = care.order("update.judge", {"file": signed.hash, "reference": "7"})
    assert (judged.outcome, judged.answer["name"], judged.answer["about"]) == ("done", "v4", "faster")
    assert care.order("update.judge", {"file": "0" * 64}).answer["why"] == "missing"
    for name, kind in (("v5", ""), ("v4", "G480")):
        with pytest.raises(CareRefused) as refused:
            office.versions().take(package, name, kind)
        assert refused.value.fault is CareFault.UNFIT
    assert office.versions().judge(package).suits == ("G100",)


def test_a_version_hangs_on_the_address_of_a_service(installation: tuple[app.Office, Path]) -> None:
    care = installation[0].care()
    with pytest.raises(CareRefused) as refused:
        installation[0].versions().fetch("/v5.zip", about={"service": "nobody"})
    assert refused.value.fault is CareFault.BROKEN, "no address at all"
    assert care.order("update.take", {"address": "/v5.zip", "service": "scale"}).answer["why"] == "away"
    assert care.order("update.take", {"address": "/v2.zip", "name": "v2"}).outcome == "done", "it lies here"


def test_what_others_say_of_a_version_makes_no_path(
    installation: tuple[app.Office, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    care, asked = installation[0].care(), list[Path]()

    def fetching(_name: str, _url: str, to: Path, *_: object) -> bool:
        asked.append(to)
        to.with_name(f"{to.name}.part").touch()
        return False

    monkeypatch.setattr("versions.fetch", fetching)
    for address, digest in (("http://a/1", "../../../outside"), ("http://a/1", ""), ("http://a/2", "")):
        assert care.order("update.take", {"address": address, "digest": digest}).answer["why"] == "more"
    assert {path.parent for path in asked} == {care.home / "incoming"}
    left = {path.name for path in (care.home / "incoming").glob("*.part")}
    assert left == {f"{asked[-1].name}.part"}, "what was begun of others takes no room"
    assert len(set(asked)) == 3, "what was begun of one version is not gone on with by another"


def test_the_beginning_is_told_again_where_the_store_was_away(
    installation: tuple[app.Office, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    care, told = replace(installation[0].care()), list[str]()

    def away(*_: object) -> None:
        raise Stale("away")

    monkeypatch.setattr("caring.tell", away)
    with pytest.raises(Stale):
        care.look()
    monkeypatch.setattr("caring.tell", lambda _runtime, name, _values: told.append(name))
    care.look()
    care.look()
    assert told == ["node.began"]


def test_copies_of_a_further_plan_go_elsewhere(installation: tuple[app.Office, Path]) -> None:
    office, _ = installation
    runtime = office.runtime()
    week = BackupPlan(("elsewhere",), every="week", keep=1)
    assert runtime.node.backup is not None
    node = replace(runtime.node, backup=replace(runtime.node.backup, also=(week,)))
    office.__dict__["_runtime"] = replace(runtime, node=node)
    care = office.care()
    time.sleep(1.0)  # names of copies are seconds
    made = care.order("backup.make", {"every": "week"})
    assert (made.outcome, made.answer["folders"]) == ("done", 1)
    name = str(made.answer["name"])
    assert (office.settings.home / "elsewhere" / name).is_dir()
    assert care.order("backup.check", {"name": name}).outcome == "done"
    assert name in {one.name for one in office.backups().copies()}
    assert care.order("backup.make", {"every": "year"}).answer["why"] == "missing", "not another plan in its place"
    office.__dict__["_runtime"] = runtime


def test_a_version_with_errors_is_unfit(installation: tuple[app.Office, Path]) -> None:
    office, folder = installation
    wrong = folder / "wrong"
    shutil.copytree(office.definitions, wrong)
    (wrong / "desk" / "system.yaml").write_text("system: desk\nnonsense: 1\n")
    package = str(folder / "v3.zip")
    assert main(office, ["package", "make", package, "--name", "v3", "--definitions", str(wrong)]) == 0
    assert main(office, ["package", "sign", package, "--key", "releases"]) == 0
    assert main(office, ["package", "take", package]) == 1
    assert main(office, ["package", "install", "v3"]) == 1


@pytest.mark.parametrize(
    "arguments",
    [["backup", "check"], ["package", "make", "x.zip"], ["package", "sign", "x.zip"], ["package", "take"]],
)
def test_what_is_missing_is_asked_for(installation: tuple[app.Office, Path], arguments: list[str]) -> None:
    assert main(installation[0], arguments) == 2


def test_the_clock_is_put_right(installation: tuple[app.Office, Path]) -> None:
    office = installation[0]
    care, clock = office.care(), office.runtime().clock
    right = (clock.now() + timedelta(hours=2)).replace(microsecond=0)
    answer = care.order("clock.set", {"moment": right.isoformat()}).answer
    assert abs(int(str(answer["offset"])) - 7200) <= 1
    assert abs(clock.now() - right) < timedelta(seconds=2)
    assert care.order("clock.state", {}).answer["trusted"] is True
    assert care.order("clock.set", {"moment": "soon"}).outcome == "failed"
    care.order("clock.set", {"moment": right - timedelta(hours=2)})
    assert isinstance(clock.now(), datetime)


def test_nobody_begins_a_node_anew_that_nobody_watches(
    installation: tuple[app.Office, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    assert installation[0].care().order("node.restart", {}).answer["why"] == "unplanned"


def test_a_disk_that_is_full_is_told_once(
    installation: tuple[app.Office, Path], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    care = installation[0].care()
    for full in (True, True, False):
        monkeypatch.setattr(care.reserve, "look", lambda full=full: full)
        care.look()
    said = [record.message for record in caplog.records if "disk" in record.message]
    assert said == ["the disk is full", "there is room on the disk again"]


def test_a_copy_is_put_back_when_nobody_else_is_there(installation: tuple[app.Office, Path]) -> None:
    office = installation[0]
    care = office.care()
    name = str(care.order("backup.make", {}).answer.get("name") or care.order("backup.list", {}).answer["newest"])
    assert main(office, ["backup", "restore", name]) == 0
    assert (office.settings.home / f"former-{name}" / "guiju.db").exists()
