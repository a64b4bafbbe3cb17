/* SPDX-License-Identifier: MIT */
/* dfu image convert. */
#include <stdlib.h>
#include <string.h>

#include "exit.h"
#include "image_edit.h"
#include "output.h"
#include "report.h"
#include "verbs.h"

typedef struct conversion {
    const dfukit_cli_args *args;
    dfukit_cli_ui *ui;
    dfukit_cli_file file;
    dfukit_image image; /* what is left of the file's; owns `segments` alone */
    dfukit_format format;
    bool has_suffix; /* raw, closed by a suffix */
    dfukit_suffix suffix;
} conversion;

static const char *in_name(const conversion *c)
{
    return c->args->files[0];
}

/* ---- What is asked for ---- */

static int choose_dfu(conversion *c)
{
    bool addressed = c->file.image.addressed || c->args->has_at;
    bool dfuse = c->args->spec != 0 ? c->args->spec == 0x011A : addressed;
    if (dfuse && !addressed)
        return dfukit_cli_fail(c->ui, DFUKIT_ERR_USAGE,
                               "a DfuSe file has addresses, and %s has none: give --at ADDR",
                               in_name(c));
    c->format = dfuse ? DFUKIT_FORMAT_DFUSE : DFUKIT_FORMAT_RAW;
    c->has_suffix = !dfuse;
    return DFUKIT_EXIT_OK;
}

static dfukit_cli_output_format wanted(const dfukit_cli_args *args)
{
    const char *out = args->files[1];
    return strcmp(out, "-") == 0 ? DFUKIT_CLI_OUTPUT_RAW : dfukit_cli_output_format_of(out);
}

/* Before anything is read. */
static int check_name(const dfukit_cli_args *args, const dfukit_cli_ui *ui)
{
    const char *out = args->files[1];
    if (ui->json && strcmp(out, "-") == 0)
        return dfukit_cli_fail(ui, DFUKIT_ERR_USAGE,
                               "--json and the firmware cannot both go to standard output");
    if (wanted(args) == DFUKIT_CLI_OUTPUT_UNKNOWN)
        return dfukit_cli_fail(ui, DFUKIT_ERR_USAGE,
                               "%s: its name should end in .bin, .hex, .srec, .elf, .uf2 or .dfu",
                               out);
    return DFUKIT_EXIT_OK;
}

static int choose_format(conversion *c)
{
    c->format = DFUKIT_FORMAT_RAW;
    switch (wanted(c->args)) {
    case DFUKIT_CLI_OUTPUT_HEX:
        c->format = DFUKIT_FORMAT_IHEX;
        break;
    case DFUKIT_CLI_OUTPUT_SREC:
        c->format = DFUKIT_FORMAT_SREC;
        break;
    case DFUKIT_CLI_OUTPUT_UF2:
        c->format = DFUKIT_FORMAT_UF2;
        break;
    case DFUKIT_CLI_OUTPUT_ELF:
        c->format = DFUKIT_FORMAT_ELF;
        break;
    case DFUKIT_CLI_OUTPUT_DFU:
        return choose_dfu(c);
    case DFUKIT_CLI_OUTPUT_RAW:
    case DFUKIT_CLI_OUTPUT_UNKNOWN:
        break;
    }
    return DFUKIT_EXIT_OK;
}

/* Options that mean nothing for these two formats are mistakes. */
static int check_options(const conversion *c)
{
    const dfukit_cli_args *a = c->args;
    bool dfu = c->format == DFUKIT_FORMAT_DFUSE || c->has_suffix;
    const char *why = NULL;
    if (a->has_at && c->file.image.addressed)
        why = "--at is for raw files: this one has addresses of its own";
    else if (!dfu && (a->has_vid || a->has_pid || a->has_did || a->spec != 0))
        why = "--vid, --pid, --did and --spec are for the suffix of a .dfu file";
    else if (a->has_family && c->format != DFUKIT_FORMAT_UF2)
        why = "--family is for .uf2 files";
    else if (a->has_alt && !c->file.image.alternates && c->format != DFUKIT_FORMAT_DFUSE)
        why = "-a is for DfuSe files, and neither of these is one";
    else if (a->has_alt && !c->file.image.alternates && a->alt_name != NULL)
        why = "-a wants a number where there are no names";
    return why == NULL ? DFUKIT_EXIT_OK
                       : dfukit_cli_fail(c->ui, DFUKIT_ERR_USAGE, "%s: %s", in_name(c), why);
}

/* ---- What is left of the image ---- */

static bool is_chosen(const conversion *c, uint8_t alternate)
{
    const dfukit_image *image = &c->file.image;
    if (!c->args->has_alt || !image->alternates)
        return true;
    if (c->args->alt_name == NULL)
        return alternate == c->args->alt;
    for (size_t i = 0; i < image->target_count; i++) {
        if (image->targets[i].alternate == alternate && image->targets[i].named &&
            strcmp(image->targets[i].name, c->args->alt_name) == 0)
            return true;
    }
    return false;
}

/* A segment as far as --range reaches. */
static bool clip(const conversion *c, dfukit_segment *s)
{
    dfukit_range range = c->args->has_range ? c->args->range : DFUKIT_RANGE_ALL;
    uint64_t from = s->address > range.from ? s->address : range.from;
    uint64_t to = s->address + s->size < range.to ? s->address + s->size : range.to;
    if (from >= to)
        return false;
    s->data += from - s->address;
    s->address = from;
    s->size = (uint32_t)(to - from);
    return true;
}

static int choose_segments(conversion *c)
{
    const dfukit_image *all = &c->file.image;
    c->image = *all;
    c->image.count = 0;
    c->image.segments = malloc(all->count * sizeof *all->segments);
    if (c->image.segments == NULL)
        return dfukit_cli_fail(c->ui, DFUKIT_ERR_NOMEM, "%s: out of memory", in_name(c));
    for (size_t i = 0; i < all->count; i++) {
        dfukit_segment s = all->segments[i];
        if (c->args->has_at)
            s.address += c->args->at;
        if (s.address + s.size > UINT64_C(1) << 32)
            return dfukit_cli_fail(c->ui, DFUKIT_ERR_USAGE, "--at 0x%lx: %s would end behind 4 GiB",
                                   (unsigned long)c->args->at, in_name(c));
        if (c->args->has_alt && !all->alternates)
            s.alternate = c->args->alt;
        if (is_chosen(c, s.alternate) && clip(c, &s))
            c->image.segments[c->image.count++] = s;
    }
    if (c->image.count == 0)
        return dfukit_cli_fail(c->ui, DFUKIT_ERR_EMPTY, "%s has nothing %s", in_name(c),
                               c->args->has_alt ? "for that alternate setting and range"
                                                : "in that range");
    if (c->args->has_family) {
        c->image.has_family = true;
        c->image.family = c->args->family;
    }
    return DFUKIT_EXIT_OK;
}

/* ---- What the format cannot hold ---- */

static int check_alternates(const conversion *c)
{
    const dfukit_segment *first = &c->image.segments[0];
    const dfukit_segment *last = &c->image.segments[c->image.count - 1];
    dfukit_cli_result r = {.error = DFUKIT_ERR_MISMATCH};
    if (c->format == DFUKIT_FORMAT_DFUSE || first->alternate == last->alternate)
        return DFUKIT_EXIT_OK;
    dfukit_cli_message(&r, "%s is for alternate settings %u to %u, and %s has room for one",
                       in_name(c), (unsigned)first->alternate, (unsigned)last->alternate,
                       c->args->files[1]);
    snprintf(r.remedy, sizeof r.remedy, "choose one: -a %u", (unsigned)first->alternate);
    return dfukit_cli_finish(c->ui, &r);
}

static int check_gaps(const conversion *c)
{
    dfukit_stream stream;
    size_t far = 0;
    dfukit_cli_result r = {.error = DFUKIT_ERR_TOO_LARGE};
    if (c->format != DFUKIT_FORMAT_RAW ||
        dfukit_stream_init(&stream, &c->image, DFUKIT_RANGE_ALL, &far) == DFUKIT_OK)
        return DFUKIT_EXIT_OK;
    const dfukit_segment *s = c->image.segments;
    if (far == 0 || far >= c->image.count)
        return dfukit_cli_fail(c->ui, r.error, "%s: %s", in_name(c), dfukit_error_text(r.error));
    unsigned long long end = s[far - 1].address + s[far - 1].size;
    dfukit_cli_message(&r,
                       "%s: the segment at 0x%08llx (%lu bytes) lies too far behind the one that "
                       "ends at 0x%08llx: raw binary has no addresses, and the gap would have to "
                       "be filled",
                       in_name(c), (unsigned long long)s[far].address, (unsigned long)s[far].size,
                       end);
    snprintf(r.remedy, sizeof r.remedy, "convert a part of it: --range 0x%llx:0x%llx",
             (unsigned long long)s[0].address, end);
    return dfukit_cli_finish(c->ui, &r);
}

/* ---- Writing ---- */

static void identify(conversion *c)
{
    static const dfukit_suffix any = {.bcdDevice = DFUKIT_ANY_ID,
                                      .idProduct = DFUKIT_ANY_ID,
                                      .idVendor = DFUKIT_ANY_ID,
                                      .bcdDFU = 0x0100};
    c->suffix = c->file.image.has_suffix ? c->file.image.suffix : any;
    if (c->suffix.bcdDFU == 0x011A)
        c->suffix.bcdDFU = 0x0100;
    dfukit_cli_edit_identify(c->args, &c->suffix);
}

static int report(const conversion *c)
{
    char bytes[DFUKIT_CLI_GROUP_SIZE];
    dfukit_outcome outcome = {.bytes = dfukit_image_payload(&c->image)};
    dfukit_cli_result r = {.outcome = &outcome};
    dfukit_cli_bytes(outcome.bytes, bytes);
    if (strcmp(c->args->files[1], "-") == 0)
        dfukit_cli_message(&r, "converted: %s", bytes);
    else
        dfukit_cli_message(&r, "converted: %s into %s, %s%s", bytes, c->args->files[1],
                           dfukit_format_name(c->format),
                           c->has_suffix ? " with a DFU suffix" : "");
    return dfukit_cli_finish_file(c->ui, &r, c->args->files[1]);
}

static int write_out(conversion *c)
{
    dfukit_cli_output o;
    identify(c);
    int code = dfukit_cli_output_begin_raw(c->ui, &o, c->args->files[1], c->args->force);
    if (code != DFUKIT_EXIT_OK)
        return code;
    int error = dfukit_image_write(&c->image, c->format, &c->suffix, dfukit_cli_output_sink, &o);
    if (error == DFUKIT_OK && c->has_suffix)
        error = dfukit_cli_output_suffix(&o, &c->suffix);
    code = dfukit_cli_output_close(c->ui, &o, error);
    return code == DFUKIT_EXIT_OK ? report(c) : code;
}

int dfukit_cli_image_convert(const dfukit_cli_args *args, dfukit_cli_ui *ui)
{
    conversion c = {.args = args, .ui = ui};
    int code = check_name(args, ui);
    if (code != DFUKIT_EXIT_OK)
        return code;
    code = dfukit_cli_file_load(ui, args->files[0], &c.file);
    if (code != DFUKIT_EXIT_OK)
        return code;
    code = choose_format(&c);
    if (code == DFUKIT_EXIT_OK)
        code = check_options(&c);
    if (code == DFUKIT_EXIT_OK)
        code = choose_segments(&c);
    if (code == DFUKIT_EXIT_OK)
        code = check_alternates(&c);
    if (code == DFUKIT_EXIT_OK)
        code = check_gaps(&c);
    if (code == DFUKIT_EXIT_OK)
        code = write_out(&c);
    free(c.image.segments);
    dfukit_cli_file_free(&c.file);
    return code;
}
