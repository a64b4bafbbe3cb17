/* SPDX-License-Identifier: MIT */
/* dfu image info. */
#include "exit.h"
#include "file.h"
#include "json.h"
#include "report.h"
#include "verbs.h"

static const char *id(uint16_t value, char buffer[8])
{
    if (value == DFUKIT_ANY_ID)
        return "any";
    snprintf(buffer, 8, "0x%04x", (unsigned)value);
    return buffer;
}

static void text(const dfukit_cli_ui *ui, const dfukit_cli_file *file)
{
    const dfukit_image *image = &file->image;
    char bytes[DFUKIT_CLI_GROUP_SIZE], vid[8], pid[8], did[8];
    dfukit_cli_put(ui, ui->out, DFUKIT_CLI_BOLD, "%s", file->name);
    putc('\n', ui->out);
    dfukit_cli_print(ui, "  format    %s", dfukit_format_name(image->format));
    dfukit_cli_print(ui, "  payload   %s in %zu segment%s",
                     dfukit_cli_bytes(dfukit_image_payload(image), bytes), image->count,
                     image->count == 1 ? "" : "s");
    for (size_t i = 0; i < image->count; i++) {
        const dfukit_segment *s = &image->segments[i];
        if (image->addressed)
            dfukit_cli_print(
                ui, "  segment   0x%08llx to 0x%08llx, %s", (unsigned long long)s->address,
                (unsigned long long)(s->address + s->size - 1), dfukit_cli_bytes(s->size, bytes));
    }
    if (image->has_entry)
        dfukit_cli_print(ui, "  entry     0x%08llx", (unsigned long long)image->entry);
    if (image->has_suffix)
        dfukit_cli_print(ui,
                         "  suffix    for vendor %s, product %s, version %s; DFU 0x%04x; "
                         "CRC 0x%08lx, right",
                         id(image->suffix.idVendor, vid), id(image->suffix.idProduct, pid),
                         id(image->suffix.bcdDevice, did), (unsigned)image->suffix.bcdDFU,
                         (unsigned long)image->suffix.dwCRC);
    else
        dfukit_cli_print(ui, "  suffix    none");
}

static void id_json(dfukit_cli_json *j, const char *key, uint16_t value)
{
    char buffer[8];
    snprintf(buffer, sizeof buffer, "%04x", (unsigned)value);
    dfukit_cli_json_text(j, key, value != DFUKIT_ANY_ID ? buffer : NULL);
}

static void json(const dfukit_cli_ui *ui, const dfukit_cli_file *file)
{
    const dfukit_image *image = &file->image;
    dfukit_cli_json j = {.to = ui->out};
    dfukit_cli_json_object(&j, NULL);
    dfukit_cli_json_text(&j, "file", file->name);
    dfukit_cli_json_text(&j, "format", dfukit_format_name(image->format));
    dfukit_cli_json_number(&j, "payload", dfukit_image_payload(image));
    dfukit_cli_json_array(&j, "segments");
    for (size_t i = 0; i < image->count; i++) {
        dfukit_cli_json_object(&j, NULL);
        if (image->addressed)
            dfukit_cli_json_number(&j, "address", image->segments[i].address);
        else
            dfukit_cli_json_null(&j, "address");
        dfukit_cli_json_number(&j, "size", image->segments[i].size);
        dfukit_cli_json_end(&j);
    }
    dfukit_cli_json_end(&j);
    if (image->has_entry)
        dfukit_cli_json_number(&j, "entry", image->entry);
    else
        dfukit_cli_json_null(&j, "entry");
    if (image->has_suffix) {
        dfukit_cli_json_object(&j, "suffix");
        id_json(&j, "vid", image->suffix.idVendor);
        id_json(&j, "pid", image->suffix.idProduct);
        id_json(&j, "bcd_device", image->suffix.bcdDevice);
        dfukit_cli_json_end(&j);
    } else {
        dfukit_cli_json_null(&j, "suffix");
    }
    dfukit_cli_json_end(&j);
}

int dfukit_cli_image_info(const dfukit_cli_args *args, dfukit_cli_ui *ui)
{
    dfukit_cli_file file;
    int code = dfukit_cli_file_load(ui, args->files[0], &file);
    if (code != DFUKIT_EXIT_OK)
        return code;
    if (ui->json)
        json(ui, &file);
    else
        text(ui, &file);
    dfukit_cli_file_free(&file);
    return code;
}
