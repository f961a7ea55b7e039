/* SPDX-License-Identifier: MIT */
/*
 * The functions of the fake driver, from the table. Compiled once per width: FAKE_WIDE says whether
 * the wide forms are there, FAKE_NARROW whether the narrow forms of functions of both widths are.
 * Other selections are made by what the linker is told to export.
 */
#include "tests/fake/inside.h"

#if FAKE_WIDE
#define IN_WIDE_TWIN(...) __VA_ARGS__
#else
#define IN_WIDE_TWIN(...)
#endif
#define IN_WIDE_SINGLE(...)

#if FAKE_NARROW
#define IN_NARROW_TWIN(...) __VA_ARGS__
#else
#define IN_NARROW_TWIN(...)
#endif
#define IN_NARROW_SINGLE(...) __VA_ARGS__

/* clang-format off */
#define DRIVER(name, params, args)                                                                 \
    SQLRETURN SQL_API name params                                                                  \
    {                                                                                              \
        return fake_called(SHIM_FN_##name, (uintptr_t[]){FAKE_WORDS args}, FAKE_COUNT args);       \
    }

#define TEXT SQLCHAR
#define SHIM_ANY(name, twin, kind, id, params, args) IN_NARROW_##twin(DRIVER(name, params, args))
#include "odbcshim/odbc_api.def"

#define TEXT SQLWCHAR
#define SHIM_ANY(name, twin, kind, id, params, args) IN_WIDE_##twin(DRIVER(name##W, params, args))
#include "odbcshim/odbc_api.def"
