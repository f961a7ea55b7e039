/* SPDX-License-Identifier: MIT */
/*
 * One long session with whatever database its command line names, printed call by call: run once
 * directly and once behind the shim, the output is the same.
 *
 *   session [--wide] [--version 2|3|3.80] [--way connect|driver|browse] [--dialect NAME]
 *           [--dsn NAME] [--user NAME] [--password WORD] [--string CONNECTION-STRING]
 *           [--failing CONNECTION-STRING] [--directory PATH] [--leave-out SECTION]... [SECTION...]
 */
#include "tests/live/session/sections.h"

#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEFT_OUT_MAX 16

struct section {
    const char *name;
    void (*run)(void);
    bool connected;
};

static const struct section sections[] = {
    {"failing-connects", section_failing_connects, false},
    {"attributes-before", section_attributes_before, false},
    {"ways-to-connect", section_ways_to_connect, false},
    {"setup", section_setup, true},
    {"information", section_information, true},
    {"functions", section_functions, true},
    {"connection-attributes", section_connection_attributes, true},
    {"statement-attributes", section_statement_attributes, true},
    {"catalogue", section_catalogue, true},
    {"results", section_results, true},
    {"parameters", section_parameters, true},
    {"arrays", section_arrays, true},
    {"long-data", section_long_data, true},
    {"cursors", section_cursors, true},
    {"bookmarks", section_bookmarks, true},
    {"descriptors", section_descriptors, true},
    {"copied-descriptors", section_copied_descriptors, true},
    {"errors", section_errors, true},
    {"transactions", section_transactions, true},
    {"cancel", section_cancel, true},
    {"threads", section_threads, true},
    {"handles", section_handles, true},
    {"old-functions", section_old_functions, true},
    {"disconnect", section_disconnect, true},
};

static const char *left_out[LEFT_OUT_MAX];
static size_t left_out_count;

static bool is_wanted(const char *name, char *const *names)
{
    for (size_t i = 0; i < left_out_count; i++)
        if (strcmp(left_out[i], name) == 0)
            return false;
    if (!*names)
        return true;
    for (; *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

static void run(char *const *names)
{
    bool open = false, tried = false;
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        const struct section *s = &sections[i];
        if (s->connected && !tried) {
            say_title("connect");
            open = section_connect();
            tried = true;
        }
        if (!is_wanted(s->name, names) || (s->connected && !open))
            continue;
        say_title(s->name);
        s->run();
    }
    if (open) /* again, unless the last section has done it */
        DBC(SQLDisconnect);
}

static SQLINTEGER version_of(const char *name)
{
    return strcmp(name, "2") == 0   ? SQL_OV_ODBC2
           : strcmp(name, "3") == 0 ? SQL_OV_ODBC3
                                    : SQL_OV_ODBC3_80;
}

static const struct option long_options[] = {
    {"wide", no_argument, NULL, 'w'},
    {"version", required_argument, NULL, 'v'},
    {"way", required_argument, NULL, 'c'},
    {"dialect", required_argument, NULL, 'l'},
    {"dsn", required_argument, NULL, 'd'},
    {"user", required_argument, NULL, 'u'},
    {"password", required_argument, NULL, 'p'},
    {"string", required_argument, NULL, 's'},
    {"failing", required_argument, NULL, 'f'},
    {"directory", required_argument, NULL, 'D'},
    {"leave-out", required_argument, NULL, 'x'},
    {NULL, 0, NULL, 0},
};

static bool take_option(int c)
{
    switch (c) {
    case 'w':
        session.wide = true;
        return true;
    case 'v':
        session.version = version_of(optarg);
        return true;
    case 'c':
        session.way = optarg;
        return true;
    case 'l':
        session.dialect = dialect_find(optarg);
        return session.dialect != NULL;
    case 'd':
        session.dsn = optarg;
        return true;
    case 'u':
        session.user = optarg;
        return true;
    case 'p':
        session.password = optarg;
        return true;
    case 's':
        session.string = optarg;
        return true;
    case 'f':
        session.failing = optarg;
        return true;
    case 'D':
        session.directory = optarg;
        return true;
    case 'x':
        if (left_out_count < LEFT_OUT_MAX)
            left_out[left_out_count++] = optarg;
        return true;
    default:
        return false;
    }
}

int main(int argc, char **argv)
{
    int c;
    session = (struct session){.version = SQL_OV_ODBC3,
                               .way = "driver",
                               .dsn = "",
                               .string = "",
                               .failing = "",
                               .directory = "/tmp",
                               .dialect = dialect_find("none")};
    setlocale(LC_ALL, "");
    while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1)
        if (!take_option(c))
            return 2;
    SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &session.env);
    ON(SQL_HANDLE_ENV, session.env, SQLAllocHandle, SQL_HANDLE_DBC, session.env, &session.dbc);
    ON(SQL_HANDLE_ENV, session.env, SQLSetEnvAttr, session.env, SQL_ATTR_ODBC_VERSION,
       VALUE(session.version), SQL_IS_UINTEGER);
    ON(SQL_HANDLE_ENV, session.env, SQLAllocHandle, SQL_HANDLE_DBC, session.env, &session.dbc);
    run(argv + optind);
    ON(SQL_HANDLE_DBC, session.dbc, SQLFreeHandle, SQL_HANDLE_DBC, session.dbc);
    ON(SQL_HANDLE_ENV, session.env, SQLFreeHandle, SQL_HANDLE_ENV, session.env);
    say_title("the end");
    return 0;
}
