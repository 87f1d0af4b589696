"""The database as a whole: copied while it is used, judged, put back. The port `CopiedDatabase`.

In: the URL of the database. Out: a file: of SQLite by its backup interface (sqlite.org/backup.html), one snapshot that
keeps no writer waiting; of PostgreSQL by `pg_dump --format=custom`, put back in one transaction
by the script of `pg_restore` and `psql`.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

_FIRST = b"PGDMP"
_SECONDS = 3600
_EMPTY = """do $$
declare place text;
begin
  for place in select format('%I.%I', schemaname, tablename) from pg_tables where schemaname = current_schema() loop
    execute 'drop table if exists ' || place || ' cascade';
  end loop;
end $$"""
"""What takes all tables away: a dump drops those alone that it holds itself."""


class WholeDatabase:
    """See `engine.ports.backups.CopiedDatabase`."""

    def __init__(self, url: str) -> None:
        self._url = sa.make_url(url)

    @property
    def kind(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._url.get_backend_name()

    @property
    def place(self) -> Path | None:
        """The file of SQLite."""
        return Path(self._url.database) if self.kind == "sqlite" and self._url.database else None

    def copy(self, to: Path) -> None:
        """Write it into a new file. Raises OSError."""
        to.touch(mode=0o600, exist_ok=False)
        if self.place is None:
            self._run("pg_dump", "--format=custom", "--no-owner", f"--file={to}")
            return
        try:
            source = f"file:{self.place}?mode=ro"
            with closing(sqlite3.connect(source, uri=True)) as one, closing(sqlite3.connect(to)) as other:
                one.backup(other)
                other.execute("PRAGMA journal_mode=DELETE")  # one file, whole by itself
        except sqlite3.Error as error:
            raise OSError(0, type(error).__name__, str(self.place)) from None

    def is_whole(self, copied: Path) -> bool:
        """Whether a file is a sound copy of this kind of database."""
        if self.place is None:
            with copied.open("rb") as file:
                return file.read(len(_FIRST)) == _FIRST
        try:
            with closing(sqlite3.connect(f"file:{copied}?mode=ro&immutable=1", uri=True)) as connection:
                return bool(connection.execute("PRAGMA quick_check").fetchone()[0] == "ok")
        except sqlite3.Error:
            return False

    def load(self, copied: Path) -> None:
        """Put a dump in the place of what the server holds, tables that came later among them: all of it or nothing.
        Raises OSError."""
        script = copied.with_name(f"{copied.name}.sql")
        script.touch(mode=0o600)
        try:
            self._called("pg_restore", "--clean", "--if-exists", "--no-owner", f"--file={script}", str(copied))
            strict = ("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1")
            self._run("psql", *strict, f"--command={_EMPTY}", f"--file={script}")
        finally:
            script.unlink(missing_ok=True)

    def _run(self, program: str, *options: str) -> None:
        url = self._url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
        self._called(program, f"--dbname={url}", *options)

    def _called(self, program: str, *options: str) -> None:
        found = shutil.which(program)
        if found is None:
            raise FileNotFoundError(2, "no such program", program)
        secret = {"PGPASSWORD": str(self._url.password)} if self._url.password else {}
        done = subprocess.run(  # noqa: S603 -- a program of the database with options of our own
            [found, *options],
            env={**os.environ, **secret}, capture_output=True, check=False, timeout=_SECONDS,
        )  # fmt: skip
        if done.returncode:
            raise OSError(done.returncode, f"{program} ended with {done.returncode}", program)
