# SPDX-License-Identifier: MIT
"""Who reports: programs, processes, libraries and hosts."""

import json

from harness import (LIVE, PYTHON, Postgres, check, check_equal, driver_library, needs,
                     odbc_library, server)


def hold_client(world, *strings):
    child = world.start([PYTHON, LIVE / "client.py", "hold", *strings], preload=True)
    line = child.stdout.readline()
    check(line, "client.py ended: " + (child.stderr.read() if not line else ""))
    check_equal(json.loads(line)["connections"], len(strings), "connections held")
    return child


def test_two_programs(world):
    """Two programs are two, and the host is their sum"""
    world.register_sqlite()
    world.start_collectd()
    orders, _ = world.hold("orders", "--dsn", "orders", "--checkouts", 3, "--hold", 2)
    billing, _ = world.hold("billing", "--dsn", "orders", "--checkouts", 4, "--hold", 1)
    world.expect("orders", {"derive-checkouts": 5, "count-checkedout": 2, "count-numprocs": 1})
    world.expect("billing", {"derive-checkouts": 5, "count-checkedout": 1, "count-numprocs": 1})
    world.expect("host", {"derive-checkouts": 10, "count-checkedout": 3, "count-numprocs": 2})
    world.release(orders)
    world.release(billing)
    world.expect("host", {"derive-checkouts": 10, "derive-disconnects": 10, "count-checkedout": 0,
                          "count-connections": 0, "count-numprocs": 0})


def test_children(world):
    """A parent and four children are one program of five processes"""
    world.register_sqlite()
    world.start_collectd()
    child, _ = world.hold("orders", "--dsn", "orders", "--before", 2, "--children", 4, "--hold", 1)
    world.expect("orders", {"count-numprocs": 5, "count-checkedout": 5, "derive-checkouts": 7})
    world.release(child)
    world.expect("orders", {"count-numprocs": 0, "count-checkedout": 0, "derive-checkouts": 7})


def test_inherited(world):
    """A connection inherited through fork and used by the child is detached there, and its maker's
    to count"""
    world.register_sqlite()
    world.start_collectd()
    child = world.start([PYTHON, LIVE / "client.py", "fork", world.sqlite_string(),
                         "select word from greeting"], preload=True)
    check(child.stdout.readline(), "client.py ended")
    world.expect("client.py", {"count-numprocs": 2, "count-connections": 2, "count-checkedout": 1,
                               "count-detached": 1, "derive-connects": 1, "derive-checkouts": 1,
                               "derive-statements": 1, "derive-disconnects": 0})
    child.communicate()
    world.expect("client.py", {"count-numprocs": 0, "count-connections": 0, "count-detached": 0,
                               "derive-connects": 1, "derive-disconnects": 1,
                               "derive-checkouts": 1, "derive-statements": 1})


@needs(Postgres)
def test_two_widths(world):
    """A process with a wide and an ANSI connection is one process"""
    postgres = server(Postgres)
    world.register_sqlite()
    world.drivers["PostgreSQL Unicode"] = {"Driver": driver_library("psqlodbcw.so")}
    world.drivers["counted wide"] = {"Driver": odbc_library("libodbcshim.so"),
                                     "Target": "PostgreSQL Unicode"}
    world.write()
    world.start_collectd()
    child = hold_client(world, world.sqlite_string(), "DRIVER={counted wide};" + postgres.string)
    world.expect("client.py", {"count-numprocs": 1, "count-checkedout": 2, "derive-connects": 2,
                               "count-numpools": 2})
    child.communicate()
    world.expect("client.py", {"count-numprocs": 0, "derive-disconnects": 2})


def test_report_host(world):
    """CollectdReportHost is a second host, and CollectdProgramName the name under it"""
    world.register_sqlite()
    world.start_collectd()
    here, _ = world.hold("orders", "--dsn", "orders", "--hold", 1)
    there, _ = world.hold("orders", "--hold", 1, "--string", world.sqlite_string(
        CollectdReportHost="elsewhere.example", CollectdProgramName="renamed"))
    world.expect("orders", {"count-checkedout": 1})
    world.expect("host", {"count-checkedout": 1, "count-numprocs": 1})
    world.expect("renamed", {"count-checkedout": 1}, host="elsewhere.example")
    world.expect("host", {"count-checkedout": 1, "count-numprocs": 1}, host="elsewhere.example")
    # The plugin reports on itself under collectd's own name.
    check_equal({name for name in world.collectd.names() if name[0] != "collectd.test"},
                {(world.host, "orders"), (world.host, "host"),
                 ("elsewhere.example", "renamed"), ("elsewhere.example", "host")},
                "hosts and programs")
    world.release(here)
    world.release(there)


def test_program_called_host(world):
    """A program that calls itself host does not hide the host's sum"""
    world.register_sqlite(CollectdProgramName="host")
    world.start_collectd()
    world.workload("orders", "--dsn", "orders", "--checkouts", 2)
    world.expect("host_", {"derive-checkouts": 2})
    world.expect("host", {"derive-checkouts": 2})


def test_switched_off(world):
    """CollectdEnabled=no forwards and reports nothing"""
    world.register_sqlite()
    world.start_collectd()
    world.workload("silent", "--checkouts", 3,
                   "--string", world.sqlite_string(CollectdEnabled="no"))
    world.workload("orders", "--dsn", "orders", "--checkouts", 1)
    world.expect("orders", {"derive-checkouts": 1})
    check((world.host, "silent") not in world.collectd.names(), "it reported")
