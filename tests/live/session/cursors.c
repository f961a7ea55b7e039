/* SPDX-License-Identifier: MIT */
/*
 * Block and scrollable cursors, bound columns, positioned work, and bookmarks.
 */
#include "tests/live/session/sections.h"

#include <stdio.h>
#include <string.h>

#define ROWSET       3
#define COUNT(array) (sizeof(array) / sizeof *(array))

struct rowset {
    SQLINTEGER id[ROWSET];
    SQLLEN id_length[ROWSET];
    SQLCHAR name[ROWSET][24];
    SQLLEN name_length[ROWSET];
    SQLUSMALLINT status[ROWSET];
    SQLULEN fetched;
};

static void rowset_clear(struct rowset *s)
{
    memset(s, 0, sizeof *s);
    for (int i = 0; i < ROWSET; i++)
        s->status[i] = 77;
    s->fetched = 4711;
}

static void rowset_show(const struct rowset *s)
{
    printf("    fetched %lu\n", (unsigned long)s->fetched);
    for (int i = 0; i < ROWSET; i++) {
        struct out name;
        out_clear(&name);
        memcpy(name.bytes, s->name[i], strlen((const char *)s->name[i]));
        printf("    row %d: status %d, id %d (%ld), name (%ld)", i, s->status[i], (int)s->id[i],
               (long)s->id_length[i], (long)s->name_length[i]);
        out_narrow("", &name);
    }
}

static void rowset_bind(SQLHSTMT stmt, struct rowset *s)
{
    STMT_TEXT(SQLSetStmtAttr, stmt, SQL_ATTR_ROW_ARRAY_SIZE, VALUE(ROWSET), 0);
    STMT_TEXT(SQLSetStmtAttr, stmt, SQL_ATTR_ROW_STATUS_PTR, s->status, 0);
    STMT_TEXT(SQLSetStmtAttr, stmt, SQL_ATTR_ROWS_FETCHED_PTR, &s->fetched, 0);
    STMT(SQLBindCol, stmt, 1, SQL_C_SLONG, s->id, 0, s->id_length);
    STMT(SQLBindCol, stmt, 2, SQL_C_CHAR, s->name, sizeof s->name[0], s->name_length);
}

/* ---- scrolling ------------------------------------------------------------------------------ */

static const struct {
    SQLSMALLINT orientation;
    SQLLEN offset;
} moves[] = {
    {SQL_FETCH_NEXT, 0},
    {SQL_FETCH_NEXT, 0},
    {SQL_FETCH_NEXT, 0},
    {SQL_FETCH_PRIOR, 0},
    {SQL_FETCH_FIRST, 0},
    {SQL_FETCH_LAST, 0},
    {SQL_FETCH_ABSOLUTE, 2},
    {SQL_FETCH_RELATIVE, 1},
    {SQL_FETCH_RELATIVE, -2},
    {SQL_FETCH_ABSOLUTE, -1},
    {SQL_FETCH_ABSOLUTE, 99},
    {SQL_FETCH_BOOKMARK, 0},
    {4711, 0},
};

static void scroll(SQLHSTMT stmt, struct rowset *s)
{
    for (size_t i = 0; i < COUNT(moves); i++) {
        char call[80];
        rowset_clear(s);
        snprintf(call, sizeof call, "SQLFetchScroll(%d, %ld)", moves[i].orientation,
                 (long)moves[i].offset);
        report(call, SQL_HANDLE_STMT, stmt,
               SQLFetchScroll(stmt, moves[i].orientation, moves[i].offset));
        rowset_show(s);
    }
}

static void position(SQLHSTMT stmt, struct rowset *s, bool updatable)
{
    struct out o;
    SQLLEN length = -7;
    STMT(SQLFetchScroll, stmt, SQL_FETCH_FIRST, 0);
    STMT(SQLSetPos, stmt, 2, SQL_POSITION, SQL_LOCK_NO_CHANGE);
    out_clear(&o);
    STMT(SQLGetData, stmt, 2, SQL_C_CHAR, o.bytes, 100, &length);
    out_narrow("name", &o);
    STMT(SQLSetPos, stmt, 1, SQL_REFRESH, SQL_LOCK_NO_CHANGE);
    strcpy((char *)s->name[1], "changed");
    s->name_length[1] = SQL_NTS;
    STMT(SQLSetPos, stmt, 2, SQL_UPDATE, SQL_LOCK_NO_CHANGE);
    STMT(SQLSetPos, stmt, 3, SQL_DELETE, SQL_LOCK_NO_CHANGE);
    STMT(SQLSetPos, stmt, 99, SQL_POSITION, SQL_LOCK_NO_CHANGE);
    rowset_show(s);
    if (!updatable) /* one driver adds a row all the same, to nowhere */
        return;
    s->id[0] = 77;
    s->id_length[0] = 0;
    strcpy((char *)s->name[0], "added");
    s->name_length[0] = SQL_NTS;
    STMT_TEXT(SQLSetStmtAttr, stmt, SQL_ATTR_ROW_ARRAY_SIZE, VALUE(1), 0);
    STMT(SQLBulkOperations, stmt, SQL_ADD);
    rowset_show(s);
}

static void with_cursor(SQLULEN type, SQLULEN concurrency)
{
    struct rowset s;
    rowset_clear(&s);
    SQLHSTMT stmt = statement_new();
    printf("  cursor type %lu, concurrency %lu\n", (unsigned long)type, (unsigned long)concurrency);
    run_quietly("delete from session_array");
    run_quietly("insert into session_array (id, word) values (1, 'one'), (2, 'two'), "
                "(3, null), (4, 'four'), (5, 'five'), (6, 'six'), (7, 'seven')");
    STMT_TEXT(SQLSetStmtAttr, stmt, SQL_ATTR_CURSOR_TYPE, VALUE(type), 0);
    STMT_TEXT(SQLSetStmtAttr, stmt, SQL_ATTR_CONCURRENCY, VALUE(concurrency), 0);
    rowset_bind(stmt, &s);
    STMT_TEXT(SQLExecDirect, stmt, text("select id, word from session_array order by id"), SQL_NTS);
    scroll(stmt, &s);
    position(stmt, &s, concurrency != SQL_CONCUR_READ_ONLY);
    STMT(SQLCloseCursor, stmt);
    STMT(SQLCloseCursor, stmt);
    STMT(SQLFreeStmt, stmt, SQL_UNBIND);
    STMT_TEXT(SQLSetStmtAttr, stmt, SQL_ATTR_ROW_ARRAY_SIZE, VALUE(1), 0);
    STMT_TEXT(SQLExecDirect, stmt, text("select id, word from session_array order by id"), SQL_NTS);
    show_result(stmt, 20);
    statement_free(stmt);
}

/* Two statements: one holds the cursor, the other works at its position. */
static void named_cursor(void)
{
    struct out o;
    SQLSMALLINT length = -7;
    SQLHSTMT holder = statement_new(), worker = statement_new();
    STMT_TEXT(SQLGetCursorName, holder, (void *)o.bytes, 100, &length);
    STMT_TEXT(SQLSetCursorName, holder, text("session_cursor"), SQL_NTS);
    STMT_TEXT(SQLSetCursorName, worker, text("session_cursor"), units("session_cursor"));
    for (SQLSMALLINT size = 0; size < 40; size += 13) {
        out_clear(&o);
        STMT_TEXT(SQLGetCursorName, holder, (void *)o.bytes, size, &length);
        if (o.bytes[0] == 's') /* a name that the driver makes may be an address */
            out_text("name", &o);
        say_number("length", length);
    }
    STMT_TEXT(SQLSetStmtAttr, holder, SQL_ATTR_CURSOR_TYPE, VALUE(SQL_CURSOR_STATIC), 0);
    STMT_TEXT(SQLSetStmtAttr, holder, SQL_ATTR_CONCURRENCY, VALUE(SQL_CONCUR_VALUES), 0);
    STMT_TEXT(SQLExecDirect, holder, text("select id, word from session_array where id < 3"),
              SQL_NTS);
    STMT(SQLFetch, holder);
    STMT_TEXT(SQLExecDirect, worker,
              text("update session_array set word = 'here' where current of session_cursor"),
              SQL_NTS);
    statement_free(worker);
    statement_free(holder);
}

void section_cursors(void)
{
    with_cursor(SQL_CURSOR_FORWARD_ONLY, SQL_CONCUR_READ_ONLY);
    with_cursor(SQL_CURSOR_STATIC, SQL_CONCUR_READ_ONLY);
    with_cursor(SQL_CURSOR_STATIC, SQL_CONCUR_ROWVER);
    with_cursor(SQL_CURSOR_KEYSET_DRIVEN, SQL_CONCUR_ROWVER);
    with_cursor(SQL_CURSOR_DYNAMIC, SQL_CONCUR_VALUES);
    named_cursor();
}

/* ---- bookmarks ------------------------------------------------------------------------------ */

void section_bookmarks(void)
{
    unsigned char mark[ROWSET][32];
    SQLLEN mark_length[ROWSET] = {-7, -7, -7}, length = -7;
    struct rowset s;
    struct out o;
    SQLHSTMT stmt = statement_new();
    memset(mark, 0, sizeof mark);
    rowset_clear(&s);
    STMT_TEXT(SQLSetStmtAttr, stmt, SQL_ATTR_CURSOR_TYPE, VALUE(SQL_CURSOR_STATIC), 0);
    STMT_TEXT(SQLSetStmtAttr, stmt, SQL_ATTR_USE_BOOKMARKS, VALUE(SQL_UB_VARIABLE), 0);
    rowset_bind(stmt, &s);
    STMT(SQLBindCol, stmt, 0, SQL_C_VARBOOKMARK, mark, sizeof mark[0], mark_length);
    STMT_TEXT(SQLExecDirect, stmt, text("select id, name from session_parent order by id"),
              SQL_NTS);
    STMT(SQLFetchScroll, stmt, SQL_FETCH_FIRST, 0);
    rowset_show(&s);
    say_number("length", mark_length[0]);
    out_clear(&o);
    STMT(SQLGetData, stmt, 0, SQL_C_BOOKMARK, o.bytes, 4, &length);
    out_bytes("bookmark", &o);
    STMT_TEXT(SQLSetStmtAttr, stmt, SQL_ATTR_FETCH_BOOKMARK_PTR, mark[1], 0);
    STMT(SQLFetchScroll, stmt, SQL_FETCH_BOOKMARK, 0);
    rowset_show(&s);
    STMT(SQLFetchScroll, stmt, SQL_FETCH_BOOKMARK, 1);
    rowset_show(&s);
    STMT(SQLBulkOperations, stmt, SQL_FETCH_BY_BOOKMARK);
    rowset_show(&s);
    STMT(SQLFreeStmt, stmt, SQL_CLOSE);
    statement_free(stmt);
}

/* ---- results -------------------------------------------------------------------------------- */

void section_results(void)
{
    static const char *const selects[] = {
        "select * from session_parent order by id",
        "select * from session_view order by id",
        "select count(*) as n, 'x' as \xc3\xa4 from session_child",
        "select id from session_parent where id = 4711",
        "update session_parent set name = name where id < 3",
        "delete from session_child where id=9",
    };
    SQLHSTMT stmt = statement_new();
    for (size_t i = 0; i < COUNT(selects); i++) {
        STMT_TEXT(SQLExecDirect, stmt, text(selects[i]), SQL_NTS);
        if (i == 0)
            show_result_fully(stmt, 20);
        else
            show_result(stmt, 20);
        STMT(SQLMoreResults, stmt);
        STMT(SQLFreeStmt, stmt, SQL_CLOSE);
    }
    STMT_TEXT(SQLPrepare, stmt, text(selects[1]), units(selects[1]));
    for (int i = 0; i < 2; i++) {
        STMT(SQLExecute, stmt);
        show_result(stmt, 20);
        STMT(SQLCloseCursor, stmt);
    }
    if (session.dialect->many_results) {
        SQLRETURN r = STMT_TEXT(SQLExecDirect, stmt, text(session.dialect->many_results), SQL_NTS);
        for (int i = 0; SQL_SUCCEEDED(r) && i < 6; i++) {
            show_result(stmt, 5);
            r = STMT(SQLMoreResults, stmt);
        }
    }
    statement_free(stmt);
}
