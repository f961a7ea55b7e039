/* SPDX-License-Identifier: MIT */
/*
 * Data at execution, and long data in pieces.
 */
#include "tests/live/session/sections.h"

#include <stdio.h>
#include <string.h>

#define PIECES       5
#define PIECE_BYTES  1001
#define COUNT(array) (sizeof(array) / sizeof *(array))

static void fill(unsigned char *piece, int seed, bool binary)
{
    for (int i = 0; i < PIECE_BYTES; i++)
        piece[i] = (unsigned char)(binary ? i * 7 + seed : 'a' + (i + seed) % 26);
}

static void put_pieces(SQLHSTMT stmt, bool binary)
{
    unsigned char piece[PIECE_BYTES];
    for (int i = 0; i < PIECES; i++) {
        fill(piece, i, binary);
        STMT(SQLPutData, stmt, piece, sizeof piece);
    }
}

/* Both parameters at execution; which is wanted is told by the token that was bound. */
static void put_all(SQLHSTMT stmt)
{
    SQLPOINTER token = NULL;
    SQLRETURN r = STMT(SQLParamData, stmt, &token);
    for (int i = 0; r == SQL_NEED_DATA && i < 4; i++) {
        say_number("token", (long)(SQLULEN)token);
        put_pieces(stmt, token == VALUE(2));
        r = STMT(SQLParamData, stmt, &token);
    }
}

static void bind_at_execution(SQLHSTMT stmt, SQLLEN *note, SQLLEN *data)
{
    STMT(SQLBindParameter, stmt, 1, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_LONGVARCHAR, 8000, 0, VALUE(1),
         0, note);
    STMT(SQLBindParameter, stmt, 2, SQL_PARAM_INPUT, SQL_C_BINARY, SQL_LONGVARBINARY, 8000, 0,
         VALUE(2), 0, data);
}

static void at_execution(SQLHSTMT stmt)
{
    SQLLEN note = SQL_LEN_DATA_AT_EXEC(PIECES * PIECE_BYTES);
    SQLLEN data = SQL_LEN_DATA_AT_EXEC(PIECES * PIECE_BYTES);
    SQLPOINTER token = NULL;
    STMT_TEXT(SQLPrepare, stmt, text("update session_parent set note = ?, data = ? where id = 5"),
              SQL_NTS);
    bind_at_execution(stmt, &note, &data);
    STMT(SQLExecute, stmt);
    put_all(stmt);
    /* Out of order, and given up half way. */
    STMT(SQLExecute, stmt);
    STMT(SQLExecute, stmt);
    STMT(SQLFetch, stmt);
    STMT(SQLParamData, stmt, &token);
    STMT(SQLPutData, stmt, NULL, SQL_NULL_DATA);
    STMT(SQLCancel, stmt);
    STMT(SQLParamData, stmt, &token);
    note = SQL_DATA_AT_EXEC;
    data = SQL_NULL_DATA;
    STMT_TEXT(SQLExecDirect, stmt, text("update session_parent set note = ?, data = ? where id=4"),
              SQL_NTS);
    put_all(stmt);
}

/* Reads one column in pieces of `size` bytes. */
static void get_pieces(SQLHSTMT stmt, SQLUSMALLINT column, SQLSMALLINT type, SQLLEN size)
{
    for (int i = 0; i < 16; i++) {
        struct out o;
        char call[80];
        SQLLEN length = -7;
        out_clear(&o);
        snprintf(call, sizeof call, "SQLGetData(%d, as %d, %ld bytes)", column, type, (long)size);
        SQLRETURN r = report(call, SQL_HANDLE_STMT, stmt,
                             SQLGetData(stmt, column, type, o.bytes, size, &length));
        say_number("length", length);
        out_bytes("piece", &o);
        if (!SQL_SUCCEEDED(r))
            return;
    }
}

static void in_pieces(SQLHSTMT stmt)
{
    static const struct {
        SQLSMALLINT type;
        SQLLEN size;
    } ways[] = {{SQL_C_CHAR, 1000},  {SQL_C_CHAR, 7},   {SQL_C_WCHAR, 2000}, {SQL_C_WCHAR, 33},
                {SQL_C_BINARY, 999}, {SQL_C_BINARY, 0}, {SQL_C_CHAR, 0}};
    for (size_t i = 0; i < COUNT(ways); i++) {
        STMT_TEXT(SQLExecDirect, stmt,
                  text("select note, data, id from session_parent where id = 5"), SQL_NTS);
        STMT(SQLFetch, stmt);
        get_pieces(stmt, 1, ways[i].type, ways[i].size);
        get_pieces(stmt, 2, ways[i].type, ways[i].size);
        get_pieces(stmt, 3, ways[i].type, ways[i].size);
        get_pieces(stmt, 1, ways[i].type, ways[i].size); /* backwards */
        if (!session.dialect->unsafe)
            get_pieces(stmt, 4, ways[i].type, ways[i].size);
        STMT(SQLFreeStmt, stmt, SQL_CLOSE);
    }
}

void section_long_data(void)
{
    SQLHSTMT stmt = statement_new();
    at_execution(stmt);
    statement_free(stmt);
    stmt = statement_new();
    in_pieces(stmt);
    statement_free(stmt);
}
