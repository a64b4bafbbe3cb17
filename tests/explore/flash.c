/* SPDX-License-Identifier: MIT */
/*
 * A tiny flash. Every operation is done at once, or is slow, or fails; an operation that fails, or
 * that a power failure interrupts, has got half way. It watches over the rules of silicon, and over
 * what lies beside the region.
 */
#include <string.h>

#include "explore.h"

#define ERASED     0xFF
#define ERASE_MS   2u
#define PROGRAM_MS 1u /* one write unit */

const uint8_t explore_image[EXPLORE_IMAGE] = {0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88,
                                              0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0x01, 0x02,
                                              0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09};

void explore_flash_reset(explore_flash *f)
{
    memset(f, 0, sizeof *f);
    for (size_t i = 0; i < sizeof f->cells; i++)
        f->cells[i] = (uint8_t)(0xA0u + i);
    f->valid = true;
}

const uint8_t *explore_flash_region(const explore_flash *f)
{
    return f->cells + EXPLORE_GUARD;
}

bool explore_flash_equals_image(const explore_flash *f)
{
    return memcmp(explore_flash_region(f), explore_image, EXPLORE_IMAGE) == 0;
}

static uint8_t *cell(explore_flash *f, uint32_t address)
{
    return f->cells + (address - (EXPLORE_BASE - EXPLORE_GUARD));
}

static bool inside(uint32_t address, uint32_t n)
{
    return address >= EXPLORE_BASE && n <= EXPLORE_REGION &&
           address - EXPLORE_BASE <= EXPLORE_REGION - n;
}

/* The first `n` bytes of the work take effect. */
static void apply(explore_flash *f, uint32_t n)
{
    if (f->work == EXPLORE_ERASING)
        memset(cell(f, f->address), ERASED, n);
    else
        memcpy(cell(f, f->address), f->bytes, n);
}

static uint8_t begin(explore_work work, uint32_t address, uint32_t n, uint32_t duration_ms)
{
    explore_world *w = &explore_it.world;
    explore_flash *f = &w->flash;
    char how = explore_choose("owf", 2);

    f->work = (uint8_t)work;
    f->address = address;
    f->n = n;
    f->status = DFUKIT_STATUS_OK;
    f->until_ms = how == 'w' ? w->now_ms + duration_ms : w->now_ms;
    f->valid = f->valid && work != EXPLORE_ERASING;
    w->seen = 0;
    if (explore_of->broken == EXPLORE_BRICK && how == 'f')
        f->dead = true;
    if (how == 'f' || f->dead)
        f->status = work == EXPLORE_ERASING ? DFUKIT_STATUS_ERASE : DFUKIT_STATUS_PROG;
    apply(f, n / 2);
    explore_say("      flash: %s %04x, %u bytes%s", work == EXPLORE_ERASING ? "erase" : "program",
                address, n,
                f->status != DFUKIT_STATUS_OK ? ": fails"
                : how == 'w'                  ? ": slow"
                                              : "");
    return DFUKIT_STATUS_OK;
}

static uint8_t flash_erase(void *self, uint32_t address)
{
    const explore_world *w = self;

    if (explore_of->broken == EXPLORE_STRAY && address == EXPLORE_BASE)
        address -= EXPLORE_BLOCK;
    if (!inside(address, EXPLORE_BLOCK)) {
        explore_violated("inside", "erases the sector at %04x, outside the region", address);
        return DFUKIT_STATUS_ADDRESS;
    }
    if (w->flash.work != EXPLORE_QUIET || address % EXPLORE_BLOCK != 0)
        explore_violated("flash", "erases at %04x while it is busy or amidst a sector", address);
    return begin(EXPLORE_ERASING, address, EXPLORE_BLOCK, ERASE_MS);
}

static uint8_t flash_program(void *self, uint32_t address, const uint8_t *bytes, uint32_t n)
{
    explore_world *w = self;
    uint32_t unit = w->slot.writer.region->write_unit;

    if (!inside(address, n)) {
        explore_violated("inside", "programs %u bytes at %04x, outside the region", n, address);
        return DFUKIT_STATUS_ADDRESS;
    }
    if (w->flash.work != EXPLORE_QUIET || n == 0 || n % unit != 0 || address % unit != 0 ||
        address % EXPLORE_BLOCK + n > EXPLORE_BLOCK)
        explore_violated("flash", "programs %u bytes at %04x: busy, or not aligned", n, address);
    for (uint32_t i = 0; i < n; i++) {
        if (*cell(&w->flash, address + i) != ERASED)
            explore_violated("flash", "programs %04x, which is not erased", address + i);
    }
    memcpy(w->flash.bytes, bytes, n);
    return begin(EXPLORE_PROGRAMMING, address, n, n / unit * PROGRAM_MS);
}

/* Cut off amidst its work, it stays half way, as begin() has left it. */
void explore_flash_cut(explore_flash *f)
{
    f->work = EXPLORE_QUIET;
    f->status = DFUKIT_STATUS_OK;
    f->until_ms = 0;
    f->address = f->n = 0;
    memset(f->bytes, 0, sizeof f->bytes);
}

static bool flash_busy(void *self, uint8_t *status)
{
    explore_world *w = self;
    explore_flash *f = &w->flash;

    if (f->work != EXPLORE_QUIET && w->now_ms < f->until_ms)
        return true;
    *status = f->status;
    if (f->work != EXPLORE_QUIET && f->status == DFUKIT_STATUS_OK)
        apply(f, f->n);
    if (explore_of->broken == EXPLORE_LIAR && f->status == DFUKIT_STATUS_PROG) {
        f->work = EXPLORE_QUIET; /* what was to be written stays, and is what is read back */
        *status = f->status = DFUKIT_STATUS_OK;
        return false;
    }
    explore_flash_cut(f);
    return false;
}

static void flash_read(void *self, uint32_t address, uint8_t *to, uint32_t n)
{
    explore_world *w = self;

    memset(to, 0, n);
    if (w->flash.work != EXPLORE_QUIET)
        explore_violated("flash", "reads %04x while it is busy", address);
    if (!inside(address, n))
        explore_violated("inside", "reads %u bytes at %04x, outside the region", n, address);
    else
        memcpy(to, cell(&w->flash, address), n);
    if (explore_of->broken == EXPLORE_LIAR && address == w->flash.address && n == w->flash.n)
        memcpy(to, w->flash.bytes, n);
}

const dfukit_flash_ops explore_flash_ops = {
    .erase = flash_erase,
    .program = flash_program,
    .busy = flash_busy,
    .read = flash_read,
};
