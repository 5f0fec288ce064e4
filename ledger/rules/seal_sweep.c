/*
 * The sweep at the seal; see seal_sweep.h. For each pattern the items are sorted so that the ones that matter to one another are neighbours, counted in one or
 * two passes, and put back in their places; the predicates of checks_*.c then judge the counts. Must not allocate, and must not depend on the input's order.
 */
#include "ledger/rules/seal_sweep.h"

#include <string.h>

#include "ledger/base/money.h"
#include "ledger/rules/decide.h"

typedef int item_order(const zd_seal_item *a, const zd_seal_item *b);

static const char *text_of(const char *text)
{
    return text != NULL ? text : "";
}

static int by_text(const char *a, const char *b)
{
    return strcmp(text_of(a), text_of(b));
}

static int by_number(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int by_place(const zd_seal_item *a, const zd_seal_item *b)
{
    return (a->place > b->place) - (a->place < b->place);
}

static void swap_items(zd_seal_item *a, zd_seal_item *b)
{
    zd_seal_item held = *a;
    *a = *b;
    *b = held;
}

/* Lets the item at `root` sink to where no child of its is greater. */
static void sink(zd_seal_item *items, size_t root, size_t count, item_order *order)
{
    for (;;) {
        size_t child = root + root + 1;
        if (child >= count) {
            return;
        }
        if (child + 1 < count && order(&items[child], &items[child + 1]) < 0) {
            child++;
        }
        if (order(&items[root], &items[child]) >= 0) {
            return;
        }
        swap_items(&items[root], &items[child]);
        root = child;
    }
}

/* Heapsort: in place, without recursion or memory, the same steps on every machine. Every order ends with the place, so no two items are equal. */
static void sort_items(zd_seal_item *items, size_t count, item_order *order)
{
    for (size_t i = count; i-- > 0;) {
        sink(items, i, count, order);
    }
    for (size_t end = count; end > 1; end--) {
        swap_items(&items[0], &items[end - 1]);
        sink(items, 0, end - 1, order);
    }
}

/* --- R19: one instrument, two uses at a time --- */

static int by_slot(const zd_seal_item *a, const zd_seal_item *b)
{
    int order = by_text(a->provider, b->provider);
    order = order != 0 ? order : by_text(a->instrument, b->instrument);
    order = order != 0 ? order : by_number(a->slot_from_ms, b->slot_from_ms);
    return order != 0 ? order : by_place(a, b);
}

static bool same_instrument(const zd_seal_item *a, const zd_seal_item *b)
{
    return by_text(a->provider, b->provider) == 0 && by_text(a->instrument, b->instrument) == 0;
}

static void find_overlaps(zd_seal_item *items, size_t count)
{
    zd_seal_item *longest = NULL; /* of this instrument so far: the one that ends last */
    sort_items(items, count, by_slot);
    for (size_t i = 0; i < count; i++) {
        zd_seal_item *item = &items[i];
        if (text_of(item->instrument)[0] == '\0' || item->slot_to_ms <= item->slot_from_ms) {
            continue;
        }
        if (longest != NULL && same_instrument(longest, item) && item->slot_from_ms < longest->slot_to_ms) {
            longest->overlapping = 1;
            item->overlapping = 1;
        }
        if (longest == NULL || !same_instrument(longest, item) || item->slot_to_ms > longest->slot_to_ms) {
            longest = item;
        }
    }
}

/* --- R37: services in both directions --- */

static bool has_code(const zd_seal_item *item)
{
    return text_of(item->holder_code)[0] != '\0';
}

static const char *pair_low(const zd_seal_item *item)
{
    return by_text(item->holder_code, item->provider) <= 0 ? text_of(item->holder_code) : text_of(item->provider);
}

static const char *pair_high(const zd_seal_item *item)
{
    return by_text(item->holder_code, item->provider) <= 0 ? text_of(item->provider) : text_of(item->holder_code);
}

static int by_pair(const zd_seal_item *a, const zd_seal_item *b)
{
    int order = by_text(pair_low(a), pair_low(b));
    order = order != 0 ? order : by_text(pair_high(a), pair_high(b));
    order = order != 0 ? order : by_number(a->done_day, b->done_day);
    return order != 0 ? order : by_place(a, b);
}

static bool same_pair(const zd_seal_item *a, const zd_seal_item *b)
{
    return strcmp(pair_low(a), pair_low(b)) == 0 && strcmp(pair_high(a), pair_high(b)) == 0;
}

/* The latest item before `item`, in day order, of each direction of its pair decides; the way back is the same on the mirrored order. */
static void mark_opposite(zd_seal_item *item, const zd_seal_item *last[], int64_t window_days)
{
    enum { UP, DOWN, DIRECTIONS };
    bool up = by_text(item->holder_code, item->provider) <= 0;
    for (size_t d = 0; d < DIRECTIONS; d++) {
        if (last[d] != NULL && !same_pair(last[d], item)) {
            last[d] = NULL;
        }
    }
    const zd_seal_item *other = last[up ? DOWN : UP];
    if (other != NULL) {
        int64_t days = item->done_day - other->done_day;
        if ((days < 0 ? -days : days) <= window_days) {
            item->opposite = 1;
        }
    }
    last[up ? UP : DOWN] = item;
}

static void find_opposites(zd_seal_item *items, size_t count, int64_t window_days)
{
    enum { DIRECTIONS = 2 };
    const zd_seal_item *last[DIRECTIONS] = {NULL, NULL};
    sort_items(items, count, by_pair);
    for (size_t i = 0; i < count; i++) {
        if (has_code(&items[i])) {
            mark_opposite(&items[i], last, window_days);
        }
    }
    memset(last, 0, sizeof last);
    for (size_t i = count; i-- > 0;) {
        if (has_code(&items[i])) {
            mark_opposite(&items[i], last, window_days);
        }
    }
}

/* --- R38: one service cut into several --- */

static int by_service(const zd_seal_item *a, const zd_seal_item *b)
{
    int order = by_text(a->holder, b->holder);
    order = order != 0 ? order : by_text(a->provider, b->provider);
    order = order != 0 ? order : by_text(a->purpose, b->purpose);
    order = order != 0 ? order : by_number(a->done_day, b->done_day);
    return order != 0 ? order : by_place(a, b);
}

static bool same_service(const zd_seal_item *a, const zd_seal_item *b)
{
    return by_text(a->holder, b->holder) == 0 && by_text(a->provider, b->provider) == 0 && by_text(a->purpose, b->purpose) == 0;
}

static bool just_below(int64_t value_fen, int64_t threshold_fen, int64_t distance_fen)
{
    return threshold_fen > 0 && value_fen <= threshold_fen && value_fen >= threshold_fen - distance_fen;
}

static bool is_near(const zd_seal_item *item, const zd_policy *policy)
{
    int64_t distance_fen = zd_policy_int(policy, ZD_P_SPLIT_DISTANCE);
    return just_below(item->base_fen, zd_policy_int(policy, ZD_P_TIER_UP_TO), distance_fen) ||
           just_below(item->amount_fen, zd_policy_int(policy, ZD_P_ATTESTED_CONSENT_CAP), distance_fen);
}

/* Two edges walk along the sorted items: [low, high) are the services of the same kind within the window around each one. */
static void count_services(zd_seal_item *items, size_t count, const zd_policy *policy)
{
    int64_t window_days = zd_policy_int(policy, ZD_P_SPLIT_DAYS);
    size_t low = 0;
    size_t high = 0;
    int64_t near = 0;
    sort_items(items, count, by_service);
    for (size_t i = 0; i < count; i++) {
        while (high < count && (high <= i || (same_service(&items[high], &items[i]) && items[high].done_day - items[i].done_day <= window_days))) {
            near += is_near(&items[high++], policy) ? 1 : 0;
        }
        while (!same_service(&items[low], &items[i]) || items[i].done_day - items[low].done_day > window_days) {
            near -= is_near(&items[low++], policy) ? 1 : 0;
        }
        items[i].services = (int64_t)(high - low);
        items[i].near = is_near(&items[i], policy) ? near : 0;
    }
}

/* --- R39: several holders behind one contact --- */

static int by_contact(const zd_seal_item *a, const zd_seal_item *b)
{
    int order = by_text(a->contact, b->contact);
    order = order != 0 ? order : by_text(a->holder, b->holder);
    return order != 0 ? order : by_place(a, b);
}

static void count_contacts(zd_seal_item *items, size_t count)
{
    size_t start = 0;
    sort_items(items, count, by_contact);
    while (start < count) {
        size_t end = start;
        int64_t holders = 0;
        for (; end < count && by_text(items[end].contact, items[start].contact) == 0; end++) {
            holders += end == start || by_text(items[end].holder, items[end - 1].holder) != 0 ? 1 : 0;
        }
        for (size_t i = start; i < end; i++) {
            items[i].contact_holders = text_of(items[i].contact)[0] != '\0' ? holders : 0;
        }
        start = end;
    }
}

/* --- the judgement --- */

static void judge(zd_seal_item *item, const zd_policy *policy)
{
    static const zd_check sweep[] = {ZD_CHECK_R08, ZD_CHECK_R19, ZD_CHECK_R33, ZD_CHECK_R37, ZD_CHECK_R38, ZD_CHECK_R39};
    zd_facts facts = {.act = ZD_ON_SEAL, .policy = policy, .today_day = item->today_day};
    facts.group_declared = text_of(item->group)[0] != '\0';
    facts.overlapping = item->overlapping;
    facts.invoice_word = item->invoice_checked;
    facts.word_day = item->invoice_checked_day;
    facts.opposite = item->opposite;
    facts.services = item->services;
    facts.services_near = item->near;
    facts.contact_holders = item->contact_holders;
    item->flags = 0;
    item->gates = 0;
    for (size_t i = 0; i < ZD_COUNT(sweep); i++) {
        zd_finding finding;
        zd_rules_check(&finding, sweep[i], &facts);
        item->flags |= finding.verdict == ZD_FLAG ? (zd_check_set)1 << sweep[i] : 0;
        item->gates |= finding.verdict == ZD_GATE ? (zd_check_set)1 << sweep[i] : 0;
    }
}

void zd_rules_seal_sweep(zd_seal_item *items, size_t count, const zd_policy *policy)
{
    for (size_t i = 0; i < count; i++) {
        items[i].place = i;
        items[i].overlapping = 0;
        items[i].opposite = 0;
    }
    find_overlaps(items, count);
    find_opposites(items, count, zd_policy_int(policy, ZD_P_OPPOSITE_DAYS));
    count_services(items, count, policy);
    count_contacts(items, count);
    sort_items(items, count, by_place);
    for (size_t i = 0; i < count; i++) {
        judge(&items[i], policy);
    }
}

int64_t zd_rules_seal_window(const zd_policy *policy)
{
    return zd_fen_max(zd_policy_int(policy, ZD_P_SPLIT_DAYS), zd_policy_int(policy, ZD_P_OPPOSITE_DAYS));
}
