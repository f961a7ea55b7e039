/* SPDX-License-Identifier: MIT */
/* Owns the form of the lines, and what is kept out of them. */
#include "tools/steps.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LINE_BYTES 2048
#define HIDDEN     "***"

static const char *const words[TOOL_STEP_STATES] = {
    [TOOL_STEP_OK] = "ok",
    [TOOL_STEP_WARNING] = "warning",
    [TOOL_STEP_WRONG] = "WRONG",
    [TOOL_STEP_SKIPPED] = "-",
};

void tool_steps_hide(struct tool_steps *steps, const char *secret)
{
    if (secret != NULL && *secret != '\0' && steps->secrets_count < TOOL_SECRETS_MAX)
        steps->secrets[steps->secrets_count++] = secret;
}

/* The length of the longest secret that stands here; 0: none does. */
static size_t secret_at(const struct tool_steps *steps, const char *text)
{
    size_t longest = 0;

    for (size_t i = 0; i < steps->secrets_count; i++) {
        size_t n = strlen(steps->secrets[i]);

        if (n > longest && strncmp(text, steps->secrets[i], n) == 0)
            longest = n;
    }
    return longest;
}

/* C0 and DEL, and C1, of which each has two bytes in UTF-8. */
static size_t control_at(const char *text)
{
    unsigned char first = (unsigned char)text[0], second;

    if (first < ' ' || first == 0x7f)
        return 1;
    second = (unsigned char)text[1];
    return first == 0xc2 && second >= 0x80 && second < 0xa0 ? 2 : 0;
}

void tool_steps_clean(const struct tool_steps *steps, const char *text, char *out, size_t size)
{
    size_t used = 0;

    while (*text != '\0') {
        size_t secret = secret_at(steps, text), control = control_at(text);
        const char *piece = secret > 0 ? HIDDEN : control > 0 ? "?" : text;
        size_t n = secret > 0 || control > 0 ? strlen(piece) : 1;

        if (used + n >= size)
            break;
        memcpy(out + used, piece, n);
        used += n;
        text += secret > 0 ? secret : control > 0 ? control : 1;
    }
    out[used] = '\0';
}

__attribute__((format(printf, 2, 0))) static void print(const struct tool_steps *steps,
                                                        const char *format, va_list arguments)
{
    char text[LINE_BYTES], shown[LINE_BYTES];

    (void)vsnprintf(text, sizeof(text), format, arguments);
    tool_steps_clean(steps, text, shown, sizeof(shown));
    puts(shown);
}

void tool_step(struct tool_steps *steps, enum tool_step_state state, const char *format, ...)
{
    va_list arguments;

    steps->counts[state]++;
    printf("%-8s %-11s ", words[state], steps->name);
    va_start(arguments, format);
    print(steps, format, arguments);
    va_end(arguments);
}

void tool_step_more(const struct tool_steps *steps, const char *format, ...)
{
    va_list arguments;

    printf("%21s", "");
    va_start(arguments, format);
    print(steps, format, arguments);
    va_end(arguments);
}
