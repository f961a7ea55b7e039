/* SPDX-License-Identifier: MIT */
/* Owns the child process: its making, the pipe to it, and its end. */
#include "tools/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void work_and_tell(tool_child_work *work, const void *order, void *result, size_t size,
                          int to)
{
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);

    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        (void)dup2(nowhere, fd);
    work(order, result);
    for (size_t done = 0; done < size;) {
        ssize_t n = write(to, (const char *)result + done, size - done);

        if (n <= 0)
            break;
        done += (size_t)n;
    }
    _exit(EXIT_SUCCESS);
}

static long now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Reads what the child tells. */
static enum tool_child_end listen_to(int from, void *result, size_t size, int patience_ms)
{
    long end = now_ms() + patience_ms;
    size_t done = 0;

    while (done < size) {
        struct pollfd polled = {.fd = from, .events = POLLIN};
        long left = end - now_ms();
        int ready = left > 0 ? poll(&polled, 1, (int)left) : 0;
        ssize_t n;

        if (ready < 0 && errno == EINTR)
            continue;
        if (ready == 0)
            return TOOL_CHILD_LATE;
        n = read(from, (char *)result + done, size - done);
        if (n <= 0)
            return TOOL_CHILD_ENDED;
        done += (size_t)n;
    }
    return TOOL_CHILD_DONE;
}

enum tool_child_end tool_child_do(tool_child_work *work, const void *order, void *result,
                                  size_t size, int patience_ms)
{
    enum tool_child_end end;
    int ends[2], status;
    pid_t child;

    memset(result, 0, size);
    (void)fflush(NULL); /* or the child would have it as well */
    if (pipe2(ends, O_CLOEXEC) != 0)
        return TOOL_CHILD_NONE;
    child = fork();
    if (child == 0)
        work_and_tell(work, order, result, size, ends[1]);
    (void)close(ends[1]);
    end = child > 0 ? listen_to(ends[0], result, size, patience_ms) : TOOL_CHILD_NONE;
    (void)close(ends[0]);
    if (child > 0 && end != TOOL_CHILD_DONE)
        (void)kill(child, SIGKILL);
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (end != TOOL_CHILD_DONE)
        memset(result, 0, size);
    return end;
}
