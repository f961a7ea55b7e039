/* SPDX-License-Identifier: MIT */
/*
 * Owns what was set before there was a target to set it on.
 */
#include "odbcshim/attribute_list.h"

#include "odbcshim/target.h"

#include <stdlib.h>
#include <string.h>

/* Connection attributes of the ODBC specification that are texts; all its others are integers or
   pointers, whatever length comes with them. */
static bool is_text(SQLINTEGER attribute)
{
    return attribute == SQL_ATTR_CURRENT_CATALOG || attribute == SQL_ATTR_TRACEFILE ||
           attribute == SQL_ATTR_TRANSLATE_LIB;
}

/* Whether the specification defines the attribute; the rest are the drivers' own. */
static bool is_standard(SQLINTEGER attribute)
{
    return (attribute >= SQL_ATTR_ACCESS_MODE && attribute <= SQL_ATTR_RESET_CONNECTION) ||
           (attribute >= SQL_ATTR_ODBC_VERSION && attribute <= SQL_ATTR_CP_MATCH) ||
           attribute == SQL_ATTR_ASYNC_ENABLE || attribute == SQL_ATTR_METADATA_ID ||
           attribute == SQL_ATTR_AUTO_IPD || attribute == SQL_ATTR_OUTPUT_NTS;
}

static size_t wide_length(const SQLWCHAR *text)
{
    size_t n = 0;
    while (text[n])
        n++;
    return n;
}

/* How many bytes the value points to; 0 if it is the value itself. */
static size_t pointed_bytes(SQLINTEGER attribute, SQLPOINTER value, SQLINTEGER length, bool wide)
{
    if (!value || (is_standard(attribute) && !is_text(attribute)))
        return 0;
    if (length == SQL_NTS)
        return wide ? (wide_length(value) + 1) * sizeof(SQLWCHAR) : strlen(value) + 1;
    if (length > 0)
        return (size_t)length; /* in bytes for both widths (SQLSetConnectAttr) */
    if (length <= SQL_LEN_BINARY_ATTR_OFFSET)
        return (size_t)(SQL_LEN_BINARY_ATTR_OFFSET - length);
    return 0; /* SQL_IS_POINTER, SQL_IS_INTEGER and their like */
}

bool shim_attribute_keep(struct shim_attribute **list, SQLINTEGER attribute, SQLPOINTER value,
                         SQLINTEGER length, bool wide)
{
    size_t bytes = pointed_bytes(attribute, value, length, wide);
    struct shim_attribute *a = malloc(sizeof *a + bytes);
    if (!a)
        return false;
    *a = (struct shim_attribute){attribute, value, length, bytes, wide, NULL};
    if (bytes) {
        memcpy(a + 1, value, bytes);
        a->value = a + 1;
    }
    /* A new setting goes to the end: attributes may depend on the order they are set in. */
    while (*list) {
        struct shim_attribute *old = *list;
        if (old->attribute == attribute) {
            *list = old->next;
            free(old);
        } else {
            list = &old->next;
        }
    }
    *list = a;
    return true;
}

const struct shim_attribute *shim_attribute_find(const struct shim_attribute *list,
                                                 SQLINTEGER attribute)
{
    while (list && list->attribute != attribute)
        list = list->next;
    return list;
}

/* By the function it was set with, else by the first that the target has and that can take it, in
   the order in which the driver manager tries them; else not at all. */
static void set_on_connection(const struct shim_attribute *a, const struct shim_api *api,
                              SQLHDBC target)
{
    bool option = a->attribute >= 0 && a->attribute <= UINT16_MAX;
#if SHIM_WIDE
    if (a->wide && shim_target_has(api, SHIM_FN_SQLSetConnectAttrW)) {
        api->SQLSetConnectAttrW(target, a->attribute, a->value, a->length);
        return;
    }
#endif
    if (a->wide && a->bytes && is_text(a->attribute))
        return;
    if (shim_target_has(api, SHIM_FN_SQLSetConnectAttr)) {
        api->SQLSetConnectAttr(target, a->attribute, a->value, a->length);
        return;
    }
    if (a->attribute == SQL_ATTR_ANSI_APP) /* of the driver manager: by that function alone */
        return;
    if (option && shim_target_has(api, SHIM_FN_SQLSetConnectOption))
        api->SQLSetConnectOption(target, (SQLUSMALLINT)a->attribute, (SQLULEN)a->value);
#if SHIM_WIDE
    else if (!a->bytes && shim_target_has(api, SHIM_FN_SQLSetConnectAttrW))
        api->SQLSetConnectAttrW(target, a->attribute, a->value, a->length);
#endif
}

void shim_attributes_replay(const struct shim_attribute *list, const struct shim_api *api,
                            SQLSMALLINT type, SQLHANDLE target)
{
    for (; list; list = list->next) {
        if (type == SQL_HANDLE_DBC)
            set_on_connection(list, api, target);
        else if (shim_target_has(api, SHIM_FN_SQLSetEnvAttr))
            api->SQLSetEnvAttr(target, list->attribute, list->value, list->length);
    }
}

void shim_attributes_free(struct shim_attribute **list)
{
    while (*list) {
        struct shim_attribute *a = *list;
        *list = a->next;
        free(a);
    }
}
