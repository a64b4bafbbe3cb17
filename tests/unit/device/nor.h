/* SPDX-License-Identifier: MIT */
/* A small NOR flash that refuses what silicon must not be asked for, takes its time, and fails when
 * it is told to. Work is done when its time is over, with the bytes that `data` points at then. */
#ifndef TESTS_UNIT_DEVICE_NOR_H
#define TESTS_UNIT_DEVICE_NOR_H

#include "dfukit/device.h"

#include <string.h>

#define NOR_SIZE 8192u
#define NOR_BASE 0x08001000u

typedef struct nor {
    const dfukit_region *region;
    unsigned latency;    /* times that busy() says yes; program: for each call of it */
    unsigned fail_at;    /* the operation with this number, from 1, fails … */
    uint8_t fail_status; /* … with this, or OK: silently, one bit wrong */
    unsigned refuse_at;  /* the operation with this number is not even begun: errTARGET */
    /* what came of it */
    unsigned operations, erases, programs, misuses, reads;
    uint8_t cells[NOR_SIZE];
    bool spent[NOR_SIZE];
    unsigned erased[NOR_SIZE]; /* how often, by first byte of the sector */
    /* at work */
    bool working, erasing;
    unsigned left;
    uint32_t at, n;
    const uint8_t *data;
    uint8_t status;
} nor;

static uint8_t nor_start(nor *f, uint32_t address, uint32_t n, bool erasing, const uint8_t *data)
{
    if (f->working || address < NOR_BASE ||
        address - NOR_BASE + n > dfukit_region_size(f->region)) {
        f->misuses++;
        return DFUKIT_STATUS_UNKNOWN;
    }
    f->operations++;
    if (f->operations == f->refuse_at)
        return DFUKIT_STATUS_TARGET;
    f->working = true;
    f->erasing = erasing;
    f->left = f->latency;
    f->at = address - NOR_BASE;
    f->n = n;
    f->data = data;
    return DFUKIT_STATUS_OK;
}

static uint8_t nor_erase(void *self, uint32_t address)
{
    nor *f = self;
    uint32_t start = 0, size = 0;

    f->erases++;
    if (!dfukit_region_sector(f->region, address - NOR_BASE, &start, &size) ||
        start != address - NOR_BASE)
        f->misuses++;
    return nor_start(f, address, size, true, NULL);
}

static uint8_t nor_program(void *self, uint32_t address, const uint8_t *data, uint32_t n)
{
    nor *f = self;
    uint32_t start = 0, size = 0, at = address - NOR_BASE;

    f->programs++;
    if (n == 0 || n % f->region->write_unit != 0 || at % f->region->write_unit != 0 ||
        !dfukit_region_sector(f->region, at, &start, &size) || at + n > start + size)
        f->misuses++;
    for (uint32_t i = at; i < at + n && i < NOR_SIZE; i++)
        f->misuses += f->spent[i] || f->cells[i] != f->region->erased;
    return nor_start(f, address, n, false, data);
}

static void nor_finish(nor *f)
{
    bool fails = f->operations == f->fail_at;

    f->working = false;
    f->status = fails ? f->fail_status : DFUKIT_STATUS_OK;
    if (f->erasing)
        f->erased[f->at]++;
    if (fails && f->status != DFUKIT_STATUS_OK) {
        memset(f->cells + f->at, 0x5A, f->n); /* anything */
        memset(f->spent + f->at, true, f->n);
        return;
    }
    for (uint32_t i = 0; i < f->n; i++) {
        f->cells[f->at + i] = f->erasing ? f->region->erased : f->data[i];
        f->spent[f->at + i] = !f->erasing;
    }
    if (fails)
        f->cells[f->at + f->n - 1] ^= 0x10u;
}

static bool nor_busy(void *self, uint8_t *status)
{
    nor *f = self;

    if (f->working && f->left > 0) {
        f->left--;
        return true;
    }
    if (f->working)
        nor_finish(f);
    *status = f->status;
    return false;
}

static void nor_read(void *self, uint32_t address, uint8_t *to, uint32_t n)
{
    nor *f = self;

    f->reads++;
    if (f->working || address - NOR_BASE + n > NOR_SIZE) {
        f->misuses++;
        return;
    }
    memcpy(to, f->cells + (address - NOR_BASE), n);
}

static const dfukit_flash_ops nor_ops = {nor_erase, nor_program, nor_busy, nor_read};

/* A used flash: no cell is erased. */
static inline void nor_init(nor *f, const dfukit_region *region)
{
    memset(f, 0, sizeof *f);
    f->region = region;
    memset(f->cells, 0x77, sizeof f->cells);
    memset(f->spent, true, sizeof f->spent);
}

#endif
