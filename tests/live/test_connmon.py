# SPDX-License-Identifier: MIT
"""connmon in a terminal, with the figures of a fleet of 40 programs on 12 hosts; and its output for
scripts. Keys in, text at line and column out."""

import contextlib
import json
import os
import re
import signal
import socket
import struct
import time

import fleet_feed
from harness import check, check_equal, free_port, table, wait_for
from terminal import Terminal, connmon


def is_usual(line):
    return re.match(r" +now +12 +124 +\d+ +\d+ ", line)


def ready(terminal):
    """Waits until the overview and the rates are there."""
    terminal.expect(6, r". \S+ +\S+ +\d+ +\d+ +\d+ +\d+ +\d+% ")
    return terminal


@contextlib.contextmanager
def watched(world, *size, **options):
    """A fleet, and connmon in a terminal that shows it."""
    with fleet_feed.FleetFeed() as feed, \
            Terminal(world, ["--port", str(feed.port)], *size, **options) as terminal:
        yield feed, terminal


def run(world, *arguments, env=None):
    return world.run([connmon(), *arguments], env={"LC_ALL": "C.UTF-8"} | (env or {}))


# --- the screens ---

def test_programs(world):
    """the table of programs, at 80x24"""
    with watched(world) as (feed, terminal):
        ready(terminal)
        terminal.expect(0, rf"connmon 127\.0\.0\.1:{feed.port}  40 programs by In use  \d\d:\d\d:")
        terminal.expect(1, r"       Hosts  Processes    Open  In use  Checkouts/s     Reuse")
        terminal.expect(2, r"  now     12        124     \d+     \d+ +\d+ +\d+%")
        terminal.expect(3, r" peak     12        124     \d+     \d+ +\d+ +low (89|90)%")  # totals are whole numbers
        terminal.expect(5, r"  Program      Host      Open In use  Peak Out/s Reuse Oldest Attention$")
        terminal.expect(6, r"  shop\.php     web-06      41     35    35   350   90%     1s$")
        terminal.expect(7, r"  shop\.php     web-05      40     34    34   340   90%     1s$")
        terminal.expect(23, r"q quit  \? legend  p programs  h hosts  a fleet  Enter open  / filter  <> sort$")


def test_hosts(world):
    """the table of hosts, and back"""
    with watched(world) as (_, terminal):
        ready(terminal).keys("h")
        terminal.expect(0, r"12 hosts by In use", 25)
        terminal.expect(5, r"  Host     Procs  Open In use  Peak  Idle Out/s Reuse")
        terminal.expect(6, r"  web-06      16    98     74    74    24   740 ")
        terminal.keys("p")
        terminal.expect(0, r"40 programs by In use", 25)


def test_fleet(world):
    """the table of programs, all their hosts together; one of them opened"""
    with watched(world) as (feed, terminal):
        ready(terminal).keys("a")
        terminal.expect(0, r"9 programs of all hosts by In use", 25)
        terminal.expect(5, r"  Program      Host      Open In use  Peak Out/s Reuse Oldest Attention$")
        terminal.expect(6, r"  shop\.php     6 hosts    231    195   195  1950   (89|90)%     1s$")
        terminal.expect_anywhere(r"^  orders       4 hosts    102     90    90   900 ")
        with feed.lock:
            feed.program("web-03", "shop.php").rates["stale"] = 2
        terminal.expect(6, r"! shop\.php     6 hosts .* stale \d+$")
        terminal.keys("Enter")
        terminal.expect(0, r"shop\.php on 6 hosts", 25)
        terminal.keys("Escape", "p")
        terminal.expect(0, r"40 programs by In use", 25)


def test_row(world):
    """a row opened: every figure with its sentence and its graph; scrolling"""
    with watched(world) as (_, terminal):
        ready(terminal).keys("Down")
        terminal.keys("Enter")
        terminal.expect(0, r"shop\.php on web-05", 25)
        terminal.expect(2, r"  Nothing needs attention\.$")
        terminal.expect(3, r"  Plugin odbc, a figure every 0\.5s, the newest \ds ago\.$")
        terminal.expect(4, r" {25}now    peak  lately")
        terminal.expect(5, r"  Pools +4       4 +⣤+$")
        terminal.expect(6, r"    Pools in use: distinct combinations")
        terminal.keys("End")
        terminal.expect_anywhere(r"    Datagrams that never arrived, from gaps")
        terminal.keys("Home")
        terminal.expect(5, r"  Pools ")
        terminal.keys("PgDn")
        terminal.expect_anywhere(r"since watching began; \d+ in all")
        terminal.keys("Escape")
        terminal.expect(5, r"  Program ")


def test_legend(world):
    """the legend has every key, mark and column"""
    with watched(world, lines=200) as (_, terminal):
        ready(terminal).keys("?")
        terminal.expect(2, "Marks")
        shown = "\n".join(terminal.screen())
        for text in ("  ! Something", "  ? No longer", "  * To be", "\n  q       Quit.",
                     "\n  z       Let peaks", "\n  In use\n    Connections in the application",
                     "\n  Attention\n", "\n  Trend\n"):
            check(text in shown, f"the legend lacks {text!r}:\n{shown}")


def test_sort(world):
    """sorting by columns, turned around, and by trouble"""
    with watched(world) as (feed, terminal):
        ready(terminal).keys("r")
        terminal.expect(0, r"40 programs by In use reversed", 25)
        terminal.expect(6, r"  mailer       app-01       4      1 ")
        terminal.keys("r")
        terminal.keys("<")
        terminal.expect(0, r"40 programs by Open", 25)
        terminal.keys("<", "<")
        terminal.expect(0, r"40 programs by Program", 25)
        terminal.expect(6, r"  Rscript ")
        terminal.keys(">")
        terminal.expect(6, r"  billing      app-01 ")
        with feed.lock:
            feed.program("web-03", "search").gauges["reuse"] = 12
        terminal.keys("!")
        terminal.expect(6, r"\* search       web-03 .* reuse 12%$")
        terminal.expect(0, r"40 programs by trouble, Host", 25)


def test_filter(world):
    """the filter, typed, taken back, kept"""
    with watched(world) as (_, terminal):
        ready(terminal).keys("/")
        terminal.text("ORDq")
        terminal.expect(23, r"Filter: ORDq$")
        terminal.expect_anywhere(r"No name has this text in it")
        terminal.keys("BSpace")
        terminal.expect(0, r"4 programs by In use, /ORD", 25)
        terminal.keys("Enter")
        terminal.expect(6, r"  orders       app-04 ")
        terminal.expect(10, r"$")
        terminal.keys("/")
        terminal.text("x")
        terminal.keys("Escape")
        terminal.expect(0, r"4 programs by In use, /ORD", 25)
        terminal.keys("Escape")
        terminal.expect(0, r"40 programs by In use  ", 25)


def test_selection(world):
    """the selected row stays selected wherever it goes, and in sight"""
    with watched(world) as (feed, terminal):
        ready(terminal).keys("End")
        terminal.expect(22, r"  mailer       app-01 ")
        with feed.lock:
            feed.program("app-01", "mailer").gauges["checkedout"] = 99
        terminal.expect(6, r"  mailer       app-01 +\d+     99 ")
        terminal.keys("Enter")
        terminal.expect(0, r"mailer on app-01", 25)


def test_peaks(world):
    """peaks in the place of the present figures; zero"""
    with watched(world) as (feed, terminal):
        ready(terminal)
        with feed.lock:
            feed.program("web-06", "shop.php").gauges["checkedout"] = 77
        terminal.expect(6, r"  shop\.php     web-06      41     77    77 ")
        with feed.lock:
            feed.program("web-06", "shop.php").gauges["checkedout"] = 1
        terminal.expect(6, r"  shop\.php     web-05 ")
        terminal.keys("m")
        terminal.expect(0, r"40 programs at their peak by In use", 25)
        terminal.expect(6, r"  shop\.php     web-06      41     77    77 ")
        terminal.keys("z")
        terminal.expect(6, r"  shop\.php     web-05 ")


# --- what needs attention ---

@table(("stale", "rates", "stale", 2, "!", r"stale \d+"),
       ("broken", "rates", "invalidated", 2, "!", r"broken \d+"),
       ("failed", "rates", "failures", 2, "!", r"failed \d+"),
       ("dirty", "rates", "dirty", 2, "!", r"dirty \d+"),
       ("lost", "rates", "lost", 2, "!", r"lost \d+"),
       ("reuse", "gauges", "reuse", 49, "\\*", r"reuse 49%"),
       ("oldest", "gauges", "oldest", 5400, "\\*", r"oldest 1h30"))
def test_attention(world, kind, name, value, mark, words):
    """a row says in a mark and in words what is wrong"""
    with watched(world) as (feed, terminal):
        ready(terminal)
        with feed.lock:
            getattr(feed.program("web-06", "shop.php"), kind)[name] = value
        terminal.expect(6, rf"{mark} shop\.php .* {words}")
        terminal.expect(0, r".* 1 needs attention$")
        terminal.keys("Down")  # the selected row is of one colour
        wait_for(lambda: re.search(r"\033\[[0-9;]*3[13]m[!*]", terminal.screen(styles=True)[6]),
                 "colour")
        terminal.keys("Home", "Enter")
        terminal.expect(2, rf"{mark} {words}")


def test_silent_host(world):
    """a host that no longer reports is marked, with its programs"""
    with watched(world) as (feed, terminal):
        ready(terminal)
        with feed.lock:
            feed.silent.add("web-06")
        terminal.expect(6, r"\? shop\.php     web-06 .* silent \ds$")
        terminal.expect(2, r"  now     11 ")
        terminal.expect(0, r".* 4 need attention$")
        terminal.keys("h")
        terminal.expect(6, r"\? web-06 ")
        with feed.lock:
            feed.silent.clear()
        terminal.expect(6, r"  web-06 ")
        terminal.expect(2, r"  now     12 ")


# --- terminals ---

@table(("40x10", 40, 10, 3, r"  shop\.php     web-06      41     35$"),
       ("80x24", 80, 24, 6, r"  shop\.php     web-06      41     35    35   350 "),
       ("200x50", 200, 50, 6, r"  shop\.php     web-06       4     4    41     35    35     6 \u2587+\u2582+ +350   "
                              r"90%     1s      280        4      0      0     0     0     0 odbc "))
def test_sizes(world, columns, lines, line, pattern):
    """every size is readable, from the start and after a resize"""
    with fleet_feed.FleetFeed() as feed:
        for start in ((columns, lines), (100, 30)):
            with Terminal(world, ["--port", str(feed.port)], *start) as terminal:
                if start != (columns, lines):
                    terminal.expect(6, r"  shop\.php ")
                    terminal.resize(columns, lines)
                terminal.expect(line, pattern)
                terminal.expect(-1, r"q quit  \? legend  p programs")
                terminal.keys("?")
                terminal.expect(2, "Marks")


@table(("1x1", 1, 1), ("3x2", 3, 2), ("20x4", 20, 4), ("500x5", 500, 5))
def test_odd_sizes(world, columns, lines):
    """odd sizes do no harm"""
    with watched(world, 80, 24) as (_, terminal):
        ready(terminal).resize(columns, lines)
        for key in ("Down", "Enter", "End", "?", "End", "h", "/", "x", "Escape", "p"):
            terminal.keys(key)
        terminal.resize(80, 24)
        terminal.expect(5, r"  Program ")


@table(("the C locale", {"LC_ALL": "C"}, []), ("--ascii", {}, ["--ascii"]))
def test_ascii(world, env, options):
    """plain ASCII where that is what there is"""
    with fleet_feed.FleetFeed() as feed, \
            Terminal(world, ["--port", str(feed.port), *options], 120, 30, env=env) as terminal:
        with feed.lock:
            feed.program("web-06", "shop.php").name = "K\u00f6ln"
        terminal.expect(6, r"  K\?ln +web-06 ")
        terminal.keys("Enter")
        terminal.expect_anywhere(r"  Pools +4 +4 +=+$")
        check(all(byte < 0x80 for byte in terminal.raw.read_bytes()), "there is more than ASCII")


@table(("NO_COLOR", {"NO_COLOR": "1"}), ("a terminal without colours", {"TERM": "vt100"}),
       ("one with eight", {"TERM": "xterm"}))
def test_colours(world, env):
    """no colour where none is wanted or there is none; the marks tell the same"""
    with watched(world, env=env) as (feed, terminal):
        with feed.lock:
            feed.program("web-06", "shop.php").rates["stale"] = 2
        terminal.expect(6, r"! shop\.php .* stale \d+")
        coloured = re.search(rb"\x1b\[[0-9;]*3[0-7][;m]", terminal.raw.read_bytes())
        check_equal(bool(coloured), env.get("TERM") == "xterm", "colour")


NASTY = ["\x1b]0;owned\x07", "a\x1b[31mb", "tab\tline\nend", "\u202egnp.exe", "c1\x9b31m",
         "\u2066iso\u2069", "zero\u200bwidth", b"\xff\xfe\xc0\xaf", "x" * 127, "\u65e5\u672c\u8a9e" * 20]


def test_nasty_names(world):
    """nothing of a name reaches the terminal but what can be seen"""
    with fleet_feed.FleetFeed() as feed:
        with feed.lock:
            for program, name in zip(feed.programs, NASTY):
                program.name = name
                program.host = name
        with Terminal(world, ["--port", str(feed.port)], 150, 50) as terminal:
            terminal.expect_anywhere(r"a_\[31mb +a_\[31mb ")
            for key in ("Enter", "Escape", "h", "Enter", "Escape"):
                terminal.keys(key)
            terminal.expect_anywhere(r"12 hosts|hosts by In use")
            raw = terminal.raw.read_bytes()
        for bad in (b"\x1b[31mb", b"\x1b]0", b"\x9b31m", b"\xff\xfe", *(
                c.encode() for c in "\u202e\u2066\u2069\u200b\x9b")):
            check(bad not in raw, f"{bad!r} reached the terminal")
        status, out, err = run(world, "--port", str(feed.port), "--json")
        check_equal((status, err), (0, ""), "--json")
        names = {row["program"] for row in json.loads(out)["programs"]}
        check("\u202egnp.exe" in names, f"{names}")
        check("\u202e" not in out and "\x9b" not in out, "JSON has characters that do something")


@table(("q", lambda t: t.keys("q"), 0), ("Ctrl-C", lambda t: t.keys("C-c"), 130),
       ("SIGTERM", lambda t: os.kill(t.pid(), signal.SIGTERM), 143),
       ("Ctrl-\\", lambda t: t.keys("C-\\"), 131),
       ("SIGHUP", lambda t: os.kill(t.pid(), signal.SIGHUP), 129),
       ("a fault", lambda t: os.kill(t.pid(), signal.SIGBUS), 135))
def test_ends(world, end, status):
    """the terminal is given back as it was, however it ends"""
    with fleet_feed.FleetFeed() as feed, \
            Terminal(world, ["--port", str(feed.port)],
                     env={"ASAN_OPTIONS": "detect_leaks=0:handle_sigbus=0"}) as terminal:
        ready(terminal)
        end(terminal)
        terminal.expect_anywhere(rf"status={status}$")
        terminal.expect_anywhere(r"^icanon$")
        terminal.expect_anywhere(r"^echo$")
        terminal.expect_anywhere(r"^before$")
        check_equal(terminal.tmux("display-message", "-p", "#{cursor_flag}").strip(), "1", "cursor")


def test_stopped(world):
    """Ctrl-Z gives the terminal back, fg draws all of it again"""
    with watched(world, resumed=True) as (_, terminal):
        ready(terminal).keys("C-z")
        for pattern in (r"^icanon$", r"^echo$", r"status=148$"):
            terminal.expect_anywhere(pattern)
        terminal.keys("Enter")
        ready(terminal).expect(0, r"connmon 127\.0\.0\.1")
        terminal.expect(23, r"q quit  ")
        terminal.keys("q")
        terminal.expect_anywhere(r"again=0$")


@table(("unknown", {"TERM": "no-such-terminal"}, r"terminal type in TERM is not known"),
       ("dumb", {"TERM": "dumb"}, r"cannot be drawn on"))
def test_bad_terminals(world, env, pattern):
    """a terminal that cannot be drawn on is told, not garbled"""
    with Terminal(world, [], env=env) as terminal:
        terminal.expect_anywhere(pattern)
        terminal.expect_anywhere(r"status=1$")


# --- where figures come from ---

def test_network_breaks(world):
    """a collectd that goes away and comes back"""
    feed = fleet_feed.FleetFeed()
    port = feed.port
    with feed, Terminal(world, ["--port", str(port)]) as terminal:
        ready(terminal)
        feed.__exit__()
        terminal.expect(6, r"\? shop\.php .* silent ")
        feed.stopping.set()
        with fleet_feed.FleetFeed(port):
            terminal.expect(6, r"  shop\.php ")


def test_advice(world):
    """the screen says what to check while nothing comes"""
    port = free_port(socket.SOCK_DGRAM)
    with Terminal(world, ["--port", str(port)]) as terminal:
        terminal.expect(5, rf"Nobody listens at 127\.0\.0\.1, port {port}\. Check that")
        terminal.expect_anywhere(rf'Console "127\.0\.0\.1" "{port}"')
        with fleet_feed.FleetFeed(port) as feed:
            terminal.expect(6, r"  shop\.php ")
            check(feed.heard[16] >= 2, f"{feed.heard}")


def test_listen(world):
    """a collectd that pushes, and is told that this takes full datagrams"""
    port = free_port(socket.SOCK_DGRAM)
    with fleet_feed.FleetFeed(push_to=("127.0.0.1", port)) as feed, \
            Terminal(world, ["listen", "--port", str(port)]) as terminal:
        terminal.expect(6, r"  shop\.php     web-06      41     35    35   350 ")
        wait_for(lambda: feed.heard[16] >= 2, "HELO")


def test_sqlalchemy_collectd(world):
    """the console side of sqlalchemy-collectd, which knows HELO alone"""
    with fleet_feed.FleetFeed(plain_only=True) as feed, \
            Terminal(world, ["--port", str(feed.port)]) as terminal:
        terminal.expect(6, r"  shop\.php     web-06      41     35    35   350 ")
        check(feed.heard[4] >= 1, f"{feed.heard}")
        terminal.keys("Enter")
        terminal.expect(3, r"  Plugin sqlalchemy, ")


# --- for scripts ---

def test_once(world):
    """--once prints every figure as soon as it is there"""
    with fleet_feed.FleetFeed() as feed:
        status, out, err = run(world, "--port", str(feed.port), "--once")
        check_equal((status, err), (0, ""), "--once")
        lines = out.splitlines()
        check_equal(len(lines), 41, "lines")
        check(lines[0].startswith("  Program      Host     Procs Pools  Open In use  Peak  Idle "),
              lines[0])
        check(lines[1].startswith("  shop.php     web-06       4     4    41     35    35     6   350"
                                  "   90%     1s      280        4      0 "), lines[1])
        check(not re.search(r" - ", out), f"a figure is missing:\n{out}")
        status, out, _ = run(world, "--port", str(feed.port), "--once", "--hosts", "--filter",
                             "batch")
        check_equal((status, len(out.splitlines())), (0, 3), "--hosts --filter")


def test_json(world):
    """--json has every figure of every program and host"""
    with fleet_feed.FleetFeed() as feed:
        status, out, err = run(world, "--port", str(feed.port), "--json")
        check_equal((status, err), (0, ""), "--json")
        found = json.loads(out)
        check_equal((len(found["programs"]), len(found["hosts"])), (40, 12), "rows")
        first = found["programs"][0]
        check_equal((first["host"], first["program"], first["plugin"], first["level"]),
                    ("web-06", "shop.php", "odbc", "fine"), "the first")
        check_equal(set(first["metrics"]), set(fleet_feed.GAUGES + fleet_feed.TOTALS), "metrics")
        check_equal(first["metrics"]["checkedout"], {"now": 35, "peak": 35}, "checkedout")
        check_equal(first["metrics"]["checkouts"]["rate"], 350, "checkouts")
        check_equal(found["overview"]["hosts"], {"now": 12, "peak": 12}, "hosts")


@table(("nobody there", ["--once", "--timeout", "2"], 1, r"Nobody listens at 127\.0\.0\.1"),
       ("a name that is none", ["--host", "no-such-host.invalid", "--once"], 1,
        r"host no-such-host\.invalid, port 25828"),
       ("an option", ["--nonsense"], 2, r"--help"),
       ("a port", ["--port", "70000"], 2, r"--port 70000: allowed is a number from 1 to 65535"),
       ("an interval", ["--interval", "0"], 2, r"allowed is a number from 0\.1 to 3600"),
       ("a word", ["connect", "listen"], 2, r"say connect or listen, once"),
       ("no terminal", [], 1, r"this is no terminal: for a script, use --once or --json"))
def test_trouble(world, arguments, wanted, pattern):
    """what is wrong is said, with a status"""
    if "--host" not in arguments and "--port" not in arguments:
        arguments = [*arguments, "--port", str(free_port(socket.SOCK_DGRAM))]
    status, out, err = run(world, *arguments)
    check_equal((status, out), (wanted, ""), err)
    check(re.search(pattern, err), err)


def test_answers_without_figures(world):
    """a collectd that answers but has no figures is told from one that does not"""
    with fleet_feed.FleetFeed() as feed:
        feed.sends = False
        status, _, err = run(world, "--port", str(feed.port), "--once", "--timeout", "3")
        check_equal(status, 1, err)
        check(re.search(r"answers, but has no figures yet", err), err)


def test_help(world):
    """--help names every option, --version the version"""
    status, out, err = run(world, "--help")
    check_equal((status, err), (0, ""), "--help")
    for option in ("connect", "listen", "--host", "--port", "--once", "--json", "--interval"):
        check(option in out, f"no {option} in the help")
    status, out, _ = run(world, "--version")
    check(status == 0 and re.fullmatch(r"connmon \d+\.\d+\.\d+\n", out), out)


# --- with a real collectd ---

def report(host, token, session, sequence, programs):
    """A datagram as the shim sends it: {program: (checkedout, checkouts)}."""
    def values(kind, *numbers):
        return (fleet_feed.string_part(4, kind)
                + struct.pack("!HHH", 6, 6 + 9 * len(numbers), len(numbers))
                + bytes({"g": 1, "d": 2, "a": 3}[k] for k, _ in numbers)
                + b"".join(struct.pack("<d" if k == "g" else "!q", n) for k, n in numbers))

    out = (fleet_feed.string_part(0, host)
           + fleet_feed.number_part(8, int(time.time() * 2**30))
           + fleet_feed.number_part(9, 2**29) + fleet_feed.string_part(2, "odbc")
           + fleet_feed.string_part(5, token)
           + values("odbc_process", ("a", session), ("a", sequence), ("g", 0)))
    for program, (out_now, total) in programs.items():
        out += (fleet_feed.string_part(3, program)
                + values("odbc_pool", *(("g", n) for n in (1, out_now, 1, 0, out_now + 1)))
                + values("odbc_totals", *(("d", n) for n in (total, 0, 1, 0)))
                + values("odbc_activity", ("d", total), ("d", total), ("g", 0), ("g", 0),
                         ("g", out_now + 1)))
    return out


class Senders:
    """Reports of made-up processes, again and again until the test is done."""

    def __init__(self, port):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.port = port
        self.sequence = 0

    def send(self):
        for n in range(4):
            self.socket.sendto(report(f"host{n}", f"{n}:abcdef", n + 1, self.sequence,
                                      {"shop": (3 + n, 10 * self.sequence),
                                       "mailer": (1, self.sequence)}), ("127.0.0.1", self.port))
        self.sequence += 1
        time.sleep(0.2)
        return True


def console_options(port, address="127.0.0.1"):
    return f'  Console "{address}" "{port}"\n'


def test_with_collectd(world):
    """reports to a real collectd stand on the screen"""
    port = free_port(socket.SOCK_DGRAM)
    world.start_collectd(plugin_options=console_options(port))
    senders = Senders(world.port)
    with Terminal(world, ["--port", str(port)]) as terminal:
        wait_for(lambda: senders.send() and re.match(r"  shop         host3 +7      6     6 ",
                                                     terminal.screen()[6]), "the first row")
        wait_for(lambda: senders.send() and terminal.screen()[2].startswith("  now      4 "),
                 "four hosts")


def take_all(client, found):
    """Whether the figures are there that a plain client waits for; takes what has come."""
    while True:
        try:
            take_plain(client.recv(1024), found)  # so much that client takes
        except BlockingIOError:
            return {("host0", "shop", "count", "checkedout"), ("host3", "host", "derive",
                    "checkouts"), ("host1", "mailer", "count", "numprocs")} <= set(found)


def check_plain(found):
    check_equal(found[("host2", "shop", "count", "checkedout")], 5, "checkedout of shop")
    check_equal({kind for _, _, kind, _ in found}, {"count", "derive"}, "types")


def test_plain_client(world):
    """the client of sqlalchemy-collectd is served: HELO alone, one value list per datagram"""
    port = free_port(socket.SOCK_DGRAM)
    world.start_collectd(plugin_options=console_options(port))
    senders = Senders(world.port)
    found = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.setblocking(False)

        def all_there():
            client.sendto(b"HELO", ("127.0.0.1", port))
            senders.send()
            return take_all(client, found)
        wait_for(all_there, "the figures")
    check_plain(found)


def test_monitor(world):
    """pushed to: sqlalchemy-collectd's client, which says nothing; and connmon, which says HELO"""
    port = free_port(socket.SOCK_DGRAM)
    found = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.bind(("127.0.0.1", 0))
        client.setblocking(False)
        world.start_collectd(plugin_options="".join(
            f'  Monitor "127.0.0.1" "{n}"\n' for n in (client.getsockname()[1], port)))
        senders = Senders(world.port)
        wait_for(lambda: senders.send() and take_all(client, found), "the figures")
        with Terminal(world, ["listen", "--port", str(port)]) as terminal:
            # Reuse and the age of the oldest are in full datagrams alone.
            wait_for(lambda: senders.send() and re.match(
                r"  shop         host3 +7      6     6 +\d+ +\d+% +7s$", terminal.screen()[6]),
                "the first row")
            take_all(client, found)  # still in its own form
    check_plain(found)


def plain_list(names, kind, value, when, interval, plugin="odbc"):
    """The bytes that sqlalchemy-collectd's sender makes of a value list; `names` by part."""
    return (fleet_feed.string_part(0, names[0]) + struct.pack("!HHq", 1, 12, when)
            + fleet_feed.string_part(2, plugin) + fleet_feed.string_part(3, names[3])
            + fleet_feed.string_part(4, names[4]) + struct.pack("!HHq", 7, 12, interval)
            + fleet_feed.string_part(5, names[5]) + struct.pack("!HHHB", 6, 15, 1, kind)
            + struct.pack("<d" if kind == 1 else "!q", value))


def take_plain(data, found):
    """Reads a datagram as that client does: strings and whole seconds, one values part; it has the
    very bytes of its own sender."""
    parts = {}
    whole = data
    while data:
        kind, length = struct.unpack_from("!HH", data)
        content, data = data[4:length], data[length:]
        check(kind not in parts, f"two parts {kind} in a datagram")
        parts[kind] = content
    check_equal(list(parts), [0, 1, 2, 3, 4, 7, 5, 6], "the order of the parts")
    names = {kind: parts[kind][:-1].decode("ascii") for kind in (0, 3, 4, 5)}
    count, form = struct.unpack_from("!HB", parts[6])
    check_equal(count, 1, "values")
    check(abs(struct.unpack("!q", parts[1])[0] - time.time()) < 3600, "time")
    value = struct.unpack_from("<d" if form == 1 else "!q", parts[6], 3)[0]
    check_equal(whole, plain_list(names, form, value, struct.unpack("!q", parts[1])[0], 1),
                "the bytes")
    found[names[0], names[3], names[4], names[5]] = value


def test_from_the_network_plugin(world):
    """an aggregating collectd serves what its network plugin receives; and pushes it"""
    port, pushed, network = (free_port(socket.SOCK_DGRAM) for _ in range(3))
    world.start_collectd(
        extra=f'LoadPlugin network\n<Plugin network>\n  Listen "127.0.0.1" "{network}"\n</Plugin>\n',
        plugin_options=console_options(port) + f'  Monitor "127.0.0.1" "{pushed}"\n')
    children = [world.start([connmon(), *words, "--json", "--timeout", "60"],
                            env={"LC_ALL": "C.UTF-8"})
                for words in (["--port", str(port)], ["listen", "--port", str(pushed)])]
    total = 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        def all_done():
            nonlocal total
            total += 5
            for name, value in (("checkedout", 3.0), ("checkouts", total)):
                sender.sendto(fleet_feed.value_list("far-away", "shop", name, value, time.time(), 1),
                              ("127.0.0.1", network))
            time.sleep(0.2)
            return all(child.poll() is not None for child in children)
        wait_for(all_done, "both consoles")
    for child in children:
        out, err = child.communicate()
        check_equal((child.returncode, err), (0, ""), "connmon")
        row = json.loads(out)["programs"][0]
        check_equal((row["host"], row["program"], row["metrics"]["checkedout"]["now"]),
                    ("far-away", "shop", 3), "the row")


def other_address():
    """An address of this host that is not loopback, or None."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        found = probe.getsockname()[0]
    return None if found.startswith("127.") else found


def test_from_elsewhere(world):
    """from another address a console must send its cookie back, and HELO alone gets nothing"""
    address = other_address()
    if address is None:
        print("no address but loopback: nothing to test")
        return
    port = free_port(socket.SOCK_DGRAM)
    world.start_collectd(plugin_options=console_options(port, "0.0.0.0"))
    senders = Senders(world.port)
    child = world.start([connmon(), "--host", address, "--port", str(port), "--json"],
                        env={"LC_ALL": "C.UTF-8"})
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plain:
        plain.bind((address, 0))
        plain.setblocking(False)

        def done():
            plain.sendto(b"HELO", (address, port))
            plain.sendto(b"HELO\1\0\0\0" + bytes(8), (address, port))
            return senders.send() and child.poll() is not None
        wait_for(done, "connmon")
        answers = set()
        while True:
            try:
                answers.add(plain.recv(2048)[:4])
            except BlockingIOError:
                break
    check_equal(answers, {b"COOK"}, "what somebody without a cookie gets")
    out, err = child.communicate()
    check_equal((child.returncode, err), (0, ""), "connmon")
    check_equal(len(json.loads(out)["hosts"]), 4, "hosts")
