# SPDX-License-Identifier: MIT
"""Programs that ask SQL_ATTR_CONNECTION_DEAD themselves, that browse, and PHP's persistent
connections."""

from harness import BUILD, odbc_library, table
from pools import c_client, expect, script_client

SQL = "select word from greeting"
MODES = ("auto", "manager", "connect", "activity")


def open_place(mode, version, busy):
    """Where a connection is that the program holds."""
    if busy or mode == "connect" or (mode != "activity" and version == "3.80"):
        return {"checkedout": 1, "checkedin": 0}
    return {"checkedout": 0, "checkedin": 1}


@table(("no pool, ODBC 3.80", False, "3.80"), ("no pool, ODBC 3", False, "3"),
       ("the driver manager's pool, ODBC 3.80", True, "3.80"),
       ("the driver manager's pool, ODBC 3", True, "3"))
def test_asked_by_the_program(world, pooled, version):
    """SQL_ATTR_CONNECTION_DEAD asked by the program, in every mode, changes nothing"""
    world.register_sqlite()
    if pooled:
        world.pool()
        world.write()
    world.start_collectd()
    clients = {mode: c_client(world, mode, version) for mode in MODES}

    def place(mode, busy):
        # What no pool takes is the program's until it disconnects.
        effective = "connect" if mode == "auto" and not pooled else mode
        return open_place(effective, version, busy)

    def all_expected(busy, checkouts):
        expect(world, {mode: {**place(mode, busy), "connections": 1, "connects": 1,
                              "checkouts": checkouts(mode), "invalidated": 0, "detached": 0,
                              "inferred": int(mode == "manager" or (mode == "auto" and pooled))
                              if version == "3" else 0, "errors": 0} for mode in MODES})

    for mode, client in clients.items():
        client("connect", "a", world.sqlite_string(CollectdCheckout=mode))
        for _ in range(3):
            client("ask", "a")
            client("probe", "a")
    all_expected(False, lambda mode: 0 if mode == "activity" else 1)
    for client in clients.values():
        client("allocate", "a")
        client("execute", "a", SQL)
        for _ in range(3):
            client("ask", "a")
            client("probe", "a")
    all_expected(True, lambda mode: 1)
    for client in clients.values():
        client("free-statement", "a")
        client("ask", "a")
        client("probe", "a")
    all_expected(False, lambda mode: 1)
    for client in clients.values():
        client.end()


@table(("ODBC 3.80", "3.80"), ("ODBC 3", "3"))
def test_browsed(world, version):
    """A connection of SQLBrowseConnect that the pool has leaked stays visible as detached"""
    world.register_sqlite()
    world.pool()
    world.drivers["browsable"] = {"Driver": odbc_library("libodbcshima.so"), "CPTimeout": 120,
                                  "Target": BUILD / "tests/fake/.libs/fake_ansi.so"}
    world.write()
    world.start_collectd()
    client = c_client(world, "orders", version)
    client("browse", "a", "DRIVER={browsable};A=1;")
    open_ones = {"connections": 1, "detached": 1, "connects": 1, "disconnects": 0}
    expect(world, {"orders": {**open_ones, "checkedin": 0, "checkedout": 0, "checkouts": 1}})
    client("disconnect", "a")
    expect(world, {"orders": {**open_ones, "checkedin": 0, "checkedout": 0, "checkouts": 1}})
    client("connect", "b", world.sqlite_string())
    client("allocate", "b")
    expect(world, {"orders": {"connections": 2, "detached": 1, "checkedout": 1, "connects": 2,
                              "checkouts": 2, "disconnects": 0, "numpools": 2}})
    client.end()


def test_php_persistent(world):
    """odbc_pconnect keeps its connection from request to request"""
    world.register_sqlite()
    world.pool()
    world.write()
    world.start_collectd()
    client = script_client(world, "pool_php.php")
    managed = world.sqlite_string(CollectdProgramName="managed")
    activity = world.sqlite_string(CollectdProgramName="active", CollectdCheckout="activity")
    for i in range(4):
        for name, string in (("m", managed), ("a", activity)):
            client("pconnect", name, string)
            client("exec", name, SQL)
            if i < 3:
                client("forget", name)
    once = {"connects": 1, "disconnects": 0, "connections": 1, "checkedin": 1, "checkedout": 0}
    # The driver manager hands it out once; the activity tells each request's use of it.
    expect(world, {"managed": {**once, "checkouts": 1, "inferred": 1},
                   "active": {**once, "inferred": 0}})
    client("allocate", "a")
    client("execute", "a", SQL)
    expect(world, {"active": {"checkedout": 1, "checkedin": 0, "connections": 1}})
    client("free-statement", "a")
    client("disconnect", "a")
    client("disconnect", "m")
    # Both go back to the driver manager's pool, and the same string gets them again.
    client("pconnect", "n", managed)
    expect(world, {"active": once, "managed": {**once, "checkouts": 2}})
    client.end()
