# SPDX-License-Identifier: MIT
"""The long session of tests/live/session with every real driver, by every way of connecting, as
every kind of application, pooled and not: what comes back behind the shim is what comes back
without it."""

import itertools

import harness
from comparison import (Comparison, DRIVERS, SIDES, built_program, differences, ended_early,
                        server_of, summary)
from harness import needs_by_row, table

TAKES_LONG = True

VERSIONS = ("2", "3", "3.80")
# string: SQLDriverConnect without a DSN.
WAYS = ("connect", "driver", "string", "browse")
# What may depend on the pool, and what on the way of connecting. The rest is compared by one way.
OUT_OF_POOL = ("failing-connects", "attributes-before", "ways-to-connect", "setup", "errors",
               "transactions", "disconnect")
BY_WAY = (*OUT_OF_POOL, "information", "results")


def parts(pooling):
    """(way, version, wide, pooling, its sections): every way in both widths, in turn by each of the
    versions. The whole session connects unpooled by the first way."""
    for i, (way, wide) in enumerate(itertools.product(WAYS[not pooling:], (False, True))):
        yield (way, VERSIONS[(i + pooling) % len(VERSIONS)], wide, pooling,
               OUT_OF_POOL if pooling else BY_WAY)


WHOLE = [("connect", version, wide, False, ())
         for version, wide in itertools.product(VERSIONS, (False, True))]
CASES = [*WHOLE, *parts(False), *parts(True)]
if "tsan" in harness.PRELOAD:  # what has several threads, and what all of them do
    CASES = [("connect", "3", wide, False, ("setup", "errors", "transactions", "cancel",
                                               "threads", "disconnect")) for wide in (False, True)]
elif harness.PRELOAD:
    CASES = CASES[::3]  # what a sanitizer finds does not depend on how the rest are combined


def arguments(comparison, way, version, wide, sections):
    d = comparison.driver
    string = f"DSN={d.name}" if way == "driver" else comparison.string()
    return [built_program("session", "session"), *(["--wide"] if wide else []),
            "--version", version, "--way", "driver" if way == "string" else way,
            "--dialect", d.dialect, "--dsn", d.name, "--string", string,
            "--failing", comparison.string(comparison.failing_keys),
            "--directory", comparison.directory, *sections]


def label(way, version, wide, pooling, _):
    return f"{way} {version} {'wide' if wide else 'narrow'} {'pooled' if pooling else 'unpooled'}"


@table(*((d.library, d) for d in DRIVERS))
@needs_by_row(server_of)
def test_session(_, d):
    """The same session"""
    results = 0
    problems = []
    for pooling in (False, True):
        with Comparison(d, "session", pooling) as comparison:
            # Leaves tables behind, for every run to find.
            comparison.run("direct", arguments(comparison, "connect", "3", False, ["setup"]))
            for case in (c for c in CASES if c[3] == pooling):
                way, version, wide, _, sections = case
                argv = arguments(comparison, way, version, wide, sections)
                direct, shimmed = (comparison.run(side, argv) for side in SIDES)
                found = differences(direct, shimmed) or ended_early(direct)
                here = direct.count(b"\n= ")
                results += here
                if found or not here:
                    problems.append((label(*case), found))
    return summary("sessions", len(CASES), results, problems)
