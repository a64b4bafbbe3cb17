/* SPDX-License-Identifier: MIT */
/* A store that does what a test tells it and remembers what it was asked, and a DFU function on it.
 */
#ifndef TESTS_UNIT_DEVICE_MOCK_STORE_H
#define TESTS_UNIT_DEVICE_MOCK_STORE_H

#include "dfukit/device.h"

#include <string.h>

#define MOCK_TRANSFER_SIZE     64u
#define MOCK_RUNTIME_INTERFACE 2u

typedef struct mock {
    /* what it answers */
    uint32_t left_us; /* of the work; set by a test, also `takes_us` at a write or manifest */
    uint32_t takes_us;
    uint8_t write_status;
    uint8_t finish_status;
    uint8_t poll_status;     /* reported once */
    uint8_t manifest_status; /* reported by the first poll after manifest() */
    int32_t read_most;       /* bytes given at most; negative: an error */
    bool valid;
    /* what it was asked */
    unsigned rewinds, begins, writes, finishes, manifests, polls, reads;
    bool at_start; /* nothing was written or read since rewind() */
    uint8_t alt;
    uint16_t block, n;
    uint8_t bytes[MOCK_TRANSFER_SIZE];

    dfukit_dfu dfu;
    dfukit_dfu_config config;
    uint8_t buffer[MOCK_TRANSFER_SIZE];
} mock;

static void mock_rewind(void *self, uint8_t alt)
{
    ((mock *)self)->rewinds++;
    ((mock *)self)->alt = alt;
    ((mock *)self)->at_start = true;
}

/* The first block of a transfer. */
static void mock_begin(mock *m)
{
    m->begins += m->at_start;
    m->at_start = false;
}

static uint8_t mock_write(void *self, uint16_t wBlockNum, const uint8_t *data, uint16_t n)
{
    mock *m = self;

    mock_begin(m);
    m->writes++;
    m->block = wBlockNum;
    m->n = n;
    memcpy(m->bytes, data, n);
    m->left_us = m->takes_us;
    return m->write_status;
}

static uint8_t mock_finish(void *self)
{
    ((mock *)self)->finishes++;
    return ((mock *)self)->finish_status;
}

static void mock_manifest(void *self)
{
    ((mock *)self)->manifests++;
    ((mock *)self)->left_us = ((mock *)self)->takes_us;
    ((mock *)self)->poll_status = ((mock *)self)->manifest_status;
}

static int32_t mock_poll(void *self)
{
    mock *m = self;
    uint8_t status = m->poll_status;

    m->polls++;
    m->poll_status = DFUKIT_STATUS_OK;
    return status != DFUKIT_STATUS_OK ? -(int32_t)status : (int32_t)((m->left_us + 999u) / 1000u);
}

static int32_t mock_read(void *self, uint16_t wBlockNum, uint8_t *to, uint16_t n)
{
    mock *m = self;

    mock_begin(m);
    m->reads++;
    m->block = wBlockNum;
    m->n = n;
    if (m->read_most < 0)
        return m->read_most;
    if (n > m->read_most)
        n = (uint16_t)m->read_most;
    for (uint16_t i = 0; i < n; i++)
        to[i] = (uint8_t)(0x80u + i);
    return n;
}

static bool mock_valid(void *self)
{
    return ((const mock *)self)->valid;
}

static const dfukit_store_ops mock_store = {mock_rewind, mock_write, mock_finish, mock_manifest,
                                            mock_poll,   mock_read,  mock_valid};

/* As after power-on with good firmware. */
static inline void mock_init(mock *m, uint8_t attributes, bool strict)
{
    memset(m, 0, sizeof *m);
    m->valid = true;
    m->at_start = true;
    m->read_most = MOCK_TRANSFER_SIZE;
    m->config = (dfukit_dfu_config){
        .functional = {attributes, 1000, MOCK_TRANSFER_SIZE, 0x0110},
        .alternates = 3,
        .interface_runtime = MOCK_RUNTIME_INTERFACE,
        .interfaces_runtime = MOCK_RUNTIME_INTERFACE + 1,
        .max_packet_size0 = 16,
        .strict = strict,
        .status_string = 9,
        .store = &mock_store,
    };
    dfukit_dfu_init(&m->dfu, &m->config, m, m->buffer);
    dfukit_dfu_set_configured(&m->dfu, true);
}

/* As after a detach: dfuIDLE, configured. */
static inline void mock_dfu_mode(mock *m, uint8_t attributes, bool strict)
{
    mock_init(m, attributes, strict);
    dfukit_dfu_attach(&m->dfu, true);
    dfukit_dfu_set_configured(&m->dfu, true);
    m->rewinds = 0;
}

static inline dfukit_setup mock_request(const mock *m, dfukit_request request, uint16_t wValue,
                                        uint16_t wLength)
{
    bool in = request == DFUKIT_UPLOAD || request == DFUKIT_GETSTATUS || request == DFUKIT_GETSTATE;

    return (dfukit_setup){
        .bmRequestType = in ? 0xA1 : 0x21,
        .bRequest = (uint8_t)request,
        .wValue = wValue,
        .wIndex = m->dfu.state < 2 ? MOCK_RUNTIME_INTERFACE : 0,
        .wLength = wLength,
    };
}

/* A whole request, as it is sent in practice. */
static inline dfukit_answer mock_do(mock *m, dfukit_request request, uint16_t wValue,
                                    uint16_t wLength)
{
    dfukit_setup s = mock_request(m, request, wValue, wLength);
    dfukit_answer a = dfukit_dfu_setup(&m->dfu, &s);

    if (a.kind != DFUKIT_ANSWER_STALL)
        dfukit_dfu_complete(&m->dfu);
    return a;
}

/* GETSTATUS, decoded; the answer must not be a stall. */
static inline dfukit_status_reply mock_status(mock *m)
{
    dfukit_status_reply r = {0xFF, 0xFFFFFFFF, 0xFF, 0xFF};
    dfukit_answer a = mock_do(m, DFUKIT_GETSTATUS, 0, 6);

    if (a.kind == DFUKIT_ANSWER_IN && a.n == 6)
        dfukit_status_decode(a.data, &r);
    return r;
}

#endif
