#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A Python program as people write them, for the demo: report.py STRING ROUNDS. It connects for
each round, commits every third, rolls back the others, and prints what it did as JSON."""

import json
import sys
import time

import pyodbc


def main(string, rounds):
    counts = {"processes": 1, "checkouts": 0, "commits": 0, "rollbacks": 0, "failures": 0,
              "statements": 0, "peak": 1}
    for i in range(rounds):
        connection = pyodbc.connect(string)
        counts["checkouts"] += 1
        cursor = connection.cursor()
        cursor.execute("insert into workload values (?)", i)
        counts["statements"] += 1
        if i % 3 == 0:
            connection.commit()
            counts["commits"] += 1
        else:
            connection.rollback()
            counts["rollbacks"] += 1
        cursor.close()
        connection.close()
        time.sleep(0.1)
    return counts


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]))))
