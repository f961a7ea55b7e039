/* SPDX-License-Identifier: MIT */
/*
 * Owns the SQL that differs between the databases.
 */
#include "tests/live/session/dialect.h"

#include <stddef.h>
#include <string.h>

#define TABLE(big_text, real, stamp, bytes, flag)                                                  \
    "create table session_parent (id integer not null primary key, name varchar(60) default 'x', " \
    "note " big_text ", amount numeric(12,3), ratio " real ", day date, hour time, "               \
    "stamp " stamp ", data " bytes ", flag " flag ")"
#define CHILD                                                                                      \
    "create table session_child (id integer not null primary key, parent integer not null, "       \
    "word varchar(20), foreign key (parent) references session_parent (id))"
#define INDEX "create unique index session_word on session_child (word, parent)"
#define VIEW  "create view session_view as select id, name from session_parent where id > 1"
#define ROWS                                                                                       \
    "insert into session_parent values "                                                           \
    "(1, 'one', 'a note', 1.500, 0.25, '2024-02-29', '12:34:56', '2024-02-29 12:34:56', null, "    \
    "null), "                                                                                      \
    "(2, 'zw\xc3\xb6lf', '', -22.125, -1e10, '1999-12-31', '00:00:00', '1999-12-31 23:59:59', "    \
    "null, null), "                                                                                \
    "(3, '\xf0\x9f\x90\x98 \xe6\xbc\xa2\xe5\xad\x97', null, null, null, null, null, null, null, "  \
    "null), "                                                                                      \
    "(4, 'four', 'n', 4, 4, '2004-04-04', '04:04:04', '2004-04-04 04:04:04', null, null), "        \
    "(5, 'five', 'n', 5, 5, '2005-05-05', '05:05:05', '2005-05-05 05:05:05', null, null)"
#define WORDS "insert into session_child values (1, 1, 'a'), (2, 1, 'b'), (3, 2, 'c')"
#define DROP                                                                                       \
    "drop view if exists session_view", "drop table if exists session_child",                      \
        "drop table if exists session_parent", "drop table if exists session_array"
#define ARRAY                                                                                      \
    "create table session_array (id integer not null primary key, word varchar(20), size integer)"

/* SQLite's driver closes the statement in the thread that cancels, under the other's feet: nothing
   to cancel there. */
static const struct dialect dialects[] = {
    {.name = "sqlite",
     .setup = {DROP, TABLE("text", "double", "timestamp", "blob", "bit"), CHILD, INDEX, VIEW, ROWS,
               WORDS, ARRAY}},
    {.name = "postgres",
     .setup = {DROP, TABLE("text", "double precision", "timestamp", "bytea", "boolean"), CHILD,
               INDEX, VIEW, ROWS, WORDS, ARRAY,
               "create or replace function session_twice(n integer, out doubled integer) as "
               "'select n * 2' language sql",
               "create or replace function session_next(inout n integer) as 'select n + 1' "
               "language sql"},
     .long_statement = "select pg_sleep(600)",
     .slow_statement = "select pg_sleep(20)",
     .call = "{call session_twice(?, ?)}",
     .call_in_out = "{call session_next(?)}",
     .many_results = "select 1; select 'two'; update session_parent set name = name; select 3"},
    {.name = "mariadb",
     .unsafe = true,
     .setup = {DROP, TABLE("longtext", "double", "datetime", "longblob", "boolean"), CHILD, INDEX,
               VIEW, ROWS, WORDS, ARRAY, "drop procedure if exists session_twice",
               "create procedure session_twice(in n integer, out doubled integer) "
               "set doubled = n * 2",
               "drop procedure if exists session_next",
               "create procedure session_next(inout n integer) begin select n, 'a set'; "
               "select 'another'; set n = n + 1; end"},
     .long_statement = "select sleep(600)",
     .slow_statement = "select sleep(5)",
     .call = "{call session_twice(?, ?)}",
     .call_in_out = "{call session_next(?)}",
     .many_results = "select 1; select 'two'; update session_parent set name = name; select 3"},
    {.name = "none"},
};

const struct dialect *dialect_find(const char *name)
{
    for (size_t i = 0; i < sizeof dialects / sizeof *dialects; i++)
        if (strcmp(dialects[i].name, name) == 0)
            return &dialects[i];
    return NULL;
}
