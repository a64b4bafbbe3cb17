/* SPDX-License-Identifier: MIT */
/* dfu erase and dfu unlock: for devices with addresses. */
#include <string.h>

#include "addresses.h"
#include "addressplan.h"
#include "exit.h"
#include "verbs.h"

static int not_dfuse(const dfukit_cli_job *job, const char *verb)
{
    dfukit_cli_result r = {.error = DFUKIT_ERR_REFUSED};
    dfukit_cli_message(&r, "the device speaks plain DFU, which cannot %s", verb);
    snprintf(r.remedy, sizeof r.remedy, "`dfu write` erases what it needs by itself");
    return dfukit_cli_finish(job->ui, &r);
}

/* Plain DFU in DFU mode; a device in run-time mode may be another one there. */
static bool cannot(const dfukit_target *t)
{
    return t->mode == DFUKIT_MODE_DFU && !dfukit_target_is_dfuse(t);
}

static int erased(const dfukit_cli_job *job)
{
    const dfukit_outcome *o = &job->outcome;
    char bytes[DFUKIT_CLI_GROUP_SIZE];
    dfukit_cli_result r = {.outcome = o};
    if (job->args->all)
        dfukit_cli_message(&r, "erased: the whole memory");
    else
        dfukit_cli_message(&r, "erased: %s", dfukit_cli_bytes(o->erased, bytes));
    if (o->remedy != NULL)
        snprintf(r.remedy, sizeof r.remedy, "%s", o->remedy);
    return dfukit_cli_finish(job->ui, &r);
}

static int erase_on(dfukit_cli_job *job)
{
    const dfukit_cli_args *args = job->args;
    dfukit_job plan = dfukit_cli_job_plan(job, DFUKIT_VERB_ERASE);
    if (cannot(&job->target))
        return not_dfuse(job, "erase by itself");
    plan.erase = args->all ? DFUKIT_ERASE_ALL : DFUKIT_ERASE_PAGES;
    int code = dfukit_cli_addresses_check(job, &plan, NULL);
    if (code != DFUKIT_EXIT_OK)
        return code;
    if (args->dry_run)
        return dfukit_cli_addressplan(job, NULL, &plan);
    if (!dfukit_cli_job_run(job, &plan, NULL, NULL, false, &code))
        return code;
    return job->outcome.error == DFUKIT_OK ? erased(job)
                                           : dfukit_cli_addresses_failed(job, &plan, NULL);
}

int dfukit_cli_erase(const dfukit_cli_args *args, dfukit_cli_ui *ui)
{
    dfukit_cli_job job;
    if (args->all && (args->has_at || args->has_size))
        return dfukit_cli_fail(ui, DFUKIT_ERR_USAGE,
                               "--all is the whole memory: leave out --at and --size");
    if (!args->all && (!args->has_at || !args->has_size))
        return dfukit_cli_fail(ui, DFUKIT_ERR_USAGE,
                               "`dfu erase` wants --at ADDR --size N, or --all");
    int code = dfukit_cli_job_begin(&job, ui, args);
    if (code == DFUKIT_EXIT_OK)
        code = erase_on(&job);
    dfukit_cli_job_end(&job);
    return code;
}

static int unlock_on(dfukit_cli_job *job)
{
    dfukit_job plan = dfukit_cli_job_plan(job, DFUKIT_VERB_UNLOCK);
    dfukit_cli_result r = {.error = DFUKIT_ERR_REFUSED, .outcome = &job->outcome};
    int code = DFUKIT_EXIT_OK;
    if (cannot(&job->target))
        return not_dfuse(job, "lift a read protection");
    if (!job->args->force) {
        dfukit_cli_message(&r, "refused: lifting the read protection erases the whole flash memory "
                               "of the device");
        snprintf(r.remedy, sizeof r.remedy, "--force does it all the same");
        r.outcome = NULL;
        return dfukit_cli_finish(job->ui, &r);
    }
    if (!job->ui->quiet)
        dfukit_cli_say(job->ui, "unlocking: the device erases its whole flash memory, which may "
                                "take a minute");
    if (!dfukit_cli_job_run(job, &plan, NULL, NULL, false, &code))
        return code;
    if (job->outcome.error != DFUKIT_OK)
        return dfukit_cli_job_failed(job);
    r.error = DFUKIT_OK;
    dfukit_cli_message(&r, job->outcome.confirmed
                               ? "unlocked: the device is erased and back"
                               : "unlocked: the device erases itself and resets; that it is back "
                                 "was not seen");
    return dfukit_cli_finish(job->ui, &r);
}

int dfukit_cli_unlock(const dfukit_cli_args *args, dfukit_cli_ui *ui)
{
    dfukit_cli_job job;
    int code = dfukit_cli_job_begin(&job, ui, args);
    if (code == DFUKIT_EXIT_OK)
        code = unlock_on(&job);
    dfukit_cli_job_end(&job);
    return code;
}
