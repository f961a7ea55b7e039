# SPDX-License-Identifier: MIT
"""Sign and Encrypt on the wire, with collectd's own network plugin as the witness at either end."""

import contextlib
import socket

from harness import check, check_equal, free_port, give_away, table, wait_for

USER, PASSWORD = "orders", "correct horse"
LEVELS = ("None", "Sign", "Encrypt")

# What the shim's value lists hold, for a collectd that is not this project's.
TYPES = """\
odbc_pool numpools:GAUGE:0:U, checkedout:GAUGE:0:U, checkedin:GAUGE:0:U, detached:GAUGE:0:U, \
connections:GAUGE:0:U
odbc_totals checkouts:DERIVE:0:U, invalidated:DERIVE:0:U, connects:DERIVE:0:U, \
disconnects:DERIVE:0:U
odbc_transactions commits:DERIVE:0:U, rollbacks:DERIVE:0:U, transactions:DERIVE:0:U
odbc_faults failures:DERIVE:0:U, stale:DERIVE:0:U, dirty:DERIVE:0:U, errors:DERIVE:0:U
odbc_activity checkins:DERIVE:0:U, statements:DERIVE:0:U, intransaction:GAUGE:0:U, \
inferred:GAUGE:0:U, oldest:GAUGE:0:U
odbc_process session:ABSOLUTE:0:U, sequence:ABSOLUTE:0:U, farewell:GAUGE:0:1
"""


def write_passwords(world, *lines):
    path = world.directory / "passwords"
    path.touch(mode=0o600)
    path.write_text("".join(f"{user}: {password}\n" for user, password in lines))
    give_away(path)
    return path


def seal(world, level, password=PASSWORD, port=None):
    world.common |= {"CollectdSecurityLevel": level, "CollectdUsername": USER,
                     "CollectdPassword": password, "CollectdPort": port or world.port}
    world.write()


def receiver(world, name):
    """A figure of the plugin itself; 0 before the first."""
    return world.collectd.value("collectd.test", "receiver", "derive-" + name) or 0


def rows(world):
    return world.collectd.value("collectd.test", "receiver", "count-rows")


def listener(port, level, passwords):
    return (f'<Listen "127.0.0.1" "{port}">\nSecurityLevel "{level}"\nAuthFile "{passwords}"\n'
            '</Listen>')


@contextlib.contextmanager
def listening(world, *options, extra=""):
    """A collectd whose listeners are these."""
    world.port, port = free_port(socket.SOCK_DGRAM), world.port
    world.start_collectd(plugin_options="\n".join(options), extra=extra)
    world.port = port
    yield world.collectd


@table(*((f"{demanded} of a program that sends {sent}", demanded, sent)
         for demanded in LEVELS for sent in LEVELS))
def test_demanded(world, demanded, sent):
    """A listener takes what is sealed as it demands or better, and refuses and counts the rest"""
    world.register_sqlite()
    passwords = write_passwords(world, (USER, PASSWORD))
    with listening(world, listener(world.port, demanded, passwords)):
        seal(world, sent)
        child, _ = world.hold("orders", "--dsn", "orders", "--checkouts", 3, "--hold", 1)
        if LEVELS.index(sent) >= LEVELS.index(demanded):
            world.expect("orders", {"derive-checkouts": 4, "count-checkedout": 1,
                                    "derive-lost": 0})
            refused = 0
        else:
            refused = wait_for(lambda: receiver(world, "refused_level") >= 2 and
                               receiver(world, "refused_level"), "refusals")
            check_equal(rows(world), 0, "rows in the table")
        world.release(child)
        check(bool(refused) == bool(receiver(world, "refused_level")), "refusals for the level")
        check_equal(receiver(world, "refused_signature"), 0, "refused signatures")
        check_equal(receiver(world, "malformed"), 0, "malformed datagrams")


@table(*((level, level) for level in LEVELS[1:]))
def test_wrong_password(world, level):
    """A wrong password is refused and counted, whatever the listener demands, and none is logged"""
    world.register_sqlite()
    passwords = write_passwords(world, (USER, PASSWORD))
    with listening(world, listener(world.port, "None", passwords), 'LogLevel "debug"') as collectd:
        seal(world, level, "wrong horse")
        child, _ = world.hold("orders", "--dsn", "orders", "--hold", 1)
        wait_for(lambda: receiver(world, "refused_signature") >= 2, "refusals")
        check_equal(rows(world), 0, "rows in the table")
        world.release(child)
        seal(world, level)
        child, _ = world.hold("orders", "--dsn", "orders", "--hold", 1)
        world.expect("orders", {"count-checkedout": 1})
        world.release(child)
        log = collectd.log.read_text(encoding="utf-8")
        check("report of " in log, "the log at level debug shows no report")
        for secret in (PASSWORD, "wrong horse"):
            check(secret not in log, f"{secret} stands in the log")


@table(*((level, level) for level in LEVELS[1:]))
def test_rotation(world, level):
    """Two passwords at once; the old one goes without a restart of collectd"""
    world.register_sqlite()
    passwords = write_passwords(world, (USER, "old"), (USER, "new"))
    with listening(world, listener(world.port, level, passwords)):
        seal(world, level, "old")
        old, _ = world.hold("before", "--dsn", "orders", "--hold", 1)
        seal(world, level, "new")
        new, _ = world.hold("after", "--dsn", "orders", "--hold", 1)
        world.expect("host", {"count-checkedout": 2, "count-numprocs": 2})
        check_equal(receiver(world, "refused_signature"), 0, "refused signatures")
        write_passwords(world, (USER, "new"))
        world.expect("host", {"count-checkedout": 1, "count-numprocs": 1})
        world.expect("after", {"count-checkedout": 1, "derive-lost": 0})
        wait_for(lambda: receiver(world, "refused_signature"), "refusals of the old password")
        world.release(old)
        world.release(new)


@table(*((level, level) for level in LEVELS))
def test_witness_accepts(world, level):
    """collectd's network plugin takes what the shim sends, and reads the same figures"""
    world.register_sqlite()
    passwords = write_passwords(world, (USER, PASSWORD))
    types = world.directory / "types.db"
    types.write_text(TYPES)
    port = free_port(socket.SOCK_DGRAM)
    with listening(world, extra=f'''
TypesDB "{types}"
LoadPlugin network
<Plugin network>
  <Listen "127.0.0.1" "{port}">
    SecurityLevel "{level}"
    AuthFile "{passwords}"
  </Listen>
</Plugin>''') as collectd:
        seal(world, level, port=port)
        child, _ = world.hold("orders", "--dsn", "orders", "--checkouts", 3, "--commits", 2,
                              "--hold", 2)
        folder = collectd.csv / world.host / "odbc-orders"

        def columns(name):
            files = sorted(folder.glob(f"{name}-{child.pid}:*"))
            if not files:
                return None
            # collectd may be about to write: what has no end of line yet does not count.
            lines = files[-1].read_text(encoding="ascii").rpartition("\n")[0].splitlines()
            if len(lines) < 2:
                return None
            return dict(zip(lines[0].split(",")[1:], lines[-1].split(",")[1:]))

        wanted = {"odbc_pool": {"numpools": 1, "checkedout": 2, "checkedin": 0, "detached": 0,
                                "connections": 2},
                  "odbc_totals": {"checkouts": 5, "invalidated": 0, "connects": 5,
                                  "disconnects": 3},
                  "odbc_transactions": {"commits": 2, "rollbacks": 0, "transactions": 2},
                  "odbc_faults": {"failures": 0, "stale": 0, "dirty": 0, "errors": 0}}
        for name, figures in wanted.items():
            wait_for(lambda: {k: float(v) for k, v in (columns(name) or {}).items()} == figures,
                     f"{name} of the network plugin to be {figures}, not {columns(name)}")
        wait_for(lambda: columns("odbc_activity"), "odbc_activity")
        world.release(child)


@table(("unsealed", "None", "None"), ("signed", "Sign", "Sign"),
       ("encrypted", "Encrypt", "Encrypt"),
       ("signed at a listener that wants none", "Sign", "None"),
       ("encrypted at one that wants signatures", "Encrypt", "Sign"))
def test_witness_sends(world, sent, demanded):
    """What collectd's network plugin sends is taken as sealed rightly, and foreign"""
    passwords = write_passwords(world, (USER, PASSWORD))
    with listening(world, listener(world.port, demanded, passwords), extra=f'''
LoadPlugin load
LoadPlugin uptime
LoadPlugin network
<Plugin network>
  <Server "127.0.0.1" "{world.port}">
    SecurityLevel "{sent}"
    Username "{USER}"
    Password "{PASSWORD}"
  </Server>
</Plugin>'''):
        wait_for(lambda: receiver(world, "foreign") >= 3, "what the network plugin sends")
        for name in ("malformed", "refused_level", "refused_signature", "refused_replay"):
            check_equal(receiver(world, name), 0, f"{name} of the network plugin's datagrams")


def test_witness_wrong_password(world):
    """What collectd's network plugin seals with another password is refused"""
    passwords = write_passwords(world, (USER, PASSWORD))
    with listening(world, listener(world.port, "Sign", passwords), extra=f'''
LoadPlugin load
LoadPlugin network
<Plugin network>
  <Server "127.0.0.1" "{world.port}">
    SecurityLevel "Sign"
    Username "{USER}"
    Password "another"
  </Server>
</Plugin>'''):
        wait_for(lambda: receiver(world, "refused_signature") >= 2, "refusals")
        check_equal(receiver(world, "foreign"), 0, "foreign datagrams")
