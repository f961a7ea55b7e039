/* SPDX-License-Identifier: MIT */
/*
 * Owns the question whether there is a program left to report of. The C library ends a process with
 * its last thread, and a thread of ours would never be that: so it has to look around.
 */
#include "odbcshim/alone.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The beginning of a file of /proc; "" where there is none. */
static void read_start(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, size - 1) : -1;

    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
}

/* Whether the main thread has ended while others go on: then it is a zombie. The state stands
   behind the program's name, which is in parentheses and may hold any. */
static bool main_has_ended(void)
{
    char stat[256];
    const char *at;

    read_start("/proc/self/stat", stat, sizeof(stat));
    at = strrchr(stat, ')');
    return at != NULL && at[1] == ' ' && at[2] == 'Z';
}

static bool is_ours(const char *thread)
{
    char path[64], name[32];

    if (snprintf(path, sizeof(path), "/proc/self/task/%s/comm", thread) >= (int)sizeof(path))
        return false;
    read_start(path, name, sizeof(name));
    return strcmp(name, SHIM_THREAD_NAME "\n") == 0;
}

bool shim_is_alone(void)
{
    DIR *threads;
    const struct dirent *thread;
    bool alone = true;

    if (!main_has_ended())
        return false;
    threads = opendir("/proc/self/task");
    if (threads == NULL)
        return false;
    while (alone && (thread = readdir(threads)) != NULL) {
        bool is_thread = thread->d_name[0] != '.';

        alone = !is_thread || atol(thread->d_name) == (long)getpid() || is_ours(thread->d_name);
    }
    closedir(threads);
    return alone;
}
