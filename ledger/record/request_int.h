/* Shared by the files that read requests, and by nobody else. */
#ifndef ZD_RECORD_REQUEST_INT_H
#define ZD_RECORD_REQUEST_INT_H

#include "ledger/record/request.h"

/* Room for a field's value; the field must not have one yet. */
zd_value *zd_request_slot(zd_request *out, zd_field field);
/* Reads header and fields of a plain text, or id and fields of one of its items, type and header of the batch being there. False: something is wrong or missing,
 * and the reader that judges must say what. */
bool zd_request_read_flat(zd_request *out, const zd_flat *flat);
bool zd_request_read_flat_item(zd_request *out, const zd_flat *flat, const zd_flat_object *item);

#endif
