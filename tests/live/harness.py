# SPDX-License-Identifier: MIT
"""What the live tests and the demo stand on: a world of its own in a temporary directory, with its
ini files, its collectd and its servers, none of which touches or outlives the system's."""

import contextlib
import ctypes
import json
import os
import pathlib
import pwd
import grp
import shutil
import signal
import socket
import subprocess
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("abs_top_builddir", os.getcwd())).resolve()
LIVE = SOURCE / "tests" / "live"
PYTHON = "/usr/bin/python3"
DEADLINE_S = float(os.environ.get("LIVE_DEADLINE", "60"))
INTERVAL_S = 0.2  # of the shim's reports; collectd's own is COLLECTD_INTERVAL_S
COLLECTD_INTERVAL_S = 0.5

# In a sanitizer build, programs that were not built with it get its runtime by LD_PRELOAD.
PRELOAD = os.environ.get("SANITIZER_PRELOAD", "")

GAUGES = ("checkedin checkedout connections detached numpools numprocs intransaction inferred "
          ).split()
TOTALS = ("checkouts connects disconnects invalidated commits rollbacks transactions failures "
          "stale dirty errors checkins statements lost").split()
# collectd's type and type instance of every figure but percent-reuse, which is there only while
# checkouts happen.
NAMES = ({"count-" + name for name in GAUGES} | {"derive-" + name for name in TOTALS}
         | {"duration-oldest"})


class Failure(Exception):
    """A test found something wrong; the text says what."""


def check(condition, text):
    if not condition:
        raise Failure(text)


def check_equal(found, wanted, text):
    check(found == wanted, f"{text}: expected {wanted!r}, found {found!r}")


def wait_for(condition, what, deadline_s=DEADLINE_S):
    """Polls until condition() is true and returns what it gave; a Failure after the deadline."""
    end = time.monotonic() + deadline_s
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise Failure(f"waited {deadline_s} s in vain for {what}")
        time.sleep(0.05)


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def find_program(*names):
    """The first of these that is there: a program's name, or a pattern of absolute paths."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/local/sbin"
    for name in names:
        if name.startswith("/"):
            found = sorted(pathlib.Path("/").glob(name.lstrip("/")))
            found = str(found[-1]) if found else None
        else:
            found = shutil.which(name, path=path)
        if found:
            return found
    raise Failure(f"none of {', '.join(names)} is installed: run scripts/install-deps")


def driver_library(name):
    """The path of a driver that the distribution installed."""
    return find_program(f"/usr/lib/*/odbc/{name}", f"/usr/lib/odbc/{name}", f"/usr/lib64/{name}")


def odbc_library(name):
    """The path of a library that this tree built."""
    path = BUILD / "odbcshim" / ".libs" / name
    check(path.exists(), f"{path} is not built: run make")
    return path


def write_ini(path, sections):
    with open(path, "w", encoding="utf-8") as f:
        for section, keys in sections.items():
            f.write(f"[{section}]\n")
            f.writelines(f"{key} = {value}\n" for key, value in keys.items())
            f.write("\n")


def _die_with_parent():
    # PR_SET_PDEATHSIG: whatever becomes of the test, what it started does not stay behind.
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


class Daemon:
    """A server in the foreground, as an unprivileged user where the test is root. It gets a session
    of its own: some signal all of their process group when they end."""

    def __init__(self, argv, log, env=None, stop_signal=signal.SIGTERM):
        self.log = log
        self.stop_signal = stop_signal
        with open(log, "ab") as out:
            self.process = subprocess.Popen(
                [str(a) for a in argv], stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env,
                cwd="/", preexec_fn=_die_with_parent, start_new_session=True, **as_nobody())

    def check_alive(self):
        if self.process.poll() is not None:
            raise Failure(f"{self.process.args[0]} ended with {self.process.returncode}:\n"
                          + tail(self.log))
        return True

    def stop(self):
        """Ends it; returns its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(DEADLINE_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise Failure(f"{self.process.args[0]} did not stop:\n" + tail(self.log)) from None
        return self.process.returncode


def as_nobody():
    """Popen's arguments to run as an unprivileged user; none where this is one."""
    if os.getuid() != 0:
        return {}
    return {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []}


def give_away(path):
    """Makes a directory the unprivileged user's."""
    if os.getuid() == 0:
        entry = pwd.getpwnam("nobody")
        os.chown(path, entry.pw_uid, entry.pw_gid)


def tail(path, lines=40):
    with contextlib.suppress(OSError):
        text = pathlib.Path(path).read_text(encoding="utf-8", errors="replace")
        return "\n".join(text.splitlines()[-lines:])
    return ""


class Collectd:
    """A collectd on loopback with the plugin of this tree, asked through its unixsock plugin.

    GETVAL answers a rate where the type is a derive, so totals are read from the csv plugin of the
    same collectd, which writes what was dispatched."""

    def __init__(self, directory, port, extra="", plugin_options=""):
        self.directory = directory
        self.port = port
        self.socket = directory / "unixsock"
        self.log = directory / "collectd.log"
        self.csv = directory / "csv"
        self.config = directory / "collectd.conf"
        directory.mkdir(exist_ok=True)
        plugins = directory / "plugins"
        plugins.mkdir(exist_ok=True)
        built = BUILD / "collectd-plugin" / ".libs" / "odbc.so"
        check(built.exists(), f"{built} is not built: run make")
        shutil.copy(built, plugins / "odbc.so")  # the unprivileged user may not see the tree
        os.chmod(directory, 0o755)
        give_away(directory)
        installed = pathlib.Path(find_program("/usr/lib/collectd/unixsock.so",
                                              "/usr/lib/*/collectd/unixsock.so",
                                              "/usr/lib64/collectd/unixsock.so")).parent
        group = grp.getgrgid(pwd.getpwnam("nobody").pw_gid if os.getuid() == 0 else os.getgid())
        self.config.write_text(f'''
FQDNLookup false
Hostname "collectd.test"
Interval {COLLECTD_INTERVAL_S}
BaseDir "{directory}"
PIDFile "{directory}/collectd.pid"
TypesDB "/usr/share/collectd/types.db"
PluginDir "{installed}"
LoadPlugin logfile
<Plugin logfile>
  LogLevel info
  File "{self.log}"
  Timestamp true
  PrintSeverity true
</Plugin>
LoadPlugin unixsock
<Plugin unixsock>
  SocketFile "{self.socket}"
  SocketGroup "{group.gr_name}"
  SocketPerms "0666"
  DeleteSocket true
</Plugin>
LoadPlugin csv
<Plugin csv>
  DataDir "{self.csv}"
  StoreRates false
</Plugin>
{extra}
PluginDir "{plugins}"
LoadPlugin odbc
<Plugin odbc>
  Listen "127.0.0.1" "{port}"
{plugin_options}
</Plugin>
''', encoding="utf-8")
        self.daemon = None
        self.connection = None

    def start(self):
        env = dict(os.environ, **({"LD_PRELOAD": PRELOAD} if PRELOAD else {}))
        # collectd and its plugins free little at exit; what leaks of ours valgrind tells.
        env["ASAN_OPTIONS"] = "detect_leaks=0:" + env.get("ASAN_OPTIONS", "")
        # ThreadSanitizer has to say something of collectd's own threads too: see stop().
        env["TSAN_OPTIONS"] = env.get("TSAN_OPTIONS", "") + " exitcode=0"
        self.daemon = Daemon([find_program("collectd"), "-f", "-C", self.config],
                             self.directory / "collectd.out", env)
        try:
            wait_for(lambda: self.daemon.check_alive() and self._answers(), "collectd's unixsock")
        except Failure as failure:
            raise Failure(f"{failure}\n{tail(self.log)}") from None
        return self

    def _answers(self):
        try:
            self.ask("LISTVAL")
            return True
        except OSError:
            return False

    def stop(self):
        if self.connection:
            with contextlib.suppress(OSError):
                self.connection.close()
            self.connection = None
        status = self.daemon.stop() if self.daemon else 0
        self._check_races()
        return status

    def _check_races(self):
        """Fails on what ThreadSanitizer found where the plugin of this tree takes part."""
        with contextlib.suppress(FileNotFoundError):
            text = (self.directory / "collectd.out").read_text(encoding="utf-8", errors="replace")
            ours = [report for report in text.split("=" * 18)
                    if "WARNING: ThreadSanitizer" in report and "odbc.so" in report]
            check(not ours, "\n".join(ours))

    def ask(self, command):
        """The lines of the answer."""
        if not self.connection:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
                s.settimeout(DEADLINE_S)
                s.connect(str(self.socket))
                self.connection = s.makefile("rw", encoding="utf-8", newline="\n")
        self.connection.write(command + "\n")
        self.connection.flush()
        status = self.connection.readline().split(None, 1)
        if not status:
            raise Failure("collectd closed its unixsock:\n" + tail(self.log))
        return [self.connection.readline().rstrip("\n") for _ in range(max(int(status[0]), 0))]

    def names(self, plugin="odbc"):
        """{(host, program): {type-instance, ...}} of what collectd has in its cache."""
        found = {}
        for line in self.ask("LISTVAL"):
            host, instance, name = line.split(" ", 1)[1].split("/", 2)
            if instance.startswith(plugin + "-"):
                found.setdefault((host, instance[len(plugin) + 1:]), set()).add(name)
        return found

    def value(self, host, program, name, plugin="odbc"):
        """One figure as it stands: a gauge through GETVAL, a total as the csv plugin wrote it."""
        if name.startswith("derive-"):
            return self._total(f"{host}/{plugin}-{program}", name)
        answer = self.ask(f'GETVAL "{host}/{plugin}-{program}/{name}"')
        return float(answer[0].split("=")[1]) if answer else None

    def _total(self, folder, name):
        files = sorted((self.csv / folder).glob(name + "-[0-9]*"))
        if not files:
            return None
        # The last line that has its end: collectd may be writing the next.
        last = files[-1].read_text(encoding="ascii").rpartition("\n")[0].rpartition("\n")[2]
        fields = last.split(",")
        return int(fields[1]) if fields[0] != "epoch" and len(fields) > 1 else None

    def dispatches(self, host, program):
        """How often the checkouts of the program have been written: it grows as time goes."""
        files = (self.csv / f"{host}/odbc-{program}").glob("derive-checkouts-[0-9]*")
        return sum(f.read_text(encoding="ascii").count("\n") for f in files)

    def figures(self, host, program, names):
        return {name: self.value(host, program, name) for name in names}


def sanitized(leaks, preload):
    """What the environment of a program has in a sanitizer build: with `preload` the program was
    built without it, without `leaks` those are not told. The interpreters and isql free little at
    exit."""
    env = {"LSAN_OPTIONS": f"suppressions={LIVE}/lsan.supp:print_suppressions=0"}
    if not PRELOAD:
        return env
    if preload:
        env["LD_PRELOAD"] = PRELOAD
    for name, options in (("ASAN_OPTIONS", f"detect_leaks={int(leaks)}:"), ("TSAN_OPTIONS", "")):
        env[name] = (f"{options}suppressions={LIVE}/{name[:4].lower()}.supp "
                     + os.environ.get(name, ""))
    return env


class World:
    """A temporary directory with ini files that only this test's programs see."""

    def __init__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="odbcshim-live."))
        os.chmod(self.directory, 0o755)
        self.port = free_port(socket.SOCK_DGRAM)
        self.host = socket.gethostname()
        self.collectd = None
        self.children = []
        self.drivers = {"ODBC": {"Pooling": "No"}}
        self.dsns = {}
        self.common = {"CollectdHost": "127.0.0.1", "CollectdPort": self.port,
                       "CollectdInterval": INTERVAL_S}
        self.write()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            for child in self.children:
                if child.poll() is None:
                    child.kill()
                    child.wait()
                for stream in (child.stdin, child.stdout, child.stderr):
                    if stream:
                        stream.close()
            if self.collectd:
                self.collectd.stop()
        finally:
            shutil.rmtree(self.directory, ignore_errors=True)

    # ini files

    def write(self):
        write_ini(self.directory / "odbcinst.ini", self.drivers)
        write_ini(self.directory / "odbc.ini", self.dsns)
        write_ini(self.directory / "odbcshim.ini", {"odbcshim": self.common})

    def pool(self):
        self.drivers["ODBC"]["Pooling"] = "Yes"

    def database(self, name="one.db"):
        """An SQLite file with the table that the workload inserts into."""
        import sqlite3  # here, so that the module loads where Python was built without it
        path = self.directory / name
        if path.exists():
            return path
        with contextlib.closing(sqlite3.connect(path)) as db:
            db.execute("create table workload (n integer)")
            db.execute("create table greeting (word varchar(20))")
            db.execute("insert into greeting values ('hello')")
            db.commit()
        return path

    def register_sqlite(self, driver="counted", dsn="orders", **extra):
        """Registers SQLite's driver, the shim over it, and a DSN of the shim."""
        self.drivers["SQLite3"] = {"Driver": driver_library("libsqlite3odbc.so")}
        self.drivers[driver] = {"Driver": odbc_library("libodbcshima.so"), "Target": "SQLite3",
                                "CPTimeout": 120, **extra}
        self.dsns[dsn] = {"Driver": driver, "Database": self.database(), "SyncPragma": "OFF"}
        self.write()

    def sqlite_string(self, driver="counted", **extra):
        keys = {"Database": self.database(), "SyncPragma": "OFF", **extra}
        return f"DRIVER={{{driver}}};" + "".join(f"{k}={v};" for k, v in keys.items())

    def failing_string(self, driver="counted"):
        return f"DRIVER={{{driver}}};Database={self.directory}/no/such/directory/x.db;"

    def environment(self, preload=False):
        env = dict(os.environ, ODBCSYSINI=str(self.directory), HOME=str(self.directory),
                   ODBCINI=str(self.directory / "odbc.ini"),
                   ODBCSHIM_INI=str(self.directory / "odbcshim.ini"), SHIM_STRICT="1",
                   LC_ALL="C.UTF-8")
        env.pop("ODBCINSTINI", None)
        return env | sanitized(leaks=not preload, preload=preload)

    # programs

    def program(self, name):
        """The workload under another name, for the shim reports it under that."""
        path = self.directory / name
        if not path.exists():
            built = BUILD / "tests" / "live" / "workload"
            check(built.exists(), f"{built} is not built: run make check-live")
            shutil.copy(built, path)
        return path

    def start(self, argv, preload=False, env=None):
        child = subprocess.Popen(
            [str(a) for a in argv], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=self.environment(preload) | (env or {}), text=True,
            cwd=self.directory, preexec_fn=_die_with_parent)
        self.children.append(child)
        return child

    def run(self, argv, stdin="", preload=False, env=None, deadline_s=DEADLINE_S):
        """Runs it to its end; returns (status, standard output, standard error)."""
        child = self.start(argv, preload, env)
        try:
            out, err = child.communicate(stdin, timeout=deadline_s)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
            raise Failure(f"{pathlib.Path(str(argv[0])).name} did not end in {deadline_s} s"
                          ) from None
        return child.returncode, out, err

    def workload(self, name, *options, env=None):
        """Runs the workload under that name; returns its own counts."""
        status, out, err = self.run([self.program(name), *options], env=env)
        check(status == 0, f"{name} ended with {status}: {err.strip()}")
        return json.loads(out.splitlines()[-1])

    def hold(self, name, *options):
        """Starts the workload and returns (its process, its counts) once all of it is done and it
        holds its connections; close the process's stdin to end it."""
        child = self.start([self.program(name), "--hold", "0", *options])
        line = child.stdout.readline()
        check(line, f"{name} ended: " + (child.stderr.read() if not line else ""))
        return child, json.loads(line)

    def release(self, child):
        out, err = child.communicate(timeout=DEADLINE_S)
        check(child.returncode == 0, f"the workload ended with {child.returncode}: {err.strip()}")
        return json.loads(out.splitlines()[-1])

    def python(self, script, *args, env=None):
        return self.run([PYTHON, LIVE / script, *args], preload=True, env=env)

    # collectd

    def start_collectd(self, **options):
        self.collectd = Collectd(self.directory / "collectd", self.port, **options)
        return self.collectd.start()

    def expect(self, program, wanted, host=None):
        """Waits until collectd shows these figures, and sees that they stay through two more
        dispatches: neither short nor a count too many."""
        host = host or self.host
        found = {}

        def same():
            self.collectd.daemon.check_alive()
            found.clear()
            found.update(self.collectd.figures(host, program, wanted))
            return found == wanted

        def difference():
            return ", ".join(f"{name} is {found.get(name)}, not {wanted[name]}"
                             for name in wanted if found.get(name) != wanted[name])

        try:
            wait_for(same, f"the figures of {program}")
        except Failure as failure:
            raise Failure(f"{failure}: {difference()}") from None
        seen = self.collectd.dispatches(host, program)
        wait_for(lambda: self.collectd.dispatches(host, program) >= seen + 2, "two dispatches")
        check(same(), f"the figures of {program} did not stay: {difference()}")


class Postgres:
    """A PostgreSQL server on loopback, made for this run."""

    def __init__(self, directory):
        self.port = free_port(socket.SOCK_STREAM)
        tools = pathlib.Path(find_program("/usr/lib/postgresql/*/bin/initdb", "initdb")).parent
        directory.mkdir()
        give_away(directory)
        data = directory / "data"
        subprocess.run([tools / "initdb", "-A", "trust", "-U", "tester", "-E", "UTF8", "--no-sync",
                        "--no-locale", "-D", data], check=True, stdout=subprocess.DEVNULL, cwd="/",
                       **as_nobody())
        access = data / "pg_hba.conf"  # one user has to prove who he is, if a test makes him
        access.write_text("host all keyed 127.0.0.1/32 scram-sha-256\n"
                          + access.read_text(encoding="utf-8"), encoding="utf-8")
        self.daemon = Daemon(
            [tools / "postgres", "-D", data, "-c", "listen_addresses=127.0.0.1", "-p", self.port,
             "-c", f"unix_socket_directories={directory}", "-c", "fsync=off"],
            directory / "log", stop_signal=signal.SIGINT)
        ready = [find_program("pg_isready", "/usr/lib/postgresql/*/bin/pg_isready"), "-q", "-h",
                 "127.0.0.1", "-p", str(self.port)]
        wait_for(lambda: self.daemon.check_alive() and subprocess.call(ready) == 0, "PostgreSQL")

    keys = property(lambda self: {"Servername": "127.0.0.1", "Port": self.port,
                                  "Database": "postgres", "UserName": "tester"})
    string = property(lambda self: f"Servername=127.0.0.1;Port={self.port};Database=postgres;"
                                   "UID=tester;")


class MariaDB:
    """A MariaDB server on loopback, made for this run."""

    def __init__(self, directory):
        self.port = free_port(socket.SOCK_STREAM)
        directory.mkdir()
        give_away(directory)
        data = directory / "data"
        subprocess.run([find_program("mariadb-install-db", "mysql_install_db"), "--no-defaults",
                        f"--datadir={data}", "--auth-root-authentication-method=normal",
                        "--skip-test-db"], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, cwd="/", **as_nobody())
        self.daemon = Daemon(
            [find_program("mariadbd", "mysqld"), "--no-defaults", f"--datadir={data}",
             f"--socket={directory}/socket", f"--port={self.port}", "--bind-address=127.0.0.1",
             f"--pid-file={directory}/pid", f"--tmpdir={directory}", "--skip-log-bin",
             "--innodb-flush-log-at-trx-commit=0"], directory / "log")
        wait_for(lambda: self.daemon.check_alive() and self._listens(), "MariaDB")

    def _listens(self):
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", self.port)) == 0

    keys = property(lambda self: {"SERVER": "127.0.0.1", "PORT": self.port, "DATABASE": "mysql",
                                  "UID": "root"})
    string = property(lambda self: f"SERVER=127.0.0.1;PORT={self.port};DATABASE=mysql;UID=root;")


_servers = {}


def needs_by_row(kinds_of):
    """Marks a test function as one that uses the servers kinds_of(row...)."""
    def decorate(function):
        function.needs = kinds_of
        return function
    return decorate


def needs(*kinds):
    """Marks a test function as one that uses these servers."""
    return needs_by_row(lambda *_: kinds)


def server(kind):
    """The server of that class, for a test that needs() it."""
    return _servers[kind]


@contextlib.contextmanager
def serving(kinds, prepare=lambda kind, server: None):
    """The servers of a run, started before its tests and stopped after them. Each is prepared once
    it runs."""
    directory = pathlib.Path(tempfile.mkdtemp(prefix="odbcshim-servers."))
    os.chmod(directory, 0o755)
    try:
        for kind in kinds:
            _servers[kind] = kind(directory / kind.__name__)
            prepare(kind, _servers[kind])
        yield
    finally:
        while _servers:
            _servers.popitem()[1].daemon.stop()
        shutil.rmtree(directory, ignore_errors=True)


def table(*rows):
    """Makes of one test function one test a row: f(world, row) for each (title, row...)."""
    def decorate(function):
        function.rows = rows
        return function
    return decorate
