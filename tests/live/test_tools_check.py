# SPDX-License-Identifier: MIT
"""odbcshim check: the whole way of a DSN that works, and for each thing that can be wrong the line
that says so and what to do. Whatever happens, no password is printed."""

import pathlib
import shutil
import socket
import subprocess

from harness import (BUILD, Postgres, check, check_equal, driver_library, find_program,
                     free_port, needs, odbc_library, server, table, wait_for)

TOOL = BUILD / "tools" / "odbcshim"
STEPS = ("dsn driver settings target library password names pooling address collectd connection"
         ).split()
SECRETS = ("t0p-s3cret", "wr0ng-s3cret", "d4tabase-s3cret", "0ther-s3cret")
RIGHT, WRONG, KEY, OTHER = SECRETS


def run(world, *arguments, stdin="", env=None):
    """(status, {step: (state, text with the lines below it)}, standard error)"""
    check(TOOL.exists(), f"{TOOL} is not built: run make")
    status, out, err = world.run([TOOL, "check", *arguments], stdin=stdin, env=env)
    for secret in SECRETS:
        check(secret not in out + err, f"a password is printed:\n{out}{err}")
    found = {}
    step = None
    for line in out.splitlines():
        if line.startswith(" ") and step:
            found[step] = (found[step][0], found[step][1] + "\n" + line.strip())
        elif line.strip() and line.split()[0] in ("ok", "WRONG", "warning", "-"):
            state, step, text = line.split(None, 2)
            check(step not in found, f"{step} twice:\n{out}")
            found[step] = (state, text)
    check("Sanitizer" not in err, err)
    return status, found, err


def expect(found, step, state, *words):
    check(step in found, f"there is no step {step}: {found}")
    check_equal(found[step][0], state, f"{step}: {found[step][1]}")
    for word in words:
        check(str(word) in found[step][1], f"{step}: no {word!r} in: {found[step][1]}")


def expect_well(status, found, **other):
    """Every step is there, in order, and ok, but for those that are named."""
    check_equal(list(found), STEPS, "the steps")
    for step in STEPS:
        expect(found, step, other.get(step, "ok"))
    check_equal(status, 1 if "WRONG" in other.values() else 0, f"the status: {found}")


def test_well(world):
    """check: all is well, and each step says what it found"""
    world.register_sqlite()
    world.pool()
    world.write()
    world.start_collectd()
    status, found, _ = run(world, "orders")
    expect_well(status, found)
    expect(found, "dsn", "ok", "[orders]", world.directory / "odbc.ini")
    expect(found, "driver", "ok", "counted", world.directory / "odbcinst.ini",
           odbc_library("libodbcshima.so"), "ANSI")
    expect(found, "settings", "ok", f"CollectdPort           {world.port}",
           world.directory / "odbcshim.ini", "[counted] of", "default")
    expect(found, "target", "ok", "Target=SQLite3", "libsqlite3odbc.so")
    expect(found, "library", "ok", driver_library("libsqlite3odbc.so"), "ANSI")
    expect(found, "names", "ok", world.host)
    expect(found, "pooling", "ok", "on", "120 s")
    expect(found, "address", "ok", "127.0.0.1")
    expect(found, "collectd", "ok", f"127.0.0.1 port {world.port}", "version")
    expect(found, "connection", "ok", "SQLite")
    # A DSN of the user's own file; a connection string with a DSN, and one without; from stdin.
    own = world.directory / "user.ini"
    own.write_text(f"[mine]\nDriver = counted\nDatabase = {world.database()}\n"
                   "CollectdProgramName = shop\n", encoding="ascii")
    status, found, _ = run(world, "mine", env={"ODBCINI": str(own)})
    expect_well(status, found)
    expect(found, "dsn", "ok", own)
    expect(found, "names", "ok", "program shop")
    status, found, _ = run(world, "DSN=orders;CollectdInterval=0.5")
    expect_well(status, found)
    expect(found, "settings", "ok", "CollectdInterval       0.5                  connection string")
    status, found, _ = run(world, "-", stdin=world.sqlite_string(PWD=KEY) + "\n")
    expect_well(status, found)
    expect(found, "dsn", "ok", "none")

    check_equal(told(world, 4), 4, "datagrams, all of which are probes")
    check_equal(world.collectd.value("collectd.test", "receiver", "count-rows"), 0,
                "rows that a check made")


def no_dsn(world):
    del world.dsns["orders"]


def no_driver(world):
    del world.drivers["counted"]


def not_monitored(world):
    world.dsns["orders"]["Driver"] = "SQLite3"


def no_shim(world):
    world.drivers["counted"]["Driver"] = world.directory / "not-there.so"


def other_version(world):
    """A monitoring driver of another release."""
    text = odbc_library("libodbcshima.so").read_bytes()
    version = subprocess.run([TOOL, "--version"], check=True, capture_output=True
                             ).stdout.split()[1]
    changed = text.replace(b"\0" + version + b"\0", b"\0" + b"9" * len(version) + b"\0")
    check(changed != text, "the library does not say its version")
    path = world.directory / "libodbcshima.so"
    path.write_bytes(changed)
    world.drivers["counted"]["Driver"] = path


def no_setting(world):
    world.dsns["orders"]["CollectdPort"] = 70000


def no_target(world):
    world.drivers["counted"]["Target"] = "No Such Driver"


def itself(world):
    world.drivers["counted"]["Target"] = odbc_library("libodbcshima.so")


def no_driver_at_all(world):
    world.drivers["counted"]["Target"] = find_program("/lib/*/libz.so.1", "/usr/lib/*/libz.so.1")


def other_width(world):
    world.drivers["counted"]["Target"] = driver_library("psqlodbcw.so")


def missing_dependency(world):
    text = pathlib.Path(driver_library("libsqlite3odbc.so")).read_bytes()
    needed = b"libsqlite3.so.0\0"
    check(needed in text, "libsqlite3odbc.so does not need libsqlite3.so.0")
    path = world.directory / "lacking.so"
    path.write_bytes(text.replace(needed, b"libsqlite3.so.9\0"))
    world.drivers["counted"]["Target"] = path


def no_host(world):
    world.common["CollectdHost"] = "no.such.name.invalid"


def quoted_host(world):
    world.common["CollectdHost"] = '"127.0.0.1"'


def commented_host(world):
    world.dsns["orders"]["CollectdHost"] = "127.0.0.1 # here"


def no_ini(world):
    world.common["CollectdHorst"] = "127.0.0.1"


def bad_driver(world):
    """A driver of the tests, in the place of the target."""
    path = BUILD / "tests" / "live" / ".libs" / "bad_driver.so"
    check(path.exists(), f"{path} is not built: run make check-live")
    world.drivers["counted"]["Target"] = shutil.copy(path, world.directory)


def no_database(world):
    world.dsns["orders"]["Database"] = world.directory / "no" / "such" / "folder" / "x.db"


@table(("DSN missing", no_dsn, "dsn", ("[orders]", "odbcshim list")),
       ("driver missing", no_driver, "driver", ("[counted]", "odbcinst -q -d")),
       ("not monitored", not_monitored, "driver", ("libsqlite3odbc.so", "odbcshim wrap orders")),
       ("shim missing", no_shim, "driver", ("not-there.so", "Install it")),
       ("another version", other_version, "driver", ("99", "install the two together")),
       ("setting senseless", no_setting, "settings", ("CollectdPort=70000", "[orders]", "65535")),
       ("odbcshim.ini mistyped", no_ini, "settings", ("CollectdHorst", "CollectdHost is")),
       ("target missing", no_target, "target", ("Target=No Such Driver", "odbcinst -q -d")),
       ("target the shim itself", itself, "library", ("itself", "name the real driver")),
       ("target no driver", no_driver_at_all, "library", ("no ODBC driver", "correct Target=")),
       ("target of the other width", other_width, "library", ("a wide", "libodbcshim.so")),
       ("target that lacks a library", missing_dependency, "library",
        ("libsqlite3.so.9", "Install the package")),
       ("host unresolvable", no_host, "address", ("no.such.name.invalid", "cannot be resolved")),
       ("host in quotes", quoted_host, "address", ('"127.0.0.1"', "has '\"' in it")),
       ("host with a comment", commented_host, "address", ("127.0.0.1 # here", "has ' ' in it")),
       ("database missing", no_database, "connection", ("connect failed", "HY000")))
def test_wrong(world, break_it, step, words):
    """check: what is wrong has a line that says what to do, and what needs it is not tried"""
    world.register_sqlite()
    break_it(world)
    world.write()
    status, found, _ = run(world, "orders")
    check_equal(status, 1, f"the status: {found}")
    check_equal(list(found), STEPS, "the steps")
    expect(found, step, "WRONG", *words)
    # Nobody listens either; else nothing is wrong.
    wrong = [name for name in STEPS if found[name][0] == "WRONG" and name != "collectd"]
    check_equal(wrong, [step], "what is wrong")
    for name in STEPS:
        if found[name][0] == "-":
            expect(found, name, "-", "not tried: it needs the step")


def test_bad_driver(world):
    """check: a target that crashes, and one that repeats the password that it was given"""
    world.register_sqlite()
    bad_driver(world)
    world.write()
    status, found, _ = run(world, "DSN=orders;Crash=yes")
    expect_well(status, found, collectd="WRONG", connection="WRONG")
    expect(found, "connection", "WRONG", "ends the process", "bad_driver.so")
    for arguments, stdin, env in (
            (("orders", "--password-stdin"), KEY + "\n", {}),
            (("orders",), "", {"ODBCSHIM_PASSWORD": KEY}),
            (("-",), f"DSN=orders;PWD={{{KEY}}}\n", {}),
            (("-", "--password-stdin"), f"DSN=orders;PWD={OTHER}\n{KEY}\n", {}),
            (("-",), f"DSN=orders;password={OTHER}\n", {})):
        status, found, _ = run(world, *arguments, stdin=stdin, env=env)
        expect_well(status, found, collectd="WRONG", connection="WRONG")
        expect(found, "connection", "WRONG", "HY000", "no connection with", "***")


def listen(world, level, port):
    return (f'<Listen "127.0.0.1" "{port}">\n  SecurityLevel "{level}"\n'
            f'  AuthFile "{world.directory}/passwords"\n</Listen>')


def test_levels(world):
    """check: a password that is refused is told from a level that is too low, and from nobody"""
    world.register_sqlite()
    passwords = world.directory / "passwords"
    passwords.write_text(f"ada: {RIGHT}\n", encoding="ascii")
    passwords.chmod(0o644)  # collectd runs as another user here
    sign, encrypt = free_port(socket.SOCK_DGRAM), free_port(socket.SOCK_DGRAM)
    world.start_collectd(plugin_options=listen(world, "Sign", sign)
                         + "\n" + listen(world, "Encrypt", encrypt))
    for port, level, user, password, state, words in (
            (sign, "Sign", "ada", RIGHT, "ok", ("Sign",)),
            (sign, "Encrypt", "ada", RIGHT, "ok", ("Encrypt",)),
            (encrypt, "Encrypt", "ada", RIGHT, "ok", ("Encrypt",)),
            (sign, "None", "", "", "WRONG", ("SecurityLevel is Sign", "set CollectdSecurityLevel")),
            (encrypt, "Sign", "ada", RIGHT, "WRONG", ("SecurityLevel is Encrypt",)),
            (sign, "Sign", "ada", WRONG, "WRONG", ("CollectdPassword", "AuthFile")),
            (encrypt, "Encrypt", "ada", WRONG, "WRONG", ("CollectdPassword", "AuthFile")),
            (sign, "Sign", "bob", RIGHT, "WRONG", ("CollectdUsername", "AuthFile")),
            (world.port, "Sign", "ada", RIGHT, "WRONG", ("AuthFile", "if it has one"))):
        world.common |= {"CollectdPort": port, "CollectdSecurityLevel": level,
                         "CollectdUsername": user, "CollectdPassword": password}
        world.write()
        (world.directory / "odbcshim.ini").chmod(0o640)
        status, found, _ = run(world, "orders")
        expect_well(status, found, collectd=state)
        expect(found, "collectd", state, *words)
        expect(found, "settings", "ok", "CollectdPassword       " + ("set" if password else "not"))
    # A file that everybody may read is a warning, and no more.
    world.common |= {"CollectdPort": sign, "CollectdUsername": "ada", "CollectdPassword": RIGHT}
    world.write()
    (world.directory / "odbcshim.ini").chmod(0o644)
    status, found, _ = run(world, "orders")
    expect_well(status, found, password="warning")
    expect(found, "password", "warning", world.directory / "odbcshim.ini", "chmod 640")


def test_silence(world):
    """check: nobody listens, or somebody who does not answer"""
    world.register_sqlite()
    status, found, _ = run(world, "orders")
    expect_well(status, found, collectd="WRONG")
    expect(found, "collectd", "WRONG", "nobody listens", "LoadPlugin odbc", "Listen")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        world.common["CollectdPort"] = other.getsockname()[1]
        world.write()
        status, found, _ = run(world, "orders")
        expect_well(status, found, collectd="WRONG")
        expect(found, "collectd", "WRONG", "does not answer", "firewall")
        world.common["CollectdPlugin"] = "sqlalchemy"
        world.write()
        status, found, _ = run(world, "orders")
        expect_well(status, found, collectd="warning")


def test_pooling(world):
    """check: what keeps a pool from working is a warning"""
    world.register_sqlite()
    world.start_collectd()
    status, found, _ = run(world, "orders")
    expect_well(status, found)
    expect(found, "pooling", "ok", "off", "Pooling = No")
    world.pool()
    world.drivers["ODBC"]["MaxPoolSize"] = 5
    world.write()
    status, found, _ = run(world, "orders")
    expect_well(status, found, pooling="warning")
    expect(found, "pooling", "warning", "PoolMaxSize")
    del world.drivers["counted"]["CPTimeout"]
    world.write()
    status, found, _ = run(world, "orders")
    expect(found, "pooling", "warning", "a CPTimeout, as 120")


@needs(Postgres)
def test_credentials(world):
    """check: credentials of the database, given safely, and what a wrong one makes of it"""
    postgres = server(Postgres)
    psql = [find_program("psql", "/usr/lib/postgresql/*/bin/psql"), "-h", "127.0.0.1", "-p",
            str(postgres.port), "-U", "tester", "-d", "postgres", "-qAtc"]
    status, _, err = world.run([*psql, f"create role keyed login password '{KEY}'"])
    check_equal(status, 0, err)
    world.start_collectd()
    world.drivers["psql"] = {"Driver": driver_library("psqlodbcw.so")}
    world.drivers["wide"] = {"Driver": odbc_library("libodbcshim.so"), "Target": "psql"}
    keys = {key: value for key, value in postgres.keys.items() if key != "UserName"}
    world.dsns["orders"] = {"Driver": "wide", **keys}
    world.dsns["bad"] = {"Driver": "wide", **keys, "UserName": "keyed", "Password": OTHER}
    world.write()
    for arguments, stdin, env, state in (
            (("--user", "keyed", "--password-stdin"), KEY + "\n", {}, "ok"),
            (("--user", "keyed"), "", {"ODBCSHIM_PASSWORD": KEY}, "ok"),
            (("--user", "tester"), "", {}, "ok"),
            (("--user", "keyed", "--password-stdin"), WRONG + "\n", {}, "WRONG"),
            (("--user", "keyed"), "", {"ODBCSHIM_PASSWORD": WRONG}, "WRONG"),
            (("--user", "nobody-of-that-name"), "", {}, "WRONG")):
        status, found, _ = run(world, "orders", *arguments, stdin=stdin, env=env)
        expect_well(status, found, connection=state)
        expect(found, "connection", state,
               *(("PostgreSQL",) if state == "ok" else ("--password-stdin", "FATAL")))
    status, found, _ = run(world, "bad")
    expect_well(status, found, connection="WRONG")
    expect(found, "connection", "WRONG", "keyed")


def test_timeout(world):
    """check: a database that does not answer holds it up for so long as it may"""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        world.drivers["psql"] = {"Driver": driver_library("psqlodbcw.so")}
        world.drivers["wide"] = {"Driver": odbc_library("libodbcshim.so"), "Target": "psql"}
        world.dsns["orders"] = {"Driver": "wide", "Servername": "127.0.0.1", "Database": "x",
                                "Port": deaf.getsockname()[1], "UserName": "x"}
        world.write()
        world.start_collectd()
        for _ in range(2):
            status, found, _ = run(world, "orders", "--timeout", 1)
            expect_well(status, found, connection="WRONG")
            expect(found, "connection", "WRONG", "after 1 s")
        # In that second a program would have reported: a check does not.
        received = told(world, 2)
        check_equal(received, 2, "datagrams, of which two are probes")


def told(world, probes):
    """Waits until the plugin has told of so many probes; how many datagrams it has received."""
    def receiver(name):
        return world.collectd.value("collectd.test", "receiver", name)

    wait_for(lambda: all((receiver(name) or 0) >= probes for name in
                         ("derive-probes", "derive-received")), "the plugin to tell of probes")
    check_equal(receiver("derive-probes"), probes, "probes")
    return receiver("derive-received")


@table(("nothing", (), "takes one DSN"),
       ("two", ("a", "b"), "takes one DSN"),
       ("an option that is none", ("orders", "--pasword-stdin"), "Try odbcshim check --help"),
       ("a password", ("DSN=orders;PWD=" + KEY,), "PWD in the connection string"),
       ("collectd's password", ("DSN=orders;collectdpassword={" + RIGHT + "}",),
        "CollectdPassword in the connection string"),
       ("a time that is none", ("orders", "--timeout", "soon"), "--timeout soon"),
       ("no password on standard input", ("orders", "--password-stdin"), "no password"))
def test_usage(world, arguments, text):
    """check: a command line that makes no sense, or would show a password"""
    world.register_sqlite()
    status, found, err = run(world, *arguments)
    check_equal((status, found), (2, {}), f"status and steps: {err}")
    check(text in err, f"no {text!r} in: {err}")
