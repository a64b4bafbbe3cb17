/* SPDX-License-Identifier: MIT */
/*
 * A product, as `make sizes` measures it: sizes.py compiles it once for each row of its table, with
 * the settings of that row. It is also the shortest whole example of a loader: a table of
 * descriptors, a configuration, and its store. Port and flash stand in opaque.c and do not count.
 */
#include "opaque.h"

/* ---- The settings, unless the row has others: the smallest product ---- */

#ifndef SIZES_ATTRIBUTES
#define SIZES_ATTRIBUTES (DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD)
#endif
#ifndef SIZES_STRICT
#define SIZES_STRICT true
#endif
#ifndef SIZES_LOADER_ONLY
#define SIZES_LOADER_ONLY true
#endif
#ifndef SIZES_DOUBLE_BUFFER
#define SIZES_DOUBLE_BUFFER false
#endif

/* ---- What it is on the bus ---- */

#define DFUKIT_DESCRIBE      product
#define DFUKIT_idVendor      0x1209
#define DFUKIT_idProduct     0x0001
#define DFUKIT_idProduct_dfu 0x8001
#define DFUKIT_bcdDevice     0x0100
#define DFUKIT_bmAttributes  SIZES_ATTRIBUTES
#define DFUKIT_wTransferSize SIZES_BLOCK
#ifdef SIZES_DFUSE
#define DFUKIT_bcdDFUVersion DFUKIT_VERSION_DFUSE
#endif
#define DFUKIT_DESCRIBE_DFU
#include "dfukit/describe.h"

/* ---- Where it keeps its firmware ---- */

#if defined SIZES_SLOT || defined SIZES_DFUSE_STORE
static const dfukit_sectors sectors[] = {{60, 1024}, {0, 0}};
static const dfukit_region firmware[] = {
    {0x08001000, sectors, 2, 0xFF, DFUKIT_MAY_READ | DFUKIT_MAY_ERASE | DFUKIT_MAY_WRITE, 40000,
     70},
    {0, NULL, 0, 0, 0, 0, 0},
};
static const dfukit_flash_ops flash = {flash_erase, flash_program, flash_busy, flash_read};
#endif

#if defined SIZES_SLOT
#define STORE dfukit_slot_store
static const dfukit_region *const regions[] = {firmware};
static const dfukit_slot_config store_config = {.flash = &flash, .regions = regions};
static dfukit_slot memory;
#define MEMORY &memory
#elif defined SIZES_DFUSE_STORE
#define STORE  dfukit_dfuse_store
static const dfukit_memory memories[] = {{"Internal Flash", firmware}};
static const dfukit_dfuse_config store_config = {
    .flash = &flash, .memories = memories, .wTransferSize = SIZES_BLOCK};
static dfukit_dfuse memory;
#define MEMORY &memory
#else
#define STORE  store
#define MEMORY NULL
static const dfukit_store_ops store = {
    store_rewind, store_write, store_finish, store_manifest, store_poll, store_read, store_valid,
};
#endif

/* ---- The configuration ---- */

const dfukit_dfu_config DFUKIT_PRODUCT = {
    DFUKIT_CONFIG_OF(product),
    .strict = SIZES_STRICT,
    .loader_only = SIZES_LOADER_ONLY,
    .double_buffer = SIZES_DOUBLE_BUFFER,
    .store = &STORE,
#ifndef SIZES_CLASS
    .descriptors = &product_dfu_descriptors,
#endif
};

void product_start(dfukit_dfu *d, dfukit_ep0 *p, uint8_t *block)
{
#if defined SIZES_SLOT
    dfukit_slot_init(&memory, &store_config, NULL);
#elif defined SIZES_DFUSE_STORE
    dfukit_dfuse_init(&memory, &store_config, NULL);
#endif
    dfukit_dfu_init(d, &DFUKIT_PRODUCT, MEMORY, block);
#ifndef SIZES_CLASS
    dfukit_ep0_init(p, &product_dfu_descriptors, d);
#else
    (void)p;
#endif
}
