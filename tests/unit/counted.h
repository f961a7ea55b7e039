/* SPDX-License-Identifier: MIT */
/*
 * For tests that count connections: settings, children, and what ThreadSanitizer must know.
 */
#ifndef TEST_COUNTED_H
#define TEST_COUNTED_H

#include <dirent.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include "odbcshim/settings.h"

#if defined(__SANITIZE_THREAD__)
#define UNDER_TSAN 1
#elif defined(__has_feature)
#define UNDER_TSAN __has_feature(thread_sanitizer)
#else
#define UNDER_TSAN 0
#endif

#if defined(__SANITIZE_ADDRESS__)
#define UNDER_SANITIZER 1
#elif defined(__has_feature)
#define UNDER_SANITIZER (UNDER_TSAN || __has_feature(address_sanitizer))
#else
#define UNDER_SANITIZER UNDER_TSAN
#endif

/* Threads are started in children of a process that has threads. */
const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
    return "die_after_fork=0:atexit_sleep_ms=0";
}

/* A literal where a setting is to be changed by nobody. */
static char *text(const char *literal)
{
    return (char *)(uintptr_t)literal;
}

/* To port 9 of this host, seldom. */
static struct shim_settings settings_of(const char *program)
{
    return (struct shim_settings){
        .target = text(""),
        .target_dsn = text(""),
        .collectd_host = text("127.0.0.1"),
        .collectd_port = 9,
        .program = text(program),
        .report_host = text("here"),
        .interval = 3600,
        .checkout = SHIM_CHECKOUT_CONNECT,
        .username = text(""),
        .password = text(""),
        .enabled = true,
    };
}

/* Waits for a child; returns the status it ended with, or 1000 and more if a signal ended it. */
static int status_of(pid_t child)
{
    int status = 0;

    while (waitpid(child, &status, 0) != child)
        ;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + status;
}

/* How many entries a folder of /proc/self has. */
static int entries_of(const char *folder)
{
    DIR *entries = opendir(folder);
    int count = -2; /* . and .. */

    while (entries != NULL && readdir(entries) != NULL)
        count++;
    if (entries != NULL)
        closedir(entries);
    return count;
}

#endif
