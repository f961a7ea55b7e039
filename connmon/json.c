/* SPDX-License-Identifier: MIT */
/* Owns the shape of the JSON output. Names are escaped by text.c. */
#include "connmon/json.h"

#include <stdlib.h>

#include "protocol/metrics.h"

static void write_string(FILE *out, const char *s)
{
    struct mon_text text;

    mon_text_clear(&text);
    mon_text_json(&text, s);
    fputs(text.bytes, out);
}

static void write_number(FILE *out, const char *key, bool known, double value)
{
    fprintf(out, "\"%s\": ", key);
    if (known)
        fprintf(out, "%.10g", value);
    else
        fputs("null", out);
}

static void write_metric(FILE *out, const struct mon_row *row, enum cdp_metric metric)
{
    const struct mon_series *s = mon_row_series(row, metric);
    double reuse = 0;
    bool has_reuse = metric == CDP_REUSE && mon_row_reuse(row, &reuse);

    fprintf(out, "\"%s\": {", cdp_metrics[metric].name);
    if (cdp_metrics[metric].kind == CDP_DERIVE) {
        fprintf(out, "\"total\": %lld, ", (long long)row->series[metric]->total);
        write_number(out, "rate", s != NULL, s != NULL ? s->value : 0);
        fprintf(out, ", \"increase\": %lld", (long long)row->series[metric]->increase);
    } else {
        write_number(out, "now", s != NULL || has_reuse, has_reuse ? reuse : s ? s->value : 0);
    }
    fputs(", ", out);
    write_number(out, "peak", s != NULL, s != NULL ? s->peak : 0);
    fputs("}", out);
}

static void write_row(FILE *out, const struct mon_view *view, const struct mon_row *row, double now)
{
    static const char *const levels[] = {
        [MON_FINE] = "fine", [MON_WATCH] = "watch", [MON_ALARM] = "alarm"};
    const char *comma = "";
    struct mon_text words;

    fputs("{\"host\": ", out);
    write_string(out, row->host);
    if (row->kind == MON_PROGRAM) {
        fputs(", \"program\": ", out);
        write_string(out, row->program);
    }
    fprintf(out, ", \"plugin\": \"%s\", ", row->source == MON_ODBC ? "odbc" : "sqlalchemy");
    write_number(out, "interval", true, row->interval);
    fputs(", ", out);
    write_number(out, "age", true, now - row->heard);
    mon_text_clear(&words);
    mon_row_attention(&words, view, row, 512, now);
    fprintf(out, ", \"silent\": %s, \"level\": \"%s\", \"attention\": ",
            mon_row_is_silent(row, now) ? "true" : "false", levels[mon_row_level(view, row, now)]);
    write_string(out, words.bytes);
    fputs(",\n   \"metrics\": {", out);
    for (size_t m = 0; m < CDP_METRICS; m++)
        if (row->series[m] != NULL) {
            fprintf(out, "%s\n    ", comma);
            write_metric(out, row, (enum cdp_metric)m);
            comma = ",";
        }
    fputs("}}", out);
}

static void write_rows(FILE *out, const char *key, const struct mon_model *model,
                       const struct mon_view *view, double now)
{
    size_t count;
    const struct mon_row **rows;
    size_t shown = 0;

    (void)mon_model_rows(model, &count);
    rows = calloc(count + 1, sizeof(*rows));
    if (rows != NULL)
        shown = mon_view_rows(view, model, now, rows, count);
    fprintf(out, " \"%s\": [", key);
    for (size_t i = 0; i < shown; i++) {
        fputs(i > 0 ? ",\n  " : "\n  ", out);
        write_row(out, view, rows[i], now);
    }
    fputs("]", out);
    free(rows);
}

void mon_json_write(FILE *out, const struct mon_model *model, const struct mon_view *view,
                    double now, double wall)
{
    static const char *const names[MON_ALL] = {"hosts",      "processes", "connections",
                                               "checkedout", "checkouts", "reuse"};
    struct mon_view each = *view;

    fprintf(out, "{\"time\": %.3f,\n \"overview\": {", wall);
    for (size_t k = 0; k < MON_ALL; k++) {
        const struct mon_series *s = mon_model_overall(model, (enum mon_overall)k);

        fprintf(out, "%s\"%s\": {", k > 0 ? ", " : "", names[k]);
        write_number(out, "now", s->known && s->heard > 0, s->value);
        fputs(", ", out);
        write_number(out, k == MON_ALL_REUSE ? "lowest" : "peak", s->known, s->peak);
        fputs("}", out);
    }
    fputs("},\n", out);
    each.kind = MON_HOST;
    write_rows(out, "hosts", model, &each, now);
    fputs(",\n", out);
    each.kind = MON_PROGRAM;
    write_rows(out, "programs", model, &each, now);
    fputs("}\n", out);
}
