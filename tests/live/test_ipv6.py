# SPDX-License-Identifier: MIT
"""Several listeners, by names and addresses of IPv4 and IPv6, on loopback and between hosts."""

import socket

from harness import check, check_equal, table, wait_for
from namespaces import hosts, join, wait_until_up


def receiver(world, name):
    """A figure of the plugin itself."""
    return world.collectd.value("collectd.test", "receiver", name)


def use(world, address):
    world.common["CollectdHost"] = address
    world.write()


def test_listeners(world):
    """Several listeners, each with a port of its own"""
    world.register_sqlite()
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
        s.bind(("::1", 0))
        other = s.getsockname()[1]
    world.start_collectd(plugin_options=f'Listen "::1" "{world.port}"\nListen "::1" "{other}"\n'
                                        f'Listen "127.0.0.2" "{other}"')
    destinations = (("127.0.0.1", world.port), ("::1", world.port), ("::1", other),
                    ("127.0.0.2", other), ("localhost", world.port))
    for number, (address, port) in enumerate(destinations, 1):
        use(world, address)
        world.common["CollectdPort"] = port
        world.write()
        world.workload(f"by{number}", "--dsn", "orders", "--checkouts", number)
        world.expect(f"by{number}", {"derive-checkouts": number, "derive-lost": 0})
    total = sum(range(1, len(destinations) + 1))
    world.expect("host", {"derive-checkouts": total, "derive-lost": 0, "count-numprocs": 0})
    check_equal(receiver(world, "derive-refused_replay"), 0, "reports that came twice")


def test_named_listener(world):
    """A listener by a name takes what comes to any address of that name"""
    world.register_sqlite()
    port = world.port
    world.port += 1  # the harness's own listener would have the address already
    world.start_collectd(plugin_options=f'Listen "localhost" "{port}"')
    addresses = {a[4][0] for a in socket.getaddrinfo("localhost", port, type=socket.SOCK_DGRAM)}
    for number, address in enumerate(["localhost", *sorted(addresses)]):
        use(world, address)
        world.workload(f"by{number}", "--dsn", "orders", "--checkouts", 3)
        world.expect(f"by{number}", {"derive-checkouts": 3, "derive-lost": 0})


@table(("IPv4", "192.0.2.2", "192.0.2.2"), ("IPv6", "2001:db8::2", "2001:db8::2"),
       ("an IPv6 address of the link alone", "fe80::2%cable", "fe80::2%plug"),
       ("a listener on everything of IPv6", "2001:db8::2", "::"),
       ("a listener on everything of IPv4", "192.0.2.2", "0.0.0.0"))
def test_between_hosts(world, address, listen):
    """A program on one host reports to the collectd of another"""
    world.register_sqlite()
    with hosts("sender", "keeper") as (sender, keeper):
        join(sender, "cable", keeper, "plug")
        sender.add_addresses("cable", "192.0.2.1/24", "2001:db8::1/64", "fe80::1/64")
        keeper.add_addresses("plug", "192.0.2.2/24", "2001:db8::2/64", "fe80::2/64")
        wait_until_up(keeper, "plug")
        wait_until_up(sender, "cable")
        port = world.port
        world.port += 1  # what the harness listens on does not meet what is tested here
        with keeper.inside():
            world.start_collectd(plugin_options=f'Listen "{listen}" "{port}"')
        use(world, address)
        with sender.inside():
            child, _ = world.hold("orders", "--dsn", "orders", "--checkouts", 5, "--hold", 2)
        world.expect("orders", {"derive-checkouts": 7, "count-checkedout": 2, "count-numprocs": 1,
                                "derive-lost": 0}, host="sender")
        world.release(child)
        world.expect("orders", {"derive-disconnects": 7, "count-checkedout": 0,
                                "count-numprocs": 0, "derive-lost": 0}, host="sender")


def test_collectd_moves(world):
    """A collectd host that is cut off and comes back gets all totals"""
    world.register_sqlite()
    with hosts("sender", "keeper") as (sender, keeper):
        join(sender, "cable", keeper, "plug")
        sender.add_addresses("cable", "192.0.2.1/24")
        keeper.add_addresses("plug", "192.0.2.2/24")
        with keeper.inside():
            world.start_collectd(plugin_options=f'Listen "192.0.2.2" "{world.port}"')
        use(world, "192.0.2.2")
        with sender.inside():
            first, _ = world.hold("orders", "--dsn", "orders", "--checkouts", 3)
        world.expect("orders", {"derive-checkouts": 3, "count-numprocs": 1}, host="sender")
        sender.set_link("cable", "down")
        world.expect("orders", {"derive-checkouts": 3, "count-numprocs": 0}, host="sender")
        with sender.inside():
            second, _ = world.hold("orders", "--dsn", "orders", "--checkouts", 4)
        sender.set_link("cable", "up")
        world.expect("orders", {"derive-checkouts": 7, "count-numprocs": 2}, host="sender")
        # What could not be sent while the cable was out is lost, and said to be.
        wait_for(lambda: world.collectd.value("sender", "orders", "derive-lost"), "lost datagrams")
        world.release(first)
        world.release(second)
        world.expect("orders", {"derive-checkouts": 7, "derive-disconnects": 7,
                                "count-numprocs": 0}, host="sender")
        check(world.collectd.value("sender", "host", "derive-lost") > 0, "the host lost nothing")
