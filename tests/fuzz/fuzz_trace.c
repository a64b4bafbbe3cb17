/* SPDX-License-Identifier: MIT */
/* fuzz: rooms=protocol,device,usbip,virtual input=plain internal=virtual */
/* Traces: any text; what is taken is played from its first line to its last, and then asked
 * anything. */
#include "recording.h"
#include "script.h"

#include <stdlib.h>
#include <string.h>

static unsigned long taken, answered, finished;

const char *fuzz_missing(void)
{
    if (taken == 0)
        return "a trace";
    if (answered == 0)
        return "an answer";
    return finished == 0 ? "the end of a trace" : NULL;
}

static uint8_t data[65536];

static void ask(const dfukit_wire *w, const dfukit_setup *s)
{
    int32_t got = w->ops->control(w->self, s, data);

    if (got > (int32_t)s->wLength ||
        (got < 0 && got != DFUKIT_ERR_STALL && got != DFUKIT_ERR_GONE && got != DFUKIT_ERR_AGAIN &&
         got != DFUKIT_ERR_IO))
        abort();
    answered += got >= 0;
    if (got == DFUKIT_ERR_AGAIN)
        w->ops->cancel(w->self);
}

static void pass(const dfukit_wire *w, uint64_t *now)
{
    for (unsigned i = 0; i < 8; i++) {
        uint64_t hint = w->ops->work(w->self);

        if (hint == UINT64_MAX)
            return;
        *now += hint;
    }
    (void)w->ops->work(w->self);
}

/* As the one did whose conversation it was: nothing of that is a departure. */
static void play(const dfukit_recording *r, const dfukit_wire *w, uint64_t *now)
{
    for (size_t i = 0; i < r->event_count; i++) {
        const dfukit_recorded_event *e = &r->events[i];

        if (e->kind == DFUKIT_RECORDED_RESET)
            w->ops->reset(w->self);
        if (e->kind == DFUKIT_RECORDED_TRANSFER) {
            if (!dfukit_setup_is_in(&e->setup) && e->size > 0)
                memcpy(data, r->pool + e->data, e->size);
            ask(w, &e->setup);
        }
        if (i % 4 == 0)
            pass(w, now);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    uint64_t now = 0;
    dfukit_clock clock = dfukit_clock_virtual(&now);
    const char *what = NULL;
    size_t line = 0;
    dfukit_recording recording;
    dfukit_replay *r = dfukit_replay_new((const char *)bytes, n, &clock, &line, &what);
    dfukit_wire w;

    if (r == NULL) {
        if (what == NULL)
            abort();
        return 0;
    }
    taken++;
    w = dfukit_replay_wire(r);
    if (dfukit_recording_parse(&recording, (const char *)bytes, n, &line, &what) != DFUKIT_OK)
        abort();
    play(&recording, &w, &now);
    finished += dfukit_replay_finished(r, &line);
    for (size_t i = 0; i + 4 <= n && i < 400; i += 4) {
        const dfukit_setup s = {bytes[i], bytes[i + 1], bytes[i + 2], 0, bytes[i + 3]};

        ask(&w, &s);
        if (bytes[i] % 16 == 0)
            w.ops->reset(w.self);
        pass(&w, &now);
    }
    (void)dfukit_replay_departed(r, &what);
    if (memchr(what, 0, 256) == NULL)
        abort();
    dfukit_recording_free(&recording);
    dfukit_replay_free(&r);
    return 0;
}
