/*
 * Numbers for names: each distinct text gets the next number from 0, so that what belongs to a name can stand in a plain array. The verifier's own,
 * so that no map is shared with the code that is being checked. Names live until the table is freed; nothing is ever removed. Large tables move into temporary files (paged.h).
 */
#ifndef ZD_VERIFY_NAMES_H
#define ZD_VERIFY_NAMES_H

#include "audit/verify/paged.h"
#include "ledger/base/span.h"

typedef struct zd_name_row {
    size_t offset; /* into text */
    size_t size;
} zd_name_row;

typedef struct zd_name_slot {
    uint32_t number; /* of the name, plus 1; 0 = free */
    uint32_t hash;   /* the name's, so that most others are passed by without looking at them */
} zd_name_slot;

typedef struct zd_names {
    zd_paged text; /* all names one after the other */
    size_t text_size;
    zd_paged rows;  /* of zd_name_row */
    size_t count;
    zd_paged slots; /* of zd_name_slot; open addressing */
    size_t slot_count;
} zd_names;

#define ZD_NAME_NONE SIZE_MAX

/* The number of a name, given now when it has none. */
size_t zd_names_add(zd_names *names, zd_span name);
/* The same for names without order, as hashes are: kept beside those of about the same `near`, which is always the same one for a name. Not to be mixed with the others in a table. */
size_t zd_names_add_near(zd_names *names, zd_span name, zd_span near);
/* ZD_NAME_NONE when the name was never added. */
size_t zd_names_find(const zd_names *names, zd_span name);
/* The text of a number; valid until the next zd_names_add. */
zd_span zd_names_text(const zd_names *names, size_t number);
void zd_names_relax(zd_names *names); /* zd_paged_relax */
void zd_names_free(zd_names *names);

/* Rows of one size under names; a new row is zero. A row's address is good until the next zd_table_add of the same table. */
typedef struct zd_table {
    zd_names names;
    zd_paged rows;
    size_t row_size;
} zd_table;

zd_table zd_table_of(size_t row_size);
void *zd_table_add(zd_table *table, zd_span name, size_t *number);        /* number may be NULL */
void *zd_table_find(const zd_table *table, zd_span name, size_t *number); /* NULL when there is none */
void *zd_table_at(const zd_table *table, size_t number);
void zd_table_relax(zd_table *table);
void zd_table_free(zd_table *table);

/* Makes room for number in an array that goes along with a table; new places are zero. */
void *zd_grow(void *array, size_t *capacity, size_t number, size_t element_size);

#endif
