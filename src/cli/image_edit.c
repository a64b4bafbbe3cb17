/* SPDX-License-Identifier: MIT */
/* Files changed in place, whole or not at all. */
#include "image_edit.h"

#include <string.h>

#include "dfukit/session.h"
#include "exit.h"
#include "output.h"
#include "report.h"

/* What the payload is, as far as it can be read. */
static void look_inside(dfukit_cli_edit *edit)
{
    dfukit_image_options options = {.ignore_suffix = false};
    dfukit_allocator allocator = dfukit_allocator_default();
    dfukit_image image = {.count = 0};
    int error =
        dfukit_image_parse(&image, edit->file.bytes, edit->file.size, &options, &allocator, NULL);
    /* DfuSe without its suffix is refused as damaged, and that is what a suffix may be added to. */
    static const char dfuse[] = "DfuSe";
    bool is_dfuse =
        edit->payload >= sizeof dfuse - 1 && memcmp(edit->file.bytes, dfuse, sizeof dfuse - 1) == 0;
    edit->format = is_dfuse             ? DFUKIT_FORMAT_DFUSE
                   : error == DFUKIT_OK ? image.format
                                        : DFUKIT_FORMAT_COUNT;
    edit->has_raw_payload = edit->format == DFUKIT_FORMAT_RAW;
    dfukit_image_free(&image);
}

int dfukit_cli_edit_load(const dfukit_cli_ui *ui, const char *name, dfukit_cli_edit *edit)
{
    memset(edit, 0, sizeof *edit);
    int code = dfukit_cli_file_read(ui, name, &edit->file);
    if (code != DFUKIT_EXIT_OK)
        return code;
    edit->payload = edit->file.size;
    int length = dfukit_suffix_decode(edit->file.bytes, edit->file.size, &edit->suffix);
    if (length > 0) {
        edit->has_suffix = true;
        edit->payload -= (size_t)length;
    }
    if (length == DFUKIT_ERR_DAMAGED)
        code =
            dfukit_cli_fail(ui, DFUKIT_ERR_DAMAGED,
                            "%s: there is a DFU suffix, but its length or its CRC is wrong", name);
    else if (edit->payload == 0)
        code = dfukit_cli_fail(ui, DFUKIT_ERR_EMPTY, "%s: %s", name,
                               edit->has_suffix ? "nothing but a DFU suffix" : "the file is empty");
    if (code != DFUKIT_EXIT_OK)
        dfukit_cli_edit_free(edit);
    else
        look_inside(edit);
    return code;
}

void dfukit_cli_edit_free(dfukit_cli_edit *edit)
{
    dfukit_cli_file_free(&edit->file);
}

static int put_together(dfukit_cli_output *o, const dfukit_cli_edit *edit, const uint8_t *head,
                        size_t head_size, size_t from, const dfukit_suffix *suffix)
{
    int error = head_size != 0 ? dfukit_cli_output_add(o, head, head_size) : DFUKIT_OK;
    if (error == DFUKIT_OK)
        error = dfukit_cli_output_add(o, edit->file.bytes + from, edit->payload - from);
    if (error == DFUKIT_OK && suffix != NULL)
        error = dfukit_cli_output_suffix(o, suffix);
    return error;
}

int dfukit_cli_edit_write(const dfukit_cli_ui *ui, const dfukit_cli_edit *edit, const char *name,
                          bool replace, const uint8_t *head, size_t head_size, size_t from,
                          const dfukit_suffix *suffix)
{
    dfukit_cli_output o;
    bool in_place = strcmp(name, edit->file.name) == 0;
    if (ui->json && strcmp(name, "-") == 0)
        return dfukit_cli_fail(ui, DFUKIT_ERR_USAGE,
                               "--json and the firmware cannot both go to standard output");
    int code = dfukit_cli_output_begin_raw(ui, &o, name, replace || in_place);
    if (code != DFUKIT_EXIT_OK)
        return code;
    int error = put_together(&o, edit, head, head_size, from, suffix);
    return dfukit_cli_output_close(ui, &o, error);
}

void dfukit_cli_edit_identify(const dfukit_cli_args *args, dfukit_suffix *suffix)
{
    if (args->has_vid)
        suffix->idVendor = args->vid;
    if (args->has_pid)
        suffix->idProduct = args->pid;
    if (args->has_did)
        suffix->bcdDevice = args->did;
    if (args->spec != 0)
        suffix->bcdDFU = args->spec;
}

static const char *id(uint16_t value, char buffer[8])
{
    if (value == DFUKIT_ANY_ID)
        return "any";
    snprintf(buffer, 8, "0x%04x", (unsigned)value);
    return buffer;
}

const char *dfukit_cli_suffix_text(const dfukit_suffix *suffix, char buffer[DFUKIT_CLI_SUFFIX_TEXT])
{
    char vid[8], pid[8], did[8];
    snprintf(buffer, DFUKIT_CLI_SUFFIX_TEXT, "for vendor %s, product %s, version %s; DFU 0x%04x",
             id(suffix->idVendor, vid), id(suffix->idProduct, pid), id(suffix->bcdDevice, did),
             (unsigned)suffix->bcdDFU);
    return buffer;
}

static void id_json(dfukit_cli_json *j, const char *key, uint16_t value)
{
    char buffer[8];
    snprintf(buffer, sizeof buffer, "%04x", (unsigned)value);
    dfukit_cli_json_text(j, key, value != DFUKIT_ANY_ID ? buffer : NULL);
}

void dfukit_cli_suffix_json(dfukit_cli_json *j, const dfukit_suffix *suffix)
{
    char buffer[8];
    id_json(j, "vid", suffix->idVendor);
    id_json(j, "pid", suffix->idProduct);
    id_json(j, "bcd_device", suffix->bcdDevice);
    snprintf(buffer, sizeof buffer, "%04x", (unsigned)suffix->bcdDFU);
    dfukit_cli_json_text(j, "bcd_dfu", buffer);
}

const char *dfukit_cli_prefix_name(dfukit_prefix_kind kind)
{
    return kind == DFUKIT_PREFIX_STELLARIS ? "Stellaris" : "LPC";
}
