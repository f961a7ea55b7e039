#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the seed corpus below tests/fuzz/corpus: one file per case, named after what is wrong with it.

The output is the same at every run; it is committed, so that `make check` needs no Python. Run it
again after adding a case, from anywhere.
"""

import hashlib
import hmac
import math
import pathlib
import struct

HERE = pathlib.Path(__file__).resolve().parent
GOLDEN = HERE.parent / "golden"
USER, PASSWORD = b"odbc", b"correct horse"

HOST, TIME, PLUGIN, PLUGIN_INSTANCE, TYPE, TYPE_INSTANCE, VALUES, INTERVAL, TIME_HR, INTERVAL_HR = range(10)
MESSAGE, SEVERITY, SIGNATURE, ENCRYPTION = 0x0100, 0x0101, 0x0200, 0x0210
COUNTER, GAUGE, DERIVE, ABSOLUTE = range(4)
NOW = 1_700_000_000
CHECKOUTS, OLDEST = 5, 20  # their places in protocol/metrics.def
GROUPS = {
    "odbc_pool": [GAUGE] * 5,
    "odbc_totals": [DERIVE] * 4,
    "odbc_transactions": [DERIVE] * 3,
    "odbc_faults": [DERIVE] * 4,
    "odbc_activity": [DERIVE] * 2 + [GAUGE] * 3,
}


def part(kind, content, length=None):
    return struct.pack(">HH", kind, 4 + len(content) if length is None else length) + content


def string(kind, text):
    return part(kind, (text if isinstance(text, bytes) else text.encode()) + b"\0")


def number(kind, value):
    return part(kind, struct.pack(">Q", value))


def values(pairs, count=None, length=None):
    kinds = bytes(kind for kind, _ in pairs)
    packed = b"".join(struct.pack("<d" if kind == GAUGE else ">q" if kind == DERIVE else ">Q", value)
                      for kind, value in pairs)
    head = struct.pack(">H", len(pairs) if count is None else count)
    return part(VALUES, head + kinds + packed, length)


def opening(time=NOW << 30, interval=2 << 30, token="2543:5a53d1", session=7, sequence=1, farewell=0.0,
            host="vm"):
    return (string(HOST, host) + number(TIME_HR, time) + number(INTERVAL_HR, interval)
            + string(PLUGIN, "odbc") + string(TYPE_INSTANCE, token) + string(TYPE, "odbc_process")
            + values([(ABSOLUTE, session), (ABSOLUTE, sequence), (GAUGE, farewell)]))


def program(name="worker", gauge=1.0, derive=17):
    return string(PLUGIN_INSTANCE, name) + b"".join(
        string(TYPE, wire_type)
        + values([(kind, gauge if kind == GAUGE else derive) for kind in kinds])
        for wire_type, kinds in GROUPS.items())


def pool(gauge):
    return opening() + string(PLUGIN_INSTANCE, "worker") + string(TYPE, "odbc_pool") + values([(GAUGE, gauge)] * 5)


def totals(*derives):
    return opening() + string(PLUGIN_INSTANCE, "worker") + b"".join(
        string(TYPE, "odbc_totals") + values([(DERIVE, d)] * 4) for d in derives)


def sign(payload, user=USER, password=PASSWORD):
    mac = hmac.new(password, user + payload, hashlib.sha256).digest()
    return part(SIGNATURE, mac + user) + payload


def golden(name):
    return (GOLDEN / name).read_bytes()


def decode_cases():
    good = opening() + program()
    one = values([(DERIVE, 7)])
    yield "report", good + program("cron") + program("isql")
    yield "report-farewell", opening(farewell=1.0) + program()
    yield "report-no-program", opening()
    for name in "collectd-network/none", "sqlalchemy-collectd/pool", "sqlalchemy-collectd/totals":
        yield name.split("/")[1], golden(name + ".bin")

    yield "empty", b""
    yield "one-byte", b"\0"
    yield "half-header", b"\0\0\0"
    yield "plain-text", b"GET / HTTP/1.1\r\nHost: collectd\r\n\r\n"
    yield "helo", b"HELO"
    for length in range(4):
        yield f"part-length-{length}", good + part(PLUGIN, b"x\0", length) + good
    for length in (5, 11, 13, 20):
        yield f"number-length-{length}", good + part(TIME_HR, bytes(length - 4)) + one
    yield "length-past-end", good + part(PLUGIN, b"x\0", 99)
    yield "length-65535", good + part(PLUGIN, b"x\0", 65535)
    yield "trailing-zero", good + bytes(1)
    yield "trailing-zeros", good + bytes(100)

    yield "string-no-nul", good + part(PLUGIN_INSTANCE, b"worker") + one
    yield "string-nul-inside", good + part(PLUGIN_INSTANCE, b"wor\0ker\0") + one
    yield "string-length-4", good + part(PLUGIN_INSTANCE, b"") + one
    yield "string-127", good + string(PLUGIN_INSTANCE, "w" * 127) + one
    yield "string-128", good + string(PLUGIN_INSTANCE, "w" * 128) + one
    yield "string-1000", good + string(PLUGIN_INSTANCE, "w" * 1000) + one

    pair = [(DERIVE, 7)]
    yield "count-0", good + values([]) + one
    yield "count-too-large", good + values(pair, count=2) + one
    yield "count-too-small", good + values(pair * 2, count=1) + one
    yield "count-65535", good + values(pair, count=65535)
    yield "count-wraps", good + part(VALUES, struct.pack(">H", 7282) + b"\2\2")
    yield "count-32", good + values(pair * 32)
    yield "count-33", good + values(pair * 33)
    yield "values-too-short", good + values(pair, length=14)
    yield "values-past-end", good + values(pair, length=16)
    for kind in (4, 255):
        yield f"kind-{kind}", good + part(VALUES, struct.pack(">HB", 1, kind) + bytes(8))
    yield "all-kinds", good + values([(COUNTER, 1), (GAUGE, 1.5), (DERIVE, -1), (ABSOLUTE, 2)])
    yield "wrong-kinds", opening() + string(TYPE, "odbc_pool") + values([(DERIVE, 1)] * 5)
    yield "wrong-count", opening() + string(TYPE, "odbc_pool") + values([(GAUGE, 1)] * 4)

    hour = 3600 << 30
    for name, time in (("0", 0), ("1", 1), ("ahead", (NOW << 30) + hour), ("behind", (NOW << 30) - hour),
                       ("2-63", 1 << 63), ("max", (1 << 64) - 1)):
        yield f"time-{name}", opening(time=time) + program()
        yield f"time-seconds-{name}", opening() + number(TIME, time) + program()
    for name, interval in (("0", 0), ("1", 1), ("huge", (1 << 64) - 1)):
        yield f"interval-{name}", opening(interval=interval) + program()
        yield f"interval-seconds-{name}", opening() + number(INTERVAL, interval) + program()

    for name, gauge in (("nan", math.nan), ("inf", math.inf), ("minus-inf", -math.inf), ("negative", -1.0),
                        ("denormal", 5e-324), ("huge", 1e308)):
        yield f"gauge-{name}", pool(gauge)
    yield "derive-negative", totals(-1)
    yield "derive-falls", totals(17, 3)
    yield "derive-max", totals((1 << 63) - 1, -(1 << 63))
    yield "farewell-2", opening(farewell=2.0) + program()
    yield "farewell-nan", opening(farewell=math.nan) + program()
    yield "sequence-max", opening(sequence=(1 << 64) - 1) + program()

    for name, text in (("host", "host"), ("empty", ""), ("slash", "/"), ("path", "../../etc"),
                       ("utf8", "g\u00fcnther \u65e5 \U0001f418"), ("control", "a\x1b[2J\r\n\x7f"),
                       ("c1", "a\u009b2J"), ("not-utf8", b"\x80\xc0\xaf\xed\xa0\x80\xff"),
                       ("percent", "%s%n%d")):
        yield f"program-{name}", opening() + program(text)
        yield f"host-{name}", opening(host=text) + program()
    yield "tokens", b"".join(opening(token=f"{n}:{n:06x}") + string(PLUGIN_INSTANCE, "w") for n in range(9))

    yield "notification", (string(HOST, "vm") + number(SEVERITY, 1) + string(MESSAGE, "m" * 200) + good)
    yield "message-past-end", good + part(MESSAGE, b"oh no", 99)
    yield "unknown-parts", good + part(0x000A, b"") + part(0x7777, b"???") + program()
    yield "unknown-length-0", good + part(0x7777, b"", 0) + good
    yield "signature-inside", good + sign(good)
    yield "encryption-inside", good + golden("collectd-network/encrypt.bin")


def unseal_cases():
    good = opening() + program()
    encrypted = golden("collectd-network/encrypt.bin")
    head = 4 + 2 + len(USER)
    yield "plain", good
    yield "sign", sign(good)
    yield "golden-sign", golden("collectd-network/sign.bin")
    yield "golden-encrypt", encrypted
    yield "sign-over-encrypt", sign(encrypted)
    yield "sign-of-nothing", sign(b"")
    yield "sign-second-password", sign(good, password=b"the next one")
    yield "sign-unknown-user", sign(good, user=b"nobody")
    yield "sign-wrong-password", sign(good, password=b"wrong")
    yield "sign-empty-password", sign(good, password=b"")
    yield "sign-empty-user", sign(good, user=b"")
    yield "sign-nul-user", sign(good, user=b"odbc\0")
    yield "sign-long-user", sign(good, user=b"u" * 65)
    yield "sign-control-user", sign(good, user=b"\x1b[2J")
    yield "sign-altered", sign(good)[:-1] + b"\xff"
    yield "sign-appended", sign(good) + good
    yield "sign-twice", sign(sign(good))
    yield "sign-then-sign-inside", sign(good + sign(good))
    for length in (0, 3, 4, 35, 36, 37, 999, 65535):
        yield f"sign-length-{length}", part(SIGNATURE, bytes(32) + USER, length) + good
    for length in (0, 4, 41, 42, 43, 47, 65535):
        yield f"encrypt-length-{length}", struct.pack(">HH", ENCRYPTION, length) + encrypted[4:]
    for user in (0, 3, 5, 1332, 1400, 65535):
        yield f"encrypt-user-{user}", encrypted[:4] + struct.pack(">H", user) + encrypted[6:]
    yield "encrypt-cut", encrypted[:-1]
    yield "encrypt-altered", encrypted[:-1] + b"\xff"
    yield "encrypt-altered-iv", encrypted[:head] + bytes(16) + encrypted[head + 16:]
    yield "encrypt-appended", encrypted + good
    yield "encrypt-twice", encrypted + encrypted
    yield "encrypt-in-encrypt", part(ENCRYPTION, encrypted[4:head + 36] + encrypted)
    yield "encrypt-other-user", encrypted[:6] + b"odbx" + encrypted[10:]
    yield "sign-over-encrypt-other-user", sign(encrypted[:6] + b"odbx" + encrypted[10:])
    yield "sign-over-encrypt-appended", sign(encrypted + good)
    yield "sign-over-encrypt-cut", sign(encrypted[:-1])
    yield "sign-over-encrypt-empty", sign(part(ENCRYPTION, encrypted[4:head + 36]))
    yield "empty", b""
    yield "two-bytes-sign", b"\x02\x00"
    yield "two-bytes-encrypt", b"\x02\x10"


def figure(kind, name, pair):
    return string(TYPE, kind) + string(TYPE_INSTANCE, name) + values([pair])


def figures(host="vm", program="shop", when=NOW << 30):
    return (string(HOST, host) + number(TIME_HR, when) + number(INTERVAL_HR, 2 << 30)
            + string(PLUGIN, "odbc") + string(PLUGIN_INSTANCE, program)
            + figure("count", "checkedout", (GAUGE, 3.0)) + figure("derive", "checkouts", (DERIVE, 5))
            + figure("duration", "oldest", (GAUGE, 99.0)) + figure("percent", "reuse", (GAUGE, 12.0))
            + figure("derive", "stale", (DERIVE, 1)))


def console_cases():
    """What the two ends of a console say to each other; the plugin's datagrams are in decode."""
    for word in (b"HELO", b"COOK", b"FULL", b"BYE!"):
        for version in (0, 1, 2):
            yield f"{word.decode().lower().strip('!')}-{version}", (
                word + bytes([version, 0, 0, 0]) + b"cookie!!")
    yield "helo-alone", b"HELO"
    yield "helo-half", b"HELO\1\0\0\0cook"
    yield "helo-long", b"HELO\1\0\0\0cookie!!and more"
    yield "helo-zero", b"HELO\1\0\0\0" + bytes(8)
    yield "figures", figures()
    yield "figures-host", figures(program="host") + figures()
    yield "figures-receiver", figures(program="receiver")
    yield "figures-later", figures() + figures(when=(NOW + 2) << 30)
    yield "figures-earlier", figures() + figures(when=(NOW - 2) << 30)
    yield "figures-sqlalchemy", figures() + string(PLUGIN, "sqlalchemy") + figure(
        "count", "checkedin", (GAUGE, 1.0))
    yield "figures-wrong-type", figures() + figure("gauge", "checkedin", (GAUGE, 1.0))
    yield "figures-wrong-kind", figures() + figure("count", "checkedin", (DERIVE, 1))
    for name, value in (("nan", math.nan), ("inf", math.inf), ("negative", -1.0), ("huge", 1e308)):
        yield f"figures-{name}", figures() + figure("count", "checkedin", (GAUGE, value))
    for name, value in (("max", 2**63 - 1), ("min", -2**63), ("exact", 2**53)):
        yield f"figures-total-{name}", figures() + figure("derive", "connects", (DERIVE, value))
    yield "figures-many", figures() + b"".join(
        string(PLUGIN_INSTANCE, "p" * (n % 100)) + figure("derive", "checkouts", (DERIVE, n)) for n in range(40))
    for name, text in (("escape", "a\x1b[31mb"), ("c1", "a\x9b31m"), ("bidi", "\u202egnp.exe"),
                       ("isolate", "\u2066a\u2069"), ("zero-width", "a\u200bb"), ("wide", "\u65e5" * 40),
                       ("not-utf8", b"\xff\xc0\xaf"), ("cut", b"\xe2\x82"), ("long", "x" * 127)):
        yield f"figures-name-{name}", figures(host=text, program=text) + figures(text, "host")


def probe(nonce=bytes(16), version=1, word=b"?", verdict=0, level=0, text=bytes(24)):
    return part(0x0DBC, struct.pack(">BcBB", version, word, verdict, level) + nonce + text)


def probe_cases():
    """What comes to the port of reports, in the eyes of a gate that demands signatures."""
    question, nonce = probe(), bytes(range(16))
    yield "plain", question + question
    yield "sign", question + sign(question)
    yield "sign-nonce", probe(nonce) + sign(probe(nonce))
    yield "sign-second-password", question + sign(question, password=b"the next one")
    yield "sign-wrong-password", question + sign(question, password=b"wrong")
    yield "sign-unknown-user", question + sign(question, user=b"nobody")
    yield "sign-other-nonce", probe(nonce) + sign(question)
    yield "sign-report", question + sign(opening() + program())
    yield "sign-two", question + sign(question + question)
    yield "sign-around", sign(question + question)
    yield "encrypt-other", question + golden("collectd-network/encrypt.bin")
    yield "report-behind", question + opening() + program()
    yield "report-before", opening() + program() + question
    yield "question-alone", question
    yield "question-half", question[:30]
    yield "question-and-byte", question + b"\x0d"
    yield "answer", probe(word=b"!", level=1, text=b"0.1.0".ljust(24, b"\0"))
    yield "answer-twice", 2 * probe(word=b"!", level=1)
    yield "answer-text-no-end", probe(word=b"!", text=b"x" * 24)
    yield "answer-text-escape", probe(word=b"!", text=b"\x1b[2J\xff".ljust(24, b"\0"))
    for name, other in (("version", probe(version=2)), ("word", probe(word=b".")), ("level", probe(level=3)),
                        ("verdict", probe(verdict=9)), ("text", probe(text=b"x" * 24))):
        yield f"other-{name}", other + sign(other)
    yield "report", opening() + program()
    yield "report-sign", sign(opening() + program())
    yield "empty", b""


def order_report(who, sequence=0, sqlalchemy=False, proven=False, farewell=False, programs=((0, 1),),
                 metric=CHECKOUTS):
    """An order of the table's target: of one of two hosts, four tokens, 32 sessions."""
    kind = sqlalchemy | (0 if farewell else 4) | proven << 7 | len(programs) << 5
    return bytes([0, kind, who, sequence, 9, 8, 8, 32]) + b"".join(
        bytes([name, 31, 1, metric, value]) for name, value in programs)


def order_datagram(datagram):
    return bytes([160]) + struct.pack(">H", len(datagram)) + datagram


def order_wait(seconds):
    return bytes([240, 4]) * seconds


def table_cases():
    """Orders to the aggregator. Beside them lie those that a fuzzer found."""
    read = bytes([200])
    worker = program()
    sqlalchemy = (string(HOST, "vm") + number(TIME, NOW) + string(PLUGIN, "sqlalchemy")
                  + string(PLUGIN_INSTANCE, "worker") + string(TYPE_INSTANCE, "2543:5a53d1")
                  + number(INTERVAL, 2) + string(TYPE, "sqlalchemy_totals") + values([(DERIVE, 5)] * 4))
    yield "odbc-report-and-farewell", (order_datagram(opening() + worker) + read + order_datagram(
        opening(sequence=2, farewell=1.0) + worker) + read)
    yield "sqlalchemy-pool-and-totals", b"".join(
        order_datagram(golden(f"sqlalchemy-collectd/{name}.bin")) for name in ("pool", "totals")) + read
    yield "one-token-two-sources", (order_datagram(opening() + worker) + order_datagram(sqlalchemy) + read) * 2
    yield "one-token-two-hosts", order_datagram(opening() + worker) + order_datagram(
        opening(host="other") + worker) + read
    yield "falling-derives", b"".join(
        order_datagram(opening(sequence=n) + program(derive=total)) + read
        for n, total in enumerate((17, 3, 2**63 - 1, 0, 5)))
    yield "many-processes", b"".join(order_report(n % 256, n // 256) for n in range(4000)) + read
    yield "many-come-and-go", b"".join(
        order_report(n % 256, farewell=True) + (read if n % 64 == 0 else b"") for n in range(2000))
    yield "recorded", b"".join(order_report(n, proven=True, farewell=n % 2) for n in range(64)) * 2 + read
    yield "recorded-later", b"".join(
        order_report(n % 8, n // 8, proven=True) + order_wait(9) for n in range(64)) * 2 + read
    yield "many-oldest", b"".join(
        order_report(n, programs=[(0, 250 - n)], metric=OLDEST) + read for n in range(0, 80, 2)) + (
            order_wait(9) + read) * 2
    yield "many-programs", b"".join(
        order_report(n % 4, n, programs=[(n % 8, n % 250), ((n + 1) % 8, 250 + n % 6)])
        for n in range(200)) + read


def write(folder, cases):
    target = HERE / "corpus" / folder
    target.mkdir(parents=True, exist_ok=True)
    for old in target.iterdir():
        if not old.name.startswith("found-"):
            old.unlink()
    for name, datagram in cases:
        path = target / name
        assert not path.exists(), name
        path.write_bytes(datagram)


if __name__ == "__main__":
    write("decode", decode_cases())
    write("unseal", unseal_cases())
    write("console", console_cases())
    write("probe", probe_cases())
    write("table", table_cases())
