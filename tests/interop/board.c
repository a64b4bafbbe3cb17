/* SPDX-License-Identifier: MIT */
/* Loaders as a product would build them. */
#include "board.h"

#include <stdlib.h>

#include "unit/device/nor.h"

#define TRANSFER 512u
#define ALL      (DFUKIT_MAY_READ | DFUKIT_MAY_ERASE | DFUKIT_MAY_WRITE)

/* ---- Descriptors: DFU mode, the name of each alternate setting from the flash's own table ---- */

#define DFUKIT_DESCRIBE        dfuse
#define DFUKIT_idVendor        0x1209
#define DFUKIT_idProduct       0x0020
#define DFUKIT_idProduct_dfu   0x0021
#define DFUKIT_bcdDevice       0x0100
#define DFUKIT_bmAttributes    (DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD)
#define DFUKIT_wTransferSize   512
#define DFUKIT_bcdDFUVersion   DFUKIT_VERSION_DFUSE
#define DFUKIT_iManufacturer   "dfukit"
#define DFUKIT_iProduct        "DfuSe board"
#define DFUKIT_iSerialNumber   "DFUSE-0001"
#define DFUKIT_ALTERNATES(ALT) ALT(FLASH, "Flash") ALT(SETTINGS, "Settings")
#define DFUKIT_DESCRIBE_DFU
#include "dfukit/describe.h"

#define DFUKIT_DESCRIBE      doubled
#define DFUKIT_idVendor      0x1209
#define DFUKIT_idProduct     0x0030
#define DFUKIT_idProduct_dfu 0x0031
#define DFUKIT_bcdDevice     0x0100
#define DFUKIT_bmAttributes  (DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD | DFUKIT_MANIFESTATION_TOLERANT)
#define DFUKIT_wTransferSize 512
#define DFUKIT_iProduct      "Double board"
#define DFUKIT_DESCRIBE_DFU
#include "dfukit/describe.h"

/* ---- Memories ---- */

static const dfukit_sectors main_runs[] = {{4, 1024}, {0, 0}};
static const dfukit_sectors settings_runs[] = {{2, 2048}, {0, 0}};
static const dfukit_region zones[] = {
    {0x08000000, main_runs, 4, 0xFF, ALL, 3000, 20},
    {0x08001000, settings_runs, 4, 0xFF, ALL, 5000, 20},
    {0, NULL, 0, 0, 0, 0, 0},
};
static const dfukit_region settings[] = {
    {0x08001000, settings_runs, 4, 0xFF, ALL, 5000, 20},
    {0, NULL, 0, 0, 0, 0, 0},
};
static const dfukit_memory memories[] = {{"Internal Flash", zones}, {"Settings", settings}};
static const dfukit_dfuse_config dfuse_config = {
    .flash = &nor_ops, .memories = memories, .wTransferSize = TRANSFER};

static const dfukit_sectors all_runs[] = {{8, 1024}, {0, 0}};
static const dfukit_region whole = {0x08000000, all_runs, 4, 0xFF, ALL, 3000, 20};
static const dfukit_region *const regions[] = {&whole};
static const dfukit_slot_config slot_config = {.flash = &nor_ops, .regions = regions};

/* ---- Boards ---- */

#define LIST_MAX 8u

struct board {
    dfukit_clock clock;
    nor flash;
    dfukit_dfuse dfuse;
    dfukit_slot slot;
    dfukit_dfu_config config;
    dfukit_dfu dfu;
    dfukit_ep0 ep0;
    dfukit_descriptor list[LIST_MAX];
    dfukit_descriptor_set set;
    uint8_t layouts[2][254];
    uint8_t block[2 * TRANSFER];
    uint32_t attachment;
};

/* The layout string in place of the name that the table gives. */
static void name_by_layout(board *b, unsigned alt, unsigned index)
{
    uint8_t n = dfukit_layout_descriptor(&memories[alt], b->layouts[alt], sizeof b->layouts[alt]);

    for (unsigned i = 0; i < b->set.count; i++) {
        if (b->list[i].wValue == DFUKIT_DESCRIPTOR_ID(DFUKIT_DESC_STRING, index))
            b->list[i] = (dfukit_descriptor){b->list[i].wValue, n, b->layouts[alt]};
    }
}

static void build_dfuse(board *b)
{
    nor_init(&b->flash, zones, 2);
    b->flash.timed = true;
    dfukit_dfuse_init(&b->dfuse, &dfuse_config, &b->flash);
    b->config = (dfukit_dfu_config){DFUKIT_CONFIG_OF(dfuse), .loader_only = true,
                                    .store = &dfukit_dfuse_store};
    b->set = dfuse_dfu_descriptors;
    memcpy(b->list, b->set.list, b->set.count * sizeof b->list[0]);
    b->set.list = b->list;
    name_by_layout(b, dfuse_alt_FLASH, dfuse_iInterface_FLASH);
    name_by_layout(b, dfuse_alt_SETTINGS, dfuse_iInterface_SETTINGS);
    dfukit_dfu_init(&b->dfu, &b->config, &b->dfuse, b->block);
}

static void build_double(board *b)
{
    nor_init(&b->flash, &whole, 1);
    b->flash.timed = true;
    dfukit_slot_init(&b->slot, &slot_config, &b->flash);
    b->config = (dfukit_dfu_config){DFUKIT_CONFIG_OF(doubled), .loader_only = true,
                                    .double_buffer = true, .store = &dfukit_slot_store};
    b->set = doubled_dfu_descriptors;
    dfukit_dfu_init(&b->dfu, &b->config, &b->slot, b->block);
}

board *board_new(const char *name, const dfukit_clock *clock)
{
    board *b = calloc(1, sizeof *b);

    if (b == NULL)
        return NULL;
    b->clock = *clock;
    if (strcmp(name, "dfuse-board") == 0) {
        build_dfuse(b);
    } else if (strcmp(name, "double-board") == 0) {
        build_double(b);
    } else {
        free(b);
        return NULL;
    }
    dfukit_ep0_init(&b->ep0, &b->set, &b->dfu);
    b->attachment = 1;
    return b;
}

void board_free(board *b)
{
    free(b);
}

const uint8_t *board_cells(const board *b, uint32_t *n)
{
    *n = NOR_SIZE;
    return b->flash.cells;
}

unsigned board_misuses(const board *b)
{
    return b->flash.misuses;
}

/* ---- The wire ---- */

static uint64_t wire_work(void *self)
{
    board *b = self;
    uint64_t now = b->clock.now_us(b->clock.self);

    b->flash.now_us = now;
    dfukit_dfu_poll(&b->dfu, (uint32_t)(now / 1000u));
    if (dfukit_dfu_wish(&b->dfu) != DFUKIT_WISH_NONE)
        b->attachment = 0; /* it runs its firmware, which is no USB device */
    return b->attachment != 0 ? 1000 : UINT64_MAX;
}

static uint32_t wire_attachment(void *self)
{
    return ((board *)self)->attachment;
}

static int32_t wire_control(void *self, const dfukit_setup *setup, uint8_t *data)
{
    board *b = self;
    int32_t result;

    (void)wire_work(b);
    if (b->attachment == 0)
        return DFUKIT_ERR_GONE;
    result = dfukit_ep0_transfer(&b->ep0, b->config.max_packet_size0, setup, data);
    (void)wire_work(b);
    return result;
}

static void wire_cancel(void *self)
{
    (void)self; /* it answers at once */
}

static void wire_reset(void *self)
{
    board *b = self;

    dfukit_ep0_bus_reset(&b->ep0);
    (void)wire_work(b);
}

static bool wire_full_speed(void *self)
{
    (void)self;
    return true;
}

dfukit_wire board_wire(board *b)
{
    static const dfukit_wire_ops ops = {wire_work,   wire_attachment, wire_control,
                                        wire_cancel, wire_reset,      wire_full_speed};

    return (dfukit_wire){&ops, b};
}
