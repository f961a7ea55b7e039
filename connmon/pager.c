/* SPDX-License-Identifier: MIT */
/* Owns the lines of a page of text, and which of them are in sight. */
#include "connmon/pager.h"

#include <string.h>

void mon_pager_more(struct mon_pager *pager, size_t column, const struct mon_text *text,
                    enum mon_style style)
{
    size_t n = pager->count - 1;

    if (n >= pager->skip && n - pager->skip < pager->height)
        mon_terminal_put(pager->first + n - pager->skip, column, text->bytes, style, false);
}

void mon_pager_line(struct mon_pager *pager, const struct mon_text *text, enum mon_style style)
{
    pager->count++;
    mon_pager_more(pager, 0, text, style);
}

void mon_pager_wrap(struct mon_pager *pager, const char *text, size_t indent, enum mon_style style)
{
    struct mon_text line;

    mon_text_clear(&line);
    mon_text_pad(&line, indent);
    while (*(text += strspn(text, " ")) != '\0') {
        size_t length = strcspn(text, " ");

        if (line.columns > indent && line.columns + 1 + length > pager->columns) {
            mon_pager_line(pager, &line, style);
            mon_text_clear(&line);
            mon_text_pad(&line, indent);
        }
        mon_text_format(&line, "%s%.*s", line.columns > indent ? " " : "", (int)length, text);
        text += length;
    }
    if (line.columns > indent)
        mon_pager_line(pager, &line, style);
}

void mon_pager_blank(struct mon_pager *pager)
{
    struct mon_text text;

    mon_text_clear(&text);
    mon_pager_line(pager, &text, MON_PLAIN);
}
