/* Inside audit/verify: pieces of the printed report. Everything that comes from a repository passes through zd_html_text. */
#ifndef ZD_VERIFY_HTML_INT_H
#define ZD_VERIFY_HTML_INT_H

#include "audit/verify/story.h"
#include "audit/verify/verify.h"

void zd_html_text(zd_buf *out, const char *text); /* escaped */
void zd_html_yuan(zd_buf *out, int64_t fen);
void zd_html_head(zd_buf *out, const char *title);   /* doctype to <body> */
void zd_html_section(zd_buf *out, const char *chinese, const char *english);
/* Table of known columns: header texts "中文|English", "#" before it: a number. Then cells row by row. */
void zd_html_table(zd_buf *out, const char *const *columns, size_t count);
void zd_html_row(zd_buf *out);
void zd_html_cell(zd_buf *out, const char *text);
void zd_html_yuan_cell(zd_buf *out, int64_t fen);
void zd_html_count_cell(zd_buf *out, uint64_t count);
void zd_html_table_end(zd_buf *out);

/* Horizontal bars as inline SVG, one a value, longest = full width; fen. */
typedef struct zd_html_bar {
    const char *label;
    int64_t fen;
} zd_html_bar;
void zd_html_bars(zd_buf *out, const zd_html_bar *bars, size_t count);

#define ZD_HTML_BARS_MAX 40
/* One bar a tally (of those under `second`, NULL = all), at most ZD_HTML_BARS_MAX. */
void zd_html_tally_bars(zd_buf *out, const zd_tallies *tallies, const char *second);
/* A word of the formats, in Chinese as well where there is one. */
void zd_html_word_cell(zd_buf *out, const char *word);
int64_t zd_html_legs(const int64_t fen[ZD_LEGS]); /* their sum */

/* html_parties.c: one pass over the captures gives all that is told of pools and parties. */
typedef struct zd_html_parties {
    zd_tallies pools, classes, providers, pairs, ages;
    int64_t total_fen;
} zd_html_parties;
void zd_html_parties_collect(zd_html_parties *p, const zd_story *story);
void zd_html_concentration(zd_buf *out, const zd_html_parties *p, const zd_story *story);
void zd_html_ages(zd_buf *out, const zd_html_parties *p, const zd_story *story);
void zd_html_parties_free(zd_html_parties *p);

/* html_figures.c: money, concentration, refusals, attested facts, holds, ageing, batches, samples. */
void zd_html_figures(zd_buf *out, zd_story *story);

#endif
