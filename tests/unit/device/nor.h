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
    const dfukit_region *zones; /* `count` of them */
    size_t count;
    uint32_t base;        /* address of the first cell */
    unsigned latency;     /* times that busy() says yes; program: for each call of it */
    bool timed;           /* instead: as long as the datasheet says, in `now_us`, … */
    unsigned percent;     /* … or this part of it */
    unsigned fail_at;     /* the operation with this number, from 1, fails … */
    uint8_t fail_status;  /* … with this, or OK: silently, one bit wrong */
    unsigned refuse_at;   /* the operation with this number is not even begun: errTARGET */
    unsigned cut_at;      /* in the midst of the operation with this number power fails … */
    unsigned cut_eighths; /* … when so much of it is done */
    uint32_t protect_from, protect_to; /* cells that ignore erasing and programming, silently */
    /* what came of it */
    unsigned operations, erases, programs, misuses, reads, bytes_read;
    bool dead; /* no power */
    uint8_t cells[NOR_SIZE];
    bool spent[NOR_SIZE];
    unsigned erased[NOR_SIZE]; /* how often, by first byte of the sector */
    /* at work */
    bool working, erasing;
    bool owed; /* the outcome has not been told yet */
    unsigned left;
    uint64_t now_us, until_us;
    uint32_t at, n;
    const dfukit_region *zone;
    const uint8_t *data;
    uint8_t status;
} nor;

/* The zone that holds `n` bytes from `address` on, all of them. */
static inline const dfukit_region *nor_zone(const nor *f, uint32_t address, uint32_t n)
{
    for (size_t i = 0; i < f->count; i++) {
        const dfukit_region *z = &f->zones[i];
        uint64_t end = (uint64_t)z->address + dfukit_region_size(z);

        if (address >= z->address && (uint64_t)address + n <= end)
            return z;
    }
    return NULL;
}

static inline void nor_take_effect(nor *f, uint32_t n)
{
    for (uint32_t i = f->at; i < f->at + n; i++) {
        if (i >= f->protect_from && i < f->protect_to)
            continue;
        f->cells[i] = f->erasing ? f->zone->erased : f->data[i - f->at];
        f->spent[i] = !f->erasing;
    }
}

static inline uint8_t nor_start(nor *f, uint32_t address, uint32_t n, bool erasing,
                                const uint8_t *data)
{
    f->zone = nor_zone(f, address, n);
    if (f->working || n == 0 || f->zone == NULL || address - f->base > NOR_SIZE - n) {
        f->misuses++;
        return DFUKIT_STATUS_UNKNOWN;
    }
    if (f->dead)
        return DFUKIT_STATUS_POR;
    f->operations++;
    if (f->operations == f->refuse_at)
        return DFUKIT_STATUS_TARGET;
    f->working = true;
    f->owed = true;
    f->erasing = erasing;
    f->left = f->latency;
    f->at = address - f->base;
    f->n = n;
    f->data = data;
    f->until_us =
        f->now_us +
        (erasing ? f->zone->erase_us : (uint64_t)(n / f->zone->write_unit) * f->zone->program_us) *
            f->percent / 100u;
    if (f->operations == f->cut_at) {
        nor_take_effect(f, n * f->cut_eighths / 8u);
        f->working = false;
        f->owed = false;
        f->dead = true;
        return DFUKIT_STATUS_POR;
    }
    return DFUKIT_STATUS_OK;
}

static inline uint8_t nor_erase(void *self, uint32_t address)
{
    nor *f = self;
    const dfukit_region *z = nor_zone(f, address, 1);
    uint32_t start = 0, size = 0;

    f->erases++;
    if (z == NULL || (z->permissions & DFUKIT_MAY_ERASE) == 0 ||
        !dfukit_region_sector(z, address - z->address, &start, &size) ||
        start != address - z->address)
        f->misuses++;
    return nor_start(f, address, size, true, NULL);
}

static inline uint8_t nor_program(void *self, uint32_t address, const uint8_t *data, uint32_t n)
{
    nor *f = self;
    const dfukit_region *z = nor_zone(f, address, n);
    uint32_t start = 0, size = 0, at = address - f->base;

    f->programs++;
    if (z == NULL || n % z->write_unit != 0 || at % z->write_unit != 0 ||
        (z->permissions & DFUKIT_MAY_WRITE) == 0 ||
        !dfukit_region_sector(z, address - z->address, &start, &size) ||
        address - z->address - start + n > size) {
        f->misuses++;
        return nor_start(f, address, 0, false, data);
    }
    for (uint32_t i = at; i < at + n && (z->permissions & DFUKIT_MAY_ERASE) != 0; i++)
        f->misuses += f->spent[i] || f->cells[i] != z->erased;
    return nor_start(f, address, n, false, data);
}

static inline void nor_finish(nor *f)
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
    nor_take_effect(f, f->n);
    if (fails)
        f->cells[f->at + f->n - 1] ^= 0x10u;
}

static inline bool nor_busy(void *self, uint8_t *status)
{
    nor *f = self;

    f->misuses += !f->owed; /* nothing was begun */
    *status = DFUKIT_STATUS_UNKNOWN; /* means nothing while the work goes on */
    if (f->working && f->timed && f->now_us < f->until_us)
        return true;
    if (f->working && !f->timed && f->left > 0) {
        f->left--;
        return true;
    }
    if (f->working)
        nor_finish(f);
    f->owed = false;
    *status = f->status;
    return false;
}

static inline void nor_read(void *self, uint32_t address, uint8_t *to, uint32_t n)
{
    nor *f = self;

    f->reads++;
    f->bytes_read += n;
    if (f->working || n == 0 || nor_zone(f, address, n) == NULL) {
        f->misuses++;
        return;
    }
    memcpy(to, f->cells + (address - f->base), n);
}

static const dfukit_flash_ops nor_ops = {nor_erase, nor_program, nor_busy, nor_read};

/* A used flash: no cell is erased. */
static inline void nor_init(nor *f, const dfukit_region *zones, size_t count)
{
    memset(f, 0, sizeof *f);
    f->zones = zones;
    f->count = count;
    f->base = zones[0].address;
    f->percent = 100;
    memset(f->cells, 0x77, sizeof f->cells);
    memset(f->spent, true, sizeof f->spent);
}

#endif
