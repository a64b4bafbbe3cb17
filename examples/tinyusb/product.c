/* SPDX-License-Identifier: MIT */
/*
 * A product: its table, its descriptors in both modes, and a store, which is dfukit's slot on a
 * flash made of RAM that takes its time. In run-time mode DFU is the second of two interfaces.
 */
#include "port.h"

/* ---- The flash ---- */

#define SECTOR_SIZE 512u
#define WRITE_UNIT  8u
#define ERASE_MS    20u
#define PROGRAM_US  100u /* one write unit */

uint8_t product_cells[PRODUCT_REGIONS][PRODUCT_REGION_SIZE];

static const dfukit_sectors sectors[] = {{PRODUCT_REGION_SIZE / SECTOR_SIZE, SECTOR_SIZE}, {0, 0}};

/* clang-format off */
#define REGION(base) {                                                                             \
    .address = (base), .sectors = sectors, .write_unit = WRITE_UNIT, .erased = 0xFF,               \
    .permissions = DFUKIT_MAY_READ | DFUKIT_MAY_ERASE | DFUKIT_MAY_WRITE,                          \
    .erase_us = ERASE_MS * 1000u, .program_us = PROGRAM_US }
/* clang-format on */

static const dfukit_region firmware = REGION(0);
static const dfukit_region settings = REGION(PRODUCT_REGION_SIZE);
static const dfukit_region *const regions[PRODUCT_REGIONS] = {&firmware, &settings};

static struct {
    uint32_t until_ms;
    bool working;
} flash;

static uint8_t *cell(uint32_t address)
{
    return &product_cells[address / PRODUCT_REGION_SIZE][address % PRODUCT_REGION_SIZE];
}

static void work_for(uint32_t ms)
{
    flash.working = true;
    flash.until_ms = tusb_time_millis_api() + ms;
}

static uint8_t flash_erase(void *self, uint32_t address)
{
    uint8_t *at = cell(address);

    (void)self;
    for (uint32_t i = 0; i < SECTOR_SIZE; i++)
        at[i] = 0xFF;
    work_for(ERASE_MS);
    return DFUKIT_STATUS_OK;
}

/* As NOR flash does: bits only go from 1 to 0. */
static uint8_t flash_program(void *self, uint32_t address, const uint8_t *data, uint32_t n)
{
    uint8_t *at = cell(address);

    (void)self;
    for (uint32_t i = 0; i < n; i++)
        at[i] &= data[i];
    work_for(n / WRITE_UNIT * PROGRAM_US / 1000u + 1u);
    return DFUKIT_STATUS_OK;
}

static bool flash_busy(void *self, uint8_t *status)
{
    (void)self;
    if (flash.working && (int32_t)(tusb_time_millis_api() - flash.until_ms) < 0)
        return true;
    flash.working = false;
    *status = DFUKIT_STATUS_OK;
    return false;
}

static void flash_read(void *self, uint32_t address, uint8_t *to, uint32_t n)
{
    (void)self;
    for (uint32_t i = 0; i < n; i++)
        to[i] = *cell(address + i);
}

static const dfukit_flash_ops flash_ops = {flash_erase, flash_program, flash_busy, flash_read};

/* ---- The slot: firmware begins with a mark, settings may be anything ---- */

static bool has_firmware(void *self)
{
    const uint8_t *at = product_cells[0];

    (void)self;
    return at[0] == 'F' && at[1] == 'W' && at[2] == '0' && at[3] == '1';
}

static uint8_t accept(void *self, uint8_t alt, uint32_t length)
{
    (void)length;
    return alt != 0 || has_firmware(self) ? DFUKIT_STATUS_OK : DFUKIT_STATUS_FIRMWARE;
}

static const dfukit_slot_config slot_config = {
    .flash = &flash_ops,
    .regions = regions,
    .accept = accept,
    .valid = has_firmware,
    .manifest_us = 10000,
};

dfukit_slot product_slot;
uint8_t product_block[PRODUCT_TRANSFER_SIZE];

void product_init(void)
{
    flash.working = false;
    dfukit_slot_init(&product_slot, &slot_config, NULL);
}

void product_restart(void)
{
    /* This firmware is the one that runs: nothing to start. On a chip: reset it. */
}

/* ---- The table ---- */

#define ATTRIBUTES                                                                                 \
    (DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD | DFUKIT_MANIFESTATION_TOLERANT | DFUKIT_WILL_DETACH)
#define DETACH_MS 1000u

const dfukit_dfu_config product_dfu = {
    .functional = {ATTRIBUTES, DETACH_MS, PRODUCT_TRANSFER_SIZE, DFUKIT_VERSION_11},
    .alternates = PRODUCT_REGIONS,
    .interface_runtime = 1,
    .interfaces_runtime = 2,
    .max_packet_size0 = CFG_TUD_ENDPOINT0_SIZE,
    .store = &dfukit_slot_store,
};

/* ---- Descriptors ---- */

/* clang-format off */
#define LE16(x)        (uint8_t)((x) & 0xFFu), (uint8_t)((x) >> 8)
#define CONFIG(n, itf) 9, TUSB_DESC_CONFIGURATION, LE16(n), (itf), 1, 0, 0x80, 50
#define INTERFACE(number, alt, class, subclass, protocol) \
    9, TUSB_DESC_INTERFACE, (number), (alt), 0, (class), (subclass), (protocol), 0
#define DFU(number, alt, protocol) \
    INTERFACE(number, alt, DFUKIT_CLASS_APPLICATION, DFUKIT_SUBCLASS_DFU, protocol)
#define FUNCTIONAL \
    9, DFUKIT_DESC_DFU_FUNCTIONAL, ATTRIBUTES, LE16(DETACH_MS), LE16(PRODUCT_TRANSFER_SIZE), \
    LE16(DFUKIT_VERSION_11)

static const uint8_t configuration_runtime[] = {
    CONFIG(36, 2),
    INTERFACE(0, 0, 0xFF, 0, 0), /* what the product is for */
    DFU(1, 0, DFUKIT_PROTOCOL_RUNTIME),
    FUNCTIONAL,
};

static const uint8_t configuration_dfu[] = {
    CONFIG(36, 1),
    DFU(0, 0, DFUKIT_PROTOCOL_DFU),
    DFU(0, 1, DFUKIT_PROTOCOL_DFU),
    FUNCTIONAL,
};

#define DEVICE(product) \
    18, TUSB_DESC_DEVICE, LE16(0x0200), 0, 0, 0, CFG_TUD_ENDPOINT0_SIZE, LE16(0x1209), \
    LE16(product), LE16(0x0100), 0, 0, 0, 1

static const uint8_t device_runtime[] = {DEVICE(0x0001)};
static const uint8_t device_dfu[] = {DEVICE(0x0002)};
/* clang-format on */

const uint8_t *tud_descriptor_device_cb(void)
{
    return dfu_mode() ? device_dfu : device_runtime;
}

const uint8_t *tud_descriptor_configuration_cb(uint8_t index)
{
    (void)index;
    return dfu_mode() ? configuration_dfu : configuration_runtime;
}
