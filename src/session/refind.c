/* SPDX-License-Identifier: MIT */
/*
 * Waiting for a device that comes back. It has first gone: a device number that differs from the
 * one before shows it. Then it is looked for at its physical port, whatever its identity has
 * become; else among newcomers that resemble it. No fixed sleeps: look often at first, then less
 * often.
 */
#include <stdlib.h>
#include <string.h>

#include "session_internal.h"

#define INTERVAL_FIRST_MS 5u
#define INTERVAL_MAX_MS   50u

/* The DFU function of an entry: the one with this interface number, else the first, else none. */
static void pick_function(dfukit_target *t, const dfukit_entry *e, uint8_t interface)
{
    for (unsigned nth = 0; dfukit_target_inspect(t, e, nth) == DFUKIT_OK; nth++) {
        if (t->interface == interface)
            return;
    }
    if (dfukit_target_inspect(t, e, 0) != DFUKIT_OK) {
        dfukit_target_unread(t, e);
        t->mode = DFUKIT_MODE_RUNTIME; /* no DFU function: it runs its firmware */
    }
}

/* All devices on the carrier, one target each, nothing opened. */
static int survey(dfukit_carrier *carrier, const char *only, uint8_t interface, dfukit_targets *out)
{
    dfukit_listing listing = {0, NULL};
    *out = (dfukit_targets){0, NULL};
    int r = carrier->ops->list(carrier->self, only, &listing);
    if (r != DFUKIT_OK)
        return r;
    out->list = calloc(listing.count + 1, sizeof *out->list);
    for (size_t i = 0; out->list != NULL && i < listing.count; i++) {
        pick_function(&out->list[out->count++], &listing.entries[i], interface);
    }
    dfukit_listing_free(&listing);
    return out->list != NULL ? DFUKIT_OK : DFUKIT_ERR_NOMEM;
}

void dfukit_refind_begin(dfukit_refind *r, dfukit_carrier *carrier, const dfukit_target *before,
                         const dfukit_step *step)
{
    memset(r, 0, sizeof *r);
    r->before = *before;
    r->expected = step->expected;
    r->must_depart = step->must_depart;
    r->next_ms = carrier->ops->now_ms(carrier->self);
    r->deadline_ms = r->next_ms + step->wait_ms;
    r->interval_ms = INTERVAL_FIRST_MS;
    r->reason = DFUKIT_ERR_LOST;
    dfukit_targets known;
    if (survey(carrier, before->path, before->interface, &known) == DFUKIT_OK) {
        r->known = known.list;
        r->known_count = known.count;
    } else {
        r->before.has_serial =
            false; /* nobody can be told from a newcomer: the port alone counts */
    }
}

void dfukit_refind_end(dfukit_refind *r)
{
    free(r->known);
    r->known = NULL;
    r->known_count = 0;
}

/* Does this device count as "come back"? At the deadline, what is there has to do. */
static bool is_back(const dfukit_refind *r, const dfukit_target *t, bool last_chance)
{
    if (t->devnum != r->before.devnum || last_chance)
        return true;
    if (r->must_depart)
        return false;
    bool in_dfu = t->mode == DFUKIT_MODE_DFU;
    bool was_dfu = r->before.mode != DFUKIT_MODE_RUNTIME;
    return in_dfu != was_dfu && in_dfu == (r->expected == DFUKIT_RETURN_DFU);
}

/* Open what was found and ask it for the rest. */
static int take(dfukit_refind *r, dfukit_carrier *carrier, const dfukit_target *t)
{
    r->back = *t;
    if (t->alt_count == 0) /* it runs, without a DFU function; or nobody could look */
        return (int)t->access;
    int error = t->access == DFUKIT_OK
                    ? carrier->ops->open(carrier->self, t->path, t->devnum, &r->handle)
                    : (int)t->access;
    if (error != DFUKIT_OK) {
        r->handle = NULL;
        return error;
    }
    dfukit_target_ask(carrier, r->handle, &r->back);
    return DFUKIT_OK;
}

/* A newcomer at another port may be the device: its serial number tells, so ask for it. */
static void ask_newcomers(const dfukit_refind *r, dfukit_carrier *carrier, dfukit_targets *seen)
{
    for (size_t i = 0; r->before.has_serial && i < seen->count; i++) {
        dfukit_target *t = &seen->list[i];
        bool new = strcmp(t->path, r->before.path) != 0;
        for (size_t k = 0; new &&k < r->known_count; k++)
            new = strcmp(t->path, r->known[k].path) != 0;
        dfukit_handle *handle = NULL;
        if (!new || t->alt_count == 0 || t->access != DFUKIT_OK ||
            carrier->ops->open(carrier->self, t->path, t->devnum, &handle) != DFUKIT_OK)
            continue;
        dfukit_target_ask(carrier, handle, t);
        carrier->ops->close(carrier->self, handle);
    }
}

int dfukit_refind_look(dfukit_refind *r, dfukit_carrier *carrier)
{
    uint64_t now = carrier->ops->now_ms(carrier->self);
    if (now < r->next_ms)
        return DFUKIT_ERR_AGAIN;
    bool last_chance = now >= r->deadline_ms;
    r->interval_ms = r->interval_ms * 2 < INTERVAL_MAX_MS ? r->interval_ms * 2 : INTERVAL_MAX_MS;
    r->next_ms = now + r->interval_ms < r->deadline_ms ? now + r->interval_ms : r->deadline_ms;

    dfukit_targets seen;
    size_t index = 0;
    int result = survey(carrier, r->before.path, r->before.interface, &seen);
    if (result == DFUKIT_OK)
        ask_newcomers(r, carrier, &seen);
    if (result == DFUKIT_OK)
        result = dfukit_select_returned(seen.list, seen.count, &r->before, r->known, r->known_count,
                                        &index);
    if (result == DFUKIT_OK && is_back(r, &seen.list[index], last_chance)) {
        result = take(r, carrier, &seen.list[index]);
        if (result != DFUKIT_OK && result != DFUKIT_ERR_GONE)
            r->reason = result; /* permissions may come a moment later than the device */
    } else if (result == DFUKIT_ERR_AMBIGUOUS) {
        r->reason = result;
    } else {
        result = DFUKIT_ERR_AGAIN;
    }
    dfukit_targets_free(&seen);
    if (result == DFUKIT_OK)
        return result;
    return last_chance ? r->reason : DFUKIT_ERR_AGAIN;
}
