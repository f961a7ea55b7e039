/* SPDX-License-Identifier: MIT */
/*
 * Where settings are looked for, what makes sense, and what is said of the rest. With real files:
 * a user's odbc.ini, the system's, odbcinst.ini and odbcshim.ini in a folder of their own.
 * libodbcinst remembers answers for some seconds, so each case has sections of its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <odbcinst.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "odbcshim/program_name.h"
#include "odbcshim/settings.h"
#include "tests/unit/failing_alloc.h"

static char folder[] = "/tmp/test_settings.XXXXXX";

static const char user_ini[] = "[user]\n"
                               "Driver = driver\n"
                               "CollectdHost = user's own\n"
                               "[shadow]\n"
                               "Driver = driver\n"
                               "[bad port]\n"
                               "Driver = driver\n"
                               "CollectdPort = 70000\n"
                               "[bad interval]\n"
                               "Driver = driver\n"
                               "CollectdInterval = 0,5\n"
                               "[empty]\n"
                               "Driver = driver\n"
                               "CollectdProgramName =\n"
                               "CollectdReportHost =\n"
                               "[mixed case]\n"
                               "Driver = driver\n"
                               "  collectdHOST   =   spaced   \n"
                               "[wrapper]\n"
                               "Driver = driver with target\n"
                               "TargetDSN = wrapped\n"
                               "[no host]\n"
                               "Driver = driver\n"
                               "CollectdHost =\n"
                               "[secret]\n"
                               "Driver = driver\n"
                               "CollectdSecurityLevel = Sign\n"
                               "CollectdUsername = me\n";
static const char system_ini[] = "[system]\n"
                                 "Driver = driver\n"
                                 "CollectdHost = system's own\n"
                                 "[shadow]\n"
                                 "Driver = driver\n"
                                 "CollectdHost = never seen\n"
                                 "[DEFAULT]\n"
                                 "Driver = default driver\n"
                                 "CollectdHost = by default\n";
static const char inst_ini[] = "[driver]\n"
                               "Driver = /nowhere.so\n"
                               "CollectdHost = driver's\n"
                               "CollectdPort = 1\n"
                               "[driver with target]\n"
                               "Target = /nowhere.so\n"
                               "[bad driver]\n"
                               "CollectdCheckout = sometimes\n";

static char *path_of(const char *name)
{
    static char path[2][256];
    static int turn;

    turn = 1 - turn;
    snprintf(path[turn], sizeof(path[turn]), "%s/%s", folder, name);
    return path[turn];
}

static void write_bytes(const char *name, const char *text, size_t length)
{
    FILE *f = fopen(path_of(name), "w");

    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, length, f), length);
    assert_int_equal(fclose(f), 0);
}

static void write_file(const char *name, const char *text)
{
    write_bytes(name, text, strlen(text));
}

/* What odbcshim.ini says for the next calls; NULL: nothing. */
static void set_shim_ini(const char *text)
{
    write_file("odbcshim.ini", text != NULL ? text : "");
    assert_int_equal(setenv("ODBCSHIM_INI", path_of("odbcshim.ini"), 1), 0);
}

static int set_up(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return 1;
    chmod(folder, 0755); /* one test goes on as another user */
    write_file("user.ini", user_ini);
    write_file("odbc.ini", system_ini);
    write_file("odbcinst.ini", inst_ini);
    set_shim_ini(NULL);
    return setenv("ODBCINI", path_of("user.ini"), 1) || setenv("ODBCSYSINI", folder, 1) ||
           setenv("HOME", folder, 1) || unsetenv("ODBCINSTINI") || unsetenv("ODBCSEARCH");
}

static int tear_down(void **state)
{
    static const char *const names[] = {"user.ini", "odbc.ini", "odbcinst.ini", "odbcshim.ini",
                                        "loop.ini", "fifo.ini", "folder.ini",   ".odbcinst.ini"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        remove(path_of(names[i]));
    return rmdir(folder);
}

struct sources {
    const char *string, *dsn, *driver, *ini;
};

static struct shim_settings *load(const struct sources *sources, struct shim_error *error)
{
    struct shim_settings_from from = {.dsn = sources->dsn, .driver = sources->driver};
    struct shim_settings *settings;

    set_shim_ini(sources->ini);
    memset(error, 0, sizeof(*error));
    if (sources->string != NULL) {
        from.string = shim_connection_string_new(
            (struct shim_text){sources->string, strlen(sources->string), false});
        assert_non_null(from.string);
    }
    settings = shim_settings_new(&from, error);
    if (from.string != NULL)
        shim_connection_string_free(&from.string);
    return settings;
}

static const char *show(const struct shim_settings *s, enum shim_setting setting)
{
    static const char *const checkouts[] = {"auto", "manager", "connect", "activity"};
    static const char *const plugins[] = {"odbc", "sqlalchemy"};
    static const char *const levels[] = {"None", "Sign", "Encrypt"};
    static char text[64];

    switch (setting) {
    case SHIM_SETTING_TARGET:
        return s->target;
    case SHIM_SETTING_TARGET_DSN:
        return s->target_dsn;
    case SHIM_SETTING_HOST:
        return s->collectd_host;
    case SHIM_SETTING_PORT:
        snprintf(text, sizeof(text), "%d", s->collectd_port);
        return text;
    case SHIM_SETTING_PROGRAM:
        return s->program;
    case SHIM_SETTING_REPORT_HOST:
        return s->report_host;
    case SHIM_SETTING_INTERVAL:
        snprintf(text, sizeof(text), "%.17g", s->interval);
        return text;
    case SHIM_SETTING_CHECKOUT:
        return checkouts[s->checkout];
    case SHIM_SETTING_PLUGIN:
        return plugins[s->plugin];
    case SHIM_SETTING_SECURITY:
        return levels[s->security];
    case SHIM_SETTING_USERNAME:
        return s->username;
    case SHIM_SETTING_PASSWORD:
        return s->password;
    case SHIM_SETTING_ENABLED:
        return s->enabled ? "yes" : "no";
    case SHIM_SETTINGS:
        break;
    }
    return "?";
}

/* What shim_setting_show says: the value as it is, but no password and no control character. */
static void check_shown(const struct shim_settings *s, enum shim_setting setting, int line)
{
    char wanted[4200], shown[4200], cut[4];

    if (setting == SHIM_SETTING_PASSWORD)
        snprintf(wanted, sizeof(wanted), "%s", *s->password != '\0' ? "set" : "not set");
    else if (setting == SHIM_SETTING_INTERVAL)
        snprintf(wanted, sizeof(wanted), "%g", s->interval);
    else
        snprintf(wanted, sizeof(wanted), "%s", show(s, setting));
    for (char *at = wanted; *at != '\0'; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = '?';
    shim_setting_show(s, setting, shown, sizeof(shown));
    shim_setting_show(s, setting, cut, sizeof(cut));
    if (strcmp(shown, wanted) != 0 || strncmp(cut, wanted, 3) != 0 || strlen(cut) > 3)
        fail_msg("line %d: shown as %s or %s, expected %s", line, shown, cut, wanted);
}

#define S(ID) SHIM_SETTING_##ID
#define O(ID) SHIM_ORIGIN_##ID

static void test_good(void **state)
{
    static const struct {
        int line;
        struct sources sources;
        enum shim_setting setting;
        const char *value;
        enum shim_origin origin;
    } cases[] = {
        {__LINE__, {0}, S(HOST), "localhost", O(DEFAULT)},
        {__LINE__, {0}, S(PORT), "25827", O(DEFAULT)},
        {__LINE__, {0}, S(INTERVAL), "2", O(DEFAULT)},
        {__LINE__, {0}, S(CHECKOUT), "auto", O(DEFAULT)},
        {__LINE__, {0}, S(PLUGIN), "odbc", O(DEFAULT)},
        {__LINE__, {0}, S(SECURITY), "None", O(DEFAULT)},
        {__LINE__, {0}, S(ENABLED), "yes", O(DEFAULT)},
        {__LINE__, {0}, S(TARGET), "", O(DEFAULT)},
        {__LINE__, {0}, S(PASSWORD), "", O(DEFAULT)},

        /* the sources in their order */
        {__LINE__, {.ini = "[odbcshim]\nCollectdHost=i"}, S(HOST), "i", O(FILE)},
        {__LINE__,
         {.driver = "driver", .ini = "[odbcshim]\nCollectdHost=i"},
         S(HOST),
         "driver's",
         O(DRIVER)},
        {__LINE__, {.dsn = "user", .driver = "driver"}, S(HOST), "user's own", O(DSN)},
        {__LINE__, {.dsn = "user", .driver = "driver"}, S(PORT), "1", O(DRIVER)},
        {__LINE__, {"CollectdHost=s", "user", "driver", NULL}, S(HOST), "s", O(STRING)},
        {__LINE__, {.dsn = "system"}, S(HOST), "system's own", O(DSN)},
        {__LINE__, {.dsn = "shadow"}, S(HOST), "localhost", O(DEFAULT)},
        {__LINE__, {.dsn = "nowhere"}, S(HOST), "by default", O(DSN)},
        {__LINE__, {.dsn = ""}, S(HOST), "by default", O(DSN)},
        {__LINE__, {.driver = ""}, S(HOST), "localhost", O(DEFAULT)},
        {__LINE__, {.driver = "/usr/lib/x.so"}, S(HOST), "localhost", O(DEFAULT)},

        /* keys and values */
        {__LINE__, {.string = "collectdHOST=s"}, S(HOST), "s", O(STRING)},
        {__LINE__, {.string = " CollectdHost = s ;A=b"}, S(HOST), "s", O(STRING)},
        {__LINE__, {.string = "CollectdHost=s;CollectdHost=t"}, S(HOST), "s", O(STRING)},
        {__LINE__, {.dsn = "mixed case"}, S(HOST), "spaced", O(DSN)},
        {__LINE__, {.string = "CollectdHost=fe80::1%eth0"}, S(HOST), "fe80::1%eth0", O(STRING)},
        {__LINE__, {.string = "CollectdPort= 1 "}, S(PORT), "1", O(STRING)},
        {__LINE__, {.string = "CollectdPort=65535"}, S(PORT), "65535", O(STRING)},
        {__LINE__, {.string = "CollectdPort=0080"}, S(PORT), "80", O(STRING)},
        {__LINE__,
         {.string = "CollectdInterval=0.1"},
         S(INTERVAL),
         "0.10000000000000001",
         O(STRING)},
        {__LINE__, {.string = "CollectdInterval=.5"}, S(INTERVAL), "0.5", O(STRING)},
        {__LINE__, {.string = "CollectdInterval=10."}, S(INTERVAL), "10", O(STRING)},
        {__LINE__, {.string = "CollectdInterval=3600"}, S(INTERVAL), "3600", O(STRING)},
        {__LINE__,
         {.string = "CollectdInterval=2.35"},
         S(INTERVAL),
         "2.3500000000000001",
         O(STRING)},
        {__LINE__, {.string = "CollectdCheckout=ACTIVITY"}, S(CHECKOUT), "activity", O(STRING)},
        {__LINE__, {.string = "CollectdCheckout=manager"}, S(CHECKOUT), "manager", O(STRING)},
        {__LINE__, {.string = "CollectdCheckout={connect}"}, S(CHECKOUT), "connect", O(STRING)},
        {__LINE__, {.string = "CollectdPlugin=SQLAlchemy"}, S(PLUGIN), "sqlalchemy", O(STRING)},
        {__LINE__, {.string = "CollectdEnabled=No"}, S(ENABLED), "no", O(STRING)},
        {__LINE__, {.string = "CollectdEnabled=off"}, S(ENABLED), "no", O(STRING)},
        {__LINE__, {.string = "CollectdEnabled=0"}, S(ENABLED), "no", O(STRING)},
        {__LINE__, {.string = "CollectdEnabled=False"}, S(ENABLED), "no", O(STRING)},
        {__LINE__, {.string = "CollectdEnabled=TRUE"}, S(ENABLED), "yes", O(STRING)},
        {__LINE__, {.string = "CollectdEnabled=on"}, S(ENABLED), "yes", O(STRING)},
        {__LINE__, {.string = "CollectdEnabled=1"}, S(ENABLED), "yes", O(STRING)},
        {__LINE__,
         {.string = "CollectdUsername=u;CollectdPassword= p ;CollectdSecurityLevel=sign"},
         S(PASSWORD),
         " p ",
         O(STRING)},
        {__LINE__,
         {.string = "CollectdUsername=u;CollectdPassword=p;CollectdSecurityLevel=Encrypt"},
         S(SECURITY),
         "Encrypt",
         O(STRING)},
        {__LINE__,
         {.dsn = "secret", .ini = "[odbcshim]\nCollectdPassword=p"},
         S(PASSWORD),
         "p",
         O(FILE)},
        {__LINE__, {.string = "Target=/a b/c.so"}, S(TARGET), "/a b/c.so", O(STRING)},

        /* Target and TargetDSN: the nearer one */
        {__LINE__,
         {.dsn = "wrapper", .driver = "driver with target"},
         S(TARGET_DSN),
         "wrapped",
         O(DSN)},
        {__LINE__, {.dsn = "wrapper", .driver = "driver with target"}, S(TARGET), "", O(DRIVER)},
        {__LINE__, {.string = "Target=t", .dsn = "wrapper"}, S(TARGET), "t", O(STRING)},
        {__LINE__, {.string = "Target=t", .dsn = "wrapper"}, S(TARGET_DSN), "", O(DSN)},
        {__LINE__, {.string = "Target=t;TargetDSN=d"}, S(TARGET), "t", O(STRING)},
        {__LINE__, {.string = "Target=t;TargetDSN=d"}, S(TARGET_DSN), "d", O(STRING)},
        {__LINE__, {.string = "Target=", .dsn = "wrapper"}, S(TARGET_DSN), "wrapped", O(DSN)},

        /* odbcshim.ini */
        {__LINE__,
         {.ini = "# c\n; c\n\n[odbcshim]\n\n#x\nCollectdHost = i"},
         S(HOST),
         "i",
         O(FILE)},
        {__LINE__, {.ini = "[ODBCshim]\r\ncollectdhost=i\r\n"}, S(HOST), "i", O(FILE)},
        {__LINE__, {.ini = "\xef\xbb\xbf[odbcshim]\nCollectdHost=i"}, S(HOST), "i", O(FILE)},
        {__LINE__, {.ini = "[odbcshim]\nCollectdHost=a\nCollectdHost=b"}, S(HOST), "a", O(FILE)},
        {__LINE__, {.ini = "[odbcshim]\nCollectdHost=i ; c"}, S(HOST), "i", O(FILE)},
        {__LINE__,
         {.ini = "[odbcshim]\n  CollectdHost=a\n\t CollectdPort=7"},
         S(HOST),
         "a",
         O(FILE)},
        {__LINE__,
         {.ini = "[odbcshim]\n  CollectdHost=a\n\t CollectdPort=7"},
         S(PORT),
         "7",
         O(FILE)},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct shim_error error;
        struct shim_settings *s = load(&cases[i].sources, &error);

        if (s == NULL)
            fail_msg("line %d: %s %s", cases[i].line, error.state, error.message);
        if (strcmp(show(s, cases[i].setting), cases[i].value) != 0 ||
            s->origin[cases[i].setting] != cases[i].origin)
            fail_msg("line %d: got %s from %d, expected %s from %d", cases[i].line,
                     show(s, cases[i].setting), s->origin[cases[i].setting], cases[i].value,
                     cases[i].origin);
        check_shown(s, cases[i].setting, cases[i].line);
        shim_settings_free(&s);
        assert_null(s);
    }
}

#define X40  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X200 X40 X40 X40 X40 X40

static void test_bad(void **state)
{
    static const struct {
        int line;
        struct sources sources;
        const char *sqlstate, *message;
    } cases[] = {
        {__LINE__,
         {.string = "CollectdPort=70000"},
         "01S00",
         "CollectdPort=70000 in the connection string makes no sense; allowed is a whole number "
         "from 1 to 65535"},
        {__LINE__,
         {.dsn = "bad port"},
         "HY000",
         "CollectdPort=70000 in [bad port] of odbc.ini makes no sense*"},
        {__LINE__, {.dsn = "bad interval"}, "HY000", "CollectdInterval=0,5 in [bad interval] of*"},
        {__LINE__, {.dsn = "no host"}, "HY000", "CollectdHost= in [no host] of odbc.ini*"},
        {__LINE__,
         {.driver = "bad driver"},
         "HY000",
         "CollectdCheckout=sometimes in [bad driver] of odbcinst.ini makes no sense; allowed is "
         "auto, manager, connect or activity"},
        {__LINE__,
         {.ini = "[odbcshim]\nCollectdEnabled=perhaps"},
         "HY000",
         "CollectdEnabled=perhaps in */odbcshim.ini makes no sense; allowed is yes or no"},
        {__LINE__, {.string = "CollectdPort=0"}, "01S00", "CollectdPort=0 in *"},
        {__LINE__, {.string = "CollectdPort="}, "01S00", "CollectdPort= in *"},
        {__LINE__, {.string = "CollectdPort=-1"}, "01S00", "CollectdPort=-1 in *"},
        {__LINE__, {.string = "CollectdPort=+1"}, "01S00", "CollectdPort=+1 in *"},
        {__LINE__, {.string = "CollectdPort=0x10"}, "01S00", "CollectdPort=0x10 in *"},
        {__LINE__, {.string = "CollectdPort=80.0"}, "01S00", "CollectdPort=80.0 in *"},
        {__LINE__, {.string = "CollectdPort=99999999999999999999999999"}, "01S00", "*65535"},
        {__LINE__, {.string = "CollectdPort=8\n0"}, "01S00", "CollectdPort=8?0 in *"},
        {__LINE__,
         {.string = "CollectdInterval=0.05"},
         "01S00",
         "*a number of seconds from 0.1 to 3600"},
        {__LINE__, {.string = "CollectdInterval=3601"}, "01S00", "CollectdInterval=3601*"},
        {__LINE__, {.string = "CollectdInterval=0,5"}, "01S00", "CollectdInterval=0,5*"},
        {__LINE__, {.string = "CollectdInterval=1e1"}, "01S00", "CollectdInterval=1e1*"},
        {__LINE__, {.string = "CollectdInterval=nan"}, "01S00", "CollectdInterval=nan*"},
        {__LINE__, {.string = "CollectdInterval=1.2.3"}, "01S00", "CollectdInterval=1.2.3*"},
        {__LINE__, {.string = "CollectdInterval=."}, "01S00", "CollectdInterval=. in*"},
        {__LINE__, {.string = "CollectdCheckout="}, "01S00", "CollectdCheckout= in*"},
        {__LINE__, {.string = "CollectdPlugin=other"}, "01S00", "*odbc or sqlalchemy"},
        {__LINE__, {.string = "CollectdSecurityLevel=High"}, "01S00", "*None, Sign or Encrypt"},
        {__LINE__, {.string = "CollectdHost="}, "01S00", "CollectdHost= in*1 to 255 bytes"},
        {__LINE__,
         {.string = "CollectdHost=" X200 X40 X40},
         "01S00",
         "CollectdHost=" X40 "xxxxxxxxxxxxxxxxxxxx... in*"},

        /* secrets */
        {__LINE__, {.string = "CollectdPort={1;PWD=secret"}, "01S00", "CollectdPort=1... in*"},
        {__LINE__,
         {.string = "CollectdPassword=secret" X200 X200},
         "01S00",
         "CollectdPassword in the connection string makes no sense; allowed is a text of 0 to 255 "
         "bytes"},
        {__LINE__,
         {.string = "CollectdSecurityLevel=Sign"},
         "HY000",
         "CollectdSecurityLevel=Sign in the connection string needs CollectdUsername and "
         "CollectdPassword, but CollectdUsername is not set"},
        {__LINE__,
         {.string = "CollectdSecurityLevel=Encrypt;CollectdUsername=u"},
         "HY000",
         "CollectdSecurityLevel=Encrypt in*but CollectdPassword is not set"},
        {__LINE__,
         {.string = "CollectdSecurityLevel=Encrypt;CollectdPassword=secret"},
         "HY000",
         "*but CollectdUsername is not set"},

        /* mistyped keys */
        {__LINE__,
         {.string = "CollectdPrt=1"},
         "01S00",
         "CollectdPrt in the connection string is no setting; CollectdPort is"},
        {__LINE__,
         {.string = "DSN=x;COLLECTDNONSENSE=1"},
         "01S00",
         "COLLECTDNONSENSE in the connection string is no setting"},
        {__LINE__,
         {.ini = "[odbcshim]\n\nColectdHost=1"},
         "HY000",
         "ColectdHost in line 3 of */odbcshim.ini is no setting; CollectdHost is"},
        {__LINE__, {.ini = "[odbcshim]\nhost=1"}, "HY000", "host in line 2*; CollectdHost is"},
        {__LINE__,
         {.ini = "[odbcshim]\nflavour=1"},
         "HY000",
         "flavour in line 2 of */odbcshim.ini is no setting"},

        /* odbcshim.ini */
        {__LINE__,
         {.ini = "[odbcshim]\nCollectdHost\n"},
         "HY000",
         "line 2 of */odbcshim.ini is neither [section] nor KEY = value"},
        {__LINE__, {.ini = "[odbcshim\nCollectdHost=h\n"}, "HY000", "line 1 of */odbcshim.ini *"},
        {__LINE__,
         {.ini = "CollectdHost=h\n[odbcshim]\n"},
         "HY000",
         "line 1 of */odbcshim.ini stands before the section [odbcshim]"},
        {__LINE__,
         {.ini = "[odbcshim]\n[odbcshm]\nCollectdHost=h\n"},
         "HY000",
         "line 3 of */odbcshim.ini stands in a section other than [odbcshim]"},
        {__LINE__,
         {.ini = "[odbcshim]\nCollectdHost=h\nCollectdHost=" X200},
         "HY000",
         "line 3 of */odbcshim.ini is longer than 198 bytes, which libinih cannot read"},
        {__LINE__,
         {.ini = "[odbcshim]\n# " X200 "\nCollectdHost=h"},
         "HY000",
         "line 2 of */odbcshim.ini is longer than 198 bytes*"},
        {__LINE__, {.ini = X200 X200 X200 X200 X200 X200 "\n[odbcshim]\n"}, "HY000", "line 1 of *"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct shim_error error;
        struct shim_settings *s = load(&cases[i].sources, &error);
        const char *at = error.message, *pattern = cases[i].message;
        bool equal = true;

        if (s != NULL)
            fail_msg("line %d: no error", cases[i].line);
        /* '*' in the pattern is any text */
        while (equal && *pattern != '\0') {
            char piece[512];
            size_t length = strcspn(pattern, "*");
            bool floats = pattern != cases[i].message && pattern[-1] == '*';
            const char *found;

            memcpy(piece, pattern, length);
            piece[length] = '\0';
            found = floats ? strstr(at, piece) : strncmp(at, piece, length) == 0 ? at : NULL;
            equal = found != NULL;
            if (equal)
                at = found + length;
            pattern += length + (pattern[length] == '*' ? 1 : 0);
        }
        if (cases[i].message[strlen(cases[i].message) - 1] != '*')
            equal = equal && *at == '\0';
        if (!equal || strcmp(error.state, cases[i].sqlstate) != 0)
            fail_msg("line %d: got %s <%s>, expected %s <%s>", cases[i].line, error.state,
                     error.message, cases[i].sqlstate, cases[i].message);
        assert_null(strstr(error.message, "secret"));
    }
}

/* The longest line that libinih takes is taken whole; one byte more, and it is not. */
static void test_longest_line(void **state)
{
    char ini[512] = "[odbcshim]\nCollectdHost=", expected[256];
    size_t length = 198 - strlen("CollectdHost=");
    struct shim_error error;
    struct shim_settings *s;

    (void)state;
    memset(expected, 'h', length);
    expected[length] = '\0';
    strcat(strcat(ini, expected), "\n  CollectdPort=9");
    s = load(&(struct sources){.ini = ini}, &error);
    assert_non_null(s);
    assert_string_equal(s->collectd_host, expected);
    assert_int_equal(s->collectd_port, 9);
    shim_settings_free(&s);

    strcat(strcpy(ini, "[odbcshim]\nCollectdHost=h"), expected);
    assert_null(load(&(struct sources){.ini = ini}, &error));
    assert_non_null(strstr(error.message, "longer than 198 bytes"));
}

/* A file that cannot be read as a file is an error that names it; a FIFO does not hold us. */
static void test_odd_files(void **state)
{
    static const char nul[] = "[odbcshim]\nCollectdHost=a\0b\n";
    const struct shim_settings_from from = {0};
    struct shim_error error;
    struct shim_settings *s;
    struct rlimit limit, none;
    int descriptor = dup(0), next;

    (void)state;
    close(descriptor);
    setenv("ODBCSHIM_INI", path_of("missing.ini"), 1);
    assert_null(shim_settings_new(&from, &error));
    assert_string_equal(error.state, "HY000");
    assert_non_null(strstr(error.message, "missing.ini, named by ODBCSHIM_INI, cannot be opened: "
                                          "No such file or directory"));

    assert_int_equal(symlink("loop.ini", path_of("loop.ini")), 0);
    setenv("ODBCSHIM_INI", path_of("loop.ini"), 1);
    assert_null(shim_settings_new(&from, &error));
    assert_non_null(strstr(error.message, "loop.ini, named"));

    assert_int_equal(mkdir(path_of("folder.ini"), 0700), 0);
    setenv("ODBCSHIM_INI", path_of("folder.ini"), 1);
    assert_null(shim_settings_new(&from, &error));
    assert_non_null(strstr(error.message, "folder.ini cannot be read: Is a directory"));

    assert_int_equal(mkfifo(path_of("fifo.ini"), 0600), 0);
    setenv("ODBCSHIM_INI", path_of("fifo.ini"), 1);
    s = shim_settings_new(&from, &error);
    assert_non_null(s);
    shim_settings_free(&s);

    setenv("ODBCSHIM_INI", "/dev/zero", 1);
    assert_null(shim_settings_new(&from, &error));
    assert_string_equal(error.message, "line 1 of /dev/zero has a NUL byte");

    write_bytes("odbcshim.ini", nul, sizeof(nul) - 1);
    setenv("ODBCSHIM_INI", path_of("odbcshim.ini"), 1);
    assert_null(shim_settings_new(&from, &error));
    assert_non_null(strstr(error.message, "line 2 of "));
    assert_non_null(strstr(error.message, " has a NUL byte"));

    /* No descriptor to spare: the program goes on, and nothing is sent anywhere. */
    set_shim_ini("[odbcshim]\nCollectdHost=elsewhere");
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = (struct rlimit){.rlim_cur = 0, .rlim_max = limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    s = shim_settings_new(&from, &error);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_non_null(s);
    assert_false(s->enabled);
    shim_settings_free(&s);

    next = dup(0);
    close(next);
    assert_int_equal(next, descriptor); /* none is left open */
}

static void test_unreadable_file(void **state)
{
    const struct shim_settings_from from = {0};
    struct shim_settings *s;
    struct shim_error error;
    bool root = geteuid() == 0;

    (void)state;
    set_shim_ini("[odbcshim]\nCollectdPassword=secret");
    assert_int_equal(chmod(path_of("odbcshim.ini"), 0), 0);
    if (root)
        assert_int_equal(seteuid(65534), 0);
    s = shim_settings_new(&from, &error);
    if (root)
        assert_int_equal(seteuid(0), 0);
    assert_int_equal(chmod(path_of("odbcshim.ini"), 0600), 0);
    assert_null(s);
    assert_string_equal(error.state, "HY000");
    assert_non_null(strstr(error.message, "odbcshim.ini, named by ODBCSHIM_INI, cannot be opened: "
                                          "Permission denied"));
}

/* The standard file need not be there; an empty ODBCSHIM_INI names none. */
static void test_no_file(void **state)
{
    const struct shim_settings_from from = {0};
    struct shim_settings *s;
    struct shim_error error;

    (void)state;
    if (access(SYSCONFDIR "/odbcshim.ini", F_OK) == 0)
        skip();
    for (int i = 0; i < 2; i++) {
        if (i == 0)
            setenv("ODBCSHIM_INI", "", 1);
        else
            unsetenv("ODBCSHIM_INI");
        s = shim_settings_new(&from, &error);
        if (s == NULL)
            fail_msg("%s", error.message);
        shim_settings_free(&s);
    }
}

static void test_computed_defaults(void **state)
{
    static const struct sources sources[] = {{0}, {.dsn = "empty"}};
    char host[256];

    (void)state;
    assert_int_equal(gethostname(host, sizeof(host)), 0);
    for (size_t i = 0; i < 2; i++) {
        struct shim_error error;
        struct shim_settings *s = load(&sources[i], &error);

        assert_non_null(s);
        assert_string_equal(s->program, shim_program_name());
        assert_string_equal(s->report_host, host);
        shim_settings_free(&s);
    }
}

static void test_profile(void **state)
{
    static const struct {
        const char *text;
        bool yes;
    } answers[] = {{"Yes", true}, {"yes", true},  {"1", true},    {"on", true},  {"On", true},
                   {"y", true},   {"", false},    {"0", false},   {"no", false}, {"off", false},
                   {"o", false},  {"o n", false}, {"true", false}};
    char value[64];

    (void)state;
    memset(value, 'x', sizeof(value)); /* what is read has an end */
    assert_true(shim_profile_get("odbcinst.ini", "DRIVER", "collectdhost", value, sizeof(value)));
    assert_string_equal(value, "driver's");
    memset(value, 'x', sizeof(value));
    assert_true(shim_profile_get("odbc.ini", "empty", "CollectdProgramName", value, sizeof(value)));
    assert_string_equal(value, "");
    assert_false(shim_profile_get("odbc.ini", "empty", "Target", value, sizeof(value)));
    assert_string_equal(value, "");
    assert_false(shim_profile_get("odbc.ini", "", "CollectdHost", value, sizeof(value)));
    assert_false(shim_profile_get("odbc.ini", "user", "", value, sizeof(value)));
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        if (shim_profile_yes(answers[i].text) != answers[i].yes)
            fail_msg("%s", answers[i].text);
    }
}

/* The driver manager, having found a user's DSN, leaves the system's out of sight. */
static void test_profile_section(void **state)
{
    char driver[64];
    struct shim_error error;
    struct shim_settings *s;
    UWORD mode = 99;

    (void)state;
    assert_string_equal(shim_profile_section("system", driver, sizeof(driver)), "system");
    assert_string_equal(driver, "driver");
    assert_string_equal(shim_profile_section("nowhere", driver, sizeof(driver)), "DEFAULT");
    assert_string_equal(driver, "default driver");

    SQLSetConfigMode(ODBC_USER_DSN);
    s = load(&(struct sources){.dsn = "user"}, &error);
    assert_non_null(s);
    assert_string_equal(s->collectd_host, "user's own");
    shim_settings_free(&s);
    assert_true(SQLGetConfigMode(&mode));
    assert_int_equal(mode, ODBC_USER_DSN); /* no need to touch it */

    assert_string_equal(shim_profile_section("system", driver, sizeof(driver)), "system");
    assert_true(SQLGetConfigMode(&mode));
    assert_int_equal(mode, ODBC_BOTH_DSN);
}

static void test_nearest(void **state)
{
    static const struct {
        const char *key, *nearest;
    } cases[] = {
        {"CollectdProt", "CollectdPort"},
        {"CollectdProgramname", "CollectdProgramName"},
        {"Programname", "CollectdProgramName"},
        {"Colectdsecuritylevl", "CollectdSecurityLevel"},
        {"TargetDNS", "TargetDSN"},
        {"Taget", "Target"},
        {"CollectdReporthosts", "CollectdReportHost"},
        {"", NULL},
        {"zzzzzz", NULL},
        {X200, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *nearest = shim_setting_nearest(cases[i].key);

        if ((nearest == NULL) != (cases[i].nearest == NULL) ||
            (nearest != NULL && strcmp(nearest, cases[i].nearest) != 0))
            fail_msg("%s: %s", cases[i].key, nearest != NULL ? nearest : "(null)");
    }
    for (int i = 0; i < SHIM_SETTINGS; i++)
        assert_int_equal(shim_setting_find(shim_setting_infos[i].key), i);
    assert_int_equal(shim_setting_find("Collectd"), SHIM_SETTINGS);
}

static void test_long_error(void **state)
{
    struct shim_error e;
    char text[600];

    (void)state;
    for (size_t begin = 0; begin < 3; begin++) {
        memset(text, 'x', sizeof(text));
        for (size_t i = begin; i + 3 < sizeof(text); i += 3)
            memcpy(text + i, "\xe2\x82\xac", 3);
        text[sizeof(text) - 1] = '\0';
        shim_error_set(&e, "HY000", "%s", text);
        assert_true(strlen(e.message) > sizeof(e.message) - 8);
        assert_int_equal((strlen(e.message) - begin) % 3, 0);
        assert_memory_equal(e.message, text, strlen(e.message));
    }
}

static void *load_often(void *context)
{
    static const struct shim_settings_from from = {.dsn = "user", .driver = "driver"};

    for (int i = 0; i < 200; i++) {
        struct shim_error error;
        struct shim_settings *s = shim_settings_new(&from, &error);

        if (s == NULL || strcmp(s->collectd_host, "user's own") != 0)
            *(bool *)context = true;
        shim_settings_free(&s);
    }
    return NULL;
}

static void test_threads(void **state)
{
    pthread_t threads[4];
    bool failed[4] = {false};

    (void)state;
    set_shim_ini("[odbcshim]\nCollectdUsername=u");
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, load_often, &failed[i]), 0);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    for (size_t i = 0; i < 4; i++)
        assert_false(failed[i]);
}

static int load_once(void *context)
{
    struct shim_error error = {.state = ""};
    struct shim_settings *s = shim_settings_new(context, &error);

    if (s == NULL) {
        allocations_left = -1;
        assert_string_equal(error.state, "HY001");
        return 0;
    }
    shim_settings_free(&s);
    return 1;
}

static void test_memory_out(void **state)
{
    static const char text[] = "CollectdHost=x;Target=y";
    struct shim_settings_from from = {.dsn = "user", .driver = "driver"};

    (void)state;
    set_shim_ini("[odbcshim]\nCollectdUsername=u\nCollectdPassword=p\n");
    shim_program_name(); /* what it allocates, it does once */
    from.string = shim_connection_string_new((struct shim_text){text, sizeof(text) - 1, false});
    assert_non_null(from.string);
    assert_true(fail_each_allocation(load_once, &from) > 10);
    shim_connection_string_free(&from.string);
}

/* Drift: every setting stands in both samples, with its default and with its sentence. */

static void read_comments(const char *name, char *text, size_t size)
{
    const char *top = getenv("srcdir");
    char path[512];
    size_t length, to = 0;
    FILE *f;

    snprintf(path, sizeof(path), "%s/%s", top != NULL ? top : ".", name);
    f = fopen(path, "r");
    if (f == NULL)
        fail_msg("%s: %s", path, strerror(errno));
    length = fread(text, 1, size - 1, f);
    fclose(f);
    assert_true(length < size - 1);
    /* Sentences go on over lines: every line's "\n# " becomes a blank. */
    for (size_t i = 0; i < length; i++) {
        if (strncmp(text + i, "\n# ", 3) == 0) {
            text[to++] = ' ';
            i += 2;
        } else {
            text[to++] = text[i];
        }
    }
    text[to] = '\0';
}

static void test_samples(void **state)
{
    static const char *const names[] = {"odbcinst.ini.sample", "odbcshim.ini.sample"};
    static char text[32768];

    (void)state;
    for (size_t n = 0; n < 2; n++) {
        read_comments(names[n], text, sizeof(text));
        for (size_t i = 0; i < SHIM_SETTINGS; i++) {
            const struct shim_setting_info *info = &shim_setting_infos[i];
            char line[128];

            /* The one for drivers shows the defaults, the other one examples. */
            snprintf(line, sizeof(line), "\n#%s =%s%s", info->key,
                     n == 0 && *info->standard != '\0' ? " " : "", n == 0 ? info->standard : "");
            if (strstr(text, line) == NULL)
                fail_msg("%s has no line <%s>", names[n], line + 1);
            if (strstr(text, info->sentence) == NULL)
                fail_msg("%s does not say <%s>", names[n], info->sentence);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_longest_line),
        cmocka_unit_test(test_odd_files),
        cmocka_unit_test(test_unreadable_file),
        cmocka_unit_test(test_no_file),
        cmocka_unit_test(test_computed_defaults),
        cmocka_unit_test(test_profile),
        cmocka_unit_test(test_profile_section),
        cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_long_error),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_memory_out),
        cmocka_unit_test(test_samples),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
