/* Rows from records; see tables.h and tables.def. */
#include "ledger/report/tables.h"

#include <stddef.h>
#include <string.h>

#include "ledger/act/act.h"
#include "ledger/base/clock.h"
#include "ledger/record/request.h"

typedef enum column_kind { KIND_TEXT, KIND_INT, KIND_FEN, KIND_DAY, KIND_MS, KIND_BOOL, KIND_HASH, KIND_CHECKS, KIND_WORD, KIND_STATE, KIND_SUM } column_kind;
typedef enum state_list { STATES_VOUCHER = 1, STATES_ORDER, STATES_ITEM, STATES_INVOICE, STATES_BATCH, STATES_LINE } state_list;

typedef struct source {
    column_kind kind;
    size_t offset;
    int extra; /* a zd_field or a state_list */
} source;

#define NUMBER_TEXT false
#define NUMBER_INT true
#define NUMBER_FEN true
#define NUMBER_DAY false
#define NUMBER_MS false
#define NUMBER_BOOL true
#define NUMBER_HASH false
#define NUMBER_CHECKS false
#define NUMBER_WORD false
#define NUMBER_STATE false
#define NUMBER_SUM true
#define UNIT_TEXT ""
#define UNIT_INT ""
#define UNIT_FEN "fen"
#define UNIT_DAY "date"
#define UNIT_MS "instant"
#define UNIT_BOOL "0 or 1"
#define UNIT_HASH "hex"
#define UNIT_CHECKS "codes"
#define UNIT_WORD "word"
#define UNIT_STATE "word"
#define UNIT_SUM "fen"
#define EXTRA_TEXT(extra) 0
#define EXTRA_INT(extra) 0
#define EXTRA_FEN(extra) 0
#define EXTRA_DAY(extra) 0
#define EXTRA_MS(extra) 0
#define EXTRA_BOOL(extra) 0
#define EXTRA_HASH(extra) 0
#define EXTRA_CHECKS(extra) 0
#define EXTRA_WORD(extra) (int)(extra)
#define EXTRA_STATE(extra) (int)STATES_##extra
#define EXTRA_SUM(extra) 0

#define TABLE(id, record, type, english, chinese) static const zd_tidy_column columns_##id[] = {
#define COLUMN(kind, name, field, extra, english, chinese) {#name, NUMBER_##kind, UNIT_##kind, english, chinese},
#define END(id) };
#include "ledger/report/tables.def"
#undef TABLE
#undef COLUMN
#undef END

/* The struct of a table is named once, at its head; the columns reach it through this typedef. */
#define TABLE(id, record, type, english, chinese) \
    static const source *sources_##id(void)       \
    {                                             \
        typedef zd_rec_##type row;                \
        static const source list[] = {
#define COLUMN(kind, name, field, extra, english, chinese) {KIND_##kind, offsetof(row, field), EXTRA_##kind(extra)},
#define END(id) \
        };      \
        return list; \
    }
#include "ledger/report/tables.def"
#undef TABLE
#undef COLUMN
#undef END

static const struct {
    zd_tidy_table table;
    zd_record_kind kind;
    const source *(*sources)(void);
} tables[] = {
#define TABLE(id, record, type, english, chinese) {{#id, english, chinese, columns_##id, ZD_COUNT(columns_##id)}, ZD_R_##record, sources_##id},
#define COLUMN(kind, name, field, extra, english, chinese)
#define END(id)
#include "ledger/report/tables.def"
#undef TABLE
#undef COLUMN
#undef END
};

/* --- cells --- */

void zd_tidy_row_clear(zd_tidy_row *row)
{
    row->count = 0;
    zd_buf_clear(&row->texts);
    (void)zd_buf_reserve(&row->texts, 16384); /* spans point into it: it must not move while a row is built */
}

void zd_tidy_row_free(zd_tidy_row *row)
{
    zd_buf_free(&row->texts);
}

static zd_tidy_cell *next_cell(zd_tidy_row *row)
{
    ZD_ASSERT(row->count < ZD_TIDY_COLUMNS_MAX);
    zd_tidy_cell *cell = &row->cells[row->count++];
    *cell = (zd_tidy_cell){.is_null = true};
    return cell;
}

void zd_tidy_null(zd_tidy_row *row)
{
    (void)next_cell(row);
}

void zd_tidy_number(zd_tidy_row *row, int64_t number)
{
    *next_cell(row) = (zd_tidy_cell){.is_number = true, .number = number};
}

void zd_tidy_text(zd_tidy_row *row, zd_span text)
{
    zd_tidy_cell *cell = next_cell(row);
    if (text.size > 0) {
        ZD_ASSERT(row->texts.size + text.size < row->texts.capacity);
        size_t at = row->texts.size;
        zd_buf_add_span(&row->texts, text);
        *cell = (zd_tidy_cell){.text = zd_span_of(row->texts.data + at, text.size)};
    }
}

static void text_cell(zd_tidy_row *row, const char *text)
{
    zd_tidy_text(row, zd_span_text(text));
}

static void checks_cell(zd_tidy_row *row, zd_check_set set)
{
    char text[ZD_CHECKS_MAX * 5] = "";
    size_t size = 0;
    for (unsigned check = 0; check < ZD_CHECKS_MAX; check++) {
        if ((set >> check & 1) != 0) {
            zd_format(text + size, sizeof text - size, "%s%s", size > 0 ? "," : "", zd_acts_check_name(check));
            size = strlen(text);
        }
    }
    text_cell(row, text);
}

static const char *state_word(int list, int64_t number)
{
    static const struct {
        int list;
        int64_t number;
        const char *word;
    } words[] = {
#define STATE_WORD(list, number, word) {STATES_##list, number, word},
#include "ledger/report/tables_states.def"
#undef STATE_WORD
    };
    for (size_t i = 0; i < ZD_COUNT(words); i++) {
        if (words[i].list == list && words[i].number == number) {
            return words[i].word;
        }
    }
    return "";
}

static void day_cell(zd_tidy_row *row, int64_t day)
{
    char text[ZD_DATE_TEXT] = "";
    if (day > 0) {
        zd_date_text(text, day);
    }
    text_cell(row, text);
}

static void ms_cell(zd_tidy_row *row, int64_t unix_ms)
{
    char text[ZD_TIME_TEXT] = "";
    if (unix_ms > 0) {
        zd_time_text(text, unix_ms);
    }
    text_cell(row, text);
}

static void hash_cell(zd_tidy_row *row, const zd_hash *hash)
{
    char text[ZD_HASH_HEX] = "";
    zd_hash none = {{0}};
    if (!zd_hash_equal(hash, &none)) {
        zd_hash_hex(text, hash);
    }
    text_cell(row, text);
}

static int64_t int_at(const void *field)
{
    int64_t number;
    memcpy(&number, field, sizeof number);
    return number;
}

static int64_t legs_sum(const void *field)
{
    int64_t legs[ZD_LEGS];
    int64_t sum = 0;
    memcpy(legs, field, sizeof legs);
    for (size_t i = 0; i < ZD_LEGS; i++) {
        sum += legs[i]; /* each at most 15 digits */
    }
    return sum;
}

static void add_cell(zd_tidy_row *row, const source *from, const void *record)
{
    const char *field = (const char *)record + from->offset;
    switch (from->kind) {
    case KIND_TEXT:
        text_cell(row, field);
        break;
    case KIND_INT:
    case KIND_FEN:
    case KIND_BOOL:
        zd_tidy_number(row, int_at(field));
        break;
    case KIND_DAY:
        day_cell(row, int_at(field));
        break;
    case KIND_MS:
        ms_cell(row, int_at(field));
        break;
    case KIND_HASH: {
        zd_hash hash;
        memcpy(&hash, field, sizeof hash);
        hash_cell(row, &hash);
        break;
    }
    case KIND_CHECKS:
        checks_cell(row, (zd_check_set)int_at(field));
        break;
    case KIND_WORD: {
        const char *word = zd_word_text((zd_field)from->extra, int_at(field));
        text_cell(row, word != NULL ? word : "");
        break;
    }
    case KIND_STATE:
        text_cell(row, state_word(from->extra, int_at(field)));
        break;
    case KIND_SUM:
        zd_tidy_number(row, legs_sum(field));
        break;
    }
}

size_t zd_tidy_record_tables(void)
{
    return ZD_COUNT(tables);
}

const zd_tidy_table *zd_tidy_record_table(size_t index, zd_record_kind *kind)
{
    *kind = tables[index].kind;
    return &tables[index].table;
}

void zd_tidy_record_row(zd_tidy_row *row, size_t index, const void *record)
{
    const source *from = tables[index].sources();
    zd_tidy_row_clear(row);
    for (size_t i = 0; i < tables[index].table.column_count; i++) {
        add_cell(row, &from[i], record);
    }
}
