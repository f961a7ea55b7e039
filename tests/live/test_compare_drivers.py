# SPDX-License-Identifier: MIT
"""The long session of tests/live/session with every real driver, by every way of connecting, as
every kind of application, pooled and not: what comes back behind the shim is what comes back
without it. Prints one line a driver; fails if anything differs, or if nothing was compared."""

import argparse
import concurrent.futures
import itertools
import os
import pathlib
import sys

from comparison import (Comparison, DRIVERS, built_program, differences, driver, serving)

VERSIONS = ("2", "3", "3.80")
# string: SQLDriverConnect without a DSN. The whole session by one way of connecting, by the others
# what may depend on it.
WAYS = ("connect", "driver", "string", "browse")
WHOLE = "connect"
PART = ("failing-connects", "attributes-before", "ways-to-connect", "setup", "information",
        "results", "errors", "transactions", "disconnect")
PROBLEMS_SHOWN, LINES_SHOWN = 3, 60


def cases():
    """(way, version, wide)"""
    return itertools.product(WAYS, VERSIONS, (False, True))


def arguments(comparison, d, way, version, wide):
    string = (f"DSN={d.name}" if way == "driver" else
              comparison.string(d, comparison.keys(d)))
    failing = comparison.string(d, comparison.failing_keys(d))
    return [built_program("session", "session"), *(["--wide"] if wide else []),
            "--version", version, "--way", "driver" if way == "string" else way,
            "--dialect", d.dialect, "--dsn", d.name, "--string", string, "--failing", failing,
            "--directory", comparison.directory, *(() if way == WHOLE else PART)]


def compare(comparison, d, case, sides, save):
    """(how many results, how many lines differ, the differences)."""
    argv = arguments(comparison, d, *case)
    direct, other = (comparison.run(side, argv) for side in sides)
    if save:
        name = f"{d.name} {label(case, comparison.pooling)}".replace(" ", "-")
        pathlib.Path(save, name + ".direct").write_bytes(direct)
        pathlib.Path(save, name + ".other").write_bytes(other)
    results = direct.count(b"\n= ")
    found = differences(direct, other)
    differ = sum(1 for line in found[2:] if line[:1] in "+-")
    if not found and not direct.endswith(b"\nended with 0\n"):
        # Equal, but what comes after it was not compared.
        found = ["ended early:"] + direct.decode("utf-8", "backslashreplace").split("\n")[-9:]
    return results, differ, found


def warm_up(comparison, d):
    """Leaves the tables of a session behind, for every run to find."""
    comparison.run("direct", arguments(comparison, d, WHOLE, "3", False) + ["setup"])


def run_driver(d, options, sides):
    """All sessions with one driver, in a world of its own."""
    sessions = results = differ = 0
    problems = []
    for pooling in (False, True):
        with Comparison([d], pooling) as comparison:
            warm_up(comparison, d)
            for case in cases():
                if options.k and options.k not in label(case, pooling):
                    continue
                n, wrong, found = compare(comparison, d, case, sides, options.save)
                sessions, results, differ = sessions + 1, results + n, differ + wrong
                if found or not n:
                    problems.append((label(case, pooling), found))
                if options.verbose:
                    print(f"    {d.name} {label(case, pooling)}: {n} results, {wrong} differ",
                          flush=True)
    return sessions, results, differ, problems


def label(case, pooling):
    way, version, wide = case
    return f"{way} {version} {'wide' if wide else 'narrow'} {'pooled' if pooling else 'unpooled'}"


def report(d, outcome):
    sessions, results, differ, problems = outcome
    print(f"{d.library}: {sessions} sessions compared, {results} results, {differ} differ",
          flush=True)
    for where, found in problems[:PROBLEMS_SHOWN]:
        print(f"  {where}: " + ("differs" if found else "nothing was compared"))
        for line in found[:LINES_SHOWN]:
            print("    " + line)
    return sessions > 0 and results > 0 and not problems


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-k", metavar="TEXT", help="only sessions whose description has this")
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("--self", action="store_true", dest="itself",
                        help="compare two direct runs, to see that a session tells the same twice")
    parser.add_argument("--save", metavar="DIRECTORY", help="keep what was compared there")
    parser.add_argument("drivers", nargs="*", metavar="DRIVER",
                        help="of " + ", ".join(d.name for d in DRIVERS))
    options = parser.parse_args()
    sides = ("direct", "direct") if options.itself else ("direct", "shimmed")
    chosen = [driver(name) for name in options.drivers] or list(DRIVERS)
    with serving(chosen), concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        outcomes = pool.map(lambda d: run_driver(d, options, sides), chosen)
        good = [report(d, outcome) for d, outcome in zip(chosen, outcomes)]
    return 0 if good and all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
