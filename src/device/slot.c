/* SPDX-License-Identifier: MIT */
/*
 * The firmware slot: a store that writes a download into a flash region, front to back. It counts
 * bytes and blocks; writer.c does the work.
 */
#include "writer.h"

static void slot_rewind(void *self, uint8_t alt)
{
    dfukit_slot *s = self;
    dfukit_writer *w = &s->writer;

    s->alt = alt;
    s->manifest = DFUKIT_MANIFEST_NOT;
    s->reading = false;
    s->next_block = 0;
    s->length = 0;
    dfukit_writer_abandon(w);
    w->offset = 0;
    w->end = 0;
}

/* Work that was left to finish tells the time of the region it is in: so this one is entered only
 * when something is to be done there. */
static const dfukit_region *enter(dfukit_slot *s)
{
    s->writer.region = s->config->regions[s->alt];
    return s->writer.region;
}

static uint8_t slot_write(void *self, uint16_t wBlockNum, const uint8_t *data, uint16_t n)
{
    dfukit_slot *s = self;
    dfukit_writer *w = &s->writer;
    const dfukit_region *r = enter(s);

    if (s->reading) /* of a block that the host has not got: else it would end the upload first */
        slot_rewind(s, s->alt);
    if ((r->permissions & DFUKIT_MAY_WRITE) == 0)
        return DFUKIT_STATUS_WRITE;
    if ((r->permissions & DFUKIT_MAY_ERASE) == 0)
        return DFUKIT_STATUS_ERASE;
    if (wBlockNum != s->next_block || n > dfukit_region_size(r) - s->length)
        return DFUKIT_STATUS_ADDRESS;
    s->next_block++;
    s->length += n;
    w->data = data;
    w->n = n;
    return DFUKIT_STATUS_OK;
}

static uint8_t slot_finish(void *self)
{
    return ((const dfukit_slot *)self)->length != 0 ? DFUKIT_STATUS_OK : DFUKIT_STATUS_NOTDONE;
}

static void slot_manifest(void *self)
{
    ((dfukit_slot *)self)->manifest = DFUKIT_MANIFEST_TOLD;
}

/* The block at work may be the last one when manifestation is told of: only what is left when it is
 * done is filled up to a whole write unit. */
static int32_t slot_poll(void *self)
{
    dfukit_slot *s = self;
    dfukit_writer *w = &s->writer;
    uint32_t partial = s->manifest != DFUKIT_MANIFEST_NOT ? w->region->write_unit - 1u : 0;
    uint8_t status = DFUKIT_STATUS_OK;
    uint32_t remaining_us = 0;
    bool busy;

    while (!(busy = dfukit_writer_run(w, &status)) && (w->fill & partial) != 0)
        w->unit[w->fill++] = w->region->erased;
    if (busy) {
        remaining_us = dfukit_writer_remaining(w, s->length);
        if (((w->fill + w->n) & partial) != 0)
            remaining_us = dfukit_add_time(remaining_us, w->region->program_us);
    }
    if (status != DFUKIT_STATUS_OK)
        s->manifest = DFUKIT_MANIFEST_NOT;
    else if (dfukit_manifest_due(&s->manifest, s->config->manifest_us, &remaining_us) &&
             s->config->accept != NULL)
        status = s->config->accept(w->flash, s->alt, s->length);
    return dfukit_poll_answer(status, remaining_us);
}

/* `length` is the end of the block given last; it is moved on to when the next one is asked for. */
static int32_t slot_read(void *self, uint16_t wBlockNum, uint8_t *to, uint16_t n)
{
    dfukit_slot *s = self;
    dfukit_writer *w = &s->writer;
    const dfukit_region *r = enter(s);
    uint32_t left;

    if ((r->permissions & DFUKIT_MAY_READ) == 0)
        return -DFUKIT_STATUS_VENDOR;
    s->reading = true;
    if (wBlockNum == s->next_block) {
        s->next_block++;
        w->offset = s->length;
    } else if (wBlockNum != (uint16_t)(s->next_block - 1u) || s->length == 0) {
        return -DFUKIT_STATUS_ADDRESS;
    }
    left = dfukit_region_size(r) - w->offset;
    if (n > left)
        n = (uint16_t)left;
    if (n != 0)
        w->ops->read(w->flash, r->address + w->offset, to, n);
    s->length = w->offset + n;
    return n;
}

static bool slot_valid(void *self)
{
    const dfukit_slot *s = self;

    return s->config->valid == NULL || s->config->valid(s->writer.flash);
}

const dfukit_store_ops dfukit_slot_store = {
    .rewind = slot_rewind,
    .write = slot_write,
    .finish = slot_finish,
    .manifest = slot_manifest,
    .poll = slot_poll,
    .read = slot_read,
    .valid = slot_valid,
};

void dfukit_slot_init(dfukit_slot *s, const dfukit_slot_config *config, void *flash)
{
    s->config = config;
    s->writer.ops = config->flash;
    s->writer.flash = flash;
    s->writer.operation = DFUKIT_OPERATION_NONE;
    slot_rewind(s, 0);
    (void)enter(s);
}
