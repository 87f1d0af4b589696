"""What people and outside systems can do: each use case is one function over a `Runtime`, an `Actor` and a request.

Every door (pages, REST, sheets, queues, timers) goes through these functions; they open the unit of work, apply the
one projection, and return views of plain data. They raise `Refused` when something may not or cannot happen.
"""
