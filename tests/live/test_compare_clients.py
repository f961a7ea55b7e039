# SPDX-License-Identifier: MIT
"""isql, iusql, pyodbc, PHP's odbc and PDO_ODBC, and Perl's DBD::ODBC, each with a session of its own
on every database: what they print behind the shim is what they print without it, byte for byte.
Prints one line a client; fails if anything differs, or if nothing was compared."""

import argparse
import itertools
import pathlib
import sys

import harness
from comparison import Comparison, DRIVERS, differences, driver, serving

SESSION = harness.LIVE / "session"
LINES_SHOWN = 40


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


def compare(name, drivers, sides, save):
    """(runs, bytes, differences)"""
    argv = CLIENTS[name]
    stdin = (SESSION / "talk.sql").read_bytes() if name.endswith("sql") else b""
    runs = size = 0
    problems = []
    for d, pooling in itertools.product(drivers, (False, True)):
        with Comparison([d], pooling) as comparison:
            for way, string in (("DSN", f"DSN={d.name}"),
                                ("no DSN", comparison.string(d, comparison.keys(d)))):
                if argv(string) is None:
                    continue
                one, other = (comparison.run(side, argv(string), stdin) for side in sides)
                runs, size = runs + 1, size + len(one)
                where = f"{d.name}, {way}, {'pooled' if pooling else 'unpooled'}"
                if save:
                    for side, text in (("direct", one), ("other", other)):
                        pathlib.Path(save, f"{name} {where}.{side}").write_bytes(text)
                if one != other or not one.rstrip().endswith(b"ended with 0"):
                    problems.append((where, differences(one, other) or
                                     one.decode("utf-8", "backslashreplace").split("\n")[-9:]))
    return runs, size, problems


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--self", action="store_true", dest="itself",
                        help="compare two direct runs, to see that a client tells the same twice")
    parser.add_argument("--save", metavar="DIRECTORY", help="keep what was compared there")
    parser.add_argument("--driver", action="append", default=[],
                        help="of " + ", ".join(d.name for d in DRIVERS if d.dialect != "none"))
    parser.add_argument("clients", nargs="*", metavar="CLIENT", help="of " + ", ".join(CLIENTS))
    options = parser.parse_args()
    sides = ("direct", "direct") if options.itself else ("direct", "shimmed")
    drivers = ([driver(name) for name in options.driver] or
               [d for d in DRIVERS if d.dialect != "none"])
    good = []
    with serving(drivers):
        for name in options.clients or CLIENTS:
            runs, size, problems = compare(name, drivers, sides, options.save)
            print(f"{name}: {runs} sessions compared, {size} bytes, {len(problems)} differ",
                  flush=True)
            for where, lines in problems:
                print(f"  {where}:")
                for line in lines[:LINES_SHOWN]:
                    print("    " + line)
            good.append(runs and size and not problems)
    return 0 if good and all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
