# SPDX-License-Identifier: MIT
"""What does not fit is a connect error that names the setting and the remedy, or nothing at all:
never a crash, a hang, or a message that leads nowhere."""

import json

from harness import (BUILD, check, check_equal, driver_library, find_program, odbc_library, table)


def connect(world, string):
    status, out, err = world.python("client.py", "query", string, "select word from greeting")
    check_equal(status, 0, f"client.py: {err}")
    return json.loads(out)


def check_refused(answer, states, *words):
    check(not answer["ok"], "it connects")
    check(answer["state"] in states, f"SQLSTATE {answer['state']}: {answer['message']}")
    for word in words:
        check(str(word).lower() in answer["message"].lower(),
              f"the message does not name {word}: {answer['message']}")


def no_target(world):
    return None


def missing(world):
    return world.directory / "not-there.so"


def no_library(world):
    path = world.directory / "text.so"
    path.write_text("no library\n", encoding="ascii")
    return path


def no_driver(world):
    return find_program("/lib/*/libz.so.1", "/usr/lib/*/libz.so.1", "/lib64/libz.so.1")


def itself(world):
    return odbc_library("libodbcshima.so")


def itself_by_name(world):
    return "shim"


def wide(world):
    return driver_library("psqlodbcw.so")


def unknown_section(world):
    return "No Such Driver"


@table(("none", no_target, ("Target",)),
       ("not there", missing, ("Target", "not-there.so")),
       ("not a library", no_library, ("Target", "text.so")),
       ("no ODBC driver", no_driver, ("Target", "ODBC driver")),
       ("the shim itself", itself, ("Target", "itself")),
       ("the shim's own section", itself_by_name, ("Target", "itself")),
       ("a wide driver under the ANSI shim", wide, ("Target", "libodbcshim.so")),
       ("an unknown section", unknown_section, ("Target", "No Such Driver")))
def test_target(world, make, words):
    """A Target that will not do"""
    target = make(world)
    world.register_sqlite()
    world.drivers["shim"] = {"Driver": odbc_library("libodbcshima.so")}
    if target is not None:
        world.drivers["shim"]["Target"] = target
    world.dsns["bad"] = {"Driver": "shim", "Database": world.database()}
    world.write()
    for string in ("DSN=bad", "DRIVER={shim};Database=x;"):
        check_refused(connect(world, string), ("IM003", "HY000", "01S00"), *words)


def test_narrow_under_wide(world):
    """A Target that will not do: an ANSI driver under the wide shim"""
    world.register_sqlite()
    world.drivers["shim"] = {"Driver": odbc_library("libodbcshim.so"), "Target": "SQLite3"}
    world.write()
    check_refused(connect(world, "DRIVER={shim};Database=x;"), ("IM003", "HY000"), "Target",
                  "libodbcshima.so")


def test_target_dsn_unknown(world):
    """A TargetDSN that is not there"""
    world.register_sqlite()
    world.dsns["bad"] = {"Driver": "shim", "TargetDSN": "no such dsn"}
    world.drivers["shim"] = {"Driver": odbc_library("libodbcshima.so")}
    world.write()
    check_refused(connect(world, "DSN=bad"), ("IM003",), "TargetDSN", "no such dsn", "odbcinst -q")


def test_target_dsn_itself(world):
    """A TargetDSN that leads back to the shim"""
    world.register_sqlite()
    world.dsns["bad"] = {"Driver": "shim", "TargetDSN": "bad"}
    world.drivers["shim"] = {"Driver": odbc_library("libodbcshima.so")}
    world.write()
    check_refused(connect(world, "DSN=bad"), ("IM003",), "TargetDSN=bad", "itself",
                  "a DSN of it by TargetDSN=")


@table(("a port", "CollectdPort", "70000", "65535"),
       ("a port that is no number", "CollectdPort", "many", "65535"),
       ("an interval", "CollectdInterval", "0", "0.1"),
       ("a security level", "CollectdSecurityLevel", "Most", "Encrypt"),
       ("what a checkout is", "CollectdCheckout", "sometimes", "activity"),
       ("a yes or no", "CollectdEnabled", "perhaps", "no"))
def test_value(world, key, value, allowed):
    """A value that makes no sense is refused from every source"""
    world.register_sqlite()
    states = ("HY000", "01S00")
    check_refused(connect(world, world.sqlite_string(**{key: value})), states, key, value, allowed)
    world.dsns["orders"][key] = value
    world.write()
    check_refused(connect(world, "DSN=orders"), states, key, value, allowed)
    del world.dsns["orders"][key]
    world.drivers["counted"][key] = value
    world.write()
    check_refused(connect(world, "DSN=orders"), states, key, value, allowed)
    del world.drivers["counted"][key]
    world.common[key] = value
    world.write()
    check_refused(connect(world, "DSN=orders"), states, key, value, allowed)


@table(("a line that is no setting", "[odbcshim]\nthis is no setting\n"),
       ("a section that does not close", "[odbcshim\nCollectdPort = 1\n"),
       ("a line too long for libinih", "[odbcshim]\nCollectdPassword = " + "x" * 250 + "\n"))
def test_ini(world, text):
    """An odbcshim.ini that cannot be parsed"""
    world.register_sqlite()
    path = world.directory / "odbcshim.ini"
    path.write_text(text, encoding="ascii")
    answer = connect(world, "DSN=orders")
    check_refused(answer, ("HY000",), path)
    check("xxxx" not in answer["message"], "the message has the file's secrets in it")


def test_unresolvable(world):
    """A CollectdHost that cannot be resolved harms nothing"""
    world.register_sqlite()
    world.start_collectd()
    counts = world.workload("orders", "--checkouts", 3, "--string",
                            world.sqlite_string(CollectdHost="no-such-host.invalid"))
    check_equal(counts["checkouts"], 3, "checkouts")


def test_resolver_hangs(world):
    """A name service that never answers holds up neither connect nor exit"""
    world.register_sqlite()
    library = BUILD / "tests" / "live" / ".libs" / "hanging_resolver.so"
    check(library.exists(), f"{library} is not built: run make check-live")
    preload = " ".join(filter(None, (world.environment(True).get("LD_PRELOAD"), str(library))))
    counts = world.workload("orders", "--checkouts", 3, "--string",
                            world.sqlite_string(CollectdHost="some-host.invalid"),
                            env={"LD_PRELOAD": preload})
    check_equal(counts["checkouts"], 3, "checkouts")


def test_isql_shows_the_remedy(world):
    """isql prints the diagnostic as it is"""
    world.register_sqlite()
    world.dsns["bad"] = {"Driver": "shim"}
    world.drivers["shim"] = {"Driver": odbc_library("libodbcshima.so")}
    world.write()
    status, out, err = world.run([find_program("isql"), "bad", "-b", "-v"], preload=True)
    check(status != 0, "isql connects")
    check("Target" in out + err and "[odbcshim]" in out + err, f"isql says: {out} {err}")


def test_secrets(world):
    """No password and no SQL text in diagnostics, in collectd's log or in its figures"""
    world.register_sqlite()
    collectd = world.start_collectd(plugin_options='  LogLevel "debug"')
    string = world.sqlite_string(PWD="hunter2", CollectdPassword="correct-horse")
    world.workload("orders", "--checkouts", 1, "--commits", 1, "--errors", 1, "--string", string)
    world.expect("orders", {"derive-checkouts": 1})
    answer = connect(world, string + "CollectdPort=70000;")
    text = collectd.log.read_text(encoding="utf-8") + answer["message"]
    for secret in ("hunter2", "correct-horse", "insert into", "no such statement"):
        check(secret not in text, f"{secret} stands in it")
