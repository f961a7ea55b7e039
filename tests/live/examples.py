# SPDX-License-Identifier: MIT
"""Runs the files of examples/ as they stand: only paths, ports, addresses and intervals in them are
replaced by a test's own, and a text to replace that is not there any more is a failure."""

import grp
import os
import pathlib
import pwd
import shutil

from harness import (BUILD, COLLECTD_INTERVAL_S, SOURCE, Collectd, check, find_program, give_away)

EXAMPLES = SOURCE / "examples"


def runs(*names):
    """Marks a test function as one that runs these files of examples/."""
    def decorate(function):
        function.examples = names
        return function
    return decorate


def substituted(name, texts):
    """An example with these texts in it replaced."""
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    for old, new in texts.items():
        check(old in text, f"{name} has no {old} any more")
        text = text.replace(old, str(new))
    return text


def installed_plugins():
    return pathlib.Path(find_program("/usr/lib/collectd/network.so",
                                     "/usr/lib/*/collectd/network.so",
                                     "/usr/lib64/collectd/network.so")).parent


def built_plugins(world):
    """A folder with the plugin of this tree alone, which an unprivileged user can see."""
    folder = world.directory / "plugins"
    if not folder.exists():
        folder.mkdir()
        shutil.copy(BUILD / "collectd-plugin" / ".libs" / "odbc.so", folder)
    return folder


class Example(Collectd):
    """A collectd that runs examples, behind the lines that every collectd.conf has."""

    def __init__(self, directory, *texts, interval_s=COLLECTD_INTERVAL_S):
        self.directory = directory
        self.socket = directory / "unixsock"
        self.log = directory / "collectd.log"
        self.csv = directory / "csv"
        self.config = directory / "collectd.conf"
        self.daemon = self.connection = None
        group = grp.getgrgid(pwd.getpwnam("nobody").pw_gid if os.getuid() == 0 else os.getgid())
        directory.mkdir()
        os.chmod(directory, 0o755)
        give_away(directory)
        self.config.write_text(f'''
Interval {interval_s}
FQDNLookup false
BaseDir "{directory}"
PIDFile "{directory}/collectd.pid"
TypesDB "/usr/share/collectd/types.db"
PluginDir "{installed_plugins()}"
LoadPlugin logfile
<Plugin logfile>
  File "{self.log}"
</Plugin>
LoadPlugin unixsock
<Plugin unixsock>
  SocketFile "{self.socket}"
  SocketPerms "0666"
  SocketGroup "{group.gr_name}"
</Plugin>
''' + "\n".join(texts), encoding="utf-8")


def one_host(world, console_port):
    """collectd-one-host.conf, for the programs of this world."""
    return substituted("collectd-one-host.conf", {
        "/usr/local/lib/collectd": built_plugins(world), "/usr/lib/collectd": installed_plugins(),
        '"25827"': f'"{world.port}"', '"25828"': f'"{console_port}"',
        "/var/lib/collectd/csv": world.directory / "collectd" / "csv"})


def start_one_host(world, console_port, *writers, **options):
    """The collectd of collectd-one-host.conf, with the texts of writers beside it."""
    world.collectd = Example(world.directory / "collectd", one_host(world, console_port), *writers,
                             **options)
    return world.collectd.start()
