/*
 * Money: integer fen in int64_t, named *_fen; at most 15 digits, so that every spreadsheet and JSON reader
 * keeps it exact. Only these functions do arithmetic that can leave the range; each says so by its result.
 * Never a float. Ratios are basis points (10,000 = 100 %), named *_bp.
 */
#ifndef ZD_BASE_MONEY_H
#define ZD_BASE_MONEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger/base/error.h"

#define ZD_FEN_MAX INT64_C(999999999999999)
#define ZD_BP_ONE INT64_C(10000)

/* false when the result leaves [-ZD_FEN_MAX, ZD_FEN_MAX]; *out is then untouched. */
ZD_MUST_USE bool zd_fen_add(int64_t *out, int64_t a_fen, int64_t b_fen);
ZD_MUST_USE bool zd_fen_sub(int64_t *out, int64_t a_fen, int64_t b_fen);
/* floor(base * bp / 10,000); both non-negative, exact in 128 bits. */
int64_t zd_fen_share(int64_t base_fen, int64_t ratio_bp);
int64_t zd_fen_min(int64_t a_fen, int64_t b_fen);
int64_t zd_fen_max(int64_t a_fen, int64_t b_fen);
/*
 * Splits amount over weights by largest remainder, ties by order; sum(out) == amount. Requires
 * 0 <= amount and at least one positive weight unless amount is 0. When amount <= sum(weights), each
 * part is at most its weight.
 */
void zd_fen_split(int64_t *out_fen, const int64_t *weights, size_t count, int64_t amount_fen);

/* "1234.05" without grouping: for machine files. out holds at least ZD_FEN_TEXT bytes. */
#define ZD_FEN_TEXT 32
void zd_fen_yuan(char *out, int64_t amount_fen);
/* "1,234.05" for people. */
void zd_fen_yuan_grouped(char *out, int64_t amount_fen);
/*
 * Reads yuan as people write them: "12,345.60", "12345.6", "¥12345", spaces around; at most two decimals,
 * groups of three or none, half-width digits only; not negative. Error AMOUNT_MALFORMED says which rule failed.
 */
zd_status zd_fen_parse(int64_t *out_fen, zd_span text, zd_error *err);
/*
 * 大写 of the Chinese rules for filling in bills (正确填写票据和结算凭证的基本规定), without the 人民币 prefix:
 * 整 after 元, also after 角 never written here, none after 分. amount >= 0. Written, never read back.
 */
void zd_fen_capitals(zd_buf *out, int64_t amount_fen);

#endif
