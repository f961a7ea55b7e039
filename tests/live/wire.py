# SPDX-License-Identifier: MIT
"""collectd's binary protocol, as far as the live tests look into datagrams or write some. It shares
nothing with what it tests."""

import socket
import struct

HOST, TIME, PLUGIN, PLUGIN_INSTANCE, TYPE, TYPE_INSTANCE, VALUES, INTERVAL, TIME_HR, INTERVAL_HR = (
    range(10))
STRINGS = (HOST, PLUGIN, PLUGIN_INSTANCE, TYPE, TYPE_INSTANCE)
KINDS = {0: "!Q", 1: "<d", 2: "!q", 3: "!Q"}  # counter, gauge, derive, absolute
GAUGE, DERIVE = 1, 2


def parts(datagram):
    """[(part, what is in it)]; values are [(kind, number)]."""
    found = []
    while datagram:
        part, length = struct.unpack_from("!HH", datagram)
        content, datagram = datagram[4:length], datagram[length:]
        if part in STRINGS:
            content = content.rstrip(b"\0").decode()
        elif part == VALUES:
            count = struct.unpack_from("!H", content)[0]
            kinds = content[2:2 + count]
            content = [(kind, struct.unpack_from(KINDS[kind], content, 2 + count + 8 * i)[0])
                       for i, kind in enumerate(kinds)]
        elif len(content) == 8:
            content = struct.unpack("!Q", content)[0]
        found.append((part, content))
    return found


def datagram(found):
    """The bytes of what parts() gives."""
    out = b""
    for part, content in found:
        if part in STRINGS:
            data = content.encode() + b"\0"
        elif part == VALUES:
            data = struct.pack("!H", len(content)) + bytes(kind for kind, _ in content)
            data += b"".join(struct.pack(KINDS[kind], number) for kind, number in content)
        else:
            data = struct.pack("!Q", content)
        out += struct.pack("!HH", part, 4 + len(data)) + data
    return out


def changed(found, **contents):
    """The same parts with other contents, by name: time=..., values=..."""
    new = {globals()[name.upper()]: content for name, content in contents.items()}
    return [(part, new.get(part, content)) for part, content in found]


def send(port, *datagrams, address="127.0.0.1"):
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET,
                       socket.SOCK_DGRAM) as s:
        for each in datagrams:
            s.sendto(each, (address, port))
