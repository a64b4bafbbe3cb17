/* SPDX-License-Identifier: MIT */
/* dfu list: one row for each device, its alternate settings below it. */
#include <string.h>

#include "describe.h"
#include "dfukit/session.h"
#include "exit.h"
#include "json.h"
#include "report.h"
#include "verbs.h"
#include "where.h"

enum { COLUMN_ID, COLUMN_MODE, COLUMN_PATH, COLUMN_VERSION, COLUMN_SERIAL, COLUMN_COUNT };
#define INDENT 11 /* below the second column */

static const char *const titles[COLUMN_COUNT] = {"ID", "MODE", "PATH", "VERSION", "SERIAL"};

typedef struct row {
    char cells[COLUMN_COUNT][DFUKIT_TEXT_SIZE];
} row;

static void fill(row *r, const dfukit_target *t)
{
    char ids[10];
    bool known = dfukit_cli_has_ids(t);
    snprintf(r->cells[COLUMN_ID], DFUKIT_TEXT_SIZE, "%s",
             known ? dfukit_cli_id_text(&t->device, ids) : "-");
    snprintf(r->cells[COLUMN_MODE], DFUKIT_TEXT_SIZE, "%s",
             t->alt_count != 0 ? dfukit_mode_name(t->mode) : "-");
    snprintf(r->cells[COLUMN_PATH], DFUKIT_TEXT_SIZE, "%s", t->path);
    snprintf(r->cells[COLUMN_VERSION], DFUKIT_TEXT_SIZE, known ? "0x%04x" : "-",
             (unsigned)t->device.bcdDevice);
    snprintf(r->cells[COLUMN_SERIAL], DFUKIT_TEXT_SIZE, "%s", t->has_serial ? t->serial : "-");
}

static void widen(size_t widths[COLUMN_COUNT], const row *r)
{
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        size_t n = dfukit_cli_text_width(r->cells[i]);
        widths[i] = n > widths[i] ? n : widths[i];
    }
}

static void heading(const dfukit_cli_ui *ui, const size_t widths[COLUMN_COUNT])
{
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        dfukit_cli_cell(ui, ui->out, DFUKIT_CLI_DIM, widths[i], titles[i]);
    dfukit_cli_put(ui, ui->out, DFUKIT_CLI_DIM, "PRODUCT");
    putc('\n', ui->out);
}

static void details(const dfukit_cli_ui *ui, const dfukit_target *t)
{
    char words[DFUKIT_CLI_WORDS_SIZE], grouped[DFUKIT_CLI_GROUP_SIZE];
    if (t->access != DFUKIT_OK) {
        dfukit_cli_put(ui, ui->out, DFUKIT_CLI_WARN, "%*scannot be opened: %s", INDENT, "",
                       dfukit_error_text(t->access));
        putc('\n', ui->out);
    }
    if (t->alt_count == 0)
        return;
    if ((t->oddities & DFUKIT_ODD_NO_FUNCTIONAL) != 0)
        dfukit_cli_print(ui, "%*sDFU version and capabilities unknown", INDENT, "");
    else
        dfukit_cli_print(ui, "%*sDFU %s, transfer size %s, %s", INDENT, "",
                         dfukit_target_version(t), dfukit_cli_group(t->transfer_size, grouped),
                         t->functional.bmAttributes != 0
                             ? dfukit_cli_attributes(t->functional.bmAttributes, words)
                             : "neither download nor upload");
    for (size_t i = 0; i < t->alt_count; i++) {
        bool named = t->alts[i].name[0] != '\0';
        dfukit_cli_print(ui, "%*salt %u%s%s%s", INDENT, "", (unsigned)t->alts[i].number,
                         named ? "  \"" : "", t->alts[i].name, named ? "\"" : "");
    }
}

static void table(const dfukit_cli_ui *ui, const dfukit_targets *all, const dfukit_selector *s)
{
    size_t widths[COLUMN_COUNT];
    row r;
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        widths[i] = strlen(titles[i]);
    for (size_t i = 0; i < all->count; i++) {
        if (!dfukit_selector_matches(s, &all->list[i]))
            continue;
        fill(&r, &all->list[i]);
        widen(widths, &r);
    }
    heading(ui, widths);
    for (size_t i = 0; i < all->count; i++) {
        const dfukit_target *t = &all->list[i];
        if (!dfukit_selector_matches(s, t))
            continue;
        fill(&r, t);
        for (size_t k = 0; k < COLUMN_COUNT; k++)
            dfukit_cli_cell(ui, ui->out, k == COLUMN_ID ? DFUKIT_CLI_BOLD : DFUKIT_CLI_PLAIN,
                            widths[k], r.cells[k]);
        dfukit_cli_print(ui, "%s%s", dfukit_cli_product(t),
                         dfukit_target_is_bystander(t) ? " (can neither download nor upload)" : "");
        details(ui, t);
    }
}

/* The way out for the first device that cannot be opened: one explanation is enough. */
static void remedy(const dfukit_cli_ui *ui, const dfukit_targets *all, bool usb)
{
    char text[512];
    for (size_t i = 0; i < all->count; i++) {
        const dfukit_target *t = &all->list[i];
        if (t->access == DFUKIT_OK)
            continue;
        dfukit_cli_access_remedy(t->access, &t->device, usb, text, sizeof text);
        if (text[0] == '\0')
            continue;
        fflush(ui->out);
        for (char *line = text, *end; *line != '\0'; line = end) {
            end = line + strcspn(line, "\n");
            dfukit_cli_say(ui, "%s%.*s", line == text ? "remedy: " : "        ", (int)(end - line),
                           line);
            end += *end == '\n';
        }
        return;
    }
}

static size_t count_matches(const dfukit_targets *all, const dfukit_selector *s)
{
    size_t n = 0;
    for (size_t i = 0; i < all->count; i++)
        n += dfukit_selector_matches(s, &all->list[i]);
    return n;
}

static void json_lines(const dfukit_cli_ui *ui, const dfukit_targets *all, const dfukit_selector *s)
{
    for (size_t i = 0; i < all->count; i++) {
        if (!dfukit_selector_matches(s, &all->list[i]))
            continue;
        dfukit_cli_json j = {.to = ui->out};
        dfukit_cli_json_object(&j, NULL);
        dfukit_cli_target_json(&j, &all->list[i]);
        dfukit_cli_json_end(&j);
    }
}

int dfukit_cli_list(const dfukit_cli_args *args, dfukit_cli_ui *ui)
{
    dfukit_cli_where where;
    dfukit_targets all = {0, NULL};
    int code = dfukit_cli_where_open(ui, &args->place, &where);
    if (code != DFUKIT_EXIT_OK)
        return code;
    int error = dfukit_list(&where.carrier, &args->selector, &all);
    size_t matches = count_matches(&all, &args->selector);
    if (error != DFUKIT_OK) {
        code = dfukit_cli_where_failed(ui, &where, error);
    } else if (matches == 0) {
        /* With --json nothing is what standard output shows; people are told all the same. */
        dfukit_cli_put(ui, ui->json ? ui->err : ui->out, DFUKIT_CLI_PLAIN, "no DFU device found");
        putc('\n', ui->json ? ui->err : ui->out);
    } else if (ui->json) {
        json_lines(ui, &all, &args->selector);
    } else {
        table(ui, &all, &args->selector);
        remedy(ui, &all, args->place.kind == DFUKIT_CLI_ON_USB);
    }
    dfukit_targets_free(&all);
    dfukit_cli_where_close(&where);
    return code;
}
