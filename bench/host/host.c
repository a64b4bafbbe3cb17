/* SPDX-License-Identifier: MIT */
/*
 * What a write costs the host, on devices made of software and a clock that only waiting advances:
 * the waits are those that host and device agree upon, whatever computer this runs on. One line for
 * each case: name, class requests (as the device counts them), round trips on a carrier that
 * queues, milliseconds in all, milliseconds from DFU_DETACH to the first block.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dfukit/session.h"
#include "dfukit/virtual.h"
#include "interop/counted.h"

#define PAYLOAD (128u * 1024u)

typedef struct bench_case {
    const char *name, *persona;
    uint32_t at;            /* where the payload lies */
    uint32_t transfer_size; /* 0: the device's */
    bool timed;             /* erases, programs and the way back onto the bus take their time */
    uint32_t reattach_ms;
} bench_case;

/* clang-format off */
static const bench_case cases[] = {
    { "dfuse",        "stm32f107-rom", 0x08000000, 2048, true,  0   },
    { "plain-1024",   "micro",         0,          1024, true,  100 },
    { "plain-2048",   "micro",         0,          2048, true,  100 },
    { "plain-4096",   "micro",         0,          4096, true,  100 },
    { "back-in-100",  "micro",         0,          4096, false, 100 },
};
/* clang-format on */

static void fill(uint8_t *bytes, size_t n)
{
    uint32_t seed = 1;
    for (size_t i = 0; i < n; i++) {
        seed = seed * 1664525u + 1013904223u;
        bytes[i] = (uint8_t)(seed >> 24);
    }
}

static int job_on(dfukit_carrier *carrier, const bench_case *c, dfukit_outcome *outcome)
{
    static uint8_t bytes[PAYLOAD];
    fill(bytes, sizeof bytes);
    dfukit_segment segment = {.address = c->at, .size = PAYLOAD, .data = bytes};
    dfukit_image image = {
        .addressed = true, .format = DFUKIT_FORMAT_IHEX, .count = 1, .segments = &segment};
    dfukit_stream stream = {&image, c->at, PAYLOAD};
    dfukit_job job = {.verb = DFUKIT_VERB_WRITE,
                      .stream = &stream,
                      .image = &image,
                      .range = DFUKIT_RANGE_ALL,
                      .has_alt = true,
                      .verify = DFUKIT_VERIFY_NEVER,
                      .transfer_size = c->transfer_size};
    dfukit_targets targets;
    int error = dfukit_list(carrier, NULL, &targets);
    if (error == DFUKIT_OK && targets.count == 0)
        error = DFUKIT_ERR_NO_DEVICE;
    dfukit_session *s =
        error == DFUKIT_OK ? dfukit_session_new(carrier, &job, &targets.list[0], &error) : NULL;
    if (s != NULL) {
        error = dfukit_session_run(s, NULL);
        *outcome = *dfukit_host_outcome(dfukit_session_host(s));
        dfukit_session_free(&s);
    }
    dfukit_targets_free(&targets);
    return error;
}

/* A line of figures, or why there is none. */
static int measure(const bench_case *c)
{
    uint64_t now_us = 1000000;
    dfukit_clock clock = dfukit_clock_virtual(&now_us);
    const dfukit_virtual_options options = {.fast = !c->timed, .reattach_ms = c->reattach_ms};
    const dfukit_persona *persona = dfukit_persona_find(c->persona);
    dfukit_virtual *device = persona != NULL ? dfukit_virtual_new(persona, &options, &clock) : NULL;
    dfukit_outcome outcome = {.what = "there is no such device"};
    dfukit_carrier carrier = {.ops = NULL};
    counted count = {.requests = 0};
    int error = DFUKIT_ERR_NO_DEVICE;
    if (device != NULL) {
        dfukit_wire inner = dfukit_virtual_wire(device);
        dfukit_wire wire = counted_wire(&count, &inner, &clock);
        error = dfukit_loopback_open(&carrier, &wire, 1, &clock);
    }
    uint64_t begun_us = now_us;
    if (error == DFUKIT_OK)
        error = job_on(&carrier, c, &outcome);
    if (error == DFUKIT_OK)
        printf("%s %u %u %llu %llu\n", c->name, (unsigned)count.requests,
               (unsigned)outcome.round_trips, (unsigned long long)((now_us - begun_us) / 1000u),
               (unsigned long long)(count.detach_us != 0
                                        ? (count.block_us - count.detach_us) / 1000u
                                        : 0));
    else
        fprintf(stderr, "%s: %s: %s\n", c->name, dfukit_error_text(error),
                outcome.what != NULL ? outcome.what : "");
    if (carrier.ops != NULL)
        dfukit_carrier_close(&carrier);
    dfukit_virtual_free(&device);
    return error != DFUKIT_OK;
}

int main(void)
{
    int failed = 0;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        failed |= measure(&cases[i]);
    return failed;
}
