/* SPDX-License-Identifier: MIT */
/* Virtual devices: made, switched on and off, and unmade. */
#include <stdlib.h>
#include <string.h>

#include "model.h"

#define REATTACH_MS    100u
#define FACTORY_LENGTH 4096u
#define BLOCK_MIN      64u

/* ---- What it is made of ---- */

/* As shipped, the flash holds a small firmware; its length is not known to anybody (0), and
 * run-time bcdDevice is the persona's. */
static void ship(dfukit_virtual *v)
{
    uint32_t size;
    uint8_t *cells = dfukit_vflash_cells(v->flash, &size);
    uint32_t n = size < FACTORY_LENGTH ? size : FACTORY_LENGTH;
    uint32_t x = 1;

    for (uint32_t i = 0; i < n; i++) {
        x = x * 1664525u + 1013904223u;
        cells[i] = (uint8_t)(x >> 24);
    }
    v->valid = true;
    v->length = 0;
}

/* A copy of `text` that lives as long as the device. *failed is set when there is no memory. */
static const char *keep(dfukit_virtual *v, size_t slot, const char *text, bool *failed)
{
    if (text == NULL)
        return NULL;
    v->texts[slot] = strdup(text);
    if (v->texts[slot] == NULL)
        *failed = true;
    return v->texts[slot];
}

static bool take_identities(dfukit_virtual *v, const dfukit_virtual_options *o)
{
    bool failed = false;

    v->runtime = v->persona->runtime;
    v->in_dfu = v->persona->dfu;
    if (o->dfu_identity != NULL) {
        v->in_dfu = *o->dfu_identity;
        v->in_dfu.product = keep(v, 0, o->dfu_identity->product, &failed);
        v->in_dfu.serial = keep(v, 1, o->dfu_identity->serial, &failed);
    }
    if (o->serial != NULL) {
        v->runtime.serial = keep(v, 2, o->serial, &failed);
        v->in_dfu.serial = v->runtime.serial;
    }
    v->other_serial = o->serial != NULL || o->dfu_identity != NULL;
    return !failed;
}

/* wTransferSize that the engine goes by: a fault may have the descriptors announce another one, and
 * a device that announces more takes more. */
static uint16_t transfer_size(dfukit_virtual *v)
{
    dfukit_appearance a = {
        .dfu_mode = true, .persona = v->persona, .functional = v->persona->functional};
    dfukit_event e = {.point = DFUKIT_POINT_APPEAR, .dfu_mode = true, .appearance = &a};

    dfukit_fault_at(v, &e);
    if (a.functional.wTransferSize < BLOCK_MIN)
        return v->persona->functional.wTransferSize;
    return a.functional.wTransferSize;
}

/* How the engine is to end a download, where that is not what the descriptors say. */
static uint8_t dfu_attributes(const dfukit_persona *p)
{
    uint8_t a = p->functional.bmAttributes;

    if (p->restarts)
        a &= (uint8_t)~DFUKIT_MANIFESTATION_TOLERANT;
    if (p->leaving == DFUKIT_LEAVES_ON_RESET)
        a &= (uint8_t)~(DFUKIT_MANIFESTATION_TOLERANT | DFUKIT_WILL_DETACH);
    return a;
}

void dfukit_virtual_take_mode(dfukit_virtual *v)
{
    const dfukit_persona *p = v->persona;
    const dfukit_functional *runtime =
        p->runtime_functional != NULL ? p->runtime_functional : &p->functional;
    dfukit_functional *f = &v->dfu_config.functional;

    f->bmAttributes = v->dfu_mode ? dfu_attributes(p) : runtime->bmAttributes;
    f->wDetachTimeOut = runtime->wDetachTimeOut;
}

static void configure(dfukit_virtual *v, const dfukit_virtual_options *o)
{
    const dfukit_persona *p = v->persona;
    uint8_t interface = dfukit_interface_runtime(p);

    v->dfuse_dialect = p->dialect == DFUKIT_DIALECT_DFUSE;
    v->dfu_config = (dfukit_dfu_config){
        .functional = p->functional,
        .alternates = v->memories.alternates,
        .interface_runtime = interface,
        .interfaces_runtime = (uint8_t)(interface + 1u),
        .max_packet_size0 = p->max_packet_size0,
        .strict = o->strict,
        .loader_only = p->runtime.idVendor == 0,
        .dfuse = v->dfuse_dialect,
        .store = &dfukit_virtual_store,
    };
    v->dfu_config.functional.wTransferSize = transfer_size(v);
    v->packet_size = p->max_packet_size0;
}

/* ---- Life ---- */

/* What can be told before there is any memory; faults may change it. */
static void describe(dfukit_virtual *v, const dfukit_persona *persona,
                     const dfukit_virtual_options *o, const dfukit_clock *clock)
{
    dfukit_event e = {.point = DFUKIT_POINT_MAKE};
    uint32_t reattach_ms = o->reattach_ms;

    if (reattach_ms == 0 && !o->fast)
        reattach_ms = REATTACH_MS;
    v->product = *persona;
    v->persona = &v->product;
    v->clock = *clock;
    v->fast = o->fast;
    v->timed = !o->fast;
    v->polls = !o->fast;
    v->reattach_us = (uint64_t)reattach_ms * 1000u;
    v->leave_us = DFUKIT_NEVER;
    v->return_us = DFUKIT_NEVER;
    v->unprotected_us = DFUKIT_NEVER;
    while (v->fault_count < o->fault_count && v->fault_count < DFUKIT_FAULTS_MAX) {
        v->faults[v->fault_count].fault = o->faults[v->fault_count];
        v->fault_count++;
    }
    dfukit_fault_at(v, &e);
}

dfukit_virtual *dfukit_virtual_new(const dfukit_persona *persona,
                                   const dfukit_virtual_options *options, const dfukit_clock *clock)
{
    static const dfukit_virtual_options none = {0};
    const dfukit_virtual_options *o = options != NULL ? options : &none;
    dfukit_virtual *v = calloc(1, sizeof *v);

    if (v == NULL)
        return NULL;
    describe(v, persona, o, clock);
    if (!dfukit_memories_make(&v->memories, v->persona, v->memory_at_least, clock, v->timed)) {
        dfukit_virtual_free(&v);
        return NULL;
    }
    v->flash = dfukit_memories_firmware(&v->memories);
    configure(v, o);
    v->block = malloc(v->dfu_config.functional.wTransferSize + 1u); /* some say that it is 0 */
    if (!take_identities(v, o) || v->block == NULL) {
        dfukit_virtual_free(&v);
        return NULL;
    }
    ship(v);
    dfukit_virtual_power(v, true);
    return v;
}

void dfukit_virtual_free(dfukit_virtual **v)
{
    if (*v == NULL)
        return;
    for (size_t n = 0; n < sizeof(*v)->texts / sizeof(*v)->texts[0]; n++)
        free((*v)->texts[n]);
    dfukit_memories_free(&(*v)->memories);
    free((*v)->block);
    free(*v);
    *v = NULL;
}

void dfukit_virtual_power(dfukit_virtual *v, bool on)
{
    /* Plugging in what has gone off the bus for good brings it back, too. */
    if (on && (!v->powered || v->attachment == 0)) {
        v->powered = true;
        dfukit_virtual_start(v);
    } else if (!on && v->powered) {
        dfukit_virtual_fail_power(v, DFUKIT_NEVER);
        v->powered = false;
    }
}

/* ---- Looking at it ---- */

dfukit_wire dfukit_virtual_wire(dfukit_virtual *v)
{
    return (dfukit_wire){&dfukit_virtual_wire_ops, v};
}

dfukit_vflash *dfukit_virtual_flash(dfukit_virtual *v)
{
    return v->flash;
}

const dfukit_dfu *dfukit_virtual_engine(const dfukit_virtual *v)
{
    return &v->dfu;
}

uint32_t dfukit_virtual_firmware_size(const dfukit_virtual *v)
{
    return v->length;
}

dfukit_vflash *dfukit_virtual_flash_at(dfukit_virtual *v, uint8_t alternate, uint32_t address)
{
    return dfukit_memories_flash(&v->memories,
                                 dfukit_memories_zone(&v->memories, alternate, address));
}

size_t dfukit_virtual_peek(const dfukit_virtual *v, uint8_t alternate, uint32_t address,
                           uint8_t *to, size_t n)
{
    const dfukit_region *zone;
    size_t done = 0;

    while (done < n && (zone = dfukit_memories_zone(&v->memories, alternate, address)) != NULL) {
        uint32_t size;
        const uint8_t *cells =
            dfukit_vflash_cells(dfukit_memories_flash(&v->memories, zone), &size);
        uint32_t offset = address - zone->address;
        size_t part = n - done < size - offset ? n - done : size - offset;

        memcpy(to + done, cells + offset, part);
        done += part;
        address += (uint32_t)part;
    }
    return done;
}

uint32_t dfukit_virtual_operations(const dfukit_virtual *v)
{
    return dfukit_memories_operations(&v->memories);
}

size_t dfukit_virtual_memory_size(const dfukit_virtual *v)
{
    return dfukit_memories_size(&v->memories);
}
