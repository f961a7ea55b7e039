/* SPDX-License-Identifier: MIT */
/*
 * The reports that the shim sends, received and added up to what was last said of each program.
 */
#include "tests/unit/conformance_reports.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <time.h>

#include "protocol/decode.h"
#include "tests/unit/conformance.h"

#define PROGRAMS         64
#define DEADLINE_SECONDS 30

static int receiver = -1;
static struct {
    char name[CDP_NAME_MAX];
    union cdp_number numbers[CDP_WIRE_METRICS];
} programs[PROGRAMS];

int reports_begin(void)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct timeval patience = {.tv_usec = 100000};
    socklen_t size = sizeof here;
    receiver = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(receiver, (struct sockaddr *)&here, sizeof here), 0);
    assert_int_equal(getsockname(receiver, (struct sockaddr *)&here, &size), 0);
    assert_int_equal(setsockopt(receiver, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    return ntohs(here.sin_port);
}

static union cdp_number *numbers_of(const char *program)
{
    size_t i = 0;
    while (i < PROGRAMS && *programs[i].name && strcmp(programs[i].name, program) != 0)
        i++;
    assert_true(i < PROGRAMS);
    snprintf(programs[i].name, sizeof programs[i].name, "%s", program);
    return programs[i].numbers;
}

static void take(void *context, const struct cdp_value_list *list)
{
    enum cdp_group group = cdp_group_of(list->type);
    (void)context;
    if (group != CDP_WIRE_GROUPS)
        assert_true(cdp_numbers_from_list(list, group, numbers_of(list->plugin_instance)));
}

/* Takes a datagram in, if one comes soon. */
static void receive(void)
{
    uint8_t datagram[2048];
    ssize_t n = recv(receiver, datagram, sizeof datagram, 0);
    if (n > 0)
        assert_int_equal(cdp_decode(datagram, (size_t)n, take, NULL), CDP_DECODED);
}

static time_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec;
}

void expect_total(int line, const char *program, enum cdp_metric metric, int64_t expected)
{
    time_t deadline = now() + DEADLINE_SECONDS;
    while (numbers_of(program)[metric].derive != expected && now() < deadline)
        receive();
    if (numbers_of(program)[metric].derive != expected)
        fail_msg("line %d: %s of %s is %lld, expected %lld", line, cdp_metrics[metric].name,
                 program, (long long)numbers_of(program)[metric].derive, (long long)expected);
}

void expect_gauge(int line, const char *program, enum cdp_metric metric, double expected)
{
    time_t deadline = now() + DEADLINE_SECONDS;
    while (numbers_of(program)[metric].gauge != expected && now() < deadline)
        receive();
    if (numbers_of(program)[metric].gauge != expected)
        fail_msg("line %d: %s of %s is %g, expected %g", line, cdp_metrics[metric].name, program,
                 numbers_of(program)[metric].gauge, expected);
}
