# SPDX-License-Identifier: MIT
"""Every file of examples/ does what it says: collectd's writers with real receivers, Prometheus
with its rules, alerts and dashboard, pictures by RRDtool, notifications."""

import importlib
import json
import re
import shutil
import socket
import socketserver
import struct
import subprocess
import threading
import urllib.error
import urllib.parse
import urllib.request

from examples import EXAMPLES, runs, start_one_host, substituted
from harness import (BUILD, LIVE, SOURCE, Daemon, Failure, check, check_equal, find_program,
                     free_port, give_away, wait_for)

WORKING = ("--dsn", "orders", "--checkouts", 1000000, "--pace", 20, "--commits", 1)


def start_programs(world):
    """billing works on the pool without an end; orders holds three connections and one idle."""
    world.register_sqlite()
    world.pool()
    world.write()
    world.start([world.program("billing"), *WORKING])
    world.hold("orders", "--dsn", "orders", "--checkouts", 5, "--hold", 3)


def test_all_are_run(world):
    """Each file of examples/ is run by some test, and installed"""
    run = set()
    for path in LIVE.glob("test_*.py"):
        for function in vars(importlib.import_module(path.stem)).values():
            run.update(getattr(function, "examples", ()))
    there = {path.name for path in EXAMPLES.iterdir()}
    check_equal(run, there, "examples")
    makefile = (SOURCE / "Makefile.am").read_text(encoding="utf-8")
    check_equal(set(re.findall(r"\bexamples/([\w.-]+)", makefile)), there, "those of Makefile.am")


# --- collectd ---

@runs("collectd-one-host.conf")
def test_one_host(world):
    """One host: files, and a console"""
    start_programs(world)
    port = free_port(socket.SOCK_DGRAM)
    collectd = start_one_host(world, port)
    folder = collectd.csv / world.host / "odbc-orders"
    wait_for(lambda: [path for path in folder.glob("count-checkedout-*")
                      if re.search(r"^\d+\.\d+,3\.0*$", path.read_text(), re.MULTILINE)],
             "a file with three connections in use")
    status, out, err = world.run([BUILD / "connmon" / "connmon", "--port", port, "--json"])
    check_equal(status, 0, f"connmon: {err}")
    used = {row["program"]: row["metrics"]["checkedout"]["now"]
            for row in json.loads(out)["programs"]}
    check_equal(used.get("orders"), 3, "in use, in connmon")


class Carbon(socketserver.ThreadingTCPServer):
    """A receiver of Graphite's lines: {path: value} of the last of each."""

    allow_reuse_address = daemon_threads = True

    def __init__(self):
        self.values = {}
        carbon = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                for line in self.rfile:
                    path, value, time = line.decode("ascii").split()
                    check(int(time) > 1000000000, f"the time of {line}")
                    carbon.values[path] = float(value)

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()


@runs("collectd-graphite.conf")
def test_graphite(world):
    """Graphite: gauges and rates arrive under the names that the example tells"""
    start_programs(world)
    world.hold("report.py", "--dsn", "orders", "--hold", 2)
    with Carbon() as carbon:
        writer = substituted("collectd-graphite.conf", {
            "graphite.example": "127.0.0.1", "2003": carbon.server_address[1]})
        start_one_host(world, free_port(socket.SOCK_DGRAM), writer)
        host = "collectd." + world.host.replace(".", "_") + ".odbc."

        def value(name):
            return carbon.values.get(host + name)
        wait_for(lambda: value("orders.count.checkedout") == 3, "the connections of orders")
        wait_for(lambda: value("report_py.count.checkedout") == 2, "those of report.py")
        # Some 40 in a second, were the machine idle; never what is said of a total.
        wait_for(lambda: 0 < (value("billing.derive.checkouts") or 0) < 200, "a rate of billing")
        wait_for(lambda: (value("billing.percent.reuse") or 0) > 50, "the reuse of billing")
        carbon.shutdown()


@runs("collectd-rrd.conf", "rrd-draw")
def test_rrd(world):
    """RRDtool: files of a program's figures, and pictures of them"""
    start_programs(world)
    data = world.directory / "collectd" / "rrd"
    writer = substituted("collectd-rrd.conf", {
        "/var/lib/collectd/rrd": data, "CacheTimeout 60": "CacheTimeout 0"})
    start_one_host(world, free_port(socket.SOCK_DGRAM), writer, interval_s=1)  # RRDtool's least
    folder = data / world.host / "odbc-billing"

    def known(name):
        done = subprocess.run(["rrdtool", "lastupdate", folder / f"{name}.rrd"],
                              capture_output=True, text=True)
        return done.returncode == 0 and re.search(r"^\d+: [\d.]+$", done.stdout, re.MULTILINE)
    # A rate needs two values, and a step between them.
    wait_for(lambda: known("count-checkedout") and known("derive-checkouts")
             and rate_of(folder / "derive-checkouts.rrd"), "files of RRDtool")
    draw = [EXAMPLES / "rrd-draw", "-d", data, "-o", world.directory, "-t", "5min"]
    status, out, err = world.run([*draw, world.host, "billing"])
    check_equal((status, err), (0, ""), "rrd-draw")
    pictures = [str(world.directory / f"billing-{what}.png")
                for what in ("connections", "checkouts", "reuse")]
    check_equal(out.split(), pictures, "its pictures")
    for picture in pictures:
        with open(picture, "rb") as f:
            head = f.read(24)
        check_equal(head[:8], b"\x89PNG\r\n\x1a\n", picture)
        width, height = struct.unpack(">II", head[16:])
        check(width >= 720 and height >= 250, f"{picture} is {width} x {height}")
    status, out, err = world.run([*draw, world.host, "nobody"])
    check(status == 1 and f"{world.host}/odbc-billing" in err.splitlines(), f"nobody: {err}")


def rate_of(path):
    """Whether the file knows a rate above 0 in the last minute."""
    done = subprocess.run(["rrdtool", "fetch", path, "AVERAGE", "-s", "-1min"],
                          capture_output=True, text=True)
    return any(float(value) > 0 for value in re.findall(r"^\d+: (\d\S+)$", done.stdout,
                                                        re.MULTILINE))


@runs("collectd-threshold.conf")
def test_threshold(world):
    """Thresholds: collectd notifies of too many connections, and when it is over"""
    world.register_sqlite()
    held, _ = world.hold("orders", "--dsn", "orders", "--hold", 3)
    thresholds = substituted("collectd-threshold.conf", {
        "FailureMax 100": "FailureMax 2", "WarningMax 80": "WarningMax 1",
        "FailureMax 600": "FailureMax 0.001"})
    collectd = start_one_host(world, free_port(socket.SOCK_DGRAM), thresholds)

    def notified(severity, figure):
        return re.search(rf"Notification: severity = {severity}, host = {world.host}, "
                         rf"plugin = odbc, plugin_instance = host, {figure}",
                         collectd.log.read_text(encoding="utf-8"))
    wait_for(lambda: notified("FAILURE", "type = count, type_instance = connections"),
             "a notification of the connections")
    wait_for(lambda: notified("FAILURE", "type = duration, type_instance = oldest"),
             "a notification of the oldest checkout")
    world.release(held)
    wait_for(lambda: notified("OKAY", "type = count, type_instance = connections"),
             "a notification that all is well")


# --- Prometheus ---

# A series, with its labels if it has any: metric{label="..."}, odbc:checkouts:rate5m.
SERIES = re.compile(r"\b(?:collectd_odbc_\w+\{[^}]*\}|odbc:[\w:]+(?:\{[^}]*\})?|up\{[^}]*\})")


class Prometheus:
    """Prometheus with the files of examples/, on loopback; it fetches from that port. The limits
    that the alerts know are those of start_programs()."""

    def __init__(self, world, target_port):
        directory = world.directory / "prometheus"
        directory.mkdir()
        give_away(directory)
        shutil.copy(EXAMPLES / "prometheus-rules.yml", directory)
        (directory / "prometheus-alerts.yml").write_text(substituted("prometheus-alerts.yml", {
            "vector(10)": "vector(3)", "vector(100)": "vector(4)"}))
        config = directory / "prometheus.yml"
        config.write_text(substituted("prometheus.yml", {
            "localhost:9103": f"127.0.0.1:{target_port}", "_interval: 15s": "_interval: 1s"}))
        self.address = f"127.0.0.1:{free_port(socket.SOCK_STREAM)}"
        self.daemon = Daemon(
            [find_program("prometheus"), f"--config.file={config}", "--log.level=warn",
             f"--storage.tsdb.path={directory}/data", f"--web.listen-address={self.address}"],
            directory / "log")

    def __enter__(self):
        wait_for(lambda: self.daemon.check_alive() and self._is_ready(), "Prometheus")
        return self

    def __exit__(self, *_):
        self.daemon.stop()

    def _get(self, path, **query):
        url = f"http://{self.address}{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.read()

    def _is_ready(self):
        try:
            return self._get("/-/ready")
        except OSError:
            return False

    def query(self, expression):
        """[(labels, value)] of it at present."""
        self.daemon.check_alive()
        try:
            data = json.loads(self._get("/api/v1/query", query=expression))["data"]
        except urllib.error.HTTPError as error:
            raise Failure(f"Prometheus of {expression}: {error.read().decode()}") from None
        return [(row["metric"], float(row["value"][1])) for row in data["result"]]

    def rules(self):
        """Every rule that it has: dictionaries with type, name, query, health ..."""
        groups = json.loads(self._get("/api/v1/rules"))["data"]["groups"]
        return [rule for group in groups for rule in group["rules"]]

    def alerts(self):
        """The names of those that are pending or firing."""
        return {rule["name"] for rule in self.rules()
                if rule.get("state") in ("pending", "firing")}


def panels_of(dashboard):
    for panel in dashboard["panels"]:
        yield panel
        yield from panel.get("panels", ())


def dashboard_expressions(dashboard):
    """(panel, expression) of all, with what Grafana puts in the place of its variables."""
    variables = {"$__rate_interval": "1m"} | {
        "$" + variable["name"]: variable.get("allValue", "")
        for variable in dashboard["templating"]["list"]}
    for panel in panels_of(dashboard):
        for target in panel.get("targets", ()):
            text = target["expr"]
            for name, value in variables.items():
                text = text.replace(name, value)
            check("$" not in text, f"{panel['title']}: no such variable in {text}")
            yield panel["title"], text
    for variable in dashboard["templating"]["list"]:
        match = re.fullmatch(r"label_values\((.*), (\w+)\)", variable.get("definition", ""))
        if match:
            yield variable["name"], f"group by ({match[2]}) ({match[1]})".replace("$host", ".*")


@runs("collectd-prometheus.conf", "prometheus.yml", "prometheus-rules.yml",
      "prometheus-alerts.yml", "prometheus-alerts-test.yml", "grafana-dashboard.json")
def test_prometheus(world):
    """Prometheus: rules, alerts and the dashboard speak of series that are there"""
    start_programs(world)
    port = free_port(socket.SOCK_STREAM)
    start_one_host(world, free_port(socket.SOCK_DGRAM),
                   substituted("collectd-prometheus.conf", {"9103": port}))
    with Prometheus(world, port) as prometheus:
        states = {"used": 3, "idle": 0}
        wait_for(lambda: states == {
            labels["db_client_connection_state"]: value for labels, value in prometheus.query(
                'db_client_connection_count{db_client_connection_pool_name="orders",'
                f'instance="{world.host}"}}')}, "the connections of orders by OpenTelemetry's name")
        reuse = f'odbc:reuse:ratio_rate5m{{instance="{world.host}",odbc="billing"}}'
        wait_for(lambda: [v for _, v in prometheus.query(reuse) if 0.5 < v <= 1], reuse)

        expressions = [(rule["name"], rule["query"]) for rule in prometheus.rules()]
        dashboard = json.loads((EXAMPLES / "grafana-dashboard.json").read_text(encoding="utf-8"))
        drawn = list(dashboard_expressions(dashboard))
        series = {(where, found) for where, text in expressions + drawn
                  for found in SERIES.findall(text)}
        # Those that the tests of the alerts make up, of other hosts and programs.
        made_up = (EXAMPLES / "prometheus-alerts-test.yml").read_text(encoding="utf-8")
        series |= {("the alerts' tests", re.sub(r'(instance|odbc|job)="[^"]*",?', "", text))
                   for text in re.findall(r"series: (collectd_\S+)", made_up)}
        # And those that prometheus.yml tells of.
        told = (EXAMPLES / "prometheus.yml").read_text(encoding="utf-8")
        series |= {("prometheus.yml", f'{family}{{odbc="billing",type="{name}"}}')
                   for family, name in re.findall(r'(collectd_odbc_\w+)\{.*?type="(\w+)"', told)}
        check(len(series) > 50, f"{len(series)} series are too few: {series}")
        for where, text in sorted(series) + drawn:
            wait_for(lambda: prometheus.query(text), f"{where}: {text}")
        # What is so already, or made so, is seen by its alert: labels fit those of real series.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.sendto(b"no report", ("127.0.0.1", world.port))
        for alert in ("OdbcPoolExhausted", "OdbcDatabaseNearlyFull", "OdbcReportsRefused"):
            wait_for(lambda: alert in prometheus.alerts(), alert)
        ill = [(rule["name"], rule.get("lastError")) for rule in prometheus.rules()
               if rule["health"] != "ok"]
        check_equal(ill, [], "rules that cannot be evaluated")


@runs("prometheus-alerts-test.yml")
def test_alerts(world):
    """Prometheus: each alert fires when it should, and not otherwise"""
    promtool = find_program("promtool")
    for arguments in (("check", "config", EXAMPLES / "prometheus.yml"),
                      ("test", "rules", EXAMPLES / "prometheus-alerts-test.yml")):
        status, out, err = world.run([promtool, *arguments])
        check(status == 0, f"promtool {arguments[0]}:\n{out}{err}")
    tested = set(re.findall(r"alertname: (\w+)\n\s+exp_alerts:\n",
                            (EXAMPLES / "prometheus-alerts-test.yml").read_text(encoding="utf-8")))
    alerts = set(re.findall(r"- alert: (\w+)",
                            (EXAMPLES / "prometheus-alerts.yml").read_text(encoding="utf-8")))
    check_equal(tested, alerts, "the alerts that a test makes fire")


@runs("grafana-dashboard.json")
def test_dashboard(world):
    """Grafana: the dashboard's panels lie side by side and have all that a panel needs"""
    dashboard = json.loads((EXAMPLES / "grafana-dashboard.json").read_text(encoding="utf-8"))
    check(dashboard["title"] and dashboard["uid"] and dashboard["schemaVersion"] >= 36, "its head")
    taken, seen = {}, set()
    for panel in panels_of(dashboard):
        title = panel["title"]
        check(panel["id"] not in seen, f"{title}: the id {panel['id']} is another's")
        seen.add(panel["id"])
        place = panel["gridPos"]
        check(0 <= place["x"] and place["x"] + place["w"] <= 24, f"{title}: {place}")
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                other = taken.setdefault((x, y), title)
                check(other is title, f"{title} lies on {other}")
        if panel["type"] == "row":
            continue
        check(panel["type"] in ("timeseries", "stat", "table"), f"{title}: {panel['type']}")
        targets = panel["targets"]
        check(targets, f"{title} shows nothing")
        check_equal(len({target["refId"] for target in targets}), len(targets), f"{title}: refIds")
        for item in (panel, *targets):
            check_equal(item["datasource"], {"type": "prometheus", "uid": "${datasource}"}, title)
        for target in targets:
            check(target["legendFormat"] or panel["type"] != "timeseries", f"{title}: no legend")
