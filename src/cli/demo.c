/* SPDX-License-Identifier: MIT */
/* dfu demo: a whole upgrade on a virtual device, explained, and checked from both ends. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exit.h"
#include "file.h"
#include "job.h"
#include "json.h"
#include "story.h"
#include "verbs.h"

#define PERSONA        "tomu"
#define FIRMWARE       "/usr/lib/firmware-tomu/toboot-booster.dfu" /* Debian's firmware-tomu */
#define GENERATED_NAME "made up for this demo"
#define GENERATED_SIZE 6660u

/* Bytes that look like nothing in particular (a linear congruential generator), when there is no
   real firmware at hand. */
static int generate(const dfukit_cli_ui *ui, dfukit_cli_file *file)
{
    memset(file, 0, sizeof *file);
    dfukit_allocator allocator = dfukit_allocator_default();
    dfukit_image_options raw = {.force_raw = true, .ignore_suffix = true};
    uint32_t x = 1;
    int error = DFUKIT_ERR_NOMEM;
    file->name = GENERATED_NAME;
    file->bytes = malloc(GENERATED_SIZE);
    if (file->bytes != NULL) {
        file->size = GENERATED_SIZE;
        for (size_t i = 0; i < file->size; i++) {
            x = x * 1664525u + 1013904223u;
            file->bytes[i] = (uint8_t)(x >> 24);
        }
        error = dfukit_image_parse(&file->image, file->bytes, file->size, &raw, &allocator, NULL);
    }
    if (error == DFUKIT_OK)
        return DFUKIT_EXIT_OK;
    dfukit_cli_file_free(file);
    return dfukit_cli_fail(ui, error, "%s", dfukit_error_text(error));
}

static int get_file(const dfukit_cli_args *args, const dfukit_cli_ui *ui, dfukit_cli_file *file)
{
    if (args->file_count != 0)
        return dfukit_cli_file_load(ui, args->files[0], file);
    if (access(FIRMWARE, R_OK) == 0)
        return dfukit_cli_file_load(ui, FIRMWARE, file);
    dfukit_cli_say(ui,
                   "%s is not there (Debian: apt install firmware-tomu); a made-up file will do",
                   FIRMWARE);
    return generate(ui, file);
}

/* ---- What must hold at the end ---- */

typedef struct checks {
    const dfukit_cli_ui *ui;
    bool all;
} checks;

static void check(checks *c, bool holds, const char *format, ...) DFUKIT_CLI_PRINTF(3, 4);

static void check(checks *c, bool holds, const char *format, ...)
{
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    c->all = c->all && holds;
    if (c->ui->json) {
        dfukit_cli_json j = {.to = c->ui->out};
        dfukit_cli_json_object(&j, NULL);
        dfukit_cli_json_text(&j, "event", "check");
        dfukit_cli_json_bool(&j, "ok", holds);
        dfukit_cli_json_text(&j, "what", text);
        dfukit_cli_json_end(&j);
        return;
    }
    dfukit_cli_put(c->ui, c->ui->out, holds ? DFUKIT_CLI_GOOD : DFUKIT_CLI_BAD, "   %s",
                   holds ? "ok  " : "FAIL");
    dfukit_cli_print(c->ui, "  %s", text);
}

/* Bytes of the flash that equal the file, compared from the device's side of the wire. */
static uint32_t equal_bytes(dfukit_virtual *device, const dfukit_stream *stream)
{
    uint8_t scratch[256];
    uint32_t room = 0, equal = 0, step;
    const uint8_t *cells = dfukit_vflash_cells(dfukit_virtual_flash(device), &room);
    for (uint32_t at = 0; at < stream->length && at < room; at += step) {
        uint32_t left = (stream->length < room ? stream->length : room) - at;
        step = left < sizeof scratch ? left : (uint32_t)sizeof scratch;
        const uint8_t *wanted = dfukit_stream_bytes(stream, at, step, scratch);
        for (uint32_t i = 0; i < step; i++)
            equal += wanted[i] == cells[at + i];
    }
    return equal;
}

static bool all_checks(const dfukit_cli_story *s)
{
    const dfukit_cli_job *job = s->job;
    const dfukit_device_descriptor *before = &s->first.device, *after = &job->target.device;
    const dfukit_device_descriptor *loader = &job->loader.device;
    checks c = {job->ui, true};
    uint32_t equal = equal_bytes(job->where.device, s->stream);
    char bytes[DFUKIT_CLI_GROUP_SIZE], all[DFUKIT_CLI_GROUP_SIZE];
    if (!job->ui->json) {
        putc('\n', job->ui->out);
        dfukit_cli_put(job->ui, job->ui->out, DFUKIT_CLI_BOLD, "Checked");
        dfukit_cli_put(job->ui, job->ui->out, DFUKIT_CLI_DIM,
                       "  (this device cannot upload, but a virtual one can be looked into)");
        putc('\n', job->ui->out);
    }
    check(&c, loader->idProduct != before->idProduct && job->loader.mode == DFUKIT_MODE_DFU,
          "the loader had its own idProduct: %04x, then %04x", (unsigned)before->idProduct,
          (unsigned)loader->idProduct);
    check(&c, job->target.mode == DFUKIT_MODE_RUNTIME && after->idProduct == before->idProduct,
          "the device is back in run-time mode");
    check(&c, after->bcdDevice != before->bcdDevice,
          "its version has changed: 0x%04x, then 0x%04x (from the firmware's CRC-32)",
          (unsigned)before->bcdDevice, (unsigned)after->bcdDevice);
    check(&c, equal == s->stream->length, "its flash is the file: %s of %s bytes equal",
          dfukit_cli_group(equal, bytes), dfukit_cli_group(s->stream->length, all));
    check(&c, dfukit_vflash_misuses(dfukit_virtual_flash(job->where.device)) == 0,
          "no cell was programmed twice, none without having been erased");
    return c.all;
}

/* ---- The run ---- */

static int conclude(const dfukit_cli_story *s)
{
    const dfukit_cli_job *job = s->job;
    dfukit_cli_result r = {.outcome = &job->outcome};
    if (job->outcome.error != DFUKIT_OK)
        return dfukit_cli_job_failed(job);
    if (!all_checks(s)) {
        r.error = DFUKIT_ERR_DIFFERS;
        dfukit_cli_message(&r, "the device does not hold what was sent to it");
        return dfukit_cli_finish(job->ui, &r);
    }
    if (!job->ui->json)
        putc('\n', job->ui->out);
    dfukit_cli_message(&r,
                       "enumeration, reconfiguration, transfer, manifestation: done, "
                       "%lu requests in %lu.%03lu s",
                       (unsigned long)job->outcome.requests, (unsigned long)(job->took_ms / 1000),
                       (unsigned long)(job->took_ms % 1000));
    return dfukit_cli_finish(job->ui, &r);
}

static int upgrade(dfukit_cli_job *job, dfukit_cli_file *file)
{
    dfukit_cli_story story;
    dfukit_watcher watcher = {&story, dfukit_cli_story_step, NULL};
    dfukit_job plan = dfukit_cli_job_plan(job, DFUKIT_VERB_WRITE);
    int code = dfukit_cli_file_payload(job->ui, job->args, file, &job->target, &plan);
    if (code != DFUKIT_EXIT_OK)
        return code;
    dfukit_cli_story_begin(&story, job, file, plan.stream);
    int error = dfukit_cli_job_watch(job, &plan, &watcher);
    if (error != DFUKIT_OK)
        return dfukit_cli_fail(job->ui, error, "the virtual device cannot be opened: %s",
                               dfukit_error_text(error));
    dfukit_cli_story_end(&story);
    return conclude(&story);
}

int dfukit_cli_demo(const dfukit_cli_args *args, dfukit_cli_ui *ui)
{
    dfukit_cli_args mine = *args;
    dfukit_cli_file file;
    dfukit_cli_job job;
    mine.place = (dfukit_cli_place){
        .kind = DFUKIT_CLI_ON_VIRTUAL,
        .text = "virtual:" PERSONA,
        .persona = dfukit_cli_persona(PERSONA, mine.complaint),
        .real_time = true,
    };
    if (mine.place.persona == NULL)
        return dfukit_cli_fail(ui, DFUKIT_ERR_UNSUPPORTED, "%s", mine.complaint);
    int code = get_file(args, ui, &file);
    if (code != DFUKIT_EXIT_OK)
        return code;
    code = dfukit_cli_job_begin(&job, ui, &mine);
    if (code == DFUKIT_EXIT_OK)
        code = upgrade(&job, &file);
    dfukit_cli_job_end(&job);
    dfukit_cli_file_free(&file);
    return code;
}
