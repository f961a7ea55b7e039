# SPDX-License-Identifier: MIT
"""Pools that programs have themselves, above ODBC: `activity` tells what they do."""

from harness import MariaDB, check, check_equal, needs
from pools import expect, mariadb_user, register, script_client

SQL = "select 1"


@needs(MariaDB)
def test_sqlalchemy(world):
    """The checkouts of an SQLAlchemy engine, as its own events tell them"""
    driver = register(world, "MariaDB", CollectdCheckout="activity")
    world.start_collectd()
    string = driver + mariadb_user("alchemist")
    client = script_client(world, "pool_sqlalchemy.py", string)
    program = "pool_sqlalchemy.py"
    # The first connection is inspected by the engine, which tells of no checkout for that.
    client("connect", "a")
    client("exec", "a", SQL)
    client("disconnect", "a")
    expect(world, {program: {"connects": 1, "connections": 1, "checkedin": 1, "checkedout": 0}})
    figures = world.collectd.figures(world.host, program, ["derive-checkouts", "derive-checkins"])
    before, back = figures.values()
    check_equal(before, back, "checkouts and checkins with all connections idle")
    told = [int(n) for n in client("events", "-")]

    def same(out, back, answer):
        checkouts, checkins, connects, _ = (int(n) for n in answer)
        expect(world, {program: {"checkedout": out, "checkedin": back, "connections": out + back,
                                 "checkouts": before + checkouts - told[0],
                                 "checkins": before + checkins - told[1],
                                 "connects": connects, "inferred": 0}})

    for out, name in enumerate("abcde", 1):
        client("connect", name)
        answer = client("exec", name, SQL)
        if out in (1, 3, 5):
            same(out, 0, answer)
    answer = client("disconnect", "b")
    same(4, 1, answer)
    for name in "acd":
        answer = client("disconnect", name)
    same(1, 4, answer)
    for _ in range(25):
        client("connect", "f")
        client("exec", "f", SQL)
        client("exec", "f", SQL)
        client("disconnect", "f")
    same(0, 4, client("disconnect", "e"))  # the one over the pool's size is closed
    client("dispose", "-")
    expect(world, {program: {"checkedout": 0, "checkedin": 0, "connections": 0, "detached": 0}})
    check(told[2] == 1, "connections that the engine made at first")
    client.end()
