/* SPDX-License-Identifier: MIT */
/*
 * Look-ups in odbc.ini and odbcinst.ini, by libodbcinst.
 *
 * One key at a time: asking for a section's list of keys would never be answered from its memory,
 * and would make that memory longer with each connect.
 */
#include "odbcshim/profile.h"

#include <odbcinst.h>
#include <pthread.h>
#include <string.h>

/* No value can be this: values have no control characters at their ends. */
static const char absent[] = "\x01";

/* libodbcinst finds out once where its files are, and keeps that without a lock: one thread asks it
   before all others do. */
static void find_files(void)
{
    char value[sizeof(absent)];

    (void)SQLGetPrivateProfileString("ODBC", "Pooling", absent, value, sizeof(value),
                                     "odbcinst.ini");
    (void)SQLGetPrivateProfileString("ODBC", "Pooling", absent, value, sizeof(value), "odbc.ini");
}

bool shim_profile_get(const char *file, const char *section, const char *key, char *value,
                      size_t size)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, find_files);
    /* To libodbcinst an empty section is any section. */
    if (size < sizeof(absent) || *section == '\0' || *key == '\0')
        return false;
    /* A value that is cut off gets no end from libodbcinst, in neither of the last bytes. */
    value[0] = value[size - 2] = value[size - 1] = '\0';
    if (SQLGetPrivateProfileString(section, key, absent, value, (int)size, file) >= 0) {
        value[size - 1] = '\0';
        if (strcmp(value, absent) != 0)
            return true;
    }
    *value = '\0';
    return false;
}

static bool has_driver(const char *section, char *driver, size_t size)
{
    return shim_profile_get("odbc.ini", section, "Driver", driver, size) && *driver != '\0';
}

const char *shim_profile_section(const char *dsn, char *driver, size_t size)
{
    UWORD mode = ODBC_BOTH_DSN;

    if (has_driver(dsn, driver, size))
        return dsn;
    /* Never to one file alone: another thread may be looking for its DSN just now. */
    if (SQLGetConfigMode(&mode) && mode != ODBC_BOTH_DSN) {
        SQLSetConfigMode(ODBC_BOTH_DSN);
        if (has_driver(dsn, driver, size))
            return dsn;
    }
    return has_driver("DEFAULT", driver, size) ? "DEFAULT" : NULL;
}

bool shim_profile_yes(const char *value)
{
    return *value == '1' || *value == 'y' || *value == 'Y' ||
           ((*value == 'o' || *value == 'O') && (value[1] == 'n' || value[1] == 'N'));
}
