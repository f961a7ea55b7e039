# SPDX-License-Identifier: MIT
"""What programs did with known totals is what collectd shows, to the last one, while they run and
after they have ended."""

from harness import GAUGES, NAMES, check, check_equal, table, wait_for

NO_GAUGES = {"count-" + name: 0 for name in GAUGES} | {"duration-oldest": 0}


def totals(counts, **more):
    """The figures in collectd for what the workload says it did."""
    made = {"derive-" + name: counts[name]
            for name in ("checkouts", "commits", "rollbacks", "failures", "statements", "errors")}
    made["derive-transactions"] = counts["commits"] + counts["rollbacks"]
    made["derive-checkins"] = counts["checkouts"]
    for name in ("invalidated", "stale", "dirty", "lost"):
        made["derive-" + name] = 0
    return made | {"derive-" + name: value for name, value in more.items()}


MIX = ("--checkouts", 6, "--commits", 5, "--rollbacks", 4, "--statements", 9, "--errors", 2)


@table(("one process", ()),
       ("three threads", ("--threads", 3)),
       ("a parent that connects, then forks four children", ("--before", 2, "--children", 4)),
       ("an application of ODBC 2", ("--odbc", 2)),
       ("an application of ODBC 3", ("--odbc", 3)),
       ("SQLDriverConnectW", ("--wide",)))
def test_unpooled(world, options):
    """Exact totals without a pool"""
    world.register_sqlite()
    world.start_collectd()
    counts = world.workload("orders", "--string", world.sqlite_string(), *MIX, "--failures", 3,
                            "--failing", world.failing_string(), *options)
    # Each failed connect is a call that returned SQL_ERROR.
    errors = counts["errors"] + counts["failures"]
    world.expect("orders", NO_GAUGES | totals(counts, connects=counts["checkouts"],
                                              disconnects=counts["checkouts"], errors=errors))


@table(("one process", ()),
       ("four children", ("--children", 4)),
       ("an application of ODBC 3, whose checkins are inferred", ("--odbc", 3)))
def test_pooled(world, options):
    """Exact totals with the driver manager's pool"""
    world.register_sqlite()
    world.pool()
    world.write()
    world.start_collectd()
    child, counts = world.hold("orders", "--string", world.sqlite_string(), *MIX, *options)
    processes = counts["processes"]
    idle = {"count-" + name: processes
            for name in ("numprocs", "numpools", "connections", "checkedin")}
    idle |= {"count-checkedout": 0, "count-detached": 0, "duration-oldest": 0,
             "count-inferred": processes if "--odbc" in options else 0}
    made = totals(counts, connects=processes, disconnects=0)
    if "--odbc" in options:
        del made["derive-checkins"]
    world.expect("orders", idle | made)
    check_equal(world.release(child)["checkouts"], counts["checkouts"], "the workload's own count")
    made.pop("derive-disconnects")
    world.expect("orders", NO_GAUGES | made)


def test_held(world):
    """Gauges show what is held, and the age of the oldest checkout, and return to zero"""
    world.register_sqlite()
    world.start_collectd()
    child, _ = world.hold("orders", "--dsn", "orders", "--hold", 3, "--children", 1)
    world.expect("orders", {"count-checkedout": 6, "count-connections": 6, "count-checkedin": 0,
                            "count-numprocs": 2, "count-numpools": 2, "derive-checkouts": 6})
    oldest = world.collectd.value(world.host, "orders", "duration-oldest")
    check(oldest > 0, f"the oldest checkout is {oldest} s old")
    world.release(child)
    world.expect("orders", NO_GAUGES | {"derive-checkouts": 6, "derive-disconnects": 6,
                                        "derive-checkins": 6, "derive-connects": 6})


def test_names(world):
    """Every figure has its name, for each program and for the host"""
    world.register_sqlite()
    world.start_collectd()
    for program in ("orders", "billing"):
        world.workload(program, "--dsn", "orders", "--checkouts", 1)
        world.expect(program, {"derive-checkouts": 1})
    found = world.collectd.names()
    for program in ("orders", "billing", "host"):
        names = found.get((world.host, program), set())
        check_equal(NAMES - names, set(), f"figures missing for {program}")
        check_equal(names - NAMES - {"percent-reuse"}, set(), f"unknown figures for {program}")


@table(("100 where the pool works", True, 100), ("0 where there is none", False, 0))
def test_reuse(world, pooled, percent):
    """percent-reuse tells whether connections are reused"""
    world.register_sqlite()
    if pooled:
        world.pool()
        world.write()
    world.start_collectd()
    world.start([world.program("orders"), "--dsn", "orders", "--checkouts", 100000, "--pace", 5])
    wait_for(lambda: world.collectd.value(world.host, "orders", "percent-reuse") == percent,
             f"a percent-reuse of {percent}")


def test_collectd_restarts(world):
    """A collectd that comes late gets the totals of all that was done before"""
    world.register_sqlite()
    child, _ = world.hold("orders", "--dsn", "orders", "--checkouts", 7)
    world.start_collectd()
    world.expect("orders", {"derive-checkouts": 7, "count-numprocs": 1})
    world.release(child)
