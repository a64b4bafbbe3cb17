/* SPDX-License-Identifier: MIT */
/*
 * The host engine against a device that answers anything: it always comes to an end, within bounds of
 * steps and of time, and never asks for more than its buffers hold. Replay one seed with
 * HOSTILE_SEED=N.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dfukit/host.h"

#define SEEDS     20000u
#define STEPS_MAX 200000u

static uint64_t state_of(uint64_t seed)
{
    return seed * 6364136223846793005u + 1442695040888963407u;
}

static uint32_t roll(uint64_t *s, uint32_t sides)
{
    *s = *s * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*s >> 33) % sides;
}

static void *resize(void *self, void *p, size_t n)
{
    (void)self;
    if (n != 0)
        return realloc(p, n);
    free(p);
    return NULL;
}

static void make_target(dfukit_target *t, uint64_t *s)
{
    memset(t, 0, sizeof *t);
    strcpy(t->path, "1-1");
    t->devnum = roll(s, 3);
    t->mode = (dfukit_mode)roll(s, 3);
    t->alt_count = 1 + roll(s, 2);
    t->alts[1].number = 1;
    t->functional.bmAttributes = (uint8_t)(roll(s, 16) | (roll(s, 4) != 0 ? 3 : 0));
    t->functional.wDetachTimeOut = (uint16_t)roll(s, 65536);
    static const uint32_t sizes[] = {1, 8, 64, 1024, 4096, 65535};
    t->transfer_size = sizes[roll(s, 6)];
    t->device.idProduct = (uint16_t)roll(s, 2);
}

static void answer(dfukit_transfer *t, uint64_t *s, bool sane)
{
    static const int32_t failures[] = {DFUKIT_ERR_STALL, DFUKIT_ERR_TIMEOUT, DFUKIT_ERR_GONE,
                                       DFUKIT_ERR_IO, DFUKIT_ERR_AGAIN};
    bool in = dfukit_setup_is_in(&t->setup);
    t->result = t->setup.wLength;
    if (t->out != NULL) { /* every byte announced must be readable */
        uint8_t sum = 0;
        for (uint32_t i = 0; i < t->setup.wLength; i++)
            sum = (uint8_t)(sum + t->out[i]);
        (void)sum;
    }
    if (in) {
        memset(t->in, (int)roll(s, 256), t->setup.wLength);
        if (t->setup.wLength == 6) {
            dfukit_status_reply r = {(uint8_t)(sane ? 0 : roll(s, 20)),
                                     roll(s, 4) == 0 ? roll(s, 0x1000000) : roll(s, 3),
                                     (uint8_t)roll(s, 12), (uint8_t)roll(s, 3)};
            dfukit_status_encode(&r, t->in);
        }
        if (roll(s, 6) == 0)
            t->result = (int32_t)roll(s, t->setup.wLength + 1u);
    }
    if (roll(s, sane ? 40 : 8) == 0)
        t->result = failures[roll(s, 5)];
}

static void play(uint64_t seed)
{
    uint64_t s = state_of(seed);
    uint8_t payload[5000];
    memset(payload, 0x33, sizeof payload);
    dfukit_segment segment = {0x1000, 1 + roll(&s, sizeof payload), payload};
    dfukit_image image = {.addressed = true, .count = 1, .segments = &segment};
    dfukit_stream stream = {&image, 0x1000, segment.size};
    static const dfukit_suffix suffix = {0xFFFF, 0, 0, 0x0100, 16, 0};
    dfukit_job job = {.verb = (dfukit_verb)roll(&s, 6),
                      .stream = &stream,
                      .suffix = roll(&s, 2) ? &suffix : NULL,
                      .has_alt = roll(&s, 2) != 0,
                      .verify = (dfukit_verify)roll(&s, 3),
                      .then = (dfukit_then)roll(&s, 3),
                      .read_limit = roll(&s, 2) ? 100000 : 1 + roll(&s, 1000),
                      .batch = roll(&s, 20),
                      .no_reset = roll(&s, 8) == 0};
    dfukit_target target;
    make_target(&target, &s);
    const dfukit_allocator heap = {NULL, resize};
    dfukit_host *h = dfukit_host_new(&job, &target, &heap);
    uint64_t now = 5;
    uint32_t steps = 0;
    bool sane = roll(&s, 2) != 0;
    const dfukit_step *step;
    while ((step = dfukit_host_next(h, now))->kind < DFUKIT_STEP_DONE) {
        if (++steps > STEPS_MAX)
            fail_msg("seed %llu: no end after %u steps", (unsigned long long)seed, steps);
        if (step->kind == DFUKIT_STEP_RETURN) {
            make_target(&target, &s);
            now += roll(&s, step->wait_ms + 1);
            dfukit_host_returned(h, roll(&s, 5) != 0 ? &target : NULL, DFUKIT_ERR_LOST, now);
            continue;
        }
        for (size_t i = 0; step->kind == DFUKIT_STEP_TRANSFERS && i < step->count; i++)
            answer(&step->transfers[i], &s, sane);
        now += step->kind == DFUKIT_STEP_WAIT ? step->wait_ms : roll(&s, 3);
        if (roll(&s, 500) == 0)
            dfukit_host_cancel(h);
        int result = step->kind != DFUKIT_STEP_TRANSFERS && roll(&s, 10) == 0 ? DFUKIT_ERR_GONE : 0;
        dfukit_host_answer(h, result, now);
    }
    /* 120 s for everything, then tidying up, and at most three waits for a return. */
    if (now > 5 + 120000 + 60000)
        fail_msg("seed %llu: took %llu ms", (unsigned long long)seed, (unsigned long long)now);
    const dfukit_outcome *o = dfukit_host_outcome(h);
    if ((step->kind == DFUKIT_STEP_DONE) != (o->error == DFUKIT_OK) || o->what == NULL)
        fail_msg("seed %llu: outcome %d at the end", (unsigned long long)seed, o->error);
    dfukit_host_free(&h);
}

static void always_comes_to_an_end(void **state)
{
    (void)state;
    const char *one = getenv("HOSTILE_SEED");
    if (one != NULL) {
        play(strtoull(one, NULL, 0));
        return;
    }
    for (uint64_t seed = 0; seed < SEEDS; seed++)
        play(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(always_comes_to_an_end)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
