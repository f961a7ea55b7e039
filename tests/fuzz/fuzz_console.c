/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: any bytes to both ends of a console. To connmon, as what its collectd sends, and
 * then through all that makes text of it: aborts if a byte comes out that a terminal obeys. To the
 * plugin, as what a console says: aborts if an answer is longer than what it answers.
 */
#include <locale.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectd-plugin/subscribers.h"
#include "connmon/cell.h"
#include "connmon/feed.h"
#include "connmon/json.h"
#include "tests/fuzz/fuzz.h"

static void require(bool promise)
{
    if (!promise)
        abort();
}

/* What may reach a terminal: no C0, no DEL, no C1, and none of what changes the direction. */
static void check_text(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i], next = (unsigned char)s[i + 1];

        require((c >= 0x20 && c != 0x7f) || c == '\n');
        require(c != 0xc2 || next >= 0xa0);
        require(c != 0xe2 || next != 0x80 || (unsigned char)s[i + 2] < 0xaa ||
                (unsigned char)s[i + 2] > 0xae);
    }
}

static void check_rows(const struct mon_model *model, const struct mon_view *view, double now)
{
    const struct mon_row *rows[64];
    size_t count = mon_view_rows(view, model, now, rows, 64);

    for (size_t width = 10; width <= 240; width += 115) {
        struct mon_layout layout;

        mon_layout_choose(view->hosts, rows, count, width, &layout);
        for (size_t r = 0; r < count; r++)
            for (size_t i = 0; i < layout.count; i++) {
                struct mon_text text;

                mon_text_clear(&text);
                mon_cell_add(&text, view, rows[r], layout.cells[i].column, layout.cells[i].width,
                             now);
                require(text.columns == layout.cells[i].width);
                check_text(text.bytes, text.length);
            }
    }
}

static void check_json(const struct mon_model *model, const struct mon_view *view, double now)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);

    if (out == NULL)
        return;
    mon_json_write(out, model, view, now, now);
    fclose(out);
    check_text(text, length);
    free(text);
}

static void console(const uint8_t *data, size_t size)
{
    struct mon_model *model = mon_model_new(size);
    struct mon_feed *feed = mon_feed_new("127.0.0.1", "25828");
    struct mon_view view;

    if (model == NULL || feed == NULL)
        abort();
    mon_view_init(&view);
    /* Twice, so that totals have a rate; and once more in halves, as other datagrams. */
    mon_feed_take(feed, model, data, size, 1000);
    mon_feed_take(feed, model, data, size, 1010);
    mon_feed_take(feed, model, data, size / 2, 1020);
    mon_feed_take(feed, model, data + size / 2, size - size / 2, 1020);
    mon_model_tick(model, 1030);
    check_rows(model, &view, 1030);
    view.hosts = true;
    check_rows(model, &view, 2000);
    check_json(model, &view, 1030);
    mon_model_tick(model, 1e6);
    mon_feed_free(&feed);
    mon_model_free(&model);
}

static void plugin(const uint8_t *data, size_t size)
{
    static const struct plug_secret secret = {1, 2};
    struct plug_subscribers all;
    union plug_address from = {.v4 = {.sin_family = AF_INET}};
    uint8_t answer[CDP_SUBSCRIPTION_BYTES];

    plug_subscribers_init(&all, &secret);
    for (size_t i = 0; i < 3; i++) {
        from.v4.sin_addr.s_addr = htonl(i == 0 ? INADDR_LOOPBACK : 0xc0000201u);
        from.v4.sin_port = htons((uint16_t)(size + i));
        require(plug_subscribers_take(&all, 0, &from, data, size, 0, answer) <= size);
    }
    require(all.count <= 1); /* nobody guesses a cookie */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool is_ready;

    if (!is_ready) {
        (void)setlocale(LC_CTYPE, "C.UTF-8");
        mon_text_init(false);
        is_ready = true;
    }
    console(data, size);
    plugin(data, size);
    return 0;
}
