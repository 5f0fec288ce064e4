/* The list of findings; see report.h. */
#include "audit/verify/report.h"

#include <stdlib.h>
#include <string.h>

#define EXCERPT_BEFORE 60
#define EXCERPT_BYTES 300

static const char *const names[ZD_V__COUNT] = {
#define ZD_FINDING(id, name, english, chinese) [ZD_V_##id] = name,
#include "audit/verify/findings.def"
#undef ZD_FINDING
};

static const char *const sentences[ZD_V__COUNT][2] = {
#define ZD_FINDING(id, name, english, chinese) [ZD_V_##id] = {english, chinese},
#include "audit/verify/findings.def"
#undef ZD_FINDING
};

const char *zd_verify_name(zd_verify_check check)
{
    return names[check];
}

const char *zd_verify_sentence(zd_verify_check check, bool chinese)
{
    return sentences[check][chinese ? 1 : 0];
}

zd_report *zd_report_new(void)
{
    zd_report *report = zd_alloc_zero(1, sizeof *report);
    report->found = zd_alloc_zero(ZD_FOUND_KEPT, sizeof *report->found);
    return report;
}

static void clear(zd_found *found)
{
    zd_buf_free(&found->recorded);
    zd_buf_free(&found->recomputed);
    zd_buf_free(&found->gains);
}

void zd_report_free(zd_report *report)
{
    if (report == NULL) {
        return;
    }
    for (size_t i = 0; i < report->kept; i++) {
        clear(&report->found[i]);
    }
    clear(&report->spare);
    free(report->found);
    free(report);
}

zd_found *zd_report_add(zd_report *report, zd_verify_check check, uint64_t entry)
{
    zd_found *found = &report->spare;
    report->total++;
    report->by_check[check]++;
    if (report->kept < ZD_FOUND_KEPT) {
        found = &report->found[report->kept++];
    } else {
        clear(found);
    }
    *found = (zd_found){.check = check, .entry = entry};
    memcpy(found->commit_hex, report->commit_hex, sizeof found->commit_hex);
    return found;
}

void zd_report_say(zd_report *report, zd_verify_check check, uint64_t entry, const char *recorded, const char *recomputed)
{
    zd_found *found = zd_report_add(report, check, entry);
    zd_buf_add_text(&found->recorded, recorded);
    zd_buf_add_text(&found->recomputed, recomputed);
}

static void add_counts(zd_verify_counts *to, const zd_verify_counts *from)
{
    to->commits += from->commits;
    to->entries += from->entries;
    to->requests += from->requests;
    to->resting += from->resting;
    to->signatures += from->signatures;
    to->decisions += from->decisions;
    to->postings += from->postings;
    to->accounts += from->accounts;
    to->files += from->files;
    to->redemptions += from->redemptions;
    to->seals += from->seals;
    to->attested += from->attested;
}

/* All but the findings themselves, which were moved. */
static void absorb_rest(zd_report *report, zd_report *other)
{
    report->total += other->total;
    for (int i = 0; i < ZD_V__COUNT; i++) {
        report->by_check[i] += other->by_check[i];
    }
    add_counts(&report->counts, &other->counts);
    other->kept = 0;
    other->total = 0;
    memset(other->by_check, 0, sizeof other->by_check);
    other->counts = (zd_verify_counts){0};
}

void zd_report_absorb(zd_report *report, zd_report *other)
{
    for (size_t i = 0; i < other->kept; i++) {
        if (report->kept < ZD_FOUND_KEPT) {
            report->found[report->kept++] = other->found[i];
        } else {
            clear(&other->found[i]);
        }
    }
    absorb_rest(report, other);
}

/* By entry; of one entry in the order of findings.def, which names causes before what comes of them. */
static bool stands_before(const zd_found *a, const zd_found *b)
{
    return a->entry < b->entry || (a->entry == b->entry && a->check <= b->check);
}

size_t zd_report_merge(zd_report *report, zd_report *other, size_t from, size_t to)
{
    for (size_t i = 0; i < other->kept; i++) {
        size_t at = from;
        while (at < to && stands_before(&report->found[at], &other->found[i])) {
            at++;
        }
        if (at == ZD_FOUND_KEPT) {
            clear(&other->found[i]);
            continue;
        }
        if (report->kept == ZD_FOUND_KEPT) {
            clear(&report->found[--report->kept]);
        }
        memmove(&report->found[at + 1], &report->found[at], (report->kept - at) * sizeof *report->found);
        report->found[at] = other->found[i];
        memcpy(report->found[at].commit_hex, other->commit_hex, sizeof other->commit_hex);
        report->kept++;
        to = to < ZD_FOUND_KEPT ? to + 1 : to;
    }
    absorb_rest(report, other);
    return to;
}

void zd_report_excerpt(zd_buf *out, zd_span text, zd_span other)
{
    size_t at = 0;
    while (at < text.size && at < other.size && text.data[at] == other.data[at]) {
        at++;
    }
    size_t from = at > EXCERPT_BEFORE ? at - EXCERPT_BEFORE : 0;
    /* Never in the middle of a UTF-8 character. */
    while (from > 0 && from < text.size && (text.data[from] & 0xC0U) == 0x80U) {
        from--;
    }
    size_t to = text.size - from > EXCERPT_BYTES ? from + EXCERPT_BYTES : text.size;
    while (to < text.size && to > from && (text.data[to] & 0xC0U) == 0x80U) {
        to--;
    }
    if (from > 0) {
        zd_buf_add_text(out, "…");
    }
    for (size_t i = from; i < to; i++) {
        zd_buf_add_byte(out, text.data[i] < 0x20 || text.data[i] == 0x7F ? (uint8_t)' ' : text.data[i]);
    }
    if (to < text.size) {
        zd_buf_addf(out, "… (%zu bytes)", text.size);
    }
}
