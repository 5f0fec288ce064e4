/*
 * The source of random events for the model test: seeded, with a generator of its own, so that a seed is the same walk on every machine. It looks at the
 * model to choose plausible requests, and spoils some of them on purpose. Rendering turns an event into the JSON members of a real request.
 */
#ifndef ZD_TESTS_EVENTS_H
#define ZD_TESTS_EVENTS_H

#include "tests/model/model.h"

typedef struct mo_gen {
    uint64_t random;
    int next_order, next_note, next_case, next_batch, next_number, next_contract, next_red, next_mandate;
    int64_t now; /* unix milliseconds */
    int64_t ratio_bp;
    bool tiered;
} mo_gen;

uint64_t mo_random(mo_gen *g);
int mo_pick(mo_gen *g, int below);              /* [0, below) */
bool mo_chance(mo_gen *g, int of);              /* once in `of` */
int64_t mo_between(mo_gen *g, int64_t low, int64_t high);
mo_event mo_blank(mo_kind kind, int key);
/* The next event; `today` is the civil day of g->now in Shanghai, seq the entry that it will have. Moves g->now. */
mo_event mo_next(mo_gen *g, mo_model *m, int64_t seq);

/* drain.c: the next request that brings what still clears to its end; false when nothing does any more. Moves g->now. */
bool mo_drain(mo_event *e, mo_gen *g, mo_model *m, int64_t seq);

/* events_redeem.c */
mo_event mo_gen_allot(mo_gen *g, const mo_model *m, int64_t today);
mo_event mo_gen_voucher(mo_gen *g, const mo_model *m);
mo_event mo_gen_mandate(mo_gen *g, const mo_model *m, int64_t today);
mo_event mo_gen_order(mo_gen *g, mo_model *m, int64_t today);
mo_event mo_gen_on_order(mo_gen *g, const mo_model *m, mo_kind kind);
mo_event mo_gen_capture(mo_gen *g, mo_model *m, int64_t today);
mo_event mo_gen_direct(mo_gen *g, mo_model *m, int64_t today);
int mo_some_order(mo_gen *g, const mo_model *m, bool running);
int mo_some_item(mo_gen *g, const mo_model *m);
int mo_provider_key(mo_gen *g, int provider, bool lab);

/* events_text.c: type of the request, and its members after the header; text is always terminated. */
const char *mo_type(mo_kind kind);
void mo_render(char *out, size_t size, const mo_model *m, const mo_event *e);

/* events_needs.c: false when there is none of the kind. */
bool mo_paid_last_year(mo_event *e, mo_gen *g, const mo_model *m);
bool mo_clears_gate(mo_event *e, mo_gen *g, const mo_model *m);
bool mo_next_need(mo_gen *g, const mo_model *m, mo_kind *kind);
bool mo_keeps_quiet(const mo_model *m, const mo_event *e);

#endif
