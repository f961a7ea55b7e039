# SPDX-License-Identifier: MIT
"""Pooled connections that the server ends, and connections that are left with a transaction
open."""

from harness import MariaDB, check_equal, needs, table
from pools import (BreakablePostgres, c_client, expect, kill_mariadb_user, mariadb_user, register)

THREE = "abc"


def places(silent, out=0, back=0, broken=0, transactions=0):
    """The gauges of a program; one whose checkins are silent holds nothing in its hands that has
    no statement and no transaction."""
    if silent:
        out, back = transactions, out + back - transactions
    return {"checkedout": out, "checkedin": back, "detached": broken, "intransaction": transactions,
            "connections": out + back + broken}


def each(client, *command):
    for name in THREE:
        client(command[0], name, *command[1:])


def fill(client, string):
    """Three connections of the pool, idle."""
    each(client, "connect", string)
    each(client, "exec", "select 1")
    each(client, "disconnect")


VERSIONS = (("ODBC 3.80", "3.80"), ("ODBC 3", "3"))


@table(*VERSIONS)
def test_postgres_ends_backends(world, version):
    """PostgreSQL ends the backends of pooled connections, then restarts"""
    world.pool()
    driver = register(world, "PostgreSQL")
    silent = version == "3"
    world.start_collectd()
    with BreakablePostgres(world.directory / "postgres") as server:
        string = driver + server.string
        client = c_client(world, "orders", version)
        fill(client, string)
        check_equal(server.kill_backends(), 3, "backends ended")
        wanted = {"connects": 3, "checkouts": 3, "invalidated": 0, "stale": 0, "disconnects": 0}
        expect(world, {"orders": {**places(silent, back=3), **wanted}})

        # Its driver says of each that it lives, and so the pool hands it out. Even a program that
        # tries twice on it finds one broken connection.
        each(client, "connect", string)
        for name in THREE:
            client.fails("exec", name, "select 1")
        client.fails("exec", "a", "select 1")
        wanted = {"connects": 3, "checkouts": 6, "invalidated": 3, "stale": 3, "disconnects": 0,
                  "errors": 4}
        expect(world, {"orders": {**places(silent, broken=3), **wanted}})

        # Now the driver knows.
        each(client, "disconnect")
        fill(client, string)
        wanted = {"connects": 6, "checkouts": 9, "invalidated": 3, "stale": 3, "disconnects": 3}
        expect(world, {"orders": {**places(silent, back=3), **wanted}})

        server.restart()
        client("connect", "a", string)
        client.fails("exec", "a", "select 1")
        wanted = {"connects": 6, "checkouts": 10, "invalidated": 4, "stale": 4, "disconnects": 3}
        expect(world, {"orders": {**places(silent, back=2, broken=1), **wanted}})
        client("disconnect", "a")
        each(client, "connect", string)
        # Two were idle meanwhile; which names they have now is the pool's affair.
        answers = sorted(client.send("exec", name, "select 1")[0] for name in THREE)
        check_equal(answers, ["error", "error", "ok"], "the first statements")
        each(client, "disconnect")
        fill(client, string)
        wanted = {"connects": 9, "checkouts": 16, "invalidated": 6, "stale": 6, "disconnects": 6,
                  "errors": 7}
        expect(world, {"orders": {**places(silent, back=3), **wanted}})
        client.end()


@needs(MariaDB)
@table(*VERSIONS)
def test_mariadb_kills(world, version):
    """MariaDB kills pooled connections, and those that the pool has just handed out"""
    world.pool()
    driver = register(world, "MariaDB")
    silent = version == "3"
    world.start_collectd()
    user = "killed" + version.replace(".", "")
    string = driver + mariadb_user(user)
    client = c_client(world, "orders", version)
    fill(client, string)
    check_equal(kill_mariadb_user(user), 3, "connections killed")

    # Its driver asks the server, and so the pool finds all of them out at the next checkout.
    fill(client, string)
    wanted = {"connects": 6, "checkouts": 6, "invalidated": 3, "stale": 0, "disconnects": 3}
    expect(world, {"orders": {**places(silent, back=3), **wanted}})

    each(client, "connect", string)
    check_equal(kill_mariadb_user(user), 3, "connections killed")
    for name in THREE:
        check_equal(client.fails("exec", name, "select 1"), "08S01", "SQLSTATE")
    wanted = {"connects": 6, "checkouts": 9, "invalidated": 6, "stale": 3, "disconnects": 3,
              "errors": 3}
    expect(world, {"orders": {**places(silent, broken=3), **wanted}})
    each(client, "disconnect")
    fill(client, string)
    wanted = {"connects": 9, "checkouts": 12, "invalidated": 6, "stale": 3, "disconnects": 6}
    expect(world, {"orders": {**places(silent, back=3), **wanted}})
    client.end()


@table(*VERSIONS)
def test_transaction_left_to_the_pool(world, version):
    """A transaction that is open at the disconnect is open at the next checkout"""
    world.register_sqlite()
    world.pool()
    world.write()
    world.start_collectd()
    silent = version == "3"
    client = c_client(world, "orders", version)
    string = world.sqlite_string()
    client("connect", "a", string)
    client("manual", "a")
    client("exec", "a", "insert into workload values (1)")
    expect(world, {"orders": {**places(silent, out=1, transactions=1), "transactions": 1,
                              "dirty": 0}})
    client("disconnect", "a")
    # Without a checkin, what is in a transaction counts as in use until the pool hands it out.
    left = places(silent, back=1, transactions=1)
    expect(world, {"orders": {**left, "dirty": 0 if silent else 1, "checkouts": 1}})
    client("connect", "b", string)
    expect(world, {"orders": {**places(silent, out=1, transactions=1), "dirty": 1, "checkouts": 2,
                              "connects": 1, "commits": 0, "rollbacks": 0}})
    client("exec", "b", "insert into workload values (2)")
    client("commit", "b")
    client("disconnect", "b")
    expect(world, {"orders": {**places(silent, back=1), "dirty": 1, "transactions": 1,
                              "commits": 1, "rollbacks": 0, "disconnects": 0}})
    client("connect", "b", string)
    client("exec", "b", "insert into workload values (3)")
    client.end()  # without a word: the database rolls back, and nobody said so
    expect(world, {"orders": {**places(False), "dirty": 1, "transactions": 2, "commits": 1,
                              "rollbacks": 0, "checkouts": 3}})


@needs(MariaDB)
def test_transaction_left_without_a_pool(world):
    """A transaction that is open at the disconnect ends with its connection, or keeps it open"""
    world.register_sqlite()
    maria = register(world, "MariaDB") + mariadb_user("leaver")
    world.start_collectd()
    client = c_client(world, "orders")
    client("connect", "m", maria)
    client("connect", "s", world.sqlite_string())
    for name in "ms":
        client("manual", name)
        client("exec", name, "select 1")
    expect(world, {"orders": {**places(False, out=2, transactions=2), "transactions": 2}})
    client("disconnect", "m")
    check_equal(client.fails("disconnect", "s"), "25000", "SQLite's answer")
    expect(world, {"orders": {**places(False, out=1, transactions=1), "transactions": 2,
                              "commits": 0, "rollbacks": 0, "dirty": 0, "disconnects": 1}})
    client("automatic", "s")
    client("disconnect", "s")
    expect(world, {"orders": {**places(False), "transactions": 2, "commits": 1, "rollbacks": 0,
                              "dirty": 0, "disconnects": 2}})
    client.end()
