/* What the model counts of a walk, for test_model_random.c; see model.h. */
#ifndef ZD_TESTS_MODEL_SEEN_H
#define ZD_TESTS_MODEL_SEEN_H

/* What a walk must have seen often: coverage that rots makes the test fail. */
typedef enum mo_seen {
    MO_SEEN_UNKNOWN_SAID, MO_SEEN_UNKNOWN_SWEPT, MO_SEEN_UNKNOWN_ENDED, MO_SEEN_PAID_SAID, MO_SEEN_PAID_SWEPT, MO_SEEN_FAILED, MO_SEEN_RETURNED, MO_SEEN_RETURNED_NEXT_YEAR,
    MO_SEEN_REISSUED, MO_SEEN_REISSUED_LATER_YEAR, MO_SEEN_OFFSET, MO_SEEN__COUNT } mo_seen;

#endif
