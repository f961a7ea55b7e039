# SPDX-License-Identifier: MIT
"""valgrind's view of programs through the shim."""

import xml.etree.ElementTree as ElementTree

from comparison import Comparison, DRIVERS, server_of
from harness import check, check_equal, find_program, needs_by_row, table
from test_compare_drivers import WHOLE, arguments

TAKES_LONG = True

OURS = ("libodbcshim.so", "libodbcshima.so")
# Whose functions act for their callers.
SERVANTS = ("vgpreload_", "libc.so", "ld-linux")


def passes_ours(error):
    """One of the two libraries is anywhere in its stacks."""
    return any((obj.text or "").endswith(OURS) for obj in error.iter("obj"))


def is_ours(error):
    """One of the two libraries accessed what it may not, or allocated what this is about. What
    drivers and driver manager do wrong on their own has ours in its stack, too."""
    actors = []
    for stack in error.iter("stack"):
        objects = (frame.findtext("obj") or "" for frame in stack.iter("frame"))
        actors.append(next((o for o in objects if not any(s in o for s in SERVANTS)), ""))
    return any(actor.endswith(OURS) for actor in actors)


def describe(error):
    frames = [f"{f.findtext('fn')} ({f.findtext('file')}:{f.findtext('line')})"
              for f in error.find("stack").iter("frame")]
    what = error.findtext("what") or error.findtext("xwhat/text")
    return f"{error.findtext('kind')}: {what}: " + " < ".join(frames[:8])

def under_valgrind(directory):
    """What stands before the arguments of a program; its reports go to that directory."""
    return [find_program("valgrind"), "--leak-check=full", "--show-leak-kinds=definite,indirect",
            "--child-silent-after-fork=no", "--xml=yes", f"--xml-file={directory}/valgrind.%p.xml"]


def check_reports(directory, count, blames):
    """So many reports were written, and none has an error that blames(error): neither an invalid
    access nor a leak."""
    found = []
    reports = sorted(directory.glob("valgrind.*.xml"))
    for report in reports:
        errors = ElementTree.parse(report).getroot().iter("error")
        found += [describe(error) for error in errors if blames(error)]
    check_equal(found, [], "errors of the shim")
    check_equal(len(reports), count, "reports of valgrind")


@table(("without a pool", False, ()),
       ("with the driver manager's pool", True, ()),
       ("with threads and children", False, ("--threads", 2, "--children", 1)))
def test_workload(world, pooled, options):
    """No invalid access and no leak of ours"""
    world.register_sqlite()
    if pooled:
        world.pool()
        world.write()
    status, _, err = world.run(
        [*under_valgrind(world.directory), world.program("orders"), "--string",
         world.sqlite_string(), "--failing", world.failing_string(), "--checkouts", 5, "--commits",
         2, "--rollbacks", 2, "--statements", 3, "--errors", 1, "--failures", 2, *options],
        deadline_s=300)
    check_equal(status, 0, f"the workload under valgrind: {err}")
    check_reports(world.directory, 1 + ("--children" in options), passes_ours)


@table(*((d.library, d) for d in DRIVERS))
@needs_by_row(server_of)
def test_session(_, d):
    """No invalid access and no leak of ours in a whole session"""
    case = next(c for c in WHOLE if c[2] == (d.shim == "libodbcshim.so") and c[1] == "3.80")
    with Comparison(d, "session") as comparison:
        argv = arguments(comparison, *case[:3], case[4])
        comparison.run("direct", [*argv, "setup"])  # leaves tables behind
        output = comparison.run("shimmed", [*under_valgrind(comparison.directory), *argv])
        check(output.endswith(b"\nended with 0\n"), output.decode("utf-8", "replace")[-500:])
        check_reports(comparison.directory, 1, is_ours)
