/*
 * Captures and direct redemptions for tests, said in the few numbers that matter to the case. P1 serves, for H1 under V-1 unless said otherwise; every call
 * submits one request through the scene and gives its refusal code, "" when it was accepted or held.
 */
#ifndef ZD_TESTS_SERVICES_H
#define ZD_TESTS_SERVICES_H

#include "tests/support/scene.h"

/* One service in numbers; what is 0 or NULL takes the usual value. */
typedef struct zd_service {
    const char *item;
    const char *order;
    int64_t amount_fen;
    int64_t own_fen;      /* = amount */
    int64_t part_fen;     /* = own + amount */
    int64_t gross_fen;    /* = part */
    int64_t contract_fen; /* direct: = part */
    const char *invoice;  /* one made up from the item */
    const char *done;     /* = 2026-03-02 */
    const char *purpose;  /* direct: alloy */
    const char *more;     /* further members, with a leading comma */
    bool final;
} zd_service;

const char *zd_service_capture(zd_scene *scene, const char *key, zd_service s);
const char *zd_service_direct(zd_scene *scene, zd_service s); /* its order is "o-<item>" */
const char *zd_service_direct_for(zd_scene *scene, const char *voucher, const char *holder, const char *buyer, zd_service s);
const char *zd_service_invoice(const char *item); /* the number made up for it; static buffer */
const zd_rec_item *zd_service_item(zd_scene *scene, const char *id);
const zd_rec_order *zd_service_order(zd_scene *scene, const char *id);

/* With `scene` in sight: CAPTURE(.item = "C-1", .order = "O-1", .amount_fen = 100), DIRECT(.item = "C-2", .amount_fen = 100). */
#define CAPTURE(...) zd_service_capture(scene, "provider/" P1, (zd_service){__VA_ARGS__})
#define DIRECT(...) zd_service_direct(scene, (zd_service){__VA_ARGS__})

#endif
