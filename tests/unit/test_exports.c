/* SPDX-License-Identifier: MIT */
/*
 * Drift: each library exports the functions of odbc_api.def in its widths, by which it is taken for
 * a wide or an ANSI driver, odbcshim_width and odbcshim_version, and nothing else. Nor does it
 * import what a guest in another's process must not call, and it stays loaded. SHIM_WIDE_LIBRARY
 * and SHIM_ANSI_LIBRARY name the libraries.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "odbcshim/api.h"

static const struct {
    const char *name;
    bool wide;
} expected[] = {
#define SHIM_ANY(name, twin, ...) {#name, false}, SHIM_WIDE_##twin({#name "W", true}, )
#include "odbcshim/odbc_api.def"
    {"odbcshim_version", false},
    {"odbcshim_width", false},
};
#define EXPECTED (sizeof expected / sizeof *expected)

struct file {
    const unsigned char *bytes;
    size_t size;
};

static struct file map(const char *path)
{
    struct stat status;
    struct file f = {0};
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0 && fstat(fd, &status) == 0);
    f.size = (size_t)status.st_size;
    f.bytes = mmap(NULL, f.size, PROT_READ, MAP_PRIVATE, fd, 0);
    assert_ptr_not_equal(f.bytes, MAP_FAILED);
    close(fd);
    return f;
}

/* The table of dynamic symbols. */
static const ElfW(Shdr) * dynamic_symbols(const struct file *f, const ElfW(Shdr) * *sections)
{
    const ElfW(Ehdr) *header = (const void *)f->bytes;
    assert_memory_equal(header->e_ident, ELFMAG, SELFMAG);
    *sections = (const void *)(f->bytes + header->e_shoff);
    for (size_t i = 0; i < header->e_shnum; i++)
        if ((*sections)[i].sh_type == SHT_DYNSYM)
            return &(*sections)[i];
    fail_msg("no dynamic symbols");
    return NULL;
}

static bool is_exported(const ElfW(Sym) * symbol)
{
    unsigned binding = symbol->st_info >> 4, visibility = symbol->st_other & 3;
    return symbol->st_shndx != SHN_UNDEF && binding != STB_LOCAL &&
           (visibility == STV_DEFAULT || visibility == STV_PROTECTED);
}

/* What a sanitizer puts in stands beside the table. */
static bool is_of_the_compiler(const char *name)
{
    return strncmp(name, "__", 2) == 0 || strncmp(name, "_init", 5) == 0 ||
           strncmp(name, "_fini", 5) == 0;
}

static void expect_exports(const char *path, bool wide)
{
    const ElfW(Shdr) * sections;
    struct file f = map(path);
    const ElfW(Shdr) *table = dynamic_symbols(&f, &sections);
    const ElfW(Sym) *symbols = (const void *)(f.bytes + table->sh_offset);
    const char *names = (const char *)f.bytes + sections[table->sh_link].sh_offset;
    size_t found[EXPECTED] = {0};
    for (size_t i = 0; i < table->sh_size / sizeof *symbols; i++) {
        const char *name = names + symbols[i].st_name;
        size_t k = 0;
        if (!is_exported(&symbols[i]) || is_of_the_compiler(name))
            continue;
        while (k < EXPECTED && strcmp(expected[k].name, name) != 0)
            k++;
        if (k == EXPECTED)
            fail_msg("%s exports %s", path, name);
        found[k]++;
    }
    for (size_t k = 0; k < EXPECTED; k++)
        if (found[k] != (!expected[k].wide || wide ? 1 : 0))
            fail_msg("%s: %s is there %zu times", path, expected[k].name, found[k]);
    munmap((void *)(uintptr_t)f.bytes, f.size);
}

/* What must not be called: an ODBC function by its global name, for the driver manager has the
   same, and what prints, ends the process, raises signals, or reads a number as the locale has it.
   The abort() of strict.c is for tests alone. */
static bool is_forbidden(const char *name)
{
    static const char *const others[] = {
        "_Exit",  "_exit",      "atof",    "dprintf",     "err",       "execve",   "exit",
        "fork",   "fprintf",    "fputs",   "fwrite",      "getenv",    "kill",     "perror",
        "printf", "psignal",    "putc",    "putchar",     "putenv",    "puts",     "quick_exit",
        "raise",  "scanf",      "setenv",  "setlocale",   "sigaction", "signal",   "stderr",
        "stdout", "strcasecmp", "strcoll", "strncasecmp", "strtod",    "strtof",   "syslog",
        "system", "tolower",    "toupper", "unsetenv",    "vfork",     "vfprintf", "vprintf",
        "warn",   "warnx",
    };
    for (size_t k = 0; k < EXPECTED; k++)
        if (strcmp(expected[k].name, name) == 0)
            return true;
    for (size_t k = 0; k < sizeof others / sizeof *others; k++) {
        char fortified[32];
        snprintf(fortified, sizeof fortified, "__%s_chk", others[k]);
        if (strcmp(others[k], name) == 0 || strcmp(fortified, name) == 0)
            return true;
    }
    return false;
}

static void expect_no_bad_imports(const char *path)
{
    const ElfW(Shdr) * sections;
    struct file f = map(path);
    const ElfW(Shdr) *table = dynamic_symbols(&f, &sections);
    const ElfW(Sym) *symbols = (const void *)(f.bytes + table->sh_offset);
    const char *names = (const char *)f.bytes + sections[table->sh_link].sh_offset;
    bool seen = false;
    for (size_t i = 0; i < table->sh_size / sizeof *symbols; i++) {
        const char *name = names + symbols[i].st_name;
        if (symbols[i].st_shndx != SHN_UNDEF)
            continue;
        seen |= strcmp(name, "SQLGetPrivateProfileString") == 0;
        if (is_forbidden(name))
            fail_msg("%s imports %s", path, name);
    }
    assert_true(seen); /* else these are not its imports */
    munmap((void *)(uintptr_t)f.bytes, f.size);
}

/* The reporter's thread outlives dlclose, and what is called by its name is the library's own. */
static void expect_flags(const char *path)
{
    const ElfW(Shdr) * sections;
    struct file f = map(path);
    const ElfW(Ehdr) *header = (const void *)f.bytes;
    ElfW(Xword) flags = 0, flags_1 = 0;
    dynamic_symbols(&f, &sections);
    for (size_t i = 0; i < header->e_shnum; i++) {
        if (sections[i].sh_type != SHT_DYNAMIC)
            continue;
        const ElfW(Dyn) *entry = (const void *)(f.bytes + sections[i].sh_offset);
        for (; entry->d_tag != DT_NULL; entry++) {
            if (entry->d_tag == DT_FLAGS)
                flags = entry->d_un.d_val;
            if (entry->d_tag == DT_FLAGS_1)
                flags_1 = entry->d_un.d_val;
        }
    }
    assert_true(flags & DF_SYMBOLIC);
    assert_true(flags_1 & DF_1_NODELETE);
    munmap((void *)(uintptr_t)f.bytes, f.size);
}

static const char *library(const char *variable)
{
    const char *path = getenv(variable);
    if (!path)
        fail_msg("%s is not set", variable);
    return path;
}

static void the_wide_library_exports_the_table(void **state)
{
    (void)state;
    expect_exports(library("SHIM_WIDE_LIBRARY"), true);
}

static void the_ansi_library_exports_its_half(void **state)
{
    (void)state;
    expect_exports(library("SHIM_ANSI_LIBRARY"), false);
}

static void neither_imports_what_a_guest_must_not_call(void **state)
{
    (void)state;
    expect_no_bad_imports(library("SHIM_WIDE_LIBRARY"));
    expect_no_bad_imports(library("SHIM_ANSI_LIBRARY"));
}

static void both_stay_loaded_and_call_their_own(void **state)
{
    (void)state;
    expect_flags(library("SHIM_WIDE_LIBRARY"));
    expect_flags(library("SHIM_ANSI_LIBRARY"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_wide_library_exports_the_table),
        cmocka_unit_test(the_ansi_library_exports_its_half),
        cmocka_unit_test(neither_imports_what_a_guest_must_not_call),
        cmocka_unit_test(both_stay_loaded_and_call_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
