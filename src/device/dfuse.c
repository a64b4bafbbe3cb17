/* SPDX-License-Identifier: MIT */
/*
 * The DfuSe store: commands, and blocks that go where the pointer says (AN3156).
 *
 * A block is given to the writer in pieces, each within one sector. What has come for a write unit
 * that is not full waits in the writer; whoever knows that nothing continues it fills it up with
 * what the flash holds there, and the writer takes it for a whole one.
 */
#include "writer.h"
#include "zones.h"

enum { JOB_NONE, JOB_DATA, JOB_ERASE, JOB_ERASING, JOB_UNPROTECT, JOB_UNPROTECTING };
enum { COMMAND_GET = 0x00, COMMAND_ADDRESS = 0x21, COMMAND_ERASE = 0x41, COMMAND_UNPROTECT = 0x92 };

#define ADDRESSED       5u    /* length of a command with an address */
#define FIRST_BLOCK     2u    /* wBlockNum of data */
#define CHECKED_AT_ONCE 1024u /* erased bytes looked at in one poll() */

/* ---- Where ---- */

/* The address of a block of data. @return false where it passes 0xFFFFFFFF. */
static bool locate(const dfukit_dfuse *s, uint16_t wBlockNum, uint32_t *address)
{
    *address = s->pointer + (wBlockNum - FIRST_BLOCK) * s->config->wTransferSize;
    return *address >= s->pointer;
}

/* ---- A unit that is not full ---- */

/* Fill it up to `fill` bytes with what the flash holds. Not while that is busy. */
static void pad(dfukit_writer *w, uint32_t fill)
{
    if (fill > w->fill)
        w->ops->read(w->flash, w->region->address + w->offset + w->fill, w->unit + w->fill,
                     fill - w->fill);
    w->fill = (uint8_t)fill;
}

static void flush(dfukit_writer *w)
{
    if (w->fill != 0)
        pad(w, w->region->write_unit);
}

/* Unless what comes for `address` continues in it. */
static void flush_unless_at(dfukit_writer *w, uint32_t address)
{
    uint32_t at = address - (w->region->address + w->offset);

    if (at < w->fill || at >= w->region->write_unit)
        flush(w);
}

/* ---- Commands and blocks ---- */

static uint8_t set_address(dfukit_dfuse *s, uint32_t address)
{
    uint32_t offset;

    if (dfukit_zone_at(s->zones, address, &offset) == NULL)
        return DFUKIT_STATUS_TARGET;
    flush_unless_at(&s->writer, address);
    s->pointer = address;
    return DFUKIT_STATUS_OK;
}

static uint8_t erase_all(dfukit_dfuse *s)
{
    const dfukit_region *z = dfukit_zone_erasable(s->zones);

    if (z == NULL)
        return DFUKIT_STATUS_ERASE;
    flush(&s->writer);
    s->zone = z;
    s->from = 0;
    s->to = dfukit_region_size(z);
    s->mass = true;
    s->job = JOB_ERASE;
    return DFUKIT_STATUS_OK;
}

static uint8_t erase_page(dfukit_dfuse *s, uint32_t address)
{
    uint32_t offset, size;
    const dfukit_region *z = dfukit_zone_at(s->zones, address, &offset);

    if (z == NULL || !dfukit_region_sector(z, offset, &s->from, &size))
        return DFUKIT_STATUS_TARGET;
    if ((z->permissions & DFUKIT_MAY_ERASE) == 0)
        return DFUKIT_STATUS_ERASE;
    flush(&s->writer);
    s->zone = z;
    s->to = s->from + size;
    s->mass = false;
    s->job = JOB_ERASE;
    return DFUKIT_STATUS_OK;
}

static uint8_t command(dfukit_dfuse *s, const uint8_t *bytes, uint16_t n)
{
    uint32_t address = 0;

    if (n == ADDRESSED)
        address = bytes[1] | (uint32_t)bytes[2] << 8 | (uint32_t)bytes[3] << 16 |
                  (uint32_t)bytes[4] << 24;
    else if (n != 1)
        return DFUKIT_STATUS_FILE;
    if (bytes[0] == COMMAND_ERASE)
        return n == 1 ? erase_all(s) : erase_page(s, address);
    if (bytes[0] == COMMAND_ADDRESS && n == ADDRESSED)
        return set_address(s, address);
    if (bytes[0] != COMMAND_UNPROTECT || n != 1 || s->config->unprotect == NULL)
        return DFUKIT_STATUS_FILE;
    flush(&s->writer);
    s->job = JOB_UNPROTECT;
    return DFUKIT_STATUS_OK;
}

static uint8_t dfuse_write(void *self, uint16_t wBlockNum, const uint8_t *data, uint16_t n)
{
    dfukit_dfuse *s = self;
    uint8_t status;

    if (wBlockNum == 0)
        return command(s, data, n);
    if (wBlockNum < FIRST_BLOCK)
        return DFUKIT_STATUS_FILE;
    if (!locate(s, wBlockNum, &s->address))
        return DFUKIT_STATUS_TARGET;
    status = dfukit_zones_writable(s->zones, s->address, n);
    if (status != DFUKIT_STATUS_OK)
        return status;
    flush_unless_at(&s->writer, s->address);
    s->writer.data = data;
    s->left = n;
    s->job = JOB_DATA;
    return DFUKIT_STATUS_OK;
}

/* ---- Work ---- */

/* Hand the writer what is next of the block. */
static void next_piece(dfukit_dfuse *s)
{
    dfukit_writer *w = &s->writer;
    uint32_t offset, n;
    const dfukit_region *z = dfukit_zone_at(s->zones, s->address, &offset); /* write() has asked */

    if (s->left == 0 || z == NULL) {
        s->job = JOB_NONE;
        return;
    }
    w->region = z;
    w->end = dfukit_region_sector_end(z, offset);
    n = w->end - offset;
    if (n > s->left)
        n = s->left;
    w->offset = offset & ~(z->write_unit - 1u); /* the same still, where this continues a unit */
    pad(w, offset - w->offset);
    w->n = (uint16_t)n;
    s->address += n;
    s->left = (uint16_t)(s->left - n);
}

/* One sector after the other: erased, looked at, and on. `offset` of the writer is how far it has
 * been looked at, `end` how far erased. */
static uint8_t go_on_erasing(dfukit_dfuse *s, uint32_t *checks)
{
    dfukit_writer *w = &s->writer;
    uint32_t n = w->end - w->offset;

    if (n != 0) {
        n = n < *checks ? n : *checks;
        *checks -= n;
        if (!dfukit_writer_holds(w, NULL, n))
            return DFUKIT_STATUS_CHECK_ERASED;
        w->offset += n;
    } else if (w->end < s->to) {
        return dfukit_writer_erase(w);
    } else {
        s->job = JOB_NONE;
        if (s->mass && (s->zone = dfukit_zone_erasable(s->zone + 1)) != NULL) {
            s->to = dfukit_region_size(s->zone); /* from 0, as the first one */
            s->job = JOB_ERASE;
        }
    }
    return DFUKIT_STATUS_OK;
}

/* The writer has nothing to do: what is next? */
static uint8_t next(dfukit_dfuse *s, uint32_t *checks)
{
    dfukit_writer *w = &s->writer;

    switch (s->job) {
    case JOB_DATA:
        next_piece(s);
        break;
    case JOB_ERASE:
        w->region = s->zone;
        w->offset = s->from;
        w->end = s->from;
        s->job = JOB_ERASING;
        break;
    case JOB_ERASING:
        return go_on_erasing(s, checks);
    case JOB_UNPROTECT:
        w->operation = DFUKIT_OPERATION_RUNNING;
        w->programming = 0;
        s->job = JOB_UNPROTECTING;
        return s->config->unprotect(w->flash);
    default:
        s->job = JOB_NONE;
        break;
    }
    return DFUKIT_STATUS_OK;
}

/* An upper bound of all that is left. */
static uint32_t remaining(const dfukit_dfuse *s)
{
    const dfukit_writer *w = &s->writer;
    uint32_t us = dfukit_writer_remaining(w, s->job == JOB_ERASING ? s->to : w->end);

    us = dfukit_add_time(us, dfukit_zones_time(s->zones, s->address, s->left));
    if (s->job == JOB_ERASE)
        us = dfukit_erase_time(s->zone, s->from, s->to, us);
    if (s->mass && (s->job == JOB_ERASE || s->job == JOB_ERASING)) {
        for (const dfukit_region *z = s->zone; (z = dfukit_zone_erasable(z + 1)) != NULL;)
            us = dfukit_erase_time(z, 0, dfukit_region_size(z), us);
    }
    if (s->job == JOB_UNPROTECT || s->job == JOB_UNPROTECTING)
        us = dfukit_add_time(us, s->config->unprotect_us);
    return us;
}

static int32_t dfuse_poll(void *self)
{
    dfukit_dfuse *s = self;
    uint32_t checks = CHECKED_AT_ONCE;
    uint8_t status = DFUKIT_STATUS_OK;
    uint32_t remaining_us = 0;
    bool busy;

    while (!(busy = dfukit_writer_run(&s->writer, &status)) && status == DFUKIT_STATUS_OK &&
           s->job != JOB_NONE) {
        /* looked at enough for one call */
        busy = checks == 0 && s->job == JOB_ERASING && s->writer.offset != s->writer.end;
        if (busy)
            break;
        status = next(s, &checks);
    }
    if (busy)
        remaining_us = remaining(s);
    if (status != DFUKIT_STATUS_OK) {
        s->job = JOB_NONE;
        s->left = 0;
        s->manifest = DFUKIT_MANIFEST_NOT;
    } else if (dfukit_manifest_due(&s->manifest, s->config->manifest_us, &remaining_us) &&
               s->config->leave != NULL) {
        status = s->config->leave(s->writer.flash, s->pointer);
    }
    return dfukit_poll_answer(status, remaining_us);
}

/* ---- Upload ---- */

static int32_t list_commands(const dfukit_dfuse *s, uint8_t *to, uint16_t n)
{
    static const uint8_t commands[] = {COMMAND_GET, COMMAND_ADDRESS, COMMAND_ERASE,
                                       COMMAND_UNPROTECT};
    uint16_t offered = s->config->unprotect != NULL ? 4 : 3;

    if (n > offered)
        n = offered;
    for (uint16_t i = 0; i < n; i++)
        to[i] = commands[i];
    return n;
}

static int32_t dfuse_read(void *self, uint16_t wBlockNum, uint8_t *to, uint16_t n)
{
    dfukit_dfuse *s = self;
    uint32_t address, offset, k;
    uint32_t done = 0;
    bool inside;

    if (wBlockNum == 0)
        return list_commands(s, to, n);
    if (wBlockNum < FIRST_BLOCK)
        return -DFUKIT_STATUS_FILE;
    inside = locate(s, wBlockNum, &address);
    if (!inside && address != 0) /* 0: just behind 0xFFFFFFFF */
        return -DFUKIT_STATUS_TARGET;
    while (done < n && inside) {
        const dfukit_region *z = dfukit_zone_at(s->zones, address, &offset);

        if (z == NULL)
            break;
        if ((z->permissions & DFUKIT_MAY_READ) == 0)
            return done != 0 ? (int32_t)done : -DFUKIT_STATUS_VENDOR;
        k = dfukit_zone_part(z, offset, n - done);
        s->writer.ops->read(s->writer.flash, address, to + done, k);
        done += k;
        address += k;
        inside = address != 0;
    }
    /* Nothing is right only just behind the end. */
    if (done == 0 && dfukit_zone_at(s->zones, address - 1u, &offset) == NULL)
        return -DFUKIT_STATUS_TARGET;
    return (int32_t)done;
}

/* ---- The store ---- */

static void select_memory(dfukit_dfuse *s, uint8_t alt)
{
    s->alt = alt;
    s->zones = s->config->memories[alt].zones;
    s->pointer = s->zones->address;
}

static uint8_t dfuse_finish(void *self)
{
    (void)self; /* it may leave at any time */
    return DFUKIT_STATUS_OK;
}

static void dfuse_manifest(void *self)
{
    dfukit_dfuse *s = self;

    s->manifest = DFUKIT_MANIFEST_TOLD;
    flush(&s->writer);
}

/* While the flash is busy no unit waits: it would have been programmed before. One that is being
 * programmed may hold what was taken long ago: its outcome counts. */
static void dfuse_rewind(void *self, uint8_t alt)
{
    dfukit_dfuse *s = self;
    dfukit_writer *w = &s->writer;

    if (w->operation == DFUKIT_OPERATION_NONE || s->job != JOB_UNPROTECTING) /* tells its time */
        s->job = JOB_NONE;
    s->left = 0;
    s->manifest = DFUKIT_MANIFEST_NOT;
    if (w->operation == DFUKIT_OPERATION_NONE)
        flush(w);
    else if (w->programming != 0 && w->source == w->unit)
        w->n = 0;
    else
        dfukit_writer_abandon(w);
    if (alt != s->alt)
        select_memory(s, alt);
}

static bool dfuse_valid(void *self)
{
    const dfukit_dfuse *s = self;

    return s->config->valid == NULL || s->config->valid(s->writer.flash);
}

const dfukit_store_ops dfukit_dfuse_store = {
    .rewind = dfuse_rewind,
    .write = dfuse_write,
    .finish = dfuse_finish,
    .manifest = dfuse_manifest,
    .poll = dfuse_poll,
    .read = dfuse_read,
    .valid = dfuse_valid,
};

void dfukit_dfuse_init(dfukit_dfuse *s, const dfukit_dfuse_config *config, void *flash)
{
    dfukit_writer *w = &s->writer;

    s->config = config;
    select_memory(s, 0);
    s->job = JOB_NONE;
    s->left = 0;
    s->mass = false;
    s->manifest = DFUKIT_MANIFEST_NOT;
    w->ops = config->flash;
    w->flash = flash;
    w->region = s->zones;
    w->operation = DFUKIT_OPERATION_NONE;
    w->offset = 0;
    w->end = 0;
    dfukit_writer_abandon(w);
}
