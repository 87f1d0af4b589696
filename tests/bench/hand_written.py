"""The endpoint that somebody would write by hand for the same claims: Flask, SQLAlchemy Core, jsonschema-rs, no engine.

It checks, computes, numbers and stores what `tests/bench/claims.py` defines: one row of the document, its child rows, a
history row and an outbox row in one transaction, and answers a key-paged list.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import jsonschema_rs
import orjson
import sqlalchemy as sa
from flask import Flask, Response, g, request
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite

from tests.bench.claims import KINDS, NOW

META = sa.MetaData()
USERS = sa.Table(
    "users", META, sa.Column("id", sa.Text, primary_key=True), sa.Column("name", sa.Text), sa.Column("org", sa.Text),
    sa.Column("role", sa.Text), sa.Column("enabled", sa.Boolean), sa.Column("token", sa.Text, unique=True),
)  # fmt: skip
CLAIMS = sa.Table(
    "claims", META, sa.Column("id", sa.Text, primary_key=True), sa.Column("number", sa.Text, unique=True),
    sa.Column("state", sa.Text), sa.Column("version", sa.Integer), sa.Column("created_at", sa.DateTime),
    sa.Column("created_by", sa.Text), sa.Column("changed_at", sa.DateTime), sa.Column("changed_by", sa.Text),
    sa.Column("org", sa.Text), sa.Column("title", sa.Text), sa.Column("applicant", sa.Text),
    sa.Column("applicant_name", sa.Text), sa.Column("kind", sa.Text), sa.Column("urgent", sa.Boolean),
    sa.Column("starts", sa.Date), sa.Column("ends", sa.Date), sa.Column("days", sa.Integer),
    sa.Column("phone", sa.Text), sa.Column("reason", sa.Text), sa.Column("reference", sa.Text, unique=True),
    sa.Column("total", sa.BigInteger),
    sa.Column("advance", sa.BigInteger), sa.Column("payable", sa.BigInteger), sa.Column("note", sa.Text),
    sa.Index("claims_changed", "changed_at", "id"), sa.Index("claims_org", "org"),
)  # fmt: skip
LINES = sa.Table(
    "claim_lines", META, sa.Column("id", sa.Text, primary_key=True), sa.Column("claim", sa.Text, index=True),
    sa.Column("place", sa.Integer), sa.Column("item", sa.Text), sa.Column("qty", sa.Integer),
    sa.Column("price", sa.BigInteger), sa.Column("amount", sa.BigInteger),
)  # fmt: skip
HISTORY = sa.Table(
    "history", META, sa.Column("seq", sa.Integer, primary_key=True), sa.Column("document", sa.Text),
    sa.Column("record", sa.Text, index=True), sa.Column("version", sa.Integer), sa.Column("at", sa.DateTime),
    sa.Column("actor", sa.Text), sa.Column("event", sa.Text), sa.Column("changes", sa.Text),
)  # fmt: skip
OUTBOX = sa.Table(
    "outbox", META, sa.Column("id", sa.Text, primary_key=True), sa.Column("key", sa.Text, unique=True),
    sa.Column("kind", sa.Text), sa.Column("payload", sa.Text), sa.Column("ready", sa.DateTime, index=True),
)  # fmt: skip
NUMBERS = sa.Table("numbers", META, sa.Column("name", sa.Text, primary_key=True), sa.Column("value", sa.Integer))

_MONEY = {"type": "string", "pattern": r"^-?\d{1,15}(\.\d{1,2})?$"}
_DATE = {"type": "string", "format": "date"}
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["title", "applicant", "kind", "starts", "ends", "reference", "lines"],
    "properties": {
        "title": {"type": "string", "minLength": 1, "maxLength": 60},
        "applicant": {"type": "string"},
        "kind": {"enum": list(KINDS)},
        "urgent": {"type": "boolean"},
        "starts": _DATE,
        "ends": _DATE,
        "days": {"type": "integer", "minimum": 1, "maximum": 365},
        "phone": {"type": "string", "pattern": r"^1[3-9]\d{9}$"},
        "reason": {"type": "string", "maxLength": 500},
        "reference": {"type": "string", "minLength": 1, "maxLength": 32},
        "advance": _MONEY,
        "note": {"type": "string", "maxLength": 200},
        "lines": {
            "type": "array",
            "minItems": 1,
            "maxItems": 10000,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["item", "qty", "price"],
                "properties": {
                    "item": {"type": "string", "minLength": 1, "maxLength": 40},
                    "qty": {"type": "integer", "minimum": 1},
                    "price": _MONEY,
                },
            },
        },
    },
}
VALID = jsonschema_rs.Draft202012Validator(SCHEMA, validate_formats=True)
CENT = Decimal("0.01")


def database(url: str) -> sa.Engine:
    """The same settings that the engine gives its connections."""
    if url.startswith("postgresql"):
        return sa.create_engine(url)
    engine = sa.create_engine(url, connect_args={"isolation_level": None, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: object) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-32768"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begun(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("write") else "BEGIN")

    return engine


def cents(text: str) -> int:
    return int((Decimal(text) * 100).to_integral_value(ROUND_HALF_UP))


def money(value: int) -> str:
    return str((Decimal(value) / 100).quantize(CENT))


class HandWritten:
    """The application, its database with one user, and the user's token."""

    def __init__(self, url: str) -> None:
        self.engine = database(url)
        META.create_all(self.engine)
        self.user, self.token, self.org = uuid.uuid4().hex, f"token-{uuid.uuid4().hex}", uuid.uuid4().hex
        digest = hashlib.sha256(self.token.encode()).hexdigest()
        with self.engine.connect() as connection, connection.begin():
            values = {"id": self.user, "name": "clerk", "org": self.org, "role": "clerk", "enabled": True}
            connection.execute(USERS.insert(), {**values, "token": digest})
        insert = postgresql.insert if url.startswith("postgresql") else sqlite.insert
        number = insert(NUMBERS).values(name=sa.bindparam("name"), value=1)
        self.next_number = number.on_conflict_do_update(
            index_elements=["name"], set_={"value": NUMBERS.c.value + 1}
        ).returning(NUMBERS.c.value)
        self.app = self._app()

    def close(self) -> None:
        self.engine.dispose()

    def _app(self) -> Flask:
        app = Flask("hand_written")
        app.before_request(self.known)
        app.add_url_rule("/api/v1/claim", "create", self.create, methods=["POST"])
        app.add_url_rule("/api/v1/claim", "list", self.list, methods=["GET"])
        return app

    def known(self) -> Response | None:
        """Who calls."""
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        mine = sa.select(USERS).where(USERS.c.token == hashlib.sha256(token.encode()).hexdigest())
        with self.engine.connect() as connection, connection.begin():
            g.user = connection.execute(mine).first()
        if g.user is None or not g.user.enabled or g.user.role != "clerk":
            return answer({"error": {"code": "unauthorized"}}, 401)
        return None

    # --- creating ----------------------------------------------------------------------------------------------

    def create(self) -> Response:
        """Check, compute, number, store."""
        values = orjson.loads(request.data)["values"]
        findings = [{"at": list(error.instance_path), "text": error.message} for error in VALID.iter_errors(values)]
        if findings:
            return refused(findings)
        lines = [
            {**line, "price": cents(line["price"]), "amount": cents(line["price"]) * line["qty"]}
            for line in values["lines"]
        ]
        total, advance = sum(line["amount"] for line in lines), cents(values.get("advance", "0"))
        findings = list(broken(values, lines, total, advance))
        with self.engine.connect().execution_options(write=True) as connection, connection.begin():
            applicant = connection.execute(sa.select(USERS.c.name).where(USERS.c.id == values["applicant"])).first()
            if applicant is None:
                findings.append({"at": ["applicant"], "text": "no such record"})
            if findings:
                return refused(findings)
            record = {
                **values, "org": g.user.org, "applicant_name": applicant.name, "urgent": values.get("urgent", False),
                "starts": date.fromisoformat(values["starts"]), "ends": date.fromisoformat(values["ends"]),
                "total": total, "advance": advance, "payable": total - advance, "days": values.get("days"),
                "phone": values.get("phone"), "reason": values.get("reason"), "note": values.get("note"),
            }  # fmt: skip
            del record["lines"]
            return self.store(connection, record, lines)

    def store(self, connection: sa.Connection, values: dict[str, Any], lines: list[dict[str, Any]]) -> Response:
        """All rows of one claim."""
        running = connection.execute(self.next_number, {"name": "claim"}).scalar_one()
        record_id, number, user = uuid.uuid4().hex, f"BX{NOW:%Y%m}{running:06}", g.user.id
        system = {
            "id": record_id, "number": number, "state": "draft", "version": 1, "created_at": NOW, "created_by": user,
            "changed_at": NOW, "changed_by": user,
        }  # fmt: skip
        try:
            connection.execute(CLAIMS.insert(), {**system, **values})
        except sa.exc.IntegrityError:
            return refused([{"at": ["reference"], "text": "already taken"}])
        rows = [{**line, "id": uuid.uuid4().hex, "claim": record_id, "place": at} for at, line in enumerate(lines)]
        connection.execute(LINES.insert(), rows)
        changes = {name: [None, value] for name, value in values.items()} | {"lines": [None, lines]}
        entry = {
            "document": "claim", "record": record_id, "version": 1, "at": NOW, "actor": user, "event": "enter",
            "changes": orjson.dumps(changes).decode(),
        }  # fmt: skip
        connection.execute(HISTORY.insert(), entry)
        report = [{"n": at + 1, "item": line["item"]} for at, line in enumerate(lines)]
        body = orjson.dumps({"no": number, "total": money(values["total"]), "lines": report}).decode()
        effect = {"id": uuid.uuid4().hex, "key": f"send:{record_id}:1", "kind": "send", "payload": body, "ready": NOW}
        connection.execute(OUTBOX.insert(), effect)
        return answer({"id": record_id, "number": number, "state": "draft", "version": 1, "notes": []}, 201)

    # --- listing -----------------------------------------------------------------------------------------------

    def list(self) -> Response:
        """A page of fifty, newest first, with a capped count."""
        with self.engine.connect() as connection, connection.begin():
            mine = CLAIMS.c.org == g.user.org
            if kind := request.args.get("kind"):
                mine = sa.and_(mine, CLAIMS.c.kind == kind)
            page = sa.select(CLAIMS, USERS.c.name.label("user")).join(USERS, USERS.c.id == CLAIMS.c.applicant)
            page = page.where(mine).order_by(CLAIMS.c.changed_at.desc(), CLAIMS.c.id.desc()).limit(51)
            rows = connection.execute(page).all()
            capped = sa.select(sa.literal(1)).select_from(CLAIMS).where(mine).limit(1001).subquery()
            total = connection.execute(sa.select(sa.func.count()).select_from(capped)).scalar_one()
        items = [shown(row) for row in rows[:50]]
        last = f"{rows[49].changed_at.isoformat()},{rows[49].id}" if len(rows) > 50 else None
        return answer({"items": items, "total": min(total, 1000), "more": total > 1000, "next": last, "previous": None})


def shown(row: Any) -> dict[str, Any]:
    """The columns of the list."""
    return {
        "id": row.id, "state": row.state, "number": row.number, "org": row.org, "title": row.title,
        "applicant": row.applicant, "applicant_name": row.applicant_name, "kind": row.kind, "urgent": row.urgent,
        "starts": row.starts.isoformat(), "changed_at": row.changed_at.isoformat(),
    }  # fmt: skip


def broken(values: dict[str, Any], lines: list[dict[str, Any]], total: int, advance: int) -> Any:
    """Rules over several fields."""
    if values["ends"] < values["starts"]:
        yield {"at": ["ends"], "text": "before the start"}
    for at, line in enumerate(lines):
        if line["qty"] >= 1000:
            yield {"at": ["lines", str(at), "qty"], "text": "too many"}
    if total < advance:
        yield {"at": ["advance"], "text": "more than the total"}
    if total > 500_000 and not values.get("note"):
        yield {"at": ["note"], "text": "required"}


def answer(body: object, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, mimetype="application/json")


def refused(findings: list[Any]) -> Response:
    return answer({"error": {"code": "findings", "findings": findings}}, 422)
