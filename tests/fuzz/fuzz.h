/* SPDX-License-Identifier: MIT */
/* What each fuzz target offers, to libFuzzer and to the driver that replays a corpus. */
#ifndef TEST_FUZZ_H
#define TEST_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Runs one input, of which nothing outside of data[0 .. size - 1] may be read. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
