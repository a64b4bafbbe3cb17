/* SPDX-License-Identifier: MIT */
/* dfu verify. */
#include "addresses.h"
#include "exit.h"
#include "file.h"
#include "job.h"
#include "verbs.h"

/* What differs, and how much the device holds less than the file; plain DFU has no more to tell. */
static void differences(const dfukit_outcome *o, const dfukit_stream *s, char *text, size_t room)
{
    char bytes[DFUKIT_CLI_GROUP_SIZE], less[DFUKIT_CLI_GROUP_SIZE];
    uint64_t missing = o->bytes < s->length ? s->length - o->bytes : 0;
    uint64_t different = o->differences > missing ? o->differences - missing : 0;
    unsigned long long first = o->differs_at, end = s->base + o->bytes;
    dfukit_cli_bytes(different, bytes);
    dfukit_cli_bytes(missing, less);
    if (missing == 0)
        snprintf(text, room, "%s, the first at 0x%08llx", bytes, first);
    else if (different == 0)
        snprintf(text, room,
                 "the device ends at 0x%08llx, %s before the file; up to there they are equal", end,
                 less);
    else
        snprintf(text, room,
                 "%s, the first at 0x%08llx; the device ends at 0x%08llx, %s before the file",
                 bytes, first, end, less);
}

static int report(const dfukit_cli_job *job, const dfukit_cli_file *file, const dfukit_job *plan)
{
    const dfukit_outcome *o = &job->outcome;
    const dfukit_target *t = job->loader.alt_count != 0 ? &job->loader : &job->target;
    bool streamed = plan->stream != NULL && !dfukit_target_is_dfuse(t);
    char bytes[DFUKIT_CLI_GROUP_SIZE], how[256];
    dfukit_cli_result r = {.error = o->error, .outcome = o};
    if (o->error == DFUKIT_OK) {
        dfukit_cli_bytes(streamed ? plan->stream->length : o->bytes, bytes);
        dfukit_cli_message(&r, "equal: the device holds the %s of %s", bytes, file->name);
        return dfukit_cli_finish(job->ui, &r);
    }
    if (streamed)
        differences(o, plan->stream, how, sizeof how);
    else
        snprintf(how, sizeof how, "%s, the first at 0x%08llx",
                 dfukit_cli_bytes(o->differences, bytes), (unsigned long long)o->differs_at);
    dfukit_cli_message(&r, "the device differs from %s: %s", file->name, how);
    return dfukit_cli_finish(job->ui, &r);
}

static int verify_on(dfukit_cli_job *job, dfukit_cli_file *file)
{
    dfukit_job plan = dfukit_cli_job_plan(job, DFUKIT_VERB_VERIFY);
    int code = dfukit_cli_file_payload(job->ui, job->args, file, &job->target, &plan);
    if (code == DFUKIT_EXIT_OK)
        code = dfukit_cli_addresses_check(job, &plan, file->name);
    if (code != DFUKIT_EXIT_OK || !dfukit_cli_job_run(job, &plan, NULL, NULL, false, &code))
        return code;
    bool compared = job->outcome.error == DFUKIT_OK || job->outcome.error == DFUKIT_ERR_DIFFERS;
    return compared ? report(job, file, &plan)
                    : dfukit_cli_addresses_failed(job, &plan, file->name);
}

int dfukit_cli_verify(const dfukit_cli_args *args, dfukit_cli_ui *ui)
{
    dfukit_cli_file file;
    dfukit_cli_job job;
    int code = dfukit_cli_file_load(ui, args->files[0], &file);
    if (code != DFUKIT_EXIT_OK)
        return code;
    code = dfukit_cli_job_begin(&job, ui, args);
    if (code == DFUKIT_EXIT_OK)
        code = verify_on(&job, &file);
    dfukit_cli_job_end(&job);
    dfukit_cli_file_free(&file);
    return code;
}
