/* SPDX-License-Identifier: MIT */
/* The victim's memory. Under AddressSanitizer each object is exactly one allocation, so that a
 * single byte before or behind it is found; else there are canaries on both sides. */
#include "victim.h"

#include <stdio.h>
#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__)
#define CANARY 0u
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CANARY 0u
#endif
#endif
#ifndef CANARY
#define CANARY 64u
#endif

static void *get(size_t n)
{
    uint8_t *bytes = malloc(n + 2 * CANARY);

    if (bytes == NULL)
        abort();
    memset(bytes, 0xC5, n + 2 * CANARY);
    return bytes + CANARY;
}

static void drop(void *object)
{
    if (object != NULL)
        free((uint8_t *)object - CANARY);
}

static bool canaries_live(const void *object, size_t n)
{
    const uint8_t *bytes = object;

    for (size_t i = 1; i <= CANARY; i++) {
        if (bytes[n + i - 1] != 0xC5 || *(bytes - i) != 0xC5)
            return false;
    }
    return true;
}

/* ---- Building ---- */

/* 1024 bytes, twice: as the region to write, and as one that may only be read. */
static const dfukit_sectors sectors[] = {{2, 128}, {1, 256}, {1, 512}, {0, 0}};

static void configure(victim *v)
{
    *v->config = (dfukit_dfu_config){
        .functional = {v->attributes & 0x0Fu, VICTIM_DETACH_MS, VICTIM_TRANSFER, 0x0110},
        .alternates = VICTIM_ALTERNATES,
        .interface_runtime = VICTIM_INTERFACE,
        .interfaces_runtime = VICTIM_INTERFACE + 1,
        .max_packet_size0 = (uint8_t)(8u << (v->options >> 4 & 3u)),
        .strict = (v->options & VICTIM_STRICT) != 0,
        .loader_only = (v->options & VICTIM_LOADER) != 0,
        .dfuse = (v->attributes & VICTIM_DFUSE) != 0,
        .double_buffer = (v->options & VICTIM_DOUBLE) != 0,
        .status_string = 9,
        .store = &victim_store,
    };
    v->config_before = *v->config;
    for (unsigned i = 0; i < VICTIM_ALTERNATES; i++) {
        v->regions[i] = (dfukit_region){NOR_BASE,
                                        sectors,
                                        VICTIM_UNIT,
                                        0xFF,
                                        DFUKIT_MAY_READ | DFUKIT_MAY_ERASE | DFUKIT_MAY_WRITE,
                                        20000,
                                        300};
        v->region_list[i] = &v->regions[i];
    }
    v->regions[1].permissions = DFUKIT_MAY_READ;
    v->slot_config = (dfukit_slot_config){
        .flash = &victim_flash_ops,
        .regions = v->region_list,
        .accept = victim_accept,
        .valid = victim_valid,
        .manifest_us = 15000,
    };
    victim_configure_dfuse(v);
}

void victim_power_on(victim *v)
{
    uint32_t now_ms = v->t.now_ms;
    bool manifested = v->t.manifested;
    uint16_t flash_ms = v->t.flash_ms;

    memset(&v->t, 0, sizeof v->t);
    v->t.now_ms = now_ms;
    v->t.manifested = manifested;
    v->t.flash_ms = flash_ms;
    v->flash->working = false;
    v->flash->owed = false;
    memset(v->dfu, 0xA5, sizeof *v->dfu);
    memset(v->ep0, 0xA5, sizeof *v->ep0);
    memset(v->slot, 0xA5, sizeof *v->slot);
    memset(v->dfuse, 0xA5, sizeof *v->dfuse);
    memset(v->block, 0xA5, v->block_size);
    memset(v->block_was, 0xA5, v->block_size);
    v->scripted->working = false;
    dfukit_slot_init(v->slot, &v->slot_config, v);
    dfukit_dfuse_init(v->dfuse, &v->dfuse_config, v);
    v->t.pointer = NOR_BASE;
    dfukit_dfu_init(v->dfu, v->config, v, v->block);
    dfukit_dfu_poll(v->dfu, now_ms);
    v->t.dfu_mode = dfukit_dfu_in_dfu_mode(v->dfu);
    dfukit_ep0_init(v->ep0, v->sets[v->t.dfu_mode], v->dfu);
}

victim *victim_new(uint8_t options, uint8_t attributes, const dfukit_descriptor_set *const sets[2],
                   void (*on_fault)(victim *v, const char *message))
{
    victim *v = calloc(1, sizeof *v);

    if (v == NULL)
        abort();
    if ((attributes & VICTIM_DFUSE) != 0)
        options &= (uint8_t)~VICTIM_DOUBLE; /* not for DfuSe */
    v->options = options;
    v->attributes = attributes;
    v->on_fault = on_fault;
    v->what = "";
    v->sets[0] = sets[0];
    v->sets[1] = sets[1];
    v->block_size = VICTIM_TRANSFER * ((options & VICTIM_DOUBLE) != 0 ? 2u : 1u);
    v->ep0 = get(sizeof *v->ep0);
    v->dfu = get(sizeof *v->dfu);
    v->block = get(v->block_size);
    v->slot = get(sizeof *v->slot);
    v->dfuse = get(sizeof *v->dfuse);
    v->flash = get(sizeof *v->flash);
    v->scripted = get(sizeof *v->scripted);
    v->config = get(sizeof *v->config);
    v->block_was = get(v->block_size);
    configure(v);
    if (victim_is_addressed(v))
        nor_init(v->flash, v->zones, VICTIM_ZONES);
    else
        nor_init(v->flash, v->regions, 1);
    memset(v->scripted, 0, sizeof *v->scripted);
    v->scripted->limit = VICTIM_IMAGE;
    v->t.now_ms = 0xFFFFFF00u; /* the clock wraps soon */
    v->t.flash_ms = 2;
    victim_power_on(v);
    if ((options & VICTIM_IN_DFU) != 0) {
        dfukit_dfu_attach(v->dfu, true);
        v->t.dfu_mode = true;
        dfukit_ep0_init(v->ep0, v->sets[1], v->dfu);
    }
    return v;
}

void victim_free(victim *v)
{
    void *objects[] = {v->ep0,   v->dfu,      v->block,  v->slot,     v->dfuse,
                       v->flash, v->scripted, v->config, v->block_was};

    for (size_t i = 0; i < LENGTH(objects); i++)
        drop(objects[i]);
    for (size_t i = 0; i < LENGTH(v->out); i++)
        drop(v->out[i]);
    free(v);
}

uint8_t *victim_packet(victim *v, uint8_t n)
{
    if (v->out[n] == NULL)
        v->out[n] = get(n);
    return v->out[n];
}

void victim_check_memory(victim *v)
{
    const struct {
        const char *name;
        const void *object;
        size_t n;
    } rows[] = {
        {"dfukit_ep0", v->ep0, sizeof *v->ep0},
        {"dfukit_dfu", v->dfu, sizeof *v->dfu},
        {"the block", v->block, v->block_size},
        {"dfukit_slot", v->slot, sizeof *v->slot},
        {"dfukit_dfuse", v->dfuse, sizeof *v->dfuse},
        {"the flash", v->flash, sizeof *v->flash},
        {"the store", v->scripted, sizeof *v->scripted},
        {"the config", v->config, sizeof *v->config},
    };

    for (size_t i = 0; i < LENGTH(rows); i++) {
        if (!canaries_live(rows[i].object, rows[i].n))
            victim_fault(v, "something was written outside %s", rows[i].name);
    }
    if (memcmp(v->config, &v->config_before, sizeof *v->config) != 0)
        victim_fault(v, "the constant configuration was written to");
}

/* ---- Snapshots: the same objects, as they were ---- */

struct victim_snapshot {
    dfukit_ep0 ep0;
    dfukit_dfu dfu;
    dfukit_slot slot;
    dfukit_dfuse dfuse;
    nor flash;
    victim_scripted scripted;
    victim_track t;
    uint8_t block[2 * VICTIM_TRANSFER], block_was[2 * VICTIM_TRANSFER];
};

victim_snapshot *victim_keep(const victim *v)
{
    victim_snapshot *s = malloc(sizeof *s);

    if (s == NULL)
        abort();
    s->ep0 = *v->ep0;
    s->dfu = *v->dfu;
    s->slot = *v->slot;
    s->dfuse = *v->dfuse;
    s->flash = *v->flash;
    s->scripted = *v->scripted;
    s->t = v->t;
    memcpy(s->block, v->block, v->block_size);
    memcpy(s->block_was, v->block_was, v->block_size);
    return s;
}

void victim_restore(victim *v, const victim_snapshot *s)
{
    *v->ep0 = s->ep0;
    *v->dfu = s->dfu;
    *v->slot = s->slot;
    *v->dfuse = s->dfuse;
    if (v->flash->operations != s->flash.operations || v->flash->working != s->flash.working ||
        v->flash->owed != s->flash.owed)
        *v->flash = s->flash; /* large */
    *v->scripted = s->scripted;
    v->t = s->t;
    memcpy(v->block, s->block, v->block_size);
    memcpy(v->block_was, s->block_was, v->block_size);
}

void victim_forget(victim_snapshot *s)
{
    free(s);
}
