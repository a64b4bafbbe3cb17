/* SPDX-License-Identifier: MIT */
/* The victim as a DfuSe device on a flash of five zones: which bytes an upload may give, and a host
 * that downloads by addresses (AN3156). */
#include "victim.h"

/* ---- The zones ---- */

/* Offsets from NOR_BASE:      0 … 0x400   all, 2 × 128, 256, 512
 *                         0x400 … 0x600   all, 2 × 256
 *                         0x700 … 0x800   read only: alternate setting 1 as well
 *                         0x800 … 0x900   no reading
 *                         0x900 … 0x980   read and write, no erasing (as RAM)
 */
static const dfukit_sectors main_runs[] = {{2, 128}, {1, 256}, {1, 512}, {0, 0}};
static const dfukit_sectors second_runs[] = {{2, 256}, {0, 0}};
static const dfukit_sectors one_run[] = {{1, 256}, {0, 0}};
static const dfukit_sectors small_run[] = {{1, 128}, {0, 0}};

#define READ  DFUKIT_MAY_READ
#define ERASE DFUKIT_MAY_ERASE
#define WRITE DFUKIT_MAY_WRITE

static void zone(victim *v, unsigned i, uint32_t offset, const dfukit_sectors *runs, uint8_t may)
{
    v->zones[i] = (dfukit_region){NOR_BASE + offset, runs, VICTIM_UNIT, 0xFF, may, 20000, 300};
}

void victim_configure_dfuse(victim *v)
{
    zone(v, 0, 0x000, main_runs, READ | ERASE | WRITE);
    zone(v, 1, 0x400, second_runs, READ | ERASE | WRITE);
    zone(v, 2, 0x700, one_run, READ);
    zone(v, 3, 0x800, one_run, ERASE | WRITE);
    zone(v, 4, 0x900, small_run, READ | WRITE);
    v->other_zones[0] = v->zones[2];
    v->memories[0] = (dfukit_memory){"Main", v->zones};
    v->memories[1] = (dfukit_memory){"Other", v->other_zones};
    v->dfuse_config = (dfukit_dfuse_config){
        .flash = &victim_flash_ops,
        .memories = v->memories,
        .wTransferSize = VICTIM_TRANSFER,
        .unprotect = victim_unprotect,
        .unprotect_us = 50000,
        .leave = victim_leave,
        .valid = victim_valid,
        .manifest_us = 15000,
    };
}

/* ---- The pointer, and what may be read ---- */

/* Another alternate setting begins at its first zone. */
void victim_dfuse_selected(victim *v, uint8_t alt)
{
    if (alt != v->t.pointer_alt)
        v->t.pointer = v->memories[alt].zones->address;
    v->t.pointer_alt = alt;
}

/* The store has accepted a block. */
void victim_dfuse_wrote(victim *v, uint16_t wBlockNum, const uint8_t *data, uint16_t n)
{
    if (wBlockNum == 0 && n == 5 && data[0] == 0x21)
        v->t.pointer =
            data[1] | (uint32_t)data[2] << 8 | (uint32_t)data[3] << 16 | (uint32_t)data[4] << 24;
}

uint8_t victim_leave(void *flash, uint32_t address)
{
    victim *v = flash;

    if (address != v->t.pointer || v->flash->working)
        victim_fault(v, "leave() for %08x", address);
    v->t.manifested = true;
    return DFUKIT_STATUS_OK;
}

static bool readable(const victim *v, uint64_t address)
{
    const dfukit_region *z = v->memories[v->t.pointer_alt].zones;

    for (; z->sectors != NULL; z++) {
        if (address >= z->address && address < (uint64_t)z->address + dfukit_region_size(z))
            return (z->permissions & READ) != 0;
    }
    return false;
}

/* The store was asked for `n` bytes and has given some: all there are to read from that address on,
 * and no byte of what is protected. */
void victim_dfuse_read(victim *v, uint16_t wBlockNum, uint16_t n)
{
    static const uint8_t commands[] = {0x00, 0x21, 0x41, 0x92};
    const victim_spy *spy = &v->t.spy;
    uint64_t address =
        v->t.pointer + (uint64_t)(wBlockNum < 2 ? 0 : wBlockNum - 2) * VICTIM_TRANSFER;
    int32_t may = 0;

    if (!victim_is_addressed(v))
        return;
    if (wBlockNum == 0) {
        may = n < sizeof commands ? n : (int32_t)sizeof commands;
        if (spy->given != may || memcmp(spy->gift, commands, (size_t)may) != 0)
            victim_fault(v, "a list of %ld commands", (long)spy->given);
        return;
    }
    while (wBlockNum >= 2 && may < n && readable(v, address + (uint64_t)may))
        may++;
    if (spy->given > may || (may > 0 && spy->given != may))
        victim_fault(v, "gives %ld bytes, %ld may be read", (long)spy->given, (long)may);
    if (may > 0 && memcmp(spy->gift, v->flash->cells + (address - NOR_BASE), (size_t)may) != 0)
        victim_fault(v, "gives other bytes than those of the flash");
}

/* ---- A host that downloads by addresses ---- */

static void put(victim *v, uint16_t block, const uint8_t *bytes, uint16_t n)
{
    victim_must(v, victim_send(v, block, bytes, n), "DNLOAD");
    victim_ask_until(v, DFUKIT_DNLOAD_IDLE);
    victim_must(v, v->dfu->state == DFUKIT_DNLOAD_IDLE, "dfuDNLOAD-IDLE");
}

void victim_address(uint8_t bytes[5], uint8_t command, uint32_t offset)
{
    uint32_t address = NOR_BASE + offset;

    bytes[0] = command;
    for (unsigned i = 0; i < 4; i++)
        bytes[1 + i] = (uint8_t)(address >> 8 * i);
}

static void command(victim *v, uint8_t code, uint32_t offset)
{
    uint8_t bytes[5];

    victim_address(bytes, code, offset);
    put(v, 0, bytes, 5);
}

/* The image lies across two zones, and begins and ends in the midst of a write unit. */
uint16_t victim_dfuse_download(victim *v)
{
    uint8_t bytes[VICTIM_IMAGE];
    uint16_t block = 2;

    for (uint32_t i = 0; i < sizeof bytes; i++)
        bytes[i] = victim_image(i);
    command(v, 0x41, 0x200);
    command(v, 0x41, 0x4FF);
    command(v, 0x21, VICTIM_PLACE);
    for (uint32_t at = 0; at < VICTIM_IMAGE && !v->t.off; at += VICTIM_TRANSFER) {
        uint32_t n = VICTIM_IMAGE - at;

        put(v, block++, bytes + at, (uint16_t)(n < VICTIM_TRANSFER ? n : VICTIM_TRANSFER));
    }
    command(v, 0x21, VICTIM_PLACE);
    return 0;
}
