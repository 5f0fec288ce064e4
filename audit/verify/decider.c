/* Decisions made again, in order, behind a bounded queue; see decider.h. Must not look at balances, limits or roster: those are the second opinion. */
#include "audit/verify/decider.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "audit/verify/paged.h"
#include "audit/verify/shelf.h"

#define RECORDS_MOST 60000      /* some thirty megabytes */
#define ENTRIES_QUEUED_MAX 2048 /* one request more always fits */
#define ENTRIES_TAKEN 128       /* off the queue at a time, or one request: who waits for room is told soon */
#define LOOK_EVERY 64           /* entries, at how much is resident */

typedef struct case_list {
    zd_case *first;
    zd_case **last; /* where the next one goes; NULL: at first */
    size_t entries;
} case_list;

typedef struct outcome {
    bool good;
    zd_status status;
    zd_error trouble;
} outcome;

struct zd_decider {
    zd_report *report; /* what was found since the last mark */
    zd_shelf *shelf;   /* what the book is not working on */
    size_t records_most;
    zd_book *book;
    zd_acts *acts;
    zd_buf again; /* a decision as it comes out now */
    uint64_t entries;
    bool good;
    bool roster_changed;
    zd_status status;
    zd_error trouble;
    case_list added; /* the owner's, not begun with */
    bool threaded;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t work; /* the thread waits for it */
    pthread_cond_t done; /* the owner */
    case_list queue;
    case_list passed; /* marks that were come to and not taken yet */
    outcome at_mark;  /* the last of them */
    outcome told;     /* the owner's: the same when a mark was taken last */
    size_t marks;     /* that were not taken yet; the owner's */
    size_t open; /* entries that are queued or being decided */
    bool quit;
};

zd_case *zd_case_new(void)
{
    return zd_alloc_zero(1, sizeof(zd_case));
}

void zd_case_free(zd_case *one)
{
    if (one == NULL) {
        return;
    }
    for (size_t i = 0; i < one->count; i++) {
        zd_line_free(&one->lines[i]);
    }
    if (one->request != NULL) {
        zd_request_free(one->request);
        free(one->request);
    }
    zd_report_free(one->mark);
    zd_buf_free(&one->note_bytes);
    free(one->lines);
    free(one);
}

/* --- one request --- */

static zd_span gains_of(zd_span text, zd_view_document *document)
{
    zd_error err = {0};
    static const char *const fields[] = {"provider", "seller", "holder"};
    if (zd_view_parse(document, zd_span_of(text.data, text.size - 1), &err) != ZD_OK) {
        return zd_span_of(NULL, 0);
    }
    for (size_t i = 0; i < ZD_COUNT(fields); i++) {
        zd_span party = zd_view_text(zd_view_get(zd_view_root(document), fields[i]));
        if (party.size > 0) {
            return party;
        }
    }
    return zd_span_of(NULL, 0);
}

static void find_decision(zd_decider *decider, const zd_case *one, uint64_t seq, zd_span recorded, zd_span recomputed)
{
    zd_view_document document = {.nodes = NULL};
    zd_found *found = zd_report_add(decider->report, ZD_V_DECISION, seq);
    zd_report_excerpt(&found->recorded, recorded, recomputed);
    zd_report_excerpt(&found->recomputed, recomputed, recorded);
    zd_buf_add_span(&found->gains, gains_of(one->text, &document));
    zd_view_free(&document);
    decider->good = false;
}

static void compare(zd_decider *decider, const zd_case *one, const zd_group *group)
{
    zd_buf *again = &decider->again;
    size_t count = group->count > one->count ? group->count : one->count;
    for (size_t i = 0; i < count && decider->good; i++) {
        zd_buf_clear(again);
        if (i < group->count) {
            zd_decision_encode(again, &group->decisions[i], zd_acts_check_name);
            again->size -= again->size > 0 ? 1 : 0; /* without its newline, as the lines are kept */
        } else {
            zd_buf_add_text(again, "(no such effect)");
        }
        zd_span recorded = i < one->count ? zd_buf_span(&one->lines[i].text) : zd_span_text("(no such effect)");
        if (zd_span_equal(recorded, zd_buf_span(again))) {
            decider->report->counts.decisions++;
        } else {
            find_decision(decider, one, one->lines[0].seq + i, recorded, zd_buf_span(again));
        }
    }
}

static void find_admission(zd_decider *decider, const zd_case *one, const zd_error *err)
{
    zd_found *found = zd_report_add(decider->report, ZD_V_ADMISSION, one->lines[0].seq);
    zd_report_excerpt(&found->recorded, zd_buf_span(&one->lines[0].text), zd_buf_span(&one->lines[0].text));
    zd_error_print(&found->recomputed, err, false);
    decider->good = false;
}

static void decide_again(zd_decider *decider, const zd_case *one)
{
    zd_group group = {0};
    zd_error why = {0};
    const zd_line *first = &one->lines[0];
    zd_incoming in = {.text = one->text, .request = one->request, .seq = first->seq, .at_unix_ms = first->at_unix_ms};
    zd_status status = ZD_OK;
    if (first->seq > 0) {
        status = zd_acts_signer(&in.signer, decider->acts, one->signature.name, one->signature.key_id, &why);
    }
    if (status == ZD_OK) {
        status = zd_acts_submit(&group, decider->acts, &in, &why);
    }
    if (status == ZD_OK && group.replay) {
        zd_report_say(decider->report, ZD_V_REQUEST_TWICE, first->seq, "decided again", "one decision");
        decider->good = false;
    } else if (status == ZD_OK) {
        decider->roster_changed = decider->roster_changed || group.roster_changed;
        compare(decider, one, &group);
    } else if (status == ZD_FAULT) {
        decider->status = status;
        decider->trouble = why;
    } else {
        find_admission(decider, one, &why);
    }
    zd_group_free(&group);
}

/* Between two requests nothing points into the book. The system brings more of a file into memory than was asked for, so what is there is measured, not counted. */
static void bound_memory(zd_decider *decider, size_t entries)
{
    if (zd_book_is_large(decider->book, decider->records_most) && decider->status == ZD_OK) {
        decider->status = zd_shelf_store(decider->shelf, decider->book);
    }
    zd_book_trim(decider->book, decider->records_most);
    bool look = decider->entries / LOOK_EVERY != (decider->entries + entries) / LOOK_EVERY;
    decider->entries += entries;
    if (look && zd_paged_resident() > ZD_PAGED_RESIDENT_MOST) {
        zd_shelf_relax(decider->shelf);
    }
}

/* --- the queue --- */

static void append(case_list *to, zd_case *first, zd_case **last, size_t entries)
{
    *(to->last != NULL ? to->last : &to->first) = first;
    to->last = last;
    to->entries += entries;
}

static zd_case *take_first(case_list *from)
{
    zd_case *first = from->first;
    from->first = first->next;
    from->last = from->first != NULL ? from->last : NULL;
    from->entries -= first->count;
    first->next = NULL;
    return first;
}

/* The first ones, up to so many entries, at least one request. */
static case_list take(case_list *from, size_t entries)
{
    case_list taken = {0};
    while (from->first != NULL && (taken.first == NULL || taken.entries + from->first->count <= entries)) {
        zd_case *one = take_first(from);
        append(&taken, one, &one->next, one->count);
    }
    return taken;
}

/* A lookup that failed answered "absent": nothing that was decided since is worth anything. */
static void pass_mark(zd_decider *decider, zd_case *mark)
{
    if (decider->status == ZD_OK) {
        decider->status = zd_book_trouble(decider->book, &decider->trouble);
    }
    mark->next = NULL;
    (void)pthread_mutex_lock(&decider->mutex);
    zd_report_absorb(mark->mark, decider->report);
    append(&decider->passed, mark, &mark->next, 0);
    decider->at_mark = (outcome){.good = decider->good, .status = decider->status, .trouble = decider->trouble};
    (void)pthread_cond_signal(&decider->done);
    (void)pthread_mutex_unlock(&decider->mutex);
}

static void decide_all(zd_decider *decider, zd_case *list)
{
    while (list != NULL) {
        zd_case *next = list->next;
        if (list->mark != NULL) {
            pass_mark(decider, list);
            list = next;
            continue;
        }
        if (decider->status == ZD_OK && decider->good) {
            decide_again(decider, list);
            bound_memory(decider, list->count);
        }
        zd_case_free(list);
        list = next;
    }
}

static void *run(void *context)
{
    zd_decider *decider = context;
    (void)pthread_mutex_lock(&decider->mutex);
    while (!decider->quit) {
        case_list taken = take(&decider->queue, ENTRIES_TAKEN);
        if (taken.first == NULL) {
            (void)pthread_cond_wait(&decider->work, &decider->mutex);
            continue;
        }
        (void)pthread_mutex_unlock(&decider->mutex);
        decide_all(decider, taken.first);
        (void)pthread_mutex_lock(&decider->mutex);
        decider->open -= taken.entries;
        if (decider->open <= ENTRIES_QUEUED_MAX / 2) { /* not for each little room */
            (void)pthread_cond_signal(&decider->done);
        }
    }
    (void)pthread_mutex_unlock(&decider->mutex);
    return NULL;
}

/* Nothing is on the shelf yet, and the book knows: it need not ask for any kind until it is trimmed. */
static void tell_all_loaded(zd_book *book)
{
    for (int kind = 0; kind < ZD_R__COUNT; kind++) {
        (void)zd_book_scan(book, (zd_record_kind)kind, "%s", "");
    }
}

zd_decider *zd_decider_new(size_t records_most, unsigned threads)
{
    zd_decider *decider = zd_alloc_zero(1, sizeof *decider);
    decider->report = zd_report_new();
    decider->shelf = zd_shelf_new();
    decider->records_most = records_most > 0 ? records_most : RECORDS_MOST;
    zd_book_source source = zd_shelf_source(decider->shelf);
    decider->book = zd_book_new(&source);
    tell_all_loaded(decider->book);
    decider->acts = zd_acts_new(decider->book);
    decider->good = true;
    decider->told.good = true;
    int failed = pthread_mutex_init(&decider->mutex, NULL);
    failed |= pthread_cond_init(&decider->work, NULL) | pthread_cond_init(&decider->done, NULL);
    ZD_ASSERT(failed == 0); /* with default attributes they cannot fail for want of anything but memory */
    bool several = threads == 0 ? sysconf(_SC_NPROCESSORS_ONLN) > 1 : threads > 1;
    decider->threaded = several && pthread_create(&decider->thread, NULL, run, decider) == 0;
    return decider;
}

static void free_list(zd_case *list)
{
    while (list != NULL) {
        zd_case *next = list->next;
        zd_case_free(list);
        list = next;
    }
}

void zd_decider_free(zd_decider *decider)
{
    if (decider == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&decider->mutex);
    decider->quit = true;
    (void)pthread_cond_signal(&decider->work);
    (void)pthread_mutex_unlock(&decider->mutex);
    if (decider->threaded) {
        (void)pthread_join(decider->thread, NULL);
    }
    free_list(decider->queue.first);
    free_list(decider->passed.first);
    free_list(decider->added.first);
    (void)pthread_cond_destroy(&decider->work);
    (void)pthread_cond_destroy(&decider->done);
    (void)pthread_mutex_destroy(&decider->mutex);
    zd_acts_free(decider->acts);
    zd_book_free(decider->book);
    zd_shelf_free(decider->shelf);
    zd_report_free(decider->report);
    zd_buf_free(&decider->again);
    free(decider);
}

void zd_decider_add(zd_decider *decider, zd_case *one)
{
    one->next = NULL;
    append(&decider->added, one, &one->next, one->count);
}

void zd_decider_mark(zd_decider *decider, const char *commit_hex)
{
    zd_case *mark = zd_case_new();
    mark->mark = zd_report_new();
    zd_format(mark->mark->commit_hex, sizeof mark->mark->commit_hex, "%s", commit_hex);
    append(&decider->added, mark, &mark->next, 0);
    decider->marks++;
}

void zd_decider_flush(zd_decider *decider)
{
    case_list added = decider->added;
    decider->added = (case_list){0};
    if (!decider->threaded || added.first == NULL) {
        decide_all(decider, added.first);
        return;
    }
    (void)pthread_mutex_lock(&decider->mutex);
    while (decider->open >= ENTRIES_QUEUED_MAX) {
        (void)pthread_cond_wait(&decider->done, &decider->mutex);
    }
    append(&decider->queue, added.first, added.last, added.entries);
    decider->open += added.entries;
    (void)pthread_cond_signal(&decider->work);
    (void)pthread_mutex_unlock(&decider->mutex);
}

zd_report *zd_decider_take(zd_decider *decider, bool wait)
{
    zd_report *found = NULL;
    if (decider->marks == 0) {
        return NULL;
    }
    (void)pthread_mutex_lock(&decider->mutex);
    while (wait && decider->passed.first == NULL) {
        (void)pthread_cond_wait(&decider->done, &decider->mutex);
    }
    zd_case *mark = decider->passed.first != NULL ? take_first(&decider->passed) : NULL;
    decider->told = mark != NULL ? decider->at_mark : decider->told;
    (void)pthread_mutex_unlock(&decider->mutex);
    if (mark != NULL) {
        found = mark->mark;
        mark->mark = NULL;
        zd_case_free(mark);
        decider->marks--;
    }
    return found;
}

zd_status zd_decider_status(const zd_decider *decider, zd_error *err)
{
    if (decider->told.status != ZD_OK && err != NULL) {
        *err = decider->told.trouble;
    }
    return decider->told.status;
}

bool zd_decider_good(const zd_decider *decider)
{
    return decider->told.good;
}

bool zd_decider_roster_changed(zd_decider *decider)
{
    bool changed = decider->roster_changed;
    decider->roster_changed = false;
    return changed;
}

zd_book *zd_decider_book(zd_decider *decider)
{
    return decider->book;
}

zd_status zd_decider_accounts(zd_decider *decider, zd_book_dirty_visit *visit, void *context)
{
    zd_status status = zd_shelf_store(decider->shelf, decider->book);
    return status == ZD_OK ? zd_shelf_each(decider->shelf, zd_span_text("ACCT/"), visit, context) : status;
}

void zd_decider_relax(zd_decider *decider)
{
    zd_shelf_relax(decider->shelf);
}
