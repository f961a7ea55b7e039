/* SPDX-License-Identifier: MIT */
/* Owns what may reach a terminal, and how wide it is there. */
#include "connmon/text.h"

#include <langinfo.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

static bool ascii_only = true;

void mon_text_init(bool ascii)
{
    ascii_only = ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
}

bool mon_text_is_ascii(void)
{
    return ascii_only;
}

void mon_text_clear(struct mon_text *t)
{
    t->length = t->columns = 0;
    t->bytes[0] = '\0';
}

static bool put(struct mon_text *t, const char *bytes, size_t n, size_t columns)
{
    if (t->length + n >= sizeof(t->bytes))
        return false;
    memcpy(t->bytes + t->length, bytes, n);
    t->length += n;
    t->bytes[t->length] = '\0';
    t->columns += columns;
    return true;
}

#define NOT_UTF8 UINT32_MAX

/* The character at `s`, which is no NUL, and its bytes; of what is none, one byte and NOT_UTF8. */
static uint32_t read_character(const char *s, size_t *bytes)
{
    static const struct {
        unsigned char mask, lead;
        uint32_t least;
    } forms[] = {{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
    const unsigned char *u = (const unsigned char *)s;

    for (size_t more = 0; more < sizeof(forms) / sizeof(forms[0]); more++) {
        uint32_t c = *u & (unsigned char)~forms[more].mask;

        if ((*u & forms[more].mask) != forms[more].lead)
            continue;
        *bytes = more + 1;
        for (size_t i = 1; i <= more; i++) {
            if ((u[i] & 0xc0) != 0x80)
                goto none;
            c = c << 6 | (u[i] & 0x3fu);
        }
        if (c >= forms[more].least && c <= 0x10ffff && (c < 0xd800 || c > 0xdfff))
            return c;
        break;
    }
none:
    *bytes = 1;
    return NOT_UTF8;
}

/* Marks and overrides of direction, and what stands for nothing: a terminal may obey them, though
   the C library may give them a width. */
static bool is_deceptive(uint32_t c)
{
    static const struct {
        uint32_t from, to;
    } ranges[] = {
        {0x00ad, 0x00ad}, {0x034f, 0x034f}, {0x061c, 0x061c}, {0x115f, 0x1160},
        {0x17b4, 0x17b5}, {0x180b, 0x180f}, {0x200b, 0x200f}, {0x2028, 0x202e},
        {0x2060, 0x206f}, {0x3164, 0x3164}, {0xe000, 0xf8ff}, {0xfe00, 0xfe0f},
        {0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0xe0000, 0x10ffff},
    };

    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
        if (c >= ranges[i].from && c <= ranges[i].to)
            return true;
    return false;
}

/* The columns of a character; 0 if it is not to be shown. */
static size_t columns_of(uint32_t c)
{
    int width;

    if (c < 0x80)
        return c >= 0x20 && c < 0x7f;
    if (c == NOT_UTF8 || c < 0xa0 || ascii_only || is_deceptive(c))
        return 0;
    width = wcwidth((wchar_t)c);
    return width > 0 ? (size_t)width : 0;
}

void mon_text_add(struct mon_text *t, const char *s, size_t columns)
{
    size_t last = t->columns + columns;
    size_t cut_length = t->length, cut_columns = t->columns; /* where `~` would still fit */

    while (*s != '\0') {
        size_t bytes;
        uint32_t c = read_character(s, &bytes);
        size_t width = columns_of(c);
        bool shown = width > 0;

        if (t->columns + (shown ? width : 1) > last) {
            t->length = cut_length;
            t->columns = cut_columns;
            (void)put(t, "~", columns > 0, columns > 0);
            return;
        }
        if (shown ? !put(t, s, bytes, width) : !put(t, ascii_only ? "?" : "_", 1, 1))
            return;
        if (t->columns < last) {
            cut_length = t->length;
            cut_columns = t->columns;
        }
        s += bytes;
    }
}

void mon_text_format(struct mon_text *t, const char *format, ...)
{
    char bytes[512];
    va_list arguments;
    int n;

    va_start(arguments, format);
    n = vsnprintf(bytes, sizeof(bytes), format, arguments);
    va_end(arguments);
    if (n > 0)
        mon_text_add(t, bytes, sizeof(bytes));
}

void mon_text_pad(struct mon_text *t, size_t columns)
{
    while (t->columns < columns && put(t, " ", 1, 1))
        ;
}

static void put_escape(struct mon_text *t, uint32_t c)
{
    char escape[16];

    if (c == NOT_UTF8)
        c = 0xfffd;
    if (c < 0x10000)
        (void)snprintf(escape, sizeof(escape), "\\u%04x", (unsigned)c);
    else
        (void)snprintf(escape, sizeof(escape), "\\u%04x\\u%04x",
                       (unsigned)(0xd800 + ((c - 0x10000) >> 10)),
                       (unsigned)(0xdc00 + ((c - 0x10000) & 0x3ff)));
    (void)put(t, escape, strlen(escape), 0);
}

void mon_text_json(struct mon_text *t, const char *s)
{
    (void)put(t, "\"", 1, 0);
    while (*s != '\0' && t->length + 16 < sizeof(t->bytes)) {
        size_t bytes;
        uint32_t c = read_character(s, &bytes);

        if (c == '"' || c == '\\')
            (void)put(t, "\\", 1, 0);
        if (columns_of(c) > 0)
            (void)put(t, s, bytes, 0);
        else
            put_escape(t, c);
        s += bytes;
    }
    (void)put(t, "\"", 1, 0);
}

/* --- sparklines --- */

/* Of `steps` steps, which one a value is on: 0 for the lowest, at least 1 for what is above. */
static unsigned step_of(double value, double low, double high, unsigned steps)
{
    double step;

    if (value <= low || high <= low)
        return 0;
    step = ceil((value - low) / (high - low) * steps);
    return step < steps ? (unsigned)step : steps;
}

void mon_text_spark(struct mon_text *t, const double *values, size_t count, double low, double high)
{
    static const char blocks[][4] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇"}; /* rows do not touch */
    static const char lines[] = "_.-=*#";

    for (size_t i = 0; i < count; i++) {
        if (values[i] < 0)
            (void)put(t, " ", 1, 1);
        else if (ascii_only)
            (void)put(t, &lines[step_of(values[i], low, high, sizeof(lines) - 2)], 1, 1);
        else
            (void)put(t, blocks[step_of(values[i], low, high, 6)], 3, 1);
    }
}

void mon_text_braille(struct mon_text *t, const double *values, size_t count, double low,
                      double high)
{
    /* The dots of the left and of the right half, filled from below. */
    static const unsigned char left[] = {0x40, 0x40, 0x44, 0x46, 0x47};
    static const unsigned char right[] = {0x80, 0x80, 0xa0, 0xb0, 0xb8};

    if (ascii_only) {
        for (size_t i = 0; i + 1 < count; i += 2) {
            double higher = values[i] > values[i + 1] ? values[i] : values[i + 1];

            mon_text_spark(t, &higher, 1, low, high);
        }
        return;
    }
    for (size_t i = 0; i + 1 < count; i += 2) {
        unsigned dots = 0;
        char bytes[3];

        if (values[i] >= 0)
            dots |= left[step_of(values[i], low, high, 4)];
        if (values[i + 1] >= 0)
            dots |= right[step_of(values[i + 1], low, high, 4)];
        bytes[0] = '\xe2';
        bytes[1] = (char)(0xa0 + (dots >> 6));
        bytes[2] = (char)(0x80 + (dots & 0x3f));
        if (dots == 0)
            (void)put(t, " ", 1, 1);
        else
            (void)put(t, bytes, sizeof(bytes), 1);
    }
}

void mon_text_bar(struct mon_text *t, double high, double low, size_t columns)
{
    for (size_t i = 0; i < columns && ((double)i < high || (double)i < low); i++) {
        bool is_high = (double)i < high;

        if (ascii_only)
            (void)put(t, is_high ? "#" : "-", 1, 1);
        else
            (void)put(t, is_high ? "▇" : "▂", 3, 1);
    }
}

/* --- numbers --- */

const char *mon_number(char out[MON_NUMBER_BYTES], double value)
{
    static const char units[] = " kMGTP";
    size_t unit = 0;

    if (value < 0)
        value = 0;
    if (value < 99999.5) {
        bool is_whole = fabs(value - rint(value)) < 0.005;

        (void)snprintf(out, MON_NUMBER_BYTES,
                       is_whole || value >= 99.95 ? "%.0f"
                       : value >= 0.095           ? "%.1f"
                                                  : "%.2f",
                       value);
        return out;
    }
    while (value >= 999.5 && unit + 2 < sizeof(units)) {
        value /= 1000;
        unit++;
    }
    (void)snprintf(out, MON_NUMBER_BYTES, value < 99.95 ? "%.1f%c" : "%.0f%c",
                   value < 99999 ? value : 99999, units[unit]);
    return out;
}

const char *mon_percent(char out[MON_NUMBER_BYTES], double percent)
{
    /* But what rates make of 90 may be a hair less. */
    (void)snprintf(out, MON_NUMBER_BYTES, "%.0f%%", floor(fmin(percent, 999) + 1e-6));
    return out;
}

const char *mon_duration(char out[MON_NUMBER_BYTES], double seconds)
{
    uint32_t s = seconds < 1e9 ? (uint32_t)(seconds > 0 ? seconds : 0) : 1000000000u;

    if (s < 100)
        (void)snprintf(out, MON_NUMBER_BYTES, "%us", (unsigned)s);
    else if (s < 3600)
        (void)snprintf(out, MON_NUMBER_BYTES, "%um%02u", (unsigned)(s / 60), (unsigned)(s % 60));
    else if (s < 86400)
        (void)snprintf(out, MON_NUMBER_BYTES, "%uh%02u", (unsigned)(s / 3600),
                       (unsigned)(s / 60 % 60));
    else
        (void)snprintf(out, MON_NUMBER_BYTES, "%ud", (unsigned)(s / 86400));
    return out;
}
