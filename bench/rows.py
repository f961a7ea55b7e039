# SPDX-License-Identifier: MIT
"""What is measured: a function for each group of rows, in the order of the table."""

import pathlib
import socket
import statistics
import subprocess

import harness

SQLITE = "DRIVER={sqlite};Database=:memory:"

# sqlalchemy-collectd's server, in datagrams a second, by the number of processes. Quoted.
PEER = {100: 26000, 1000: 3500, 10000: 275}


def middle(values):
    return statistics.median(values)


def forward(bench):
    """A call of a driver's function by its pointer, on the fake driver; ns of the thread's time,
    instructions by callgrind."""
    for name in ("SQLFetch", "SQLBindCol", "SQLGetStmtAttr", "SQLExecute", "SQLExecDirect",
                 "SQLEndTran", "SQLGetConnectAttr", "SQLSetConnectAttr", "SQLGetFunctions",
                 "statement"):
        what = "SQLAllocHandle and SQLFreeHandle, statement" if name == "statement" else name
        count = bench.scaled(2000 if name == "statement" else 500000)
        pairs = bench.run("forward", bench.fake, bench.shim, name, count, 15)
        above = [shim - direct for direct, shim in pairs]
        bar = {}
        if name == "SQLFetch":
            bar = {"bar": "2 ns above", "met": middle(above) <= 2}
        bench.row(what, [shim for _, shim in pairs], [direct for direct, _ in pairs], "ns", **bar)
        counted = {side: bench.instructions(1000, 11000, "forward", bench.fake, bench.shim, name,
                                            "COUNT", side) for side in ("shim", "direct")}
        bench.row(what, counted["shim"], counted["direct"], "instructions")


def manager(bench):
    """Through unixODBC, SQLite in memory: instructions by callgrind, µs of the process's time."""
    most = {  # title: kind, pooling, few, many, rounds' count, the bar
        "prepare, execute, fetch": ("prepare", "No", 100, 2100, 20000, 1.01),
        "the same, the statement made and freed": ("execute", "No", 100, 2100, 20000, 1.01),
        "pooled checkout and checkin": ("connect", "Yes", 100, 4100, 50000, 1.05),
        "new connection": ("connect", "No", 5, 105, 300, 1.25),
    }
    for title, (kind, pooling, few, many, count, bar) in most.items():
        for idle in ([], ["idle"]):
            counted = [bench.instructions(few, many, "work", SQLITE, kind, "COUNT", 1, *idle,
                                          side=side, pooling=pooling)
                       for side in ("shim", "direct")]
            bench.row(title + (", a second thread on either side" if idle else ""), *counted,
                      "instructions", f"{bar} x", lambda ratio, bar=bar: ratio <= bar)
        count = bench.scaled(count)
        times = bench.in_turns(11, lambda side: 1e6 / count * bench.run(
            "work", SQLITE, kind, count, 1, "idle", side=side, pooling=pooling)[0][1])
        bench.row(title + ", time, a second thread", *times, "µs")


def threads(bench):
    """Each thread with a connection of its own, SQLite in memory: processor time of one thing, which
    waiting for one another and sharing of memory would lengthen; the rate by the wall of two."""
    for title, kind, pooling, count in (("a statement", "execute", "No", 20000),
                                        ("a pooled checkout", "connect", "Yes", 40000),
                                        ("a new connection", "connect", "No", 512)):
        alone = None
        for number in (1, 2, 8, 64):
            each = max(1, bench.scaled(count) // number)
            runs = bench.in_turns(7, lambda side: bench.run(
                "work", SQLITE, kind, each, number, "idle", side=side, pooling=pooling)[0])
            used = [[1e6 * r[1] / each / number for r in side] for side in runs]
            alone = alone or bench.ratio_of(*used)
            bar = {}
            if number == 2 and kind == "execute":
                bar = {"bar": "scales as without", "met": lambda ratio: ratio <= 1.1 * alone}
            bench.row(f"{title}, {number} threads", *used, "µs", **bar)
            if number == 2:
                bench.row(f"{title}, {number} threads, by the wall", *[
                    [each * number / r[0] for r in side] for side in runs], "a second")


def postgres(bench):
    """A round trip to PostgreSQL on loopback: select, fetch, close, by the wall."""
    with harness.serving({harness.Postgres}):
        string = "DRIVER={psqlw};" + harness.server(harness.Postgres).string
        count = bench.scaled(3000)
        bench.row("a round trip to PostgreSQL", *bench.in_turns(9, lambda side: 1e6 / count *
                  bench.run("work", string, "statement", count, 1, side=side)[0][0]), "µs")
        bench.row("a round trip to PostgreSQL, the client's own time", *bench.in_turns(
            9, lambda side: 1e6 / count * bench.run("work", string, "statement", count, 1,
                                                    side=side)[0][1]), "µs")


def reporter(bench):
    """The reporter's thread: processor time of one report, of so many open connections."""
    harness.write_ini(bench.directory / "odbcshim.ini", {"odbcshim": {
        "CollectdHost": "127.0.0.1", "CollectdInterval": "0.1",
        "CollectdPort": harness.free_port(socket.SOCK_DGRAM)}})
    for connections in (1, 100, 10000):
        seconds = 2
        used = [bench.run("forward", bench.fake, bench.shim, "hold", connections,
                          seconds)[0][0] / 1000 / (seconds / 0.1)
                for _ in range(1 if bench.quick else 5)]
        bench.row(f"the reporter, an interval with {connections:,} connections", used, unit="µs")


def library(bench):
    """The libraries: size on disk, and what dlopen takes."""
    target = harness.driver_library("libsqlite3odbc.so")
    for name in ("libodbcshim.so", "libodbcshima.so"):
        path = harness.odbc_library(name)
        stripped = bench.directory / name
        subprocess.run(["strip", "-o", stripped, path], check=True)
        bench.row(f"{name}, stripped; SQLite's driver", stripped.stat().st_size / 1024,
                  pathlib.Path(target).stat().st_size / 1024, "KiB")
        times = bench.in_turns(15, lambda side, path=path: 1e6 * bench.run(
            "forward", "load", path if side == "shim" else target)[0][0])
        bench.row(f"dlopen of {name}; of SQLite's driver", *times, "µs")


def aggregator(bench):
    """Reading and adding up a datagram, without the kernel; a receiver's thread on one core."""
    shapes = ((100, 1), (1000, 1), (10000, 1), (100000, 1), (1000, 1000), (10000, 1000),
              (100000, 1000))
    found = {shape: [] for shape in shapes}
    for _ in range(1 if bench.quick else 15):
        for shape, results in found.items():
            results.append(bench.run("aggregate", "table", *shape, bench.scaled(300000))[0])
    rate = {shape: [1e9 / r[0] for r in results] for shape, results in found.items()}
    for shape in shapes:
        bar = {"bar": "1,000,000", "met": middle(rate[shape]) >= 1e6}
        bench.row(f"datagrams, {shape[0]:,} processes in {shape[1]:,} programs", rate[shape],
                  unit="a second", **bar)
    for shape in ((100000, 1), (100000, 1000)):
        bench.row(f"  100 processes against {shape[0]:,} in {shape[1]:,} programs",
                  rate[(100, 1)], rate[shape], "a second", "1.5 x", lambda ratio: ratio <= 1.5)
    counted = {shape: bench.instructions(1000, 11000, "aggregate", "table", *shape, "COUNT", only=(
        "plug_intake", "plug_table_expect", "plug_table_take"))
               for shape in ((100, 1), (1000, 1000))}
    bench.row("a datagram; 1,000 rows against 100", counted[(1000, 1000)],
              counted[(100, 1)], "instructions")
    whole = found[(100000, 1000)]
    bench.row("memory of a process", [r[2] for r in whole], unit="bytes")
    bench.row("memory of 100,000 processes", [r[2] / 10 for r in whole], unit="MB",
              bar="100 MB", met=all(r[2] / 10 < 100 for r in whole))
    bench.row("read callback over them", [r[3] for r in whole], unit="ms", bar="50 ms",
              met=middle([r[3] for r in whole]) < 50)
    bench.row("first report of a process", [1e9 / r[1] for r in whole], unit="a second")


def loopback(bench):
    """Datagrams over loopback to the receiver's thread: by the wall while a sender presses, and by
    the thread's own processor time while there always is a queue, which is what one core can take."""
    for processes, programs in ((100, 1), (1000, 10), (10000, 100), (100000, 1000)):
        what, peer = f"received, {processes:,} processes", PEER.get(processes)
        count = bench.scaled(200000)
        rate, own, lost = [], [], []
        for _ in range(1 if bench.quick else 5):
            received, missing, seconds, _ = bench.run("aggregate", "loopback", processes, programs,
                                                      count)[0]
            rate.append(received / seconds)
            lost.append(missing)
            received, _, _, seconds = bench.run("aggregate", "queued", processes, programs, count)[0]
            own.append(received / seconds)
        bench.row(f"{what}, by the wall", rate, unit="a second", bar="200,000, none lost",
                  met=middle(rate) >= 200000 and not any(lost))
        bench.row(f"{what}, lost of {len(lost) * count:,}", sum(lost), unit="datagrams")
        bar = {"bar": "100 x", "met": middle(own) >= 100 * peer} if processes == 1000 else {}
        bench.row(f"{what}, by its thread's time; sqlalchemy-collectd", own, peer, "a second", **bar)


GROUPS = {f.__name__: f for f in (forward, manager, threads, postgres, reporter, library,
                                  aggregator, loopback)}
