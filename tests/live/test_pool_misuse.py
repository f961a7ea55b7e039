# SPDX-License-Identifier: MIT
"""Programs whose pool does not work, each for a reason that people have, beside the same programs
mended: what the figures say of them."""

import time

from harness import check, check_equal, odbc_library, wait_for
from pools import c_client, directory_of_ini, expect, history

ROUNDS = 5
BURST = 40  # requests of a mended program in a round


class Program:
    """A program that serves requests; `request` does what it does for one."""

    def __init__(self, client, string):
        self.client = client
        self.string = string
        self.served = 0

    def request(self, works=lambda: None):
        self.served += 1
        self.client("connect", "c", self.string)
        self.client("exec", "c", "select 1")
        works()
        self.client("disconnect", "c")


class CountingProgram(Program):
    """Writes the number of the request into its connection string."""

    def request(self, works=lambda: None):
        fixed = self.string
        self.string = f"{fixed}APP=request {self.served};"
        super().request(works)
        self.string = fixed


class EnvironmentPerRequest(Program):
    """What a newer driver manager's driver sees of a program with an environment per request: the
    pool belongs to the environment, and ends with it."""

    def request(self, works=lambda: None):
        self.served += 1
        self.client("environment", "request")
        self.client("connect", "c", self.string)
        self.client("exec", "c", "select 1")
        works()
        self.client("reset", "c")
        self.client("disconnect", "c")
        self.client("free-environment", "request")


class EnvironmentForAll(Program):
    """The same program with one environment."""

    def request(self, works=lambda: None):
        if self.served:
            check_equal(self.client("probe", "c"), ["alive"], "the pooled connection")
        else:
            self.client("connect", "c", self.string)
        self.served += 1
        self.client("exec", "c", "select 1")
        works()
        self.client("reset", "c")


def programs(world):
    """({name: program that does not reuse}, {name: the same, mended})."""
    string = world.sqlite_string()
    shim = odbc_library("libodbcshima.so")
    no_timeout = directory_of_ini(world, "no-timeout", {"counted": {"CPTimeout": None}})
    no_pooling = directory_of_ini(world, "no-pooling", {"ODBC": {"Pooling": None}})

    def client(name, env=None, library=None):
        return c_client(world, name, env=env, **({"library": library} if library else {}))

    bad = {"no-timeout": Program(client("no-timeout", no_timeout), string),
           "counting": CountingProgram(client("counting"), string),
           "no-pooling": Program(client("no-pooling", no_pooling), string),
           "environments": EnvironmentPerRequest(client("environments", no_pooling, shim), string)}
    mended = {"timeout": Program(client("timeout"), string),
              "constant": Program(client("constant"), string),
              "pooling": Program(client("pooling"), string),
              "environment": EnvironmentForAll(client("environment", no_pooling, shim), string)}
    return bad, mended


def await_next_second():
    """Without CPTimeout, a connection is reused within the second in which it went back; the clock
    that tells the manager the second is a little late."""
    next_second = int(time.time()) + 1
    while time.time() < next_second + 0.1:
        time.sleep(0.05)


def test_pools_that_do_not_work(world):
    """percent-reuse and numpools of programs that never reuse, and of the same mended"""
    world.register_sqlite()
    world.pool()
    world.write()
    world.start_collectd()
    bad, mended = programs(world)
    for _ in range(ROUNDS):
        await_next_second()
        for program in bad.values():
            program.request()
        for program in mended.values():
            for _ in range(BURST):
                program.request()
    n = ROUNDS
    nothing_left = {"connections": 0, "numpools": 0, "disconnects": n}
    left = {"no-timeout": {"connections": 1, "numpools": 1, "disconnects": n - 1},
            "counting": {"connections": n, "numpools": n, "disconnects": 0},
            "no-pooling": nothing_left, "environments": nothing_left}
    expect(world, {**{name: {"checkouts": n, "connects": n, "checkedout": 0, **left[name]}
                      for name in bad},
                   **{name: {"checkouts": n * BURST, "connects": 1, "disconnects": 0,
                             "connections": 1, "numpools": 1, "checkedin": 1} for name in mended}})
    for name in bad:
        found = history(world, name, "percent-reuse")
        check(found and set(found) == {0}, f"{name}: percent-reuse was {found}")
    for name, program in mended.items():
        # The one connect falls into the first interval, which may have all of the bursts.
        program.request()
        wait_for(lambda: len(history(world, name, "percent-reuse")) > 1,
                 f"a second percent-reuse of {name}")
        found = history(world, name, "percent-reuse")
        check(set(found[1:]) == {100}, f"{name}: it was {found}")
    pools_of_concurrent_requests(world, bad["environments"], mended["environment"])


def pools_of_concurrent_requests(world, bad, mended):
    """numpools comes and goes with the requests of an environment each, and else stays."""
    for _ in range(2):
        bad.request(lambda: expect(world, {"environments": {"numpools": 1, "checkedout": 1}}))
        mended.request(lambda: expect(world, {"environment": {"numpools": 1, "checkedout": 1}}))
        expect(world, {"environments": {"numpools": 0, "connections": 0},
                       "environment": {"numpools": 1, "connections": 1, "checkedin": 1}})
    seen = history(world, "environments", "count-numpools")
    changes = sum(a != b for a, b in zip(seen, seen[1:]))
    check(changes >= 4, f"numpools of an environment per request was {seen}")


def test_reuse_within_the_second(world):
    """Without CPTimeout, a burst of requests still finds its connection"""
    world.register_sqlite()
    world.pool()
    world.write()
    env = directory_of_ini(world, "no-timeout", {"counted": {"CPTimeout": None}})
    world.start_collectd()
    program = Program(c_client(world, "orders", env=env), world.sqlite_string())
    for _ in range(BURST):
        program.request()
    expect(world, {"orders": {"checkouts": BURST}})
    connects = world.collectd.value(world.host, "orders", "derive-connects")
    check(connects < BURST, "no connection was reused")
    program.client.end()


def test_expiry(world):
    """Connections that expire in the pool are closed at the next connect"""
    world.register_sqlite(CPTimeout=1)
    world.pool()
    world.write()
    world.start_collectd()
    client = c_client(world, "orders")
    string = world.sqlite_string()
    for name in "abc":
        client("connect", name, string)
    for name in "abc":
        client("disconnect", name)
    expect(world, {"orders": {"connections": 3, "checkedin": 3, "disconnects": 0}})
    for _ in range(3):
        await_next_second()
    client("connect", "a", string)
    expect(world, {"orders": {"connections": 1, "checkedout": 1, "checkedin": 0, "connects": 4,
                              "checkouts": 4, "disconnects": 3, "invalidated": 0}})
    client.end()
