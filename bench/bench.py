# SPDX-License-Identifier: MIT
"""Runs the benchmarks and prints the table: what is measured, the figure with the shim or of the
aggregator, the one without or of the peer, their ratio, the bar. scripts/bench builds the tree and
runs this.

Two sides are measured in turns, A B A B; a figure is the median, and the spread behind it is half
the distance between the quartiles, in per cent. A ratio is the median of the turns' own. Counts of
instructions are the difference between a run of many and a run of few, by callgrind, so that what
happens once is not in them."""

import argparse
import json
import os
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "tests" / "live")]
import harness  # noqa: E402
import rows  # noqa: E402

# Under callgrind a program takes some fifty times as long, and the reporter's thread would count as
# many times more often than it does: its intervals are longer by as much.
CALLGRIND_SLOWDOWN = 50


class Figure:
    """The median of some measurements, with their spread."""

    def __init__(self, values, unit):
        self.value = statistics.median(values)
        self.unit = unit
        self.spread = None
        if len(values) > 3:
            quartiles = statistics.quantiles(values, n=4)
            self.spread = 50 * (quartiles[2] - quartiles[0]) / self.value if self.value else 0

    def __str__(self):
        spread = "" if self.spread is None else f" ±{self.spread:.0f}%"
        return f"{readable(self.value)} {self.unit}".rstrip() + spread


def readable(value):
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


class Bench:
    """A temporary directory with the ini files of both sides, and the programs that measure."""

    def __init__(self, quick):
        self.quick = quick
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="odbcshim-bench."))
        os.chmod(self.directory, 0o755)
        self.fake = harness.BUILD / "tests" / "fake" / ".libs" / "fake_wide.so"
        self.shim = harness.odbc_library("libodbcshim.so")
        self.rows = []
        port = harness.free_port(socket.SOCK_DGRAM)  # nobody listens there
        settings = {"CollectdHost": "127.0.0.1", "CollectdPort": port}
        harness.write_ini(self.directory / "odbcshim.ini", {"odbcshim": settings})
        harness.write_ini(self.directory / "counted.ini", {"odbcshim": dict(
            settings, CollectdInterval=2 * CALLGRIND_SLOWDOWN)})
        for pooling in ("No", "Yes"):
            self._write("direct", pooling, {})
            self._write("shim", pooling, settings)

    def close(self):
        shutil.rmtree(self.directory, ignore_errors=True)

    def _write(self, side, pooling, settings):
        """The same names on either side: only what they stand for differs."""
        where = self.directory / (side + pooling)
        where.mkdir()
        sections = {"ODBC": {"Pooling": pooling}}
        for name, library, shim in (
                ("sqlite", harness.driver_library("libsqlite3odbc.so"), "libodbcshima.so"),
                ("psqlw", harness.driver_library("psqlodbcw.so"), "libodbcshim.so"),
                ("fake", self.fake, "libodbcshim.so")):
            section = {"Driver": library, "CPTimeout": 600}
            if side == "shim":
                section.update({"Driver": harness.odbc_library(shim), "Target": library}, **settings)
            sections[name] = section
        harness.write_ini(where / "odbcinst.ini", sections)
        (where / "odbc.ini").touch()

    def environment(self, side="direct", pooling="No", ini="odbcshim.ini"):
        where = self.directory / (side + pooling)
        env = dict(os.environ, ODBCSYSINI=str(where), ODBCINI=str(where / "odbc.ini"),
                   ODBCSHIM_INI=str(self.directory / ini), LC_ALL="C.UTF-8")
        for name in ("SHIM_STRICT", "ODBCINSTINI"):
            env.pop(name, None)
        return env

    # -- measuring

    def scaled(self, count):
        return max(1, count // 10) if self.quick else count

    def run(self, program, *arguments, **where):
        """The numbers that a program of this folder prints, a list for each line."""
        argv = [harness.BUILD / "bench" / program, *arguments]
        out = subprocess.run([str(a) for a in argv], env=self.environment(**where), check=True,
                             stdout=subprocess.PIPE, text=True, timeout=300).stdout
        return [[float(word) for word in line.split()] for line in out.splitlines()]

    def in_turns(self, rounds, measure):
        """What measure(side) gives for either side, in turns."""
        found = {"direct": [], "shim": []}
        for _ in range(2 if self.quick else rounds):
            for side, values in found.items():
                values.append(measure(side))
        return found["shim"], found["direct"]

    def instructions(self, few, many, program, *arguments, only=(), **where):
        """Of one of the things that a program does COUNT times; its arguments have "COUNT". With
        `only`, those that are spent in these functions."""
        def collected(count):
            words = [str(count) if a == "COUNT" else str(a) for a in arguments]
            err = subprocess.run(
                ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
                 *[f"--toggle-collect={name}" for name in only],
                 harness.BUILD / "bench" / program, *words],
                env=self.environment(ini="counted.ini", **where), check=True,
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=300).stderr
            return int(re.search(r"Collected : (\d+)", err).group(1))
        return (collected(many) - collected(few)) / (many - few)

    # -- reporting

    def section(self, title):
        print(f"\n{title}", file=sys.stderr, flush=True)

    @staticmethod
    def ratio_of(ours, theirs):
        """The median of the turns' ratios; one that is quoted stands beside each of ours."""
        return statistics.median(a / b for a, b in zip(ours, theirs * (len(ours) // len(theirs))))

    def row(self, what, ours, theirs=None, unit="", bar="", met=None):
        """Notes a row; `met` may be a function of the ratio."""
        ours = ours if isinstance(ours, list) else [ours]
        a, b, ratio = Figure(ours, unit), None, None
        if theirs is not None:
            theirs = theirs if isinstance(theirs, list) else [theirs]
            b = Figure(theirs, unit)
            ratio = self.ratio_of(ours, theirs)
        met = met(ratio) if callable(met) else met
        self.rows.append({
            "what": what, "unit": unit, "figure": a.value, "spread_percent": a.spread,
            "without": b and b.value, "without_spread_percent": b and b.spread, "ratio": ratio,
            "bar": bar, "met": None if met is None else bool(met),
            "cells": [what, str(a), str(b) if b else "", "" if ratio is None else f"{ratio:.{4 if ratio < 2 else 1}f}",
                      bar, "" if met is None else "yes" if met else "NO"]})
        print("  " + " | ".join(self.rows[-1]["cells"]), file=sys.stderr, flush=True)


def table(all_rows):
    heads = ["what", "with, or ours", "without, or theirs", "ratio", "bar", "met"]
    lines = [heads] + [row["cells"] for row in all_rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(heads))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |"
                     for line in lines)


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__.split("\n\n")[0])
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--quick", action="store_true", help="a tenth of the work: a trial")
    parser.add_argument("only", nargs="*", metavar="GROUP",
                        help="of " + ", ".join(rows.GROUPS) + "; all if none is given")
    options = parser.parse_args()
    unknown = set(options.only) - set(rows.GROUPS)
    if unknown:
        parser.error("there is no group " + ", ".join(sorted(unknown)))
    bench = Bench(options.quick)
    try:
        for name, group in rows.GROUPS.items():
            if not options.only or name in options.only:
                bench.section(name + ": " + " ".join(group.__doc__.split()))
                group(bench)
    finally:
        bench.close()
    print(file=sys.stderr)
    if options.json:
        keep = [{k: v for k, v in row.items() if k != "cells"} for row in bench.rows]
        print(json.dumps(keep, indent=1))
    else:
        print(table(bench.rows))
    missed = [row["what"] for row in bench.rows if row["met"] is False]
    print("bench: " + (f"missed: {'; '.join(missed)}" if missed else "every bar is met"),
          file=sys.stderr)


main()
