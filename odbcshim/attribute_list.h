/* SPDX-License-Identifier: MIT */
/*
 * Attributes that were set on an environment or a connection before there was a target, kept as
 * they were set, to be set again on the target's handle (ODBC Programmer's Reference,
 * SQLSetConnectAttr: the rules for StringLength).
 */
#ifndef SHIM_ATTRIBUTE_LIST_H
#define SHIM_ATTRIBUTE_LIST_H

#include "odbcshim/api.h"

struct shim_handle;

/* What an attribute was set with. */
struct shim_attribute {
    SQLINTEGER attribute;
    SQLPOINTER value;  /* the value itself, or the copy of what it points to */
    SQLINTEGER length; /* as given: a length, SQL_NTS, SQL_IS_..., SQL_LEN_BINARY_ATTR */
    size_t bytes;      /* of the copy; 0: the value itself */
    bool wide;         /* set by the wide function */
    struct shim_attribute *next;
};

/* Keeps the attribute, in place of an earlier setting of it. False when memory is out. */
bool shim_attribute_keep(struct shim_attribute **list, SQLINTEGER attribute, SQLPOINTER value,
                         SQLINTEGER length, bool wide)
    __attribute__((nonnull(1), warn_unused_result));

/* The kept attribute, or NULL. */
const struct shim_attribute *shim_attribute_find(const struct shim_attribute *list,
                                                 SQLINTEGER attribute);

/* Sets them all, in the order in which they were set, on the target's environment or connection. As
   under the driver manager, what the target thinks of one that was set too early is dropped. */
void shim_attributes_replay(const struct shim_attribute *list, const struct shim_api *api,
                            SQLSMALLINT type, SQLHANDLE target) __attribute__((nonnull(2)));

void shim_attributes_free(struct shim_attribute **list) __attribute__((nonnull));

#endif
