/* SPDX-License-Identifier: MIT */
/*
 * What a command says of the steps of its way: one line each, with how it went and its name. No
 * secret and no control character gets out.
 */
#ifndef TOOL_STEPS_H
#define TOOL_STEPS_H

#include <stddef.h>

enum tool_step_state {
    TOOL_STEP_OK,
    TOOL_STEP_WARNING, /* it works, and should be otherwise */
    TOOL_STEP_WRONG,
    TOOL_STEP_SKIPPED, /* could not be tried */
    TOOL_STEP_STATES
};

#define TOOL_SECRETS_MAX 8

/* All zero at first. */
struct tool_steps {
    const char *name; /* of the step that is being taken: the caller sets it */
    size_t counts[TOOL_STEP_STATES];
    const char *secrets[TOOL_SECRETS_MAX];
    size_t secrets_count;
};

/* Whatever is printed from here on has asterisks in the place of this text, which must live as long
   as the steps. NULL and the empty text are no secrets; neither are those beyond the table's end,
   which no caller has. */
void tool_steps_hide(struct tool_steps *steps, const char *secret) __attribute__((nonnull(1)));

/* Copies `text` as it may be shown; what does not fit is cut off. */
void tool_steps_clean(const struct tool_steps *steps, const char *text, char *out, size_t size)
    __attribute__((nonnull));

/* Prints the line of a step, and counts it. */
void tool_step(struct tool_steps *steps, enum tool_step_state state, const char *format, ...)
    __attribute__((nonnull, format(printf, 3, 4)));

/* Prints another line below the last. */
void tool_step_more(const struct tool_steps *steps, const char *format, ...)
    __attribute__((nonnull, format(printf, 2, 3)));

#endif
