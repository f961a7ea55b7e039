/* SPDX-License-Identifier: MIT */
/*
 * Fuzz target: any bytes to both ends of a console. To connmon, as what its collectd sends, and
 * then through all that makes text of it: aborts if a byte comes out that a terminal obeys. To the
 * plugin, as what a console says: aborts if an answer is longer than what it answers. And as what
 * the plugin passes on to consoles: aborts if that is not what came in.
 */
#include <locale.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collectd-plugin/outbox.h"
#include "collectd-plugin/subscribers.h"
#include "collectd-plugin/ticks.h"
#include "connmon/cell.h"
#include "connmon/feed.h"
#include "connmon/fleet.h"
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

        mon_layout_choose(view->kind, rows, count, width, &layout);
        for (size_t r = 0; r < count; r++)
            for (size_t i = 0; i < layout.count; i++) {
                struct mon_text text;

                mon_text_clear(&text);
                mon_cell_add(&text, view, rows[r], &layout, i, now);
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
    mon_fleet_update(model, 1030);
    check_rows(model, &view, 1030);
    view.kind = MON_FLEET;
    check_rows(model, &view, 1030);
    view.kind = MON_HOST;
    check_rows(model, &view, 2000);
    check_json(model, &view, 1030);
    mon_model_tick(model, 1e6);
    mon_fleet_update(model, 1e6);
    mon_model_tick(model, 1e6);
    mon_feed_free(&feed);
    mon_model_free(&model);
}

static const union plug_address *address_of(size_t i, size_t port)
{
    static union plug_address from;

    memset(&from, 0, sizeof(from));
    if (i < 2) {
        from.v4.sin_family = AF_INET;
        from.v4.sin_port = htons((uint16_t)port);
        from.v4.sin_addr.s_addr = htonl(i == 0 ? INADDR_LOOPBACK : 0xc0000201u);
    } else {
        from.v6.sin6_family = AF_INET6;
        from.v6.sin6_port = htons((uint16_t)port);
        from.v6.sin6_addr = in6addr_loopback;
        from.v6.sin6_addr.s6_addr[0] = i == 2 ? 0 : 0x20;
    }
    return &from;
}

/* What anybody says: loopback may subscribe, and from elsewhere who sends back his cookie. */
static void subscribe(const uint8_t *data, size_t size)
{
    static const struct plug_secret secret = {1, 2};
    static struct plug_subscribers all;
    uint8_t answer[CDP_SUBSCRIPTION_BYTES], again[CDP_SUBSCRIPTION_BYTES];
    size_t expected = 0;

    plug_subscribers_init(&all, &secret);
    for (size_t k = 0; k < 8; k++) {
        const union plug_address *from = address_of(k % 4, size + k / 4);
        size_t before = all.count;
        size_t n = plug_subscribers_take(&all, 0, from, data, size, 0, answer);
        uint64_t cookie;

        require(n <= size && all.count <= before + (k % 2 == 0)); /* nobody guesses a cookie */
        if (n == 0 || !cdp_subscription_get(answer, n, CDP_COOK, &cookie))
            continue;
        cdp_subscription_put(again, CDP_HELO, cookie);
        require(plug_subscribers_take(&all, 0, from, again, sizeof(again), plug_seconds(1),
                                      answer) == sizeof(answer));
        expected = before + 1;
        require(all.count == expected);
    }
    plug_subscribers_expire(&all, plug_seconds(1000));
    require(all.count == 0);
}

struct passing {
    struct plug_outbox *box;
    struct plug_outgoing said;
    size_t at; /* in the box, of what is to come out next */
    bool singly;
};

static void put(void *context, const struct cdp_value_list *list)
{
    struct passing *p = context;
    const struct plug_outgoing out = {list->host,     list->plugin,        list->plugin_instance,
                                      list->type,     list->type_instance, list->time,
                                      list->interval, list->values[0]};

    (void)!plug_outbox_put(p->box, &out);
}

static void take_passed(void *context, const struct cdp_value_list *list)
{
    struct passing *p = context;
    struct plug_outgoing *out = &p->said;

    require(plug_outbox_next(p->box, &p->at, out));
    require(list->count == 1 && list->values[0].kind == out->value.kind);
    require(strcmp(list->host, out->host) == 0 && strcmp(list->plugin, out->plugin) == 0);
    require(strcmp(list->plugin_instance, out->plugin_instance) == 0);
    require(strcmp(list->type, out->type) == 0);
    require(strcmp(list->type_instance, out->type_instance) == 0);
    require(list->time == out->time && list->interval == out->interval);
}

static void take_single(void *context, const struct cdp_value_list *list)
{
    (void)context;
    require(strcmp(list->type, "count") == 0 || strcmp(list->type, "derive") == 0);
    require(list->interval > 0);
}

static void check_passed(void *context, const uint8_t *bytes, size_t length)
{
    const struct passing *p = context;

    require(length <= CDP_DATAGRAM_MAX);
    require(cdp_decode(bytes, length, p->singly ? take_single : take_passed, context) ==
            CDP_DECODED);
}

static void pass_on(const uint8_t *data, size_t size)
{
    static struct plug_outbox box;
    struct passing p = {.box = &box};

    require(box.bytes != NULL || plug_outbox_init(&box));
    box.used = 0;
    (void)!cdp_decode(data, size, put, &p);
    plug_outbox_pack(&box, check_passed, &p);
    require(p.at == box.used);
    p.singly = true;
    plug_outbox_pack_singly(&box, check_passed, &p);
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
    subscribe(data, size);
    pass_on(data, size);
    return 0;
}
