/* The table of lists.def, filled and aligned; see list_table.h. Widths are known at the end only, so that the cells are kept as text until then. */
#include "cli/list_table.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/base/clock.h"
#include "ledger/base/money.h"

typedef enum list_form {
    FORM_TEXT, FORM_NUMBER, FORM_YUAN, FORM_DAY, FORM_YES, FORM_SIZE, FORM_ROLE, FORM_CLASS, FORM_FACT, FORM_S_VOUCHER, FORM_S_ITEM, FORM_S_ORDER, FORM_S_BATCH, FORM_KEY_DAY, FORM_KEY_END
} list_form;

typedef struct list_column {
    zd_record_kind kind;
    const char *field;
    list_form form;
    const char *english;
    const char *chinese;
} list_column;

static const list_column columns[] = {
#define LIST(kind, field, form, english, chinese) {ZD_R_##kind, field, FORM_##form, english, chinese},
#include "cli/lists.def"
#undef LIST
};

#define COLUMNS_MAX 12

struct zd_list_table {
    const list_column *first;
    size_t column_count;
    size_t row_count;
    bool chinese;
    zd_buf cells; /* row by row, each cell ended by NUL */
    size_t widths[COLUMNS_MAX];
};

/* Columns of a terminal: Chinese characters and full-width forms take two. */
static size_t width_of(const char *text)
{
    size_t width = 0;
    for (const uint8_t *c = (const uint8_t *)text; *c != '\0'; c++) {
        width += (*c & 0xc0) != 0x80 ? 1 : 0;
        width += *c >= 0xe1 ? 1 : 0; /* from U+1000 on; what lies between is not used in labels */
    }
    return width;
}

static void add_cell(zd_list_table *table, size_t column, const char *text)
{
    const char *shown = text[0] != '\0' ? text : "-";
    size_t width = width_of(shown);
    table->widths[column] = width > table->widths[column] ? width : table->widths[column];
    zd_buf_add(&table->cells, shown, strlen(shown) + 1);
}

zd_list_table *zd_list_table_new(zd_record_kind kind, bool chinese)
{
    zd_list_table *table = zd_alloc_zero(1, sizeof *table);
    table->chinese = chinese;
    for (size_t i = 0; i < ZD_COUNT(columns); i++) {
        if (columns[i].kind == kind) {
            table->first = table->column_count == 0 ? &columns[i] : table->first;
            table->column_count++;
        }
    }
    ZD_ASSERT(table->column_count > 0 && table->column_count <= COLUMNS_MAX);
    for (size_t i = 0; i < table->column_count; i++) {
        add_cell(table, i, chinese ? table->first[i].chinese : table->first[i].english);
    }
    return table;
}

static const char *state_word(list_form form, int64_t state)
{
    static const struct {
        list_form form;
        int64_t state;
        const char *word;
    } words[] = {
#define STATE_VOUCHER(number, word) {FORM_S_VOUCHER, number, word},
#define STATE_ITEM(number, word) {FORM_S_ITEM, number, word},
#define STATE_ORDER(number, word) {FORM_S_ORDER, number, word},
#define STATE_BATCH(number, word) {FORM_S_BATCH, number, word},
#define STATE_INVOICE(number, word)
#define STATE_LINE(number, word)
#define STATE_WORD(list, number, word) STATE_##list(number, word)
#include "ledger/report/tables_states.def"
#undef STATE_WORD
    };
    for (size_t i = 0; i < ZD_COUNT(words); i++) {
        if (words[i].form == form && words[i].state == state) {
            return words[i].word;
        }
    }
    return "?";
}

/* Behind the prefix of a key: the day that it starts with, or all of it. */
static void key_text(zd_buf *out, const char *key, bool day)
{
    const char *rest = strchr(key, '/');
    rest = rest != NULL ? rest + 1 : "";
    if (day) {
        char date[ZD_DATE_TEXT];
        zd_date_text(date, strtoll(rest, NULL, 10));
        zd_buf_add_text(out, date);
    } else {
        zd_buf_add_text(out, rest);
    }
}

static void add_number(zd_buf *out, list_form form, int64_t number, bool chinese)
{
    char text[ZD_FEN_TEXT];
    const zd_field sets[] = {[FORM_ROLE] = ZD_F_ROLE, [FORM_CLASS] = ZD_F_CLASS, [FORM_FACT] = ZD_F_FACT};
    const char *word = NULL;
    switch (form) {
    case FORM_YUAN:
        zd_fen_yuan_grouped(text, number);
        zd_buf_add_text(out, text);
        break;
    case FORM_DAY:
        if (number != 0) {
            zd_date_text(text, number);
            zd_buf_add_text(out, text);
        }
        break;
    case FORM_YES:
        zd_buf_add_text(out, number == 0 ? "" : chinese ? "是" : "yes");
        break;
    case FORM_SIZE:
        if (number != 0) {
            zd_buf_addf(out, "%lld", (long long)number);
        }
        break;
    case FORM_ROLE:
    case FORM_CLASS:
    case FORM_FACT:
        word = zd_word_text(sets[form], number);
        zd_buf_add_text(out, word != NULL ? word : "?");
        break;
    case FORM_S_VOUCHER:
    case FORM_S_ITEM:
    case FORM_S_ORDER:
    case FORM_S_BATCH:
        zd_buf_add_text(out, state_word(form, number));
        break;
    case FORM_NUMBER:
    case FORM_TEXT:
    case FORM_KEY_DAY:
    case FORM_KEY_END:
        zd_buf_addf(out, "%lld", (long long)number);
        break;
    }
}

zd_status zd_list_table_add(zd_list_table *table, const char *key, const void *record, zd_error *err)
{
    zd_buf text = {0};
    zd_buf cell = {0};
    zd_json *json = NULL;
    zd_jw w = zd_jw_begin(&text);
    zd_record_json(&w, NULL, table->first->kind, record);
    zd_status status = zd_json_parse(&json, zd_buf_span(&text), true, err);
    for (size_t i = 0; i < table->column_count && status == ZD_OK; i++) {
        const list_column *column = &table->first[i];
        zd_jval value = zd_jval_get(zd_json_root(json), column->field);
        zd_buf_clear(&cell);
        if (column->form == FORM_KEY_DAY || column->form == FORM_KEY_END) {
            key_text(&cell, key, column->form == FORM_KEY_DAY);
        } else if (column->form == FORM_TEXT) {
            zd_buf_add_span(&cell, zd_jval_text(value));
        } else {
            ZD_ASSERT(zd_jval_kind(value) == ZD_J_INT);
            add_number(&cell, column->form, zd_jval_int(value), table->chinese);
        }
        add_cell(table, i, zd_buf_text(&cell));
    }
    table->row_count++;
    zd_json_free(json);
    zd_buf_free(&text);
    zd_buf_free(&cell);
    return status;
}

void zd_list_table_print(const zd_list_table *table, FILE *out)
{
    const char *cell = zd_buf_text(&table->cells);
    for (size_t row = 0; row <= table->row_count && table->row_count > 0; row++) {
        for (size_t i = 0; i < table->column_count; i++) {
            list_form form = table->first[i].form;
            bool right = form == FORM_YUAN || form == FORM_NUMBER || form == FORM_SIZE;
            bool last = i + 1 == table->column_count;
            int pad = (int)(table->widths[i] - width_of(cell));
            (void)fprintf(out, "%*s%s%*s", right ? pad : 0, "", cell, right || last ? 0 : pad, "");
            (void)fputs(last ? "\n" : "  ", out);
            cell += strlen(cell) + 1;
        }
    }
}

void zd_list_table_free(zd_list_table *table)
{
    if (table != NULL) {
        zd_buf_free(&table->cells);
        free(table);
    }
}
