/* SPDX-License-Identifier: MIT */
/* A slot on the flash of nor.h, and an image to put there. */
#ifndef TESTS_UNIT_DEVICE_SLOT_BENCH_H
#define TESTS_UNIT_DEVICE_SLOT_BENCH_H

#include "store_bench.h"

/* 4 × 256, 1 × 1024, 3 × 512: 3584 bytes */
static const dfukit_sectors runs[] = {{4, 256}, {1, 1024}, {3, 512}, {0, 0}};
#define REGION_SIZE 3584u

typedef struct bench {
    nor flash;
    dfukit_region region;
    const dfukit_region *regions[2];
    dfukit_slot_config config;
    dfukit_slot slot;
    /* the hook */
    unsigned accepted;
    uint8_t accept_status, accept_alt;
    uint32_t accept_length;
} bench;

static bench *current; /* the hook gets the flash only */

static inline uint8_t accept(void *flash, uint8_t alt, uint32_t length)
{
    assert_ptr_equal(flash, &current->flash);
    current->accepted++;
    current->accept_alt = alt;
    current->accept_length = length;
    return current->accept_status;
}

static inline void begin(bench *b, uint16_t unit, uint8_t erased, unsigned latency)
{
    memset(b, 0, sizeof *b);
    current = b;
    b->region = (dfukit_region){NOR_BASE, runs, unit, erased, ALL, 20000000, 50000};
    b->regions[0] = b->regions[1] = &b->region;
    b->config = (dfukit_slot_config){&nor_ops, b->regions, accept, NULL, 0};
    nor_init(&b->flash, &b->region, 1);
    b->flash.latency = latency;
    memset(&b->slot, 0xA5, sizeof b->slot);
    dfukit_slot_init(&b->slot, &b->config, &b->flash);
    dfukit_slot_store.rewind(&b->slot, 0);
}

/* Until the work is over. @return its status. */
static inline uint8_t work(bench *b)
{
    return store_work(&dfukit_slot_store, &b->slot);
}

static inline uint8_t put(bench *b, uint16_t block, const uint8_t *bytes, uint16_t n)
{
    return store_put(&dfukit_slot_store, &b->slot, b->slot.alt, block, bytes, n);
}

static inline uint8_t manifest(bench *b)
{
    dfukit_slot_store.manifest(&b->slot);
    return work(b);
}

static uint8_t image[REGION_SIZE];

static inline void fill_image(void)
{
    for (uint32_t i = 0; i < sizeof image; i++)
        image[i] = (uint8_t)(i * 37u + (i >> 8) + 1u);
}

/* The whole image, cut into blocks of `block` bytes. */
static inline uint8_t download(bench *b, uint32_t length, uint32_t block)
{
    uint16_t number = 0;

    dfukit_slot_store.rewind(&b->slot, 0);
    for (uint32_t at = 0; at < length; at += block) {
        uint32_t n = length - at < block ? length - at : block;
        uint8_t status = put(b, number++, image + at, (uint16_t)n);

        if (status != DFUKIT_STATUS_OK)
            return status;
    }
    if (dfukit_slot_store.finish(&b->slot) != DFUKIT_STATUS_OK)
        return DFUKIT_STATUS_NOTDONE;
    return manifest(b);
}

/* The flash holds `length` bytes of the image, is filled up to the write unit, and erased up to the
 * end of the last sector touched; every sector once, none behind it. */
static inline void check_stored(const bench *b, uint32_t length, const char *what)
{
    uint32_t start = 0, size = 0, end;

    if (b->flash.misuses != 0)
        fail_msg("%s, %u bytes: the flash was misused %u times", what, length, b->flash.misuses);
    for (uint32_t i = 0; i < length; i++) {
        if (b->flash.cells[i] != image[i])
            fail_msg("%s, %u bytes: byte %u", what, length, i);
    }
    dfukit_region_sector(&b->region, length - 1, &start, &size);
    end = start + size;
    for (uint32_t i = length; i < NOR_SIZE; i++) {
        if (b->flash.cells[i] != (i < end ? b->region.erased : 0x77))
            fail_msg("%s, %u bytes: byte %u after the end", what, length, i);
    }
    for (uint32_t at = 0; at < REGION_SIZE; at += size) {
        dfukit_region_sector(&b->region, at, &start, &size);
        if (b->flash.erased[at] != (at < end ? 1u : 0u))
            fail_msg("%s, %u bytes: sector at %u erased %u times", what, length, at,
                     b->flash.erased[at]);
    }
}

#endif
