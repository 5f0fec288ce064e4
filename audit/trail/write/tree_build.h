/*
 * Inside audit/trail/write only: the tree of the next commit from the tree of its parent and a list of changes. Only the
 * directories on the way to a change are read and made anew; directories without files vanish, as git has none.
 */
#ifndef ZD_TRAIL_TREE_BUILD_H
#define ZD_TRAIL_TREE_BUILD_H

#include "audit/trail/write/pack.h"
#include "audit/trail/write/trail_write.h"

/*
 * Adds new trees and blobs to pack and gives the root's id. parent_tree NULL: nothing yet. Errors: FIELD_INVALID for a path that
 * is not allowed or stands twice, a file too large, a file where a directory is, or nothing left at all; those of reading.
 */
zd_status zd_tree_build(zd_oid *out_root, zd_pack *pack, zd_objects *objects, const zd_oid *parent_tree,
                        const zd_trail_commit_in *in, zd_error *err);

#endif
