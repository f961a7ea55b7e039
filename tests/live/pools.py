# SPDX-License-Identifier: MIT
"""What the tests of pools stand on: programs that are told what to do line by line, and servers
that can be broken."""

import os
import select
import shutil
import subprocess

import harness
from harness import (BUILD, DEADLINE_S, LIVE, PYTHON, Failure, check, check_equal, driver_library,
                     find_program, odbc_library, wait_for)

MANAGER = "libodbc.so.2"
CLIENTS = LIVE / "clients_pool"


class Client:
    """A program that obeys: client("connect", "a", string) returns what it answers."""

    def __init__(self, world, argv, env=None, preload=False):
        self.name = os.path.basename(str(argv[0]))
        self.child = world.start(argv, preload=preload, env=env)

    def _ended(self, what):
        self.child.kill()
        _, err = self.child.communicate()
        return Failure(f"{self.name}: {what}: {err.strip()[-2000:]}")

    def send(self, *words):
        """The answer to a command: its words, the first `ok` or `error`."""
        try:
            self.child.stdin.write(" ".join(str(w) for w in words) + "\n")
            self.child.stdin.flush()
        except BrokenPipeError:
            raise self._ended(f"ended before {words}") from None
        if not select.select([self.child.stdout], [], [], DEADLINE_S)[0]:
            raise self._ended(f"does not answer {words}")
        line = self.child.stdout.readline()
        if not line:
            raise self._ended(f"ended at {words}")
        return line.split()

    def __call__(self, *words):
        answer = self.send(*words)
        check_equal(answer[:1], ["ok"], f"{self.name}: {words[0]} {words[1:]} answered {answer}")
        return answer[1:]

    def fails(self, *words):
        """The SQLSTATE with which a command fails."""
        answer = self.send(*words)
        check_equal(answer[:1], ["error"], f"{self.name}: {words[0]} answered {answer}")
        return answer[1]

    def end(self):
        """Ends its input, which ends it with all that is open."""
        try:
            _, err = self.child.communicate(timeout=DEADLINE_S)
        except subprocess.TimeoutExpired:
            raise self._ended("does not end") from None
        check_equal(self.child.returncode, 0, f"{self.name}: {err.strip()[-2000:]}")


def c_client(world, name, version="3.80", library=MANAGER, env=None):
    """The client in C under a name of its own, with an environment made."""
    path = world.directory / name
    if not path.exists():
        built = BUILD / "tests" / "live" / "pool_client"
        check(built.exists(), f"{built} is not built: run make check-live")
        shutil.copy(built, path)
    client = Client(world, [path, library, version], env)
    client("environment", "first")
    return client


def script_client(world, script, *arguments):
    """A client in another language, reported under the script's own name."""
    ending = os.path.splitext(script)[1]
    interpreter = {".py": PYTHON, ".pl": "/usr/bin/perl", ".php": "php"}[ending]
    client = Client(world, [find_program(interpreter), CLIENTS / script, *arguments], preload=True)
    client.name = script
    return client


def directory_of_ini(world, name, sections):
    """The environment of programs that have an odbcinst.ini of their own; `sections` change those
    of the world, by None a key goes."""
    directory = world.directory / f"{name}.ini"
    directory.mkdir()
    drivers = {section: dict(keys) for section, keys in world.drivers.items()}
    for section, keys in sections.items():
        drivers[section] = {key: value for key, value in {**drivers[section], **keys}.items()
                            if value is not None}
    harness.write_ini(directory / "odbcinst.ini", drivers)
    return {"ODBCSYSINI": str(directory)}


def figures_of(**figures):
    """Figures by their short names: gauges as count-, the others as derive-."""
    return {("count-" if name in harness.GAUGES else "derive-") + name: value
            for name, value in figures.items()}


def expect(world, programs):
    """Waits until collectd shows {program: {figure: value}} of all of them, and sees that it
    stays through another dispatch. Derives that nobody has reported yet count as 0."""
    collectd = world.collectd
    wanted = {program: figures_of(**figures) for program, figures in programs.items()}
    found = {}

    def same():
        collectd.daemon.check_alive()
        for program, figures in wanted.items():
            found[program] = collectd.figures(world.host, program, figures)
        return found == wanted

    def difference():
        return "; ".join(f"{program} {name} is {found[program][name]}, not {value}"
                         for program, figures in wanted.items() for name, value in figures.items()
                         if found[program][name] != value)

    try:
        wait_for(same, "the figures")
    except Failure:
        raise Failure(f"waited in vain: {difference()}") from None
    before = {program: collectd.dispatches(world.host, program) for program in wanted}
    wait_for(lambda: all(collectd.dispatches(world.host, program) > seen
                         for program, seen in before.items()), "another dispatch")
    check(same(), f"it did not stay: {difference()}")


def history(world, program, name):
    """Every value of a figure that was written, in the order of its time, which is not that of the
    lines: collectd writes by several threads. Where it was not there, none."""
    found = []
    folder = world.collectd.csv / f"{world.host}/odbc-{program}"
    for path in sorted(folder.glob(name + "-[0-9]*")):
        for line in path.read_text(encoding="ascii").rpartition("\n")[0].splitlines():
            when, _, value = line.partition(",")
            if line[:1].isdigit() and value not in ("", "nan"):
                found.append((float(when), float(value)))
    return [value for _, value in sorted(found)]


class BreakablePostgres(harness.Postgres):
    """A server of the test's own, that can be restarted and whose backends can be ended."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.daemon.stop()

    def psql(self, sql):
        return subprocess.run(
            [find_program("psql", "/usr/lib/postgresql/*/bin/psql"), "-h", "127.0.0.1", "-p",
             str(self.port), "-U", "tester", "-d", "postgres", "-qAtc", sql],
            check=True, capture_output=True, text=True, timeout=DEADLINE_S).stdout

    def kill_backends(self):
        """Ends every backend but one's own; returns how many."""
        others = "from pg_stat_activity where pid <> pg_backend_pid() and " \
                 "backend_type = 'client backend'"
        ended = self.psql(f"select count(pg_terminate_backend(pid)) {others}")
        wait_for(lambda: self.psql(f"select count(*) {others}").strip() == "0", "backends to end")
        return int(ended)

    def restart(self):
        self.daemon.stop()
        self.daemon = harness.Daemon(self.daemon.process.args, self.daemon.log,
                                     stop_signal=self.daemon.stop_signal)
        ready = [find_program("pg_isready", "/usr/lib/postgresql/*/bin/pg_isready"), "-q", "-h",
                 "127.0.0.1", "-p", str(self.port)]
        wait_for(lambda: self.daemon.check_alive() and subprocess.call(ready) == 0, "PostgreSQL")


def mariadb(sql):
    """Executes on the run's MariaDB as its root; returns what it prints."""
    port = harness.server(harness.MariaDB).port
    return subprocess.run(
        [find_program("mariadb", "mysql"), "--no-defaults", "--protocol=tcp", "-h", "127.0.0.1",
         f"-P{port}", "-uroot", "-N", "-B", "-e", sql],
        check=True, capture_output=True, text=True, timeout=DEADLINE_S).stdout


def mariadb_user(name):
    """A user of the test's own, so that its connections are known by it; returns what a connection
    string says."""
    mariadb(f"create or replace user {name}@'127.0.0.1'; grant all on *.* to {name}@'127.0.0.1'")
    port = harness.server(harness.MariaDB).port
    return f"SERVER=127.0.0.1;PORT={port};DATABASE=mysql;UID={name};"


def kill_mariadb_user(name):
    """Ends every connection of the user; returns how many."""
    listed = f"select id from information_schema.processlist where user = '{name}'"
    ids = mariadb(listed).split()
    for number in ids:
        mariadb(f"kill {number}")
    wait_for(lambda: not mariadb(listed).split(), "connections to end")
    return len(ids)


LIBRARIES = {"PostgreSQL": "psqlodbcw.so", "MariaDB": "libmaodbc.so"}


def register(world, name, **extra):
    """The driver of that name and the shim over it; returns the shim's name for DRIVER=."""
    world.drivers[name] = {"Driver": driver_library(LIBRARIES[name])}
    world.drivers["counted " + name] = {"Driver": odbc_library("libodbcshim.so"), "Target": name,
                                        "CPTimeout": 120, **extra}
    world.write()
    return "DRIVER={counted %s};" % name
