/* SPDX-License-Identifier: MIT */
/* dfu image info. */
#include "exit.h"
#include "image_edit.h"
#include "report.h"
#include "verbs.h"

static const char *name_of(const dfukit_image *image, uint8_t alternate)
{
    for (size_t i = 0; i < image->target_count; i++) {
        if (image->targets[i].alternate == alternate && image->targets[i].named)
            return image->targets[i].name;
    }
    return NULL;
}

/* A loader's prefix: only raw binary has one. */
static dfukit_prefix_kind prefix_of(const dfukit_image *image, uint32_t *address)
{
    const dfukit_segment *s = &image->segments[0];
    if (image->format != DFUKIT_FORMAT_RAW)
        return DFUKIT_PREFIX_NONE;
    return dfukit_prefix_find(s->data, s->size, NULL, address);
}

/* ---- Text ---- */

static void segments_text(const dfukit_cli_ui *ui, const dfukit_image *image)
{
    char bytes[DFUKIT_CLI_GROUP_SIZE];
    for (size_t i = 0; image->addressed && i < image->count; i++) {
        const dfukit_segment *s = &image->segments[i];
        if (image->alternates && (i == 0 || s[-1].alternate != s->alternate)) {
            const char *name = name_of(image, s->alternate);
            dfukit_cli_print(ui, "  alternate %u%s%s", (unsigned)s->alternate,
                             name != NULL ? ", " : "", name != NULL ? name : "");
        }
        dfukit_cli_print(ui, "  %s   0x%08llx to 0x%08llx, %s",
                         image->alternates ? "element" : "segment", (unsigned long long)s->address,
                         (unsigned long long)(s->address + s->size - 1),
                         dfukit_cli_bytes(s->size, bytes));
    }
}

static void text(const dfukit_cli_ui *ui, const dfukit_cli_file *file)
{
    const dfukit_image *image = &file->image;
    char bytes[DFUKIT_CLI_GROUP_SIZE], suffix[DFUKIT_CLI_SUFFIX_TEXT];
    uint32_t address = 0;
    dfukit_prefix_kind prefix = prefix_of(image, &address);
    dfukit_cli_put(ui, ui->out, DFUKIT_CLI_BOLD, "%s", file->name);
    putc('\n', ui->out);
    dfukit_cli_print(ui, "  format    %s", dfukit_format_name(image->format));
    dfukit_cli_print(ui, "  payload   %s in %zu %s%s",
                     dfukit_cli_bytes(dfukit_image_payload(image), bytes), image->count,
                     image->alternates ? "element" : "segment", image->count == 1 ? "" : "s");
    segments_text(ui, image);
    if (image->has_entry)
        dfukit_cli_print(ui, "  entry     0x%08llx", (unsigned long long)image->entry);
    if (image->has_family)
        dfukit_cli_print(ui, "  family    0x%08lx", (unsigned long)image->family);
    if (prefix == DFUKIT_PREFIX_STELLARIS)
        dfukit_cli_print(ui, "  prefix    Stellaris, to 0x%08lx", (unsigned long)address);
    else if (prefix == DFUKIT_PREFIX_LPC)
        dfukit_cli_print(ui, "  prefix    LPC");
    if (image->has_suffix)
        dfukit_cli_print(ui, "  suffix    %s; CRC 0x%08lx, right",
                         dfukit_cli_suffix_text(&image->suffix, suffix),
                         (unsigned long)image->suffix.dwCRC);
    else
        dfukit_cli_print(ui, "  suffix    none");
}

/* ---- JSON ---- */

static void number_or_null(dfukit_cli_json *j, const char *key, bool known, uint64_t value)
{
    if (known)
        dfukit_cli_json_number(j, key, value);
    else
        dfukit_cli_json_null(j, key);
}

static void segments_json(dfukit_cli_json *j, const dfukit_image *image)
{
    dfukit_cli_json_array(j, "segments");
    for (size_t i = 0; i < image->count; i++) {
        const dfukit_segment *s = &image->segments[i];
        dfukit_cli_json_object(j, NULL);
        number_or_null(j, "alternate", image->alternates, s->alternate);
        number_or_null(j, "address", image->addressed, s->address);
        dfukit_cli_json_number(j, "size", s->size);
        dfukit_cli_json_end(j);
    }
    dfukit_cli_json_end(j);
    dfukit_cli_json_array(j, "targets");
    for (size_t i = 0; i < image->target_count; i++) {
        const dfukit_image_target *t = &image->targets[i];
        dfukit_cli_json_object(j, NULL);
        dfukit_cli_json_number(j, "alternate", t->alternate);
        dfukit_cli_json_text(j, "name", t->named ? t->name : NULL);
        dfukit_cli_json_end(j);
    }
    dfukit_cli_json_end(j);
}

static void prefix_json(dfukit_cli_json *j, const dfukit_image *image)
{
    uint32_t address = 0;
    dfukit_prefix_kind prefix = prefix_of(image, &address);
    if (prefix == DFUKIT_PREFIX_NONE) {
        dfukit_cli_json_null(j, "prefix");
        return;
    }
    dfukit_cli_json_object(j, "prefix");
    dfukit_cli_json_text(j, "type", prefix == DFUKIT_PREFIX_STELLARIS ? "stellaris" : "lpc");
    number_or_null(j, "address", prefix == DFUKIT_PREFIX_STELLARIS, address);
    dfukit_cli_json_end(j);
}

static void json(const dfukit_cli_ui *ui, const dfukit_cli_file *file)
{
    const dfukit_image *image = &file->image;
    dfukit_cli_json j = {.to = ui->out};
    dfukit_cli_json_object(&j, NULL);
    dfukit_cli_json_text(&j, "file", file->name);
    dfukit_cli_json_text(&j, "format", dfukit_format_name(image->format));
    dfukit_cli_json_number(&j, "payload", dfukit_image_payload(image));
    segments_json(&j, image);
    number_or_null(&j, "entry", image->has_entry, image->entry);
    number_or_null(&j, "family", image->has_family, image->family);
    prefix_json(&j, image);
    if (image->has_suffix) {
        dfukit_cli_json_object(&j, "suffix");
        dfukit_cli_suffix_json(&j, &image->suffix);
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
