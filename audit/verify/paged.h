/*
 * Growing memory that need not stay in memory: small at first and ordinary; beyond some megabytes a nameless temporary file (TMPDIR, else /var/tmp) that is mapped, of which
 * the system keeps in memory what is used. The file has no name and no other reader, so that nobody can change it, and it is gone with the process.
 * When there is no room for it the program says so and ends with status 4, as it would without memory.
 */
#ifndef ZD_VERIFY_PAGED_H
#define ZD_VERIFY_PAGED_H

#include <stddef.h>
#include <stdint.h>

typedef struct zd_paged { /* all zero: empty */
    uint8_t *data;
    size_t size;
    int file; /* descriptor + 1; 0: ordinary memory */
} zd_paged;

/* At least that many bytes; new ones are zero. The address may change. */
void zd_paged_grow(zd_paged *region, size_t size);
/* Room for element `number` of that size; the array's address. */
void *zd_paged_at(zd_paged *region, size_t number, size_t element_size);
/* Lets the process's pages of a mapped file go; contents stay. */
void zd_paged_relax(zd_paged *region);
/* From here on whoever has mapped files lets go of his pages (zd_paged_relax). */
#define ZD_PAGED_RESIDENT_MOST (UINT32_C(128) << 20)
/* Bytes of mapped files that the process has in memory now; SIZE_MAX when the system does not tell. */
size_t zd_paged_resident(void);
void zd_paged_free(zd_paged *region);

#endif
