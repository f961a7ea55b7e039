# SPDX-License-Identifier: MIT
"""The form of sqlalchemy-collectd, both ways: with CollectdPlugin=sqlalchemy the shim sends
datagrams built like that program's, and such datagrams are taken as plugin `sqlalchemy`."""

import socket
import time

import wire
from harness import SOURCE, check, check_equal, wait_for

GOLDEN = {name: (SOURCE / "tests" / "golden" / "sqlalchemy-collectd" / f"{name}.bin").read_bytes()
          for name in ("pool", "totals")}
PROGRAM, HOST = "worker 0", "vm"  # of the golden datagrams


def shape(datagram):
    """What does not depend on who reports and when: parts in their order, and the kinds of values
    and the texts that are always the same."""
    fixed = (wire.PLUGIN, wire.TYPE)
    return [(part, content if part in fixed else
             [kind for kind, _ in content] if part == wire.VALUES else None)
            for part, content in wire.parts(datagram)]


def capture(world, *options):
    """The datagrams that the shim sends to the collectd host, until the workload holds."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", world.port))
        s.settimeout(0.05)
        child, _ = world.hold("orders", *options)
        found = []

        def has_both():
            try:
                while True:
                    found.append(s.recv(65536))
            except socket.timeout:
                return len(found) >= 6
        wait_for(has_both, "datagrams of the shim")
        world.release(child)
        return found, child.pid


def use_sqlalchemy(world, interval=1):
    world.register_sqlite(CollectdPlugin="sqlalchemy", CollectdProgramName=PROGRAM,
                          CollectdReportHost="elsewhere.example")
    world.common["CollectdInterval"] = interval
    world.write()


def test_sent(world):
    """The shim's datagrams have the shape of sqlalchemy-collectd's, byte for byte where they can"""
    use_sqlalchemy(world)
    before = int(time.time())
    found, pid = capture(world, "--dsn", "orders", "--checkouts", 3, "--hold", 2)
    after = int(time.time())
    kinds = {shape(golden)[4][1]: name for name, golden in GOLDEN.items()}
    for datagram in found:
        parts = wire.parts(datagram)
        check_equal(wire.datagram(parts), datagram, "bytes that are no part of the protocol")
        content = dict(parts)
        name = kinds.get(content.get(wire.TYPE))
        check(name, f"a datagram of another type: {parts}")
        check_equal(shape(datagram), shape(GOLDEN[name]), f"shape of {name}")
        check_equal((content[wire.HOST], content[wire.PLUGIN_INSTANCE], content[wire.INTERVAL]),
                    ("elsewhere.example", PROGRAM, 1), "host, program and interval")
        check(before <= content[wire.TIME] <= after, f"time {content[wire.TIME]}")
        token, digits = content[wire.TYPE_INSTANCE].split(":")
        check_equal((int(token), len(digits)), (pid, 6), "the process token")
    values = {dict(wire.parts(d))[wire.TYPE]: [n for _, n in dict(wire.parts(d))[wire.VALUES]]
              for d in found}
    check_equal(values, {"sqlalchemy_pool": [1, 2, 0, 0, 2], "sqlalchemy_totals": [5, 0, 5, 3]},
                "the figures")


def test_interval(world):
    """Intervals below a second are told as a second, which is the least that this form can say"""
    use_sqlalchemy(world, interval=0.2)
    found, _ = capture(world, "--dsn", "orders", "--hold", 1)
    check_equal({dict(wire.parts(d))[wire.INTERVAL] for d in found}, {1}, "intervals")


def test_taken(world):
    """Datagrams of sqlalchemy-collectd are taken and dispatched as plugin sqlalchemy"""
    collectd = world.start_collectd()
    totals = [number for _, number in dict(wire.parts(GOLDEN["totals"]))[wire.VALUES]]
    pool = [number for _, number in dict(wire.parts(GOLDEN["pool"]))[wire.VALUES]]
    wanted = dict(zip(("derive-checkouts", "derive-invalidated", "derive-connects",
                       "derive-disconnects"), totals))
    wanted |= dict(zip(("count-numpools", "count-checkedout", "count-checkedin", "count-detached",
                        "count-connections"), pool))
    wanted["count-numprocs"] = 1

    def report(step):
        values = [(wire.DERIVE, number + step) for number in totals]
        wire.send(world.port, *(wire.datagram(wire.changed(
            wire.parts(GOLDEN[name]), time=int(time.time()), interval=2,
            **({"values": values} if name == "totals" else {}))) for name in GOLDEN))

    def shown(step, names=tuple(wanted)):
        report(step)
        made = {name: wanted[name] + (step if name.startswith("derive") else 0) for name in names}
        return all({name: collectd.value(HOST, program, name, plugin="sqlalchemy")
                    for name in names} == made for program in (PROGRAM, "host"))

    wait_for(lambda: shown(0), f"the figures {wanted}")
    wait_for(lambda: shown(7), "totals seven higher")
    names = collectd.names("sqlalchemy")
    check_equal({key for key in names if key[0] == HOST}, {(HOST, PROGRAM), (HOST, "host")},
                "programs of that host")
    check_equal(names[(HOST, PROGRAM)] - set(wanted) - {"percent-reuse"}, set(), "figures beyond")
    check_equal([key for key in collectd.names() if key[0] == HOST], [], "figures as plugin odbc")
    totals_last = collectd.value(HOST, PROGRAM, "derive-checkouts", plugin="sqlalchemy")
    wait_for(lambda: collectd.value(HOST, PROGRAM, "count-numprocs", plugin="sqlalchemy") == 0,
             "the silent process to leave")
    check_equal(collectd.value(HOST, PROGRAM, "derive-checkouts", plugin="sqlalchemy"), totals_last,
                "totals after that")


def test_both_ends(world):
    """What the shim sends in that form is taken as plugin sqlalchemy, beside plugin odbc"""
    use_sqlalchemy(world)
    world.drivers["plain"] = world.drivers["counted"] | {"CollectdPlugin": "odbc"}
    world.write()
    collectd = world.start_collectd()
    child, _ = world.hold("orders", "--dsn", "orders", "--checkouts", 3, "--hold", 2)
    other, _ = world.hold("other", "--string", world.sqlite_string("plain"), "--hold", 1)
    wanted = {"derive-checkouts": 5, "derive-connects": 5, "derive-disconnects": 3,
              "derive-invalidated": 0, "count-checkedout": 2, "count-checkedin": 0,
              "count-connections": 2, "count-numpools": 1, "count-numprocs": 1}

    def shown():
        return {name: collectd.value("elsewhere.example", PROGRAM, name, plugin="sqlalchemy")
                for name in wanted}
    wait_for(lambda: shown() == wanted, f"plugin sqlalchemy to show {wanted}, not {shown()}")
    world.expect(PROGRAM, {"count-checkedout": 1, "derive-checkouts": 1}, host="elsewhere.example")
    world.release(child)
    world.release(other)
    wanted |= {"derive-disconnects": 5, "count-checkedout": 0, "count-connections": 0,
               "count-numpools": 0, "count-numprocs": 0}
    wait_for(lambda: shown() == wanted, f"plugin sqlalchemy to show {wanted}, not {shown()}")
