# SPDX-License-Identifier: MIT
"""odbcinst.ini.sample registers what it says, by the commands that it gives, and its DSNs work."""

import json
import re
import subprocess

from harness import (BUILD, SOURCE, MariaDB, Postgres, check, check_equal, driver_library,
                     find_program, needs, server, table, write_ini)

SAMPLE = SOURCE / "odbcinst.ini.sample"
INSTALLED = "/usr/lib/x86_64-linux-gnu/odbc/"
DSNS = r"s/^#    \([^ ]\)/\1/p"  # the sample's own command
REAL = (("SQLite3", "libsqlite3odbc.so", "SQLite3 (monitored)", "sqlite-monitored"),
        ("PostgreSQL Unicode", "psqlodbcw.so", "PostgreSQL Unicode (monitored)",
         "postgresql-monitored"),
        ("PostgreSQL ANSI", "psqlodbca.so", "PostgreSQL ANSI (monitored)",
         "postgresql-ansi-monitored"),
        ("MariaDB Unicode", "libmaodbc.so", "MariaDB Unicode (monitored)", "mariadb-monitored"))


def keys_for(world, dsn):
    """What leads a DSN of the sample to this test's database."""
    if dsn.startswith("sqlite"):
        return {"Database": world.database()}
    return server(MariaDB if dsn.startswith("mariadb") else Postgres).keys


def place(text):
    """The sample with the libraries where they are: the shim in this tree, not yet installed."""
    text = text.replace(INSTALLED + "libodbcshim", f"{BUILD}/odbcshim/.libs/libodbcshim")
    return re.sub(re.escape(INSTALLED) + r"(\w+\.so)", lambda m: driver_library(m[1]), text)


def register(world):
    """As the sample says, into this world's odbcinst.ini and odbc.ini; returns the DSNs."""
    check(f"sed -n '{DSNS}' odbcinst.ini.sample" in SAMPLE.read_text(), "the sample's sed command")
    sample = world.directory / "odbcinst.ini.sample"
    sample.write_text(place(SAMPLE.read_text()))
    world.drivers = {}
    world.write()
    status, out, err = world.run([find_program("odbcinst"), "-i", "-d", "-f", sample],
                                 preload=True)
    check_equal(status, 0, f"odbcinst: {out} {err}")
    lines = subprocess.run(["sed", "-n", DSNS, sample], check=True, capture_output=True,
                           text=True).stdout
    dsn = None
    for line in lines.splitlines():
        if line.startswith("["):
            dsn = line.strip("[]")
            world.dsns[dsn] = {}
        else:
            key, value = line.split("=", 1)
            world.dsns[dsn][key.strip()] = value.strip()
    return world.dsns


def point(world, dsn, keys):
    """Replaces what the sample's DSN says of its database, whatever the case of the key."""
    own = {key: value for key, value in world.dsns[dsn].items()
           if key.lower() not in {k.lower() for k in keys}}
    world.dsns[dsn] = own | keys
    write_ini(world.directory / "odbc.ini", world.dsns)


def query(world, string, sql="select 1"):
    status, out, err = world.python("client.py", "query", string, sql)
    check_equal(status, 0, f"client.py: {err}")
    return json.loads(out)


@needs(Postgres, MariaDB)
@table(*((f"{driver}, {way}", library, section, dsn, way)
         for driver, library, section, dsn in REAL for way in ("by its DSN", "without a DSN")))
def test_registered(world, library, section, dsn, way):
    """The sample's registration works"""
    register(world)
    world.start_collectd()
    keys = keys_for(world, dsn)
    point(world, dsn, keys)
    program = "client.py"
    if way == "by its DSN":
        program = world.dsns[dsn].get("CollectdProgramName", program)
        string = f"DSN={dsn}"
    else:
        words = {"UserName": "UID"}  # psqlodbc's other name for it in a connection string
        string = f"DRIVER={{{section}}};" + "".join(f"{words.get(k, k)}={v};"
                                                    for k, v in keys.items())
    answer = query(world, string)
    check(answer["ok"], f"{answer}")
    check_equal([[int(cell) for cell in row] for row in answer["rows"]], [[1]], "rows")
    world.expect(program, {"derive-connects": 1, "derive-disconnects": 1, "derive-failures": 0})


@table(("by its DSN", "DSN=freetds-monitored"),
       ("without a DSN", "DRIVER={FreeTDS (monitored)};Server=127.0.0.1;Port=1;TDS_Version=7.4"))
def test_freetds(world, string):
    """FreeTDS, with no server there, fails in its own words, and the failure is counted"""
    register(world)
    point(world, "freetds-monitored", {"Server": "127.0.0.1", "Port": 1})
    world.start_collectd()
    answer = query(world, string)
    check(not answer["ok"], "it connects")
    check("FreeTDS" in answer["message"] and "odbcshim" not in answer["message"], f"{answer}")
    # pyodbc tries twice, by the wide and by the narrow function; the workload does not.
    world.workload("orders", "--checkouts", 1, "--failures", 1, "--failing", string, "--string",
                   f"DRIVER={{SQLite3 (monitored)}};Database={world.database()};")
    world.expect("orders", {"derive-failures": 1, "derive-connects": 1})


@table(("sqlite-wrapped", "DSN=sqlite-wrapped"))
def test_wrapped(world, string):
    """The sample's DSN around a DSN works"""
    register(world)
    point(world, "sqlite-plain", {"Database": world.database()})
    world.start_collectd()
    check_equal(query(world, string, "select word from greeting"),
                query(world, "DSN=sqlite-plain", "select word from greeting"), "rows")
    world.expect("client.py", {"derive-connects": 1, "derive-disconnects": 1})
