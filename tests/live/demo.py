#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The demonstration: real programs on SQLite through unixODBC and the shim, their connections live
in a real collectd, and at the end whether collectd shows what the programs did. scripts/demo builds
the tree and runs this."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import harness

COLUMNS = (  # heading, collectd's name
    ("procs", "count-numprocs"),
    ("open", "count-connections"),
    ("in use", "count-checkedout"),
    ("idle", "count-checkedin"),
    ("checkouts", "derive-checkouts"),
    ("new", "derive-connects"),
    ("reuse%", "percent-reuse"),
    ("commits", "derive-commits"),
    ("rolled", "derive-rollbacks"),
    ("failed", "derive-failures"),
)
COMPARED = ("checkouts", "connects", "commits", "rollbacks", "failures", "statements")
PROGRAMS = ("orders", "billing", "report.py", "isql")
ISQL_INPUT = "select count(*) from workload\nselect word from greeting\n"


def start_programs(world):
    """Every program with its process; each works for about twelve seconds."""
    counted, failing = world.sqlite_string(), world.failing_string()
    return {
        "orders": world.start([world.program("orders"), "--string", counted, "--failing", failing,
                               "--children", 3, "--checkouts", 60, "--commits", 40, "--rollbacks",
                               10, "--statements", 30, "--failures", 2, "--pace", 90]),
        "billing": world.start([world.program("billing"), "--dsn", "orders", "--odbc", 3,
                                "--checkouts", 40, "--commits", 20, "--pace", 150]),
        "report.py": world.start([harness.PYTHON, harness.LIVE / "report.py", counted, 110]),
        "isql": world.start([harness.find_program("isql"), "orders", "-b"]),
    }


def finish(world, name, child):
    """The program's own counts, once it has ended."""
    out, err = child.communicate(ISQL_INPUT if name == "isql" else "",
                                 timeout=harness.DEADLINE_S)
    harness.check(child.returncode == 0, f"{name} ended with {child.returncode}: {out} {err}")
    if name == "isql":  # it connects once, and executes a statement a line
        counts = {"processes": 1, "checkouts": 1, "commits": 0, "rollbacks": 0, "failures": 0,
                  "statements": ISQL_INPUT.count("\n"), "peak": 1}
    else:
        counts = json.loads(out.splitlines()[-1])
    # With a pool, a process makes as many connections as it ever has in use at once.
    counts["connects"] = counts["peak"]
    return counts


def render(world):
    """The figures of every program as lines."""
    collectd = world.collectd
    names = {program: seen for (_, program), seen in collectd.names().items()}
    width = max(map(len, PROGRAMS))
    lines = ["program".ljust(width) + "".join("  " + h.rjust(4) for h, _ in COLUMNS)]
    for program in [p for p in PROGRAMS if p in names] + [p for p in ("host",) if p in names]:
        cells = []
        for heading, name in COLUMNS:
            there = name in names[program]
            value = collectd.value(world.host, program, name) if there else None
            blank = value is None or value != value
            cells.append("  " + ("-" if blank else f"{value:.0f}").rjust(max(4, len(heading))))
        lines.append(program.ljust(width) + "".join(cells))
    return lines


def open_console(port):
    """connmon on the terminal, where there is one; it ends by q or with the programs."""
    if not (sys.stdout.isatty() and sys.stdin.isatty()):
        return None
    return subprocess.Popen([harness.BUILD / "connmon" / "connmon", "--port", str(port)])


def watch(world, programs, console_port):
    """Waits for the programs to end; then prints the table as it stood when all were last seen at
    work."""
    lines = []
    console = open_console(console_port)
    try:
        while all(child.poll() is None for child in programs.values()):
            world.collectd.daemon.check_alive()
            lines = render(world)
            time.sleep(0.5)
    finally:
        if console:
            console.terminate()
            console.wait()
    print("\n".join(lines), flush=True)


def compare(world, done):
    """Whether collectd shows what the programs did; says each difference."""
    wanted = {name: {f"derive-{total}": counts[total] for total in COMPARED}
              | {f"count-{gauge}": 0 for gauge in ("numprocs", "connections", "checkedout")}
              for name, counts in done.items()}
    wanted["host"] = {name: sum(figures[name] for figures in wanted.values())
                      for name in wanted["orders"]}

    def found():
        return {program: world.collectd.figures(world.host, program, figures)
                for program, figures in wanted.items()}

    try:
        harness.wait_for(lambda: found() == wanted, "collectd to show it", 20)
    except harness.Failure:
        last = found()
        for program, figures in wanted.items():
            for name, value in figures.items():
                if last[program][name] != value:
                    print(f"  {program} {name}: the program says {value}, "
                          f"collectd says {last[program][name]}")
        return False
    return True


def advice():
    print(f"""
The same with a DSN of your own, here called mydata:
  1. sudo make -C {os.path.relpath(harness.BUILD)} install
  2. in collectd.conf, as examples/collectd-one-host.conf has it, and restart collectd:
         PluginDir "/usr/local/lib/collectd"
         LoadPlugin odbc
  3. sudo odbcshim register
  4. odbcshim wrap mydata (odbcshim unwrap mydata undoes it)
  5. connect as ever, such as by isql mydata, and look: connmon --once""")


def demonstrate(world):
    world.register_sqlite()
    world.pool()
    world.write()
    console_port = harness.free_port(socket.SOCK_DGRAM)
    world.start_collectd(plugin_options=f'  Console "127.0.0.1" "{console_port}"\n')
    print(f"collectd listens on 127.0.0.1:{world.port}; every file of this is in "
          f"{world.directory}.\nFour programs use an SQLite database through unixODBC's pool and "
          "the shim:\n", flush=True)
    programs = start_programs(world)
    watch(world, programs, console_port)
    done = {name: finish(world, name, child) for name, child in programs.items()}
    print("\nThey have ended. What collectd shows now:\n", flush=True)
    agree = compare(world, done)
    print("\n".join(render(world)))
    if agree:
        print("\nEvery figure is what the programs say they did.")
    harness.check_equal(world.collectd.stop(), 0, "collectd's exit status")
    return agree


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with harness.World() as world:
            agree = demonstrate(world)
            if agree:
                advice()
    except harness.Failure as failure:
        print(f"demo: {failure}")
        agree = False
    except KeyboardInterrupt:
        print("\ndemo: interrupted; nothing is left running")
        return 130
    print("demo: ok" if agree else "demo: failed")
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())
