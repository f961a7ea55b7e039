/* SPDX-License-Identifier: MIT */
/*
 * Reading of odbcshim.ini with libinih. The lines are fed to it by a reader of our own, for the
 * library reads on after what it does not understand: it would cut a long line in two, take an
 * indented line for more of the value before it, and drop what stands behind a NUL. The reader
 * takes the indentation off and stops at the first fault, which it reports with its line.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* secure_getenv, explicit_bzero */
#endif
#include "odbcshim/settings_file.h"
#include "odbcshim/units.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef SYSCONFDIR
#error "SYSCONFDIR must be the folder of odbcshim.ini, as a string"
#endif

struct reader {
    struct shim_settings_file *file;
    struct shim_error *error;
    int fd;
    int line; /* the number of the line that was handed out last */
    bool failed;
    size_t at, end; /* what is left of buffer */
    char buffer[1024];
};

/* The next byte; -1 at the end of the file and when it cannot be read. */
static int reader_byte(struct reader *r)
{
    if (r->at == r->end) {
        ssize_t n;

        do {
            n = read(r->fd, r->buffer, sizeof(r->buffer));
        } while (n < 0 && errno == EINTR);
        if (n < 0) {
            shim_error_set(r->error, "HY000", "%.200s cannot be read: %s", r->file->path,
                           strerrordesc_np(errno));
            r->failed = true;
        }
        if (n <= 0)
            return -1;
        r->at = 0;
        r->end = (size_t)n;
    }
    return (unsigned char)r->buffer[r->at++];
}

/* Puts the rest of the line that begins with `byte` into line[size], always ended by a newline. */
static bool reader_fill(struct reader *r, int byte, char *line, size_t size)
{
    size_t used = 0;

    for (; byte >= 0 && byte != '\n'; byte = reader_byte(r)) {
        if (used + 2 >= size) {
            shim_error_set(r->error, "HY000",
                           "line %d of %.200s is longer than %zu bytes, which libinih cannot read",
                           r->line, r->file->path, size - 2);
            return false;
        }
        if (byte == '\0') {
            shim_error_set(r->error, "HY000", "line %d of %.200s has a NUL byte", r->line,
                           r->file->path);
            return false;
        }
        line[used++] = (char)byte;
    }
    line[used++] = '\n';
    line[used] = '\0';
    return !r->failed;
}

/* libinih's reader: as fgets. */
static char *reader_line(char *line, int size, void *context)
{
    struct reader *r = context;
    int byte;

    if (r->failed || size < 2)
        return NULL;
    byte = reader_byte(r);
    if (byte < 0)
        return NULL;
    r->line++;
    while (byte == ' ' || byte == '\t')
        byte = reader_byte(r);
    if (!reader_fill(r, byte, line, (size_t)size))
        r->failed = true;
    return r->failed ? NULL : line;
}

static void complain_of_key(struct reader *r, const char *key)
{
    const char *nearest = shim_setting_nearest(key);

    if (nearest != NULL)
        shim_error_set(r->error, "HY000", "%.60s in line %d of %.200s is no setting; %s is", key,
                       r->line, r->file->path, nearest);
    else
        shim_error_set(r->error, "HY000", "%.60s in line %d of %.200s is no setting", key, r->line,
                       r->file->path);
}

/* libinih's handler: 0 for a fault. */
static int take(void *context, const char *section, const char *key, const char *value)
{
    struct reader *r = context;
    enum shim_setting setting = shim_setting_find(key);
    char **place;

    if (r->failed)
        return 0;
    r->failed = true;
    if (!shim_same_key(section, "odbcshim")) {
        shim_error_set(r->error, "HY000",
                       *section == '\0'
                           ? "line %d of %.200s stands before the section [odbcshim]"
                           : "line %d of %.200s stands in a section other than [odbcshim]",
                       r->line, r->file->path);
        return 0;
    }
    if (setting == SHIM_SETTINGS) {
        complain_of_key(r, key);
        return 0;
    }
    if (value == NULL) { /* an application may have told libinih to take a bare key */
        r->failed = false;
        return 0;
    }
    place = &r->file->values[setting];
    if (*place == NULL) { /* as everywhere, the first counts */
        *place = malloc(strlen(value) + 1);
        if (*place == NULL) {
            shim_error_set(r->error, "HY001", "memory is out");
            return 0;
        }
        strcpy(*place, value);
    }
    r->failed = false;
    return 1;
}

static bool parse(struct shim_settings_file *f, int fd, struct shim_error *error)
{
    struct reader r = {.file = f, .error = error, .fd = fd};
    int fault = ini_parse_stream(reader_line, &r, take, &r);

    explicit_bzero(r.buffer, sizeof(r.buffer)); /* the password stood in it */
    /* libinih reads on after a line that it does not understand, so that one may not be all. */
    if (fault > 0 && (!r.failed || fault < r.line))
        shim_error_set(error, "HY000", "line %d of %.200s is neither [section] nor KEY = value",
                       fault, f->path);
    else if (fault < 0)
        shim_error_set(error, "HY001", "memory is out");
    return fault == 0 && !r.failed;
}

/* The path by the environment; NULL if there is none. */
static const char *named_path(void)
{
    const char *named = secure_getenv("ODBCSHIM_INI");

    return named != NULL && *named != '\0' ? named : NULL;
}

const char *shim_settings_file_path(void)
{
    const char *named = named_path();

    return named != NULL ? named : SYSCONFDIR "/odbcshim.ini";
}

bool shim_settings_file_init(struct shim_settings_file *f, struct shim_error *error)
{
    const char *named = named_path(), *path = shim_settings_file_path();
    bool parsed;
    int fd;

    *f = (struct shim_settings_file){0};
    f->path = malloc(strlen(path) + 1);
    if (f->path == NULL) {
        shim_error_set(error, "HY001", "memory is out");
        return false;
    }
    strcpy(f->path, path);
    fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY); /* a FIFO must not hold us */
    if (fd < 0) {
        int cause = errno;

        f->starved = cause == EMFILE || cause == ENFILE;
        if (f->starved || (path != named && cause == ENOENT))
            return true;
        shim_error_set(error, "HY000", "%.200s%s cannot be opened: %s", f->path,
                       path == named ? ", named by ODBCSHIM_INI," : "", strerrordesc_np(cause));
        return false;
    }
    parsed = parse(f, fd, error);
    close(fd);
    return parsed;
}

void shim_settings_file_fini(struct shim_settings_file *f)
{
    if (f->values[SHIM_SETTING_PASSWORD] != NULL)
        explicit_bzero(f->values[SHIM_SETTING_PASSWORD], strlen(f->values[SHIM_SETTING_PASSWORD]));
    for (size_t i = 0; i < SHIM_SETTINGS; i++)
        free(f->values[i]);
    free(f->path);
    *f = (struct shim_settings_file){0};
}
