/* SPDX-License-Identifier: MIT */
/* dfu-suffix: adds, shows and removes the suffix of a firmware file. Spec: DFU 1.1 Appendix B. */
#include "dropin_file.h"
#include "exit.h"
#include "image_edit.h"
#include "report.h"

typedef struct line {
    dfukit_dropin_file common;
    dfukit_suffix suffix;
} line;

static const char *id(const char *value, uint16_t *out)
{
    return dfukit_dropin_hex(value, out) ? NULL : "wants one to four hexadecimal digits";
}

static const char *set_pid(void *self, const char *value)
{
    return id(value, &((line *)self)->suffix.idProduct);
}

static const char *set_vid(void *self, const char *value)
{
    return id(value, &((line *)self)->suffix.idVendor);
}

static const char *set_did(void *self, const char *value)
{
    return id(value, &((line *)self)->suffix.bcdDevice);
}

static const char *set_spec(void *self, const char *value)
{
    uint16_t version;
    if (!dfukit_dropin_hex(value, &version) ||
        (version != DFUKIT_VERSION_10 && version != DFUKIT_VERSION_11 &&
         version != DFUKIT_VERSION_DFUSE))
        return "wants 0100, 0110 or 011a";
    ((line *)self)->suffix.bcdDFU = version;
    return NULL;
}

// clang-format off
static const dfukit_dropin_option options[] = {
    {'h', "help", NULL, "this text", dfukit_dropin_set_help},
    {'V', "version", NULL, "the version", dfukit_dropin_set_version},
    {'c', "check", "FILE", "show the suffix of a file", dfukit_dropin_set_check},
    {'a', "add", "FILE", "add a suffix to a file", dfukit_dropin_set_add},
    {'D', "delete", "FILE", "remove the suffix of a file", dfukit_dropin_set_delete},
    {'p', "pid", "ID", "product ID, hexadecimal (ffff: any)", set_pid},
    {'v', "vid", "ID", "vendor ID, hexadecimal (ffff: any)", set_vid},
    {'d', "did", "ID", "device version, hexadecimal (ffff: any)", set_did},
    {'S', "spec", "VERSION", "of the specification: 0100 (also for DFU 1.1),\n0110, or 011a for "
     "DfuSe files", set_spec},
    {'\0', NULL, NULL, NULL, NULL},
};
// clang-format on

static int show(const dfukit_cli_ui *ui, const char *name, const dfukit_suffix *s)
{
    dfukit_cli_print(ui, "%s has a DFU suffix:", name);
    fprintf(ui->out, "BCD device:\t0x%04X\nProduct ID:\t0x%04X\nVendor ID:\t0x%04X\n",
            (unsigned)s->bcdDevice, (unsigned)s->idProduct, (unsigned)s->idVendor);
    fprintf(ui->out, "BCD DFU:\t0x%04X\nLength:\t\t%u\nCRC:\t\t0x%08lX\n", (unsigned)s->bcdDFU,
            (unsigned)s->bLength, (unsigned long)s->dwCRC);
    return DFUKIT_EXIT_OK;
}

/* With another suffix, or with none. */
static int rewrite(const dfukit_cli_ui *ui, const dfukit_cli_edit *edit, const dfukit_suffix *s,
                   const char *done)
{
    const char *name = edit->file.name;
    dfukit_cli_result r = {.error = DFUKIT_OK};
    dfukit_cli_message(&r, "%s", done);
    int code = dfukit_cli_edit_write(ui, edit, name, true, NULL, 0, 0, s);
    return code == DFUKIT_EXIT_OK ? dfukit_cli_finish_file(ui, &r, name) : code;
}

static int carry_out(const dfukit_cli_ui *ui, const line *l, const dfukit_cli_edit *edit)
{
    if (l->common.wish == DFUKIT_DROPIN_ADD && edit->has_suffix)
        return dfukit_cli_fail(ui, DFUKIT_ERR_DAMAGED,
                               "%s: has a DFU suffix already: remove it first", l->common.file);
    if (l->common.wish == DFUKIT_DROPIN_ADD)
        return rewrite(ui, edit, &l->suffix, "Suffix successfully added to file");
    if (!edit->has_suffix)
        return dfukit_cli_fail(ui, DFUKIT_ERR_DAMAGED, "%s: has no DFU suffix", l->common.file);
    return l->common.wish == DFUKIT_DROPIN_CHECK
               ? show(ui, l->common.file, &edit->suffix)
               : rewrite(ui, edit, NULL, "Suffix successfully removed from file");
}

int dfukit_dropin_suffix(int argc, char **argv, dfukit_cli_ui *ui)
{
    line l = {.suffix = {.bcdDevice = DFUKIT_ANY_ID,
                         .idProduct = DFUKIT_ANY_ID,
                         .idVendor = DFUKIT_ANY_ID,
                         .bcdDFU = DFUKIT_VERSION_10}};
    dfukit_cli_edit edit;
    int code;
    if (!dfukit_dropin_file_parse(ui, options, &l, argc, argv, &code))
        return code;
    code = dfukit_cli_edit_load(ui, l.common.file, &edit);
    if (code != DFUKIT_EXIT_OK)
        return code;
    code = carry_out(ui, &l, &edit);
    dfukit_cli_edit_free(&edit);
    return code;
}
