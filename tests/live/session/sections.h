/* SPDX-License-Identifier: MIT */
/*
 * The parts of a session. Each leaves the connection as it found it.
 */
#ifndef SESSION_SECTIONS_H
#define SESSION_SECTIONS_H

#include "tests/live/session/dialect.h"
#include "tests/live/session/say.h"

/* Connects session.dbc the way that was asked for; true if it is open. */
bool section_connect(void);

/* Connections of their own: every form of string and buffer, and those that fail. */
void section_ways_to_connect(void);
void section_failing_connects(void);
void section_attributes_before(void);

/* On the open connection. */
void section_setup(void);
void section_information(void);
void section_functions(void);
void section_connection_attributes(void);
void section_statement_attributes(void);
void section_catalogue(void);
void section_results(void);
void section_parameters(void);
void section_arrays(void);
void section_long_data(void);
void section_cursors(void);
void section_bookmarks(void);
void section_descriptors(void);
void section_copied_descriptors(void);
void section_errors(void);
void section_transactions(void);
void section_cancel(void);
void section_threads(void);
void section_handles(void);
void section_old_functions(void);

/* Ends the connection, with what can go wrong in it. */
void section_disconnect(void);

/* For the parts: a statement of session.dbc; NULL if there is none to be had. */
SQLHSTMT statement_new(void);
void statement_free(SQLHSTMT stmt);

/* Executes, printing nothing unless it fails. */
void run_quietly(const char *sql) __attribute__((nonnull));

/* Describes the result of the statement and reads up to `limit` rows of it by SQLGetData. */
void show_result(SQLHSTMT stmt, int limit);

/* The same, with every attribute of every column. */
void show_result_fully(SQLHSTMT stmt, int limit);

#endif
