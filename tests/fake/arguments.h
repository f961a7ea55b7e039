/* SPDX-License-Identifier: MIT */
/*
 * The argument list of a row of odbc_api.def taken apart, one argument at a time. A row's args
 * stand in parentheses, so that FAKE_WORDS args and FAKE_COUNT args make the call.
 */
#ifndef FAKE_ARGUMENTS_H
#define FAKE_ARGUMENTS_H

#include <stdint.h>

/* The longest row is SQLForeignKeys. */
#define FAKE_ARGUMENTS 13

#define FAKE_EACH_1(m, a)       m(a)
#define FAKE_EACH_2(m, a, ...)  m(a) FAKE_EACH_1(m, __VA_ARGS__)
#define FAKE_EACH_3(m, a, ...)  m(a) FAKE_EACH_2(m, __VA_ARGS__)
#define FAKE_EACH_4(m, a, ...)  m(a) FAKE_EACH_3(m, __VA_ARGS__)
#define FAKE_EACH_5(m, a, ...)  m(a) FAKE_EACH_4(m, __VA_ARGS__)
#define FAKE_EACH_6(m, a, ...)  m(a) FAKE_EACH_5(m, __VA_ARGS__)
#define FAKE_EACH_7(m, a, ...)  m(a) FAKE_EACH_6(m, __VA_ARGS__)
#define FAKE_EACH_8(m, a, ...)  m(a) FAKE_EACH_7(m, __VA_ARGS__)
#define FAKE_EACH_9(m, a, ...)  m(a) FAKE_EACH_8(m, __VA_ARGS__)
#define FAKE_EACH_10(m, a, ...) m(a) FAKE_EACH_9(m, __VA_ARGS__)
#define FAKE_EACH_11(m, a, ...) m(a) FAKE_EACH_10(m, __VA_ARGS__)
#define FAKE_EACH_12(m, a, ...) m(a) FAKE_EACH_11(m, __VA_ARGS__)
#define FAKE_EACH_13(m, a, ...) m(a) FAKE_EACH_12(m, __VA_ARGS__)

#define FAKE_NTH(a, b, c, d, e, f, g, h, i, j, k, l, m, n, ...) n
#define FAKE_COUNT(...)                                         FAKE_NTH(__VA_ARGS__, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define FAKE_JOIN_(a, b)                                        a##b
#define FAKE_JOIN(a, b)                                         FAKE_JOIN_(a, b)

/* Applies the macro `m` to each argument. */
#define FAKE_EACH(m, ...) FAKE_JOIN(FAKE_EACH_, FAKE_COUNT(__VA_ARGS__))(m, __VA_ARGS__)

/* The arguments as an initialiser of uintptr_t; integers keep their sign. */
#define FAKE_WORD(a)    (uintptr_t)(a),
#define FAKE_WORDS(...) FAKE_EACH(FAKE_WORD, __VA_ARGS__)

#endif
