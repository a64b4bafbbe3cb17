/* SPDX-License-Identifier: MIT */
/* dfu read. */
#include <string.h>

#include "addresses.h"
#include "exit.h"
#include "output.h"
#include "readout.h"
#include "verbs.h"

/* A read in progress. */
typedef struct reading {
    dfukit_cli_job job;
    dfukit_job plan;
    dfukit_cli_output output;
    dfukit_cli_readout data;
    dfukit_cli_file like;
    bool has_like;
} reading;

static const dfukit_target *loader(const reading *r)
{
    return r->job.loader.alt_count != 0 ? &r->job.loader : &r->job.target;
}

static int report(const reading *r)
{
    char bytes[DFUKIT_CLI_GROUP_SIZE];
    dfukit_cli_result result = {.outcome = &r->job.outcome};
    dfukit_cli_bytes(r->job.outcome.bytes, bytes);
    if (strcmp(r->output.name, "-") == 0)
        dfukit_cli_message(&result, "read: %s", bytes);
    else
        dfukit_cli_message(&result, "read: %s into %s", bytes, r->output.name);
    return dfukit_cli_finish_file(r->job.ui, &result, r->output.name);
}

/* Raw binary has no place for what lies far apart, and only DfuSe for alternate settings. */
static int cannot_hold(const reading *r, int error)
{
    const dfukit_image *image = &r->data.image;
    bool several = image->segments[0].alternate != image->segments[image->count - 1].alternate;
    dfukit_cli_result result = {.error = DFUKIT_ERR_USAGE};
    dfukit_cli_message(&result, "%s: this format cannot hold %s", r->output.name,
                       several                         ? "several alternate settings"
                       : error == DFUKIT_ERR_TOO_LARGE ? "what lies so far apart"
                                                       : "what was read");
    snprintf(result.remedy, sizeof result.remedy, "%s",
             several ? "use .dfu, or -a for one of them" : "use .hex or .dfu");
    return dfukit_cli_finish(r->job.ui, &result);
}

/* The file is whole only now; the suffix names the device as it is in DFU mode. */
static int conclude(reading *r)
{
    const dfukit_cli_ui *ui = r->job.ui;
    const dfukit_target *t = loader(r);
    const dfukit_cli_file *like = r->has_like ? &r->like : NULL;
    if (r->job.outcome.error == DFUKIT_ERR_NOMEM)
        return dfukit_cli_fail(ui, DFUKIT_ERR_NOMEM, "%s: out of memory", r->output.name);
    if (r->job.outcome.error != DFUKIT_OK)
        return dfukit_cli_addresses_failed(&r->job, &r->plan, r->has_like ? r->like.name : NULL);
    int error = dfukit_cli_readout_place(&r->data, &r->plan, t, like);
    if (error != DFUKIT_OK)
        return dfukit_cli_fail(ui, error, "the device did not send what was asked for: %s",
                               dfukit_error_text(error));
    error = dfukit_cli_readout_write(&r->data, t, like, &r->output);
    if (error == DFUKIT_ERR_OUTPUT)
        return dfukit_cli_fail(ui, error, "%s: %s", dfukit_cli_output_title(&r->output),
                               strerror(r->output.why));
    if (error != DFUKIT_OK)
        return cannot_hold(r, error);
    int code = dfukit_cli_output_end(ui, &r->output, dfukit_target_is_dfuse(t) ? NULL : &t->device);
    return code == DFUKIT_EXIT_OK ? report(r) : code;
}

/* A device without addresses: from its start, as much as is wanted. */
static int limit(reading *r)
{
    const dfukit_cli_args *args = r->job.args;
    if (args->has_at && !r->has_like)
        return dfukit_cli_fail(r->job.ui, DFUKIT_ERR_REFUSED,
                               "--at: the device speaks plain DFU, which has no addresses");
    if (args->has_size)
        r->plan.read_limit = args->size;
    if (r->plan.stream != NULL)
        r->plan.read_limit = r->plan.stream->length;
    return DFUKIT_EXIT_OK;
}

static int read_on(reading *r)
{
    dfukit_cli_job *job = &r->job;
    int code = DFUKIT_EXIT_OK;
    r->plan = dfukit_cli_job_plan(job, DFUKIT_VERB_READ);
    if (r->has_like) {
        code = dfukit_cli_file_payload(job->ui, job->args, &r->like, &job->target, &r->plan);
        r->plan.suffix = NULL; /* nothing is written: whose file it is does not matter */
        r->plan.has_at = r->plan.has_size = false;
    }
    if (code == DFUKIT_EXIT_OK && !dfukit_target_is_dfuse(&job->target))
        code = limit(r);
    if (code == DFUKIT_EXIT_OK)
        code = dfukit_cli_addresses_check(job, &r->plan, r->has_like ? r->like.name : NULL);
    if (code == DFUKIT_EXIT_OK &&
        dfukit_cli_job_run(job, &r->plan, dfukit_cli_readout_add, &r->data, false, &code))
        code = conclude(r);
    return code;
}

static int check(const dfukit_cli_args *args, const dfukit_cli_ui *ui)
{
    if (ui->json && strcmp(args->files[0], "-") == 0)
        return dfukit_cli_fail(ui, DFUKIT_ERR_USAGE,
                               "--json and the firmware cannot both go to standard output");
    if (args->like != NULL && (args->has_size || args->has_at))
        return dfukit_cli_fail(ui, DFUKIT_ERR_USAGE,
                               "--like says what is read: leave out --at and --size");
    return DFUKIT_EXIT_OK;
}

int dfukit_cli_read(const dfukit_cli_args *args, dfukit_cli_ui *ui)
{
    static reading r;
    int code = check(args, ui);
    if (code != DFUKIT_EXIT_OK)
        return code;
    memset(&r, 0, sizeof r);
    if (args->like != NULL) {
        code = dfukit_cli_file_load(ui, args->like, &r.like);
        if (code != DFUKIT_EXIT_OK)
            return code;
        r.has_like = true;
    }
    code = dfukit_cli_output_begin(ui, &r.output, args->files[0], args->force);
    if (code == DFUKIT_EXIT_OK) {
        code = dfukit_cli_job_begin(&r.job, ui, args);
        if (code == DFUKIT_EXIT_OK)
            code = read_on(&r);
        dfukit_cli_output_drop(&r.output);
        dfukit_cli_job_end(&r.job);
    }
    dfukit_cli_readout_free(&r.data);
    dfukit_cli_file_free(&r.like);
    return code;
}
