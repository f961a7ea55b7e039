/* SPDX-License-Identifier: MIT */
/*
 * Text as UTF-8 and as the units that ODBC's functions take: bytes (held in 16 bits each) or
 * UTF-16. From wide text to UTF-8 and back nothing is lost: an unpaired surrogate has the three
 * bytes that the scheme gives its number; a byte that is no UTF-8 is taken for a character of
 * Latin-1. Nothing here depends on the locale. Any thread.
 */
#ifndef SHIM_UNITS_H
#define SHIM_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether a unit or a byte is white space of ASCII. */
bool shim_is_space(unsigned unit);

/* Whether two keys are the same, without regard to ASCII case. */
bool shim_same_key(const char *a, const char *b) __attribute__((nonnull));

/* The units [at, end) as a text that the caller frees; between braces, `}}` is one brace. NULL when
   memory is out. */
char *shim_text_from_units(const uint16_t *units, size_t at, size_t end, bool wide, bool braced)
    __attribute__((nonnull, warn_unused_result));

/* Puts the units of `text` to `to`, which has room for one unit per byte; returns behind them. */
uint16_t *shim_units_from_text(uint16_t *to, const char *text, bool wide)
    __attribute__((nonnull, warn_unused_result));

#endif
