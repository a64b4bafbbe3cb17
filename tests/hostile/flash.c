/* SPDX-License-Identifier: MIT */
/* The flash behind the stores: it takes its time, fails when told to, and loses power; and what
 * must be in it. */
#include "victim.h"

/* ---- The slot's hooks and its flash ---- */

uint8_t victim_accept(void *flash, uint8_t alt, uint32_t length)
{
    victim *v = flash;

    if (alt != v->t.spy.alt || length == 0 || length > VICTIM_REGION)
        victim_fault(v, "accept() of %u bytes in alternate setting %u", length, alt);
    v->t.manifested = true;
    return DFUKIT_STATUS_OK;
}

bool victim_valid(void *flash)
{
    victim *v = flash;

    return (v->options & VICTIM_CORRUPT) == 0 || v->t.manifested;
}

/* Power goes in the midst of an operation: nothing of it, a part, or anything is done. */
static void cut(victim *v, uint32_t at, uint32_t n, const uint8_t *data)
{
    uint32_t done = v->cut_how == 0 ? 0 : v->cut_how == 1 ? n / 2 : n;
    uint32_t seed = v->cut_at * 2654435761u + 1u;

    v->t.off = true;
    for (uint32_t i = 0; i < done; i++) {
        uint8_t whole = data != NULL ? data[i] : 0xFF;

        v->flash->cells[at + i] = v->cut_how == 2 ? (uint8_t)victim_random(&seed) : whole;
        v->flash->spent[at + i] = true;
    }
}

/* An operation begins, of `n` bytes to program or (0) an erase. @return false: this is where it
 * ends, with *status. */
static bool starts(victim *v, uint32_t n, uint8_t *status)
{
    uint32_t units = n / VICTIM_UNIT;

    if (v->t.off) {
        *status = DFUKIT_STATUS_UNKNOWN;
        return false;
    }
    v->t.manifested = false; /* whatever was there is not whole any more */
    v->t.flash_until = v->t.now_ms + v->t.flash_ms + units * 300u / 1000u;
    v->flash->fail_at = 0;
    v->flash->refuse_at = 0;
    if (v->fail_at == v->flash->operations + 1)
        v->t.flash_next = v->fail_with;
    if (n == 0 && (v->t.flash_next & VICTIM_SILENT) != 0)
        return true; /* an erase that leaves a bit behind: nor.h would blame the next program */
    if ((v->t.flash_next & VICTIM_REFUSE) != 0) {
        v->flash->refuse_at = v->flash->operations + 1;
    } else if (v->t.flash_next != 0) {
        v->flash->fail_at = v->flash->operations + 1;
        v->flash->fail_status =
            (v->t.flash_next & VICTIM_SILENT) != 0 ? DFUKIT_STATUS_OK : v->t.flash_next & 0x0Fu;
    }
    v->t.flash_next = 0;
    return true;
}

/* The chip is told to forget everything: here, the first zone. */
uint8_t victim_unprotect(void *flash)
{
    victim *v = flash;
    uint8_t status = DFUKIT_STATUS_OK;

    if (!starts(v, 0, &status))
        return status;
    return nor_start(v->flash, NOR_BASE, VICTIM_REGION, true, NULL);
}

static uint8_t flash_erase(void *self, uint32_t address)
{
    victim *v = self;
    uint8_t status = DFUKIT_STATUS_OK;

    if (!starts(v, 0, &status))
        return status;
    status = nor_ops.erase(v->flash, address);
    if (v->flash->operations == v->cut_at && !v->t.off)
        cut(v, v->flash->at, v->flash->n, NULL);
    return status;
}

static uint8_t flash_program(void *self, uint32_t address, const uint8_t *data, uint32_t n)
{
    victim *v = self;
    uint8_t status = DFUKIT_STATUS_OK;

    if (!starts(v, n, &status))
        return status;
    status = nor_ops.program(v->flash, address, data, n);
    if (v->flash->operations == v->cut_at && !v->t.off)
        cut(v, address - NOR_BASE, n, data);
    return status;
}

static bool flash_busy(void *self, uint8_t *status)
{
    victim *v = self;

    if (v->t.off) {
        *status = DFUKIT_STATUS_UNKNOWN;
        return false;
    }
    if (v->flash->working && (int32_t)(v->t.now_ms - v->t.flash_until) < 0)
        return true;
    return nor_ops.busy(v->flash, status);
}

static void flash_read(void *self, uint32_t address, uint8_t *to, uint32_t n)
{
    victim *v = self;

    nor_ops.read(v->flash, address, to, n);
}

const dfukit_flash_ops victim_flash_ops = {flash_erase, flash_program, flash_busy, flash_read};

/* ---- What came of it ---- */

uint8_t victim_image(uint32_t at)
{
    return (uint8_t)(at * 37u + (at >> 8) + 1u);
}

void victim_check_flash(victim *v)
{
    if (v->flash->misuses != 0)
        victim_fault(v, "the flash was misused %u times", v->flash->misuses);
    for (uint32_t i = 0; i < NOR_SIZE; i++) {
        const dfukit_region *z = nor_zone(v->flash, NOR_BASE + i, 1);
        bool may = z != NULL && (z->permissions & (DFUKIT_MAY_ERASE | DFUKIT_MAY_WRITE)) != 0;

        if (!may && v->flash->cells[i] != 0x77)
            victim_fault(v, "the flash was changed at %u, where it must not be", i);
    }
}

void victim_check_stored(victim *v)
{
    const uint8_t *bytes = v->scripted->bytes;

    if (victim_has_flash(v))
        bytes = v->flash->cells + (victim_is_addressed(v) ? VICTIM_PLACE : 0);

    victim_check_flash(v);
    for (uint32_t i = 0; i < VICTIM_IMAGE; i++) {
        if (bytes[i] != victim_image(i))
            victim_fault(v, "byte %u of a download is %02x in the store", i, bytes[i]);
    }
    if (!v->t.manifested)
        victim_fault(v, "a download was not manifested");
}
