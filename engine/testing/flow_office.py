"""A flow for tests: things are put into boxes with locks, by somebody who has signed in.

Generic on purpose: what it says is about flows, not about what is kept where.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.model.devices import DeviceFault, LockEvent, LockState, Opening, PulseOutcome, Trouble
from engine.testing.office import BASE, Office
from engine.usecases.flow_running import FlowRun
from engine.usecases.flow_standing import Standing
from engine.usecases.flow_views import Touch

MAIN = """\
flow: main
title: {zh: 主流程, en: Main}
keep: {noticed: {type: integer, default: 0}}
always: {lock.forced: alarm}
idle: {after: 90 s, go: leave}
start: standby
steps:
  standby: {screen: [{text: 请登录}, {keypad: login, kind: text}, {keypad: secret, kind: text, hidden: true}], \
race: {enter: {button: enter, device: account.check, with: {login: =form.login, password: =form.secret}}}, \
buttons: {enter: 登录}, on: {enter: signing, refused: standby, invalid: standby, locked: standby, disabled: standby}}
  signing: {device: account.sign_in, with: {user: =answer.user}, timeout: 5 s, \
on: {done: home, locked: standby, disabled: standby, timeout: standby}}
  home: {screen: [{text: "您好{user.name}"}], buttons: {put: 存放, out: 退出}, on: {put: put, out: leave}}
  put: {run: put, on: {done: home, cancelled: home}}
  leave: {device: account.sign_out, on: {done: standby}}
  alarm: {do: [{set: {noticed: =noticed + 1}}], screen: [{text: 有抽屉被强行打开}], timeout: 20 s, \
buttons: {seen: 知道了}, on: {seen: again, timeout: again}}
"""
PUT = """\
flow: put
title: {zh: 存放, en: Put in}
number: "P{now:%Y%m%d}{seq:04}"
keep: {read: record zone, thing: thing, place: box, at_last: integer}
stages: [读取, 放入, 完成]
always: {back: cancelled}
start: lay
steps:
  lay: {stage: 读取, screen: [{text: 请放置}], read: reader.document, into: read, timeout: 60 s, \
on: {done: know, unreadable: unread, timeout: cancelled, failed: unread}}
  unread: {screen: [{text: 读取失败}], timeout: 3 s, on: {timeout: lay}}
  know:
    do:
      - {set: {thing: "=first(thing, code == up.read.number)"}}
      - {create: thing, when: thing == null, with: {code: =read.number}, as: thing}
      - {set: {place: "=first(box, state == 'free' and up.thing.code != null, sort='lock')"}}
    choose: [{when: place == null, go: full}, {go: bind}]
    on: {refused: unknown}
  unknown: {screen: [{text: 证件号不正确}], buttons: {back: 返回}}
  full: {screen: [{text: 没有空位}], buttons: {back: 返回}}
  bind: {do: [{raise: bind, on: place, with: {thing: =thing}}], next: open, on: {refused: full}}
  open: {stage: 放入, device: lock.open, with: {lock: =place.lock}, timeout: 5 s, \
on: {done: put, failed: fault, timeout: fault}, restart: check}
  put: {stage: 放入, screen: [{text: "请放入{place.lock}"}], wait: lock.closed, with: {lock: =place.lock}, \
timeout: 30 s, on: {done: confirm, timeout: left}, restart: check}
  left: {screen: [{text: 请关好}], wait: lock.closed, with: {lock: =place.lock}, timeout: 120 s, \
on: {done: confirm, timeout: left}, restart: check}
  confirm: {screen: [{text: 已放入？}, {form: {remark: {title: 备注, type: text, required: true, max: 5}}}], \
buttons: {yes: 完成, reopen: 重新打开}, timeout: 60 s, on: {yes: record, reopen: open, timeout: doubt}}
  record: {do: [{raise: fill, on: place, with: {number: =number, remark: =form.remark}}, \
{set: {at_last: =1}}], next: finished}
  doubt: {do: [{raise: doubt, on: place}], next: cancelled}
  fault: {screen: [{text: 打不开}], buttons: {again: 重试, back: 返回}, on: {again: open}}
  check: {device: lock.state, with: {lock: =place.lock}, timeout: 5 s, \
on: {open: put, closed: confirm, failed: fault, timeout: fault}}
  finished: {stage: 完成, screen: [{text: 完成}], timeout: 5 s, on: {timeout: done}}
  done: {end: done}
  cancelled: {end: cancelled}
"""
FLOWS = {
    "desk/thing/document.yaml": "document: thing\ntitle: 物\nlabel: code\nfields:\n"
    "  code: {title: 号码, type: text, required: true, check: code != 'BAD'}\nunique: [[code]]\n",
    "desk/thing/access.yaml": 'access:\n  clerk: {read: "*"}\n',
    "desk/box/document.yaml": "document: box\ntitle: 格\nlabel: lock\nfields:\n"
    "  lock: {title: 锁, type: integer, required: true}\n  thing: {title: 物, type: ref, to: thing}\n"
    "  serial: {title: 流水号, type: text}\n  remark: {title: 备注, type: text}\n",
    "desk/box/machine.yaml": "machine: box\nstates: {free: {title: 空}, bound: {title: 占}, full: {title: 满, "
    "final: true}, doubtful: {title: 存疑, final: true}}\nevents:\n"
    "  set_up: {title: 安装, from: new, to: free, by: engine}\n"
    "  bind: {title: 占用, from: free, to: bound, by: engine, ask: {thing: {title: 物, type: ref, to: thing}}, "
    "do: [{set: {thing: =event.thing}}]}\n"
    "  fill: {title: 放入, from: bound, to: full, by: engine, ask: {number: {title: 号, type: text}, "
    "remark: {title: 备注, type: text}}, do: [{set: {serial: =event.number, remark: =event.remark}}]}\n"
    "  doubt: {title: 存疑, from: bound, to: doubtful, by: engine}\n",
    "desk/box/access.yaml": 'access:\n  clerk: {read: "*"}\n',
    "desk/flows/main.yaml": MAIN,
    "desk/flows/put.yaml": PUT,
    "nodes/test.yaml": BASE["nodes/test.yaml"]
    + "devices: {board: {adapter: lock_cu16, port: /dev/null}, zones: {adapter: zones_serial, port: /dev/zero}}\n"
    + "kiosk: {flow: main, role: clerk, place: kiosk1}\n",
}


class FlowOffice(Office):
    """An office with a kiosk: `run` is its flow run, which `dies` and begins anew."""

    def __init__(self, files: Mapping[str, str] | None = None, **keys: object) -> None:
        super().__init__({**FLOWS, **(files or {})}, **keys)  # type: ignore[arg-type]
        if not self.all("box"):
            self.boxes = [self.engine("box", {"lock": str(lock)}) for lock in (7, 8)]
            self._give_password()
        self.run = self._fresh()

    def _give_password(self) -> None:
        with self.store.begin() as unit:
            clerk = unit.fetch("user", self.people["clerk"].id, lock=True)
            assert clerk is not None
            version = clerk.version
            clerk.values.update(password=self.runtime.passwords.hash("right"), version=version + 1)
            unit.update(clerk, version)

    def _fresh(self) -> FlowRun:
        return FlowRun(lambda: self.runtime, "kiosk1")

    def dies(self) -> Standing:
        """The process dies and begins anew."""
        self.run = self._fresh()
        return self.run.begin()

    def press(self, outcome: str, **form: object) -> Standing:
        """Press a button of the screen as it stands."""
        token = self.run.standing().token
        return self.run.touch(Touch("press", token, outcome, form))

    def answered(self, outcome: str, name: str = "", /, **answer: object) -> Standing:
        """The order of the step is answered."""
        return self.run.answered(self.run.standing().token, name, outcome, answer)

    def signed_in(self) -> Standing:
        """Begin, and sign in."""
        self.run.begin()
        self.press("enter", login="clerk", secret="right")  # noqa: S106 -- of a toy account
        return self.answered("done", "enter", user=self.people["clerk"].id)

    def after(self, seconds: float) -> Standing:
        """So many seconds later."""
        self.clock.move(seconds=seconds)
        return self.run.tick()


class ToyLocks:
    """Locks in memory: `says` is what comes of a pulse, `pulses` those that were given."""

    def __init__(self, says: Callable[[int], PulseOutcome] = lambda lock: PulseOutcome.OPENED) -> None:
        self.says, self.pulses, self.is_open = says, list[int](), set[int]()

    def open(self, lock: int) -> Opening:
        self.pulses.append(lock)
        outcome = self.says(lock)
        if outcome is PulseOutcome.OPENED:
            self.is_open.add(lock)
        return Opening(lock, outcome)

    def look(self) -> Mapping[int, LockState]:
        return {lock: LockState(lock in self.is_open) for lock in range(1, 17)}

    def watch(self) -> list[LockEvent]:
        return []


class ToyDevices:
    """One lock board, and nothing else."""

    def __init__(self, locks: ToyLocks) -> None:
        self._locks = locks

    def locks(self, name: str) -> ToyLocks:
        return self._locks

    def __getattr__(self, name: str) -> Callable[[str], object]:
        def none(device: str) -> object:
            raise DeviceFault(Trouble.UNKNOWN_DEVICE, device)

        return none
