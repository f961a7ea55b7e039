# SPDX-License-Identifier: MIT
"""A fleet, as examples/ configures it: hosts with programs and a collectd each, and a collectd that
they forward to, which writes for Prometheus and into files. Those very files are run; only the
paths, the password and the aggregator's address in them are this test's."""

import re
import urllib.request

from examples import Example, built_plugins, installed_plugins, runs, substituted
from harness import Failure, check, check_equal, give_away, wait_for
from namespaces import hosts, join, wait_until_up

NAMES = ("alpha", "beta", "gamma")
PASSWORD = "a long sentence of your own"


class Fleet:
    """Hosts joined to an aggregator by a cable each, with their collectds."""

    def __init__(self, world, aggregator, members):
        self.world = world
        self.aggregator = aggregator
        self.members = dict(zip(NAMES, members))
        self.collectds = {}
        plugins = built_plugins(world)
        for number, (name, member) in enumerate(self.members.items()):
            join(member, "cable", aggregator, name)
            member.add_addresses("cable", f"192.0.2.{4 * number + 2}/30")
            aggregator.add_addresses(name, f"192.0.2.{4 * number + 1}/30")
            wait_until_up(member, "cable")
        self._start(aggregator, "collectd-fleet-aggregator.conf", {
            "/etc/collectd/fleet-passwd": self._passwords(),
            "/var/lib/collectd/csv": world.directory / aggregator.name / "csv"})
        for number, member in enumerate(self.members.values()):
            self._start(member, "collectd-fleet-host.conf", {
                "aggregator.example": f"192.0.2.{4 * number + 1}",
                "/usr/local/lib/collectd": plugins, "/usr/lib/collectd": installed_plugins()})

    def _passwords(self):
        path = self.world.directory / "fleet-passwd"
        path.touch(mode=0o600)
        path.write_text(f"fleet: {PASSWORD}\n")
        give_away(path)
        return path

    def _start(self, host, example, texts):
        collectd = Example(self.world.directory / host.name, substituted(example, texts))
        self.collectds[host.name] = collectd
        with host.inside():
            collectd.start()

    def stop(self):
        for collectd in self.collectds.values():
            check_equal(collectd.stop(), 0, f"exit status of the collectd in {collectd.directory}")

    def hold(self, name, program, *options):
        with self.members[name].inside():
            return self.world.hold(program, "--dsn", "orders", *options)[0]

    def files(self):
        """{(host, program, figure): value} as the aggregator's csv plugin wrote it last."""
        csv = self.collectds[self.aggregator.name].csv
        found = {}
        for path in sorted(csv.glob("*/odbc-*/*")):
            figure = path.name[:-len("-2000-01-01")]
            # What is behind the last line end is being written; the first line names the columns.
            rows = path.read_text(encoding="ascii").split("\n")[1:-1]
            if rows:
                found[path.parts[-3], path.parts[-2][len("odbc-"):], figure] = float(
                    rows[-1].split(",")[1])
        return found

    def prometheus(self):
        """The same as the aggregator's write_prometheus tells it."""
        with self.aggregator.inside():
            with urllib.request.urlopen("http://127.0.0.1:9103/metrics", timeout=10) as answer:
                text = answer.read().decode()
        found = {}
        for line in text.splitlines():
            match = re.fullmatch(r"collectd_odbc_(\w+?)(?:_total)?\{(.*)\} (\S+)(?: \d+)?", line)
            if match:
                labels = dict(re.findall(r'(\w+)="([^"]*)"', match[2]))
                found[labels["instance"], labels["odbc"],
                      f"{match[1]}-{labels['type']}"] = float(match[3])
        return found

    def expect(self, wanted):
        """Waits until both writers show {(host, program): {figure: value}}."""
        flat = {(*key, name): value for key, figures in wanted.items()
                for name, value in figures.items()}
        for source in (self.files, self.prometheus):
            last = {}

            def same():
                last.clear()
                last.update(source())
                return all(last.get(key) == value for key, value in flat.items())

            def difference():
                return [(key, last.get(key), value) for key, value in flat.items()
                        if last.get(key) != value]
            try:
                wait_for(same, f"the fleet's figures by {source.__name__}")
            except Failure as failure:
                raise Failure(f"{failure}: (what, found, expected): {difference()}") from None


def figures(checkouts, held, processes):
    return {"derive-checkouts": checkouts, "derive-connects": checkouts,
            "derive-disconnects": checkouts - held, "count-checkedout": held,
            "count-connections": held, "count-numprocs": processes, "derive-lost": 0}


@runs("collectd-fleet-host.conf", "collectd-fleet-aggregator.conf")
def test_fleet(world):
    """The figures of three hosts are right at the aggregator, and again after one was cut off"""
    world.register_sqlite()
    del world.common["CollectdHost"], world.common["CollectdPort"]  # as nearly everywhere
    world.write()
    with hosts("aggregator", *NAMES) as (aggregator, *members):
        fleet = Fleet(world, aggregator, members)
        try:
            run(world, fleet)
        finally:
            fleet.stop()


def run(world, fleet):
    wanted = {}
    orders, billing = {}, {}
    for number, name in enumerate(NAMES, 1):
        orders[name] = fleet.hold(name, "orders", "--checkouts", number, "--hold", 2,
                                  "--children", 1)
        billing[name] = fleet.hold(name, "billing", "--checkouts", 10 * number, "--hold", 1)
        wanted[name, "orders"] = figures(2 * number + 4, 4, 2)
        wanted[name, "billing"] = figures(10 * number + 1, 1, 1)
        wanted[name, "host"] = figures(12 * number + 5, 5, 3)
    fleet.expect(wanted)

    before = {key: value for key, value in fleet.files().items() if key[0] == "beta"}
    fleet.members["beta"].set_link("cable", "down")
    more = {}
    for number, name in enumerate(NAMES, 1):
        world.release(billing[name])
        more[name] = fleet.hold(name, "orders", "--checkouts", 100 * number)
        wanted[name, "orders"] = figures(102 * number + 4, 4, 3)
        wanted[name, "billing"] = figures(10 * number + 1, 0, 0)
        wanted[name, "host"] = figures(112 * number + 5, 4, 3)
    fleet.expect({key: value for key, value in wanted.items() if key[0] != "beta"})
    # beta goes on counting by itself; the aggregator keeps what it knew.
    wait_for(lambda: fleet.collectds["beta"].value("beta", "host", "count-checkedout") == 4,
             "beta's own collectd")
    now = fleet.files()
    same = [key for key, value in before.items() if key[2].startswith("derive")
            and now[key] != value]
    check_equal(same, [], "totals of a host that is cut off changed")

    fleet.members["beta"].set_link("cable", "up")
    fleet.expect(wanted)
    for name in NAMES:
        world.release(orders[name])
        world.release(more[name])
        for program in ("orders", "host"):
            checkouts = wanted[name, program]["derive-checkouts"]
            wanted[name, program] = figures(checkouts, 0, 0)
    fleet.expect(wanted)
    hosts_seen = {host for host, _, _ in fleet.prometheus()}
    check(hosts_seen >= set(NAMES), f"hosts in Prometheus: {hosts_seen}")
