# SPDX-License-Identifier: MIT
"""Hosts of their own for a test: network and host-name namespaces with real addresses, joined by
veth pairs. They have no names, so that none is left behind however a test ends."""

import contextlib
import ctypes
import os
import socket
import subprocess

from harness import Failure, find_program, wait_for

LIBC = ctypes.CDLL(None, use_errno=True)
KINDS = {"net": 0x40000000, "uts": 0x04000000}  # CLONE_NEWNET, CLONE_NEWUTS


def _call(function, *arguments):
    if getattr(LIBC, function)(*arguments) != 0:
        error = os.strerror(ctypes.get_errno())
        raise Failure(f"{function}: {error}: this test makes network namespaces, and needs root")


def _own(kind):
    # Of the thread: the process's main thread may be elsewhere.
    return os.open(f"/proc/thread-self/ns/{kind}", os.O_RDONLY | os.O_CLOEXEC)


class Host:
    """A host of that name. Inside `with host.inside():` are this thread and what it starts."""

    def __init__(self, name):
        self.name = name
        outside = {kind: _own(kind) for kind in KINDS}
        self.spaces = {}
        try:
            _call("unshare", sum(KINDS.values()))
            self.spaces = {kind: _own(kind) for kind in KINDS}
            socket.sethostname(name)
            ip("link", "set", "lo", "up")
        finally:
            for kind, fd in outside.items():
                if self.spaces:
                    _call("setns", fd, KINDS[kind])
                os.close(fd)

    def close(self):
        while self.spaces:
            os.close(self.spaces.popitem()[1])

    @contextlib.contextmanager
    def inside(self):
        outside = {kind: _own(kind) for kind in KINDS}
        try:
            for kind, fd in self.spaces.items():
                _call("setns", fd, KINDS[kind])
            yield self
        finally:
            for kind, fd in outside.items():
                _call("setns", fd, KINDS[kind])
                os.close(fd)

    def add_addresses(self, interface, *addresses):
        with self.inside():
            for address in addresses:
                # nodad: an IPv6 address can be used at once.
                ip("address", "add", address, "dev", interface, *(["nodad"] * (":" in address)))
            ip("link", "set", interface, "up")

    def set_link(self, interface, state):
        with self.inside():
            ip("link", "set", interface, state)


def ip(*arguments):
    done = subprocess.run([find_program("ip"), *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise Failure(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout


def join(first, first_interface, second, second_interface):
    """A cable between two hosts, an interface at each end."""
    with first.inside():
        ip("link", "add", first_interface, "type", "veth", "peer", "name", second_interface,
           "netns", f"/proc/{os.getpid()}/fd/{second.spaces['net']}")


def wait_until_up(host, interface):
    with host.inside():
        wait_for(lambda: "LOWER_UP" in ip("link", "show", interface), f"{interface} to come up")
        wait_for(lambda: "tentative" not in ip("address", "show", interface), "its addresses")


@contextlib.contextmanager
def hosts(*names):
    """Hosts of these names, which are gone when what runs in them is."""
    made = []
    try:
        for name in names:
            made.append(Host(name))
        yield made
    finally:
        for host in made:
            host.close()
