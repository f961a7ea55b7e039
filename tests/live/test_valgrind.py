# SPDX-License-Identifier: MIT
"""valgrind's view of a program through the shim."""

import xml.etree.ElementTree as ElementTree

from harness import check_equal, find_program, table

OURS = ("libodbcshim.so", "libodbcshima.so")


def is_ours(error):
    return any((obj.text or "").endswith(OURS) for obj in error.iter("obj"))


def describe(error):
    frames = [f"{f.findtext('fn')} ({f.findtext('file')}:{f.findtext('line')})"
              for f in error.find("stack").iter("frame")]
    what = error.findtext("what") or error.findtext("xwhat/text")
    return f"{error.findtext('kind')}: {what}: " + " < ".join(frames[:8])


@table(("without a pool", False, ()),
       ("with the driver manager's pool", True, ()),
       ("with threads and children", False, ("--threads", 2, "--children", 1)))
def test_valgrind(world, pooled, options):
    """No invalid access and no leak of ours"""
    world.register_sqlite()
    if pooled:
        world.pool()
        world.write()
    log = world.directory / "valgrind.%p.xml"
    status, _, err = world.run(
        [find_program("valgrind"), "--leak-check=full", "--show-leak-kinds=definite,indirect",
         "--child-silent-after-fork=no", "--xml=yes", f"--xml-file={log}",
         world.program("orders"), "--string", world.sqlite_string(), "--failing",
         world.failing_string(), "--checkouts", 5, "--commits", 2, "--rollbacks", 2, "--statements",
         3, "--errors", 1, "--failures", 2, *options], deadline_s=300)
    check_equal(status, 0, f"the workload under valgrind: {err}")
    found = []
    reports = sorted(world.directory.glob("valgrind.*.xml"))
    for report in reports:
        errors = ElementTree.parse(report).getroot().iter("error")
        found += [describe(error) for error in errors if is_ours(error)]
    check_equal(found, [], "errors with the shim in their stack")
    check_equal(len(reports), 1 + ("--children" in options), "reports of valgrind")
