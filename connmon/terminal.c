/* SPDX-License-Identifier: MIT */
/* Owns curses, the colours, and the way back to a sane terminal. */
#define NCURSES_WIDECHAR 1
#include "connmon/terminal.h"

#include <curses.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static bool is_open;
static SCREEN *screen;
static bool has_colours;

/* What a fault needs, made while all is well: no curses function may be called then. */
static struct termios saved_modes;
static char leave[128];
static size_t leave_bytes;

static const struct {
    short pair, colour;
    attr_t with_colours, without;
} styles[MON_STYLES] = {
    [MON_PLAIN] = {0, -1, A_NORMAL, A_NORMAL},
    [MON_FAINT] = {0, -1, A_DIM, A_NORMAL},
    [MON_TITLE] = {0, -1, A_BOLD, A_BOLD},
    [MON_HEADING] = {1, COLOR_CYAN, A_NORMAL, A_UNDERLINE},
    [MON_SORTED] = {1, COLOR_CYAN, A_BOLD | A_UNDERLINE, A_BOLD | A_UNDERLINE},
    [MON_STYLE_KEY] = {0, -1, A_BOLD, A_BOLD},
    [MON_SPARK] = {2, COLOR_GREEN, A_NORMAL, A_NORMAL},
    [MON_STYLE_WATCH] = {3, COLOR_YELLOW, A_NORMAL, A_BOLD},
    [MON_STYLE_ALARM] = {4, COLOR_RED, A_BOLD, A_BOLD},
};

static void on_fault(int signal_number)
{
    (void)!write(STDOUT_FILENO, leave, leave_bytes);
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &saved_modes);
    (void)signal(signal_number, SIG_DFL);
    (void)raise(signal_number);
}

static void add_to_leave(const char *name)
{
    const char *sequence = tigetstr(name);
    size_t n;

    if (sequence == NULL || sequence == (const char *)-1)
        return;
    n = strlen(sequence);
    if (leave_bytes + n > sizeof(leave))
        return;
    memcpy(leave + leave_bytes, sequence, n);
    leave_bytes += n;
}

static void prepare_for_faults(void)
{
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

    leave_bytes = 0;
    add_to_leave("sgr0");
    add_to_leave("cnorm");
    add_to_leave("rmkx");
    add_to_leave("rmcup");
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
        (void)signal(faults[i], on_fault);
}

static void start_colours(void)
{
    const char *no_colour = getenv("NO_COLOR");

    has_colours =
        (no_colour == NULL || no_colour[0] == '\0') && has_colors() && start_color() == OK;
    if (!has_colours)
        return;
    (void)use_default_colors();
    for (size_t i = 0; i < MON_STYLES; i++)
        if (styles[i].pair > 0)
            (void)init_pair(styles[i].pair, styles[i].colour, -1);
}

bool mon_terminal_open(char *error, size_t error_bytes)
{
    const char *cup;

    if (!isatty(STDOUT_FILENO) || !isatty(STDIN_FILENO) ||
        tcgetattr(STDIN_FILENO, &saved_modes) != 0) {
        (void)snprintf(error, error_bytes,
                       "this is no terminal: for a script, use --once or --json");
        return false;
    }
    screen = newterm(NULL, stdout, stdin);
    if (screen == NULL) {
        (void)snprintf(error, error_bytes,
                       "the terminal type in TERM is not known here: set it, or use --once");
        return false;
    }
    is_open = true;
    cup = tigetstr("cup");
    if (cup == NULL || cup == (const char *)-1) {
        mon_terminal_close();
        (void)snprintf(error, error_bytes,
                       "the terminal type in TERM cannot be drawn on: use --once");
        return false;
    }
    (void)set_escdelay(50);
    (void)cbreak();
    (void)noecho();
    (void)nonl();
    (void)keypad(stdscr, TRUE);
    (void)nodelay(stdscr, TRUE);
    (void)curs_set(0);
    start_colours();
    prepare_for_faults();
    return true;
}

void mon_terminal_close(void)
{
    if (!is_open)
        return;
    is_open = false;
    (void)endwin();
    delscreen(screen);
    screen = NULL;
}

void mon_terminal_size(size_t *lines, size_t *columns)
{
    *lines = LINES > 0 ? (size_t)LINES : 1;
    *columns = COLS > 0 ? (size_t)COLS : 1;
}

void mon_terminal_begin(bool anew)
{
    if (anew)
        (void)clearok(stdscr, TRUE);
    (void)erase();
}

void mon_terminal_put(size_t line, size_t column, const char *text, enum mon_style style,
                      bool selected)
{
    attr_t attributes = has_colours ? styles[style].with_colours : styles[style].without;

    if (line >= (size_t)LINES || column >= (size_t)COLS)
        return;
    if (has_colours && !selected)
        attributes |= (attr_t)COLOR_PAIR(styles[style].pair);
    if (selected) /* in one colour, so that it is one bar; dim would be hard to read in it */
        attributes = (attributes & ~A_DIM) | A_REVERSE;
    (void)attrset(attributes);
    (void)mvaddnstr((int)line, (int)column, text, -1); /* the last corner fails: it is drawn */
    (void)attrset(A_NORMAL);
}

void mon_terminal_end(size_t cursor_line, size_t cursor_column)
{
    (void)curs_set(cursor_line != SIZE_MAX);
    if (cursor_line != SIZE_MAX)
        (void)move((int)cursor_line, (int)cursor_column);
    (void)refresh();
}

bool mon_terminal_key(struct mon_key *key)
{
    wint_t code;
    int kind = get_wch(&code);

    if (kind == ERR)
        return false;
    *key = (struct mon_key){.is_function = kind == KEY_CODE_YES, .code = (uint32_t)code};
    if (!key->is_function && code == '\r')
        key->code = '\n';
    return true;
}
