# SPDX-License-Identifier: MIT
"""SQLEndTran on connections and on environments, of one target and of several, through the driver
manager and with the shim called as a manager calls it."""

from harness import Postgres, driver_library, needs, odbc_library, server, table
from pools import MANAGER, c_client, expect

SQL = "select 1"


def two_targets(world):
    """One shim, and by what a connection string adds to it, two targets."""
    world.register_sqlite()
    world.drivers["PostgreSQL ANSI"] = {"Driver": driver_library("psqlodbca.so")}
    world.drivers["any"] = {"Driver": odbc_library("libodbcshima.so")}
    world.write()
    lite = f"DRIVER={{any}};Target=SQLite3;Database={world.database()};"
    return lite, "DRIVER={any};Target=PostgreSQL ANSI;" + server(Postgres).string


@needs(Postgres)
@table(("the driver manager", None), ("a driver manager of its own kind", "libodbcshima.so"))
def test_end_on_environment(world, library):
    """SQLEndTran on an environment with connections to two targets"""
    lite, postgres = two_targets(world)
    world.start_collectd()
    client = c_client(world, "orders", library=odbc_library(library) if library else MANAGER)
    for name, string in (("a", lite), ("b", lite), ("p", postgres), ("q", postgres)):
        client("connect", name, string)
    client("environment", "second")
    client("connect", "z", lite)
    for name in "abpz":
        client("manual", name)
        client("exec", name, SQL)
    client("exec", "q", SQL)  # in automatic commit: nothing for anybody to end
    client("exec", "p", SQL)  # a second execution begins no second transaction
    expect(world, {"orders": {"intransaction": 4, "transactions": 4, "statements": 6, "commits": 0,
                              "checkedout": 5, "numpools": 3}})
    client("commit-environment", "first")
    expect(world, {"orders": {"intransaction": 1, "transactions": 4, "commits": 3}})
    client("rollback-environment", "first")  # there is none left
    client("exec", "a", SQL)
    client("exec", "p", SQL)
    expect(world, {"orders": {"intransaction": 3, "transactions": 6, "commits": 3, "rollbacks": 0}})
    client("rollback-environment", "first")
    client("commit-environment", "second")
    expect(world, {"orders": {"intransaction": 0, "transactions": 6, "commits": 4, "rollbacks": 2}})
    client.end()
    expect(world, {"orders": {"intransaction": 0, "transactions": 6, "commits": 4, "rollbacks": 2,
                              "connections": 0}})


def test_end_on_connection(world):
    """SQLEndTran on a connection, and switching between the modes"""
    world.register_sqlite()
    world.start_collectd()
    client = c_client(world, "orders")
    client("connect", "a", world.sqlite_string())
    client("connect", "b", world.sqlite_string())
    client("commit", "a")  # nothing was begun
    client("manual", "a")
    client("rollback", "a")
    client("manual", "b")
    for name in "ab":
        client("exec", name, SQL)
    client("rollback", "a")
    expect(world, {"orders": {"intransaction": 1, "transactions": 2, "commits": 0, "rollbacks": 1}})
    client("automatic", "b")  # ends it
    client("automatic", "b")
    client("exec", "b", SQL)
    client("exec", "a", SQL)
    client("manual", "a")  # it is: nothing ends
    expect(world, {"orders": {"intransaction": 1, "transactions": 3, "commits": 1, "rollbacks": 1}})
    client("commit", "a")
    client("commit", "a")
    client("disconnect", "a")
    client("disconnect", "b")
    expect(world, {"orders": {"intransaction": 0, "transactions": 3, "commits": 2, "rollbacks": 1,
                              "dirty": 0, "disconnects": 2, "checkins": 2}})
    client.end()
