#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Plays the console side of a collectd that sees a fleet of 40 programs on 12 hosts: takes the
subscriptions of consoles, and sends them made-up figures. The tests of connmon drive it; run by
hand, it is something to look at: fleet_feed.py [PORT [INTERVAL]]."""

import collections
import math
import random
import socket
import struct
import sys
import threading
import time

GAUGES = ("numpools checkedout checkedin detached connections intransaction inferred oldest "
          "numprocs reuse").split()
TYPES = {"oldest": "duration", "reuse": "percent"}
TOTALS = ("checkouts invalidated connects disconnects commits rollbacks transactions failures "
          "stale dirty errors checkins statements lost").split()

HOSTS = [f"web-{n:02}" for n in range(1, 7)] + [f"app-{n:02}" for n in range(1, 5)] + [
    "batch-01", "batch-02"]
# Every program of 40: (host, program, processes, connections in use on the average, idle).
FLEET = ([(host, program, 4, used + n, 6) for n, host in enumerate(HOSTS[:6])
          for program, used in (("shop.php", 30), ("search", 12), ("accounts", 5), ("basket", 7))]
         + [(host, program, 2, used + n, 3) for n, host in enumerate(HOSTS[6:10])
            for program, used in (("orders", 21), ("billing", 9), ("mailer", 1))]
         + [(host, program, 1, used + n, 0) for n, host in enumerate(HOSTS[10:])
            for program, used in (("nightly.py", 2), ("Rscript", 1))])


class Program:
    """The figures of one program, in a world that stands still but for its totals."""

    def __init__(self, host, name, processes, used, idle):
        self.host = host
        self.name = name
        self.gauges = dict.fromkeys(GAUGES, 0)
        self.gauges.update(numprocs=processes, numpools=processes, checkedout=used, checkedin=idle,
                           connections=used + idle, intransaction=used // 3, oldest=1.5, reuse=90)
        self.rates = dict.fromkeys(TOTALS, 0)
        self.rates.update(checkouts=used * 10, connects=used, disconnects=used, commits=used * 8,
                          checkins=used * 10, transactions=used * 8, rollbacks=used // 8,
                          statements=used * 30)
        self.totals = dict.fromkeys(TOTALS, 0)
        self.owed = dict.fromkeys(TOTALS, 0)
        self.average = used

    def advance(self, seconds):
        for name, rate in self.rates.items():
            self.owed[name] += rate * seconds
            self.totals[name] += int(self.owed[name])
            self.owed[name] %= 1

    def live(self, phase):
        """Makes it breathe, for somebody who looks."""
        wave = 1 + 0.35 * math.sin(phase / 9 + hash(self.host) % 7) + random.uniform(-0.1, 0.1)
        used = max(0, round(self.average * wave))
        self.gauges.update(checkedout=used, connections=used + self.gauges["checkedin"],
                           intransaction=used // 3)
        self.rates.update(checkouts=used * 10, connects=used * (10 - self.gauges["reuse"] // 10),
                          commits=used * 8, statements=used * 30)


def string_part(kind, text):
    data = (text if isinstance(text, bytes) else text.encode()) + b"\0"
    return struct.pack("!HH", kind, 4 + len(data)) + data


def number_part(kind, number):
    return struct.pack("!HHQ", kind, 12, number)


def value_list(host, program, name, value, when, interval, plugin="odbc"):
    """One value list with all its parts, in collectd's binary protocol."""
    total = name in TOTALS
    number = struct.pack("!q", value) if total else struct.pack("<d", value)
    return (string_part(0, host) + number_part(8, int(when * 2**30))
            + number_part(9, int(interval * 2**30)) + string_part(2, plugin)
            + string_part(3, program) + string_part(4, TYPES.get(name, "derive" if total else "count"))
            + string_part(5, name)
            + struct.pack("!HHHB", 6, 15, 1, 2 if total else 1) + number)


class FleetFeed:
    """A server of consoles on loopback, with a thread. `lock` guards `programs`."""

    def __init__(self, port=0, interval=0.5, plain_only=False, push_to=None):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", port))
        self.socket.settimeout(0.02)
        self.port = self.socket.getsockname()[1]
        self.interval = interval
        self.plain_only = plain_only  # as sqlalchemy-collectd's plugin: knows HELO alone
        self.push_to = push_to
        self.plugin = "sqlalchemy" if plain_only else "odbc"
        self.programs = [Program(*row) for row in FLEET]
        self.silent = set()  # hosts that report no more
        self.breathes = False
        self.sends = True
        self.subscribers = {}
        self.heard = collections.Counter()
        self.rounds = 0
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join()
        self.socket.close()

    def program(self, host, name):
        return next(p for p in self.programs if p.host == host and p.name == name)

    def _receive(self):
        try:
            data, address = self.socket.recvfrom(2048)
        except OSError:
            return
        self.heard[len(data)] += 1
        if address == self.push_to:
            return
        if data == b"HELO":
            self.subscribers[address] = True
        elif data[:4] == b"HELO" and not self.plain_only:
            self.socket.sendto(b"COOK" + data[4:8] + b"12345678", address)
            if data[8:] == b"12345678":
                self.subscribers[address] = False

    def _lists(self, when):
        hosts = {}
        for program in self.programs:
            if program.host in self.silent:
                continue
            total = hosts.setdefault(program.host, (collections.Counter(), collections.Counter()))
            total[0].update({n: v for n, v in program.gauges.items() if n not in TYPES})
            total[0]["oldest"] = max(total[0]["oldest"], program.gauges["oldest"])
            total[0]["reuse"] = program.gauges["reuse"]
            total[1].update(program.totals)
            for name, value in {**program.gauges, **program.totals}.items():
                yield value_list(program.host, program.name, name, value, when, self.interval,
                                 self.plugin)
        for host, (gauges, totals) in hosts.items():
            for name in GAUGES:
                yield value_list(host, "host", name, gauges[name], when, self.interval, self.plugin)
            for name in TOTALS:
                yield value_list(host, "host", name, totals[name], when, self.interval, self.plugin)

    def _send(self, lists):
        pending = b""
        for one in lists + [b""]:
            for address, plain in list(self.subscribers.items()):
                if plain and one:
                    self.socket.sendto(one, address)
            if pending and (not one or len(pending) + len(one) > 1452):
                for address, plain in list(self.subscribers.items()):
                    if not plain:
                        self.socket.sendto(pending, address)
                if self.push_to:
                    self.socket.sendto(pending, self.push_to)
                pending = b""
            pending += one

    def _run(self):
        began = time.time()
        due = time.monotonic()
        while not self.stopping.is_set():
            self._receive()
            if time.monotonic() < due:
                continue
            due += self.interval
            with self.lock:
                for program in self.programs:
                    if self.breathes:
                        program.live(self.rounds)
                    program.advance(self.interval)
                if self.sends:
                    self._send(list(self._lists(began + self.rounds * self.interval)))
                self.rounds += 1


def main():
    port, interval = (sys.argv[1:] + ["25828", "1"][len(sys.argv) - 1:])[:2]
    with FleetFeed(int(port), float(interval)) as feed:
        feed.breathes = True
        with feed.lock:
            feed.program("app-02", "orders").rates["stale"] = 0.4
            feed.program("web-03", "search").gauges["reuse"] = 12
            feed.program("batch-01", "nightly.py").gauges["oldest"] = 5400
        print(f"connmon --port {feed.port}")
        while True:
            time.sleep(1)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
