# SPDX-License-Identifier: MIT
"""The same program run twice, directly and behind the shim, and what differs in what it wrote.

Both runs find the same names: a DSN and a driver's section are called the same on either side, and
only what the section stands for is another library."""

import contextlib
import dataclasses
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile

import harness
from harness import check, driver_library, free_port, odbc_library, write_ini

SIDES = ("direct", "shimmed")
RUN_DEADLINE_S = 300


@dataclasses.dataclass(frozen=True)
class Driver:
    """A real driver, and where its DSN leads."""
    name: str     # of its DSN and of its section
    library: str
    shim: str     # the library of this tree that has its width
    dialect: str
    server: type | None = None

    @property
    def database(self):
        """Its own, so that drivers can be compared at the same time."""
        return "session_" + self.name


DRIVERS = (
    Driver("sqlite", "libsqlite3odbc.so", "libodbcshima.so", "sqlite"),
    Driver("psqlw", "psqlodbcw.so", "libodbcshim.so", "postgres", harness.Postgres),
    Driver("psqla", "psqlodbca.so", "libodbcshima.so", "postgres", harness.Postgres),
    Driver("maodbc", "libmaodbc.so", "libodbcshim.so", "mariadb", harness.MariaDB),
    Driver("tds", "libtdsodbc.so", "libodbcshim.so", "none"),
)


def driver(name):
    return next(d for d in DRIVERS if d.name == name)


class Comparison:
    """A temporary directory with two sets of ini files, and what was found with them."""

    def __init__(self, drivers, pooling=False):
        self.drivers = drivers
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="odbcshim-compare."))
        os.chmod(self.directory, 0o755)
        self.pooling = pooling
        self.closed_port = free_port(socket.SOCK_STREAM)
        for side in SIDES:
            self._write(side)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.directory, ignore_errors=True)

    def _write(self, side):
        where = self.directory / side
        where.mkdir()
        drivers = {"ODBC": {"Pooling": "Yes" if self.pooling else "No"}}
        dsns = {}
        for d in self.drivers:
            real = {"Driver": driver_library(d.library), "CPTimeout": 120}
            shim = {"Driver": odbc_library(d.shim), "Target": d.name + " target", "CPTimeout": 120}
            drivers[d.name] = shim if side == "shimmed" else real
            drivers[d.name + " target"] = {"Driver": real["Driver"]}
            dsns[d.name] = {"Driver": d.name, **self.keys(d)}
        dsns["failing"] = {"Driver": self.drivers[0].name, **self.failing_keys(self.drivers[0])}
        write_ini(where / "odbcinst.ini", drivers)
        write_ini(where / "odbc.ini", dsns)
        write_ini(where / "odbcshim.ini", {"odbcshim": {
            "CollectdHost": "127.0.0.1", "CollectdPort": free_port(socket.SOCK_DGRAM),
            "CollectdInterval": harness.INTERVAL_S}})

    def keys(self, d):
        """Of the DSN, and of a string without one."""
        if d.dialect == "none":
            return {"Server": "127.0.0.1", "Port": self.closed_port, "TDS_Version": "7.4"}
        if d.dialect == "sqlite":
            return {"Database": self.directory / "session.db", "SyncPragma": "OFF", "Timeout": 200}
        return {key: d.database if key.lower() == "database" else value
                for key, value in harness.server(d.server).keys.items()}

    def failing_keys(self, d):
        """The same, where nobody answers."""
        if d.dialect == "sqlite":
            return {"Database": self.directory / "no" / "such.db"}
        return {key: self.closed_port if key.lower() == "port" else value
                for key, value in self.keys(d).items()}

    @staticmethod
    def string(d, keys):
        """A connection string without a DSN."""
        return f"DRIVER={{{d.name}}};" + ";".join(f"{k}={v}" for k, v in keys.items())

    def environment(self, side):
        where = self.directory / side
        env = dict(os.environ, ODBCSYSINI=str(where), ODBCINI=str(where / "odbc.ini"),
                   ODBCSHIM_INI=str(where / "odbcshim.ini"), HOME=str(self.directory),
                   LC_ALL="C.UTF-8", SHIM_STRICT="1")
        env.pop("ODBCINSTINI", None)
        if harness.PRELOAD:
            # Of leaks the drivers' own would be told as well.
            env.update(LD_PRELOAD=harness.PRELOAD,
                       ASAN_OPTIONS="detect_leaks=0:" + env.get("ASAN_OPTIONS", ""))
        return env

    def run(self, side, argv, stdin=b"", extra=None):
        """What the program wrote, its end included."""
        self.forget()
        child = subprocess.run([str(a) for a in argv], input=stdin, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, cwd=self.directory, check=False,
                               env={**self.environment(side), **(extra or {})},
                               timeout=RUN_DEADLINE_S)
        return child.stdout + f"\nended with {child.returncode}\n".encode()

    def forget(self):
        """Removes what an earlier run left in files."""
        for path in (*self.directory.glob("session.db*"), *self.directory.glob("saved*")):
            path.unlink()


def differences(one, other):
    """The lines of a unified diff; none if the two are equal."""
    if one == other:
        return []
    with tempfile.TemporaryDirectory() as directory:
        for side, text in zip(SIDES, (one, other)):
            pathlib.Path(directory, side).write_bytes(text)
        # difflib takes minutes for texts of this length.
        child = subprocess.run(["diff", "-a", "-U4", *SIDES], cwd=directory, check=False,
                               stdout=subprocess.PIPE)
    return child.stdout.decode("utf-8", "backslashreplace").split("\n")


@contextlib.contextmanager
def serving(drivers):
    """The servers of these drivers, with the databases that the sessions work in."""
    with harness.serving({d.server for d in drivers if d.server}):
        for d in drivers:
            if d.server:
                PREPARE[d.dialect](harness.server(d.server), d.database)
        yield


def prepare_postgres(server, database):
    psql = [harness.find_program("psql"), "-h", "127.0.0.1", "-p", str(server.port), "-U",
            "tester", "-X", "-q", "-d", "postgres"]
    # What the server does by itself would differ from run to run.
    for sql in (f"create database {database}", "alter system set autovacuum = off",
                "select pg_reload_conf()"):
        subprocess.run(psql + ["-c", sql], check=True, stdout=subprocess.DEVNULL)


def prepare_mariadb(server, database):
    subprocess.run([harness.find_program("mariadb", "mysql"), "--no-defaults", "-h", "127.0.0.1",
                    "-P", str(server.port), "-u", "root", "-e",
                    f"create database {database} character set utf8mb4; "
                    "set global innodb_stats_auto_recalc = off"], check=True)


PREPARE = {"postgres": prepare_postgres, "mariadb": prepare_mariadb}


def built_program(*parts):
    path = harness.BUILD.joinpath("tests", "live", *parts)
    check(path.exists(), f"{path} is not built: run make check-live")
    return path
