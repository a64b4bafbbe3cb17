/* SPDX-License-Identifier: MIT */
/* Firmware files: read whole, parsed, and laid out as a stream. */
#include "file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dfukit/session.h"
#include "exit.h"
#include "report.h"

/* No microcontroller has more, and a mistyped name must not fill the memory. */
#define SIZE_LIMIT (512u * 1024u * 1024u)

bool dfukit_cli_has_extension(const char *name, const char *extension)
{
    size_t n = strlen(name), m = strlen(extension);
    return n > m && strcasecmp(name + n - m, extension) == 0;
}

/* Read to the end. @return 0, or an errno; EFBIG above the limit. */
static int slurp(FILE *from, dfukit_cli_file *file)
{
    size_t room = 0;
    for (;;) {
        if (file->size == room) {
            room = room == 0 ? 65536 : room * 2;
            uint8_t *grown = realloc(file->bytes, room);
            if (grown == NULL)
                return ENOMEM;
            file->bytes = grown;
        }
        size_t n = fread(file->bytes + file->size, 1, room - file->size, from);
        file->size += n;
        if (file->size > SIZE_LIMIT)
            return EFBIG;
        if (n == 0)
            return ferror(from) != 0 ? (errno != 0 ? errno : EIO) : 0;
    }
}

static int read_whole(const char *name, dfukit_cli_file *file)
{
    errno = 0;
    bool standard = strcmp(name, "-") == 0;
    FILE *from = standard ? stdin : fopen(name, "rb");
    if (from == NULL)
        return errno;
    int error = slurp(from, file);
    if (!standard)
        fclose(from);
    return error;
}

static int refused(const dfukit_cli_ui *ui, const char *name, int error,
                   const dfukit_image_fault *fault)
{
    if (error == DFUKIT_ERR_NOMEM)
        return dfukit_cli_fail(ui, error, "%s: %s", name, dfukit_error_text(error));
    if (fault->has_line)
        return dfukit_cli_fail(ui, error, "%s: line %zu: %s", name, fault->line, fault->what);
    if (error == DFUKIT_ERR_EMPTY)
        return dfukit_cli_fail(ui, error, "%s: %s", name, fault->what);
    return dfukit_cli_fail(ui, error, "%s: %s (at byte %zu)", name, fault->what, fault->offset);
}

/* A name that promises a DFU suffix, and a file that lacks nothing else. */
static bool lacks_suffix(const dfukit_cli_file *file, const dfukit_image_options *options)
{
    dfukit_allocator allocator = dfukit_allocator_default();
    dfukit_image image;
    if (options == NULL || !options->need_suffix)
        return false;
    dfukit_image_options without = *options;
    without.need_suffix = false;
    int error = dfukit_image_parse(&image, file->bytes, file->size, &without, &allocator, NULL);
    if (error != DFUKIT_OK)
        return false;
    dfukit_image_free(&image);
    return true;
}

static int suffix_missing(const dfukit_cli_ui *ui, const char *name, int error)
{
    dfukit_cli_result r = {.error = error};
    dfukit_cli_message(&r, "%s: the DFU suffix is missing, which its name promises", name);
    snprintf(r.remedy, sizeof r.remedy,
             "if it is the right file: `dfu image suffix add FILE`, or another name");
    return dfukit_cli_finish(ui, &r);
}

// clang-format off
/* What a name promises; what this version does not read has no format. */
static const struct {
    const char *extension;
    dfukit_format format;
    const char *unread;
} promises[] = {
    {".hex",  DFUKIT_FORMAT_IHEX,  NULL},
    {".ihex", DFUKIT_FORMAT_IHEX,  NULL},
    {".ihx",  DFUKIT_FORMAT_IHEX,  NULL},
    {".elf",  DFUKIT_FORMAT_ELF,   NULL},
    {".srec", DFUKIT_FORMAT_SREC,  NULL},
    {".mhx",  DFUKIT_FORMAT_SREC,  NULL},
    {".s19",  DFUKIT_FORMAT_SREC,  NULL},
    {".s28",  DFUKIT_FORMAT_SREC,  NULL},
    {".s37",  DFUKIT_FORMAT_SREC,  NULL},
    {".mot",  DFUKIT_FORMAT_SREC,  NULL},
    {".uf2",  DFUKIT_FORMAT_UF2,   NULL},
    {".gz",   DFUKIT_FORMAT_COUNT, "compressed files: unpack it first"},
    {".xz",   DFUKIT_FORMAT_COUNT, "compressed files: unpack it first"},
    {".zip",  DFUKIT_FORMAT_COUNT, "archives: unpack it first"},
};
// clang-format on

/* A file that is not what its name says would be written as it lies there. */
static int check_name(const dfukit_cli_ui *ui, const dfukit_cli_file *file)
{
    for (size_t i = 0; i < sizeof promises / sizeof *promises; i++) {
        if (!dfukit_cli_has_extension(file->name, promises[i].extension) ||
            promises[i].format == file->image.format)
            continue;
        if (promises[i].unread != NULL)
            return dfukit_cli_fail(ui, DFUKIT_ERR_MISMATCH, "%s: this version does not read %s",
                                   file->name, promises[i].unread);
        return dfukit_cli_fail(ui, DFUKIT_ERR_DAMAGED, "%s: its name says %s, its content is not",
                               file->name, dfukit_format_name(promises[i].format));
    }
    return DFUKIT_EXIT_OK;
}

int dfukit_cli_file_read(const dfukit_cli_ui *ui, const char *name, dfukit_cli_file *file)
{
    memset(file, 0, sizeof *file);
    file->name = name;
    int error = read_whole(name, file);
    if (error == 0)
        return DFUKIT_EXIT_OK;
    dfukit_cli_file_free(file);
    if (error == ENOMEM)
        return dfukit_cli_fail(ui, DFUKIT_ERR_NOMEM, "%s: out of memory", name);
    return dfukit_cli_fail_with(ui, error == EFBIG ? DFUKIT_ERR_TOO_LARGE : DFUKIT_ERR_IO,
                                DFUKIT_EXIT_FILE, "%s: %s", name,
                                error == EFBIG ? "larger than 512 MiB" : strerror(error));
}

int dfukit_cli_file_load(const dfukit_cli_ui *ui, const char *name, dfukit_cli_file *file)
{
    dfukit_image_options options = {.need_suffix = dfukit_cli_has_extension(name, ".dfu")};
    return dfukit_cli_file_load_as(ui, name, &options, file);
}

int dfukit_cli_file_load_as(const dfukit_cli_ui *ui, const char *name,
                            const dfukit_image_options *options, dfukit_cli_file *file)
{
    int code = dfukit_cli_file_read(ui, name, file);
    if (code == DFUKIT_EXIT_OK) {
        dfukit_image_fault fault = {.what = "the file cannot be read"};
        dfukit_allocator allocator = dfukit_allocator_default();
        int error =
            dfukit_image_parse(&file->image, file->bytes, file->size, options, &allocator, &fault);
        if (error == DFUKIT_ERR_DAMAGED && lacks_suffix(file, options))
            code = suffix_missing(ui, name, error);
        else if (error != DFUKIT_OK)
            code = refused(ui, name, error, &fault);
        else if (!options->force_raw)
            code = check_name(ui, file);
    }
    if (code != DFUKIT_EXIT_OK)
        dfukit_cli_file_free(file);
    return code;
}

void dfukit_cli_file_free(dfukit_cli_file *file)
{
    dfukit_image_free(&file->image);
    free(file->bytes);
    file->bytes = NULL;
    file->size = 0;
}

/* A gap too large to be filled: name both sides, and the range that would do without the far one.
 */
static int gap(const dfukit_cli_ui *ui, const dfukit_cli_args *args, const dfukit_cli_file *file,
               size_t far)
{
    const dfukit_image *image = &file->image;
    const dfukit_segment *last = &image->segments[far];
    dfukit_cli_result r = {.error = DFUKIT_ERR_TOO_LARGE};
    if (far == 0 || far >= image->count)
        return dfukit_cli_fail(ui, r.error, "%s: %s", file->name, dfukit_error_text(r.error));
    const dfukit_segment *first = &image->segments[0], *before = &image->segments[far - 1];
    dfukit_cli_message(&r,
                       "%s: the segment at 0x%08llx (%lu bytes) lies too far behind the one that "
                       "ends at 0x%08llx: the device has no addresses, and the gap would have to "
                       "be written",
                       file->name, (unsigned long long)last->address, (unsigned long)last->size,
                       (unsigned long long)(before->address + before->size));
    snprintf(r.remedy, sizeof r.remedy, "%s a part of it: --range 0x%llx:0x%llx",
             args->verb->bit == DFUKIT_CLI_VERIFY ? "compare" : "write",
             (unsigned long long)first->address,
             (unsigned long long)(before->address + before->size));
    if (!dfukit_cli_options_fit(args->verb, r.remedy))
        r.remedy[0] = '\0';
    return dfukit_cli_finish(ui, &r);
}

/* A file without addresses lies where --at says, else at 0. */
static int place_raw(const dfukit_cli_ui *ui, const dfukit_cli_args *args, dfukit_cli_file *file)
{
    dfukit_segment *only = &file->image.segments[0];
    if (file->image.addressed || !args->has_at || file->image.count != 1)
        return DFUKIT_EXIT_OK;
    if ((uint64_t)args->at + only->size > UINT64_C(1) << 32)
        return dfukit_cli_fail(ui, DFUKIT_ERR_USAGE, "--at 0x%lx: %s would end behind 4 GiB",
                               (unsigned long)args->at, file->name);
    only->address = args->at;
    return DFUKIT_EXIT_OK;
}

/* A file with addresses is sent from --at on: what lies below is left out, what is missing before
   its first byte is filled as erased flash reads. */
static int begin_at(const dfukit_cli_ui *ui, const dfukit_cli_file *file, uint32_t at,
                    dfukit_stream *stream)
{
    if (at >= stream->base)
        return DFUKIT_EXIT_OK;
    uint64_t before = stream->base - at;
    if (before > DFUKIT_GAP_LIMIT || before + stream->length > UINT32_MAX)
        return dfukit_cli_fail(ui, DFUKIT_ERR_TOO_LARGE,
                               "%s begins at 0x%08llx, too far behind --at 0x%08lx", file->name,
                               (unsigned long long)stream->base, (unsigned long)at);
    stream->base = at;
    stream->length += (uint32_t)before;
    return DFUKIT_EXIT_OK;
}

/* One stream, for a device without addresses. */
static int lay_out(const dfukit_cli_ui *ui, const dfukit_cli_args *args, dfukit_cli_file *file,
                   dfukit_range range)
{
    size_t far = 0;
    int error = dfukit_stream_init(&file->stream, &file->image, range, &far);
    if (error == DFUKIT_ERR_TOO_LARGE)
        return gap(ui, args, file, far);
    if (error == DFUKIT_ERR_EMPTY)
        return dfukit_cli_fail(ui, error, "%s has nothing from 0x%llx up to 0x%llx", file->name,
                               (unsigned long long)range.from, (unsigned long long)range.to);
    if (error != DFUKIT_OK)
        return dfukit_cli_fail(ui, error, "%s: %s", file->name, dfukit_error_text(error));
    if (file->image.addressed && args->has_at)
        return begin_at(ui, file, args->at, &file->stream);
    if (args->has_at && !ui->quiet)
        dfukit_cli_say(ui, "note: a plain DFU device has no addresses: the file goes to its start");
    return DFUKIT_EXIT_OK;
}

int dfukit_cli_file_payload(const dfukit_cli_ui *ui, const dfukit_cli_args *args,
                            dfukit_cli_file *file, const dfukit_target *target, dfukit_job *job)
{
    dfukit_range range = args->has_range ? args->range : DFUKIT_RANGE_ALL;
    int code = place_raw(ui, args, file);
    if (code != DFUKIT_EXIT_OK)
        return code;
    if (file->image.addressed && args->has_at && args->at > range.from)
        range.from = args->at;
    job->image = &file->image;
    job->unplaced = !file->image.addressed && !args->has_at;
    job->range = range;
    job->suffix = file->image.has_suffix ? &file->image.suffix : NULL;
    if (dfukit_target_is_dfuse(target))
        return DFUKIT_EXIT_OK;
    /* An application may be plain DFU where its loader is DfuSe: that is seen in DFU mode only. */
    if (file->image.alternates && target->mode == DFUKIT_MODE_RUNTIME && !args->dry_run)
        return DFUKIT_EXIT_OK;
    if (file->image.alternates)
        return dfukit_cli_fail(ui, DFUKIT_ERR_MISMATCH,
                               "%s: a DfuSe file, for devices with DfuSe (DFU 1.1a) only",
                               file->name);
    job->stream = &file->stream;
    return lay_out(ui, args, file, range);
}
