# SPDX-License-Identifier: MIT
"""A session through pyodbc with the database of a connection string: talk.py STRING"""

import datetime
import decimal
import sys

import pyodbc

pyodbc.pooling = False


def attempt(title, function):
    """Prints what the function gives, or what it raises."""
    try:
        print(title, repr(function()))
    except pyodbc.Error as error:
        print(title, type(error).__name__, error.args)


def rows(cursor, sql, *values):
    cursor.execute(sql, *values)
    return cursor.description, cursor.rowcount, [tuple(row) for row in cursor.fetchall()]


def numbers(kind):
    """The values of pyodbc's constants of that kind."""
    return {name: getattr(pyodbc, name) for name in dir(pyodbc) if name.startswith(kind)}


def tables(cursor):
    cursor.execute("create table client_talk (id integer not null primary key, "
                   "word varchar(40), amount numeric(9,2), day date, data "
                   + {"PostgreSQL": "bytea", "MariaDB": "blob"}.get(name, "blob") + ")")
    values = [(1, "plain", decimal.Decimal("1.50"), datetime.date(2024, 2, 29), b"\x00\x01\xff"),
              (2, "zwölf 漢字", decimal.Decimal("-2.25"), None, b""),
              (3, None, None, None, None)]
    for value in values:
        attempt("insert", lambda value=value: cursor.execute(
            "insert into client_talk values (?, ?, ?, ?, ?)", *value).rowcount)
    attempt("emoji", lambda: cursor.execute(
        "insert into client_talk (id, word) values (?, ?)", 4, "\U0001F418").rowcount)
    cursor.fast_executemany = False
    attempt("many", lambda: cursor.executemany(
        "insert into client_talk (id, word) values (?, ?)", [(n, f"w{n}") for n in range(10, 30)]))
    attempt("select", lambda: rows(cursor, "select * from client_talk order by id"))
    attempt("where", lambda: rows(cursor, "select id from client_talk where word = ?", "w12"))
    attempt("columns", lambda: [tuple(r)[:12] for r in cursor.columns(table="client_talk")])
    attempt("keys", lambda: [tuple(r)[2:5] for r in cursor.primaryKeys("client_talk")])
    attempt("tables", lambda: [tuple(r)[2:4] for r in cursor.tables(table="client_talk")])


def errors(cursor):
    attempt("no table", lambda: rows(cursor, "select * from no_such_table"))
    attempt("no syntax", lambda: rows(cursor, "selekt"))
    attempt("twice", lambda: cursor.execute("insert into client_talk (id) values (1)").rowcount)
    attempt("parameters", lambda: rows(cursor, "select ? from client_talk", 1, 2))
    attempt("closed", lambda: cursor.fetchone())


connection = pyodbc.connect(sys.argv[1], autocommit=True)
name = connection.getinfo(pyodbc.SQL_DBMS_NAME)
for key, number in sorted(numbers("SQL_").items()):
    if key in ("SQL_DRIVER_HDBC", "SQL_DRIVER_HENV", "SQL_DRIVER_HLIB"):
        continue
    if isinstance(number, int):
        attempt(key, lambda number=number: connection.getinfo(number))
cursor = connection.cursor()
attempt("drop", lambda: cursor.execute("drop table client_talk"))
tables(cursor)
errors(cursor)
connection.autocommit = False
cursor.execute("delete from client_talk")
attempt("deleted", lambda: rows(cursor, "select count(*) from client_talk"))
connection.rollback()
attempt("rolled back", lambda: rows(cursor, "select count(*) from client_talk"))
cursor.execute("drop table client_talk")
connection.commit()
attempt("types", lambda: [tuple(row) for row in cursor.getTypeInfo()])
attempt("a timeout", lambda: setattr(connection, "timeout", 5))
attempt("in time", lambda: rows(cursor, "select 1"))
cursor.close()
connection.close()
attempt("after the end", lambda: connection.execute("select 1"))
attempt("no such name", lambda: pyodbc.connect("DSN=no such name"))
