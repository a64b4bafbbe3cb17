/* SPDX-License-Identifier: MIT */
/* A host for DfuSe devices, by hand from AN3156: commands, blocks, and where they end. */
#ifndef DFUKIT_TESTS_VIRTUAL_DFUSE_BENCH_H
#define DFUKIT_TESTS_VIRTUAL_DFUSE_BENCH_H

#include "bench.h"

/* What came of a block or a command. */
typedef struct outcome {
    int32_t result;             /* of the last transfer */
    dfukit_status_reply first;  /* that of the GETSTATUS which starts it */
    dfukit_status_reply status; /* the last answer */
    unsigned statuses;          /* GETSTATUS answered */
    uint64_t us;                /* from the first GETSTATUS to the last */
} outcome;

/* A DNLOAD, and GETSTATUS until it is over or the device is gone. */
static inline outcome dnload(bench *b, uint16_t block, const void *data, uint16_t n)
{
    outcome o = {0};
    uint32_t before = attachment(b);
    uint64_t start = b->now_us;

    o.result = class_out(b, DFUKIT_DNLOAD, block, data, n);
    if (o.result != n)
        return o;
    do {
        o.result = attachment(b) == before ? get_status(b, &o.status) : DFUKIT_ERR_GONE;
        o.us = b->now_us - start;
        if (o.result != 6)
            return o;
        if (o.statuses++ == 0)
            o.first = o.status;
        if (o.status.bState != DFUKIT_DNBUSY && o.status.bState != DFUKIT_MANIFEST &&
            o.status.bState != DFUKIT_MANIFEST_SYNC && o.status.bState != DFUKIT_DNLOAD_SYNC)
            return o;
        pass(b, o.status.bwPollTimeout * (uint64_t)MS);
    } while (b->now_us - start < 120000u * (uint64_t)MS);
    return o;
}

static inline outcome command(bench *b, uint8_t code, uint32_t address)
{
    uint8_t bytes[5] = {code, (uint8_t)address, (uint8_t)(address >> 8), (uint8_t)(address >> 16),
                        (uint8_t)(address >> 24)};

    return dnload(b, 0, bytes, sizeof bytes);
}

static inline outcome short_command(bench *b, uint8_t code)
{
    return dnload(b, 0, &code, 1);
}

static inline bool worked(const outcome *o)
{
    return o->result == 6 && o->status.bStatus == DFUKIT_STATUS_OK &&
           o->status.bState == DFUKIT_DNLOAD_IDLE;
}

static inline bool failed_with(const outcome *o, uint8_t status)
{
    return o->result == 6 && o->status.bState == DFUKIT_DFU_ERROR && o->status.bStatus == status;
}

#define assert_works(expression)                                                                   \
    do {                                                                                           \
        outcome o_ = (expression);                                                                 \
        if (!worked(&o_))                                                                          \
            fail_msg("%s: result %d, %s, %s", #expression, o_.result,                              \
                     dfukit_state_name(o_.status.bState), dfukit_status_name(o_.status.bStatus));  \
    } while (0)

#define assert_fails(expression, wanted)                                                           \
    do {                                                                                           \
        outcome o_ = (expression);                                                                 \
        if (!failed_with(&o_, wanted))                                                             \
            fail_msg("%s: result %d, %s, %s", #expression, o_.result,                              \
                     dfukit_state_name(o_.status.bState), dfukit_status_name(o_.status.bStatus));  \
        assert_int_equal(class_out(b, DFUKIT_CLRSTATUS, 0, NULL, 0), 0);                           \
    } while (0)

static inline int32_t select_alternate(bench *b, uint16_t alt)
{
    return control(b, 0x01, DFUKIT_USB_SET_INTERFACE, alt, 0, NULL, 0);
}

/* Configured, and in dfuIDLE. */
static inline void make_ready(bench *b)
{
    dfukit_status_reply status;

    if (attachment(b) == 0)
        assert_true(arrives(b, 0));
    assert_int_equal(configure(b), 0);
    assert_int_equal(get_status(b, &status), 6);
    if (status.bState == DFUKIT_DFU_ERROR) {
        assert_int_equal(class_out(b, DFUKIT_CLRSTATUS, 0, NULL, 0), 0);
        assert_int_equal(get_status(b, &status), 6);
    }
    assert_int_equal(status.bState, DFUKIT_DFU_IDLE);
}

/* Read `n` bytes at most, from `address`. @return what UPLOAD says. */
static inline int32_t read_at(bench *b, uint32_t address, void *to, uint16_t n)
{
    int32_t result;

    assert_works(command(b, 0x21, address));
    assert_int_equal(class_out(b, DFUKIT_ABORT, 0, NULL, 0), 0);
    result = class_in(b, DFUKIT_UPLOAD, 2, to, n);
    if (result >= 0)
        class_out(b, DFUKIT_ABORT, 0, NULL, 0);
    return result;
}

/* Wait until a device that has gone is back. */
static inline void comes_back(bench *b, uint32_t before)
{
    assert_true(arrives(b, before));
    make_ready(b);
}

/* A persona with faults, NAME[=ARG] or a letter, between commas. */
static inline void open_with(bench *b, const char *persona, const char *faults, bool fast)
{
    dfukit_virtual_options options = {.fast = fast, .serial = "OTHER-1"};
    char text[64];

    snprintf(text, sizeof text, "%s", faults);
    for (char *one = strtok(text, ","); one != NULL; one = strtok(NULL, ",")) {
        dfukit_fault *f = &options.faults[options.fault_count++];
        const char *why = "";

        if (dfukit_fault_parse(one, f) != DFUKIT_OK)
            fail_msg("%s is no fault", one);
        if (!dfukit_fault_applies(f, dfukit_persona_find(persona), &why))
            fail_msg("%s on %s: %s", one, persona, why);
    }
    bench_open(b, dfukit_persona_find(persona), &options);
}

#endif
