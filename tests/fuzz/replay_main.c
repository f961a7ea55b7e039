/* SPDX-License-Identifier: MIT */
/*
 * Runs inputs through a fuzz target without a fuzzer, so that a corpus is replayed in every check.
 * Arguments are files, or folders whose files are all run. Without arguments it runs FUZZ_CORPUS,
 * a folder named at compile time, below $srcdir. No input at all is a failure.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

/* Longer than any datagram; a file that is longer is cut. */
#define INPUT_MAX 65536

static unsigned inputs;

/* The target sees memory of exactly the size of the input. */
static int run_file(const char *path)
{
    static uint8_t bytes[INPUT_MAX];
    FILE *f = fopen(path, "rb");
    uint8_t *exact;
    size_t n;

    if (f == NULL) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return 1;
    }
    n = fread(bytes, 1, sizeof(bytes), f);
    fclose(f);
    exact = malloc(n > 0 ? n : 1);
    if (exact == NULL)
        return 1;
    memcpy(exact, bytes, n);
    LLVMFuzzerTestOneInput(exact, n);
    free(exact);
    inputs++;
    return 0;
}

static int run(const char *path)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;
    int failed = 0;

    if (folder == NULL)
        return run_file(path);
    while ((entry = readdir(folder)) != NULL) {
        char file[4096];

        if (entry->d_name[0] == '.')
            continue;
        snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
        failed |= run_file(file);
    }
    closedir(folder);
    return failed;
}

int main(int argc, char **argv)
{
    int failed = 0;

    for (int i = 1; i < argc; i++)
        failed |= run(argv[i]);
#ifdef FUZZ_CORPUS
    if (argc == 1) {
        const char *top = getenv("srcdir");
        char folder[2048];

        snprintf(folder, sizeof(folder), "%s/%s", top != NULL ? top : ".", FUZZ_CORPUS);
        failed |= run(folder);
    }
#endif
    printf("%u inputs\n", inputs);
    return failed || inputs == 0;
}
