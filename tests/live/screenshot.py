#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Pictures of connmon's screen: screenshot.py FOLDER writes its pages as SVG, from a real run.
Processes on several made-up hosts use a PostgreSQL server through unixODBC's pool and the shim; some
do it badly."""

import contextlib
import math
import pathlib
import random
import re
import sys
import threading
import time

from harness import World, wait_for
from picture import svg
from pools import BreakablePostgres, c_client, directory_of_ini, register
from terminal import Terminal

COLUMNS, LINES = 120, 24
RUN_S = 75  # so that what is held all the while is older than connmon likes
PACE_S = 0.2

POOLED, UNPOOLED, HOLDING, FAILING, DIRTY = range(5)

# (hosts, program, processes on each, connections in use by each on the average, how)
PROGRAMS = (
    (("web-01", "web-02", "web-03"), "shop", 2, 9, POOLED),
    (("web-01", "web-02"), "search", 1, 6, POOLED),
    (("web-03",), "search", 1, 6, UNPOOLED),
    (("web-01", "web-02", "web-03"), "basket", 1, 3, POOLED),
    (("app-01", "app-02"), "orders", 1, 14, POOLED),
    (("app-01", "app-02"), "billing", 1, 4, DIRTY),
    (("app-01",), "mailer", 1, 1, FAILING),
    (("batch-01",), "nightly", 1, 3, HOLDING),
    (("batch-01",), "export", 1, 2, POOLED),
)


class Process:
    """A process that opens and closes connections all the while, as the load rises and falls."""

    def __init__(self, world, names, string, average, how, env):
        host, program, number = names
        self.client = c_client(world, f"{program}-{host}-{number}", env=env)
        self.string = f"{string}CollectdReportHost={host};CollectdProgramName={program};"
        self.program = program
        self.average = average
        self.how = how
        self.phase = random.random() * 6
        self.open = []
        self.made = 0
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def stop(self):
        self.stopping.set()
        self.thread.join()
        self.client.end()

    def _connect(self):
        name = f"c{self.made}"
        self.made += 1
        if self.client.send("connect", name, self.string)[0] != "ok":
            return
        self.open.append(name)
        if self.how == DIRTY:  # the pool keeps this too for whoever gets it next
            self.client.send("automatic" if self.made % 40 else "manual", name)
        self.client.send("exec", name, "select 1")

    def _wanted(self):
        wave = 1 + 0.4 * math.sin(self.phase + time.monotonic() / 7) + random.uniform(-0.15, 0.15)
        return round(self.average * wave)

    def _run(self):
        while not self.stopping.wait(PACE_S * random.uniform(0.7, 1.3)):
            if self.how == FAILING and self.made % 30 == 0:
                self.client.send("connect", "no", self.string.replace("Database=", "Database=no"))
            wanted = self._wanted()
            kept = 1 if self.how == HOLDING else 0  # the oldest is never given back
            for name in self.open[kept:kept + max(2, len(self.open) - wanted)]:
                self.client.send("disconnect", name)
                self.open.remove(name)
            while len(self.open) < wanted:
                self._connect()


def start_all(world, server):
    string = register(world, "PostgreSQL") + server.string
    unpooled = directory_of_ini(world, "unpooled", {"ODBC": {"Pooling": "No"}})
    return [Process(world, (host, program, number), string, average, how,
                    unpooled if how == UNPOOLED else None)
            for hosts, program, processes, average, how in PROGRAMS
            for host in hosts for number in range(processes)]


def break_some(server):
    """Ends some of the sessions of orders, as a firewall or an administrator would."""
    server.psql("select pg_terminate_backend(pid) from (select pid from pg_stat_activity where "
                "pid <> pg_backend_pid() and backend_type = 'client backend' "
                "order by random() limit 3) as chosen")


def take(folder, name, terminal):
    (folder / name).write_text(svg(terminal.screen(styles=True), COLUMNS), encoding="utf-8")


def photograph(folder, terminal):
    """The first screen; then the row that is worst off."""
    terminal.expect_anywhere("oldest 1m")
    take(folder, "connmon.svg", terminal)
    terminal.keys("!")
    terminal.expect(6, r"[!*] ")
    terminal.keys("Enter")
    terminal.expect(2, r"[!*] ")
    take(folder, "connmon-program.svg", terminal)


def run(world, folder, server, terminal):
    began = time.monotonic()
    terminal.expect_anywhere(r"^. shop ")
    broken = began + RUN_S * 0.8
    while time.monotonic() < began + RUN_S:
        time.sleep(0.5)
        if time.monotonic() > broken:
            broken += RUN_S
            break_some(server)
    photograph(folder, terminal)


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(exist_ok=True)
    random.seed(3)
    with World() as world, BreakablePostgres(world.directory / "postgres") as server:
        server.psql("alter system set max_connections = 400")
        server.restart()
        world.common["CollectdInterval"] = 0.5
        world.pool()
        world.start_collectd(plugin_options='  Console "127.0.0.1" "25828"\n')
        with contextlib.ExitStack() as stack:
            for process in start_all(world, server):
                stack.callback(process.stop)
            terminal = stack.enter_context(Terminal(world, [], COLUMNS, LINES))
            run(world, folder, server, terminal)


if __name__ == "__main__":
    main()
