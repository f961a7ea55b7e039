#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""An SQLAlchemy engine over pyodbc, a line of standard input at a time. Each answer tells how many
checkouts and checkins the engine's own events have told of, and how many connections it made."""

import sys

import pyodbc
import sqlalchemy

pyodbc.pooling = False
string = sys.argv[1]
engine = sqlalchemy.create_engine("mysql+pyodbc://", creator=lambda: pyodbc.connect(string),
                                  pool_size=4, max_overflow=1)
told = {"checkout": 0, "checkin": 0, "connect": 0, "close": 0}
for event in told:
    def tell(*_, event=event):
        told[event] += 1
    sqlalchemy.event.listen(engine, event, tell)
connections = {}

COMMANDS = {
    "connect": lambda name, _: connections.update({name: engine.connect()}),
    "exec": lambda name, sql: connections[name].execute(sqlalchemy.text(sql)).close(),
    "disconnect": lambda name, _: connections.pop(name).close(),
    "events": lambda *_: None,
    "dispose": lambda *_: engine.dispose(),
}

for line in sys.stdin:
    word, name, *rest = line.rstrip("\n").split(" ", 2)
    COMMANDS[word](name, "".join(rest))
    print("ok", *told.values(), flush=True)
