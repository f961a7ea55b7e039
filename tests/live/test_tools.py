# SPDX-License-Identifier: MIT
"""The command odbcshim: drivers registered, DSNs wrapped and used by isql, all of it undone, and every
byte of the files as it was."""

import os
import shutil
import subprocess

from harness import (BUILD, DEADLINE_S, MariaDB, Postgres, as_nobody, check, check_equal,
                     driver_library, find_program, give_away, needs, server, table)

LIBRARIES = BUILD / "odbcshim" / ".libs"
REAL = (("SQLite3", "libsqlite3odbc.so", "libodbcshima.so"),
        ("PostgreSQL Unicode", "psqlodbcw.so", "libodbcshim.so"),
        ("PostgreSQL ANSI", "psqlodbca.so", "libodbcshima.so"),
        ("MariaDB Unicode", "libmaodbc.so", "libodbcshim.so"),
        ("FreeTDS", "libtdsodbc.so", "libodbcshim.so"))


class Files:
    """Files of the driver manager, the user's and the system's apart."""

    def __init__(self, world, drivers=None, user="", system=""):
        self.world = world
        self.home = world.directory / "home"
        self.etc = world.directory / "etc"
        self.drivers = self.etc / "odbcinst.ini"
        self.user = self.home / ".odbc.ini"
        self.system = self.etc / "odbc.ini"
        self.program = world.directory / "odbcshim"
        self.home.mkdir()
        self.etc.mkdir()
        shutil.copy(BUILD / "tools" / "odbcshim", self.program)  # where any user may run it
        if drivers is None:
            drivers = "[ODBC]\nPooling = Yes\n" + "".join(
                f"\n[{name}]\nDriver={driver_library(library)}\n" for name, library, _ in REAL)
        for path, text in ((self.drivers, drivers), (self.user, user), (self.system, system)):
            path.write_bytes(text.encode())
        self.env = {"ODBCSYSINI": str(self.etc), "ODBCINI": str(self.user),
                    "HOME": str(self.home)}
        self.before = self.contents()

    def contents(self):
        """Every file of the two folders: none is left behind, and none is touched."""
        return {str(path): path.read_bytes() for folder in (self.home, self.etc)
                for path in sorted(folder.iterdir()) if path.is_file()}

    def run(self, *words, status=0):
        """Runs the command; returns what it printed, errors behind."""
        found, out, err = self.world.run([self.program, *words], env=self.env)
        check_equal(found, status, f"odbcshim {' '.join(map(str, words))}: {out}{err}")
        return out + err

    def register(self, *words, status=0):
        return self.run("register", "--libraries", LIBRARIES, *words, status=status)

    def check_same(self, what):
        after = self.contents()
        check_equal(sorted(after), sorted(self.before), f"files after {what}")
        for path, text in self.before.items():
            check_equal(after[path], text, f"{path} after {what}")


def section_of(text, name):
    """The keys of a section, as lines."""
    lines = text.decode().splitlines()
    start = lines.index(f"[{name}]") + 1
    end = next((i for i in range(start, len(lines)) if lines[i].startswith("[")), len(lines))
    return dict(tuple(part.strip() for part in line.split("=", 1))
                for line in lines[start:end] if "=" in line)


def dsn_text(driver, keys, eol="\n", end=""):
    lines = ["# DSNs", "", "[other]", "Driver = none", "[orders]", "; of the orders",
             f"  Driver     =  {driver} \t"] + [f"{key} = {value}" for key, value in keys.items()]
    return eol.join(lines) + end


@needs(Postgres, MariaDB)
@table(("SQLite", "SQLite3", "\n", "\n"), ("PostgreSQL Unicode", "PostgreSQL Unicode", "\n", ""),
       ("PostgreSQL ANSI", "PostgreSQL ANSI", "\r\n", "\r\n"),
       ("MariaDB", "MariaDB Unicode", "\r\n", ""))
def test_journey(world, driver, eol, end):
    """Registered, wrapped, used, unwrapped, unregistered: the files are byte for byte as before"""
    keys = ({"Database": world.database()} if driver == "SQLite3" else
            server(MariaDB if driver.startswith("MariaDB") else Postgres).keys)
    files = Files(world, user=dsn_text(driver, keys, eol, end), system="[orders]\nDriver = x\n")
    world.start_collectd()
    files.register()
    registered = files.contents()
    files.register()
    check_equal(files.contents(), registered, "the files after registering again")
    wrap = ("wrap", "orders", "--program", "shop", "--collectd-host", "127.0.0.1",
            "--collectd-port", world.port, "--collectd-interval", "0.2")
    shown = files.run(*wrap, "--dry-run")
    check(f"+  Driver     =  {driver} (monitored) \t" in shown.replace("\r", ""), shown)
    check_equal(files.contents(), registered, "the files after a dry run")
    files.run(*wrap)
    wrapped = files.contents()
    files.run(*wrap)
    check_equal(files.contents(), wrapped, "the files after wrapping again")
    status, out, err = world.run([find_program("isql"), "orders", "-b"], "select 1\n", preload=True,
                                 env=files.env)
    check_equal(status, 0, f"isql: {out} {err}")
    (files.home / ".isql_history").unlink(missing_ok=True)
    world.expect("shop", {"derive-connects": 1, "derive-statements": 1, "derive-failures": 0})
    files.run("unwrap", "orders")
    check_equal(files.contents(), registered, "the files after unwrapping")
    files.register("--unregister")
    files.check_same("unregistering")


def test_widths(world):
    """The library for each driver is that of its width; the shim's entries of others are let be"""
    files = Files(world)
    ours = f"Driver={LIBRARIES}/libodbcshima.so\nTarget=SQLite3\n"
    text = files.drivers.read_text() + f"[by hand]\n{ours}[lite (monitored)]\n{ours}"
    files.drivers.write_text(text)
    files.register()
    after = files.drivers.read_bytes()
    for name, _, library in REAL:
        entry = section_of(after, f"{name} (monitored)")
        check_equal(entry["Driver"], f"{LIBRARIES}/{library}", name)
        check_equal(entry["Target"], name, name)
    check_equal(after.count(b"(monitored)]"), 1 + len(REAL), "entries")
    check(after.startswith(text.encode()), "what was there is not as it was")
    files.register("--unregister")
    check_equal(files.drivers.read_text(), text, "odbcinst.ini without the entries")


def test_taken_over(world):
    """An entry has what the driver manager and the driver read in the driver's own section"""
    sqlite = driver_library("libsqlite3odbc.so")
    keys = {"CPTimeout": "77", "CPTimeToLive": "88", "CPProbe": "select 1", "Threading": "1",
            "DontDLClose": "1", "FakeUnicode": "0", "IconvEncoding": "UTF-8",
            "DisableGetFunctions": "1", "ExFetchMapping": "1", "CommLog": "1"}
    own = {"Driver": sqlite, "Setup": "nowhere.so", "UsageCount": "3"}

    def write(keys):
        return "[SQLite3]\n" + "".join(f"{k}={v}\n" for k, v in (own | keys).items())

    files = Files(world, drivers=write(keys))
    files.register("SQLite3")
    entry = section_of(files.drivers.read_bytes(), "SQLite3 (monitored)")
    check_equal({key: entry.get(key) for key in keys}, keys, "taken over")
    check_equal(set(entry) - set(keys), {"Driver", "Target", "Description"}, "the rest")
    # What has changed since is taken over by registering again.
    files.drivers.write_text(files.drivers.read_text().replace("CPTimeout=77", "CPTimeout=5", 1))
    files.register("SQLite3")
    entry = section_of(files.drivers.read_bytes(), "SQLite3 (monitored)")
    check_equal(entry["CPTimeout"], "5", "CPTimeout")
    files.register("--unregister", "SQLite3")
    check_equal(files.drivers.read_text(), write(keys | {"CPTimeout": "5"}), "odbcinst.ini")


def test_not_installed(world):
    """Nothing is registered with a library that is not there; a folder may be given as it is seen"""
    files = Files(world, user=f"[orders]\nDriver={driver_library('libsqlite3odbc.so')}\n")
    for words in (("register", "SQLite3"), ("wrap", "orders")):
        told = files.run(*words, "--libraries", "/no/such/folder", status=1)
        check("--libraries" in told and "/no/such/folder/libodbcshima.so" in told, told)
    files.check_same("failing")
    (world.directory / "libraries").symlink_to(LIBRARIES)
    files.run("register", "SQLite3", "--libraries", "libraries")
    check_equal(section_of(files.drivers.read_bytes(), "SQLite3 (monitored)")["Driver"],
                f"{LIBRARIES}/libodbcshima.so", "Driver")


@table(("missing", "/no/such/driver.so", "No such file"),
       ("no driver", find_program("/usr/lib/*/libodbcinst.so.2"), "no ODBC driver"))
def test_one_broken(world, path, reason):
    """A driver that cannot be used is told of, and the others are registered; it is a fault only of
    one that was named"""
    files = Files(world, drivers=f"[Bad]\nDriver = {path}\n\n[SQLite3]\nDriver = "
                  f"{driver_library('libsqlite3odbc.so')}\n")
    for named, status in ((("Bad",), 1), ((), 0)):
        told = files.register(*named, status=status)
        check("Bad is not registered" in told and path in told and reason in told, told)
    told = files.run("list")
    check(f"[Bad]: its library {path} cannot be used" in told and reason in told, told)
    check(b"[SQLite3 (monitored)]" in files.drivers.read_bytes(), "SQLite3 is not registered")
    check(b"[Bad (monitored)]" not in files.drivers.read_bytes(), "Bad is registered")
    files.register("--unregister")
    files.check_same("unregistering")


def test_library_that_crashes(world):
    """A library whose loading ends the process harms nobody"""
    source = world.directory / "crash.c"
    source.write_text("#include <stdlib.h>\n__attribute__((constructor)) static void f(void)\n"
                      "{ abort(); }\nint SQLConnect(void) { return 0; }\n")
    library = world.directory / "crash.so"
    subprocess.run([find_program("cc", "gcc"), "-shared", "-fPIC", "-o", library, source], check=True)
    files = Files(world, drivers=f"[Bad]\nDriver = {library}\n")
    told = files.register("Bad", status=1)
    check("loading it ends the process" in told, told)
    files.check_same("registering nothing")


def test_still_used(world):
    """Taking an entry away tells which DSNs it was for, and they can be unwrapped without it"""
    files = Files(world, user="[orders]\nDriver=SQLite3\n")
    files.register()
    files.run("wrap", "orders")
    told = files.register("--unregister", status=1)
    check(f"[orders] in {files.user}" in told and "odbcshim unwrap 'orders'" in told, told)
    files.run("unwrap", "orders")
    files.check_same("unwrapping")


def test_edited_since(world):
    """Lines that somebody edits while the DSN is wrapped stay, wherever they are"""
    files = Files(world, user="[orders]\nDriver = SQLite3\nDatabase = a\n[z]\nx=1\n")
    files.register()
    files.run("wrap", "orders", "--collectd-host", "h")
    text = files.user.read_text()
    text = text.replace("Database = a", "Database = b\nTimeout = 3").replace("[z]", "# z\n[z]")
    files.user.write_text(text.replace("Target", "StepAPI = yes\nTarget"))
    files.run("unwrap", "orders")
    check_equal(files.user.read_text(), "[orders]\nDriver = SQLite3\nStepAPI = yes\nDatabase = b\n"
                "Timeout = 3\n# z\n[z]\nx=1\n", "odbc.ini")


def test_settings(world):
    """Settings given to a DSN that is wrapped are changed or added; others stay"""
    files = Files(world, user="[orders]\nDriver = SQLite3\nCollectdInterval = 5\n")
    files.register()
    files.run("wrap", "orders", "--collectd-host", "h", "--program", "p")
    files.run("wrap", "orders", "--collectd-host", "i", "--collectd-checkout", "activity")
    check_equal(section_of(files.user.read_bytes(), "orders"),
                {"Driver": "SQLite3 (monitored)", "CollectdHost": "i", "CollectdProgramName": "p",
                 "CollectdCheckout": "activity", "Target": "SQLite3", "CollectdInterval": "5"},
                "the DSN")
    told = files.run("wrap", "orders", "--collectd-interval", "6", status=1)
    check("another CollectdInterval already, in line 7" in told, told)
    files.run("unwrap", "orders")
    check_equal(files.user.read_text(), "[orders]\nDriver = SQLite3\nCollectdInterval = 5\n",
                "odbc.ini")


def test_places(world):
    """The user's DSN comes before the system's, as for the driver manager; each can be asked for"""
    both = "[orders]\nDriver=SQLite3\n"
    files = Files(world, user=both, system=both + "[only]\nDriver=SQLite3\n")
    files.register()
    for words, changed in (((), files.user), (("--user",), files.user),
                           (("--system",), files.system)):
        files.run("wrap", "orders", *words)
        for path in (files.user, files.system):
            check_equal(b"monitored" in path.read_bytes(), path == changed, f"{words}: {path}")
        files.run("unwrap", "orders", *words)
    files.run("wrap", "only")
    check(b"monitored" in files.system.read_bytes(), "the system's DSN is not wrapped")
    files.run("unwrap", "only")
    told = files.run("wrap", "only", "--user", status=1)
    check(f"no DSN [only] in {files.user};" in told, told)


def test_own_registration(world):
    """A user without rights registers for himself, and the driver manager follows"""
    files = Files(world, user=f"[orders]\nDriver=SQLite3\nDatabase={world.database()}\n")
    files.register("--user", "SQLite3")
    check_equal(files.drivers.read_bytes(), files.before[str(files.drivers)], "odbcinst.ini")
    files.run("wrap", "orders")
    status, out, err = world.run([find_program("isql"), "orders", "-b"], "select 1\n", preload=True,
                                 env=files.env)
    check_equal(status, 0, f"isql: {out} {err}")
    (files.home / ".isql_history").unlink(missing_ok=True)
    files.run("unwrap", "orders")
    files.system.write_text("[shop]\nDriver=SQLite3\n")
    told = files.run("wrap", "shop", status=1)  # which other users could not use then
    check("sudo odbcshim register 'SQLite3'" in told and "--user" not in told, told)
    files.register("--user", "--unregister")
    check_equal((files.home / ".odbcinst.ini").read_bytes(), b"", "the user's odbcinst.ini")


def test_path(world):
    """A DSN whose Driver is a path gets the path of the right library"""
    sqlite = driver_library("libsqlite3odbc.so")
    files = Files(world, user=f"[orders]\nDriver={sqlite}\nDatabase={world.database()}\n")
    files.run("wrap", "orders", "--libraries", LIBRARIES)
    check_equal(section_of(files.user.read_bytes(), "orders")["Driver"],
                f"{LIBRARIES}/libodbcshima.so", "Driver")
    status, out, err = world.run([find_program("isql"), "orders", "-b"], "select 1\n", preload=True,
                                 env=files.env)
    check_equal(status, 0, f"isql: {out} {err}")
    (files.home / ".isql_history").unlink(missing_ok=True)
    files.run("unwrap", "orders")
    files.check_same("unwrapping")


def test_owner_and_link(world):
    """A file keeps owner, mode and extended attributes, and a symbolic link stays one"""
    files = Files(world, user="[orders]\nDriver=SQLite3\n")
    files.register()
    real = world.directory / "real.ini"
    files.user.rename(real)
    files.user.symlink_to("../real.ini")
    os.chmod(real, 0o640)
    give_away(real)
    try:
        os.setxattr(real, "user.note", b"kept")
        attributes = {"user.note"}
    except OSError:  # a file system without them
        attributes = set()
    before = real.stat()
    files.run("wrap", "orders")
    after = real.stat()
    check(files.user.is_symlink(), "the link has become a file")
    check(b"monitored" in real.read_bytes(), "the file behind the link is not changed")
    check(before.st_ino != after.st_ino, "the file was written in place, not replaced")
    check_equal([(s.st_mode, s.st_uid, s.st_gid) for s in (after,)],
                [(s.st_mode, s.st_uid, s.st_gid) for s in (before,)], "mode and owner")
    check_equal(set(os.listxattr(real)) & {"user.note"}, attributes, "extended attributes")
    check_equal([p.name for p in world.directory.iterdir() if p.name.startswith(".")], [],
                "files left behind")


def run_unprivileged(files, *words):
    done = subprocess.run([files.program, *words], capture_output=True, text=True, cwd="/",
                          env=world_env(files), timeout=DEADLINE_S, check=False, **as_nobody())
    return done.returncode, done.stdout + done.stderr


def world_env(files):
    return files.world.environment() | files.env


@table(("the file", 0o444, 0o777), ("its folder", 0o666, 0o555))
def test_permissions(world, mode, folder_mode):
    """What may not be written is told, with the remedy, and stays as it is"""
    files = Files(world, user="[orders]\nDriver=SQLite3\n", system="[shop]\nDriver=SQLite3\n")
    files.register()
    before = files.contents()
    for path in (files.drivers, files.system):
        os.chmod(path, mode)
    os.chmod(files.etc, folder_mode)
    for words, path in ((("wrap", "shop"), files.system),
                        (("register", "--unregister"), files.drivers)):
        status, told = run_unprivileged(files, *words)
        check_equal(status, 1, f"status: {told}")
        check(f"{path} cannot be" in told and "Permission denied" in told and "sudo" in told, told)
        check("no longer" not in told and "is monitored" not in told, told)
    os.chmod(files.etc, 0o755)
    check_equal(files.contents(), before, "the files")


def test_unreadable(world):
    """A file that may not be read is told of, and does not hide the others"""
    files = Files(world, user="[orders]\nDriver=SQLite3\n")
    files.register()
    os.chmod(files.system, 0)
    give_away(files.home)
    give_away(files.user)
    status, told = run_unprivileged(files, "wrap", "orders")
    check_equal(status, 0, told)
    check(f"{files.system} cannot be read" in told or os.getuid() != 0, told)
    check(b"monitored" in files.user.read_bytes(), "the DSN is not wrapped")


HAND = "Driver=SQLite3 (monitored)\n"
MESSAGES = (
    # title, odbc.ini, words, status, what is said
    ("no such DSN", "[orders]\nDriver=SQLite3\n", ("wrap", "order"), 1, "there is no DSN [order]"),
    ("no Driver", "[orders]\nx=1\n", ("wrap", "orders"), 1, "has no Driver"),
    ("unknown driver", "[orders]\nDriver=None\n", ("wrap", "orders"), 1, "None, is no driver of"),
    ("not registered", "[orders]\nDriver=PostgreSQL ANSI\n", ("wrap", "orders"), 1,
     "sudo odbcshim register 'PostgreSQL ANSI'"),
    ("a Target of its own", "[orders]\nDriver=SQLite3\nTarget=x\n", ("wrap", "orders"), 1,
     "has a Target in line 3"),
    ("wrapped by hand", "[orders]\n" + HAND, ("wrap", "orders"), 0, "is monitored already"),
    ("settings of one wrapped by hand", "[orders]\n" + HAND,
     ("wrap", "orders", "--collectd-host", "h"), 1, "not by this command"),
    ("a DSN around a DSN", "[orders]\n" + HAND + "TargetDSN=x\n", ("unwrap", "orders"), 1,
     "a DSN of its own around [x]"),
    ("not wrapped", "[orders]\nDriver=SQLite3\n", ("unwrap", "orders"), 0, "is not monitored"),
    ("a file that the manager does not read", "x\n[orders]\nDriver=SQLite3\n", ("wrap", "orders"),
     1, "line 1 stands before the first section"),
    ("a password", "[orders]\nDriver=SQLite3\n",
     ("wrap", "orders", "--collectd-password", "hunter2"), 2, "can be seen by all users"),
    ("a port that makes no sense", "[orders]\nDriver=SQLite3\n",
     ("wrap", "orders", "--collectd-port", "70000"), 2, "from 1 to 65535"),
    ("a value of two lines", "[orders]\nDriver=SQLite3\n",
     ("wrap", "orders", "--program", "a\nTarget=b"), 2, "control characters"),
    ("no DSN given", "", ("wrap",), 2, "takes one DSN"),
    ("two DSNs given", "", ("unwrap", "a", "b"), 2, "takes one DSN"),
    ("no such command", "", ("wrapp",), 2, "wrapp is no command"),
    ("no such option", "", ("list", "--wrong"), 2, "odbcshim list --help"),
    ("no such driver", "", ("register", "None"), 1, "has no driver [None]"),
    ("no such entry", "", ("register", "--unregister", "FreeTDS"), 1, "has no entry"),
)


@table(*MESSAGES)
def test_messages(world, text, words, status, said):
    """What cannot be done changes nothing, and says what is wrong"""
    files = Files(world, user=text)
    files.register("SQLite3")
    before = files.contents()
    told = files.run(*words, status=status)
    check(said in told, told)
    check("hunter2" not in told, "a password is printed")
    check_equal(files.contents(), before, "the files")


def test_unwrap_by_hand(world):
    """A DSN that was wrapped by hand gets the driver that its entry names"""
    files = Files(world, user="[orders]\n" + HAND)
    files.register("SQLite3")
    files.run("unwrap", "orders")
    check_equal(files.user.read_text(), "[orders]\nDriver=SQLite3\n", "odbc.ini")


SECRETS = "[orders]\nDriver=SQLite3\nUID=me\nPWD=hunter2\nPassword=hunter2\n"


def test_dry_run(world):
    """A dry run shows each changed line and no other, and changes nothing"""
    files = Files(world, user=SECRETS)
    files.register("SQLite3")
    before = files.contents()
    shown = files.run("wrap", "orders", "--dry-run")
    check_equal(shown, f"--- {files.user}\n+++ {files.user}\n@@ -2 +2,2 @@\n-Driver=SQLite3\n"
                "+Driver=SQLite3 (monitored)\n+Target=SQLite3\n", "what is shown")
    shown = files.register("--dry-run", "FreeTDS")
    check("+[FreeTDS (monitored)]\n" in shown and "+Target = FreeTDS\n" in shown, shown)
    check_equal(files.contents(), before, "the files")


POOLED = "[ODBC]\nPooling = {pooling}\n{more}\n[SQLite3]\nDriver = {driver}\n{keys}\n"


@table(("on", "Yes", "", "CPTimeout=60", "on: 60 s"),
       ("no Pooling", "", "", "CPTimeout=60", "off: no Pooling = Yes in [ODBC]"),
       ("Pooling says no", "No", "", "CPTimeout=60", "off: Pooling = No in [ODBC]"),
       ("no CPTimeout", "Yes", "", "", "within 1 s: no CPTimeout"),
       ("a CPTimeout of nothing", "Yes", "", "CPTimeout=0", "within 1 s: CPTimeout = 0"),
       ("MaxPoolSize", "1", "MaxPoolSize = 5", "CPTimeout=60", "it is called PoolMaxSize"),
       ("CPTimeout for all", "on", "CPTimeout = 5", "", "it belongs in the section of each driver"),
       ("Pooling in a driver's section", "Yes", "", "Pooling=1", "it belongs in [ODBC]"))
def test_list_pooling(world, pooling, more, keys, said):
    """list says whether connections are pooled, and why not"""
    text = POOLED.format(pooling=pooling, more=more, keys=keys,
                         driver=driver_library("libsqlite3odbc.so"))
    files = Files(world, drivers=text, user="[orders]\nDriver=SQLite3\n")
    told = files.run("list")
    check(said in told, told)
    files.check_same("list")


def test_list(world):
    """list shows drivers and DSNs, and reads nothing into being"""
    path = driver_library("libsqlite3odbc.so")
    files = Files(world, user=f"[orders]\nDriver=SQLite3\n[path]\nDriver={path}\n",
                  system="[orders]\nDriver=FreeTDS\n[shop]\nDriver=SQLite3\n")
    lines = [line.split(None, 2) for line in files.run("list").splitlines() if line]
    check(["DSN", "orders", "system,"] in [line[:2] + line[2].split()[:1] for line in lines
                                           if len(line) > 2], f"{lines}")
    files.register()
    files.run("wrap", "shop")
    told = files.run("list")
    for wanted in ("no: SQLite3", "yes: SQLite3 (monitored)", "as SQLite3 (monitored)",
                   "monitors SQLite3", f"no: {path}", "within 1 s: no CPTimeout"):
        check(wanted in told, f"{wanted} is missing: {told}")
    # A CPTimeout that was left behind is the commonest fault of all.
    files.drivers.write_text(files.drivers.read_text().replace("[SQLite3]\n",
                                                               "[SQLite3]\nCPTimeout=60\n"))
    told = files.run("list")
    check("CPTimeout stands with SQLite3 alone; odbcshim register 'SQLite3' takes it over" in told,
          told)
    files.user.unlink()
    files.run("list")
    check(not files.user.exists(), "a file was made")


def test_help(world):
    """Every command has its help, and the version is that of the build"""
    files = Files(world)
    told = files.run("--help")
    for name in ("register", "wrap", "unwrap", "list", "check"):
        check(f"\n  {name}" in told, told)
        check(f"Usage: odbcshim {name}" in files.run(name, "--help"), name)
    check("--collectd-host VALUE" in files.run("wrap", "--help"), "a setting is missing")
    check(files.run("--version").startswith("odbcshim "), "the version")
