# SPDX-License-Identifier: MIT
"""Programs as they are, in C and Python and unixODBC's own isql, through every way to name the
shim, against what they give without it."""

import json

from harness import check, check_equal, find_program, odbc_library, table

SQL = "select word from greeting"


def prepare(world):
    """The same database directly and by three ways through the shim."""
    world.register_sqlite()
    database = world.database()
    world.dsns["direct"] = {"Driver": "SQLite3", "Database": database}
    world.dsns["wrapped"] = {"Driver": "counted", "Database": database}
    world.drivers["bare"] = {"Driver": odbc_library("libodbcshima.so")}
    world.dsns["around"] = {"Driver": "bare", "TargetDSN": "direct"}
    world.write()
    return {
        "direct": "DSN=direct",
        "wrapped": "DSN=wrapped",
        "around": "DSN=around",
        "string": f"DRIVER={{counted}};Database={database};",
        "path": f"DRIVER={odbc_library('libodbcshima.so')};Target=SQLite3;Database={database};",
        "path around": f"DRIVER={odbc_library('libodbcshima.so')};TargetDSN=direct;",
    }


def by_isql(world, string):
    status, out, err = world.run([find_program("isql"), "-k", string, "-b", "-v"], SQL + "\n",
                                 preload=True)
    check_equal(status, 0, f"isql: {out} {err}")
    return out


def by_isql_dsn(world, string):
    check(string.startswith("DSN="), "a DSN")
    status, out, err = world.run([find_program("isql"), string[4:], "-b", "-v"], SQL + "\n",
                                 preload=True)
    check_equal(status, 0, f"isql: {out} {err}")
    return out


def by_python(world, string):
    status, out, err = world.python("client.py", "query", string, SQL)
    check_equal(status, 0, f"client.py: {err}")
    return json.loads(out)


def by_c(world, string):
    # SQLite's driver leaks when it is unloaded, which the shim never does to it.
    direct = {"ASAN_OPTIONS": "detect_leaks=0"} if string == "DSN=direct" else None
    return world.workload("c-program", "--string", string, "--checkouts", 2, "--commits", 1,
                          "--statements", 1, env=direct)


WAYS = (("a wrapped DSN", "wrapped"), ("a TargetDSN DSN", "around"),
        ("a DSN-less string", "string"), ("a string with the shim's path", "path"),
        ("a string with the shim's path and TargetDSN", "path around"))
CLIENTS = (("isql", by_isql, "isql", 1), ("Python", by_python, "client.py", 1),
           ("C", by_c, "c-program", 2))


@table(*((f"{client}, {way}", run, program, checkouts, key)
         for client, run, program, checkouts in CLIENTS for way, key in WAYS))
def test_same_result(world, run, program, checkouts, key):
    """The same as without the shim, and counted"""
    strings = prepare(world)
    world.start_collectd()
    check_equal(run(world, strings[key]), run(world, strings["direct"]), "the program's output")
    world.expect(program, {"derive-checkouts": checkouts, "derive-connects": checkouts,
                           "derive-disconnects": checkouts, "count-connections": 0})


@table(("wrapped", "wrapped"), ("TargetDSN", "around"))
def test_isql_by_dsn(world, key):
    """isql with a DSN by its name"""
    strings = prepare(world)
    world.start_collectd()
    check_equal(by_isql_dsn(world, strings[key]), by_isql_dsn(world, strings["direct"]),
                "isql's output")
    world.expect("isql", {"derive-connects": 1, "derive-disconnects": 1})


def test_no_collectd(world):
    """With nobody listening, programs see nothing of it"""
    strings = prepare(world)
    for client, run, _, _ in CLIENTS:
        check_equal(run(world, strings["wrapped"]), run(world, strings["direct"]), client)
