# SPDX-License-Identifier: MIT
"""Programs that fork, become daemons, exit with connections open, load and unload the driver
manager, run out of descriptors or may make no sockets: what they print behind the shim is what they
print without it. Prints one line a driver; fails if anything differs, or if nothing was compared."""

import argparse
import sys

from comparison import Comparison, DRIVERS, built_program, differences, driver, serving

CASES = ("fork-before", "fork-open", "daemonise", "descriptors-reused", "return-open", "exit-open",
         "exit-from-thread", "thread-exit-of-main", "exit-handler", "few-descriptors", "loading")
# Databases behind sockets cannot be reached without.
WITHOUT_SOCKETS = ("without-sockets-eperm", "without-sockets-enosys")
LINES_SHOWN = 40


def argv_of(comparison, d, case):
    string = comparison.string(d, comparison.keys(d))
    if case == "loading":
        return [built_program("session", "loading"), string]
    return [built_program("session", "processes"), case, string, comparison.directory / "written"]


def compare(d, sides):
    runs = lines = 0
    problems = []
    for pooling in (False, True):
        with Comparison([d], pooling) as comparison:
            for case in CASES + (WITHOUT_SOCKETS if d.dialect == "sqlite" else ()):
                argv = argv_of(comparison, d, case)
                outputs = []
                for side in sides:
                    (comparison.directory / "written").unlink(missing_ok=True)
                    outputs.append(comparison.run(side, argv))
                runs, lines = runs + 1, lines + outputs[0].count(b"\n")
                if outputs[0] != outputs[1] or b": " not in outputs[0]:
                    problems.append((f"{case}, {'pooled' if pooling else 'unpooled'}",
                                     differences(*outputs)))
    return runs, lines, problems


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--self", action="store_true", dest="itself",
                        help="compare two direct runs, to see that a program tells the same twice")
    parser.add_argument("drivers", nargs="*", metavar="DRIVER")
    options = parser.parse_args()
    sides = ("direct", "direct") if options.itself else ("direct", "shimmed")
    chosen = ([driver(name) for name in options.drivers] or
              [d for d in DRIVERS if d.dialect != "none"])
    good = []
    with serving(chosen):
        for d in chosen:
            runs, lines, problems = compare(d, sides)
            print(f"{d.library}: {runs} programs compared, {lines} lines, {len(problems)} differ",
                  flush=True)
            for where, found in problems:
                print(f"  {where}:")
                for line in found[:LINES_SHOWN]:
                    print("    " + line)
            good.append(runs and lines and not problems)
    return 0 if good and all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
