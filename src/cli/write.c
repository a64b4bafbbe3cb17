/* SPDX-License-Identifier: MIT */
/* dfu write. */
#include <string.h>

#include "addresses.h"
#include "describe.h"
#include "exit.h"
#include "file.h"
#include "job.h"
#include "plan.h"
#include "verbs.h"

/* Why the device was not read back. */
static const char *why_not_verified(const dfukit_cli_job *job)
{
    const dfukit_target *t = job->loader.alt_count != 0 ? &job->loader : &job->target;
    if (job->args->verify == DFUKIT_VERIFY_NEVER)
        return "--verify never";
    if ((t->functional.bmAttributes & DFUKIT_CAN_UPLOAD) == 0)
        return "the device cannot upload";
    if (dfukit_target_is_dfuse(t))
        return "the device has reset itself, as it does when its option bytes are written";
    return "the device left DFU mode with its manifestation; --verify always detaches it again";
}

/* How it stands with the device now; every word from what was seen. */
static void afterwards(const dfukit_cli_job *job, char *text, size_t room)
{
    const dfukit_target *t = &job->target;
    char ids[10];
    dfukit_cli_id_text(&t->device, ids);
    if (job->outcome.sent_back && t->mode != DFUKIT_MODE_DFU)
        snprintf(text, room, "%sruns its new firmware (%s, version 0x%04x)",
                 job->args->then == DFUKIT_THEN_STAY ? "the device did not stay in DFU mode: it "
                                                     : "the device ",
                 ids, (unsigned)t->device.bcdDevice);
    else if (job->args->then == DFUKIT_THEN_STAY && job->outcome.confirmed)
        snprintf(text, room, "the device stays in DFU mode (%s)", ids);
    else if (job->outcome.confirmed)
        snprintf(text, room, "the device was reset and is in DFU mode, without an error (%s)", ids);
    else
        snprintf(text, room, "whether the device runs it could not be seen");
}

static int report(const dfukit_cli_job *job)
{
    const dfukit_outcome *o = &job->outcome;
    char bytes[DFUKIT_CLI_GROUP_SIZE], after[200];
    dfukit_cli_result r = {.outcome = o};
    dfukit_cli_bytes(o->bytes, bytes);
    afterwards(job, after, sizeof after);
    if (o->verified)
        dfukit_cli_message(&r, "written and verified: %s; %s", bytes, after);
    else
        dfukit_cli_message(&r, "written, not verified (%s): %s; %s", why_not_verified(job), bytes,
                           after);
    if (o->remedy != NULL)
        snprintf(r.remedy, sizeof r.remedy, "%s", o->remedy);
    if (o->overridden)
        dfukit_cli_say(job->ui, "the file names another product: --force went past that");
    if (o->remedy != NULL && !job->ui->json)
        dfukit_cli_say(job->ui, "note: %s", o->remedy);
    if (job->ui->verbose)
        dfukit_cli_say(job->ui, "%lu requests in %lu.%03lu s", (unsigned long)o->requests,
                       (unsigned long)(job->took_ms / 1000), (unsigned long)(job->took_ms % 1000));
    return dfukit_cli_finish(job->ui, &r);
}

static int mismatch(const dfukit_cli_job *job, const dfukit_cli_file *file)
{
    const dfukit_suffix *s = &file->image.suffix;
    const dfukit_target *t = job->loader.alt_count != 0 ? &job->loader : &job->target;
    char ids[10];
    dfukit_cli_result r = {.error = DFUKIT_ERR_MISMATCH, .outcome = &job->outcome};
    dfukit_cli_message(&r, "%s is for %04x:%04x, the device is %s", file->name,
                       (unsigned)s->idVendor, (unsigned)s->idProduct,
                       dfukit_cli_id_text(&t->device, ids));
    if (job->outcome.remedy != NULL)
        snprintf(r.remedy, sizeof r.remedy, "%s", job->outcome.remedy);
    return dfukit_cli_finish(job->ui, &r);
}

/* Do the suffix's IDs differ, or is it something else that does not fit? */
static bool names_another(const dfukit_cli_job *job, const dfukit_cli_file *file)
{
    const dfukit_suffix *s = &file->image.suffix;
    const dfukit_target *t = job->loader.alt_count != 0 ? &job->loader : &job->target;
    return file->image.has_suffix &&
           ((s->idVendor != DFUKIT_ANY_ID && s->idVendor != t->device.idVendor) ||
            (s->idProduct != DFUKIT_ANY_ID && s->idProduct != t->device.idProduct));
}

static int write_on(dfukit_cli_job *job, dfukit_cli_file *file)
{
    dfukit_job plan = dfukit_cli_job_plan(job, DFUKIT_VERB_WRITE);
    int code = dfukit_cli_file_payload(job->ui, job->args, file, &job->target, &plan);
    if (code == DFUKIT_EXIT_OK)
        code = dfukit_cli_addresses_check(job, &plan, file->name);
    if (code != DFUKIT_EXIT_OK)
        return code;
    if (job->args->dry_run)
        return dfukit_cli_plan(job, file, &plan);
    if (!dfukit_cli_job_run(job, &plan, NULL, NULL, false, &code))
        return code;
    if (job->outcome.error == DFUKIT_OK)
        return report(job);
    if (job->outcome.error == DFUKIT_ERR_MISMATCH && names_another(job, file))
        return mismatch(job, file);
    return dfukit_cli_addresses_failed(job, &plan, file->name);
}

int dfukit_cli_write(const dfukit_cli_args *args, dfukit_cli_ui *ui)
{
    dfukit_cli_file file;
    dfukit_cli_job job;
    int code = dfukit_cli_file_load(ui, args->files[0], &file);
    if (code != DFUKIT_EXIT_OK)
        return code;
    code = dfukit_cli_job_begin(&job, ui, args);
    if (code == DFUKIT_EXIT_OK)
        code = write_on(&job, &file);
    dfukit_cli_job_end(&job);
    dfukit_cli_file_free(&file);
    return code;
}
