/*
 * Assertions that stay on in every build. They state what the code itself guarantees; they are never
 * used on outside input, which gets an error with a code.
 */
#ifndef ZD_BASE_CHECK_H
#define ZD_BASE_CHECK_H

/* Prints where and what, then aborts: a broken invariant must not reach the disk. */
_Noreturn void zd_check_failed(const char *file, int line, const char *condition);

#define ZD_ASSERT(condition) ((condition) ? (void)0 : zd_check_failed(__FILE__, __LINE__, #condition))
#define ZD_MUST_USE __attribute__((warn_unused_result))
#define ZD_PRINTF(format_index, first) __attribute__((format(printf, format_index, first)))
#define ZD_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
