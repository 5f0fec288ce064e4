/* CSV files and the dictionary of an export; see tidy_files.h. */
#include <stdio.h>
#include <stdlib.h>

#include "ledger/base/durable.h"
#include "ledger/report/tidy_files.h"

struct zd_tidy_csv {
    zd_buf dir;
    zd_buf path;
    FILE *file;
    zd_buf line;
    zd_buf dictionary;
};

zd_tidy_csv *zd_tidy_csv_open(const char *dir)
{
    zd_tidy_csv *csv = zd_alloc_zero(1, sizeof *csv);
    zd_buf_add_text(&csv->dir, dir);
    zd_buf_add_text(&csv->dictionary, "# Data dictionary · 数据字典\n\nOne SQLite file (`zhidui.sqlite`) and the same tables as CSV. Money is in fen (1 yuan = 100 fen); dates are "
                                      "days in Shanghai, instants are UTC.\nEmpty cells are unknown or do not apply.\n\n一个 SQLite 文件（`zhidui.sqlite`）与内容相同的 CSV "
                                      "文件。金额单位为分；日期为北京时间的日，时刻为世界协调时。空白表示未知或不适用。\n");
    return csv;
}

static zd_status failed(zd_tidy_csv *csv, zd_error *err)
{
    return zd_fail_errno(err, ZD_E_FILE_IO, zd_buf_text(&csv->path));
}

static zd_status close_file(zd_tidy_csv *csv, zd_error *err)
{
    FILE *file = csv->file;
    csv->file = NULL;
    return file == NULL || fclose(file) == 0 ? ZD_OK : failed(csv, err);
}

static void add_cell(zd_buf *line, zd_span text)
{
    bool quote = false;
    for (size_t i = 0; i < text.size; i++) {
        quote = quote || text.data[i] == '"' || text.data[i] == ',' || text.data[i] == '\n' || text.data[i] == '\r';
    }
    if (!quote) {
        zd_buf_add_span(line, text);
        return;
    }
    zd_buf_add_byte(line, '"');
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '"') {
            zd_buf_add_byte(line, '"');
        }
        zd_buf_add_byte(line, text.data[i]);
    }
    zd_buf_add_byte(line, '"');
}

static zd_status write_line(zd_tidy_csv *csv, zd_error *err)
{
    zd_buf_add_byte(&csv->line, '\n');
    bool good = fwrite(csv->line.data, 1, csv->line.size, csv->file) == csv->line.size;
    zd_buf_clear(&csv->line);
    return good ? ZD_OK : failed(csv, err);
}

static void describe(zd_tidy_csv *csv, const zd_tidy_table *table)
{
    zd_buf_addf(&csv->dictionary, "\n## %s\n\n%s · %s\n\n| column 列 | type 类型 | unit 单位 | meaning | 含义 |\n|---|---|---|---|---|\n", table->name, table->english,
                table->chinese);
    for (size_t i = 0; i < table->column_count; i++) {
        const zd_tidy_column *column = &table->columns[i];
        zd_buf_addf(&csv->dictionary, "| %s | %s | %s | %s | %s |\n", column->name, column->number ? "INTEGER" : "TEXT", column->unit, column->english, column->chinese);
    }
}

static zd_status see_table(void *context, const zd_tidy_table *table, zd_error *err)
{
    zd_tidy_csv *csv = context;
    zd_status status = close_file(csv, err);
    if (status != ZD_OK) {
        return status;
    }
    zd_buf name = {0};
    zd_buf_addf(&name, "%s.csv", table->name);
    (void)zd_path_join(&csv->path, zd_buf_text(&csv->dir), zd_buf_text(&name));
    zd_buf_free(&name);
    csv->file = fopen(zd_buf_text(&csv->path), "wxe");
    if (csv->file == NULL) {
        return failed(csv, err);
    }
    for (size_t i = 0; i < table->column_count; i++) {
        zd_buf_addf(&csv->line, "%s%s", i > 0 ? "," : "", table->columns[i].name);
    }
    describe(csv, table);
    return write_line(csv, err);
}

static zd_status see_row(void *context, const zd_tidy_row *row, zd_error *err)
{
    zd_tidy_csv *csv = context;
    for (size_t i = 0; i < row->count; i++) {
        const zd_tidy_cell *cell = &row->cells[i];
        if (i > 0) {
            zd_buf_add_byte(&csv->line, ',');
        }
        if (cell->is_number) {
            zd_buf_addf(&csv->line, "%lld", (long long)cell->number);
        } else {
            add_cell(&csv->line, cell->text);
        }
    }
    return write_line(csv, err);
}

zd_tidy_sink zd_tidy_csv_sink(zd_tidy_csv *csv)
{
    return (zd_tidy_sink){.table = see_table, .row = see_row, .context = csv};
}

zd_status zd_tidy_csv_close(zd_tidy_csv *csv, zd_error *err)
{
    zd_status status = close_file(csv, err);
    size_t count = 0;
    const zd_tidy_table *views = zd_tidy_view_tables(&count);
    for (size_t i = 0; i < count; i++) {
        describe(csv, &views[i]);
    }
    if (status == ZD_OK) {
        status = zd_file_write(zd_path_join(&csv->path, zd_buf_text(&csv->dir), "DICTIONARY.md"), zd_buf_span(&csv->dictionary), 0644, err);
    }
    zd_buf_free(&csv->dir);
    zd_buf_free(&csv->path);
    zd_buf_free(&csv->line);
    zd_buf_free(&csv->dictionary);
    free(csv);
    return status;
}
