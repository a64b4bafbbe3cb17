/* SPDX-License-Identifier: MIT */
/* dfu image suffix add, check, strip. */
#include "exit.h"
#include "image_edit.h"
#include "report.h"
#include "verbs.h"

static int done(const dfukit_cli_ui *ui, const char *name, const char *what,
                const dfukit_suffix *suffix)
{
    char text[DFUKIT_CLI_SUFFIX_TEXT];
    dfukit_cli_result r = {.error = DFUKIT_OK};
    if (suffix != NULL)
        dfukit_cli_message(&r, "%s: %s %s", name, what, dfukit_cli_suffix_text(suffix, text));
    else
        dfukit_cli_message(&r, "%s: %s", name, what);
    return dfukit_cli_finish_file(ui, &r, name);
}

/* The suffix says of a DfuSe file that it is one, and of no other. */
static int add(const dfukit_cli_args *args, dfukit_cli_ui *ui, const dfukit_cli_edit *edit)
{
    bool dfuse = edit->format == DFUKIT_FORMAT_DFUSE;
    dfukit_suffix suffix = {.bcdDevice = DFUKIT_ANY_ID,
                            .idProduct = DFUKIT_ANY_ID,
                            .idVendor = DFUKIT_ANY_ID,
                            .bcdDFU = dfuse ? 0x011A : 0x0100};
    const char *name = args->files[0];
    dfukit_cli_edit_identify(args, &suffix);
    if (edit->has_suffix && !args->force)
        return dfukit_cli_fail(ui, DFUKIT_ERR_MISMATCH,
                               "%s has a DFU suffix already; --force replaces it", name);
    if (dfuse != (suffix.bcdDFU == 0x011A))
        return dfukit_cli_fail(ui, DFUKIT_ERR_MISMATCH, "%s is %s DfuSe file: its suffix %s 011a",
                               name, dfuse ? "a" : "no", dfuse ? "has to say" : "must not say");
    int code = dfukit_cli_edit_write(ui, edit, name, true, NULL, 0, 0, &suffix);
    return code == DFUKIT_EXIT_OK ? done(ui, name, "suffix added,", &suffix) : code;
}

int dfukit_cli_suffix_add(const dfukit_cli_args *args, dfukit_cli_ui *ui)
{
    dfukit_cli_edit edit;
    int code = dfukit_cli_edit_load(ui, args->files[0], &edit);
    if (code != DFUKIT_EXIT_OK)
        return code;
    code = add(args, ui, &edit);
    dfukit_cli_edit_free(&edit);
    return code;
}

static int missing(const dfukit_cli_ui *ui, const char *name)
{
    return dfukit_cli_fail(ui, DFUKIT_ERR_DAMAGED, "%s has no DFU suffix", name);
}

static void show(const dfukit_cli_ui *ui, const char *name, const dfukit_suffix *suffix)
{
    char text[DFUKIT_CLI_SUFFIX_TEXT];
    if (!ui->json) {
        dfukit_cli_print(ui, "%s: suffix %s; CRC 0x%08lx, right", name,
                         dfukit_cli_suffix_text(suffix, text), (unsigned long)suffix->dwCRC);
        return;
    }
    dfukit_cli_json j = {.to = ui->out};
    dfukit_cli_json_object(&j, NULL);
    dfukit_cli_json_text(&j, "file", name);
    dfukit_cli_json_object(&j, "suffix");
    dfukit_cli_suffix_json(&j, suffix);
    dfukit_cli_json_end(&j);
    dfukit_cli_json_end(&j);
}

int dfukit_cli_suffix_check(const dfukit_cli_args *args, dfukit_cli_ui *ui)
{
    dfukit_cli_edit edit;
    int code = dfukit_cli_edit_load(ui, args->files[0], &edit);
    if (code != DFUKIT_EXIT_OK)
        return code;
    if (edit.has_suffix)
        show(ui, args->files[0], &edit.suffix);
    else
        code = missing(ui, args->files[0]);
    dfukit_cli_edit_free(&edit);
    return code;
}

int dfukit_cli_suffix_strip(const dfukit_cli_args *args, dfukit_cli_ui *ui)
{
    dfukit_cli_edit edit;
    const char *name = args->files[args->file_count - 1];
    int code = dfukit_cli_edit_load(ui, args->files[0], &edit);
    if (code != DFUKIT_EXIT_OK)
        return code;
    if (!edit.has_suffix)
        code = missing(ui, args->files[0]);
    else
        code = dfukit_cli_edit_write(ui, &edit, name, args->force, NULL, 0, 0, NULL);
    if (code == DFUKIT_EXIT_OK)
        code = done(ui, name, "suffix taken off", NULL);
    dfukit_cli_edit_free(&edit);
    return code;
}
