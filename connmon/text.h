/* SPDX-License-Identifier: MIT */
/*
 * Text that is fit for a terminal, or for JSON, whatever the bytes it is made of. All of one form:
 * UTF-8 where the locale's characters are, else ASCII. One thread.
 */
#ifndef MON_TEXT_H
#define MON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A line of text of limited bytes; what does not fit is left out. Always ends with a NUL. */
#define MON_TEXT_BYTES 2048
struct mon_text {
    size_t length;  /* bytes */
    size_t columns; /* on the terminal */
    char bytes[MON_TEXT_BYTES];
};

/* Looks at the locale, which the caller has set; `ascii` asks for ASCII whatever that is. */
void mon_text_init(bool ascii);
bool mon_text_is_ascii(void);

void mon_text_clear(struct mon_text *t) __attribute__((nonnull));

/*
 * Appends at most `columns` columns of a text from elsewhere: control characters, bytes that are
 * not UTF-8, what changes the direction of writing, and all else that takes no column or cannot be
 * shown here become `_`, or `?` in ASCII. What is cut ends with `~`.
 */
void mon_text_add(struct mon_text *t, const char *s, size_t columns) __attribute__((nonnull));

/* Appends a text of our own, in ASCII, whole. */
void mon_text_format(struct mon_text *t, const char *format, ...)
    __attribute__((nonnull, format(printf, 2, 3)));

/* Appends blanks until the text has so many columns. */
void mon_text_pad(struct mon_text *t, size_t columns) __attribute__((nonnull));

/* Appends a JSON string, its quotes included: what mon_text_add would replace is escaped. Long ones
   are cut. */
void mon_text_json(struct mon_text *t, const char *s) __attribute__((nonnull));

/* Appends a sparkline, a column a value, between `low` and `high`: -1 stands for no value. */
void mon_text_spark(struct mon_text *t, const double *values, size_t count, double low, double high)
    __attribute__((nonnull));

/* Appends a sparkline with two values in a column. */
void mon_text_braille(struct mon_text *t, const double *values, size_t count, double low,
                      double high) __attribute__((nonnull));

/* Appends a bar of at most `columns` columns, high up to the first length and low from there to the
   second. What is begun of a column fills it, so that what is not 0 is seen. */
void mon_text_bar(struct mon_text *t, double high, double low, size_t columns)
    __attribute__((nonnull));

/* A number in at most 6 columns: 0, 7.3, 12345, 123k, 1.2M. */
#define MON_NUMBER_BYTES 16
const char *mon_number(char out[MON_NUMBER_BYTES], double value) __attribute__((nonnull));
/* A share in percent, cut and not rounded: what is below 50 or 100 never seems to have reached it.
 */
const char *mon_percent(char out[MON_NUMBER_BYTES], double percent) __attribute__((nonnull));
/* A duration in at most 5 columns: 0s, 59s, 12m, 1h05, 3d. */
const char *mon_duration(char out[MON_NUMBER_BYTES], double seconds) __attribute__((nonnull));

#endif
