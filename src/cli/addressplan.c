/* SPDX-License-Identifier: MIT */
/* --dry-run for a device with addresses: what is erased, what is written, what is lost. */
#include "addressplan.h"

#include <string.h>

#include "addresses.h"
#include "describe.h"
#include "exit.h"
#include "json.h"
#include "optionbytes.h"
#include "plan.h"

#define RUNS_SHOWN 40u /* of a file with more segments the rest is summed up */

/* Pages of one memory that follow one another. */
typedef struct stretch {
    uint8_t alternate;
    uint32_t address;
    uint64_t size;
    size_t pages;
} stretch;

/* The stretch that begins with page *at, which is moved behind it. */
static stretch next_stretch(const dfukit_plan *p, size_t *at)
{
    const dfukit_page *first = &p->pages[(*at)++];
    stretch s = {first->alternate, first->address, first->size, 1};
    for (; *at < p->page_count; (*at)++, s.pages++) {
        const dfukit_page *next = &p->pages[*at];
        if (next->alternate != s.alternate || next->address != s.address + s.size)
            break;
        s.size += next->size;
    }
    return s;
}

static void line(const dfukit_cli_ui *ui, bool first, const char *name, const char *text)
{
    dfukit_cli_print(ui, "  %-8s  %s", first ? name : "", text);
}

static void span_text(char *buffer, size_t room, uint32_t address, uint64_t size)
{
    char bytes[DFUKIT_CLI_GROUP_SIZE];
    snprintf(buffer, room, "0x%08lx to 0x%08llx, %s", (unsigned long)address,
             (unsigned long long)(address + size - 1), dfukit_cli_bytes(size, bytes));
}

static void erase_text(const dfukit_cli_job *job, const dfukit_plan *p)
{
    char span[80], name[DFUKIT_TEXT_SIZE], text[300], bytes[DFUKIT_CLI_GROUP_SIZE];
    if (p->mass_erase) {
        line(job->ui, true, "erase", "everything: the device's mass erase");
        return;
    }
    if (p->page_count == 0)
        line(job->ui, true, "erase", "nothing");
    for (size_t i = 0; i < p->page_count;) {
        bool first = i == 0;
        stretch s = next_stretch(p, &i);
        span_text(span, sizeof span, s.address, s.size);
        snprintf(text, sizeof text, "%s in %zu page%s of %s", span, s.pages,
                 s.pages == 1 ? "" : "s",
                 dfukit_cli_memory_name(&job->target, s.alternate, name, sizeof name));
        line(job->ui, first, "erase", text);
    }
    if (p->beside != 0 && p->run_count != 0) {
        snprintf(text, sizeof text, "%s of these pages that the file does not cover",
                 dfukit_cli_bytes(p->beside, bytes));
        line(job->ui, true, "lost", text);
    }
}

/* The n-th field of what is written to option bytes. The address alone does not tell: the F4's OTP
 * memory lies where the L4 has its option bytes. */
static bool option_field(const dfukit_target *t, const dfukit_run *run, size_t n,
                         dfukit_cli_option_field *f)
{
    return run->data != NULL &&
           dfukit_cli_memory_kind(t, run->alternate) == DFUKIT_MAP_OPTION_BYTES &&
           dfukit_cli_option_decode(run->address, run->data, run->size, n, f);
}

static void options_text(const dfukit_cli_job *job, const dfukit_run *run)
{
    dfukit_cli_option_field f;
    char text[200];
    for (size_t n = 0; option_field(&job->target, run, n, &f); n++) {
        snprintf(text, sizeof text, "  %-10s %s", f.name, f.text);
        line(job->ui, false, "", text);
    }
}

static void write_text(const dfukit_cli_job *job, const dfukit_plan *p)
{
    char span[80], name[DFUKIT_TEXT_SIZE], text[300];
    for (size_t i = 0; i < p->run_count && i < RUNS_SHOWN; i++) {
        const dfukit_run *r = &p->runs[i];
        span_text(span, sizeof span, r->address, r->size);
        snprintf(text, sizeof text, "%s of %s", span,
                 dfukit_cli_memory_name(&job->target, r->alternate, name, sizeof name));
        line(job->ui, i == 0, "write", text);
        options_text(job, r);
    }
    if (p->run_count > RUNS_SHOWN) {
        snprintf(text, sizeof text, "and %zu more runs", p->run_count - RUNS_SHOWN);
        line(job->ui, false, "", text);
    }
}

static bool writes_option_bytes(const dfukit_cli_job *job, const dfukit_plan *p)
{
    bool any = false;
    for (size_t i = 0; p != NULL && i < p->run_count; i++)
        any |=
            dfukit_cli_memory_kind(&job->target, p->runs[i].alternate) == DFUKIT_MAP_OPTION_BYTES;
    return any;
}

/* Nothing but the host ends the session, or option bytes: there is time to read back. */
static const char *verification(const dfukit_cli_job *job, const dfukit_job *plan,
                                const dfukit_plan *p)
{
    if (writes_option_bytes(job, p))
        return "no: the device resets itself when its option bytes are written";
    unsigned bits = job->target.functional.bmAttributes | DFUKIT_MANIFESTATION_TOLERANT;
    return dfukit_cli_plan_verification(plan, bits);
}

static void then_text(const dfukit_cli_job *job, const dfukit_job *plan, const dfukit_plan *p,
                      char *buffer, size_t room)
{
    if (writes_option_bytes(job, p))
        snprintf(buffer, room, "reset by itself, for the option bytes");
    else if (plan->then == DFUKIT_THEN_LEAVE && p != NULL && p->has_start)
        snprintf(buffer, room, "started at 0x%08lx", (unsigned long)p->start);
    else
        snprintf(buffer, room, "%s", dfukit_cli_plan_afterwards(plan->then));
}

/* @param p NULL: not known before the device is in DFU mode. */
static void text(const dfukit_cli_job *job, const dfukit_cli_file *file, const dfukit_job *plan,
                 const dfukit_plan *p)
{
    const dfukit_cli_ui *ui = job->ui;
    char device[300], then[80];
    dfukit_cli_print(ui, "plan (nothing has been changed):");
    dfukit_cli_print(ui, "  device    %s, %s mode",
                     dfukit_cli_job_device(&job->target, device, sizeof device),
                     dfukit_mode_name(job->target.mode));
    if (file != NULL)
        dfukit_cli_print(ui, "  file      %s (%s): %s", file->name,
                         dfukit_format_name(file->image.format),
                         dfukit_cli_plan_identity(job, plan));
    if (p == NULL) {
        line(ui, true, "detach", "into DFU mode");
        line(ui, true, "then",
             "the device tells its memories only in DFU mode: `dfu detach` "
             "first shows the rest");
        return;
    }
    erase_text(job, p);
    if (file == NULL)
        return;
    write_text(job, p);
    const char *forever = dfukit_cli_addresses_forever(&job->target, p);
    if (forever != NULL) {
        line(ui, true, "forever", forever);
        line(ui, false, "", "It needs --force and a word that is typed on a terminal.");
    }
    line(ui, true, "verify", verification(job, plan, p));
    then_text(job, plan, p, then, sizeof then);
    line(ui, true, "then", then);
}

static void place_json(dfukit_cli_json *j, const dfukit_target *t, uint8_t alternate,
                       uint32_t address, uint64_t size)
{
    char name[DFUKIT_TEXT_SIZE];
    dfukit_cli_json_number(j, "alt", alternate);
    dfukit_cli_json_text(j, "memory", dfukit_cli_memory_name(t, alternate, name, sizeof name));
    dfukit_cli_json_number(j, "address", address);
    dfukit_cli_json_number(j, "size", size);
}

static void erase_json(dfukit_cli_json *j, const dfukit_target *t, const dfukit_plan *p)
{
    dfukit_cli_json_bool(j, "mass_erase", p->mass_erase);
    dfukit_cli_json_array(j, "erase");
    for (size_t i = 0; i < p->page_count;) {
        stretch s = next_stretch(p, &i);
        dfukit_cli_json_object(j, NULL);
        place_json(j, t, s.alternate, s.address, s.size);
        dfukit_cli_json_number(j, "pages", s.pages);
        dfukit_cli_json_end(j);
    }
    dfukit_cli_json_end(j);
    dfukit_cli_json_number(j, "lost", p->beside);
}

static void write_json(dfukit_cli_json *j, const dfukit_target *t, const dfukit_plan *p)
{
    dfukit_cli_option_field f;
    dfukit_cli_json_array(j, "write");
    for (size_t i = 0; i < p->run_count; i++) {
        const dfukit_run *r = &p->runs[i];
        dfukit_cli_json_object(j, NULL);
        place_json(j, t, r->alternate, r->address, r->size);
        dfukit_cli_json_object(j, "options");
        for (size_t n = 0; option_field(t, r, n, &f); n++)
            dfukit_cli_json_text(j, f.name, f.text);
        dfukit_cli_json_end(j);
        dfukit_cli_json_end(j);
    }
    dfukit_cli_json_end(j);
    dfukit_cli_json_number(j, "bytes", p->run_bytes);
}

static void json(const dfukit_cli_job *job, const dfukit_cli_file *file, const dfukit_job *plan,
                 const dfukit_plan *p)
{
    char then[80];
    dfukit_cli_json j = {.to = job->ui->out};
    dfukit_cli_json_object(&j, NULL);
    dfukit_cli_json_text(&j, "event", "plan");
    dfukit_cli_json_object(&j, "device");
    dfukit_cli_target_json(&j, &job->target);
    dfukit_cli_json_end(&j);
    dfukit_cli_json_bool(&j, "detach", job->target.mode == DFUKIT_MODE_RUNTIME);
    if (file != NULL) {
        dfukit_cli_json_text(&j, "file", file->name);
        dfukit_cli_json_text(&j, "identity", dfukit_cli_plan_identity(job, plan));
    }
    if (p != NULL)
        erase_json(&j, &job->target, p);
    if (p != NULL && file != NULL) {
        write_json(&j, &job->target, p);
        dfukit_cli_json_text(&j, "forever", dfukit_cli_addresses_forever(&job->target, p));
    }
    if (file != NULL) {
        then_text(job, plan, p, then, sizeof then);
        dfukit_cli_json_text(&j, "verify", verification(job, plan, p));
        dfukit_cli_json_text(&j, "then", then);
    }
    dfukit_cli_json_end(&j);
}

int dfukit_cli_addressplan(const dfukit_cli_job *job, const dfukit_cli_file *file,
                           const dfukit_job *plan)
{
    dfukit_allocator allocator = dfukit_allocator_default();
    dfukit_plan_fault fault = {.what = "the job cannot be worked out"};
    dfukit_plan made;
    bool known = dfukit_cli_addresses_known(&job->target);
    memset(&made, 0, sizeof made);
    dfukit_job whole = *plan; /* nothing is done: what would have to be confirmed is shown too */
    whole.confirmed = true;
    whole.force = true;
    if (known && dfukit_plan_make(&made, &whole, &job->target, &allocator, &fault) != DFUKIT_OK)
        return dfukit_cli_addresses_fault(job, plan, &fault, file != NULL ? file->name : NULL);
    if (job->ui->json)
        json(job, file, plan, known ? &made : NULL);
    else
        text(job, file, plan, known ? &made : NULL);
    if (known)
        dfukit_plan_free(&made);
    return dfukit_cli_plan_shown(job);
}
