/* SPDX-License-Identifier: MIT */
/* What is read from a device: gathered in memory, put where it belongs, written as a file. */
#include "readout.h"

#include <stdlib.h>
#include <string.h>

int dfukit_cli_readout_add(void *self, const uint8_t *bytes, size_t n)
{
    dfukit_cli_readout *r = self;
    size_t room = r->room != 0 ? r->room : 65536;
    while (room - r->size < n) {
        if (room > SIZE_MAX / 2)
            return DFUKIT_ERR_NOMEM;
        room *= 2;
    }
    if (room != r->room) {
        uint8_t *grown = realloc(r->bytes, room);
        if (grown == NULL)
            return DFUKIT_ERR_NOMEM;
        r->bytes = grown;
        r->room = room;
    }
    memcpy(r->bytes + r->size, bytes, n);
    r->size += n;
    return DFUKIT_OK;
}

/* ---- What was read, as runs ---- */

/* The runs that the job asked for, one behind the other in `bytes`. */
typedef struct reading {
    dfukit_plan plan; /* of a device with addresses */
    dfukit_run whole; /* of one without */
    const dfukit_run *runs;
    size_t count;
} reading;

static int find_runs(reading *in, const dfukit_cli_readout *r, const dfukit_job *job,
                     const dfukit_target *target, const dfukit_cli_file *like)
{
    dfukit_plan_fault fault;
    dfukit_allocator allocator = dfukit_allocator_default();
    memset(in, 0, sizeof *in);
    if (dfukit_target_is_dfuse(target)) {
        int error = dfukit_plan_make(&in->plan, job, target, &allocator, &fault);
        in->runs = in->plan.runs;
        in->count = in->plan.run_count;
        return error;
    }
    if (r->size == 0)
        return DFUKIT_OK;
    in->whole.address = like != NULL ? (uint32_t)like->stream.base : 0;
    in->whole.size = (uint32_t)r->size;
    in->runs = &in->whole;
    in->count = 1;
    return DFUKIT_OK;
}

/* The bytes at an address, when `size` of them were read in one run; NULL when not.
   @param alternate  In: the one preferred; out: the one they are from. */
static const uint8_t *find(const dfukit_cli_readout *r, const reading *in, uint64_t address,
                           uint32_t size, uint8_t *alternate)
{
    const uint8_t *found = NULL;
    uint8_t from = 0;
    uint64_t before = 0;
    for (size_t i = 0; i < in->count; i++) {
        const dfukit_run *run = &in->runs[i];
        bool holds = address >= run->address &&
                     address + size <= (uint64_t)run->address + run->size &&
                     before + (address - run->address) + size <= r->size;
        if (holds && (found == NULL || run->alternate == *alternate)) {
            found = r->bytes + before + (address - run->address);
            from = run->alternate;
        }
        before += run->size;
    }
    if (found != NULL)
        *alternate = from;
    return found;
}

static bool add_segment(dfukit_image *image, uint64_t address, uint32_t size, const uint8_t *data,
                        uint8_t alternate)
{
    if (data == NULL)
        return false;
    image->segments[image->count++] = (dfukit_segment){address, size, data, alternate};
    return true;
}

/* What of a segment lies in the job's range. @return false: nothing. */
static bool clip(const dfukit_segment *s, const dfukit_job *job, uint64_t *from, uint64_t *to)
{
    *from = s->address;
    *to = s->address + s->size;
    if (job->range.to != 0) {
        *from = *from < job->range.from ? job->range.from : *from;
        *to = *to > job->range.to ? job->range.to : *to;
    }
    return *from < *to;
}

/* The segments of the file, with the device's bytes. */
static bool as_file(dfukit_cli_readout *r, const reading *in, const dfukit_job *job,
                    const dfukit_image *like)
{
    for (size_t i = 0; i < like->count; i++) {
        const dfukit_segment *s = &like->segments[i];
        uint8_t alternate = s->alternate;
        uint64_t from, to;
        if (!clip(s, job, &from, &to))
            continue;
        const uint8_t *data = find(r, in, from, (uint32_t)(to - from), &alternate);
        if (!add_segment(&r->image, from, (uint32_t)(to - from), data, alternate))
            return false;
    }
    return true;
}

static bool as_read(dfukit_cli_readout *r, const reading *in)
{
    uint64_t before = 0;
    for (size_t i = 0; i < in->count; before += in->runs[i].size, i++) {
        const dfukit_run *run = &in->runs[i];
        if (before + run->size > r->size ||
            !add_segment(&r->image, run->address, run->size, r->bytes + before, run->alternate))
            return false;
    }
    return true;
}

/* ---- The names of alternate settings ---- */

static bool has_target(const dfukit_image *image, uint8_t alternate)
{
    for (size_t i = 0; i < image->target_count; i++) {
        if (image->targets[i].alternate == alternate)
            return true;
    }
    return false;
}

static void add_target(dfukit_image *image, const dfukit_target *t, uint8_t alternate)
{
    dfukit_image_target *out = &image->targets[image->target_count++];
    dfukit_map map;
    memset(out, 0, sizeof *out);
    out->alternate = alternate;
    for (size_t i = 0; i < t->alt_count; i++) {
        if (t->alts[i].number != alternate)
            continue;
        bool mapped = dfukit_target_map(t, i, &map) == DFUKIT_OK;
        snprintf(out->name, sizeof out->name, "%s", mapped ? map.name : t->alts[i].name);
        out->named = out->name[0] != '\0';
    }
}

/* Those of the file it is like, then those that only the device has named. */
static void name_alternates(dfukit_image *image, const dfukit_target *t,
                            const dfukit_cli_file *like)
{
    const dfukit_image *model = like != NULL ? &like->image : NULL;
    for (size_t i = 0; model != NULL && i < model->target_count; i++) {
        for (size_t k = 0; k < image->count; k++) {
            if (image->segments[k].alternate == model->targets[i].alternate &&
                !has_target(image, model->targets[i].alternate))
                image->targets[image->target_count++] = model->targets[i];
        }
    }
    for (size_t k = 0; k < image->count; k++) {
        if (!has_target(image, image->segments[k].alternate))
            add_target(image, t, image->segments[k].alternate);
    }
}

/* ---- ---- */

static int place(dfukit_cli_readout *r, const reading *in, const dfukit_job *job,
                 const dfukit_target *target, const dfukit_cli_file *like)
{
    dfukit_image *image = &r->image;
    size_t most = like != NULL ? like->image.count : in->count;
    image->allocator = dfukit_allocator_default();
    image->addressed = true;
    image->segments = calloc(most + 1, sizeof *image->segments);
    image->targets = calloc(most + 1, sizeof *image->targets);
    if (image->segments == NULL || image->targets == NULL)
        return DFUKIT_ERR_NOMEM;
    if (like != NULL ? !as_file(r, in, job, &like->image) : !as_read(r, in))
        return DFUKIT_ERR_PROTOCOL;
    if (dfukit_target_is_dfuse(target)) {
        image->alternates = true;
        name_alternates(image, target, like);
    }
    return DFUKIT_OK;
}

int dfukit_cli_readout_place(dfukit_cli_readout *r, const dfukit_job *job,
                             const dfukit_target *target, const dfukit_cli_file *like)
{
    reading in;
    int error = find_runs(&in, r, job, target, like);
    if (error == DFUKIT_OK)
        error = place(r, &in, job, target, like);
    dfukit_plan_free(&in.plan);
    return error;
}

static dfukit_format format_of(const dfukit_cli_output *o, bool dfuse)
{
    switch (o->format) {
    case DFUKIT_CLI_OUTPUT_HEX:
        return DFUKIT_FORMAT_IHEX;
    case DFUKIT_CLI_OUTPUT_SREC:
        return DFUKIT_FORMAT_SREC;
    case DFUKIT_CLI_OUTPUT_UF2:
        return DFUKIT_FORMAT_UF2;
    case DFUKIT_CLI_OUTPUT_DFU:
        return dfuse ? DFUKIT_FORMAT_DFUSE : DFUKIT_FORMAT_RAW;
    case DFUKIT_CLI_OUTPUT_ELF:
        return DFUKIT_FORMAT_ELF;
    case DFUKIT_CLI_OUTPUT_RAW:
    case DFUKIT_CLI_OUTPUT_UNKNOWN:
    default:
        return DFUKIT_FORMAT_RAW;
    }
}

int dfukit_cli_readout_write(dfukit_cli_readout *r, const dfukit_target *target,
                             const dfukit_cli_file *like, dfukit_cli_output *o)
{
    dfukit_suffix suffix = {.bcdDevice = DFUKIT_ANY_ID,
                            .idProduct = target->device.idProduct,
                            .idVendor = target->device.idVendor};
    if (like != NULL && like->image.has_suffix)
        suffix = like->image.suffix;
    if (r->image.count == 0) /* an empty memory is an empty file */
        return DFUKIT_OK;
    return dfukit_image_write(&r->image, format_of(o, dfukit_target_is_dfuse(target)), &suffix,
                              dfukit_cli_output_sink, o);
}

void dfukit_cli_readout_free(dfukit_cli_readout *r)
{
    free(r->image.segments);
    free(r->image.targets);
    free(r->bytes);
    memset(r, 0, sizeof *r);
}
