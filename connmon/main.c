/* SPDX-License-Identifier: MIT */
/* Owns the loop: wait for figures and keys, draw; and the two ways to print once and end. */
#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "connmon/attention.h"
#include "connmon/cell.h"
#include "connmon/feed.h"
#include "connmon/fleet.h"
#include "connmon/input.h"
#include "connmon/json.h"
#include "connmon/options.h"

/* A table that goes into a file has all columns. */
#define COLUMNS_OF_A_FILE 240

static volatile sig_atomic_t ended_by;

static void on_end(int signal_number)
{
    ended_by = signal_number;
}

/* Signals arrive only while we wait, so that none is missed between a look and the wait. */
static void catch_signals(sigset_t *while_waiting)
{
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    struct sigaction action = {.sa_handler = on_end};
    sigset_t blocked;

    (void)sigemptyset(&blocked);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        (void)sigaction(ends[i], &action, NULL);
        (void)sigaddset(&blocked, ends[i]);
    }
    (void)sigprocmask(SIG_BLOCK, &blocked, while_waiting);
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        (void)sigdelset(while_waiting, ends[i]);
}

static double now_in_seconds(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9 + 1; /* never 0, which stands for never */
}

/* Waits for figures, for keys if `keys`, or until then. False: there will be no more keys. */
static bool wait_until(const struct mon_feed *feed, bool keys, double until,
                       const sigset_t *while_waiting)
{
    struct pollfd polled[MON_FEED_SOCKETS + 1];
    size_t n = mon_feed_poll(feed, polled);
    double left = until - now_in_seconds();
    struct timespec t = {0};

    if (left > 0) {
        t.tv_sec = (time_t)left;
        t.tv_nsec = (long)((left - (double)t.tv_sec) * 1e9);
    }
    polled[n] = (struct pollfd){.fd = keys ? STDIN_FILENO : -1, .events = POLLIN};
    if (ppoll(polled, n + 1, &t, while_waiting) <= 0)
        return true;
    return (polled[n].revents & (POLLHUP | POLLERR | POLLNVAL)) == 0;
}

/* --- the screen --- */

static void run_screen(const struct mon_options *options, struct mon_screen *screen,
                       struct mon_feed *feed, struct mon_model *model,
                       const sigset_t *while_waiting)
{
    double due = 0;
    bool goes_on = true;

    while (goes_on && ended_by == 0) {
        double now = now_in_seconds();
        struct mon_key key;
        bool draw = now >= due;

        (void)mon_feed_run(feed, model, now);
        if (draw) {
            mon_model_tick(model, now);
            mon_fleet_update(model, now);
            due = now + options->interval;
        }
        while (goes_on && mon_terminal_key(&key)) {
            goes_on = mon_screen_key(screen, model, &key, now);
            draw = true;
        }
        if (draw && goes_on)
            mon_screen_draw(screen, model, feed, now);
        /* Looked at often enough to say HELO in time. */
        if (goes_on && !wait_until(feed, true, due < now + 1 ? due : now + 1, while_waiting))
            goes_on = false;
    }
}

static int show_screen(const struct mon_options *options, struct mon_feed *feed,
                       struct mon_model *model, const sigset_t *while_waiting)
{
    struct mon_screen screen;
    char where[300];
    char error[256];

    (void)snprintf(where, sizeof(where), "%s:%s", options->host, options->port);
    if (!mon_terminal_open(error, sizeof(error))) {
        fprintf(stderr, "connmon: %s\n", error);
        return EXIT_FAILURE;
    }
    mon_screen_init(&screen, &options->view, where);
    run_screen(options, &screen, feed, model, while_waiting);
    mon_terminal_close();
    return EXIT_SUCCESS;
}

/* --- once --- */

static size_t columns_of_output(void)
{
    struct winsize size;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return COLUMNS_OF_A_FILE;
}

static void print_line(struct mon_text *text)
{
    while (text->length > 0 && text->bytes[text->length - 1] == ' ')
        text->bytes[--text->length] = '\0';
    puts(text->bytes);
    mon_text_clear(text);
}

/* They are for a screen; and there is no trend yet. */
static void leave_graphs_out(struct mon_layout *layout)
{
    size_t kept = 0;

    for (size_t i = 0; i < layout->count; i++)
        if (mon_columns[layout->cells[i].column].form < MON_FORM_BAR)
            layout->cells[kept++] = layout->cells[i];
    layout->count = kept;
}

static void print_table(const struct mon_view *view, const struct mon_model *model, double now)
{
    struct mon_layout layout;
    struct mon_text text;
    size_t count;
    const struct mon_row **rows;

    (void)mon_model_rows(model, &count);
    rows = calloc(count + 1, sizeof(*rows));
    if (rows == NULL)
        return;
    count = mon_view_rows(view, model, now, rows, count);
    mon_layout_choose(view->kind, rows, count, columns_of_output() - 2, &layout);
    leave_graphs_out(&layout);
    mon_text_clear(&text);
    for (size_t i = 0; i < layout.count; i++) {
        mon_text_pad(&text, text.columns + (i > 0 ? 1 : 2));
        mon_cell_heading(&text, view, layout.cells[i].column, layout.cells[i].width);
    }
    print_line(&text);
    for (size_t r = 0; r < count; r++) {
        mon_text_format(&text, "%c ", mon_row_mark(view, rows[r], now));
        for (size_t i = 0; i < layout.count; i++) {
            mon_cell_add(&text, view, rows[r], &layout, i, now);
            mon_text_pad(&text, text.columns + 1);
        }
        print_line(&text);
    }
    free(rows);
}

static int print_once(const struct mon_options *options, struct mon_feed *feed,
                      struct mon_model *model, const sigset_t *while_waiting)
{
    double now = now_in_seconds();
    double until = now + options->timeout;
    size_t count = 0;
    const char *advice;

    while (ended_by == 0 && now < until && !mon_model_is_complete(model)) {
        (void)wait_until(feed, false, now + 0.2 < until ? now + 0.2 : until, while_waiting);
        now = now_in_seconds();
        (void)mon_feed_run(feed, model, now);
    }
    mon_model_tick(model, now);
    mon_fleet_update(model, now);
    (void)mon_model_rows(model, &count);
    if (count > 0 && options->output == MON_ONCE)
        print_table(&options->view, model, now);
    if (count > 0 && options->output == MON_JSON)
        mon_json_write(stdout, model, &options->view, now, (double)time(NULL));
    if (count > 0)
        return EXIT_SUCCESS;
    for (size_t n = 0; (advice = mon_feed_advice(feed, now, n)) != NULL; n++)
        fprintf(stderr, "%s%s\n", n == 0 ? "connmon: " : "", advice);
    return EXIT_FAILURE;
}

static int run(const struct mon_options *options, struct mon_feed *feed, struct mon_model *model)
{
    sigset_t while_waiting;

    catch_signals(&while_waiting);
    return options->output == MON_SCREEN ? show_screen(options, feed, model, &while_waiting)
                                         : print_once(options, feed, model, &while_waiting);
}

int main(int argc, char **argv)
{
    struct mon_options options;
    struct mon_feed *feed;
    struct mon_model *model;
    uint64_t seed;
    char error[512];
    int status = EXIT_FAILURE;

    (void)setlocale(LC_ALL, "");
    (void)setlocale(LC_NUMERIC, "C"); /* figures as everywhere else, and valid JSON */
    if (!mon_options_read(&options, argc, argv, &status))
        return status;
    mon_text_init(options.ascii);
    if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed) ||
        (model = mon_model_new(seed)) == NULL) {
        fprintf(stderr, "connmon: out of memory\n");
        return EXIT_FAILURE;
    }
    feed = options.listens ? mon_feed_listen(options.host, options.port, error, sizeof(error))
                           : mon_feed_connect(options.host, options.port, error, sizeof(error));
    if (feed == NULL)
        fprintf(stderr, "connmon: %s\n", error);
    else
        status = run(&options, feed, model);
    mon_feed_free(&feed);
    mon_model_free(&model);
    if (ended_by != 0) {
        sigset_t none;

        (void)signal(ended_by, SIG_DFL);
        (void)raise(ended_by);
        (void)sigemptyset(&none);
        (void)sigprocmask(SIG_SETMASK, &none, NULL); /* here it ends us, as whoever sent it sees */
    }
    return status;
}
