/* SPDX-License-Identifier: MIT */
/*
 * What must hold, whatever happens:
 *
 *   - ends: the conversation ends, in so many steps, in so much time, in no circle;
 *   - written: success of a write, or of a verification, means that the flash equals the image, and
 *     a device that is seen afterwards accepts it; "verified" means that every byte of it was read
 *     back; a read brought what is there;
 *   - inside: no erase, write or read outside the region;
 *   - legal: without a fault, no request that a healthy device answers with dfuERROR;
 *   - succeeds: without a fault, the job does what it can;
 *   - again: after any end a write of the image succeeds, once the device has finished what it was
 *     at;
 *   - freed: all memory is given back;
 *   - boots: the device never runs firmware that is not whole.
 *
 * Two successes are exempt, and counted as "unseen":
 *
 *   - a device that has taken the end of the download has gone, and was not seen again: it runs,
 *     and its firmware need be no USB device, or it has lost its power. The outcome says itself
 * that nobody has seen it: not confirmed, with a remedy;
 *   - a device without run-time mode has lost its power: it says dfuIDLE then, whatever its flash
 *     holds, and where power fails just as it is reset, that passes for the reset.
 *
 * "flash", "device", "step" and "read" stand for broken contracts of an interface, "found" and
 * "memory" for the explorer's own trouble.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explore.h"

#define SETTLE_MS 2000u /* what a device may still have to do: its flash, its detach timer */

explore_failure explore_failed;

void explore_violated(const char *invariant, const char *format, ...)
{
    va_list list;

    if (explore_failed.is)
        return;
    explore_failed.is = true;
    explore_failed.invariant = invariant;
    va_start(list, format);
    (void)vsnprintf(explore_failed.what, sizeof explore_failed.what, format, list);
    va_end(list);
}

/* ---- The job that has ended ---- */

static explore_result *counts;

/* Is that success one of those that nobody can know better? */
static bool is_unseen(const explore_world *w, const dfukit_outcome *o)
{
    if (explore_of->verb != DFUKIT_VERB_WRITE || o->verified)
        return false;
    return (!o->confirmed && o->remedy != NULL) || w->cut;
}

static void check_written(const explore_world *w, const dfukit_outcome *o)
{
    bool equal = explore_flash_equals_image(&w->flash);

    if (!equal && !is_unseen(w, o))
        explore_violated("written", "success, but the flash does not hold the image");
    if (!equal && counts != NULL)
        counts->unseen++;
    if (explore_of->verb == DFUKIT_VERB_WRITE && o->confirmed && !w->flash.valid && !w->cut)
        explore_violated("written", "success, but the device does not accept its firmware");
    if (o->verified && w->seen != (1u << EXPLORE_IMAGE) - 1u)
        explore_violated("written", "verified, but only bytes %06x have been read back", w->seen);
}

static void check_success(const explore_world *w, const dfukit_outcome *o)
{
    dfukit_verb verb = explore_of->verb;
    bool runs = w->powered && !dfukit_dfu_in_dfu_mode(&w->dfu);

    if (o->sent_back && !runs)
        explore_violated("written", "sent back, but it does not run its firmware");
    if (verb == DFUKIT_VERB_LEAVE && o->confirmed && !runs && !explore_of->loader)
        explore_violated("written", "left, but it does not run its firmware");
    if (verb == DFUKIT_VERB_WRITE || verb == DFUKIT_VERB_VERIFY)
        check_written(w, o);
    if (verb == DFUKIT_VERB_VERIFY && !o->verified)
        explore_violated("written", "a verification that has verified nothing");
    if (verb == DFUKIT_VERB_READ && memcmp(w->got, explore_flash_region(&w->flash), w->got_n) != 0)
        explore_violated("written", "what was read is not what is there");
    if (verb == DFUKIT_VERB_READ && w->got_n != EXPLORE_REGION && !w->shortened)
        explore_violated("written", "only %u of %u bytes were read", w->got_n, EXPLORE_REGION);
    if (verb == DFUKIT_VERB_DETACH && w->powered && !dfukit_dfu_in_dfu_mode(&w->dfu))
        explore_violated("written", "detached, but not in DFU mode");
}

/* What a fault-free job has to come to; DFUKIT_ERR_AGAIN: nothing is asked of it. */
static int wanted(const explore_world *w)
{
    const explore_config *c = explore_of;
    bool uploads = (c->attributes & DFUKIT_CAN_UPLOAD) != 0;

    if (c->no_reset || c->timeout_ms != 0 || c->from == DFUKIT_APP_DETACH || c->unasked)
        return DFUKIT_ERR_AGAIN;
    switch (c->verb) {
    case DFUKIT_VERB_READ:
        return uploads ? DFUKIT_OK : DFUKIT_ERR_REFUSED;
    case DFUKIT_VERB_VERIFY:
        if (!uploads)
            return DFUKIT_ERR_REFUSED;
        return explore_flash_equals_image(&w->flash) ? DFUKIT_OK : DFUKIT_ERR_DIFFERS;
    case DFUKIT_VERB_WRITE:
        return !uploads && c->verify == DFUKIT_VERIFY_ALWAYS ? DFUKIT_ERR_REFUSED : DFUKIT_OK;
    case DFUKIT_VERB_LEAVE:
        return w->flash.valid ? DFUKIT_OK : DFUKIT_ERR_DEVICE;
    case DFUKIT_VERB_DETACH:
    case DFUKIT_VERB_STATUS:
    case DFUKIT_VERB_ERASE: /* DfuSe's: not explored here */
    case DFUKIT_VERB_UNLOCK:
    default:
        return DFUKIT_OK;
    }
}

static void check_faultless(const explore_world *w, const dfukit_outcome *o)
{
    int result = wanted(w);
    bool proven = explore_of->verify == DFUKIT_VERIFY_ALWAYS;

    if (result == DFUKIT_ERR_AGAIN)
        return;
    if (o->error != result)
        explore_violated("succeeds", "%s, but %s was to be expected: %s",
                         dfukit_error_name(o->error), dfukit_error_name(result), o->what);
    if (result != DFUKIT_OK || explore_of->verb != DFUKIT_VERB_WRITE)
        return;
    if (!o->confirmed || (dfukit_dfu_in_dfu_mode(&w->dfu) && !explore_of->loader))
        explore_violated("succeeds", "written, but the device is in %s (confirmed: %d)",
                         dfukit_state_name(w->dfu.state), o->confirmed);
    if (proven && !o->verified)
        explore_violated("succeeds", "written, but not verified as was asked for");
}

static void check_outcome(const explore_world *w)
{
    const dfukit_outcome *o = dfukit_host_outcome(w->host);
    bool done = dfukit_host_next(w->host, w->now_ms)->kind == DFUKIT_STEP_DONE;

    explore_say("ends: %s: %s%s%s%s", dfukit_error_name(o->error), o->what,
                o->verified ? ", verified" : "", o->confirmed ? ", confirmed" : "",
                o->sent_back ? ", sent back" : "");
    if (done != (o->error == DFUKIT_OK) || o->what == NULL)
        explore_violated("step", "ended with %s", dfukit_error_name(o->error));
    if (o->error == DFUKIT_OK)
        check_success(w, o);
    if (w->faults == 0)
        check_faultless(w, o);
}

static void check_memory(explore_world *w)
{
    dfukit_host_free(&w->host);
    for (size_t i = 0; i < EXPLORE_BLOCKS_MAX; i++) {
        if (w->given[i].size != 0)
            explore_violated("freed", "%u bytes are not given back", w->given[i].size);
    }
}

/* ---- And once more ---- */

static bool write_again(explore_world *w)
{
    bool fine;

    memset(w->given, 0, sizeof w->given);
    w->used = 0;
    w->steps = 0;
    w->faults_left = 0;
    w->cancelled = false;
    w->seen = 0;
    w->host = NULL;
    if (!explore_host_make(w, true))
        return false;
    while (!explore_ended(w) && w->steps < EXPLORE_STEPS_MAX) {
        explore_choice.n = 0;
        explore_step(w);
    }
    const dfukit_outcome *o = dfukit_host_outcome(w->host);
    fine = explore_ended(w) && o->error == DFUKIT_OK && explore_flash_equals_image(&w->flash);
    explore_say("the write after it ends: %s: %s", dfukit_error_name(o->error), o->what);
    dfukit_host_free(&w->host);
    return fine;
}

static void check_again(explore_world *w)
{
    bool had_faults = w->faults != 0;

    explore_choices_begin(EXPLORE_FIRST);
    w->faults = 1; /* not a fault-free path any more */
    w->asked = true;
    if (!w->powered)
        explore_power(w);
    explore_advance(w, SETTLE_MS);
    const char *state = dfukit_state_name(w->dfu.state);
    explore_say("once more, from %s:", state);
    if (!write_again(w))
        explore_violated("again", "after %s a write from %s fails",
                         had_faults ? "faults" : "no fault", state);
}

/* Devices that are alike go on alike: one write is enough for all. */
static explore_set tried;

void explore_invariants_begin(explore_result *result)
{
    counts = result;
    explore_failed = (explore_failure){0};
    explore_set_free(&tried);
}

void explore_invariants_end(void)
{
    explore_set_free(&tried);
}

void explore_check_end(explore_world *w)
{
    size_t before = tried.count;

    check_outcome(w);
    check_memory(w);
    (void)explore_set_add(&tried, explore_device_hash(), 0);
    if (!explore_failed.is && (tried.count != before || explore_talking))
        check_again(w);
}
