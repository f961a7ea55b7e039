# SPDX-License-Identifier: MIT
"""isql, iusql, pyodbc, PHP's odbc and PDO_ODBC, and Perl's DBD::ODBC, each with a session of its own
on every database: what they print behind the shim is what they print without it, byte for byte."""

import harness
from comparison import (Comparison, SIDES, WITH_DATABASE, differences, ended_early, summary)
from harness import MariaDB, Postgres, needs, table

SESSION = harness.LIVE / "session"


def isql(string):
    return [harness.find_program("isql"), "-k", string, "-v", "-b", "-3"]


def iusql(string):
    """None without a DSN: iusql does not know -k, whatever it says."""
    if not string.startswith("DSN="):
        return None
    return [harness.find_program("iusql"), string[4:], "-v", "-b"]


def script(interpreter, name, *options):
    return lambda string: [harness.find_program(interpreter), *options, SESSION / name, string]


CLIENTS = {
    "isql": isql,
    "iusql": iusql,
    "pyodbc": script(harness.PYTHON, "talk.py", "-B"),
    "PHP odbc": script("php", "talk_odbc.php"),
    "PDO_ODBC": script("php", "talk_pdo.php"),
    "DBD::ODBC": script("perl", "talk.pl"),
}


# By a DSN and without one, and out of a pool.
WAYS = (("DSN", False), ("no DSN", False), ("DSN", True))


@table(*((name, name) for name in CLIENTS
         if not (harness.PRELOAD and name.startswith("P"))))  # PHP does not run with a sanitizer
@needs(Postgres, MariaDB)
def test_client(_, name):
    """The same from"""
    stdin = (SESSION / "talk.sql").read_bytes() if name.endswith("sql") else b""
    runs = results = 0
    problems = []
    for d in WITH_DATABASE:
        for way, pooling in WAYS:
            with Comparison(d, "talk", pooling) as comparison:
                argv = CLIENTS[name](f"DSN={d.name}" if way == "DSN" else comparison.string())
                if argv is None:
                    continue
                direct, shimmed = (comparison.run(side, argv, stdin, own=False) for side in SIDES)
                runs, results = runs + 1, results + direct.count(b"\n")
                found = differences(direct, shimmed) or ended_early(direct)
                if found:
                    problems.append((f"{d.name}, {way}, {'pooled' if pooling else 'unpooled'}",
                                     found))
    return summary("sessions", runs, results, problems)
