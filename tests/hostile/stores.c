/* SPDX-License-Identifier: MIT */
/* The stores behind the class. `victim_store` checks that the class keeps the contract of
 * dfukit_store_ops and hands on to the slot or to the scripted store; the flash takes its time,
 * fails when told to, and loses power. */
#include "victim.h"

static bool has_slot(const victim *v)
{
    return (v->options & VICTIM_SLOT) != 0;
}

/* ---- A store without flash ---- */

static void scripted_start(victim *v)
{
    v->scripted->working = true;
    v->scripted->until_ms = v->t.now_ms + v->t.flash_ms;
    v->scripted->outcome = v->t.flash_next & 0x0Fu;
    v->t.flash_next = 0;
}

static uint8_t scripted_write(victim *v, uint16_t wBlockNum, const uint8_t *data, uint16_t n)
{
    victim_scripted *s = v->scripted;
    uint8_t status = v->t.flash_next & 0x0Fu;

    if ((v->t.flash_next & VICTIM_REFUSE) != 0 && status != DFUKIT_STATUS_OK) {
        v->t.flash_next = 0;
        return status;
    }
    if (wBlockNum != s->next_block || n > VICTIM_REGION - s->length)
        return DFUKIT_STATUS_ADDRESS;
    memcpy(s->bytes + s->length, data, n);
    s->next_block++;
    s->length += n;
    scripted_start(v);
    return DFUKIT_STATUS_OK;
}

static uint8_t scripted_poll(victim *v, uint32_t *remaining_us)
{
    victim_scripted *s = v->scripted;
    uint32_t left = s->until_ms - v->t.now_ms;

    *remaining_us = 0;
    if (!s->working)
        return DFUKIT_STATUS_OK;
    if ((int32_t)left > 0) {
        *remaining_us = left * 1000u;
        return DFUKIT_STATUS_OK;
    }
    s->working = false;
    return s->outcome;
}

static int32_t scripted_read(victim *v, uint16_t wBlockNum, uint8_t *to, uint16_t n)
{
    uint32_t at = (uint32_t)wBlockNum * VICTIM_TRANSFER, left;

    if ((v->t.flash_next & VICTIM_REFUSE) != 0 && (v->t.flash_next & 0x0Fu) != 0)
        return -(int32_t)(v->t.flash_next & 0x0Fu);
    left = at < v->scripted->limit ? v->scripted->limit - at : 0;
    if (n > left)
        n = (uint16_t)left;
    for (uint32_t i = 0; i < n; i++)
        to[i] = (uint8_t)(at + i);
    return n;
}

/* ---- What the class owes a store ---- */

static void quiet(victim *v, const char *call)
{
    if (v->t.spy.busy)
        victim_fault(v, "%s() while the store is at work", call);
}

static void within_block(victim *v, const char *call, const uint8_t *data, uint16_t n)
{
    if (n == 0 || n > VICTIM_TRANSFER || data < v->block || data + n > v->block + v->block_size)
        victim_fault(v, "%s() with %u bytes that are not in the block", call, n);
}

/* What is being written must stay as it is, until poll() has said that the work is over. */
static void untouched(victim *v)
{
    victim_spy *spy = &v->t.spy;

    if (spy->busy && spy->n != 0 && memcmp(spy->data, spy->copy, spy->n) != 0)
        victim_fault(v, "the block changed while the store was writing it");
}

static void spy_begin(void *self, uint8_t alt)
{
    victim *v = self;

    quiet(v, "begin");
    if (alt >= VICTIM_ALTERNATES || alt != v->dfu->alt)
        victim_fault(v, "begin() of alternate setting %u", alt);
    v->t.spy.begun = true;
    v->t.spy.finished = false;
    v->t.spy.alt = alt;
    v->t.blocks = 0;
    if (has_slot(v)) {
        dfukit_slot_store.begin(v->slot, alt);
    } else {
        v->scripted->length = 0;
        v->scripted->next_block = 0;
    }
}

static uint8_t spy_write(void *self, uint16_t wBlockNum, const uint8_t *data, uint16_t n)
{
    victim *v = self;
    victim_spy *spy = &v->t.spy;

    quiet(v, "write");
    within_block(v, "write", data, n);
    if (!spy->begun || (v->attributes & DFUKIT_CAN_DNLOAD) == 0)
        victim_fault(v, "write() of block %u of no download", wBlockNum);
    spy->writes++;
    v->t.blocks++;
    spy->finished = false;
    spy->data = data;
    spy->n = n;
    memcpy(spy->copy, data, n);
    spy->refused = has_slot(v) ? dfukit_slot_store.write(v->slot, wBlockNum, data, n)
                               : scripted_write(v, wBlockNum, data, n);
    spy->busy = spy->refused == DFUKIT_STATUS_OK;
    return spy->refused;
}

static uint8_t spy_finish(void *self)
{
    victim *v = self;
    uint8_t status = v->scripted->length != 0 ? DFUKIT_STATUS_OK : DFUKIT_STATUS_NOTDONE;

    if (has_slot(v))
        status = dfukit_slot_store.finish(v->slot);
    else if ((v->t.flash_next & VICTIM_REFUSE) != 0)
        status = v->t.flash_next & 0x0Fu;
    v->t.spy.finished = status == DFUKIT_STATUS_OK;
    v->t.spy.refused = status;
    return status;
}

static void spy_manifest(void *self)
{
    victim *v = self;

    quiet(v, "manifest");
    if (!v->t.spy.begun || !v->t.spy.finished)
        victim_fault(v, "manifest() of no whole download");
    v->t.spy.manifests++;
    v->t.spy.n = 0;
    v->t.spy.busy = true;
    if (has_slot(v))
        dfukit_slot_store.manifest(v->slot);
    else
        scripted_start(v);
}

static uint8_t spy_poll(void *self, uint32_t *remaining_us)
{
    victim *v = self;
    victim_spy *spy = &v->t.spy;
    uint8_t status;

    untouched(v);
    status = has_slot(v) ? dfukit_slot_store.poll(v->slot, remaining_us)
                         : scripted_poll(v, remaining_us);
    spy->busy = status == DFUKIT_STATUS_OK && *remaining_us != 0;
    if (status != DFUKIT_STATUS_OK)
        spy->failed = true;
    else if (!spy->busy && spy->manifests != 0 && spy->finished && !has_slot(v))
        v->t.manifested = true;
    return status;
}

static int32_t spy_read(void *self, uint16_t wBlockNum, uint8_t *to, uint16_t n)
{
    victim *v = self;
    victim_spy *spy = &v->t.spy;

    quiet(v, "read");
    within_block(v, "read", to, n);
    if (!spy->begun || (v->attributes & DFUKIT_CAN_UPLOAD) == 0)
        victim_fault(v, "read() of block %u of no upload", wBlockNum);
    spy->reads++;
    v->t.blocks++;
    spy->given = has_slot(v) ? dfukit_slot_store.read(v->slot, wBlockNum, to, n)
                             : scripted_read(v, wBlockNum, to, n);
    if (spy->given > 0)
        memcpy(spy->gift, to, (size_t)spy->given);
    spy->refused = spy->given < 0 ? (uint8_t)-spy->given : 0;
    return spy->given;
}

static void spy_abort(void *self)
{
    victim *v = self;

    v->t.spy.begun = false;
    v->t.spy.finished = false;
    if (has_slot(v))
        dfukit_slot_store.abort(v->slot);
    else
        v->scripted->outcome = DFUKIT_STATUS_OK;
}

static bool spy_valid(void *self)
{
    victim *v = self;

    quiet(v, "valid");
    return has_slot(v) ? dfukit_slot_store.valid(v->slot) : victim_valid(v);
}

const dfukit_store_ops victim_store = {spy_begin, spy_write, spy_finish, spy_manifest,
                                       spy_poll,  spy_read,  spy_abort,  spy_valid};

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
    uint32_t units = n / v->regions[0].write_unit;

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

static uint8_t flash_erase(void *self, uint32_t address)
{
    victim *v = self;
    uint32_t start = 0, size = 0;
    uint8_t status = DFUKIT_STATUS_OK;

    if (!starts(v, 0, &status))
        return status;
    status = nor_ops.erase(v->flash, address);
    if (v->flash->operations == v->cut_at && !v->t.off) {
        dfukit_region_sector(&v->regions[0], address - NOR_BASE, &start, &size);
        cut(v, start, size, NULL);
    }
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
    for (uint32_t i = VICTIM_REGION; i < NOR_SIZE; i++) {
        if (v->flash->cells[i] != 0x77)
            victim_fault(v, "the flash was changed at %u, outside the region", i);
    }
}

void victim_check_stored(victim *v)
{
    const uint8_t *bytes = has_slot(v) ? v->flash->cells : v->scripted->bytes;

    victim_check_flash(v);
    for (uint32_t i = 0; i < VICTIM_IMAGE; i++) {
        if (bytes[i] != victim_image(i))
            victim_fault(v, "byte %u of a download is %02x in the store", i, bytes[i]);
    }
    if (!v->t.manifested)
        victim_fault(v, "a download was not manifested");
}
