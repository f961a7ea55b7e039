#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""pyodbc as a program uses it, a line of standard input at a time: see pool_client.c."""

import sys

import pyodbc

pyodbc.pooling = True
connections = {}
cursors = {}


def connect(name, string):
    connections[name] = pyodbc.connect(string)


def disconnect(name, _):
    connections.pop(name).close()


def allocate(name, _):
    cursors[name] = connections[name].cursor()


def execute(name, sql):
    cursors[name].execute(sql)


def free(name, _):
    cursors.pop(name).close()


def run(name, sql):
    cursor = connections[name].cursor()
    cursor.execute(sql)
    cursor.close()


COMMANDS = {"connect": connect, "disconnect": disconnect, "allocate": allocate, "execute": execute,
            "free-statement": free, "exec": run,
            "commit": lambda name, _: connections[name].commit(),
            "rollback": lambda name, _: connections[name].rollback()}

for line in sys.stdin:
    word, name, *rest = line.rstrip("\n").split(" ", 2)
    try:
        COMMANDS[word](name, "".join(rest))
        print("ok", flush=True)
    except pyodbc.Error as error:
        print("error", error.args[0], flush=True)
