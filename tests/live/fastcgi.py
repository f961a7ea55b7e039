# SPDX-License-Identifier: MIT
"""One request to a FastCGI server, as a web server makes it."""

import socket
import struct

from harness import DEADLINE_S, Failure

BEGIN, END, PARAMETERS, INPUT, OUTPUT, ERRORS = 1, 3, 4, 5, 6, 7


def _record(kind, content):
    return struct.pack(">BBHHBB", 1, kind, 1, len(content), 0, 0) + content


def _pair(name, value):
    name, value = name.encode(), str(value).encode()
    return struct.pack(">II", len(name) | 1 << 31, len(value) | 1 << 31) + name + value


def request(path, script, query=""):
    """What the script answers, without its head, through the server's Unix socket."""
    parameters = {"SCRIPT_FILENAME": script, "REQUEST_METHOD": "GET", "QUERY_STRING": query}
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(DEADLINE_S)
        s.connect(str(path))
        s.sendall(_record(BEGIN, struct.pack(">HB5x", 1, 0))
                  + _record(PARAMETERS, b"".join(_pair(*item) for item in parameters.items()))
                  + _record(PARAMETERS, b"") + _record(INPUT, b""))
        said = {OUTPUT: b"", ERRORS: b""}
        with s.makefile("rb") as stream:
            while True:
                head = stream.read(8)
                if len(head) < 8:
                    raise Failure(f"{path} closed the connection: {said}")
                _, kind, _, length, padding, _ = struct.unpack(">BBHHBB", head)
                content = stream.read(length + padding)[:length]
                if kind == END:
                    break
                said[kind] += content
    if said[ERRORS]:
        raise Failure(f"{script}: {said[ERRORS].decode()}")
    return said[OUTPUT].decode().partition("\r\n\r\n")[2]
