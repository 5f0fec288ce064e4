/*
 * Where the model test begins: the scene of all act tests, more holders, instruments and a policy that differs from seed to seed, told to the engine by
 * requests and to the model by hand. Two worlds of the same seed are the same, entry by entry.
 */
#ifndef ZD_TESTS_WORLD_H
#define ZD_TESTS_WORLD_H

#include "tests/model/events.h"
#include "tests/support/scene.h"

zd_scene *mo_world(int variant);
zd_scene *mo_world_on(const char *dir, int variant); /* on a real ledger in dir; see zd_scene_ready_on */
/* What that world is, in the model's terms. */
void mo_tell(mo_model *m, mo_gen *g, const zd_scene *scene, int variant);
const char *mo_variant_name(int variant);

#endif
