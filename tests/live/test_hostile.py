# SPDX-License-Identifier: MIT
"""More than a collectd can take: floods of reports, and of processes that never were."""

import os
import pathlib
import unittest.mock

from harness import BUILD, DEADLINE_S, check, check_equal, wait_for

FLOOD_HOST = "flood.example"
ROWS = 5000  # MaxProcesses
ROUND = 50000  # processes that report once


def flood(world, *options):
    program = BUILD / "tests" / "live" / "flood"
    check(program.exists(), f"{program} is not built: run make check-live")
    return world.start([program, "--port", world.port, *options])


def floods(world, count, *options):
    """So many at once, each of a program of its own, when the plugin knows all of them."""
    senders = [flood(world, "--program", f"flood{n}", *options) for n in range(count)]
    wait_for(lambda: all(world.collectd.value(FLOOD_HOST, f"flood{n}", "count-numprocs") is not None
                         for n in range(count)), "the first of each")
    for sender in senders:
        sender.stdin.write("\n")
        sender.stdin.flush()
    return senders


def said(child):
    line = child.stdout.readline()
    check(line, "flood ended: " + (child.stderr.read() if not line else ""))
    return int(line)


def receiver(world, name):
    """A figure of the plugin itself; 0 before the first."""
    return int(world.collectd.value("collectd.test", "receiver", name) or 0)


def drained(world):
    """Whether the plugin has read all that was sent to its port."""
    port = f":{world.port:04X}"
    for line in pathlib.Path("/proc/net/udp").read_text(encoding="ascii").splitlines()[1:]:
        fields = line.split()
        if fields[1].endswith(port):
            return int(fields[4].split(":")[1], 16) == 0
    return False


def expect_for(world, host, program, wanted):
    wait_for(lambda: world.collectd.figures(host, program, wanted) == wanted,
             f"the figures of {program} to be {wanted}, not "
             f"{world.collectd.figures(host, program, wanted)}")


def test_flood(world):
    """Senders at full speed: known totals stay right, and lost is what the kernel dropped"""
    world.register_sqlite()
    world.start_collectd()
    first, _ = world.hold("orders", "--dsn", "orders", "--checkouts", 3)
    senders = floods(world, 3, "--count", 400000, "--seconds", 10)
    meanwhile, _ = world.hold("orders", "--dsn", "orders", "--checkouts", 40, "--pace", 20)
    sent = [said(sender) for sender in senders]
    wait_for(lambda: drained(world), "the plugin to take the rest")
    for number, sender in enumerate(senders):  # the farewells come one by one, so they arrive
        sender.stdin.close()
        check_equal(said(sender), sent[number] + 1, "reports with the farewell")
        wait_for(lambda: drained(world), "the plugin to take a farewell")
    world.release(first)
    world.release(meanwhile)
    expect_for(world, world.host, "orders", {"derive-checkouts": 43, "derive-disconnects": 43,
                                             "count-numprocs": 0})
    for number, count in enumerate(sent):
        expect_for(world, FLOOD_HOST, f"flood{number}", {"derive-statements": count + 1,
                                                         "count-numprocs": 0})

    def accounts():
        lost = sum(world.collectd.value(host, "host", "derive-lost")
                   for host in (FLOOD_HOST, world.host))
        return lost, receiver(world, "derive-lost"), receiver(world, "derive-dropped")

    wait_for(lambda: len(set(accounts())) == 1, f"lost and dropped to agree: {accounts()}")
    received = receiver(world, "derive-received")
    check(received >= sum(sent) + 3 - accounts()[0], f"{received} received of {sum(sent) + 3}, "
          f"of which {accounts()[0]} are lost")
    for name in ("malformed", "foreign", "refused_level", "refused_signature", "refused_replay",
                 "refused_full"):
        check_equal(receiver(world, "derive-" + name), 0, name)


def anonymous_kb(world):
    """The daemon's memory without what it maps of files."""
    status = pathlib.Path(f"/proc/{world.collectd.daemon.process.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("RssAnon")).split()[1])


def strangers(world, first, *options):
    """A round of processes of which nobody has heard, each with one report; all of them arrive."""
    world.collectd.daemon.check_alive()
    sender = flood(world, "--tokens", first, "--count", ROUND, "--seconds", DEADLINE_S, *options)
    check_equal(said(sender), ROUND, "reports")
    sender.communicate(timeout=DEADLINE_S)
    wait_for(lambda: receiver(world, "derive-received") >= first + ROUND, "the plugin to take all")


def test_million(world):
    """A million processes that never were: memory stays flat, and a known one is not forgotten"""
    world.register_sqlite()
    # In a sanitizer build freed memory is else held back, by each thread.
    options = "quarantine_size_mb=0:thread_local_quarantine_size_kb=0:"
    with unittest.mock.patch.dict(os.environ,
                                  ASAN_OPTIONS=options + os.environ.get("ASAN_OPTIONS", "")):
        world.start_collectd(plugin_options=f"MaxProcesses {ROWS}")
    child, _ = world.hold("orders", "--dsn", "orders", "--checkouts", 3, "--hold", 2)
    world.expect("orders", {"derive-checkouts": 5, "count-checkedout": 2})
    sizes = []
    for first in range(0, 1000000, 2 * ROUND):
        # Those that stay fill the table, and most find it full. Those that leave are all taken, each
        # in the place of one that is only remembered.
        strangers(world, first)
        wait_for(lambda: receiver(world, "count-rows_live") <= 1, "those that stayed to leave")
        refused = receiver(world, "derive-refused_full")
        strangers(world, first + ROUND, "--farewells")
        check_equal(receiver(world, "derive-refused_full"), refused, "refused of those that leave")
        check(receiver(world, "count-rows") <= ROWS, "more rows than MaxProcesses")
        sizes.append(anonymous_kb(world))
    check_equal(receiver(world, "derive-dropped"), 0, "dropped by the kernel")
    # By the third of these pairs of rounds all is as large as it becomes. The smallest piece of
    # memory is 32 bytes: were one left behind by only each eighth process, it would be more.
    tokens = 2 * ROUND * (len(sizes) - 3)
    check(sizes[-1] - sizes[2] <= tokens * 4 / 1024, f"memory grew: {sizes} kB")
    world.expect("orders", {"derive-checkouts": 5, "count-checkedout": 2, "count-numprocs": 1})
    taken = 1000000 - receiver(world, "derive-refused_full")
    expect_for(world, FLOOD_HOST, "flood", {"derive-statements": taken, "count-numprocs": 0})
    world.release(child)
    world.expect("orders", {"derive-disconnects": 5, "count-numprocs": 0})


def test_stop(world):
    """collectd ends while a flood comes in"""
    world.start_collectd()
    floods(world, 2, "--count", 100000000, "--seconds", DEADLINE_S)
    wait_for(lambda: receiver(world, "derive-received") > 10000, "the flood")
    check_equal(world.collectd.stop(), 0, "collectd's exit status")


def test_restart(world):
    """collectd restarted in the middle: what runs is told whole, and what ended before is not"""
    world.register_sqlite()
    world.start_collectd()
    world.workload("orders", "--dsn", "orders", "--checkouts", 4)
    child, _ = world.hold("orders", "--dsn", "orders", "--checkouts", 5, "--hold", 1)
    running = world.start([world.program("billing"), "--dsn", "orders", "--checkouts", 150,
                           "--pace", 20, "--hold", 0])
    world.expect("orders", {"derive-checkouts": 10, "count-checkedout": 1, "derive-lost": 0})
    wait_for(lambda: (world.collectd.value(world.host, "billing", "derive-checkouts") or 0) > 0,
             "the first of billing")
    check_equal(world.collectd.stop(), 0, "collectd's exit status")
    between, _ = world.hold("between", "--dsn", "orders", "--checkouts", 2)
    for path in world.collectd.csv.glob("*/*/*"):
        path.unlink()
    world.collectd.start()
    world.expect("orders", {"derive-checkouts": 6, "derive-disconnects": 5, "count-checkedout": 1,
                            "count-numprocs": 1})
    world.expect("between", {"derive-checkouts": 2, "count-numprocs": 1})
    running.stdout.readline()  # all of its work is done
    world.expect("billing", {"derive-checkouts": 150, "derive-disconnects": 150})
    world.release(running)
    world.release(between)
    world.release(child)
    world.expect("orders", {"derive-checkouts": 6, "derive-disconnects": 6, "count-numprocs": 0})
    world.expect("host", {"derive-checkouts": 158, "derive-disconnects": 158, "count-numprocs": 0})
