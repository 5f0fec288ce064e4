/* See report.h. */
#include "bench/report.h"

#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "bench/world.h"

bench_row *bench_report_row(bench_report *report, const char *workload, const char *name, const char *shown, const char *unit, const char *how)
{
    if (report->row_count == BENCH_ROWS_MAX) {
        bench_stop("too many rows");
    }
    bench_row *row = &report->rows[report->row_count++];
    *row = (bench_row){.workload = workload, .name = name, .shown = shown, .unit = unit, .how = how};
    return row;
}

void bench_row_add(bench_row *row, const bench_sample *sample, uint64_t items, uint64_t leaves)
{
    bench_series_add(&row->rate, (double)items / sample->seconds);
    bench_series_add(&row->leaf_rate, (double)leaves / sample->seconds);
    bench_series_add(&row->cpu_us, sample->cpu_seconds * 1e6 / (double)items);
    bench_series_add(&row->others, sample->others);
    row->items = items;
    row->leaves = leaves;
}

bench_peer *bench_row_peer(bench_row *row, const char *name, const char *unit, const char *leaves_out)
{
    if (row->peer_count == BENCH_PEERS_MAX) {
        bench_stop("too many peers");
    }
    bench_peer *peer = &row->peers[row->peer_count++];
    *peer = (bench_peer){.name = name, .unit = unit, .leaves_out = leaves_out};
    return peer;
}

bench_series *bench_row_figure(bench_row *row, const char *name, const char *unit)
{
    for (size_t i = 0; i < row->figure_count; i++) {
        if (strcmp(row->figures[i].name, name) == 0) {
            return &row->figures[i].series;
        }
    }
    if (row->figure_count == BENCH_FIGURES_MAX) {
        bench_stop("too many figures");
    }
    bench_figure *figure = &row->figures[row->figure_count++];
    *figure = (bench_figure){.name = name, .unit = unit};
    return &figure->series;
}

void bench_row_goal(bench_row *row, const char *what, bool at_least, double bound, double value)
{
    if (row->goal_count == BENCH_GOALS_MAX) {
        bench_stop("too many goals");
    }
    bench_goal *goal = &row->goals[row->goal_count++];
    *goal = (bench_goal){.at_least = at_least, .bound = bound, .value = value, .judged = value > 0};
    zd_format(goal->what, sizeof goal->what, "%s", what);
}

bool bench_report_missing_peer(const bench_report *report)
{
    for (size_t i = 0; i < report->row_count; i++) {
        for (size_t p = 0; p < report->rows[i].peer_count; p++) {
            const bench_peer *peer = &report->rows[i].peers[p];
            if (peer->not_run != NULL || peer->rate.count == 0) {
                return true;
            }
        }
    }
    return false;
}

/* --- JSON --- */

static void text(FILE *out, const char *name, const char *value)
{
    if (value == NULL) {
        (void)fprintf(out, "\"%s\":null", name);
        return;
    }
    (void)fprintf(out, "\"%s\":\"", name);
    for (const char *c = value; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\') {
            (void)fputc('\\', out);
        }
        (void)fputc((unsigned char)*c < 0x20 ? ' ' : *c, out);
    }
    (void)fputc('"', out);
}

static void series(FILE *out, const char *name, const bench_series *s)
{
    (void)fprintf(out, "\"%s\":{\"median\":%.6g,\"least\":%.6g,\"most\":%.6g,\"runs\":[", name, bench_median(s), bench_least(s), bench_most(s));
    for (size_t i = 0; i < s->count; i++) {
        (void)fprintf(out, "%s%.6g", i > 0 ? "," : "", s->values[i]);
    }
    (void)fprintf(out, "]}");
}

/* Members one after the other, each behind a comma but the first. */
static void texts(FILE *out, const char *const members[][2], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        (void)fputs(i > 0 ? "," : "", out);
        text(out, members[i][0], members[i][1]);
    }
}

static void write_peer(FILE *out, const bench_row *row, const bench_peer *peer)
{
    const char *const members[][2] = {
        {"name", peer->name}, {"unit", peer->unit}, {"leaves_out", peer->leaves_out}, {"settings", peer->settings}, {"not_run", peer->not_run}};
    (void)fputs("{", out);
    texts(out, members, ZD_COUNT(members));
    (void)fputs(",", out);
    series(out, "rate", &peer->rate);
    (void)fprintf(out, ",\"ratio\":%.4f}", bench_median_ratio(&row->rate, &peer->rate));
}

static void write_goal(FILE *out, const bench_goal *goal, bool judges)
{
    bool met = goal->at_least ? goal->value >= goal->bound : goal->value <= goal->bound;
    (void)fputs("{", out);
    text(out, "what", goal->what);
    (void)fprintf(out, ",\"is\":\"%s\",\"bound\":%.6g,\"value\":%.6g,\"met\":%s}", goal->at_least ? "at least" : "at most", goal->bound, goal->value,
                  !goal->judged || !judges ? "null" : met ? "true" : "false");
}

static void write_figure(FILE *out, const bench_figure *figure)
{
    const char *const members[][2] = {{"name", figure->name}, {"unit", figure->unit}};
    (void)fputs("{", out);
    texts(out, members, ZD_COUNT(members));
    (void)fputs(",", out);
    series(out, "values", &figure->series);
    (void)fputs("}", out);
}

static void write_row(FILE *out, const bench_row *row, bool judges)
{
    const char *const members[][2] = {{"workload", row->workload}, {"name", row->name}, {"shown", row->shown},
                                      {"unit", row->unit},         {"how", row->how},   {"not_measured", row->not_measured}};
    const struct {
        const char *name;
        const bench_series *values;
    } of_runs[] = {{"rate", &row->rate}, {"leaf_rate", &row->leaf_rate}, {"cpu_us", &row->cpu_us}, {"others_cores", &row->others}};
    (void)fputs("{", out);
    texts(out, members, ZD_COUNT(members));
    (void)fprintf(out, ",\"items\":%llu,\"leaves\":%llu", (unsigned long long)row->items, (unsigned long long)row->leaves);
    for (size_t i = 0; i < ZD_COUNT(of_runs); i++) {
        (void)fputs(",", out);
        series(out, of_runs[i].name, of_runs[i].values);
    }
    (void)fputs(",\"peers\":[", out);
    for (size_t i = 0; i < row->peer_count; i++) {
        (void)fputs(i > 0 ? "," : "", out);
        write_peer(out, row, &row->peers[i]);
    }
    (void)fputs("],\"figures\":[", out);
    for (size_t i = 0; i < row->figure_count; i++) {
        (void)fputs(i > 0 ? "," : "", out);
        write_figure(out, &row->figures[i]);
    }
    (void)fputs("],\"goals\":[", out);
    for (size_t i = 0; i < row->goal_count; i++) {
        (void)fputs(i > 0 ? "," : "", out);
        write_goal(out, &row->goals[i], judges);
    }
    (void)fputs("]}", out);
}

/* The processor's name as the system gives it; "" where it gives none. */
static void processor(char *out, size_t size)
{
    char line[256];
    FILE *file = fopen("/proc/cpuinfo", "r");
    out[0] = '\0';
    while (file != NULL && out[0] == '\0' && fgets(line, sizeof line, file) != NULL) {
        const char *colon = strncmp(line, "model name", 10) == 0 ? strchr(line, ':') : NULL;
        if (colon != NULL) {
            zd_format(out, size, "%.*s", (int)strcspn(colon + 2, "\n"), colon + 2);
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
}

static void write_machine(FILE *out, const bench_report *report)
{
    char name[160];
    struct utsname system = {0};
    processor(name, sizeof name);
    (void)uname(&system);
    (void)fprintf(out, "\"machine\":{\"cores\":%ld,", bench_cores());
    text(out, "processor", name);
    (void)fprintf(out, ",");
    text(out, "kernel", system.release);
    (void)fprintf(out, ",\"load_before\":%.2f,\"load_after\":%.2f}", report->load_before, bench_load());
}

bool bench_report_write(const bench_report *report, const char *path, bool quick, size_t runs)
{
    FILE *out = fopen(path, "w");
    if (out == NULL) {
        return false;
    }
    char date[11];
    time_t now = time(NULL);
    struct tm parts;
    (void)strftime(date, sizeof date, "%Y-%m-%d", gmtime_r(&now, &parts));
    (void)fprintf(out, "{\"schema\":%d,\"date\":\"%s\",\"quick\":%s,\"runs\":%zu,", BENCH_SCHEMA, date, quick ? "true" : "false", runs);
    write_machine(out, report);
    (void)fprintf(out, ",");
    text(out, "postgres", report->postgres);
    (void)fprintf(out, ",\"rows\":[");
    for (size_t i = 0; i < report->row_count; i++) {
        (void)fprintf(out, "%s\n", i > 0 ? "," : "");
        write_row(out, &report->rows[i], !quick);
    }
    (void)fprintf(out, "\n]}\n");
    return fclose(out) == 0;
}
