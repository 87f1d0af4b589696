"""Turns on a port: one at a time, orders before looks."""

import threading
import time

from adapters.devices.turns import Turns


def test_orders_go_before_looks_that_wait_longer():
    turns, done = Turns(), []

    def one(name, *, first):
        with turns.taken(first=first):
            done.append(name)

    with turns.taken(), turns.taken():  # whoever has it may take it again
        threads = []
        for name in ("look", "look", "order"):
            threads.append(threading.Thread(target=one, args=(name,), kwargs={"first": name == "order"}))
            threads[-1].start()
            time.sleep(0.02)
        assert done == []
    for thread in threads:
        thread.join(2)
    assert done == ["order", "look", "look"]
