/* SPDX-License-Identifier: MIT */
/*
 * The catalogue functions, with names given, counted, empty, left out and as patterns.
 */
#include "tests/live/session/sections.h"

#define NAME(words)    text(words), SQL_NTS
#define COUNTED(words) text(words), units(words)
#define NONE           NULL, 0

/* Shows what the call made, and closes it. */
static void show_and_close(SQLHSTMT stmt)
{
    show_result(stmt, 40);
    STMT(SQLFreeStmt, stmt, SQL_CLOSE);
}

static void tables(SQLHSTMT stmt)
{
    STMT_TEXT(SQLTables, stmt, NONE, NONE, NAME("session%"), NONE);
    show_and_close(stmt);
    STMT_TEXT(SQLTables, stmt, NONE, NONE, COUNTED("session_parent"), NAME("TABLE"));
    show_and_close(stmt);
    STMT_TEXT(SQLTables, stmt, NONE, NONE, NAME("session%"), NAME("'VIEW','SYSTEM TABLE'"));
    show_and_close(stmt);
    STMT_TEXT(SQLTables, stmt, NAME(""), NAME(""), NAME("session%"), NAME(""));
    show_and_close(stmt);
    STMT_TEXT(SQLTables, stmt, NAME("%"), NAME(""), NAME(""), NONE);
    show_and_close(stmt);
    STMT_TEXT(SQLTables, stmt, NAME(""), NAME("%"), NAME(""), NONE);
    show_and_close(stmt);
    STMT_TEXT(SQLTables, stmt, NAME(""), NAME(""), NAME(""), NAME("%"));
    show_and_close(stmt);
    STMT_TEXT(SQLTables, stmt, NONE, NONE, NAME("no such table"), NONE);
    show_and_close(stmt);
    STMT_TEXT(SQLTables, stmt, NONE, NONE, text("x"), -7, NONE);
    STMT(SQLFreeStmt, stmt, SQL_CLOSE);
}

static void columns(SQLHSTMT stmt)
{
    STMT_TEXT(SQLColumns, stmt, NONE, NONE, NAME("session_parent"), NONE);
    show_result_fully(stmt, 40);
    STMT(SQLFreeStmt, stmt, SQL_CLOSE);
    STMT_TEXT(SQLColumns, stmt, NONE, NONE, COUNTED("session_parent"), COUNTED("n%"));
    show_and_close(stmt);
    STMT_TEXT(SQLColumns, stmt, NONE, NONE, NAME("session\\_child"), NAME("%"));
    show_and_close(stmt);
    STMT_TEXT(SQLSetStmtAttr, stmt, SQL_ATTR_METADATA_ID, VALUE(SQL_TRUE), 0);
    STMT_TEXT(SQLColumns, stmt, NONE, NONE, NAME("SESSION_CHILD"), NAME("word"));
    show_and_close(stmt);
    STMT_TEXT(SQLSetStmtAttr, stmt, SQL_ATTR_METADATA_ID, VALUE(SQL_FALSE), 0);
    STMT_TEXT(SQLColumnPrivileges, stmt, NONE, NONE, NAME("session_parent"), NAME("n%"));
    show_and_close(stmt);
    STMT_TEXT(SQLTablePrivileges, stmt, NONE, NONE, NAME("session_p%"));
    show_and_close(stmt);
}

static void keys(SQLHSTMT stmt)
{
    STMT_TEXT(SQLPrimaryKeys, stmt, NONE, NONE, NAME("session_parent"));
    show_and_close(stmt);
    STMT_TEXT(SQLPrimaryKeys, stmt, NONE, NONE, NONE);
    STMT(SQLFreeStmt, stmt, SQL_CLOSE);
    STMT_TEXT(SQLForeignKeys, stmt, NONE, NONE, NONE, NONE, NONE, NAME("session_child"));
    show_and_close(stmt);
    STMT_TEXT(SQLForeignKeys, stmt, NONE, NONE, NAME("session_parent"), NONE, NONE, NONE);
    show_and_close(stmt);
    STMT_TEXT(SQLForeignKeys, stmt, NONE, NONE, COUNTED("session_parent"), NONE, NONE,
              COUNTED("session_child"));
    show_and_close(stmt);
    STMT_TEXT(SQLStatistics, stmt, NONE, NONE, NAME("session_child"), SQL_INDEX_ALL, SQL_QUICK);
    show_and_close(stmt);
    STMT_TEXT(SQLStatistics, stmt, NONE, NONE, NAME("session_child"), SQL_INDEX_UNIQUE, SQL_ENSURE);
    show_and_close(stmt);
    STMT_TEXT(SQLStatistics, stmt, NONE, NONE, NAME("session_child"), 4711, 4711);
    STMT(SQLFreeStmt, stmt, SQL_CLOSE);
    STMT_TEXT(SQLSpecialColumns, stmt, SQL_BEST_ROWID, NONE, NONE, NAME("session_parent"),
              SQL_SCOPE_CURROW, SQL_NULLABLE);
    show_and_close(stmt);
    STMT_TEXT(SQLSpecialColumns, stmt, SQL_ROWVER, NONE, NONE, NAME("session_parent"),
              SQL_SCOPE_SESSION, SQL_NO_NULLS);
    show_and_close(stmt);
}

void section_catalogue(void)
{
    SQLHSTMT stmt = statement_new();
    tables(stmt);
    columns(stmt);
    keys(stmt);
    STMT_TEXT(SQLProcedures, stmt, NONE, NONE, NAME("session%"));
    show_and_close(stmt);
    STMT_TEXT(SQLProcedureColumns, stmt, NONE, NONE, NAME("session_twice"), NONE);
    show_and_close(stmt);
    STMT_TEXT(SQLProcedureColumns, stmt, NONE, NONE, COUNTED("session_next"), NAME("n%"));
    show_and_close(stmt);
    statement_free(stmt);
}
