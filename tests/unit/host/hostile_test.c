/* SPDX-License-Identifier: MIT */
/*
 * The host engine against a device that answers anything: it always comes to an end, within bounds
 * of steps and of time, and never asks for more than its buffers hold. Replay one seed with
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

#define SEEDS 200000u
#define STEPS_MAX    200000u
#define PAYLOAD_BYTE 0x33

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
    t->mode = roll(s, 2) != 0 ? DFUKIT_MODE_DFU : (dfukit_mode)roll(s, 3);
    t->alt_count = 1 + (roll(s, 8) == 0);
    t->alts[1].number = 1;
    t->functional.bmAttributes = (uint8_t)(roll(s, 16) | (roll(s, 8) != 0 ? 3 : 0));
    t->functional.wDetachTimeOut = (uint16_t)roll(s, 65536);
    static const uint32_t sizes[] = {1, 8, 64, 1024, 4096, 65535};
    t->transfer_size = sizes[roll(s, 6)];
    t->device.idProduct = (uint16_t)roll(s, 2);
}

/* Where a device that means well would be: most answers are plausible, so that the engine gets deep
 * into a conversation before something is wrong. */
typedef struct device {
    uint8_t state;
    bool sane;
} device;

static void follow(device *d, const dfukit_setup *setup, uint64_t *s)
{
    static const uint8_t busy[] = {DFUKIT_DNBUSY, DFUKIT_DNLOAD_SYNC, DFUKIT_DNLOAD_IDLE,
                                   DFUKIT_DNLOAD_IDLE};
    static const uint8_t ending[] = {DFUKIT_MANIFEST, DFUKIT_MANIFEST_SYNC, DFUKIT_DFU_IDLE,
                                     DFUKIT_DFU_IDLE, DFUKIT_MANIFEST_WAIT_RESET};
    switch (setup->bRequest) {
    case DFUKIT_DNLOAD:
        d->state = setup->wLength != 0 ? DFUKIT_DNBUSY : DFUKIT_MANIFEST;
        break;
    case DFUKIT_GETSTATUS:
        if (d->state == DFUKIT_DNBUSY || d->state == DFUKIT_DNLOAD_SYNC)
            d->state = busy[roll(s, 4)];
        else if (d->state == DFUKIT_MANIFEST || d->state == DFUKIT_MANIFEST_SYNC)
            d->state = ending[roll(s, 5)];
        break;
    case DFUKIT_UPLOAD:
        d->state = DFUKIT_UPLOAD_IDLE;
        break;
    default:
        d->state = DFUKIT_DFU_IDLE;
        break;
    }
}

static void fill_status(dfukit_transfer *t, device *d, uint64_t *s)
{
    bool odd = !d->sane || roll(s, 64) == 0;
    dfukit_status_reply r = {(uint8_t)(odd ? roll(s, 20) : 0),
                             roll(s, 64) == 0 ? roll(s, 0x1000000) : roll(s, 3),
                             (uint8_t)(odd ? roll(s, 12) : d->state), (uint8_t)roll(s, 3)};
    dfukit_status_encode(&r, t->in);
}

static void answer(dfukit_transfer *t, device *d, uint64_t *s)
{
    static const int32_t failures[] = {DFUKIT_ERR_STALL, DFUKIT_ERR_TIMEOUT, DFUKIT_ERR_GONE,
                                       DFUKIT_ERR_IO, DFUKIT_ERR_AGAIN};
    t->result = t->setup.wLength;
    if ((t->setup.bmRequestType & 0x60) != 0)
        follow(d, &t->setup, s);
    if (t->out != NULL) { /* every byte announced must be readable */
        uint8_t sum = 0;
        for (uint32_t i = 0; i < t->setup.wLength; i++)
            sum = (uint8_t)(sum + t->out[i]);
        (void)sum;
    }
    if (dfukit_setup_is_in(&t->setup)) {
        memset(t->in, d->sane && roll(s, 16) != 0 ? PAYLOAD_BYTE : (int)roll(s, 256),
               t->setup.wLength);
        if (t->setup.wLength == 6)
            fill_status(t, d, s);
        bool upload = t->setup.bRequest == DFUKIT_UPLOAD;
        if (roll(s, d->sane && !upload ? 200 : 10) == 0)
            t->result = (int32_t)roll(s, t->setup.wLength + 1u);
    }
    if (roll(s, d->sane ? 300 : 8) == 0)
        t->result = failures[roll(s, 5)];
}

static uint32_t play(uint64_t seed, unsigned *good)
{
    uint64_t s = state_of(seed);
    uint8_t payload[5000];
    memset(payload, PAYLOAD_BYTE, sizeof payload);
    dfukit_segment segment = {0x1000, 1 + roll(&s, sizeof payload), payload, 0};
    dfukit_image image = {.addressed = true, .count = 1, .segments = &segment};
    dfukit_stream stream = {&image, 0x1000, segment.size};
    static const dfukit_suffix suffix = {0xFFFF, 0, 0, 0x0100, 16, 0};
    dfukit_job job = {.verb = (dfukit_verb)(roll(&s, 2) != 0 ? DFUKIT_VERB_WRITE : roll(&s, 6)),
                      .stream = &stream,
                      .suffix = roll(&s, 8) == 0 ? &suffix : NULL,
                      .has_alt = roll(&s, 8) == 0,
                      .verify = (dfukit_verify)roll(&s, 3),
                      .then = (dfukit_then)roll(&s, 3),
                      .read_limit = roll(&s, 2) ? 100000 : 1 + roll(&s, 1000),
                      .batch = roll(&s, 20),
                      .no_reset = roll(&s, 16) == 0};
    dfukit_target target;
    make_target(&target, &s);
    const dfukit_allocator heap = {NULL, resize};
    dfukit_host *h = dfukit_host_new(&job, &target, &heap);
    uint64_t now = 5;
    uint32_t steps = 0;
    device d = {DFUKIT_DFU_IDLE, roll(&s, 4) != 0};
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
            answer(&step->transfers[i], &d, &s);
        now += step->kind == DFUKIT_STEP_WAIT ? step->wait_ms : roll(&s, 3);
        if (roll(&s, 500) == 0)
            dfukit_host_cancel(h);
        bool fails = step->kind != DFUKIT_STEP_TRANSFERS && roll(&s, 20) == 0;
        int result = fails ? DFUKIT_ERR_GONE : DFUKIT_OK;
        dfukit_host_answer(h, result, now);
    }
    /* 120 s for everything, then tidying up, and at most three waits for a return. */
    if (now > 5 + 120000 + 60000)
        fail_msg("seed %llu: took %llu ms", (unsigned long long)seed, (unsigned long long)now);
    const dfukit_outcome *o = dfukit_host_outcome(h);
    if ((step->kind == DFUKIT_STEP_DONE) != (o->error == DFUKIT_OK) || o->what == NULL)
        fail_msg("seed %llu: outcome %d at the end", (unsigned long long)seed, o->error);
    *good += o->error == DFUKIT_OK;
    dfukit_host_free(&h);
    return steps;
}

static void always_comes_to_an_end(void **state)
{
    (void)state;
    const char *one = getenv("HOSTILE_SEED");
    if (one != NULL) {
        unsigned good = 0;
        play(strtoull(one, NULL, 0), &good);
        return;
    }
    uint64_t steps = 0;
    unsigned good = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++)
        steps += play(seed, &good);
    printf("%u seeds, %llu steps, %u jobs succeeded\n", SEEDS, (unsigned long long)steps, good);
    /* A search that never gets anywhere would prove nothing. */
    assert_true(steps > 10ull * SEEDS);
    assert_true(good > SEEDS / 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(always_comes_to_an_end)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
