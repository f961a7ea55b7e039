/* SPDX-License-Identifier: MIT */
/* Owns who may report and with which passwords, and the file that says so. */
#include "collectd-plugin/auth.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "collectd-plugin/log.h"
#include "collectd-plugin/ticks.h"
#include "protocol/seal.h"

struct users {
    struct cdp_credentials *list;
    size_t count;
};

struct plug_auth {
    struct users users;
    struct stat stat; /* as the file was when it was read */
    uint64_t looked;
    char path[];
};

/* Where a message on the file goes. */
struct complaint {
    const char *path;
    char *text;
    size_t text_bytes;
};

__attribute__((format(printf, 2, 3))) static bool complain(const struct complaint *c,
                                                           const char *format, ...)
{
    va_list arguments;
    int n = snprintf(c->text, c->text_bytes, "AuthFile \"%s\": ", c->path);

    if (n < 0 || (size_t)n >= c->text_bytes)
        return false;
    va_start(arguments, format);
    (void)vsnprintf(c->text + n, c->text_bytes - (size_t)n, format, arguments);
    va_end(arguments);
    return false;
}

static void users_fini(struct users *users)
{
    if (users->list != NULL)
        explicit_bzero(users->list, users->count * sizeof(*users->list));
    free(users->list);
    *users = (struct users){0};
}

/* realloc would leave a copy of the passwords behind. */
static struct cdp_credentials *users_add(struct users *users)
{
    struct users more = {.count = users->count + 1};

    more.list = calloc(more.count, sizeof(*more.list));
    if (more.list == NULL)
        return NULL;
    if (users->count > 0)
        memcpy(more.list, users->list, users->count * sizeof(*users->list));
    users_fini(users);
    *users = more;
    return &users->list[users->count - 1];
}

static size_t passwords_of(const struct users *users, const char *user, const char **passwords,
                           size_t max)
{
    size_t n = 0;

    for (size_t i = 0; i < users->count; i++)
        if (strcmp(users->list[i].user, user) == 0 && n++ < max)
            passwords[n - 1] = users->list[i].password;
    return n < max ? n : max;
}

static bool read_line(struct users *users, char *line, unsigned number, const struct complaint *c)
{
    const char *known[CDP_PASSWORDS_PER_USER];
    struct cdp_credentials *who;
    char *password;
    char *user = line;

    line[strcspn(line, "\r\n")] = '\0';
    while (isspace((unsigned char)*user))
        user++;
    if (*user == '\0' || *user == '#')
        return true;
    password = strchr(user, ':');
    if (password == NULL)
        return complain(c, "line %u has no colon; a line is `user: password'", number);
    *password++ = '\0';
    while (isspace((unsigned char)*password))
        password++;
    if (*user == '\0' || strlen(user) > CDP_USER_MAX)
        return complain(c, "line %u: a user name has 1 to %d bytes", number, CDP_USER_MAX);
    if (*password == '\0' || strlen(password) > CDP_PASSWORD_MAX)
        return complain(c, "line %u: a password has 1 to %d bytes", number, CDP_PASSWORD_MAX);
    if (passwords_of(users, user, known, CDP_PASSWORDS_PER_USER) == CDP_PASSWORDS_PER_USER)
        return complain(c, "line %u: a user has at most %d passwords", number,
                        CDP_PASSWORDS_PER_USER);
    who = users_add(users);
    if (who == NULL)
        return complain(c, "out of memory");
    strcpy(who->user, user);
    strcpy(who->password, password);
    return true;
}

static bool read_file(struct users *users, struct stat *status, const struct complaint *c)
{
    FILE *file = fopen(c->path, "re");
    char *line = NULL;
    size_t line_bytes = 0;
    unsigned number = 0;
    bool ok = true;

    if (file == NULL)
        return complain(c, "cannot be read: %s", strerror(errno));
    if (fstat(fileno(file), status) != 0)
        ok = complain(c, "cannot be read: %s", strerror(errno));
    else if (!S_ISREG(status->st_mode))
        ok = complain(c, "is not a file");
    while (ok && getline(&line, &line_bytes, file) >= 0)
        ok = read_line(users, line, ++number, c);
    if (ok && ferror(file))
        ok = complain(c, "cannot be read: %s", strerror(errno));
    if (ok && users->count == 0)
        ok = complain(c, "names no user; a line is `user: password'");
    if (line != NULL)
        explicit_bzero(line, line_bytes);
    free(line);
    (void)fclose(file);
    if (ok && (status->st_mode & (S_IRWXO)) != 0)
        plug_log(PLUG_WARNING, "AuthFile \"%s\": everybody may read or change it; chmod o-rwx",
                 c->path);
    return ok;
}

struct plug_auth *plug_auth_new(const char *path, char *error, size_t error_bytes)
{
    struct complaint c = {.path = path, .text = error, .text_bytes = error_bytes};
    struct plug_auth *auth = calloc(1, sizeof(*auth) + strlen(path) + 1);

    if (auth == NULL) {
        (void)complain(&c, "out of memory");
        return NULL;
    }
    strcpy(auth->path, path);
    if (!read_file(&auth->users, &auth->stat, &c))
        plug_auth_free(&auth);
    return auth;
}

void plug_auth_free(struct plug_auth **auth)
{
    if (*auth == NULL)
        return;
    users_fini(&(*auth)->users);
    free(*auth);
    *auth = NULL;
}

static bool has_changed(const struct stat *a, const struct stat *b)
{
    return a->st_mtim.tv_sec != b->st_mtim.tv_sec || a->st_mtim.tv_nsec != b->st_mtim.tv_nsec ||
           a->st_size != b->st_size || a->st_ino != b->st_ino || a->st_dev != b->st_dev;
}

void plug_auth_refresh(struct plug_auth *auth, uint64_t now)
{
    char error[512];
    struct complaint c = {.path = auth->path, .text = error, .text_bytes = sizeof(error)};
    struct users users = {0};
    struct stat status = {0};

    if (plug_elapsed(auth->looked, now) < plug_seconds(1))
        return;
    auth->looked = now;
    /* One that is gone counts as changed, once. */
    if (stat(auth->path, &status) != 0)
        memset(&status, 0, sizeof(status));
    if (!has_changed(&auth->stat, &status))
        return;
    auth->stat = status;
    if (read_file(&users, &auth->stat, &c)) {
        users_fini(&auth->users);
        auth->users = users;
        plug_log(PLUG_INFO, "AuthFile \"%s\": read again, %zu passwords", auth->path,
                 auth->users.count);
    } else {
        users_fini(&users);
        plug_log(PLUG_WARNING, "%s; what it said before stays valid", error);
    }
}

size_t plug_auth_find(void *context, const char *user, const char **passwords, size_t max)
{
    const struct plug_auth *auth = context;

    return auth != NULL ? passwords_of(&auth->users, user, passwords, max) : 0;
}
