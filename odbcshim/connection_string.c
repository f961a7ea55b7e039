/* SPDX-License-Identifier: MIT */
/*
 * The grammar of connection strings. A string is cut at its semicolons into attributes that keep
 * the units they were written in; key and value are taken out once, as UTF-8, for those who ask.
 *
 * The cuts are the driver manager's: white space and semicolons before a key are skipped, a brace
 * counts only directly behind the '=', the next key may follow a closing brace without a
 * semicolon, a NUL ends what is read. In one thing this reader is more patient: what has no '='
 * ends at its semicolon, while the driver manager reads on and takes it for a part of the next
 * key. Such a key counts for us, but not for the question which source the driver manager saw.
 */
#include "odbcshim/connection_string.h"
#include "odbcshim/units.h"

#include <stdlib.h>
#include <string.h>

/* The limits of what was found in the units [begin, end), without the semicolon behind. */
struct span {
    size_t begin, end;
    size_t key, key_end;
    size_t value, value_end;
    bool has_key;
    bool blank;  /* nothing but white space */
    bool braced; /* value .. value_end stands between braces */
    bool open;   /* a brace is not closed: nothing may be put behind */
    bool ended;  /* a semicolon follows */
};

struct attribute {
    uint16_t *units;
    size_t length;
    char *key; /* without white space around it; NULL where there is no '=' */
    char *value;
    bool blank;
    bool open;
    bool ended;
    bool spaced; /* white space stands between key and '=' */
    bool seen;   /* the driver manager reads this key as we do */
};

struct shim_connection_string {
    struct attribute *attributes;
    size_t count;
    size_t size;
    bool wide;
};

static size_t scan_value(const uint16_t *u, size_t n, size_t at, struct span *span)
{
    span->braced = at < n && u[at] == '{';
    if (!span->braced) {
        span->value = at;
        while (at < n && u[at] != ';' && u[at] != 0)
            at++;
        span->value_end = at;
        return at;
    }
    span->value = ++at;
    while (at < n && u[at] != 0 && (u[at] != '}' || (at + 1 < n && u[at + 1] == '}')))
        at += u[at] == '}' ? 2 : 1;
    span->value_end = at;
    if (at < n && u[at] == '}')
        return at + 1;
    span->open = true;
    return at;
}

/* Finds the attribute that begins at `begin` < n. */
static struct span scan(const uint16_t *u, size_t n, size_t begin)
{
    struct span span = {.begin = begin};
    size_t at = begin;

    while (at < n && shim_is_space(u[at]))
        at++;
    span.key = at;
    while (at < n && u[at] != '=' && u[at] != ';' && u[at] != 0)
        at++;
    span.blank = at == span.key;
    span.has_key = at < n && u[at] == '=';
    if (span.has_key) {
        span.key_end = at;
        span.blank = false;
        at = scan_value(u, n, at + 1, &span);
    } else if (at < n && u[at] == 0) {
        at = n; /* nobody reads further: the rest is kept as it stands */
    }
    span.end = at;
    span.ended = at < n && u[at] == ';';
    return span;
}

static void attribute_fini(struct attribute *a)
{
    free(a->units);
    free(a->key);
    free(a->value);
    *a = (struct attribute){0};
}

/* False when memory is out: then *a is empty. */
static bool attribute_init(struct attribute *a, const uint16_t *u, struct span span, bool wide)
{
    size_t key_end = span.key_end;

    *a = (struct attribute){
        .length = span.end - span.begin,
        .blank = span.blank,
        .open = span.open,
        .ended = span.ended,
    };
    a->units = malloc((a->length + 1) * sizeof(*a->units)); /* never nothing */
    if (a->units == NULL)
        goto failed;
    memcpy(a->units, u + span.begin, a->length * sizeof(*a->units));
    if (!span.has_key)
        return true;
    while (key_end > span.key && shim_is_space(u[key_end - 1]))
        key_end--;
    a->spaced = key_end < span.key_end;
    a->key = shim_text_from_units(u, span.key, key_end, wide, false);
    a->value = shim_text_from_units(u, span.value, span.value_end, wide, span.braced);
    if (a->key != NULL && a->value != NULL)
        return true;
failed:
    attribute_fini(a);
    return false;
}

/* Whether a value can be read back only from between braces. */
static bool needs_braces(const char *value)
{
    size_t length = strlen(value);

    return length > 0 &&
           (value[0] == '{' || shim_is_space((unsigned char)value[0]) ||
            shim_is_space((unsigned char)value[length - 1]) || strchr(value, ';') != NULL);
}

/* Writes a value with every closing brace doubled where `braced`; returns the end. */
static uint16_t *put_value(uint16_t *end, const char *value, bool braced, bool wide)
{
    uint16_t *begin = end, *from;
    size_t closing = 0;

    end = shim_units_from_text(end, value, wide);
    if (!braced)
        return end;
    for (from = begin; from < end; from++)
        closing += *from == '}';
    for (from = end, end += closing; closing > 0; closing -= *from == '}') {
        from--;
        from[closing] = *from;
        if (*from == '}')
            from[closing - 1] = '}';
    }
    return end;
}

/* An attribute as we write it; `like`, unless it is NULL, is one of the same key, whose key, white
   space and braces it takes. False when memory is out. */
static bool attribute_make(struct attribute *a, const char *key, const char *value,
                           const struct attribute *like, bool wide)
{
    size_t size = strlen(key) + 2 * strlen(value) + 3; /* every brace doubled; ={} */
    uint16_t *units = malloc((size + (like != NULL ? like->length : 0)) * sizeof(*units)), *end;
    struct span old = {0};
    bool made, braced = needs_braces(value);

    *a = (struct attribute){0};
    if (units == NULL)
        return false;
    if (like != NULL) {
        old = scan(like->units, like->length, 0);
        braced |= old.braced;
        memcpy(units, like->units, old.value * sizeof(*units));
        end = units + old.value - (old.braced ? 1 : 0);
    } else {
        end = shim_units_from_text(units, key, wide);
        *end++ = '=';
    }
    if (braced)
        *end++ = '{';
    end = put_value(end, value, braced, wide);
    if (braced)
        *end++ = '}';
    made = attribute_init(a, units, scan(units, (size_t)(end - units), 0), wide);
    free(units);
    return made;
}

/* Says anew which keys the driver manager sees: those without spaces behind, and without something
   before that it takes for their beginning. */
static void mark_seen(struct shim_connection_string *s)
{
    bool swallowed = false;

    for (size_t i = 0; i < s->count; i++) {
        struct attribute *a = &s->attributes[i];

        a->seen = a->key != NULL && !a->spaced && !swallowed;
        if (!a->blank)
            swallowed = a->key == NULL;
    }
}

static bool reserve(struct shim_connection_string *s, size_t more)
{
    size_t size = s->size > 0 ? s->size : 8;
    struct attribute *attributes;

    while (size < s->count + more)
        size *= 2;
    if (size == s->size)
        return true;
    attributes = realloc(s->attributes, size * sizeof(*attributes));
    if (attributes == NULL)
        return false;
    s->attributes = attributes;
    s->size = size;
    return true;
}

static bool parse(struct shim_connection_string *s, const uint16_t *units, size_t length)
{
    for (size_t at = 0; at < length;) {
        struct span span = scan(units, length, at);

        if (!reserve(s, 1) || !attribute_init(&s->attributes[s->count], units, span, s->wide))
            return false;
        s->count++;
        at = span.end + (span.ended ? 1 : 0);
    }
    mark_seen(s);
    return true;
}

struct shim_connection_string *shim_connection_string_new(struct shim_text text)
{
    size_t length = text.units != NULL ? text.length : 0;
    struct shim_connection_string *s = calloc(1, sizeof(*s));
    uint16_t *units = malloc((length + 1) * sizeof(*units));

    if (s == NULL || units == NULL)
        goto failed;
    s->wide = text.wide;
    if (text.wide && length > 0)
        memcpy(units, text.units, length * sizeof(*units));
    for (size_t i = 0; !text.wide && i < length; i++)
        units[i] = ((const unsigned char *)text.units)[i];
    if (!parse(s, units, length))
        goto failed;
    free(units);
    return s;
failed:
    free(units);
    shim_connection_string_free(&s);
    return NULL;
}

void shim_connection_string_free(struct shim_connection_string **s)
{
    if (*s != NULL) {
        for (size_t i = 0; i < (*s)->count; i++)
            attribute_fini(&(*s)->attributes[i]);
        free((*s)->attributes);
    }
    free(*s);
    *s = NULL;
}

/* Asking. */

static bool has_key(const struct attribute *a, const char *key)
{
    return a->key != NULL && shim_same_key(a->key, key);
}

/* The first attribute with that key from `from` on; s->count if there is none. */
static size_t find(const struct shim_connection_string *s, const char *key, size_t from)
{
    while (from < s->count && !has_key(&s->attributes[from], key))
        from++;
    return from;
}

const char *shim_connection_string_get(const struct shim_connection_string *s, const char *key)
{
    size_t i = find(s, key, 0);

    return i < s->count ? s->attributes[i].value : NULL;
}

const char *shim_connection_string_key(const struct shim_connection_string *s, size_t n)
{
    for (size_t i = 0; i < s->count; i++) {
        if (s->attributes[i].key != NULL && n-- == 0)
            return s->attributes[i].key;
    }
    return NULL;
}

const char *shim_connection_string_source(const struct shim_connection_string *s)
{
    static const char *const sources[] = {"DSN", "FILEDSN", "DRIVER"};

    for (size_t i = 0; i < s->count; i++) {
        for (size_t k = 0; k < sizeof(sources) / sizeof(sources[0]); k++) {
            if (s->attributes[i].seen && has_key(&s->attributes[i], sources[k]))
                return sources[k];
        }
    }
    return NULL;
}

const char *shim_connection_string_source_value(const struct shim_connection_string *s)
{
    const char *source = shim_connection_string_source(s), *value = NULL;

    for (size_t i = 0; source != NULL && i < s->count; i++) {
        if (s->attributes[i].seen && has_key(&s->attributes[i], source))
            value = s->attributes[i].value;
    }
    return value;
}

/* Changing. Whoever stands behind another attribute needs a semicolon between. */

static void take_out(struct shim_connection_string *s, size_t i)
{
    bool last = i + 1 == s->count, ended = s->attributes[i].ended;

    attribute_fini(&s->attributes[i]);
    if (i > 0)
        s->attributes[i - 1].ended = last ? ended : s->attributes[i - 1].ended || ended;
    memmove(&s->attributes[i], &s->attributes[i + 1],
            (s->count - i - 1) * sizeof(s->attributes[0]));
    s->count--;
}

/* Appends, where there is room for one more. Its units become the string's. */
static void put_in_own(struct shim_connection_string *s, struct attribute *a)
{
    size_t at = 0;

    for (size_t i = 0; i < s->count && !s->attributes[i].open; i++) {
        if (s->attributes[i].key != NULL)
            at = i + 1;
    }
    memmove(&s->attributes[at + 1], &s->attributes[at], (s->count - at) * sizeof(s->attributes[0]));
    a->ended = at < s->count || (at > 0 && s->attributes[at - 1].ended);
    if (at > 0)
        s->attributes[at - 1].ended = true;
    s->attributes[at] = *a;
    s->count++;
}

static size_t remove_from(struct shim_connection_string *s, const char *key, size_t from)
{
    size_t removed = 0;

    while ((from = find(s, key, from)) < s->count) {
        take_out(s, from);
        removed++;
    }
    mark_seen(s);
    return removed;
}

size_t shim_connection_string_remove(struct shim_connection_string *s, const char *key)
{
    return remove_from(s, key, 0);
}

bool shim_connection_string_replace(struct shim_connection_string *s, const char *old_key,
                                    const char *new_key, const char *value)
{
    struct attribute a;
    size_t i = find(s, old_key, 0);

    const struct attribute *like;

    if (!reserve(s, 1))
        return false;
    like = i < s->count && shim_same_key(old_key, new_key) ? &s->attributes[i] : NULL;
    if (!attribute_make(&a, new_key, value, like, s->wide))
        return false;
    if (i == s->count) {
        put_in_own(s, &a);
        mark_seen(s);
        return true;
    }
    remove_from(s, old_key, i + 1);
    a.ended = s->attributes[i].ended || i + 1 < s->count;
    attribute_fini(&s->attributes[i]);
    s->attributes[i] = a;
    mark_seen(s);
    return true;
}

bool shim_connection_string_copy(struct shim_connection_string *to,
                                 const struct shim_connection_string *from, const char *key)
{
    struct shim_connection_string copies = {.wide = to->wide};
    bool copied = false;

    for (size_t i = find(from, key, 0); i < from->count; i = find(from, key, i + 1)) {
        const struct attribute *a = &from->attributes[i];
        struct attribute *copy;

        if (!reserve(&copies, 1))
            goto done;
        copy = &copies.attributes[copies.count];
        if (a->open || from->wide != to->wide) {
            if (!attribute_make(copy, a->key, a->value, NULL, to->wide))
                goto done;
        } else if (!attribute_init(copy, a->units, scan(a->units, a->length, 0), to->wide)) {
            goto done;
        }
        copies.count++;
    }
    if (!reserve(to, copies.count))
        goto done;
    for (size_t i = 0; i < copies.count; i++)
        put_in_own(to, &copies.attributes[i]);
    copies.count = 0; /* they are the other's now */
    mark_seen(to);
    copied = true;
done:
    for (size_t i = 0; i < copies.count; i++)
        attribute_fini(&copies.attributes[i]);
    free(copies.attributes);
    return copied;
}

/* Writing. */

static void put_unit(void *to, size_t at, unsigned unit, bool wide)
{
    if (wide)
        ((uint16_t *)to)[at] = (uint16_t)unit;
    else
        ((unsigned char *)to)[at] = (unsigned char)unit;
}

void *shim_connection_string_write(const struct shim_connection_string *s, size_t *length)
{
    size_t total = 0, at = 0;
    void *to;

    for (size_t i = 0; i < s->count; i++)
        total += s->attributes[i].length + (s->attributes[i].ended ? 1 : 0);
    to = malloc((total + 1) * (s->wide ? sizeof(uint16_t) : 1));
    if (to == NULL)
        return NULL;
    for (size_t i = 0; i < s->count; i++) {
        for (size_t k = 0; k < s->attributes[i].length; k++)
            put_unit(to, at++, s->attributes[i].units[k], s->wide);
        if (s->attributes[i].ended)
            put_unit(to, at++, ';', s->wide);
    }
    put_unit(to, at, 0, s->wide);
    *length = total;
    return to;
}
