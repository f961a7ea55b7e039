# SPDX-License-Identifier: MIT
"""The recipes of doc/howto.md: PHP-FPM, Apache, gunicorn and containers, with the files that stand
there, show in collectd as it says."""

import os
import re
import socket
import urllib.request

from examples import Example, built_plugins
from fastcgi import request
from harness import (DEADLINE_S, SOURCE, Daemon, Failure, MariaDB, check, check_equal,
                     driver_library, find_program, free_port, give_away, needs, odbc_library,
                     server, table, wait_for)
from namespaces import Host, hosts, ip, join, wait_until_up

REQUESTS = 20
WORKERS = 2
# ```language name: the blocks that are files.
FILES = dict(re.findall(r"^```\w+ (\S+)\n(.*?)^```$", (SOURCE / "doc" / "howto.md").read_text(
    encoding="utf-8"), re.MULTILINE | re.DOTALL))


def put(world, name, texts=None):
    """A file of the page, with these texts in it replaced, where the server can read it."""
    text = FILES[name]
    for old, new in (texts or {}).items():
        check(old in text, f"{name} has no {old} any more")
        text = text.replace(old, str(new))
    path = world.directory / name
    path.write_text(text, encoding="utf-8")
    return path


def open_to_all(world):
    """Servers run as somebody else: they may read, and write to the database."""
    world.write()
    give_away(world.directory)
    give_away(world.database())


def figures(world, program, names):
    prefixed = ["derive-" + name if name in ("checkouts", "connects", "disconnects", "lost")
                else "count-" + name for name in names]
    found = world.collectd.figures(world.host, program, prefixed)
    return {name: found[prefix] for name, prefix in zip(names, prefixed)}


def expect(world, program, condition, what):
    """Waits until the figures of the program are such that condition(figures) is true."""
    names = ("checkouts", "connects", "checkedin", "checkedout", "connections", "detached",
             "inferred", "numprocs")
    found = {}

    def right():
        found.update(figures(world, program, names))
        return None not in found.values() and condition(found)
    try:
        wait_for(right, what)
    except Failure as failure:
        raise Failure(f"{failure}: {program}: {found}, of {world.collectd.names().keys()}"
                      ) from None


def get(port, path=""):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=DEADLINE_S) as answer:
        return answer.read()


def is_up(daemon, port):
    def listens():
        daemon.check_alive()
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", port)) == 0
    return listens


def is_pooled(found):
    """What the page's table says of either pool: each worker that served has a connection."""
    workers = found["numprocs"]
    return (0 < workers <= WORKERS and found["checkouts"] == REQUESTS
            and found["connects"] == found["checkedin"] == found["connections"] == workers)


# (title, Pooling, the query of the request, CollectdCheckout, what the figures are)
PHP = (
    ("without a pool", False, "", None,
     lambda f: f["checkouts"] == f["connects"] == REQUESTS and f["connections"] == 0),
    ("on the manager's pool", True, "", None,
     lambda f: is_pooled(f) and f["inferred"] == f["numprocs"]),
    ("with persistent connections", False, "persistent", "activity", is_pooled))


def configure(world, pooled, checkout):
    world.register_sqlite()
    if pooled:
        world.pool()
    if checkout:
        world.dsns["orders"]["CollectdCheckout"] = checkout


@table(*PHP)
def test_php_fpm(world, pooled, query, checkout, condition):
    """PHP-FPM"""
    configure(world, pooled, checkout)
    open_to_all(world)
    world.start_collectd()
    script = put(world, "shop.php")
    path = world.directory / "shop.sock"
    pool = put(world, "shop.conf", {"/run/php/shop.sock": path, "/srv/shop/odbcshim.ini":
                                    world.directory / "odbcshim.ini",
                                    "/srv/shop\n": f"{world.directory}\n"})
    config = world.directory / "php-fpm.conf"
    config.write_text(f"[global]\nerror_log = {world.directory}/fpm.log\ninclude = {pool}\n")
    fpm = Daemon([find_program("php-fpm", "/usr/sbin/php-fpm[0-9]*"), "-F", "-y", config],
                 world.directory / "fpm.out")
    try:
        wait_for(lambda: fpm.check_alive() and path.exists(), "PHP-FPM")
        for _ in range(REQUESTS):
            check_equal(request(path, script, query), "hello", "shop.php")
        expect(world, "php-fpm-shop", condition, "PHP-FPM's figures")
    finally:
        fpm.stop()


APACHE = '''
ServerRoot {directory}
ServerName localhost
PidFile {directory}/httpd.pid
ErrorLog {directory}/error.log
Listen 127.0.0.1:{port}
LoadModule mpm_prefork_module {modules}/mod_mpm_prefork.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule mime_module {modules}/mod_mime.so
LoadModule php_module {php}
TypesConfig /dev/null
DocumentRoot {directory}
<FilesMatch "\\.php$">
  SetHandler application/x-httpd-php
  php_admin_value open_basedir {directory}
</FilesMatch>
StartServers {workers}
MaxRequestWorkers {workers}
'''


@table(*PHP)
def test_apache(world, pooled, query, checkout, condition):
    """Apache with mod_php"""
    configure(world, pooled, checkout)
    world.dsns["orders"]["CollectdProgramName"] = "shop"
    open_to_all(world)
    world.start_collectd()
    put(world, "shop.php")
    port = free_port(socket.SOCK_STREAM)
    php = find_program("/usr/lib/apache2/modules/libphp*.so")
    config = world.directory / "httpd.conf"
    config.write_text(APACHE.format(directory=world.directory, port=port, php=php,
                                    modules=os.path.dirname(php), workers=WORKERS))
    apache = Daemon([find_program("apache2"), "-D", "FOREGROUND", "-f", config],
                    world.directory / "apache.out", world.environment())
    try:
        wait_for(is_up(apache, port), "Apache")
        for _ in range(REQUESTS):
            check_equal(get(port, f"shop.php?{query}"), b"hello", "shop.php")
        expect(world, "shop", condition, "Apache's figures")
    finally:
        apache.stop()


@needs(MariaDB)
@table(("as it stands", {}, lambda f: f["detached"] == 0  # the parent's, and one of each worker
        and f["connects"] == f["checkedin"] == f["numprocs"] == 1 + WORKERS),
       ("without the hook", {"engine.dispose(close=False)": "pass"}, lambda f: f["detached"] > 0))
def test_gunicorn(world, texts, condition):
    """gunicorn with SQLAlchemy, loaded before the fork"""
    world.drivers["MariaDB"] = {"Driver": driver_library("libmaodbc.so")}
    world.drivers["MariaDB (monitored)"] = {"Driver": odbc_library("libodbcshim.so"),
                                            "Target": "MariaDB", "Threading": 0}
    world.dsns["orders"] = {"Driver": "MariaDB (monitored)", "CollectdCheckout": "activity",
                            **server(MariaDB).keys}
    open_to_all(world)
    world.start_collectd()
    port = free_port(socket.SOCK_STREAM)
    put(world, "shop.py")
    config = put(world, "gunicorn.conf.py", {"8000": port, **texts})
    gunicorn = Daemon([find_program("gunicorn"), "--chdir", world.directory, "-c", config,
                       "shop:app"], world.directory / "gunicorn.out", world.environment())
    try:
        wait_for(is_up(gunicorn, port), "gunicorn")

        def served():
            check_equal(get(port), b"hello", "the answer")
            return figures(world, "shop", ["numprocs"])["numprocs"] == 1 + WORKERS
        wait_for(served, "all processes")
        expect(world, "shop", condition, "gunicorn's figures")
    finally:
        gunicorn.stop()


PYODBC = """
import pyodbc


def app(environ, start_response):
    connection = pyodbc.connect("DSN=orders")
    word = connection.execute("select word from greeting").fetchone()[0]
    connection.close()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [word.encode()]
"""


@table(PHP[0], PHP[1])
def test_gunicorn_pyodbc(world, pooled, _, checkout, condition):
    """gunicorn with pyodbc"""
    configure(world, pooled, checkout)
    open_to_all(world)
    world.start_collectd()
    port = free_port(socket.SOCK_STREAM)
    (world.directory / "shop.py").write_text(PYODBC)
    gunicorn = Daemon([find_program("gunicorn"), "--chdir", world.directory, "-w", str(WORKERS),
                       "-b", f"127.0.0.1:{port}", "shop:app"],
                      world.directory / "gunicorn.out", world.environment())
    try:
        wait_for(is_up(gunicorn, port), "gunicorn")
        for _ in range(REQUESTS):
            check_equal(get(port), b"hello", "the answer")
        expect(world, "gunicorn", condition, "gunicorn's figures")
    finally:
        gunicorn.stop()


def test_service(world):
    """A service whose file gives it a name"""
    world.register_sqlite()
    world.start_collectd()
    own = put(world, "eu.ini")
    with open(own, "a", encoding="utf-8") as f:
        f.writelines(f"{key} = {value}\n" for key, value in world.common.items())
    world.workload("orders", "--dsn", "orders", "--checkouts", 3, env={"ODBCSHIM_INI": str(own)})
    world.expect("orders-eu", {"derive-checkouts": 3})


def test_container(world):
    """Containers: programs with equal process ids are one program of the machine"""
    world.register_sqlite()
    world.common = {"CollectdInterval": 0.2}
    world.write()
    passwords = world.directory / "passwd"
    passwords.write_text("containers: a long sentence\n")
    give_away(passwords)
    with hosts("machine", "one", "two") as (machine, *containers):
        join(machine, "bridge", containers[0], "eth0")
        machine.add_addresses("bridge", "172.17.0.1/24")
        join(machine, "other", containers[1], "eth0")
        machine.add_addresses("other", "172.17.1.1/24")
        for number, container in enumerate(containers):
            container.add_addresses("eth0", f"172.17.{number}.2/24")
            wait_until_up(container, "eth0")
        with containers[1].inside():
            ip("route", "add", "172.17.0.1", "via", "172.17.1.1")
        text = FILES["odbc.conf"].replace("/etc/collectd/odbc-passwd", str(passwords))
        world.collectd = Example(world.directory / "collectd",
                                 f'PluginDir "{built_plugins(world)}"\n{text}')
        with machine.inside():
            world.collectd.start()
        entry = put(world, "entrypoint.sh", {"/run/odbcshim.ini": "$HOME/odbcshim-$$.ini"})
        held = []
        for container in containers:
            with container.inside():
                # The first process of its own: the ids inside are the same in both.
                child = world.start(
                    [find_program("unshare"), "--pid", "--fork", "--mount-proc", "--kill-child",
                     "sh", "-e", entry, world.program("orders"), "--dsn", "orders", "--hold", "2"],
                    env={"NODE_ADDRESS": "172.17.0.1", "NODE_NAME": "node-7",
                         "ODBCSHIM_PASSWORD": "a long sentence"})
                held.append(child)
                check(child.stdout.readline(), "the program in a container ended")
        wanted = {"count-checkedout": 4, "count-numprocs": 2}
        wait_for(lambda: world.collectd.figures("node-7", "orders", wanted) == wanted,
                 "both containers' program")
        for child in held:
            world.release(child)


def test_private_network(world):
    """A service without a network: it works, and is not seen"""
    world.register_sqlite()
    world.start_collectd()
    sandbox = Host("sandbox")
    try:
        with sandbox.inside():
            counts = world.workload("hidden", "--dsn", "orders", "--checkouts", 3)
        check_equal(counts["checkouts"], 3, "its checkouts")
    finally:
        sandbox.close()
    world.workload("seen", "--dsn", "orders", "--checkouts", 1)
    world.expect("seen", {"derive-checkouts": 1})
    names = {program for _, program in world.collectd.names()}
    check("hidden" not in names, f"seen: {names}")


def test_files(world):
    """Every file of the page is one that these tests run"""
    source = open(__file__, encoding="utf-8").read()
    for name in FILES:
        check(f'"{name}"' in source, f"doc/howto.md has {name}, and nothing runs it")
    check_equal(len(FILES), 7, "files of the page")
