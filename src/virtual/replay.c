/* SPDX-License-Identifier: MIT */
/*
 * A recording played back as a device on a wire. Class and vendor requests are compared with what
 * was recorded, in order; where a host departs from that the line is kept, and the recording goes
 * on as well as it can, so that what follows can be seen too.
 */
#include "replay.h"
#include "fault.h"

#include <stdlib.h>
#include <string.h>

static uint64_t now_us(const dfukit_replay *r)
{
    return r->clock.now_us(r->clock.self);
}

int32_t dfukit_replay_reply(const dfukit_setup *setup, uint8_t *data, const uint8_t *bytes,
                            size_t n)
{
    if (!dfukit_setup_is_in(setup))
        return DFUKIT_ERR_STALL;
    if (n > setup->wLength)
        n = setup->wLength;
    if (n > 0)
        memcpy(data, bytes, n);
    return (int32_t)n;
}

const uint8_t *dfukit_replay_bytes(const dfukit_replay *r, const dfukit_recorded_event *e)
{
    return e->size > 0 ? r->recording.pool + e->data : NULL;
}

/* ---- What is expected ---- */

static bool is_class(const dfukit_setup *s, uint8_t request)
{
    return (s->bmRequestType & DFUKIT_TYPE_MASK) == DFUKIT_TYPE_CLASS && s->bRequest == request;
}

/* Something that a host has to do again: a request that is no standard one, or a bus reset. */
static bool counts(const dfukit_recorded_event *e)
{
    if (e->kind == DFUKIT_RECORDED_RESET)
        return true;
    return e->kind == DFUKIT_RECORDED_TRANSFER &&
           (e->setup.bmRequestType & DFUKIT_TYPE_MASK) != 0 && e->result != DFUKIT_ERR_AGAIN;
}

/* May a host leave it out? DFU_GETSTATE changes nothing, and not every carrier carries resets. */
static bool optional(const dfukit_recorded_event *e)
{
    return e->kind == DFUKIT_RECORDED_RESET || is_class(&e->setup, DFUKIT_GETSTATE);
}

/* The next event of this attachment that counts, from `i` on; NULL: none. */
static const dfukit_recorded_event *next_event(const dfukit_replay *r, size_t i)
{
    for (; i < r->recording.event_count; i++) {
        const dfukit_recorded_event *e = &r->recording.events[i];

        if (e->owner == r->current && counts(e))
            return e;
    }
    return NULL;
}

static size_t behind(const dfukit_replay *r, const dfukit_recorded_event *e)
{
    return (size_t)(e - r->recording.events) + 1;
}

/* ---- Coming and going ---- */

/* The next attachment of the same device; the number of attachments when there is none. */
static size_t successor(const dfukit_replay *r)
{
    const dfukit_recording *rec = &r->recording;
    size_t i = r->current + 1;

    while (i < rec->attachment_count &&
           strcmp(rec->attachments[i].path, rec->attachments[r->current].path) != 0)
        i++;
    return i;
}

/* Is there more to come in this attachment? */
static bool awaits(const dfukit_replay *r)
{
    const dfukit_recorded_event *e = next_event(r, r->at);

    while (e != NULL && is_class(&e->setup, DFUKIT_GETSTATE))
        e = next_event(r, behind(r, e));
    return e != NULL;
}

static uint64_t between(uint64_t from, uint64_t to)
{
    return to > from ? to - from : 0;
}

static void schedule(dfukit_replay *r, uint64_t since_us);

static void attach(dfukit_replay *r, size_t index)
{
    r->current = index;
    r->on_bus = true;
    r->leave_us = r->return_us = DFUKIT_NEVER;
    r->active = 0;
    r->has_status = false;
    memset(r->settings, 0, sizeof(r->settings));
    schedule(r, r->recording.attachments[index].attach_us);
}

/* It leaves; `since_us` is when it did so in the recording. */
static void leave(dfukit_replay *r, uint64_t since_us)
{
    const dfukit_recording *rec = &r->recording;
    size_t after = successor(r);

    r->on_bus = false;
    r->hanging = false;
    r->leave_us = r->return_us = DFUKIT_NEVER;
    if (after == rec->attachment_count)
        return;
    r->return_us = now_us(r) + between(since_us, rec->attachments[after].attach_us);
}

/* When nothing more is to come in this attachment, it ends as it ended then. `since_us`: the
 * recording's time of now. */
static void schedule(dfukit_replay *r, uint64_t since_us)
{
    const dfukit_recording *rec = &r->recording;
    uint64_t depart_us = rec->attachments[r->current].depart_us;

    if (depart_us == DFUKIT_RECORDED_STAYS || awaits(r))
        return;
    r->leave_us = now_us(r) + between(since_us, depart_us);
}

static uint64_t wire_work(void *self)
{
    dfukit_replay *r = self;
    uint64_t now = now_us(r);

    if (r->on_bus && r->leave_us != DFUKIT_NEVER && now >= r->leave_us)
        leave(r, r->recording.attachments[r->current].depart_us);
    if (!r->on_bus && r->return_us != DFUKIT_NEVER && now >= r->return_us)
        attach(r, successor(r));
    if (r->on_bus)
        return r->leave_us != DFUKIT_NEVER ? between(now, r->leave_us) : UINT64_MAX;
    return r->return_us != DFUKIT_NEVER ? between(now, r->return_us) : UINT64_MAX;
}

static uint32_t wire_attachment(void *self)
{
    const dfukit_replay *r = self;

    return r->on_bus ? (uint32_t)r->current + 1u : 0;
}

/* ---- Requests ---- */

static bool same_setup(const dfukit_setup *a, const dfukit_setup *b)
{
    return a->bmRequestType == b->bmRequestType && a->bRequest == b->bRequest &&
           a->wValue == b->wValue && a->wIndex == b->wIndex && a->wLength == b->wLength;
}

/* The event that a request asks for. @return NULL: what comes next is something else. */
static const dfukit_recorded_event *expected(const dfukit_replay *r, const dfukit_setup *asked)
{
    const dfukit_recorded_event *e = next_event(r, r->at);

    while (e != NULL) {
        if (e->kind == DFUKIT_RECORDED_TRANSFER && same_setup(&e->setup, asked))
            return e;
        if (!optional(e))
            return NULL;
        e = next_event(r, behind(r, e));
    }
    return NULL;
}

/* The recording went another way: where does this request stand in it, if anywhere? First the one
 * that should come now if it only differs in its numbers; else any that is the same. */
static const dfukit_recorded_event *
elsewhere(const dfukit_replay *r, const dfukit_recorded_event *wanted, const dfukit_setup *asked)
{
    if (wanted != NULL && wanted->kind == DFUKIT_RECORDED_TRANSFER &&
        wanted->setup.bmRequestType == asked->bmRequestType &&
        wanted->setup.bRequest == asked->bRequest)
        return wanted;
    for (const dfukit_recorded_event *e = wanted; e != NULL; e = next_event(r, behind(r, e))) {
        if (e->kind == DFUKIT_RECORDED_TRANSFER && same_setup(&e->setup, asked))
            return e;
    }
    return NULL;
}

/* Answer as it was answered then. */
static int32_t play(dfukit_replay *r, const dfukit_recorded_event *e, const dfukit_setup *asked,
                    uint8_t *data)
{
    int32_t result = e->result;

    r->at = behind(r, e);
    if (result == DFUKIT_ERR_GONE) {
        leave(r, e->end_us);
        return result;
    }
    if (result == DFUKIT_ERR_TIMEOUT) {
        r->hanging = true;
        result = DFUKIT_ERR_AGAIN;
    } else if (result >= 0 && dfukit_setup_is_in(asked)) {
        result = dfukit_replay_reply(asked, data, dfukit_replay_bytes(r, e), e->size);
    } else if (result > (int32_t)asked->wLength) {
        result = asked->wLength;
    }
    if (is_class(asked, DFUKIT_GETSTATUS) && result == (int32_t)DFUKIT_STATUS_SIZE) {
        memcpy(r->status, data, DFUKIT_STATUS_SIZE);
        r->has_status = true;
    }
    schedule(r, e->end_us);
    return result;
}

/* A DFU_GETSTATE that was not recorded: the state that the last answer said; before there was any,
 * the one that the next says. */
static int32_t state_known(const dfukit_replay *r, const dfukit_setup *asked, uint8_t *data)
{
    const dfukit_recorded_event *e = next_event(r, r->at);

    if (r->has_status)
        return dfukit_replay_reply(asked, data, &r->status[4], 1);
    for (; e != NULL; e = next_event(r, behind(r, e))) {
        const uint8_t *bytes = dfukit_replay_bytes(r, e);

        if (is_class(&e->setup, DFUKIT_GETSTATE) && e->result == 1)
            return dfukit_replay_reply(asked, data, bytes, 1);
        if (is_class(&e->setup, DFUKIT_GETSTATUS) && e->result == (int32_t)DFUKIT_STATUS_SIZE)
            return dfukit_replay_reply(asked, data, bytes + 4, 1);
    }
    return DFUKIT_ERR_STALL;
}

static int32_t class_request(dfukit_replay *r, const dfukit_setup *asked, uint8_t *data)
{
    const dfukit_recorded_event *e = expected(r, asked);
    const dfukit_recorded_event *wanted;

    if (e != NULL) {
        dfukit_replay_compare(r, e, asked, data);
        return play(r, e, asked, data);
    }
    if (is_class(asked, DFUKIT_GETSTATE))
        return state_known(r, asked, data);
    wanted = next_event(r, r->at);
    while (wanted != NULL && optional(wanted) && next_event(r, behind(r, wanted)) != NULL)
        wanted = next_event(r, behind(r, wanted));
    dfukit_replay_other_request(r, wanted, asked);
    e = elsewhere(r, wanted, asked);
    if (e != NULL)
        return play(r, e, asked, data);
    if (is_class(asked, DFUKIT_GETSTATUS) && r->has_status)
        return dfukit_replay_reply(asked, data, r->status, sizeof(r->status));
    return DFUKIT_ERR_STALL;
}

/* ---- dfukit_wire_ops ---- */

static int32_t wire_control(void *self, const dfukit_setup *setup, uint8_t *data)
{
    dfukit_replay *r = self;

    (void)wire_work(r);
    if (!r->on_bus)
        return DFUKIT_ERR_GONE;
    if (r->hanging)
        return DFUKIT_ERR_AGAIN;
    if ((setup->bmRequestType & DFUKIT_TYPE_MASK) == 0)
        return dfukit_replay_standard(r, setup, data);
    return class_request(r, setup, data);
}

static void wire_cancel(void *self)
{
    ((dfukit_replay *)self)->hanging = false;
}

/* A reset that was recorded is taken where it stands; systems make others as they like. */
static void wire_reset(void *self)
{
    dfukit_replay *r = self;
    const dfukit_recorded_event *e;

    (void)wire_work(r);
    if (!r->on_bus)
        return;
    r->hanging = false;
    r->active = 0;
    memset(r->settings, 0, sizeof(r->settings));
    e = next_event(r, r->at);
    while (e != NULL && e->kind != DFUKIT_RECORDED_RESET && optional(e))
        e = next_event(r, behind(r, e));
    if (e == NULL || e->kind != DFUKIT_RECORDED_RESET)
        return;
    r->at = behind(r, e);
    if (e->result == DFUKIT_OK)
        schedule(r, e->end_us);
    else
        leave(r, e->end_us);
    (void)wire_work(r);
}

static bool wire_full_speed(void *self)
{
    (void)self;
    return true;
}

static const dfukit_wire_ops replay_ops = {
    .work = wire_work,
    .attachment = wire_attachment,
    .control = wire_control,
    .cancel = wire_cancel,
    .reset = wire_reset,
    .full_speed = wire_full_speed,
};

/* ---- Life ---- */

/* The device that was used first, else the first there was: its first attachment. */
static size_t first_attachment(const dfukit_recording *rec)
{
    size_t owner = 0, i = 0;

    for (size_t k = 0; k < rec->event_count; k++) {
        const dfukit_recorded_event *e = &rec->events[k];

        if (counts(e) || e->kind == DFUKIT_RECORDED_CLAIM) {
            owner = e->owner;
            break;
        }
    }
    while (strcmp(rec->attachments[i].path, rec->attachments[owner].path) != 0)
        i++;
    return i;
}

dfukit_replay *dfukit_replay_new(const char *text, size_t n, const dfukit_clock *clock,
                                 size_t *line, const char **what)
{
    dfukit_replay *r = calloc(1, sizeof(*r));
    const char *why = "out of memory";
    size_t where = 0, first;

    if (r != NULL && dfukit_recording_parse(&r->recording, text, n, &where, &why) != DFUKIT_OK)
        dfukit_replay_free(&r);
    if (r != NULL && r->recording.attachment_count == 0) {
        why = "there is no device in it";
        dfukit_replay_free(&r);
    }
    if (r != NULL) {
        first = first_attachment(&r->recording);
        why = "the device's descriptors are missing";
        where = r->recording.attachments[first].line;
        if (!r->recording.attachments[first].has_device)
            dfukit_replay_free(&r);
    }
    if (line != NULL)
        *line = where;
    if (what != NULL)
        *what = r == NULL ? why : NULL;
    if (r == NULL)
        return NULL;
    r->clock = *clock;
    attach(r, first);
    return r;
}

void dfukit_replay_free(dfukit_replay **r)
{
    if (*r == NULL)
        return;
    dfukit_recording_free(&(*r)->recording);
    free(*r);
    *r = NULL;
}

dfukit_wire dfukit_replay_wire(dfukit_replay *r)
{
    return (dfukit_wire){&replay_ops, r};
}

size_t dfukit_replay_departed(const dfukit_replay *r, const char **what)
{
    if (what != NULL)
        *what = r->text;
    return r->departed;
}

bool dfukit_replay_finished(const dfukit_replay *r, size_t *line)
{
    const dfukit_recording *rec = &r->recording;
    const char *path = rec->attachments[r->current].path;

    if (line != NULL)
        *line = 0;
    for (size_t i = r->at; i < rec->event_count; i++) {
        const dfukit_recorded_event *e = &rec->events[i];

        if (!counts(e) || optional(e) || strcmp(rec->attachments[e->owner].path, path) != 0 ||
            e->owner < r->current || (e->owner == r->current && !r->on_bus))
            continue;
        if (line != NULL)
            *line = e->line;
        return false;
    }
    return true;
}

const char *dfukit_replay_device(const dfukit_replay *r, uint16_t *idVendor, uint16_t *idProduct)
{
    const dfukit_recorded_attachment *a =
        &r->recording.attachments[first_attachment(&r->recording)];
    dfukit_device_descriptor d = {0};

    (void)dfukit_device_descriptor_decode(a->device, sizeof(a->device), &d);
    *idVendor = d.idVendor;
    *idProduct = d.idProduct;
    return a->path;
}
