/* SPDX-License-Identifier: MIT */
/* dfu-util -l: the lines that scripts parse. */
#include <string.h>

#include "describe.h"
#include "dfukit/session.h"
#include "dropin_util.h"
#include "exit.h"
#include "where.h"

/* What stands for a text that the device does not have or that could not be read. */
static const char *known(const char *text)
{
    return *text != '\0' ? text : "UNKNOWN";
}

static void line_of(const dfukit_cli_ui *ui, const dfukit_target *t, const dfukit_alt *alt)
{
    char ids[10];
    dfukit_cli_print(ui,
                     "Found %s: [%s] ver=%04x, devnum=%lu, cfg=%u, intf=%u, path=\"%s\", alt=%u, "
                     "name=\"%s\", serial=\"%s\"",
                     t->mode == DFUKIT_MODE_DFU ? "DFU" : "Runtime",
                     dfukit_cli_id_text(&t->device, ids), (unsigned)t->device.bcdDevice,
                     (unsigned long)(t->devnum & 0xFFFFu), /* on its bus, as others have it */
                     (unsigned)t->configuration, (unsigned)t->interface, t->path,
                     (unsigned)alt->number, known(alt->name),
                     known(t->has_serial ? t->serial : ""));
}

/* -a concerns devices in DFU mode only. */
static bool alt_matches(const dfukit_cli_args *a, const dfukit_target *t, const dfukit_alt *alt)
{
    if (!a->has_alt || t->mode != DFUKIT_MODE_DFU)
        return true;
    return a->alt_name != NULL ? strcmp(a->alt_name, alt->name) == 0 : a->alt == alt->number;
}

static void show(const dfukit_cli_ui *ui, const dfukit_cli_args *a, const dfukit_target *t)
{
    char remedy[512], name[300];
    for (size_t i = 0; i < t->alt_count; i++) {
        if (alt_matches(a, t, &t->alts[i]))
            line_of(ui, t, &t->alts[i]);
    }
    if (t->access == DFUKIT_OK)
        return;
    fflush(ui->out);
    snprintf(name, sizeof name, "[%s] path=\"%s\"", dfukit_cli_id_text(&t->device, remedy),
             t->path);
    dfukit_cli_say(ui, "%s: %s cannot be opened: %s", ui->program, name,
                   dfukit_error_text(t->access));
    dfukit_cli_access_remedy(t->access, &t->device, a->place.kind == DFUKIT_CLI_ON_USB, remedy,
                             sizeof remedy);
    for (char *at = remedy, *end; *at != '\0'; at = end) {
        end = at + strcspn(at, "\n");
        dfukit_cli_say(ui, "%s%.*s", at == remedy ? "remedy: " : "        ", (int)(end - at), at);
        end += *end == '\n';
    }
}

int dfukit_dropin_list(dfukit_dropin_line *line, dfukit_cli_ui *ui)
{
    dfukit_cli_where where;
    dfukit_targets all = {0, NULL};
    const dfukit_cli_args *a = &line->args;
    ui->verb = "list"; /* it only looks */
    int code = dfukit_cli_where_open(ui, &a->place, &where);
    if (code != DFUKIT_EXIT_OK)
        return code;
    int error = dfukit_list(&where.carrier, &a->selector, &all);
    if (error != DFUKIT_OK)
        code = dfukit_cli_where_failed(ui, &where, error);
    for (size_t i = 0; i < all.count; i++) {
        if (dfukit_selector_matches(&a->selector, &all.list[i]))
            show(ui, a, &all.list[i]);
    }
    dfukit_targets_free(&all);
    dfukit_cli_where_close(&where);
    return code;
}
