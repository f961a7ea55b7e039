/* SPDX-License-Identifier: MIT */
/*
 * Owns the process token: what makes one process of one host, boot and container another than the
 * rest, and the same for all who ask inside it.
 */
#include "odbcshim/token.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TEXT_MAX 1024 /* a line of /proc/self/stat has 52 numbers and a name of 15 bytes */

/* FNV-1a, 64 bits: nothing has to resist anybody here, it only has to spread. */
static uint64_t hash(uint64_t h, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        h = (h ^ (unsigned char)text[i]) * 0x100000001b3u;
    return (h ^ 0xff) * 0x100000001b3u; /* a byte of no text: "a" "bc" is not "ab" "c" */
}

/* The start time is the 22nd field; the second is the program's name in parentheses, which may
   hold spaces and parentheses itself, so fields are counted from the last ')'. */
static const char *start_time(const char *stat, size_t *length)
{
    const char *at = strrchr(stat, ')');

    *length = 0;
    if (at == NULL)
        return stat;
    for (int field = 2; field < 22; field++) {
        at = strchr(at + 1, ' ');
        if (at == NULL)
            return stat;
    }
    *length = strcspn(at + 1, " \n");
    return at + 1;
}

unsigned shim_token_hash(const char *boot, const char *name_space, const char *stat)
{
    size_t length;
    const char *start = start_time(stat, &length);
    uint64_t h = 0xcbf29ce484222325u;

    h = hash(h, boot, strcspn(boot, "\n"));
    h = hash(h, name_space, strlen(name_space));
    h = hash(h, start, length);
    return (unsigned)((h ^ h >> 24 ^ h >> 48) & 0xffffff);
}

static void read_text(const char *path, char text[TEXT_MAX])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = -1;

    if (fd >= 0) {
        do {
            n = read(fd, text, TEXT_MAX - 1);
        } while (n < 0 && errno == EINTR);
        close(fd);
    }
    text[n > 0 ? n : 0] = '\0';
}

void shim_token(char token[SHIM_TOKEN_SIZE])
{
    char boot[TEXT_MAX], stat[TEXT_MAX], name_space[64];
    ssize_t n = readlink("/proc/self/ns/pid", name_space, sizeof(name_space) - 1);

    name_space[n > 0 ? n : 0] = '\0';
    read_text("/proc/sys/kernel/random/boot_id", boot);
    read_text("/proc/self/stat", stat);
    snprintf(token, SHIM_TOKEN_SIZE, "%ld:%06x", (long)getpid(),
             shim_token_hash(boot, name_space, stat));
}
