/* SPDX-License-Identifier: MIT */
/* The demo's narrator: an upgrade explained phase by phase, as it happens. */
#include "story.h"

#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "describe.h"
#include "interrupt.h"

#define NAME_WIDTH 10
#define BAR_WIDTH  72u
#define DRAW_MS    50u

// clang-format off
static const struct {
    const char *name, *about;
} chapters[] = {
    [DFUKIT_PHASE_ENUMERATION]     = {"Enumeration",
     "the host reads descriptors and finds a device it can upgrade"},
    [DFUKIT_PHASE_RECONFIGURATION] = {"Reconfiguration",
     "DFU_DETACH: the device leaves the bus and comes back as a loader"},
    [DFUKIT_PHASE_TRANSFER]        = {"Transfer",
     "DFU_DNLOAD block by block, DFU_GETSTATUS after each"},
    [DFUKIT_PHASE_MANIFESTATION]   = {"Manifestation",
     "after an empty DFU_DNLOAD the loader checks the firmware and starts it"},
};
// clang-format on

static void field(const dfukit_cli_story *s, const char *name, const char *format, ...)
    DFUKIT_CLI_PRINTF(3, 4);

static void field(const dfukit_cli_story *s, const char *name, const char *format, ...)
{
    const dfukit_cli_ui *ui = s->job->ui;
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    dfukit_cli_put(ui, ui->out, DFUKIT_CLI_DIM, "   %-*s", NAME_WIDTH, name);
    dfukit_cli_print(ui, "%s", text);
    fflush(ui->out);
}

/* Headings up to and with the one of `phase`, each once and in order. */
static void reach(dfukit_cli_story *s, unsigned phase)
{
    const dfukit_cli_ui *ui = s->job->ui;
    for (; s->told <= phase && s->told < sizeof chapters / sizeof *chapters; s->told++) {
        putc('\n', ui->out);
        dfukit_cli_put(ui, ui->out, DFUKIT_CLI_BOLD, "%u. %s", s->told + 1, chapters[s->told].name);
        dfukit_cli_put(ui, ui->out, DFUKIT_CLI_DIM, "  (%s)", chapters[s->told].about);
        putc('\n', ui->out);
        fflush(ui->out);
    }
}

static void as_found(const dfukit_cli_story *s)
{
    const dfukit_target *t = &s->first;
    char ids[10], words[DFUKIT_CLI_WORDS_SIZE], grouped[DFUKIT_CLI_GROUP_SIZE];
    field(s, "device", "%s  %s, serial number %s", dfukit_cli_id_text(&t->device, ids),
          dfukit_cli_product(t), t->has_serial ? t->serial : "none");
    field(s, "mode", "%s: it runs its firmware, version 0x%04x (bcdDevice)",
          dfukit_mode_name(t->mode), (unsigned)t->device.bcdDevice);
    field(s, "it can", "%s", dfukit_cli_attributes(t->functional.bmAttributes, words));
    field(s, "it speaks", "DFU %s, in blocks of up to %s", dfukit_target_version(t),
          dfukit_cli_bytes(t->transfer_size, grouped));
}

static void as_loader(const dfukit_cli_story *s, const dfukit_target *t)
{
    const dfukit_suffix *suffix = &s->file->image.suffix;
    unsigned long after = (unsigned long)(dfukit_cli_now_ms() - s->begun_ms);
    char ids[10];
    field(s, "before", "%s  run-time", dfukit_cli_id_text(&s->first.device, ids));
    field(s, "after", "%s  DFU mode, %lu ms later: %s", dfukit_cli_id_text(&t->device, ids), after,
          dfukit_cli_product(t));
    if (t->device.idProduct != s->first.device.idProduct)
        field(s, "", "another idProduct: the same board, now known by its place on the bus");
    if (s->file->image.has_suffix)
        field(s, "file", "its suffix names %04x:%04x, CRC right", (unsigned)suffix->idVendor,
              (unsigned)suffix->idProduct);
    else
        field(s, "file", "has no DFU suffix: any device would do");
}

static void bar(dfukit_cli_story *s, uint64_t done, bool last)
{
    const dfukit_cli_ui *ui = s->job->ui;
    char text[DFUKIT_CLI_BAR_SIZE];
    uint64_t now_ms = dfukit_cli_now_ms();
    if (!last && (!s->live || now_ms - s->drawn_ms < DRAW_MS))
        return;
    s->drawn_ms = now_ms;
    dfukit_cli_bar(text, BAR_WIDTH, done, s->stream->length, now_ms - s->transfer_ms);
    if (s->live)
        fputs("\r\033[K", ui->out);
    dfukit_cli_put(ui, ui->out, done == s->stream->length ? DFUKIT_CLI_GOOD : DFUKIT_CLI_PLAIN,
                   "   %s", text);
    if (last)
        putc('\n', ui->out);
    fflush(ui->out);
}

static void end_transfer(dfukit_cli_story *s)
{
    char bytes[DFUKIT_CLI_GROUP_SIZE];
    if (s->told_bar || s->told <= DFUKIT_PHASE_TRANSFER)
        return;
    s->told_bar = true;
    bar(s, s->done, true);
    unsigned long blocks = (unsigned long)((s->done + s->transfer_size - 1) / s->transfer_size);
    field(s, "blocks", "%lu, numbered from 0 (wBlockNum), %s in %lu ms", blocks,
          dfukit_cli_bytes(s->done, bytes), (unsigned long)(dfukit_cli_now_ms() - s->transfer_ms));
}

static void narrate(dfukit_cli_story *s, const dfukit_host *h)
{
    dfukit_progress p = dfukit_host_progress(h);
    const dfukit_target *t = dfukit_host_target(h);
    if (p.phase == DFUKIT_PHASE_RECONFIGURATION || p.phase == DFUKIT_PHASE_TRANSFER)
        reach(s, p.phase == DFUKIT_PHASE_TRANSFER ? DFUKIT_PHASE_RECONFIGURATION : p.phase);
    if (!s->told_loader && s->told > DFUKIT_PHASE_RECONFIGURATION && t->mode == DFUKIT_MODE_DFU) {
        s->told_loader = true;
        s->transfer_size = t->transfer_size;
        as_loader(s, t);
    }
    if (p.phase == DFUKIT_PHASE_TRANSFER) {
        if (s->told <= DFUKIT_PHASE_TRANSFER)
            s->transfer_ms = dfukit_cli_now_ms();
        reach(s, DFUKIT_PHASE_TRANSFER);
        s->done = p.done;
        bar(s, p.done, false);
    }
    if (p.phase == DFUKIT_PHASE_MANIFESTATION && s->told <= DFUKIT_PHASE_MANIFESTATION) {
        s->done = dfukit_host_outcome(h)->bytes;
        end_transfer(s);
        reach(s, DFUKIT_PHASE_MANIFESTATION);
    }
}

void dfukit_cli_story_begin(dfukit_cli_story *s, dfukit_cli_job *job, const dfukit_cli_file *file,
                            const dfukit_stream *stream)
{
    memset(s, 0, sizeof *s);
    s->job = job;
    s->file = file;
    s->stream = stream;
    s->first = job->target;
    s->live = isatty(fileno(job->ui->out)) != 0;
    s->transfer_size = job->target.transfer_size;
    s->begun_ms = dfukit_cli_now_ms();
    dfukit_cli_view_init(&s->view, job->ui, false);
    if (job->ui->json)
        return;
    char bytes[DFUKIT_CLI_GROUP_SIZE];
    dfukit_cli_put(job->ui, job->ui->out, DFUKIT_CLI_BOLD,
                   "A firmware upgrade over USB, phase by phase");
    putc('\n', job->ui->out);
    dfukit_cli_print(job->ui, "The device is a virtual Tomu board. It is made of software; the "
                              "conversation is the real one.");
    dfukit_cli_print(job->ui, "The file is %s, %s.", file->name,
                     dfukit_cli_bytes(stream->length, bytes));
    reach(s, DFUKIT_PHASE_ENUMERATION);
    as_found(s);
}

bool dfukit_cli_story_step(void *self, const dfukit_host *h)
{
    dfukit_cli_story *s = self;
    if (s->job->ui->json)
        dfukit_cli_view_show(&s->view, dfukit_host_progress(h));
    else
        narrate(s, h);
    return !dfukit_cli_interrupted();
}

void dfukit_cli_story_end(dfukit_cli_story *s)
{
    const dfukit_target *t = &s->job->target;
    char ids[10];
    if (s->job->ui->json) {
        dfukit_cli_view_end(&s->view);
        return;
    }
    end_transfer(s);
    if (s->job->outcome.error != DFUKIT_OK)
        return;
    reach(s, DFUKIT_PHASE_MANIFESTATION);
    if (s->job->outcome.has_status)
        field(s, "state", "%s, status %s: the last it says as a loader",
              dfukit_state_name(s->job->outcome.bState),
              dfukit_status_name(s->job->outcome.bStatus));
    field(s, "before", "%s  DFU mode", dfukit_cli_id_text(&s->job->loader.device, ids));
    field(s, "after", "%s  %s, version 0x%04x: the new firmware runs",
          dfukit_cli_id_text(&t->device, ids), dfukit_mode_name(t->mode),
          (unsigned)t->device.bcdDevice);
}
