/* SPDX-License-Identifier: MIT */
/* A DfuSe store on the flash of nor.h: five zones; some touch, some lie apart. */
#ifndef TESTS_UNIT_DEVICE_DFUSE_BENCH_H
#define TESTS_UNIT_DEVICE_DFUSE_BENCH_H

#include "store_bench.h"

#define TRANSFER 256u

/* Offsets from NOR_BASE:      0 … 0x1000   all, 8 × 256 and 2 × 1024
 *                        0x1000 … 0x1400   all, 4 × 256, twice as slow
 *                        0x1400 … 0x1600   read only
 *                        0x1800 … 0x1C00   no reading
 *                        0x1C00 … 0x1D00   read and write, no erasing (as RAM)
 */
static const dfukit_sectors main_runs[] = {{8, 256}, {2, 1024}, {0, 0}};
static const dfukit_sectors second_runs[] = {{4, 256}, {0, 0}};
static const dfukit_sectors locked_runs[] = {{1, 512}, {0, 0}};
static const dfukit_sectors one_run[] = {{1, 256}, {0, 0}};
#define SECOND   0x1000u
#define LOCKED   0x1400u
#define HOLE     0x1600u
#define SECRET   0x1800u
#define RAM      0x1C00u
#define HOLE_TOO 0x1D00u

typedef struct bench {
    nor flash;
    dfukit_region zones[6];
    dfukit_region other[2]; /* of alternate setting 1 */
    dfukit_memory memories[2];
    dfukit_dfuse_config config;
    dfukit_dfuse store;
    uint8_t expected[NOR_SIZE];
    /* the hooks */
    unsigned left, unprotected;
    uint32_t left_for;
    uint8_t leave_status, unprotect_status;
} bench;

static bench *current; /* the hooks get the flash only */

static inline uint8_t leave(void *flash, uint32_t address)
{
    assert_ptr_equal(flash, &current->flash);
    assert_false(current->flash.working);
    current->left++;
    current->left_for = address;
    return current->leave_status;
}

/* All cells are erased; it takes as long as an erase. */
static inline uint8_t unprotect(void *flash)
{
    assert_ptr_equal(flash, &current->flash);
    current->unprotected++;
    if (current->unprotect_status != DFUKIT_STATUS_OK)
        return current->unprotect_status;
    return nor_start(&current->flash, NOR_BASE, 4096, true, NULL);
}

static inline void begin(bench *b, uint16_t unit, uint8_t erased, unsigned latency)
{
    const uint32_t base = NOR_BASE;

    memset(b, 0, sizeof *b);
    current = b;
    b->zones[0] = (dfukit_region){base, main_runs, unit, erased, ALL, 20000000, 50000};
    b->zones[1] = (dfukit_region){base + SECOND, second_runs, unit, erased, ALL, 40000000, 100000};
    b->zones[2] = (dfukit_region){base + LOCKED, locked_runs, unit, erased, R, 20000000, 50000};
    b->zones[3] = (dfukit_region){base + SECRET, second_runs, unit, erased, E | W, 20000000, 50000};
    b->zones[4] = (dfukit_region){base + RAM, one_run, unit, erased, R | W, 20000000, 1000};
    b->other[0] = b->zones[1];
    b->memories[0] = (dfukit_memory){"Main", b->zones};
    b->memories[1] = (dfukit_memory){"Other", b->other};
    b->config = (dfukit_dfuse_config){
        .flash = &nor_ops,
        .memories = b->memories,
        .wTransferSize = TRANSFER,
        .unprotect = unprotect,
        .unprotect_us = 3000000000u,
        .leave = leave,
    };
    nor_init(&b->flash, b->zones, 5);
    b->flash.latency = latency;
    memset(&b->store, 0xA5, sizeof b->store);
    dfukit_dfuse_init(&b->store, &b->config, &b->flash);
    dfukit_dfuse_store.rewind(&b->store, 0);
    memcpy(b->expected, b->flash.cells, NOR_SIZE);
}

/* Until the work is over. @return its status. */
static inline uint8_t work(bench *b)
{
    return store_work(&dfukit_dfuse_store, &b->store);
}

static inline uint8_t put(bench *b, uint16_t block, const uint8_t *bytes, uint16_t n)
{
    return store_put(&dfukit_dfuse_store, &b->store, b->store.alt, block, bytes, n);
}

static inline uint8_t command(bench *b, uint8_t code, uint32_t address)
{
    const uint8_t bytes[5] = {code, (uint8_t)address, (uint8_t)(address >> 8),
                              (uint8_t)(address >> 16), (uint8_t)(address >> 24)};

    return put(b, 0, bytes, 5);
}

static inline uint8_t short_command(bench *b, uint8_t code)
{
    return put(b, 0, &code, 1);
}

static inline uint8_t set_address(bench *b, uint32_t offset)
{
    return command(b, 0x21, NOR_BASE + offset);
}

static inline uint8_t erase_page(bench *b, uint32_t offset)
{
    return command(b, 0x41, NOR_BASE + offset);
}

static inline uint8_t manifest(bench *b)
{
    assert_int_equal(dfukit_dfuse_store.finish(&b->store), DFUKIT_STATUS_OK);
    dfukit_dfuse_store.manifest(&b->store);
    return work(b);
}

/* Everything that may be erased is, and expected to be. */
static inline void erase_everything(bench *b)
{
    assert_int_equal(short_command(b, 0x41), DFUKIT_STATUS_OK);
    memset(b->expected, b->zones[0].erased, LOCKED);
    memset(b->expected + SECRET, b->zones[0].erased, 0x400);
}

static inline uint8_t image_byte(uint32_t i)
{
    return (uint8_t)(i * 37u + (i >> 8) + 1u);
}

/* Bytes for `offset`, as one block of any length; expected to be there. */
static inline uint8_t put_at(bench *b, uint32_t offset, uint32_t n)
{
    uint8_t bytes[NOR_SIZE];
    uint8_t status = set_address(b, offset);

    for (uint32_t i = 0; i < n; i++)
        bytes[i] = image_byte(offset + i);
    if (status == DFUKIT_STATUS_OK)
        status = put(b, 2, bytes, (uint16_t)n);
    if (status == DFUKIT_STATUS_OK)
        memcpy(b->expected + offset, bytes, n);
    return status;
}

static inline void check(const bench *b, const char *what)
{
    if (b->flash.misuses != 0)
        fail_msg("%s: the flash was misused %u times", what, b->flash.misuses);
    for (uint32_t i = 0; i < NOR_SIZE; i++) {
        if (b->flash.cells[i] != b->expected[i])
            fail_msg("%s: cell 0x%X is %02X, not %02X", what, i, b->flash.cells[i], b->expected[i]);
    }
}

#endif
