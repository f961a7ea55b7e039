# SPDX-License-Identifier: MIT
"""The same program run twice, directly and behind the shim, and what differs in what it wrote.

Both runs find the same names: a DSN and a driver's section are called the same on either side, and
only what the section stands for is another library."""

import dataclasses
import multiprocessing
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile

import harness
from harness import Failure, check, driver_library, free_port, odbc_library, write_ini

SIDES = ("direct", "shimmed")
RUN_DEADLINE_S = 300
# A line of a stack: the library, or a source file where that is known.
OURS = re.compile(rb"libodbcshim|/odbcshim/\w+\.[ch]:")
PROBLEMS_SHOWN, LINES_SHOWN = 3, 60

# Tests of different purposes work in databases of their own, those of one and the same in turn.
PURPOSES = ("session", "programs", "talk")


@dataclasses.dataclass(frozen=True)
class Driver:
    """A real driver, and where its DSN leads."""
    name: str     # of its DSN and of its section
    library: str
    shim: str     # the library of this tree that has its width
    dialect: str
    server: type | None = None

    def database(self, purpose):
        return f"{purpose}_{self.name}"


DRIVERS = (
    Driver("sqlite", "libsqlite3odbc.so", "libodbcshima.so", "sqlite"),
    Driver("psqlw", "psqlodbcw.so", "libodbcshim.so", "postgres", harness.Postgres),
    Driver("psqla", "psqlodbca.so", "libodbcshima.so", "postgres", harness.Postgres),
    Driver("maodbc", "libmaodbc.so", "libodbcshim.so", "mariadb", harness.MariaDB),
    Driver("tds", "libtdsodbc.so", "libodbcshim.so", "none"),
)


WITH_DATABASE = tuple(d for d in DRIVERS if d.dialect != "none")
# Made before the workers are forked, which share them.
_IN_TURN = {(d, purpose): multiprocessing.Lock() for d in DRIVERS for purpose in PURPOSES}


class Comparison:
    """A temporary directory with two sets of ini files for one driver."""

    def __init__(self, d, purpose, pooling=False):
        self.driver = d
        self.purpose = purpose
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="odbcshim-compare."))
        os.chmod(self.directory, 0o755)
        self.pooling = pooling
        self.closed_port = free_port(socket.SOCK_STREAM)
        for side in SIDES:
            self._write(side)

    def __enter__(self):
        _IN_TURN[self.driver, self.purpose].acquire()
        return self

    def __exit__(self, *_):
        _IN_TURN[self.driver, self.purpose].release()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _write(self, side):
        where = self.directory / side
        where.mkdir()
        d = self.driver
        real = {"Driver": driver_library(d.library), "CPTimeout": 120}
        shim = {"Driver": odbc_library(d.shim), "Target": d.name + " target", "CPTimeout": 120}
        drivers = {"ODBC": {"Pooling": "Yes" if self.pooling else "No"},
                   d.name: shim if side == "shimmed" else real,
                   d.name + " target": {"Driver": real["Driver"]}}
        dsns = {d.name: {"Driver": d.name, **self.keys},
                "failing": {"Driver": d.name, **self.failing_keys}}
        write_ini(where / "odbcinst.ini", drivers)
        write_ini(where / "odbc.ini", dsns)
        write_ini(where / "odbcshim.ini", {"odbcshim": {
            "CollectdHost": "127.0.0.1", "CollectdPort": free_port(socket.SOCK_DGRAM),
            "CollectdInterval": harness.INTERVAL_S}})

    @property
    def keys(self):
        """Of the DSN, and of a string without one."""
        d = self.driver
        if d.dialect == "none":
            return {"Server": "127.0.0.1", "Port": self.closed_port, "TDS_Version": "7.4"}
        if d.dialect == "sqlite":
            return {"Database": self.directory / "session.db", "SyncPragma": "OFF", "Timeout": 200}
        return {key: d.database(self.purpose) if key.lower() == "database" else value
                for key, value in harness.server(d.server).keys.items()}

    @property
    def failing_keys(self):
        """The same, where nobody answers."""
        if self.driver.dialect == "sqlite":
            return {"Database": self.directory / "no" / "such.db"}
        return {key: self.closed_port if key.lower() == "port" else value
                for key, value in self.keys.items()}

    def string(self, keys=None):
        """A connection string without a DSN."""
        return f"DRIVER={{{self.driver.name}}};" + ";".join(
            f"{k}={v}" for k, v in (keys or self.keys).items())

    def environment(self, side, own):
        where = self.directory / side
        env = dict(os.environ, ODBCSYSINI=str(where), ODBCINI=str(where / "odbc.ini"),
                   ODBCSHIM_INI=str(where / "odbcshim.ini"), HOME=str(self.directory),
                   LC_ALL="C.UTF-8", SHIM_STRICT="1")
        env.pop("ODBCINSTINI", None)
        env |= harness.sanitized(leaks=own and side != "direct", preload=not own)
        if harness.PRELOAD:
            env["LSAN_OPTIONS"] += f":exitcode=0:log_path={self.directory}/lost"
        return env

    def run(self, side, argv, stdin=b"", own=True, extra=None):
        """What the program wrote, its end included; `own`: it is one of this tree."""
        self.forget()
        child = subprocess.run([str(a) for a in argv], input=stdin, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, cwd=self.directory, check=False,
                               env=self.environment(side, own) | (extra or {}),
                               timeout=RUN_DEADLINE_S)
        return child.stdout + f"\nended with {child.returncode}\n".encode() + self._lost()

    def _lost(self):
        """What a sanitizer says was lost with one of the two libraries in its stack: the driver
        manager loses things of its own, and whatever is lost came through it."""
        reports = [path.read_bytes() for path in self.directory.glob("lost.*")]
        stacks = [stack for report in reports for stack in report.split(b"\n\n")]
        return b"\n".join(stack for stack in stacks if OURS.search(stack))

    def forget(self):
        """Removes what an earlier run left in files."""
        for path in (p for name in ("session.db*", "saved*", "lost.*")
                     for p in self.directory.glob(name)):
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


def summary(what, runs, results, problems):
    """What a test returns of so many runs that gave so many results, and of (where, the lines that
    differ) for each that was not the same on both sides; a Failure unless all of it was."""
    text = f"{runs} {what} compared, {results} results, {len(problems)} differ"
    lines = []
    for where, found in problems[:PROBLEMS_SHOWN]:
        lines += [where + ":", *("    " + line for line in found[:LINES_SHOWN])]
    check(not problems, "\n".join([text, *lines]))
    check(runs and results, text + ": nothing was compared")
    return text


def ended_early(output):
    """The last lines of what is the same on both sides, and yet not all: what would have come after
    it was not compared. Nothing if it is all."""
    if output.endswith(b"\nended with 0\n"):
        return []
    return ["ended early:"] + output.decode("utf-8", "backslashreplace").split("\n")[-9:]


def server_of(d):
    """For needs_by_row: the driver's server."""
    return {d.server} if d.server else set()


def make_databases(kind, server):
    """For harness.serving: the databases that the tests of this kind of server work in. All before
    the first test, for the catalogue tells of them. What the server does by itself would differ from
    run to run."""
    names = [d.database(purpose) for d in DRIVERS if d.server is kind for purpose in PURPOSES]
    if kind is harness.Postgres:
        sql = [*(f"create database {name}" for name in names),
               "alter system set autovacuum = off", "select pg_reload_conf()"]
        subprocess.run([harness.find_program("psql"), "-h", "127.0.0.1", "-p", str(server.port),
                        "-U", "tester", "-X", "-q", "-d", "postgres",
                        *(word for line in sql for word in ("-c", line))],
                       check=True, stdout=subprocess.DEVNULL)
    else:
        sql = [*(f"create database {name} character set utf8mb4" for name in names),
               "set global innodb_stats_auto_recalc = off"]
        subprocess.run([harness.find_program("mariadb", "mysql"), "--no-defaults", "-h",
                        "127.0.0.1", "-P", str(server.port), "-u", "root", "-e", "; ".join(sql)],
                       check=True)


def built_program(*parts):
    path = harness.BUILD.joinpath("tests", "live", *parts)
    check(path.exists(), f"{path} is not built: run make check-live")
    return path
