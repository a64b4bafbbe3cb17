/* SPDX-License-Identifier: MIT */
/* A trace (docs/TRACE.md) in memory: attachments, and what happened in each, in order. */
#ifndef DFUKIT_VIRTUAL_RECORDING_H
#define DFUKIT_VIRTUAL_RECORDING_H

#include "dfukit/virtual.h"

/* Longest path as it stands in a trace. */
#define DFUKIT_RECORDED_PATH (3u * DFUKIT_PATH_SIZE)

typedef enum dfukit_recorded_kind {
    DFUKIT_RECORDED_TRANSFER,
    DFUKIT_RECORDED_CLAIM,
    DFUKIT_RECORDED_RESET
} dfukit_recorded_kind;

typedef struct dfukit_recorded_event {
    dfukit_recorded_kind kind;
    size_t owner; /* attachment: index in the list */
    size_t line;
    uint64_t end_us;
    dfukit_setup setup; /* TRANSFER */
    uint8_t interface, alternate;
    bool set_alternate; /* CLAIM */
    int32_t result;     /* TRANSFER: bytes, or an error; else DFUKIT_OK or an error */
    size_t data, size;  /* TRANSFER: the bytes sent or received, in the pool */
} dfukit_recorded_event;

typedef struct dfukit_recorded_attachment {
    char path[DFUKIT_RECORDED_PATH];
    size_t line;
    uint64_t attach_us, depart_us; /* depart: DFUKIT_RECORDED_STAYS when it did not */
    bool has_device;
    uint8_t device[DFUKIT_DEVICE_DESCRIPTOR_SIZE];
    size_t configuration, configuration_size; /* in the pool; size 0: not known */
} dfukit_recorded_attachment;

#define DFUKIT_RECORDED_STAYS UINT64_MAX

typedef struct dfukit_recording {
    size_t attachment_count, event_count, pool_size;
    dfukit_recorded_attachment *attachments;
    dfukit_recorded_event *events;
    uint8_t *pool;
    size_t attachment_room, event_room, pool_room;
    size_t last_line;
} dfukit_recording;

/* Parse `n` bytes. @return DFUKIT_OK, DFUKIT_ERR_DAMAGED (*line, *what), DFUKIT_ERR_NOMEM. Whatever
 * it returns, free it. */
int dfukit_recording_parse(dfukit_recording *r, const char *text, size_t n, size_t *line,
                           const char **what);
void dfukit_recording_free(dfukit_recording *r);

#endif
