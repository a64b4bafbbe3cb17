/* SPDX-License-Identifier: MIT */
/*
 * The bus: carries out the host engine's steps on the device, with everything that may happen to
 * them. The letters:
 *
 *     a  as it should be            t  time-out, the device has not seen it
 *     s  stall, by the bus          c  time-out, the device has seen the start: no end of its data
 *     h  a short answer             l  time-out, the device has done it: its answer is lost
 *     r  somebody resets the bus    d  the device has done it, then loses power
 *     u  power fails before         i  the user interrupts, then as `a`
 *     b  claim: another program has it    x  the reset cannot be given    n  it never comes back
 *     o w f  flash: at once, slow, fails      y n  firmware accepted, refused
 *     g m    memory: given, none
 */
#include <string.h>

#include "explore.h"

#define LOOK_FIRST_MS 5u /* while waiting for a device that comes back */
#define LOOK_MAX_MS   50u

const dfukit_step *explore_present(explore_world *w)
{
    return dfukit_host_next(w->host, w->now_ms);
}

bool explore_ended(explore_world *w)
{
    return explore_present(w)->kind >= DFUKIT_STEP_DONE;
}

/* ---- The host ---- */

static const dfukit_segment segment = {0, EXPLORE_IMAGE, explore_image, 0};
static dfukit_segment segments[1];
static dfukit_image image;
static dfukit_stream stream;

bool explore_host_make(explore_world *w, bool fresh)
{
    static dfukit_target target;
    const explore_config *c = explore_of;
    dfukit_job job = {.verb = fresh ? DFUKIT_VERB_WRITE : c->verb,
                      .verify = fresh ? DFUKIT_VERIFY_AUTO : c->verify,
                      .batch = c->batch,
                      .no_reset = !fresh && c->no_reset,
                      .has_alt = c->alternates,
                      .alt = 1,
                      .timeout_ms = fresh ? 0 : c->timeout_ms};

    segments[0] = segment;
    image.count = 1;
    image.segments = segments;
    stream = (dfukit_stream){&image, 0, EXPLORE_IMAGE};
    job.stream = &stream;
    explore_target(w, &target);
    w->handle = w->devnum;
    w->alternate = 0;
    w->host = dfukit_host_new(&job, &target, &explore_allocator);
    return w->host != NULL;
}

static void lose_power(explore_world *w)
{
    w->cut = explore_of->loader;
    explore_power(w);
}

/* ---- One question for each step ---- */

static char happens(const explore_world *w, const char *options)
{
    char all[16];
    size_t n = strlen(options);

    memcpy(all, options, n + 1);
    if (!w->cancelled) {
        all[n] = 'i';
        all[n + 1] = '\0';
    }
    return explore_choose(all, 1);
}

static void interrupt(explore_world *w, char how)
{
    if (how != 'i')
        return;
    explore_say("      user: interrupts");
    w->cancelled = true;
    dfukit_host_cancel(w->host);
}

/* ---- Transfers ---- */

/* Without a fault, a device in DFU mode never stalls into dfuERROR: DFU 1.1 Annex A.1. But a former
 * host may have left a strict one where no question at all is allowed, and none tells that. */
static void check_legal(const explore_world *w, const dfukit_setup *s, uint8_t state)
{
    bool unlucky = explore_of->strict &&
                   (explore_of->from == DFUKIT_DNBUSY || explore_of->from == DFUKIT_MANIFEST);

    if (w->faults == 0 && !unlucky && w->dfu.state == DFUKIT_DFU_ERROR)
        explore_violated("legal", "%s of %u bytes in %s is answered with a stall and dfuERROR",
                         dfukit_request_name(s->bRequest), s->wLength, dfukit_state_name(state));
}

/* What a host has been told of the image by an UPLOAD. */
static void note_upload(explore_world *w, const dfukit_setup *s, uint32_t n)
{
    uint32_t at = (uint32_t)s->wValue * EXPLORE_BLOCK;

    for (uint32_t i = at; s->bRequest == DFUKIT_UPLOAD && i < at + n && i < EXPLORE_IMAGE; i++)
        w->seen |= 1u << i;
}

/* The transfer reaches the device. `whole` false: it breaks off before the end of its data stage,
 * after `in_n` bytes towards the host. */
static int32_t reach(explore_world *w, const dfukit_transfer *t, uint8_t *in, bool whole)
{
    bool is_in = dfukit_setup_is_in(&t->setup);
    uint8_t state;

    explore_poll(w);
    if (!w->powered || w->handle != w->devnum)
        return DFUKIT_ERR_GONE;
    if ((t->setup.bmRequestType & 0x60u) == 0)
        return DFUKIT_ERR_STALL; /* no string descriptors here */
    state = w->dfu.state;
    dfukit_answer a = dfukit_dfu_setup(&w->dfu, &t->setup);
    if (a.kind == DFUKIT_ANSWER_STALL) {
        check_legal(w, &t->setup, state);
        return DFUKIT_ERR_STALL;
    }
    if (is_in != (a.kind == DFUKIT_ANSWER_IN) || a.n > t->setup.wLength ||
        (!is_in && a.n != t->setup.wLength)) {
        explore_violated("device", "answers %s with %u bytes of %u",
                         dfukit_request_name(t->setup.bRequest), a.n, t->setup.wLength);
        return DFUKIT_ERR_IO;
    }
    uint16_t n = whole ? a.n : a.n / 2;
    if (is_in && n != 0)
        memcpy(in, a.data, n);
    else if (n != 0)
        memcpy(a.data, t->out, n);
    if (whole) {
        dfukit_dfu_complete(&w->dfu);
        explore_obey(w);
    }
    return n;
}

/* The host learns how it went. */
static int32_t answered(explore_world *w, const dfukit_transfer *t, bool whole)
{
    int32_t n = reach(w, t, t->in, whole);

    if (n > 0)
        note_upload(w, &t->setup, (uint32_t)n);
    return n;
}

static int32_t carry(explore_world *w, dfukit_transfer *t, char how)
{
    static uint8_t lost[EXPLORE_LARGE];

    switch (how) {
    case 's':
        return w->handle == w->devnum && w->powered ? DFUKIT_ERR_STALL : DFUKIT_ERR_GONE;
    case 'h':
        w->shortened = true;
        return answered(w, t, false);
    case 't':
        explore_advance(w, t->timeout_ms);
        return DFUKIT_ERR_TIMEOUT;
    case 'c':
    case 'l':
        (void)reach(w, t, lost, how == 'l');
        explore_advance(w, t->timeout_ms);
        return DFUKIT_ERR_TIMEOUT;
    case 'd':
        (void)reach(w, t, lost, true);
        lose_power(w);
        return DFUKIT_ERR_GONE;
    case 'u':
        lose_power(w);
        return DFUKIT_ERR_GONE;
    case 'r':
        explore_bus_reset(w);
        return answered(w, t, true);
    default:
        return answered(w, t, true);
    }
}

static void check_transfer(const explore_world *w, const dfukit_transfer *t)
{
    bool in = dfukit_setup_is_in(&t->setup);
    bool ready = t->setup.wLength == 0 || (in ? t->in != NULL : t->out != NULL);

    if (!ready || (t->setup.wLength > 255 && t->setup.bRequest <= DFUKIT_ABORT))
        explore_violated("step", "a transfer without room for its data");
    if (t->timeout_ms == 0 || w->host == NULL)
        explore_violated("step", "a transfer that may take for ever");
}

static void run_transfers(explore_world *w, const dfukit_step *step)
{
    for (size_t i = 0; i < step->count; i++)
        step->transfers[i].result = DFUKIT_ERR_AGAIN;
    for (size_t i = 0; i < step->count; i++) {
        dfukit_transfer *t = &step->transfers[i];
        bool in = dfukit_setup_is_in(&t->setup) && t->setup.wLength != 0;

        check_transfer(w, t);
        char how = happens(w, in ? "aslchtrud" : "aslctrud");
        interrupt(w, how);
        explore_say("%7u ms  %s %u, %u bytes  [%c]", (unsigned)(w->now_ms - EXPLORE_START_MS),
                    dfukit_request_name(t->setup.bRequest), t->setup.wValue, t->setup.wLength, how);
        t->result = carry(w, t, how);
        explore_say("      = %d %s; device: %s %s", t->result,
                    t->result < 0 ? dfukit_error_name(t->result) : "bytes",
                    dfukit_state_name(w->dfu.state), dfukit_status_name(w->dfu.status));
        if (t->result < 0 && t->result != DFUKIT_ERR_STALL)
            break;
    }
    dfukit_host_answer(w->host, 0, w->now_ms);
}

/* ---- The other steps ---- */

static void happen_between(explore_world *w, char how)
{
    interrupt(w, how);
    if (how == 'r')
        explore_bus_reset(w);
    else if (how == 'u')
        lose_power(w);
}

static int claim(explore_world *w, const dfukit_step *step, char how)
{
    if (how == 'b')
        return DFUKIT_ERR_BUSY;
    explore_poll(w);
    if (!w->powered || w->handle != w->devnum)
        return DFUKIT_ERR_GONE;
    if (!step->set_alternate)
        return DFUKIT_OK;
    if (!dfukit_dfu_set_alternate(&w->dfu, step->alternate))
        return DFUKIT_ERR_STALL;
    w->alternate = step->alternate;
    return DFUKIT_OK;
}

static int reset_bus(explore_world *w, char how)
{
    if (how == 'x')
        return DFUKIT_ERR_IO;
    explore_poll(w);
    if (!w->powered || w->handle != w->devnum)
        return DFUKIT_ERR_GONE;
    explore_bus_reset(w);
    return w->handle == w->devnum ? DFUKIT_OK : DFUKIT_ERR_GONE;
}

/* Looks often at first, then less often; what is there at the end has to do. */
static void await_return(explore_world *w, const dfukit_step *step, char how)
{
    static dfukit_target back;
    uint32_t before = dfukit_host_target(w->host)->devnum;
    uint64_t end = w->now_ms + step->wait_ms;

    w->handle = 0;
    w->alternate = 0;
    if (how == 'n')
        w->powered = false;
    happen_between(w, how);
    for (uint64_t pause = LOOK_FIRST_MS; w->now_ms < end; pause *= 2) {
        if (pause > LOOK_MAX_MS)
            pause = LOOK_MAX_MS;
        explore_advance(w, pause < end - w->now_ms ? pause : end - w->now_ms);
        if ((w->powered && w->devnum != before) || explore_of->broken == EXPLORE_STUCK)
            break;
    }
    if (w->powered) {
        w->handle = w->devnum;
        explore_target(w, &back);
    }
    dfukit_host_returned(w->host, w->powered ? &back : NULL,
                         w->powered ? DFUKIT_OK : DFUKIT_ERR_LOST, w->now_ms);
}

static void take_received(explore_world *w)
{
    size_t n = 0;
    const uint8_t *bytes = dfukit_host_received(w->host, &n);

    if (n > sizeof w->got - w->got_n) {
        explore_violated("read", "more bytes than the device has");
        return;
    }
    if (n != 0)
        memcpy(w->got + w->got_n, bytes, n);
    w->got_n = (uint8_t)(w->got_n + n);
}

void explore_step(explore_world *w)
{
    static const char *const names[] = {"transfers", "claim", "wait", "reset", "return"};
    const dfukit_step *step = explore_present(w);
    char how;

    w->steps++;
    if (step->kind == DFUKIT_STEP_TRANSFERS) {
        run_transfers(w, step);
    } else {
        how = happens(w, step->kind == DFUKIT_STEP_CLAIM    ? "abru"
                         : step->kind == DFUKIT_STEP_RESET  ? "axu"
                         : step->kind == DFUKIT_STEP_RETURN ? "anru"
                                                            : "aru");
        explore_say("%7u ms  %s, up to %u ms  [%c]", (unsigned)(w->now_ms - EXPLORE_START_MS),
                    names[step->kind], step->wait_ms, how);
        if (step->kind == DFUKIT_STEP_RETURN) {
            await_return(w, step, how);
        } else {
            int result = DFUKIT_OK;
            if (step->kind == DFUKIT_STEP_WAIT)
                explore_advance(w, step->wait_ms / 2);
            happen_between(w, how);
            if (step->kind == DFUKIT_STEP_WAIT)
                explore_advance(w, step->wait_ms - step->wait_ms / 2);
            else
                result = step->kind == DFUKIT_STEP_CLAIM ? claim(w, step, how) : reset_bus(w, how);
            dfukit_host_answer(w->host, result, w->now_ms);
        }
        explore_say("      device: %s, number %u", dfukit_state_name(w->dfu.state), w->devnum);
    }
    take_received(w);
    (void)explore_present(w);
}
