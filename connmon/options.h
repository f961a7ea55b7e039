/* SPDX-License-Identifier: MIT */
/* The command line. */
#ifndef MON_OPTIONS_H
#define MON_OPTIONS_H

#include "connmon/view.h"

enum mon_output { MON_SCREEN, MON_ONCE, MON_JSON };

struct mon_options {
    bool listens;
    const char *host, *port;
    enum mon_output output;
    double interval; /* seconds between two drawings */
    double timeout;  /* seconds that --once and --json wait at most */
    bool ascii;
    struct mon_view view;
};

/* False: the program is done, with this exit status, and has said why. */
bool mon_options_read(struct mon_options *options, int argc, char **argv, int *status)
    __attribute__((nonnull, warn_unused_result));

#endif
