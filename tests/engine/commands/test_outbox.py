"""`guiju outbox` and what `guiju run` says at each start."""

import json
from datetime import timedelta
from types import SimpleNamespace

import pytest

from engine.commands import outbox, running
from engine.commands.verbs import build_parser
from engine.model.records import Effect
from engine.testing.office import Office
from engine.usecases.demo import demo_accounts, play_demo
from engine.usecases.jobs import FORGET, SEAL, run_standing_jobs

FIRST, SECOND, THIRD = (f"{number:x}" * 32 for number in (1, 2, 3))


@pytest.fixture
def office():
    office = Office({})
    now = office.clock.now()
    payloads = {FIRST: {"channel": "out", "body": "secret"}, SECOND: {"via": "sms", "text": "secret"}, THIRD: {}}
    with office.store.begin() as unit:
        for number, (name, payload) in enumerate(payloads.items()):
            made = now - timedelta(hours=3 - number)
            unit.put_effect(Effect(name, "send", name, made, payload=payload, created_at=made))
    office.store.claim_effects(now, 2, 60)
    office.store.fail_effect(FIRST, "no answer", None)
    office.store.fail_effect(SECOND, "no answer", None)
    return office


def run(office, *arguments):
    options = build_parser().parse_args(["outbox", *arguments])
    return outbox.act(SimpleNamespace(runtime=lambda: office.runtime), options)


def states(office):
    return [one.state for one in reversed(office.store.effects())]


def test_what_waits_or_failed_is_listed_without_what_it_carries(office, capsys):
    assert run(office) == 0
    first, *_, last = out = capsys.readouterr().out.splitlines()
    assert len(out) == 4
    assert first.split("\t")[:6] == [FIRST, "failed", "3 h", "send", "out", ""]
    assert first.split("\t")[6] == "1"
    assert first.split("\t")[8] == "no answer"
    assert last == "3 effect(s): 2 failed, 0 running, 1 waiting"
    assert "secret" not in "".join(out)


def test_one_state_as_json(office, capsys):
    assert run(office, "--state", "waiting", "--json") == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["id"], row["age"], row["attempts"]) == (THIRD, "1 h", 0)


def test_failed_ones_are_tried_again(office, capsys):
    assert run(office, "retry", "11") == 0
    assert capsys.readouterr().out == "1 effect(s) begun anew\n"
    assert states(office) == ["waiting", "failed", "waiting"]
    assert run(office, "retry", "--all", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"effects": [SECOND], "count": 1, "unknown": []}


def test_one_is_given_up_with_a_reason(office, capsys):
    assert run(office, "drop", SECOND) == 2
    assert run(office, "drop", SECOND, "99", "--because", "sent by hand") == 1
    assert states(office) == ["failed", "cancelled", "waiting"]
    assert "99" in capsys.readouterr().err
    assert [one.error for one in office.store.effects(state="cancelled")] == ["sent by hand"]


def test_nothing_is_tried_again_unless_it_is_named(office):
    assert run(office, "retry") == 2


def test_standing_jobs_seal_each_hour_and_forget_each_day():
    office = Office({})
    office.clock.at = office.clock.at.replace(hour=2, minute=0)
    old = office.clock.at - timedelta(days=100)
    with office.store.begin() as unit:
        unit.put_effect(Effect(FIRST, "look", "a", old, created_at=old))
    office.store.claim_effects(old, 1, 60)
    office.store.finish_effect(FIRST)
    assert run_standing_jobs(office.runtime) == 1
    office.clock.move(hours=1)
    assert run_standing_jobs(office.runtime) == 2
    assert run_standing_jobs(office.runtime) == 0
    office.deliver()
    done = {(one.payload.get("job"), one.state) for one in office.store.effects()}
    assert done == {(SEAL, "done"), (FORGET, "done")}
    assert office.store._blocks


DEMO = (
    '- {event: enter, on: user, with: {login: ann, password: "Guiju-2026!", name: 安, roles: [clerk, boss]}}\n'
    '- {event: enter, on: user, with: {login: bob, password: "Guiju-2026!", name: 博, roles: [clerk]}}\n'
)


def test_every_start_tells_the_demo_accounts_that_are_there(tmp_path, capsys):
    office = Office({})
    (tmp_path / "users.yaml").write_text(DEMO.replace("ann", "clerk").replace("bob", "nobody"), encoding="utf-8")
    assert play_demo(office.runtime, tmp_path, print) == 0
    served = []
    composition = SimpleNamespace(
        runtime=lambda: office.runtime,
        play_demo=lambda: demo_accounts(office.runtime, tmp_path),
        refused_to_listen=lambda host, port: "",
        serve=lambda host, port, works: served.append((host, port, works)) or 0,
    )
    options = build_parser().parse_args(["run", "--port", "8123"])
    assert running.act(composition, options) == 0
    out = capsys.readouterr().out
    assert "clerk        Guiju-2026!   clerk, boss" in out
    assert "nobody" not in out
    assert out.endswith("http://127.0.0.1:8123/\n2026-05-06 09:00:00 stopped\n")
    assert served == [("127.0.0.1", 8123, True)]
