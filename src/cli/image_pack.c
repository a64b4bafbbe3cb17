/* SPDX-License-Identifier: MIT */
/* dfu image pack. */
#include <stdlib.h>
#include <string.h>

#include "exit.h"
#include "image_edit.h"
#include "number.h"
#include "output.h"
#include "report.h"
#include "verbs.h"

/* One argument. */
typedef struct part {
    uint8_t alternate;
    bool has_address;
    uint32_t address;
    dfukit_cli_file file;
} part;

typedef struct pack {
    const dfukit_cli_args *args;
    dfukit_cli_ui *ui;
    size_t count; /* parts that have been read */
    part parts[DFUKIT_CLI_FILES_MAX];
    dfukit_image image;
} pack;

/* ALT:ADDR:FILE, where ADDR may be empty and FILE may have colons. */
static bool parse(const char *text, part *p, const char **name)
{
    char word[32];
    uint64_t n;
    const char *colon = strchr(text, ':');
    const char *second = colon != NULL ? strchr(colon + 1, ':') : NULL;
    if (second == NULL || second[1] == '\0' || (size_t)(colon - text) >= sizeof word ||
        (size_t)(second - colon) >= sizeof word)
        return false;
    snprintf(word, sizeof word, "%.*s", (int)(colon - text), text);
    if (!dfukit_cli_number(word, UINT8_MAX, &n))
        return false;
    p->alternate = (uint8_t)n;
    snprintf(word, sizeof word, "%.*s", (int)(second - colon - 1), colon + 1);
    p->has_address = word[0] != '\0';
    if (p->has_address && !dfukit_cli_number(word, UINT32_MAX, &n))
        return false;
    p->address = p->has_address ? (uint32_t)n : 0;
    *name = second + 1;
    return true;
}

/* A raw file lies where its argument says, one with addresses where it says itself. */
static int place(const pack *k, part *p)
{
    dfukit_image *image = &p->file.image;
    const char *name = p->file.name;
    if (image->format == DFUKIT_FORMAT_DFUSE)
        return dfukit_cli_fail(k->ui, DFUKIT_ERR_MISMATCH,
                               "%s is a DfuSe file already; take it apart with `dfu image unpack`",
                               name);
    if (image->addressed && p->has_address && p->address != image->segments[0].address)
        return dfukit_cli_fail(
            k->ui, DFUKIT_ERR_USAGE, "%s begins at 0x%08llx by itself; write %u::%s", name,
            (unsigned long long)image->segments[0].address, (unsigned)p->alternate, name);
    if (!image->addressed && !p->has_address)
        return dfukit_cli_fail(k->ui, DFUKIT_ERR_USAGE, "%s has no address; write %u:ADDR:%s", name,
                               (unsigned)p->alternate, name);
    if (!image->addressed && (uint64_t)p->address + image->segments[0].size > UINT64_C(1) << 32)
        return dfukit_cli_fail(k->ui, DFUKIT_ERR_USAGE, "%s would end behind 4 GiB", name);
    for (size_t i = 0; i < image->count; i++) {
        if (!image->addressed)
            image->segments[i].address = p->address;
        image->segments[i].alternate = p->alternate;
    }
    return DFUKIT_EXIT_OK;
}

static int load(pack *k, const char *text)
{
    static const dfukit_image_options bytes = {.force_raw = true, .ignore_suffix = true};
    part *p = &k->parts[k->count];
    const char *name;
    if (!parse(text, p, &name))
        return dfukit_cli_fail(k->ui, DFUKIT_ERR_USAGE,
                               "\"%s\" should be ALT:ADDR:FILE, e.g. 0:0x08000000:app.bin", text);
    /* What is called .bin is taken as it is, so that what unpack has written comes back. */
    bool is_bin = dfukit_cli_has_extension(name, ".bin");
    int code = is_bin ? dfukit_cli_file_load_as(k->ui, name, &bytes, &p->file)
                      : dfukit_cli_file_load(k->ui, name, &p->file);
    if (code != DFUKIT_EXIT_OK)
        return code;
    k->count++;
    dfukit_suffix suffix;
    if (is_bin && !k->ui->quiet && dfukit_suffix_decode(p->file.bytes, p->file.size, &suffix) > 0)
        dfukit_cli_say(k->ui, "note: %s ends with a DFU suffix, which is packed like the rest",
                       name);
    return place(k, p);
}

static int compare(const void *left, const void *right)
{
    const dfukit_segment *a = left, *b = right;
    if (a->alternate != b->alternate)
        return a->alternate < b->alternate ? -1 : 1;
    return a->address < b->address ? -1 : a->address > b->address;
}

static int overlap(const pack *k)
{
    for (size_t i = 1; i < k->image.count; i++) {
        const dfukit_segment *before = &k->image.segments[i - 1], *s = before + 1;
        if (s->alternate == before->alternate && s->address < before->address + before->size)
            return dfukit_cli_fail(k->ui, DFUKIT_ERR_MISMATCH,
                                   "alternate setting %u: what begins at 0x%08llx overlaps what "
                                   "begins at 0x%08llx",
                                   (unsigned)s->alternate, (unsigned long long)s->address,
                                   (unsigned long long)before->address);
    }
    return DFUKIT_EXIT_OK;
}

static int gather(pack *k)
{
    size_t count = 0;
    for (size_t i = 0; i < k->count; i++)
        count += k->parts[i].file.image.count;
    k->image.addressed = true;
    k->image.segments = malloc(count * sizeof *k->image.segments);
    if (k->image.segments == NULL)
        return dfukit_cli_fail(k->ui, DFUKIT_ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < k->count; i++) {
        const dfukit_image *image = &k->parts[i].file.image;
        memcpy(k->image.segments + k->image.count, image->segments,
               image->count * sizeof *image->segments);
        k->image.count += image->count;
    }
    qsort(k->image.segments, count, sizeof *k->image.segments, compare);
    return overlap(k);
}

static int write_out(const pack *k)
{
    char bytes[DFUKIT_CLI_GROUP_SIZE];
    dfukit_cli_output o;
    dfukit_outcome outcome = {.bytes = dfukit_image_payload(&k->image)};
    dfukit_cli_result r = {.outcome = &outcome};
    dfukit_suffix suffix = {
        .bcdDevice = DFUKIT_ANY_ID, .idProduct = DFUKIT_ANY_ID, .idVendor = DFUKIT_ANY_ID};
    dfukit_cli_edit_identify(k->args, &suffix);
    int code = dfukit_cli_output_begin_raw(k->ui, &o, k->args->files[0], k->args->force);
    if (code != DFUKIT_EXIT_OK)
        return code;
    int error =
        dfukit_image_write(&k->image, DFUKIT_FORMAT_DFUSE, &suffix, dfukit_cli_output_sink, &o);
    code = dfukit_cli_output_close(k->ui, &o, error);
    if (code != DFUKIT_EXIT_OK)
        return code;
    dfukit_cli_message(&r, "packed: %s in %zu element%s into %s",
                       dfukit_cli_bytes(outcome.bytes, bytes), k->image.count,
                       k->image.count == 1 ? "" : "s", o.name);
    return dfukit_cli_finish(k->ui, &r);
}

int dfukit_cli_image_pack(const dfukit_cli_args *args, dfukit_cli_ui *ui)
{
    pack k = {.args = args, .ui = ui};
    int code = DFUKIT_EXIT_OK;
    if (!dfukit_cli_has_extension(args->files[0], ".dfu"))
        return dfukit_cli_fail(ui, DFUKIT_ERR_USAGE, "%s: the name of a DfuSe file ends in .dfu",
                               args->files[0]);
    for (size_t i = 1; code == DFUKIT_EXIT_OK && i < args->file_count; i++)
        code = load(&k, args->files[i]);
    if (code == DFUKIT_EXIT_OK)
        code = gather(&k);
    if (code == DFUKIT_EXIT_OK)
        code = write_out(&k);
    free(k.image.segments);
    for (size_t i = 0; i < k.count; i++)
        dfukit_cli_file_free(&k.parts[i].file);
    return code;
}
