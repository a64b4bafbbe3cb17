/* SPDX-License-Identifier: MIT */
/*
 * A bench for virtual devices: a device in virtual time, and a small host written by hand from the
 * specification, which reports how far it came rather than being clever.
 */
#ifndef DFUKIT_TESTS_VIRTUAL_BENCH_H
#define DFUKIT_TESTS_VIRTUAL_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dfukit/virtual.h"

#define MS          1000u
#define RETURN_MS   5000u
#define PAYLOAD_MAX 20000u

typedef struct bench {
    uint64_t now_us;
    dfukit_clock clock;
    dfukit_virtual *device;
    dfukit_wire wire;
    const dfukit_persona *persona;
} bench;

static inline void bench_open(bench *b, const dfukit_persona *persona,
                              const dfukit_virtual_options *options)
{
    memset(b, 0, sizeof *b);
    b->now_us = 123456789;
    b->clock = dfukit_clock_virtual(&b->now_us);
    b->persona = persona;
    b->device = dfukit_virtual_new(persona, options, &b->clock);
    assert_non_null(b->device);
    b->wire = dfukit_virtual_wire(b->device);
}

static inline void bench_close(bench *b)
{
    dfukit_virtual_free(&b->device);
    assert_null(b->device);
}

static inline uint32_t attachment(const bench *b)
{
    return b->wire.ops->attachment(b->wire.self);
}

/* Let `us` pass, in the steps which the device asks for. */
static inline void pass(bench *b, uint64_t us)
{
    uint64_t end = b->now_us + us;

    for (;;) {
        uint64_t next = b->wire.ops->work(b->wire.self);

        if (b->now_us >= end)
            return;
        if (next == 0)
            next = 1;
        if (next > end - b->now_us)
            next = end - b->now_us;
        b->clock.sleep_us(b->clock.self, next);
    }
}

/* Wait for an attachment other than `before`. */
static inline bool arrives(bench *b, uint32_t before)
{
    for (unsigned ms = 0; ms < RETURN_MS; ms++) {
        b->wire.ops->work(b->wire.self);
        if (attachment(b) != 0 && attachment(b) != before)
            return true;
        pass(b, MS);
    }
    return false;
}

static inline int32_t control(bench *b, uint8_t type, uint8_t request, uint16_t value,
                              uint16_t index, void *data, uint16_t n)
{
    dfukit_setup setup = {type, request, value, index, n};

    return b->wire.ops->control(b->wire.self, &setup, data);
}

static inline int32_t descriptor(bench *b, uint8_t type, uint8_t index, void *data, uint16_t n)
{
    uint16_t value = (uint16_t)(type << 8 | index);

    return control(b, 0x80, DFUKIT_USB_GET_DESCRIPTOR, value,
                   type == DFUKIT_DESC_STRING && index != 0 ? 0x0409 : 0, data, n);
}

static inline dfukit_device_descriptor device_descriptor(bench *b)
{
    uint8_t bytes[18] = {0};
    dfukit_device_descriptor d = {0};

    if (descriptor(b, DFUKIT_DESC_DEVICE, 0, bytes, 18) == 18)
        dfukit_device_descriptor_decode(bytes, 18, &d);
    return d;
}

static inline int32_t configure(bench *b)
{
    return control(b, 0x00, DFUKIT_USB_SET_CONFIGURATION, 1, 0, NULL, 0);
}

static inline bool in_dfu_mode(bench *b)
{
    return dfukit_dfu_in_dfu_mode(dfukit_virtual_engine(b->device));
}

/* The DFU interface's number in the mode the device is in. */
static inline uint16_t dfu_interface(bench *b)
{
    return in_dfu_mode(b) ? 0 : 1;
}

static inline int32_t class_out(bench *b, dfukit_request request, uint16_t value, const void *data,
                                uint16_t n)
{
    uint8_t *copy = malloc(n + 1u);
    int32_t result;

    assert_non_null(copy);
    if (n > 0)
        memcpy(copy, data, n);
    result = control(b, DFUKIT_TYPE_CLASS_OUT, (uint8_t)request, value, dfu_interface(b), copy, n);
    free(copy);
    return result;
}

static inline int32_t class_in(bench *b, dfukit_request request, uint16_t value, void *data,
                               uint16_t n)
{
    return control(b, DFUKIT_TYPE_CLASS_IN, (uint8_t)request, value, dfu_interface(b), data, n);
}

/* DFU_GETSTATUS. @return the transfer's result; `out` is zero unless that is 6. */
static inline int32_t get_status(bench *b, dfukit_status_reply *out)
{
    uint8_t bytes[DFUKIT_STATUS_SIZE];
    int32_t n = class_in(b, DFUKIT_GETSTATUS, 0, bytes, sizeof bytes);

    memset(out, 0, sizeof *out);
    if (n == (int32_t)sizeof bytes)
        dfukit_status_decode(bytes, out);
    return n;
}

/* An ordinary CRC-32, computed bit by bit: nothing of dfukit. */
static inline uint16_t expected_revision(const uint8_t *bytes, size_t n)
{
    uint32_t crc = 0xFFFFFFFFu;

    for (size_t i = 0; i < n; i++) {
        crc ^= bytes[i];
        for (int k = 0; k < 8; k++)
            crc = (crc >> 1) ^ ((crc & 1u) != 0 ? 0xEDB88320u : 0);
    }
    return (uint16_t)(0x8000u | (~crc & 0x7FFFu));
}

static inline void fill_payload(uint8_t *bytes, size_t n, uint32_t seed)
{
    for (size_t i = 0; i < n; i++) {
        seed = seed * 22695477u + 1u;
        bytes[i] = (uint8_t)(seed >> 16);
    }
}

/* ---- A host, by hand ---- */

/* How far an upgrade came. */
typedef enum stage {
    STAGE_DETACH,
    STAGE_RETURN_DFU,
    STAGE_IDLE,
    STAGE_DNLOAD,
    STAGE_BUSY,
    STAGE_END,
    STAGE_MANIFEST,
    STAGE_UPLOAD,
    STAGE_VERIFY,
    STAGE_RETURN_APP,
    STAGE_DONE
} stage;

typedef struct report {
    stage stage;                /* where it ended */
    int32_t result;             /* of the transfer at fault */
    uint32_t block;             /* of the download or upload */
    dfukit_status_reply status; /* what the device says then */
    uint64_t lasted_us;         /* polling in this stage */
} report;

static inline report ended(bench *b, report r, stage s, int32_t result)
{
    r.stage = s;
    r.result = result;
    if (result == DFUKIT_ERR_AGAIN)
        b->wire.ops->cancel(b->wire.self);
    if (attachment(b) != 0)
        get_status(b, &r.status);
    return r;
}

/* Poll until the state is neither `busy` nor `sync`; give up after 3 s. r->status is the last
 * answer. */
static inline int32_t poll_while(bench *b, report *r, uint8_t sync, uint8_t busy)
{
    uint64_t start = b->now_us;
    uint32_t before = attachment(b);
    dfukit_status_reply status;
    int32_t result;

    do {
        result = attachment(b) == before ? get_status(b, &status) : DFUKIT_ERR_GONE;
        r->lasted_us = b->now_us - start;
        if (result == 6)
            r->status = status;
        if (result != 6 || (r->status.bState != busy && r->status.bState != sync))
            return result;
        pass(b, r->status.bwPollTimeout * (uint64_t)MS + 1);
    } while (b->now_us - start < 3000u * MS);
    return result;
}

static inline bool enter_dfu_mode(bench *b, report *r)
{
    uint32_t before = attachment(b);
    int32_t result;

    configure(b);
    if (in_dfu_mode(b))
        return true;
    result = class_out(b, DFUKIT_DETACH, 1000, NULL, 0);
    if (result != 0) {
        *r = ended(b, *r, STAGE_DETACH, result);
        return false;
    }
    if ((b->persona->functional.bmAttributes & DFUKIT_WILL_DETACH) == 0)
        b->wire.ops->reset(b->wire.self);
    if (!arrives(b, before) || !in_dfu_mode(b)) {
        *r = ended(b, *r, STAGE_RETURN_DFU, attachment(b) == 0 ? DFUKIT_ERR_GONE : DFUKIT_ERR_MODE);
        return false;
    }
    configure(b);
    return true;
}

static inline bool make_idle(bench *b, report *r)
{
    int32_t result = get_status(b, &r->status);

    if (result == 6 && r->status.bState == DFUKIT_DFU_ERROR) {
        class_out(b, DFUKIT_CLRSTATUS, 0, NULL, 0);
        result = get_status(b, &r->status);
    }
    if (result == 6 && r->status.bState == DFUKIT_DFU_IDLE)
        return true;
    *r = ended(b, *r, STAGE_IDLE, result);
    return false;
}

static inline bool send_blocks(bench *b, const uint8_t *bytes, uint32_t n, report *r)
{
    uint32_t size = b->persona->functional.wTransferSize;

    for (uint32_t at = 0; at < n; at += size, r->block++) {
        uint16_t now = (uint16_t)(n - at < size ? n - at : size);
        int32_t result = class_out(b, DFUKIT_DNLOAD, (uint16_t)r->block, bytes + at, now);

        if (result != now) {
            *r = ended(b, *r, STAGE_DNLOAD, result);
            return false;
        }
        result = poll_while(b, r, DFUKIT_DNLOAD_SYNC, DFUKIT_DNBUSY);
        if (result != 6 || r->status.bState != DFUKIT_DNLOAD_IDLE) {
            *r = ended(b, *r, STAGE_BUSY, result);
            return false;
        }
    }
    return true;
}

/* Read back `n` bytes and compare. */
static inline bool read_back(bench *b, const uint8_t *bytes, uint32_t n, report *r)
{
    uint16_t size = b->persona->functional.wTransferSize;
    uint8_t *block = malloc(size);
    uint32_t at = 0;

    assert_non_null(block);
    for (r->block = 0; at < n; at += size, r->block++) {
        uint32_t wanted = n - at < size ? n - at : size;
        int32_t result = class_in(b, DFUKIT_UPLOAD, (uint16_t)r->block, block, size);

        if (result != (int32_t)wanted || memcmp(block, bytes + at, wanted) != 0) {
            *r = ended(b, *r, result == (int32_t)wanted ? STAGE_VERIFY : STAGE_UPLOAD, result);
            break;
        }
    }
    free(block);
    if (at >= n)
        class_out(b, DFUKIT_ABORT, 0, NULL, 0);
    return at >= n;
}

/* The whole upgrade: detach, download, manifest, read back where possible, back to the firmware. */
static inline report upgrade(bench *b, const uint8_t *bytes, uint32_t n)
{
    const uint8_t attributes = b->persona->functional.bmAttributes;
    report r = {0};
    uint32_t before;
    int32_t result;

    if (attachment(b) == 0)
        arrives(b, 0);
    if (!enter_dfu_mode(b, &r) || !make_idle(b, &r) || !send_blocks(b, bytes, n, &r))
        return r;
    before = attachment(b);
    result = class_out(b, DFUKIT_DNLOAD, (uint16_t)r.block, NULL, 0);
    if (result != 0)
        return ended(b, r, STAGE_END, result);
    result = DFUKIT_ERR_GONE;
    if (attachment(b) == before)
        result = poll_while(b, &r, DFUKIT_MANIFEST_SYNC, DFUKIT_MANIFEST);
    if (result == 6 && r.status.bState != DFUKIT_DFU_IDLE &&
        r.status.bState != DFUKIT_MANIFEST_WAIT_RESET)
        return ended(b, r, STAGE_MANIFEST, result);
    /* dfuMANIFEST-WAIT-RESET answers nothing. */
    if (result < 0 && result != DFUKIT_ERR_GONE && r.status.bState != DFUKIT_MANIFEST)
        return ended(b, r, STAGE_MANIFEST, result);
    if (result == 6 && r.status.bState == DFUKIT_DFU_IDLE &&
        (attributes & DFUKIT_CAN_UPLOAD) != 0 && !read_back(b, bytes, n, &r))
        return r;
    if (attachment(b) == before && (attributes & DFUKIT_WILL_DETACH) == 0)
        b->wire.ops->reset(b->wire.self);
    if (!arrives(b, before) && attachment(b) == 0)
        return ended(b, r, STAGE_RETURN_APP, DFUKIT_ERR_GONE);
    if (in_dfu_mode(b)) {
        configure(b);
        return ended(b, r, STAGE_RETURN_APP, DFUKIT_ERR_MODE);
    }
    r.stage = STAGE_DONE;
    return r;
}

#endif
