/* SPDX-License-Identifier: MIT */
/* What is particular to devices with addresses (DfuSe): a job is worked out before anything is
 * sent, and what cannot be undone is asked for. */
#include "addresses.h"

#include <string.h>

#include "confirm.h"
#include "exit.h"
#include "interrupt.h"
#include "optionbytes.h"

bool dfukit_cli_addresses_known(const dfukit_target *t)
{
    return dfukit_target_is_dfuse(t) && t->mode == DFUKIT_MODE_DFU;
}

const char *dfukit_cli_memory_name(const dfukit_target *t, uint8_t alternate, char *buffer,
                                   size_t room)
{
    dfukit_map map;
    size_t i = 0;
    while (i < t->alt_count && t->alts[i].number != alternate)
        i++;
    if (i < t->alt_count && dfukit_target_map(t, i, &map) == DFUKIT_OK && map.name[0] != '\0')
        snprintf(buffer, room, "%s", map.name);
    else
        snprintf(buffer, room, "alternate setting %u", (unsigned)alternate);
    return buffer;
}

dfukit_map_kind dfukit_cli_memory_kind(const dfukit_target *t, uint8_t alternate)
{
    dfukit_map map;
    for (size_t i = 0; i < t->alt_count; i++) {
        if (t->alts[i].number == alternate && dfukit_target_map(t, i, &map) == DFUKIT_OK)
            return map.kind;
    }
    return DFUKIT_MAP_FLASH;
}

static bool is_unplaced(const dfukit_job *plan, const dfukit_plan_fault *fault)
{
    return plan->unplaced && fault->error == DFUKIT_ERR_USAGE && fault->has_address;
}

/* The address that a text of the engine's cannot name. */
static void remedy_text(const dfukit_cli_job *job, const dfukit_job *plan,
                        const dfukit_plan_fault *fault, const char *file, char *buffer, size_t room)
{
    char name[DFUKIT_TEXT_SIZE] = "the device's memory";
    buffer[0] = '\0';
    if (plan->has_alt)
        dfukit_cli_memory_name(&job->target, fault->alternate, name, sizeof name);
    if (is_unplaced(plan, fault))
        snprintf(buffer, room, "--at 0x%08lx puts it at the start of %s",
                 (unsigned long)fault->address, name);
    else if (file == NULL && fault->error == DFUKIT_ERR_MISMATCH)
        snprintf(buffer, room, "`dfu info` shows the device's memories");
    else if (fault->remedy != NULL)
        snprintf(buffer, room, "%s", fault->remedy);
}

int dfukit_cli_addresses_fault(const dfukit_cli_job *job, const dfukit_job *plan,
                               const dfukit_plan_fault *fault, const char *file)
{
    dfukit_cli_result r = {.error = fault->error};
    char at[40] = "";
    if (fault->has_address && !is_unplaced(plan, fault))
        snprintf(at, sizeof at, " (0x%08lx)", (unsigned long)fault->address);
    /* An option that names what the device does not have: that is not the file's fault. */
    bool of_file = file != NULL && (fault->error != DFUKIT_ERR_USAGE || plan->unplaced);
    dfukit_cli_message(&r, "%s%s%s%s", of_file ? file : "", of_file ? ": " : "", fault->what, at);
    remedy_text(job, plan, fault, file, r.remedy, sizeof r.remedy);
    if (!dfukit_cli_options_fit(job->args->verb, r.remedy))
        r.remedy[0] = '\0';
    return dfukit_cli_finish(job->ui, &r);
}

/* ---- What cannot be undone ---- */

typedef struct forever {
    const char *what; /* a sentence; NULL: everything can be undone */
    const char *word;
} forever;

static bool raises_protection(const dfukit_run *run)
{
    dfukit_cli_option_field f;
    for (size_t n = 0;
         run->data != NULL && dfukit_cli_option_decode(run->address, run->data, run->size, n, &f);
         n++) {
        if (f.for_ever)
            return true;
    }
    return false;
}

static forever run_forever(const dfukit_target *t, const dfukit_run *run)
{
    dfukit_map map;
    for (size_t i = 0; i < t->alt_count; i++) {
        if (t->alts[i].number != run->alternate || dfukit_target_map(t, i, &map) != DFUKIT_OK)
            continue;
        if (map.kind == DFUKIT_MAP_OTP)
            return (forever){"this writes one-time programmable memory (OTP): what is written "
                             "there stays for ever.",
                             "write-once"};
        if (map.kind == DFUKIT_MAP_OPTION_BYTES && raises_protection(run))
            return (forever){"this sets read protection level 2: the chip can never again be read, "
                             "erased, debugged or upgraded by its loader.",
                             "lock-for-ever"};
    }
    return (forever){NULL, NULL};
}

static forever plan_forever(const dfukit_target *t, const dfukit_plan *plan)
{
    forever f = {NULL, NULL};
    for (size_t i = 0; i < plan->run_count && f.what == NULL; i++)
        f = run_forever(t, &plan->runs[i]);
    return f;
}

const char *dfukit_cli_addresses_forever(const dfukit_target *t, const dfukit_plan *plan)
{
    return plan_forever(t, plan).what;
}

static int unconfirmed(const dfukit_cli_job *job, const forever *f, dfukit_cli_answer answer)
{
    dfukit_cli_result r = {.error = DFUKIT_ERR_REFUSED};
    if (dfukit_cli_interrupted())
        return dfukit_cli_fail(job->ui, DFUKIT_ERR_INTERRUPTED,
                               "interrupted; nothing has been changed");
    if (!job->args->force) {
        dfukit_cli_message(&r, "refused: %s", f->what);
        snprintf(r.remedy, sizeof r.remedy,
                 "if that is what you want: %s, and the word that is then asked for",
                 dfukit_cli_options_fit(job->args->verb, "--force") ? "--force" : "force");
    } else if (answer == DFUKIT_CLI_ANSWER_NO_TERMINAL) {
        dfukit_cli_message(&r, "refused, for nobody could be asked: %s", f->what);
        snprintf(r.remedy, sizeof r.remedy, "run it on a terminal: it wants a word to be typed");
    } else {
        dfukit_cli_message(&r, "not confirmed; nothing has been changed");
    }
    return dfukit_cli_finish(job->ui, &r);
}

/* Both keys: --force, and a word that is typed. */
static int confirm(const dfukit_cli_job *job, dfukit_job *plan, const forever *f)
{
    dfukit_cli_answer answer = DFUKIT_CLI_ANSWER_NO;
    if (job->args->force)
        answer = dfukit_cli_confirm(job->ui, f->what, f->word);
    if (answer != DFUKIT_CLI_ANSWER_YES)
        return unconfirmed(job, f, answer);
    plan->confirmed = true;
    return DFUKIT_EXIT_OK;
}

int dfukit_cli_addresses_check(const dfukit_cli_job *job, dfukit_job *plan, const char *file)
{
    dfukit_plan_fault fault = {.what = "the job cannot be worked out"};
    dfukit_allocator allocator = dfukit_allocator_default();
    dfukit_plan made, as_asked;
    if (!dfukit_cli_addresses_known(&job->target))
        return DFUKIT_EXIT_OK;
    /* First as if everything had been confirmed, so that it is known what there is to confirm. */
    dfukit_job trial = *plan;
    trial.confirmed = true;
    trial.force = true;
    if (dfukit_plan_make(&made, &trial, &job->target, &allocator, &fault) != DFUKIT_OK)
        return dfukit_cli_addresses_fault(job, plan, &fault, file);
    forever f = plan_forever(&job->target, &made);
    if (job->args->dry_run) /* shown, not done */
        f.what = NULL;
    int code = f.what != NULL ? confirm(job, plan, &f) : DFUKIT_EXIT_OK;
    dfukit_plan_free(&made);
    if (code != DFUKIT_EXIT_OK || job->args->dry_run)
        return code;
    if (dfukit_plan_make(&as_asked, plan, &job->target, &allocator, &fault) != DFUKIT_OK)
        return dfukit_cli_addresses_fault(job, plan, &fault, file);
    dfukit_plan_free(&as_asked);
    return DFUKIT_EXIT_OK;
}

int dfukit_cli_addresses_failed(const dfukit_cli_job *job, const dfukit_job *plan, const char *file)
{
    dfukit_plan_fault fault = {.what = "the job cannot be worked out"};
    dfukit_allocator allocator = dfukit_allocator_default();
    dfukit_plan made;
    int error = job->outcome.error;
    bool plain = job->loader.alt_count != 0 && !dfukit_target_is_dfuse(&job->loader);
    bool before = error == DFUKIT_ERR_USAGE || error == DFUKIT_ERR_REFUSED ||
                  error == DFUKIT_ERR_MISMATCH || error == DFUKIT_ERR_EMPTY;
    if (error != DFUKIT_OK && plain && plan->image != NULL && plan->stream == NULL)
        return dfukit_cli_fail(job->ui, DFUKIT_ERR_MISMATCH,
                               "%s: a DfuSe file, for devices with DfuSe (DFU 1.1a) only", file);
    /* A device that was found in run-time mode: its memories were known only in DFU mode. */
    if (before && job->loader.alt_count != 0 && dfukit_target_is_dfuse(&job->loader)) {
        if (dfukit_plan_make(&made, plan, &job->loader, &allocator, &fault) == error)
            return dfukit_cli_addresses_fault(job, plan, &fault, file);
        dfukit_plan_free(&made);
    }
    return dfukit_cli_job_failed(job);
}
