#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""An ODBC program in Python: client.py query STRING SQL prints rows or the error as JSON;
client.py hold STRING... holds a connection by each string until standard input ends; client.py fork
STRING SQL connects, and a child of fork executes on that connection and holds it as long."""

import json
import os
import sys

import pyodbc


def query(string, sql):
    try:
        connection = pyodbc.connect(string, autocommit=True)
        rows = [list(row) for row in connection.execute(sql).fetchall()]
        connection.close()
        return {"ok": True, "rows": rows}
    except pyodbc.Error as error:
        return {"ok": False, "state": error.args[0], "message": str(error.args[1])}


def hold(*strings):
    connections = [pyodbc.connect(string, autocommit=True) for string in strings]
    print(json.dumps({"state": "holding", "connections": len(connections)}), flush=True)
    sys.stdin.read()
    for connection in connections:
        connection.close()
    return {"state": "done"}


def fork(string, sql):
    connection = pyodbc.connect(string, autocommit=True)
    child = os.fork()
    if child == 0:
        connection.execute(sql).fetchall()
        print(json.dumps({"state": "holding"}), flush=True)
    sys.stdin.read()
    connection.close()
    if child == 0:
        sys.exit()
    os.waitpid(child, 0)
    return {"state": "done"}


if __name__ == "__main__":
    print(json.dumps({"query": query, "hold": hold, "fork": fork}[sys.argv[1]](*sys.argv[2:])))
