/* SPDX-License-Identifier: MIT */
/* Owns the reading and replacing of the driver manager's files. */
#include "tools/ini_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tools/tool.h"

#define FILE_BYTES (16 << 20) /* no ini file is larger */

/* Says what could not be done with a file, and what to do about it. */
static bool complain(const char *path, const char *what)
{
    int cause = errno;
    const char *remedy = "";

    if ((cause == EACCES || cause == EPERM) && geteuid() != 0)
        remedy = "; run this as root, with sudo";
    if (cause == EROFS)
        remedy = "; make the change where the file comes from";
    if (cause == EBUSY)
        remedy = "; it is mounted by itself, so make the change where it comes from";
    tool_complain("%s %s: %s%s", path, what, strerror(cause), remedy);
    return false;
}

/* --- reading --- */

static char *read_all(int fd, size_t *length)
{
    size_t room = 65536;
    char *bytes = malloc(room);

    *length = 0;
    while (bytes != NULL) {
        ssize_t n = read(fd, bytes + *length, room - *length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            return bytes;
        if (n > 0)
            *length += (size_t)n;
        if (n < 0 || *length > FILE_BYTES) {
            errno = n < 0 ? errno : EFBIG;
            break;
        }
        if (*length == room) {
            char *more = realloc(bytes, room * 2);

            if (more == NULL)
                break;
            bytes = more;
            room *= 2;
        }
    }
    free(bytes);
    return NULL;
}

/* The bytes of a file; NULL where it cannot be read, which has been said unless it is not there. */
static char *read_file(struct tool_file *file, size_t *length)
{
    bool regular = true;
    char *bytes = NULL;
    int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    file->exists = fd >= 0 || (errno != ENOENT && errno != ENOTDIR);
    if (fd >= 0 && fstat(fd, &file->state) == 0) {
        regular = S_ISREG(file->state.st_mode);
        if (regular)
            bytes = read_all(fd, length);
    }
    if (!regular)
        tool_complain("%s is no regular file", file->path);
    else if (bytes == NULL && file->exists)
        (void)complain(file->path, "cannot be read");
    if (fd >= 0)
        close(fd);
    return bytes;
}

bool tool_file_load(struct tool_file *file, const char *path)
{
    size_t length = 0;
    char *bytes;

    memset(file, 0, sizeof(*file));
    snprintf(file->path, sizeof(file->path), "%s", path);
    bytes = read_file(file, &length);
    file->ini = tool_ini_new(bytes != NULL ? bytes : "", length);
    if (file->ini == NULL) {
        free(bytes);
        return complain(path, "cannot be read");
    }
    file->readable = !file->exists || (bytes != NULL && tool_ini_unreadable(file->ini) == 0);
    if (bytes != NULL)
        explicit_bzero(bytes, length); /* DSNs may have passwords */
    free(bytes);
    return true;
}

void tool_file_fini(struct tool_file *file)
{
    tool_ini_free(&file->ini);
}

/* --- replacing --- */

/* Gives the new file what the old one had. A file system may have no attributes. */
static bool copy_attributes(int from, int to)
{
    char names[4096], value[4096];
    ssize_t length = flistxattr(from, names, sizeof(names));

    if (length < 0)
        return errno == ENOTSUP;
    for (char *name = names; name < names + length; name += strlen(name) + 1) {
        ssize_t n = fgetxattr(from, name, value, sizeof(value));

        if (n < 0 || (fsetxattr(to, name, value, (size_t)n, 0) != 0 && errno != ENOTSUP &&
                      strncmp(name, "security.", 9) != 0)) /* which the system gives by itself */
            return false;
    }
    return true;
}

static bool write_all(int fd, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t n = write(fd, bytes, length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes += n;
        length -= (size_t)n;
    }
    return true;
}

/* Whether the file is still what was read. */
static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Fills the new file, `to`, and puts it in the place of `real`. False with errno set; 0 in errno:
   the file was changed by somebody else meanwhile. */
static bool replace(const struct tool_file *file, int to, const char *fresh, const char *real)
{
    struct stat now;
    size_t length;
    char *bytes = tool_ini_write(file->ini, &length);
    int from = file->exists ? open(real, O_RDONLY | O_CLOEXEC) : -1;
    bool done = false;

    if (bytes == NULL || (file->exists && from < 0))
        goto done;
    if (file->exists) {
        if (fstat(from, &now) != 0 || !is_same(&now, &file->state)) {
            errno = 0;
            goto done;
        }
        if (fchown(to, now.st_uid, now.st_gid) != 0 || !copy_attributes(from, to) ||
            fchmod(to, now.st_mode & 07777) != 0)
            goto done;
    } else if (fchmod(to, 0644) != 0) {
        goto done;
    }
    done = write_all(to, bytes, length) && fsync(to) == 0 && rename(fresh, real) == 0;
done:
    if (from >= 0)
        close(from);
    if (bytes != NULL)
        explicit_bzero(bytes, length);
    free(bytes);
    return done;
}

/* Makes the renaming last. Where that cannot be done, nothing is lost but by a crash just now. */
static void sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
}

/* Where the file really is: behind symbolic links, be it there or not. Freed by the caller. */
static char *real_path(const struct tool_file *file)
{
    return file->exists ? realpath(file->path, NULL) : strdup(file->path);
}

static bool save(struct tool_file *file, const char *real)
{
    const char *slash = strrchr(real, '/');
    int folder = slash != NULL ? (int)(slash - real) + 1 : 0;
    char fresh[PATH_MAX], parent[PATH_MAX];
    int to;

    if (file->exists && access(real, W_OK) != 0)
        return complain(real, "cannot be written");
    snprintf(parent, sizeof(parent), "%.*s", folder, folder > 0 ? real : "./");
    if ((size_t)snprintf(fresh, sizeof(fresh), "%.*s.%s.XXXXXX", folder, real, real + folder) >=
        sizeof(fresh)) {
        errno = ENAMETOOLONG;
        return complain(real, "cannot be replaced");
    }
    to = mkostemp(fresh, O_CLOEXEC);
    if (to < 0)
        return complain(real, "cannot be replaced by a new file beside it");
    if (!replace(file, to, fresh, real)) {
        int cause = errno;

        (void)unlink(fresh);
        close(to);
        errno = cause;
        if (cause != 0)
            return complain(real, "cannot be replaced");
        tool_complain("%s was changed by somebody else just now; run this again", real);
        return false;
    }
    close(to);
    sync_folder(folder > 0 ? parent : ".");
    return true;
}

bool tool_file_next_section(const struct tool_file *file, struct tool_ini_item *section)
{
    while (file->readable && tool_ini_next(file->ini, section))
        if (section->is_section)
            return true;
    return false;
}

bool tool_file_save(struct tool_file *file)
{
    static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    sigset_t blocked, before;
    char *real;
    bool saved;

    if (!tool_ini_changed(file->ini))
        return true;
    real = real_path(file);
    if (real == NULL)
        return complain(file->path, "cannot be found");
    (void)sigemptyset(&blocked); /* or an interruption would leave the new file behind */
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        (void)sigaddset(&blocked, ends[i]);
    (void)sigprocmask(SIG_BLOCK, &blocked, &before);
    saved = save(file, real);
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    free(real);
    return saved;
}

bool tool_file_finish(struct tool_file *file, bool only_show)
{
    const char *trouble = tool_ini_trouble(file->ini);

    if (trouble != NULL) {
        tool_complain("%s stays as it is: %s", file->path, trouble);
        return false;
    }
    if (only_show) {
        tool_ini_print_changes(file->ini, file->path, stdout);
        return true;
    }
    return tool_file_save(file);
}
