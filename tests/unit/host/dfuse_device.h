/* SPDX-License-Identifier: MIT */
/*
 * A DfuSe device for the host engine's tests, written from AN3156 and strict: it executes nothing
 * before the first DFU_GETSTATUS, stalls what a state does not allow, takes every block number for
 * so many full wTransferSize, and notes what would damage real memory. It counts what it is asked.
 */
#ifndef TESTS_UNIT_HOST_DFUSE_DEVICE_H
#define TESTS_UNIT_HOST_DFUSE_DEVICE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dfukit/host.h"

#define MEMORY_SIZE (512u * 1024u) /* of each setting, from the start of its map */
#define LOG_SIZE    4096u

typedef enum leaving {
    LEAVE_AT_STATUS,
    LEAVE_AT_DNLOAD,
    LEAVE_AFTER_STATUS,
    LEAVE_STALLS,
    LEAVE_MUTE,
    LEAVE_NEVER
} leaving;

typedef struct dfuse_device {
    dfukit_target target;
    dfukit_map maps[4];
    uint8_t *memory[4];
    uint32_t wTransferSize;
    uint8_t erased; /* value of erased bytes */

    /* how it behaves */
    uint32_t erase_poll, erase_ms, mass_poll, mass_ms, write_poll, write_ms, idle_poll;
    unsigned stalls; /* of GETSTATUS while busy, per operation */
    int wedge;       /* the n-th operation hangs until CLRSTATUS; -1: none */
    bool wedge_done; /* … but has been carried out; a byte that is not blank is refused then */
    bool protected_; /* read protected */
    bool resets_on_options;
    bool no_unprotect; /* not among its commands */
    bool commands_stall;
    leaving leave;
    int gone_at;                 /* the n-th transfer finds it gone; -1: never */
    bool back_runtime, back_dfu; /* how it comes back; neither: never */

    /* its state */
    uint8_t state, status;
    unsigned alternate;
    uint32_t pointer;
    uint8_t pending[8192];
    uint32_t pending_n;
    unsigned pending_block;
    bool executed; /* the pending operation was begun by GETSTATUS */
    uint64_t busy_until, now;
    unsigned stalled;
    bool wedged, gone;
    unsigned operations;

    /* what was seen */
    unsigned requests, round_trips, selections, sets, erases, mass_erases, writes, uploads, aborts,
        clears;
    unsigned waits;
    uint64_t waited;
    uint32_t started_at;
    bool left, unprotected;
    char complaint[200];
    char log[LOG_SIZE];
} dfuse_device;

static void complain(dfuse_device *d, const char *what, unsigned long n)
{
    if (d->complaint[0] == '\0')
        snprintf(d->complaint, sizeof d->complaint, "%s (0x%lX)", what, n);
}

static void note(dfuse_device *d, const char *what, uint32_t n)
{
    size_t at = strlen(d->log);
    if (at + 40 < sizeof d->log)
        snprintf(d->log + at, sizeof d->log - at, "%s%s%x", at != 0 ? " " : "", what, n);
}

static void dfuse_device_init(dfuse_device *d, const char *const *alts, uint32_t wTransferSize)
{
    memset(d, 0, sizeof *d);
    dfukit_target *t = &d->target;
    strcpy(t->path, "1-1");
    t->devnum = 5;
    t->mode = DFUKIT_MODE_DFU;
    t->device.idVendor = 0x0483;
    t->device.idProduct = 0xDF11;
    t->configuration = 1;
    t->interfaces = 1;
    t->transfer_size = wTransferSize < 4096 ? wTransferSize : 4096;
    t->functional = (dfukit_functional){DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD | DFUKIT_WILL_DETACH,
                                        255, (uint16_t)wTransferSize, DFUKIT_VERSION_DFUSE};
    for (; alts[t->alt_count] != NULL; t->alt_count++) {
        size_t i = t->alt_count;
        t->alts[i].number = (uint8_t)i;
        strcpy(t->alts[i].name, alts[i]);
        if (dfukit_map_parse(alts[i], &d->maps[i]) != DFUKIT_OK)
            memset(&d->maps[i], 0, sizeof d->maps[i]);
        d->memory[i] = malloc(MEMORY_SIZE);
        memset(d->memory[i], 0x5A, MEMORY_SIZE); /* what was there before */
    }
    d->wTransferSize = wTransferSize;
    d->erased = 0xFF;
    d->erase_poll = d->erase_ms = 20;
    d->write_poll = d->write_ms = 5;
    d->mass_poll = d->mass_ms = 1000;
    d->wedge = d->gone_at = -1;
    d->state = DFUKIT_DFU_IDLE;
    d->back_runtime = true;
    d->now = 1000;
}

static void dfuse_device_free(dfuse_device *d)
{
    for (size_t i = 0; i < 4; i++)
        free(d->memory[i]);
}

static uint8_t *cell(dfuse_device *d, uint64_t address)
{
    const dfukit_map *map = &d->maps[d->alternate];
    uint32_t first = map->spans[0].address;
    if (address > UINT32_MAX || !dfukit_map_sector(map, (uint32_t)address, NULL, NULL, NULL) ||
        address - first >= MEMORY_SIZE)
        return NULL;
    return &d->memory[d->alternate][address - first];
}

static void fail_with(dfuse_device *d, uint8_t status)
{
    d->status = status;
    d->state = DFUKIT_DFU_ERROR;
}

/* ---- What it carries out ---- */

static void erase_page(dfuse_device *d, uint32_t address)
{
    uint32_t start, size;
    uint8_t permissions;
    d->erases++;
    note(d, "E", address);
    if (!dfukit_map_sector(&d->maps[d->alternate], address, &start, &size, &permissions)) {
        fail_with(d, DFUKIT_STATUS_TARGET);
        return;
    }
    if (d->protected_) {
        fail_with(d, DFUKIT_STATUS_VENDOR);
        return;
    }
    if ((permissions & DFUKIT_MAY_ERASE) == 0)
        complain(d, "a page is erased that cannot be", address);
    if (start != address)
        complain(d, "a page is erased by an address inside it", address);
    for (uint32_t i = 0; i < size && cell(d, start + i) != NULL; i++)
        *cell(d, start + i) = d->erased;
}

static void write_block(dfuse_device *d)
{
    uint64_t at = d->pointer + (uint64_t)(d->pending_block - 2) * d->wTransferSize;
    d->writes++;
    note(d, "W", (uint32_t)at);
    if (d->protected_) {
        fail_with(d, DFUKIT_STATUS_VENDOR);
        return;
    }
    for (uint32_t i = 0; i < d->pending_n; i++) {
        uint8_t *c = cell(d, at + i);
        uint8_t permissions = 0;
        if (c == NULL) {
            fail_with(d, DFUKIT_STATUS_TARGET);
            return;
        }
        dfukit_map_sector(&d->maps[d->alternate], (uint32_t)(at + i), NULL, NULL, &permissions);
        bool dirty = *c != d->erased && (permissions & DFUKIT_MAY_ERASE) != 0;
        if (dirty && d->wedge_done)
            fail_with(d, DFUKIT_STATUS_CHECK_ERASED);
        else if (dirty)
            complain(d, "a byte is written that is not erased", (unsigned long)(at + i));
        *c = d->pending[i];
    }
}

static uint32_t pending_address(const dfuse_device *d)
{
    return (uint32_t)d->pending[1] | (uint32_t)d->pending[2] << 8 | (uint32_t)d->pending[3] << 16 |
           (uint32_t)d->pending[4] << 24;
}

static void command(dfuse_device *d)
{
    if (d->pending[0] == 0x21 && d->pending_n == 5) {
        d->sets++;
        d->pointer = pending_address(d);
        note(d, "S", d->pointer);
        if (cell(d, d->pointer) == NULL)
            fail_with(d, DFUKIT_STATUS_TARGET);
    } else if (d->pending[0] == 0x41 && d->pending_n == 5) {
        erase_page(d, pending_address(d));
    } else if (d->pending[0] == 0x41 && d->pending_n == 1) {
        d->mass_erases++;
        note(d, "M", d->alternate);
        memset(d->memory[d->alternate], d->erased, MEMORY_SIZE);
    } else if (d->pending[0] == 0x92 && d->pending_n == 1) {
        d->unprotected = d->gone = true;
        note(d, "U", 0);
    } else {
        complain(d, "a command that does not exist", d->pending[0]);
        fail_with(d, DFUKIT_STATUS_STALLEDPKT);
    }
}

static bool is_erase(const dfuse_device *d)
{
    return d->pending_block == 0 && d->pending[0] == 0x41;
}

static void execute(dfuse_device *d)
{
    uint32_t ms = d->pending_block != 0 ? d->write_ms
                  : !is_erase(d)        ? 0
                  : d->pending_n == 1   ? d->mass_ms
                                        : d->erase_ms;
    d->executed = true;
    d->wedged = (int)d->operations++ == d->wedge;
    d->busy_until = d->now + ms;
    d->stalled = 0;
    d->state = DFUKIT_DNBUSY;
    if (d->wedged && !d->wedge_done)
        return;
    if (d->pending_block == 0)
        command(d);
    else
        write_block(d);
    const dfukit_map *map = &d->maps[d->alternate];
    if (d->resets_on_options && map->kind == DFUKIT_MAP_OPTION_BYTES && d->pending_block != 0)
        d->gone = true;
}

static uint32_t poll_time(const dfuse_device *d)
{
    return d->pending_block != 0 ? d->write_poll
           : !is_erase(d)        ? 0
           : d->pending_n == 1   ? d->mass_poll
                                 : d->erase_poll;
}

/* ---- Requests ---- */

static int32_t refuse(dfuse_device *d)
{
    fail_with(d, DFUKIT_STATUS_STALLEDPKT);
    return DFUKIT_ERR_STALL;
}

static int32_t status_reply(dfuse_device *d, const dfukit_transfer *t)
{
    dfukit_status_reply r = {d->status, 0, d->state, 0};
    if (d->state == DFUKIT_DNLOAD_SYNC && !d->executed) {
        execute(d);
        r.bwPollTimeout = poll_time(d);
        r.bState = d->state;
        r.bStatus = d->status;
        if (d->gone && d->unprotected)
            r.bState = DFUKIT_DNBUSY; /* its last word */
    } else if (d->state == DFUKIT_DNBUSY) {
        if (d->stalled < d->stalls && is_erase(d)) {
            d->stalled++;
            return DFUKIT_ERR_STALL;
        }
        if (d->wedged || d->now < d->busy_until) {
            r.bwPollTimeout = poll_time(d);
        } else {
            d->state = r.bState = DFUKIT_DNLOAD_IDLE;
            r.bwPollTimeout = d->idle_poll;
        }
    } else if (d->state == DFUKIT_MANIFEST_SYNC) {
        if (d->leave == LEAVE_AT_STATUS || d->leave == LEAVE_MUTE) {
            d->gone = true;
            return d->leave == LEAVE_MUTE ? DFUKIT_ERR_TIMEOUT : DFUKIT_ERR_GONE;
        }
        d->state = r.bState = DFUKIT_MANIFEST;
        d->gone = d->leave == LEAVE_AFTER_STATUS;
    }
    dfukit_status_encode(&r, t->in);
    return 6;
}

static int32_t download(dfuse_device *d, const dfukit_transfer *t)
{
    if (d->state != DFUKIT_DFU_IDLE && d->state != DFUKIT_DNLOAD_IDLE) {
        complain(d, "DNLOAD in a state that does not allow it", d->state);
        return refuse(d);
    }
    if (t->setup.wLength == 0) {
        d->left = true;
        d->started_at = d->pointer;
        d->gone = d->leave == LEAVE_AT_DNLOAD;
        if (d->leave == LEAVE_STALLS) {
            d->gone = true;
            return DFUKIT_ERR_STALL;
        }
        d->state = DFUKIT_MANIFEST_SYNC;
        return d->gone ? DFUKIT_ERR_GONE : 0;
    }
    if (t->setup.wLength > d->wTransferSize)
        complain(d, "a block is longer than wTransferSize", t->setup.wLength);
    if (t->setup.wValue == 1 || t->setup.wValue == 65535)
        complain(d, "a block number that is not to be used", t->setup.wValue);
    memcpy(d->pending, t->out, t->setup.wLength);
    d->pending_n = t->setup.wLength;
    d->pending_block = t->setup.wValue;
    d->executed = false;
    d->state = DFUKIT_DNLOAD_SYNC;
    return t->setup.wLength;
}

static int32_t upload(dfuse_device *d, const dfukit_transfer *t)
{
    static const uint8_t commands[] = {0x00, 0x21, 0x41, 0x92};
    d->uploads++;
    if (d->state != DFUKIT_DFU_IDLE && d->state != DFUKIT_UPLOAD_IDLE) {
        complain(d, "UPLOAD in a state that does not allow it", d->state);
        return refuse(d);
    }
    if (t->setup.wValue == 0) {
        note(d, "G", 0);
        if (d->commands_stall)
            return refuse(d);
        int32_t n = d->no_unprotect ? 3 : 4;
        memcpy(t->in, commands, (size_t)n);
        d->state = DFUKIT_DFU_IDLE;
        return n;
    }
    if (d->protected_) {
        fail_with(d, DFUKIT_STATUS_VENDOR);
        return DFUKIT_ERR_STALL;
    }
    uint64_t at = d->pointer + (uint64_t)(t->setup.wValue - 2) * d->wTransferSize;
    int32_t n = 0;
    note(d, "R", (uint32_t)at);
    while (n < t->setup.wLength && cell(d, at + (uint64_t)n) != NULL) {
        t->in[n] = *cell(d, at + (uint64_t)n);
        n++;
    }
    d->state = n == t->setup.wLength ? DFUKIT_UPLOAD_IDLE : DFUKIT_DFU_IDLE;
    return n;
}

static int32_t other(dfuse_device *d, unsigned request)
{
    if (request == DFUKIT_ABORT) {
        d->aborts++;
        if (d->state != DFUKIT_DFU_IDLE && d->state != DFUKIT_DNLOAD_IDLE &&
            d->state != DFUKIT_UPLOAD_IDLE)
            return refuse(d);
        d->state = DFUKIT_DFU_IDLE;
        return 0;
    }
    if (request == DFUKIT_CLRSTATUS) {
        d->clears++;
        bool freed = d->wedged && d->state == DFUKIT_DNBUSY;
        d->wedged = false;
        if (d->state != DFUKIT_DFU_ERROR && !freed)
            return refuse(d);
        d->state = DFUKIT_DFU_IDLE;
        d->status = DFUKIT_STATUS_OK;
        return 0;
    }
    return DFUKIT_ERR_STALL;
}

static void serve(dfuse_device *d, dfukit_transfer *t)
{
    if ((int)d->requests == d->gone_at)
        d->gone = true;
    if (d->gone) {
        t->result = DFUKIT_ERR_GONE;
        return;
    }
    if ((t->setup.bmRequestType & 0x60) == 0) {
        t->result = DFUKIT_ERR_STALL; /* no texts */
        return;
    }
    d->requests++;
    switch (t->setup.bRequest) {
    case DFUKIT_DNLOAD:
        t->result = download(d, t);
        break;
    case DFUKIT_UPLOAD:
        t->result = upload(d, t);
        break;
    case DFUKIT_GETSTATUS:
        t->result = status_reply(d, t);
        break;
    default:
        t->result = other(d, t->setup.bRequest);
        break;
    }
}

/* ---- The engine on this device, in virtual time ---- */

static void claim(dfuse_device *d, const dfukit_step *step, dfukit_host *h)
{
    if (step->set_alternate && !d->gone) {
        d->selections++;
        if (d->alternate != step->alternate)
            note(d, "A", step->alternate);
        d->alternate = step->alternate;
        d->pointer = 0;
        if (d->state != DFUKIT_DFU_ERROR)
            d->state = DFUKIT_DFU_IDLE;
    }
    dfukit_host_answer(h, d->gone ? DFUKIT_ERR_GONE : DFUKIT_OK, d->now);
}

static void come_back(dfuse_device *d, const dfukit_step *step, dfukit_host *h)
{
    dfukit_target back = d->target;
    if (!d->gone) { /* it has not left at all */
        d->now += step->wait_ms;
        dfukit_host_returned(h, &back, DFUKIT_ERR_LOST, d->now);
        return;
    }
    bool comes = d->back_runtime || d->back_dfu;
    back.devnum++;
    back.mode = d->back_dfu ? DFUKIT_MODE_DFU : DFUKIT_MODE_RUNTIME;
    d->now += comes ? 300 : step->wait_ms;
    dfukit_host_returned(h, comes ? &back : NULL, DFUKIT_ERR_LOST, d->now);
}

typedef struct dfuse_sink {
    uint8_t *bytes;
    size_t n, room;
} dfuse_sink;

static void take_received(dfukit_host *h, dfuse_sink *sink)
{
    size_t n = 0;
    const uint8_t *bytes = dfukit_host_received(h, &n);
    if (sink == NULL || n == 0 || sink->n + n > sink->room)
        return;
    memcpy(sink->bytes + sink->n, bytes, n);
    sink->n += n;
}

/* Runs to the end; cancels at the n-th step when `cancel_at` is not negative. */
static void dfuse_device_run(dfuse_device *d, dfukit_host *h, dfuse_sink *sink, int cancel_at)
{
    for (int steps = 0; steps < 200000; steps++) {
        const dfukit_step *step = dfukit_host_next(h, d->now);
        if (steps == cancel_at)
            dfukit_host_cancel(h);
        switch (step->kind) {
        case DFUKIT_STEP_TRANSFERS:
            d->round_trips++;
            for (size_t i = 0; i < step->count; i++) {
                bool after_loss = i != 0 && step->transfers[i - 1].result == DFUKIT_ERR_GONE;
                if (after_loss)
                    step->transfers[i].result = DFUKIT_ERR_AGAIN;
                else
                    serve(d, &step->transfers[i]);
            }
            dfukit_host_answer(h, 0, d->now);
            take_received(h, sink);
            break;
        case DFUKIT_STEP_CLAIM:
            claim(d, step, h);
            break;
        case DFUKIT_STEP_WAIT:
            d->waits++;
            d->waited += step->wait_ms;
            d->now += step->wait_ms;
            dfukit_host_answer(h, 0, d->now);
            break;
        case DFUKIT_STEP_RESET:
            note(d, "reset", 0);
            dfukit_host_answer(h, d->gone ? DFUKIT_ERR_GONE : DFUKIT_OK, d->now);
            break;
        case DFUKIT_STEP_RETURN:
            come_back(d, step, h);
            break;
        case DFUKIT_STEP_DONE:
        case DFUKIT_STEP_FAILED:
        default:
            return;
        }
    }
    complain(d, "the engine does not end", 0);
}

#endif
