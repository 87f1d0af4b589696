"""Functions that ask the surroundings: roles of the user, the working calendar; and what is empty."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from decimal import Decimal

from engine.expressions.environment import World
from engine.expressions.functions.dates import day_of
from engine.expressions.functions.registry import function


@function(
    "role(name: text) -> boolean!",
    "当前用户是否有此角色",
    "Whether the user has a role",
    world=True,
    browser=False,
)
def role(world: World, name: str | None) -> bool:
    user = world.user
    return user is not None and name in (user.get("roles") or ())


@function(
    "working_days(start: moment, count: integer) -> date",
    "若干个工作日之后的日期",
    "The date so many working days later",
    world=True,
    browser=False,
)
def working_days(world: World, start: date, count: int | Decimal) -> date:
    return day_of(world.working_days_after(start, int(count)))


@function(
    "is_empty(value: any?) -> boolean!",
    "是否为空：空值、空白文本、没有成员",
    "Whether there is nothing: null, blank text, no members",
)
def is_empty(value: object) -> bool:
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, Collection) and not isinstance(value, datetime) and not value)
