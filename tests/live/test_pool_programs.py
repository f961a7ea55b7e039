# SPDX-License-Identifier: MIT
"""The driver manager's pool under the programs that people run: each is held at every moment of the
same story, and collectd has to show where its connections are."""

from pools import c_client, expect, script_client

SQL = "select word from greeting"

# (what the program does, totals so far, (out, in, in transaction) as the pool told it, and the same
# as it can be inferred where the manager announces no checkin).
STORY = (
    ((("connect", "a"),),
     {"connects": 1, "checkouts": 1}, (1, 0, 0), (0, 1, 0)),
    ((("manual", "a"), ("allocate", "a"), ("execute", "a", SQL)),
     {"connects": 1, "checkouts": 1}, (1, 0, 1), (1, 0, 1)),
    ((("free-statement", "a"),),
     {"connects": 1, "checkouts": 1}, (1, 0, 1), (1, 0, 1)),
    ((("commit", "a"), ("automatic", "a")),
     {"connects": 1, "checkouts": 1, "commits": 1}, (1, 0, 0), (0, 1, 0)),
    ((("disconnect", "a"),),
     {"connects": 1, "checkouts": 1, "commits": 1}, (0, 1, 0), (0, 1, 0)),
    ((("connect", "a"), ("connect", "b")),
     {"connects": 2, "checkouts": 3, "commits": 1}, (2, 0, 0), (0, 2, 0)),
    ((("manual", "b"), ("exec", "b", SQL)),
     {"connects": 2, "checkouts": 3, "commits": 1}, (2, 0, 1), (1, 1, 1)),
    ((("disconnect", "a"),),
     {"connects": 2, "checkouts": 3, "commits": 1}, (1, 1, 1), (1, 1, 1)),
    ((("rollback", "b"), ("automatic", "b"), ("disconnect", "b")),
     {"connects": 2, "checkouts": 3, "commits": 1, "rollbacks": 1}, (0, 2, 0), (0, 2, 0)),
    ((("connect", "a"), ("connect", "b"), ("disconnect", "b"), ("disconnect", "a")) * 5,
     {"connects": 2, "checkouts": 13, "commits": 1, "rollbacks": 1}, (0, 2, 0), (0, 2, 0)),
)


def obey(client, commands, strings):
    for command in commands:
        if command[0] == "connect":
            client("connect", command[1], strings[command[1]])
        elif client.name != "pool_python.py" or command[0] not in ("manual", "automatic"):
            client(*command)


def wanted(totals, telling, silent, is_silent):
    out, back, transactions = silent if is_silent else telling
    return {"checkedout": out, "checkedin": back, "intransaction": transactions,
            "connections": out + back, "inferred": out + back if is_silent else 0, "numprocs": 1,
            "detached": 0, "disconnects": 0, "dirty": 0, "stale": 0, "errors": 0,
            "invalidated": 0, **totals}


def test_every_moment(world):
    """C of ODBC 3.80, C of ODBC 3, pyodbc, PHP and Perl, with the driver manager's pool"""
    world.register_sqlite()
    world.pool()
    world.write()
    world.start_collectd()
    string = world.sqlite_string()
    clients = [(c_client(world, "moments-380"), False),
               (c_client(world, "moments-300", version="3"), True),
               (script_client(world, "pool_python.py"), True),
               (script_client(world, "pool_perl.pl"), True),
               (script_client(world, "pool_php.php"), True)]
    for commands, totals, telling, silent in STORY:
        for client, _ in clients:
            # PHP itself keeps one connection for one string.
            other = string + ("Comment=b;" if client.name == "pool_php.php" else "")
            obey(client, commands, {"a": string, "b": other})
        expect(world, {client.name: wanted(totals, telling, silent, is_silent)
                       for client, is_silent in clients})
    for client, _ in clients:
        client.end()
    expect(world, {client.name: {"connections": 0, "checkedin": 0, "checkedout": 0, "numprocs": 0,
                                 "inferred": 0, "checkouts": 13, "connects": 2, "commits": 1,
                                 "rollbacks": 1} for client, _ in clients})
