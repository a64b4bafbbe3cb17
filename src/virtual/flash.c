/* SPDX-License-Identifier: MIT */
/*
 * NOR flash made of software. Stricter than silicon where silicon would go wrong silently: work
 * that breaks a rule is refused and counted. Work is carried out when its time is over, so that a
 * power cut in between leaves behind what it leaves on a chip: a sector erased in part, a unit half
 * programmed.
 */
#include "flash.h"

#include <stdlib.h>
#include <string.h>

typedef enum work {
    WORK_NONE,
    WORK_ERASE,
    WORK_PROGRAM,
} work;

struct dfukit_vflash {
    const dfukit_region *region;
    dfukit_clock clock;
    bool timed;
    dfukit_cells kind;
    uint32_t size, sectors;
    uint8_t *cells;
    bool *spent;    /* for each write unit: programmed since its erase */
    uint32_t *wear; /* for each sector */
    uint32_t operations, misuses;
    uint32_t fail_operation;
    uint8_t fail_status;

    work work;
    bool failing;
    uint8_t status;     /* of the last work that ended */
    uint32_t offset, n; /* what is erased or programmed */
    const uint8_t *data;
    uint64_t start_us, end_us;
};

/* A sector, in bytes from the region's start. */
typedef struct sector {
    uint32_t index, start, size;
} sector;

static bool sector_at(const dfukit_region *r, uint32_t offset, sector *out)
{
    uint32_t index = 0;
    uint32_t start = 0;

    for (const dfukit_sectors *run = r->sectors; run->count != 0; run++) {
        uint32_t bytes = run->count * run->size;

        if (offset - start < bytes) {
            uint32_t nth = (offset - start) / run->size;

            *out = (sector){index + nth, start + nth * run->size, run->size};
            return true;
        }
        index += run->count;
        start += bytes;
    }
    return false;
}

dfukit_vflash *dfukit_vflash_new(const dfukit_region *region, const dfukit_clock *clock, bool timed)
{
    dfukit_vflash *f = calloc(1, sizeof *f);

    if (f == NULL)
        return NULL;
    f->region = region;
    f->clock = *clock;
    f->timed = timed;
    for (const dfukit_sectors *run = region->sectors; run->count != 0; run++) {
        f->sectors += run->count;
        f->size += run->count * run->size;
    }
    f->cells = malloc(f->size);
    f->spent = calloc(f->size / region->write_unit + 1u, sizeof *f->spent);
    f->wear = calloc(f->sectors + 1u, sizeof *f->wear);
    if (f->cells == NULL || f->spent == NULL || f->wear == NULL) {
        dfukit_vflash_free(&f);
        return NULL;
    }
    memset(f->cells, region->erased, f->size);
    return f;
}

void dfukit_vflash_free(dfukit_vflash **f)
{
    if (*f == NULL)
        return;
    free((*f)->cells);
    free((*f)->spent);
    free((*f)->wear);
    free(*f);
    *f = NULL;
}

/* ---- Carrying out ---- */

/* Bits only ever leave the erased value; `mask` says which of them get there. */
static void program_cell(dfukit_vflash *f, uint32_t offset, uint8_t value, uint8_t mask)
{
    uint8_t erased = f->region->erased;
    uint8_t away = (uint8_t)((value ^ erased) & mask);
    uint8_t gone = (uint8_t)(f->cells[offset] ^ erased);

    if (f->kind == DFUKIT_CELLS_REWRITTEN)
        gone &= (uint8_t)~mask;
    f->cells[offset] = (uint8_t)(erased ^ (gone | away));
}

/* Erase the first `done` of the sector's bytes. */
static void apply_erase(dfukit_vflash *f, uint32_t done)
{
    uint32_t unit = f->region->write_unit;

    memset(f->cells + f->offset, f->region->erased, done);
    for (uint32_t i = f->offset / unit; i < (f->offset + done) / unit; i++)
        f->spent[i] = false;
}

/* Program the first `done` bytes; when that is not all, the unit after them gets half of its bits.
 */
static void apply_program(dfukit_vflash *f, uint32_t done)
{
    uint32_t unit = f->region->write_unit;
    uint32_t torn;

    done -= done % unit;
    torn = done < f->n ? done + unit : done;
    for (uint32_t i = 0; i < torn; i++)
        program_cell(f, f->offset + i, f->data[i], i < done ? 0xFF : 0x5A);
    for (uint32_t i = 0; i < torn; i += unit)
        f->spent[(f->offset + i) / unit] = true;
}

static void end_work(dfukit_vflash *f, uint32_t done)
{
    if (f->work == WORK_ERASE)
        apply_erase(f, done);
    else if (f->work == WORK_PROGRAM)
        apply_program(f, done);
    f->work = WORK_NONE;
    f->data = NULL;
}

/* Finish work whose time is over. */
static void settle(dfukit_vflash *f)
{
    if (f->work == WORK_NONE || (f->timed && f->clock.now_us(f->clock.self) < f->end_us))
        return;
    f->status = DFUKIT_STATUS_OK;
    if (f->failing) {
        f->status = f->fail_status;
        if (f->status == DFUKIT_STATUS_OK)
            f->status = f->work == WORK_ERASE ? DFUKIT_STATUS_ERASE : DFUKIT_STATUS_PROG;
    }
    end_work(f, f->failing ? f->n / 2u : f->n);
}

static void start(dfukit_vflash *f, work kind, uint64_t duration_us)
{
    f->work = kind;
    f->operations++;
    f->failing = f->operations == f->fail_operation;
    f->start_us = f->clock.now_us(f->clock.self);
    f->end_us = f->start_us + (f->timed ? duration_us : 0);
}

void dfukit_vflash_cut(dfukit_vflash *f)
{
    uint64_t span = f->end_us - f->start_us;
    uint64_t gone;

    settle(f);
    if (f->work == WORK_NONE)
        return;
    gone = f->clock.now_us(f->clock.self) - f->start_us;
    end_work(f, (uint32_t)(f->n * gone / span)); /* not over yet: the span is not empty */
    f->status = DFUKIT_STATUS_POR;
}

/* ---- dfukit_flash_ops ---- */

static uint8_t misuse(dfukit_vflash *f, uint8_t status)
{
    f->misuses++;
    return status;
}

static uint8_t flash_erase(void *self, uint32_t address)
{
    dfukit_vflash *f = self;
    uint32_t offset = address - f->region->address;
    sector s;

    settle(f);
    if (f->work != WORK_NONE || (f->region->permissions & DFUKIT_MAY_ERASE) == 0)
        return misuse(f, DFUKIT_STATUS_ERASE);
    if (!sector_at(f->region, offset, &s) || s.start != offset)
        return misuse(f, DFUKIT_STATUS_ADDRESS);
    f->offset = offset;
    f->n = s.size;
    f->wear[s.index]++;
    start(f, WORK_ERASE, f->region->erase_us);
    return DFUKIT_STATUS_OK;
}

/* Blank: not programmed since its erase, and nothing in it that a file or a test has put there. */
static bool blank(const dfukit_vflash *f, uint32_t offset, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (f->spent[(offset + i) / f->region->write_unit])
            return false;
        if (f->cells[offset + i] != f->region->erased)
            return false;
    }
    return true;
}

static uint8_t flash_program(void *self, uint32_t address, const uint8_t *data, uint32_t n)
{
    dfukit_vflash *f = self;
    uint32_t offset = address - f->region->address;
    uint32_t unit = f->region->write_unit;
    sector s;

    settle(f);
    if (f->work != WORK_NONE || (f->region->permissions & DFUKIT_MAY_WRITE) == 0)
        return misuse(f, DFUKIT_STATUS_WRITE);
    if (!sector_at(f->region, offset, &s) || n == 0 || n > s.size - (offset - s.start))
        return misuse(f, DFUKIT_STATUS_ADDRESS);
    if (offset % unit != 0 || n % unit != 0)
        return misuse(f, DFUKIT_STATUS_ADDRESS);
    if (f->kind == DFUKIT_CELLS_NOR && !blank(f, offset, n))
        return misuse(f, DFUKIT_STATUS_CHECK_ERASED);
    f->offset = offset;
    f->n = n;
    f->data = data;
    start(f, WORK_PROGRAM, (uint64_t)f->region->program_us * (n / unit));
    return DFUKIT_STATUS_OK;
}

static bool flash_busy(void *self, uint8_t *status)
{
    dfukit_vflash *f = self;

    settle(f);
    if (f->work != WORK_NONE)
        return true;
    *status = f->status;
    return false;
}

static void flash_read(void *self, uint32_t address, uint8_t *to, uint32_t n)
{
    dfukit_vflash *f = self;
    uint32_t offset = address - f->region->address;
    uint32_t inside;

    settle(f);
    inside = offset < f->size ? f->size - offset : 0;
    inside = n < inside ? n : inside;
    if (f->work != WORK_NONE || inside < n)
        f->misuses++;
    if (inside > 0)
        memcpy(to, f->cells + offset, inside);
    if (inside < n)
        memset(to + inside, f->region->erased, n - inside);
}

const dfukit_flash_ops dfukit_vflash_ops = {flash_erase, flash_program, flash_busy, flash_read};

/* ---- Looking at it ---- */

uint8_t *dfukit_vflash_cells(dfukit_vflash *f, uint32_t *n)
{
    settle(f);
    *n = f->size;
    return f->cells;
}

uint32_t dfukit_vflash_operations(const dfukit_vflash *f)
{
    return f->operations;
}

uint32_t dfukit_vflash_misuses(const dfukit_vflash *f)
{
    return f->misuses;
}

uint32_t dfukit_vflash_wear(const dfukit_vflash *f, uint32_t address)
{
    sector s;

    return sector_at(f->region, address - f->region->address, &s) ? f->wear[s.index] : 0;
}

void dfukit_vflash_fail_at(dfukit_vflash *f, uint32_t operation, uint8_t status)
{
    f->fail_operation = operation;
    f->fail_status = status;
}

void dfukit_vflash_set_cells(dfukit_vflash *f, dfukit_cells cells)
{
    f->kind = cells;
}

void dfukit_vflash_wipe(dfukit_vflash *f)
{
    f->work = WORK_NONE;
    f->status = DFUKIT_STATUS_OK;
    memset(f->cells, f->region->erased, f->size);
    memset(f->spent, 0, f->size / f->region->write_unit * sizeof *f->spent);
}

uint64_t dfukit_vflash_busy_until(dfukit_vflash *f)
{
    settle(f);
    return f->work == WORK_NONE ? UINT64_MAX : f->end_us;
}

void dfukit_vflash_hurry(dfukit_vflash *f)
{
    f->end_us = f->start_us;
    settle(f);
}

void dfukit_vflash_restore(dfukit_vflash *f, const uint8_t *cells)
{
    f->work = WORK_NONE;
    f->status = DFUKIT_STATUS_OK;
    memcpy(f->cells, cells, f->size);
    memset(f->spent, 0, f->size / f->region->write_unit * sizeof *f->spent);
}
