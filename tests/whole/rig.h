/* SPDX-License-Identifier: MIT */
/* A virtual device, a virtual clock, the in-process carrier, and one call that runs a whole job. */
#ifndef TESTS_WHOLE_RIG_H
#define TESTS_WHOLE_RIG_H

#include <stdlib.h>
#include <string.h>

#include "dfukit/session.h"
#include "dfukit/virtual.h"

typedef struct rig {
    uint64_t now_us;
    dfukit_clock clock;
    dfukit_virtual *device;
    dfukit_carrier carrier;
} rig;

static inline int rig_open(rig *r, const char *persona, const dfukit_virtual_options *options)
{
    static const dfukit_virtual_options usual = {.fast = true};
    memset(r, 0, sizeof *r);
    r->clock = dfukit_clock_virtual(&r->now_us);
    r->device = dfukit_virtual_new(dfukit_persona_find(persona), options != NULL ? options : &usual,
                                   &r->clock);
    if (r->device == NULL)
        return DFUKIT_ERR_NOMEM;
    dfukit_wire wire = dfukit_virtual_wire(r->device);
    return dfukit_loopback_open(&r->carrier, &wire, 1, &r->clock);
}

static inline void rig_close(rig *r)
{
    dfukit_carrier_close(&r->carrier);
    dfukit_virtual_free(&r->device);
}

/* The first target on the carrier. @return DFUKIT_OK or the error. */
static inline int rig_target(rig *r, dfukit_target *target)
{
    dfukit_targets list;
    int error = dfukit_list(&r->carrier, NULL, &list);
    if (error == DFUKIT_OK && list.count == 0)
        error = DFUKIT_ERR_NO_DEVICE;
    if (error == DFUKIT_OK)
        *target = list.list[0];
    dfukit_targets_free(&list);
    return error;
}

/* A payload as a stream; `parts` keeps what it points to. */
typedef struct rig_payload {
    dfukit_segment segment;
    dfukit_image image;
    dfukit_stream stream;
} rig_payload;

static inline const dfukit_stream *rig_stream(rig_payload *parts, const uint8_t *bytes, uint32_t n)
{
    memset(parts, 0, sizeof *parts);
    parts->segment = (dfukit_segment){0, n, bytes, 0};
    parts->image.count = 1;
    parts->image.segments = &parts->segment;
    parts->stream = (dfukit_stream){&parts->image, 0, n};
    return &parts->stream;
}

/* Run a job on the only device. *outcome and *last (the device as last seen) may be NULL. */
static inline int rig_run(rig *r, const dfukit_job *job, const dfukit_watcher *watcher,
                          dfukit_outcome *outcome, dfukit_target *last)
{
    dfukit_target target;
    int error = rig_target(r, &target);
    if (error != DFUKIT_OK)
        return error;
    dfukit_session *s = dfukit_session_new(&r->carrier, job, &target, &error);
    if (s == NULL)
        return error;
    error = dfukit_session_run(s, watcher);
    if (outcome != NULL)
        *outcome = *dfukit_host_outcome(dfukit_session_host(s));
    if (last != NULL)
        *last = *dfukit_host_target(dfukit_session_host(s));
    dfukit_session_free(&s);
    return error;
}

static inline void rig_fill(uint8_t *bytes, size_t n, uint32_t seed)
{
    for (size_t i = 0; i < n; i++) {
        seed = seed * 1664525u + 1013904223u;
        bytes[i] = (uint8_t)(seed >> 24);
    }
}

/* What a device's run-time bcdDevice must be for a payload: zlib's CRC-32, worked out here anew. */
static inline uint16_t rig_version(const uint8_t *bytes, size_t n)
{
    uint32_t crc = 0xFFFFFFFFu;
    for (size_t i = 0; i < n; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0xEDB88320u : crc >> 1;
    }
    return (uint16_t)(0x8000u | (~crc & 0x7FFFu));
}

#endif
