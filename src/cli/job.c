/* SPDX-License-Identifier: MIT */
/* One job on one chosen device: what all verbs that talk to a device have in common. */
#include "job.h"

#include <string.h>

#include "choose.h"
#include "describe.h"
#include "exit.h"
#include "interrupt.h"
#include "owner.h"
#include "view.h"

/* What watches a session: the verb's own watcher, and what every job remembers. */
typedef struct watch {
    dfukit_cli_job *job;
    const dfukit_watcher *next;
} watch;

/* The watcher of the usual verbs. */
typedef struct usual {
    dfukit_cli_view view;
    dfukit_cli_sink sink;
    void *sink_self;
} usual;

/* Name the program that is in the way, where this computer tells. */
static void blame_owner(const dfukit_cli_job *job, dfukit_cli_result *r)
{
    dfukit_cli_owner owner;
    if (r->error != DFUKIT_ERR_BUSY || job->where.place->kind != DFUKIT_CLI_ON_USB ||
        !dfukit_cli_owner_find(NULL, &job->target, &owner))
        return;
    size_t n = strlen(r->message);
    snprintf(r->message + n, sizeof r->message - n, ": it is %s", owner.who);
    snprintf(r->remedy, sizeof r->remedy, "%s", owner.remedy);
}

static int cannot_open(const dfukit_cli_job *job, int error)
{
    char text[300];
    const char *why = job->where.carrier.ops->complaint(job->where.carrier.self);
    dfukit_cli_result r = {.error = error};
    dfukit_cli_message(&r, "cannot open %s: %s%s%s",
                       dfukit_cli_job_device(&job->target, text, sizeof text),
                       dfukit_error_text(error), *why != '\0' ? ": " : "", why);
    dfukit_cli_access_remedy(error, &job->target.device,
                             job->where.place->kind == DFUKIT_CLI_ON_USB, r.remedy,
                             sizeof r.remedy);
    blame_owner(job, &r);
    return dfukit_cli_finish(job->ui, &r);
}

/* A device whose descriptors could not be read: nothing can be done with it. */
static int unread(const dfukit_cli_job *job)
{
    int error = job->target.access;
    if (error == DFUKIT_ERR_BUSY || error == DFUKIT_ERR_ACCESS)
        return cannot_open(job, error);
    if (error == DFUKIT_OK)
        error = DFUKIT_ERR_IO;
    return dfukit_cli_fail(job->ui, error, "the device's descriptors could not be read: %s",
                           dfukit_error_text(error));
}

int dfukit_cli_job_begin(dfukit_cli_job *job, const dfukit_cli_ui *ui, const dfukit_cli_args *args)
{
    memset(job, 0, sizeof *job);
    job->ui = ui;
    job->args = args;
    job->begun_ms = dfukit_cli_now_ms();
    int code = dfukit_cli_where_open(ui, &args->place, &job->where);
    if (code == DFUKIT_EXIT_OK)
        code = dfukit_cli_choose(ui, args, &job->where, &job->target);
    if (code == DFUKIT_EXIT_OK && ui->verbose) {
        char text[300];
        dfukit_cli_say(ui, "device: %s", dfukit_cli_job_device(&job->target, text, sizeof text));
    }
    if (code == DFUKIT_EXIT_OK && job->target.alt_count == 0)
        code = unread(job);
    return code;
}

/* --timeout is for everything together: what choosing the device took is gone. */
static uint32_t time_left(const dfukit_cli_job *job)
{
    uint32_t all = job->args->timeout_ms;
    uint64_t gone = dfukit_cli_now_ms() - job->begun_ms;
    if (all == 0)
        return 0;
    return gone < all ? all - (uint32_t)gone : 1;
}

dfukit_job dfukit_cli_job_plan(const dfukit_cli_job *job, dfukit_verb verb)
{
    const dfukit_cli_args *a = job->args;
    bool placed =
        verb == DFUKIT_VERB_READ || verb == DFUKIT_VERB_ERASE || verb == DFUKIT_VERB_LEAVE;
    return (dfukit_job){
        .verb = verb,
        .force = a->force,
        .has_alt = a->has_alt,
        .alt = a->alt,
        .alt_name = a->alt_name,
        .verify = a->verify,
        .then = a->then,
        .transfer_size = a->transfer_size,
        .timeout_ms = time_left(job),
        .erase = a->erase,
        .has_at = placed && a->has_at,
        .at = placed ? a->at : 0,
        .has_size = a->has_size,
        .size = a->size,
    };
}

static void note(dfukit_cli_job *job, const dfukit_host *h)
{
    job->target = *dfukit_host_target(h);
    if (job->target.mode == DFUKIT_MODE_DFU)
        job->loader = job->target;
}

static bool on_progress(void *self, const dfukit_host *h)
{
    const watch *w = self;
    note(w->job, h);
    return w->next->progress(w->next->self, h);
}

static int on_bytes(void *self, const uint8_t *bytes, size_t n)
{
    const watch *w = self;
    return w->next->bytes != NULL ? w->next->bytes(w->next->self, bytes, n) : DFUKIT_OK;
}

static bool usual_progress(void *self, const dfukit_host *h)
{
    usual *u = self;
    dfukit_cli_view_show(&u->view, dfukit_host_progress(h));
    return !dfukit_cli_interrupted();
}

static int usual_bytes(void *self, const uint8_t *bytes, size_t n)
{
    const usual *u = self;
    return u->sink != NULL ? u->sink(u->sink_self, bytes, n) : DFUKIT_OK;
}

int dfukit_cli_job_watch(dfukit_cli_job *job, const dfukit_job *plan, const dfukit_watcher *watcher)
{
    int error = DFUKIT_OK;
    watch w = {job, watcher};
    dfukit_watcher mine = {&w, on_progress, on_bytes};
    dfukit_session *session = dfukit_session_new(&job->where.carrier, plan, &job->target, &error);
    if (session == NULL)
        return error;
    uint64_t begun_ms = dfukit_cli_now_ms();
    error = dfukit_session_run(session, &mine);
    job->took_ms = dfukit_cli_now_ms() - begun_ms;
    note(job, dfukit_session_host(session));
    job->outcome = *dfukit_host_outcome(dfukit_session_host(session));
    job->outcome.error = error; /* a sink's error stands above the engine's "interrupted" */
    dfukit_session_free(&session);
    return DFUKIT_OK;
}

bool dfukit_cli_job_run(dfukit_cli_job *job, const dfukit_job *plan, dfukit_cli_sink sink,
                        void *sink_self, bool silent, int *code)
{
    usual u = {.sink = sink, .sink_self = sink_self};
    dfukit_watcher watcher = {&u, usual_progress, usual_bytes};
    dfukit_cli_view_init(&u.view, job->ui, silent);
    int error = dfukit_cli_job_watch(job, plan, &watcher);
    dfukit_cli_view_end(&u.view);
    if (error != DFUKIT_OK)
        *code = cannot_open(job, error);
    return error == DFUKIT_OK;
}

/* Does the engine's text say only what was being done ("sending a block"), not what went wrong? */
static bool is_activity(const char *what)
{
    size_t n = strcspn(what, " ");
    return n > 3 && strncmp(what + n - 3, "ing", 3) == 0;
}

/* Where it happened: the block, when it was about one; the address, when bytes differ. */
static void where_text(const dfukit_outcome *o, char *buffer, size_t room)
{
    char bytes[DFUKIT_CLI_GROUP_SIZE];
    bool in_blocks = o->phase == DFUKIT_PHASE_TRANSFER || o->phase == DFUKIT_PHASE_VERIFICATION;
    buffer[0] = '\0';
    if (o->error == DFUKIT_ERR_DIFFERS)
        snprintf(buffer, room, ": %s, the first at 0x%08llx",
                 dfukit_cli_bytes(o->differences, bytes), (unsigned long long)o->differs_at);
    else if (in_blocks && (o->error == DFUKIT_ERR_DEVICE || strstr(o->what, "block") != NULL))
        snprintf(buffer, room, " (block %lu)", (unsigned long)o->block);
}

/* The engine's remedy, where it is one for this verb. */
static const char *remedy_of(const dfukit_cli_job *job)
{
    const dfukit_outcome *o = &job->outcome;
    unsigned verb = job->args->verb->bit;
    bool reading = verb == DFUKIT_CLI_READ || o->phase == DFUKIT_PHASE_VERIFICATION;
    if (o->remedy == NULL)
        return NULL;
    if (reading && o->error == DFUKIT_ERR_DEVICE && o->bStatus == DFUKIT_STATUS_ADDRESS)
        return NULL; /* it blames the image, and none is being sent */
    if ((verb & (DFUKIT_CLI_WRITE | DFUKIT_CLI_VERIFY | DFUKIT_CLI_DEMO)) == 0 &&
        strstr(o->remedy, "the file") != NULL)
        return NULL; /* there is none */
    if (verb == DFUKIT_CLI_VERIFY && o->error == DFUKIT_ERR_MISMATCH)
        return "choose the right file or device; --force compares it all the same";
    if (job->ui->program != NULL && strstr(o->remedy, "dfu unlock") != NULL)
        return "-s :unprotect:force lifts the protection, and erases everything";
    return dfukit_cli_options_fit(job->args->verb, o->remedy) ? o->remedy : NULL;
}

void dfukit_cli_job_alternates(const dfukit_target *t, char *buffer, size_t room)
{
    size_t n = (size_t)snprintf(buffer, room, "choose one of them:");
    for (size_t i = 0; i < t->alt_count && n < room; i++)
        n += (size_t)snprintf(buffer + n, room - n, "\n  -a %u%s%s", (unsigned)t->alts[i].number,
                              t->alts[i].name[0] != '\0' ? "  " : "", t->alts[i].name);
}

int dfukit_cli_job_failed(const dfukit_cli_job *job)
{
    const dfukit_outcome *o = &job->outcome;
    dfukit_cli_result r = {.error = o->error, .outcome = o};
    char where[96];
    where_text(o, where, sizeof where);
    if (is_activity(o->what))
        dfukit_cli_message(&r, "%s%s: %s", o->what, where, dfukit_error_text(o->error));
    else
        dfukit_cli_message(&r, "%s%s", o->what, where);
    const char *remedy = remedy_of(job);
    if (o->error == DFUKIT_ERR_USAGE && job->loader.alt_count != 0)
        dfukit_cli_job_alternates(&job->loader, r.remedy, sizeof r.remedy);
    else if (remedy != NULL)
        snprintf(r.remedy, sizeof r.remedy, "%s", remedy);
    else
        dfukit_cli_access_remedy(o->error, &job->target.device,
                                 job->where.place->kind == DFUKIT_CLI_ON_USB, r.remedy,
                                 sizeof r.remedy);
    blame_owner(job, &r);
    return dfukit_cli_finish(job->ui, &r);
}

void dfukit_cli_job_end(dfukit_cli_job *job)
{
    dfukit_cli_where_close(&job->where);
}

const char *dfukit_cli_job_device(const dfukit_target *t, char *buffer, size_t room)
{
    char ids[10];
    bool named = t->has_product && t->product[0] != '\0';
    snprintf(buffer, room, "%s%s%s, path %s", named ? t->product : "", named ? " " : "",
             dfukit_cli_id_text(&t->device, ids), t->path);
    return buffer;
}
