/* SPDX-License-Identifier: MIT */
/*
 * The device: the class engine and the firmware slot on the tiny flash, and the port around them
 * that attaches, obeys wishes and loses power. Also the former hosts that left it as it is found.
 */
#include <string.h>

#include "explore.h"

#define RUNTIME_INTERFACE 2u
#define DETACH_MS         1000u
#define MANIFEST_US       3000u
#define FINE_MS           64u /* a wait is first told to the device millisecond by millisecond … */
#define COARSE_MS         50u /* … then in steps of this */

/* ---- The store: the slot, and what broken devices make of it ---- */

static void store_rewind(void *self, uint8_t alt)
{
    explore_world *w = self;

    dfukit_slot_store.rewind(&w->slot, alt);
}

static uint8_t store_write(void *self, uint16_t wBlockNum, const uint8_t *data, uint16_t n)
{
    explore_world *w = self;
    if (explore_of->broken == EXPLORE_LASTBYTE && n < EXPLORE_BLOCK)
        n--;
    return dfukit_slot_store.write(&w->slot, wBlockNum, data, n);
}

static uint8_t store_finish(void *self)
{
    explore_world *w = self;
    return dfukit_slot_store.finish(&w->slot);
}

static void store_manifest(void *self)
{
    explore_world *w = self;
    dfukit_slot_store.manifest(&w->slot);
}

static int32_t store_poll(void *self)
{
    explore_world *w = self;
    int32_t left_ms = dfukit_slot_store.poll(&w->slot);

    return explore_of->broken == EXPLORE_STUCK && w->slot.length != 0 && left_ms >= 0 ? 1 : left_ms;
}

static int32_t store_read(void *self, uint16_t wBlockNum, uint8_t *to, uint16_t n)
{
    explore_world *w = self;
    return dfukit_slot_store.read(&w->slot, wBlockNum, to, n);
}

static bool store_valid(void *self)
{
    explore_world *w = self;
    return explore_of->broken == EXPLORE_HASTY || dfukit_slot_store.valid(&w->slot);
}

static const dfukit_store_ops store_ops = {
    .rewind = store_rewind,
    .write = store_write,
    .finish = store_finish,
    .manifest = store_manifest,
    .poll = store_poll,
    .read = store_read,
    .valid = store_valid,
};

/* ---- What it is made of ---- */

static uint8_t accept_firmware(void *flash, uint8_t alt, uint32_t length)
{
    explore_world *w = flash;
    bool good = explore_choose("yn", 1) == 'y';

    (void)alt;
    explore_say("      device: %u bytes of firmware %s", length, good ? "accepted" : "refused");
    w->flash.valid = good;
    return good ? DFUKIT_STATUS_OK : DFUKIT_STATUS_FIRMWARE;
}

static bool firmware_valid(void *flash)
{
    const explore_world *w = flash;
    return w->flash.valid;
}

static const dfukit_sectors guard_sectors[] = {{1, EXPLORE_GUARD}, {0, 0}};
static const dfukit_sectors sectors[] = {{EXPLORE_REGION / EXPLORE_BLOCK, EXPLORE_BLOCK}, {0, 0}};
static dfukit_region guard, region;
static dfukit_slot_config slot_config;
static dfukit_dfu_config dfu_config;

/* Constant for a configuration, so not part of the world. */
static void describe(const explore_config *c)
{
    static const dfukit_region *const one[] = {&region}, *const two[] = {&guard, &region};

    region = (dfukit_region){
        .address = EXPLORE_BASE,
        .sectors = sectors,
        .write_unit = c->slow_manifest ? 4 : 8,
        .erased = 0xFF,
        .permissions = DFUKIT_MAY_READ | DFUKIT_MAY_ERASE | DFUKIT_MAY_WRITE,
        .erase_us = 2000,
        .program_us = 1000,
    };
    guard = region;
    guard.address = EXPLORE_BASE - EXPLORE_GUARD;
    guard.sectors = guard_sectors;
    slot_config = (dfukit_slot_config){
        .flash = &explore_flash_ops,
        .regions = c->alternates ? two : one,
        .accept = accept_firmware,
        .valid = firmware_valid,
        .manifest_us = c->slow_manifest ? MANIFEST_US : 0,
    };
    dfu_config = (dfukit_dfu_config){
        .functional = {.bmAttributes = c->attributes,
                       .wDetachTimeOut = DETACH_MS,
                       .wTransferSize = EXPLORE_BLOCK,
                       .bcdDFUVersion = c->dfu_1_0 ? DFUKIT_VERSION_10 : DFUKIT_VERSION_11},
        .alternates = c->alternates ? 2 : 1,
        .interface_runtime = RUNTIME_INTERFACE,
        .strict = c->strict,
        .loader_only = c->loader,
        .double_buffer = c->two_blocks,
        .store = &store_ops,
    };
}

void explore_target(const explore_world *w, dfukit_target *t)
{
    bool in_dfu = dfukit_dfu_in_dfu_mode(&w->dfu);

    memset(t, 0, sizeof *t);
    memcpy(t->path, "1-1", 4);
    t->devnum = w->devnum;
    t->device.idVendor = 0x1209;
    t->device.idProduct = 0x0001;
    t->mode = explore_of->unasked && !w->asked ? DFUKIT_MODE_UNKNOWN
              : in_dfu                         ? DFUKIT_MODE_DFU
                                               : DFUKIT_MODE_RUNTIME;
    t->configuration = 1;
    t->interface = in_dfu ? 0 : RUNTIME_INTERFACE;
    t->interfaces = in_dfu ? 1 : RUNTIME_INTERFACE + 1u;
    t->functional = dfu_config.functional;
    if (explore_of->broken == EXPLORE_SIZE)
        t->functional.wTransferSize = 2 * EXPLORE_BLOCK;
    t->transfer_size = t->functional.wTransferSize;
    t->alt_count = in_dfu ? dfu_config.alternates : 1;
    for (size_t i = 0; i < t->alt_count; i++)
        t->alts[i].number = (uint8_t)i;
}

/* ---- Coming and going ---- */

/* A lenient device is reset twice while it is enumerated, as hosts do; a strict one could not enter
 * DFU mode then. */
static void attached(explore_world *w)
{
    w->devnum++;
    for (int i = 0; i < 2 && !explore_of->strict; i++)
        dfukit_dfu_bus_reset(&w->dfu);
    dfukit_dfu_set_configured(&w->dfu, true);
    if (!dfukit_dfu_in_dfu_mode(&w->dfu) && !w->flash.valid && !explore_of->loader)
        explore_violated("boots", "runs firmware that is not whole");
    explore_say("      device: attached as number %u in %s", w->devnum,
                dfukit_state_name(w->dfu.state));
}

void explore_power(explore_world *w)
{
    explore_flash_cut(&w->flash);
    memset(&w->slot, 0, sizeof w->slot);
    memset(&w->dfu, 0, sizeof w->dfu);
    memset(w->block, 0, sizeof w->block);
    dfukit_slot_init(&w->slot, &slot_config, w);
    dfukit_dfu_init(&w->dfu, &dfu_config, w, w->block);
    dfukit_dfu_poll(&w->dfu, (uint32_t)w->now_ms);
    w->powered = true;
    attached(w);
}

void explore_obey(explore_world *w)
{
    dfukit_wish wish = dfukit_dfu_wish(&w->dfu);

    if (wish == DFUKIT_WISH_NONE)
        return;
    dfukit_dfu_attach(&w->dfu, wish == DFUKIT_WISH_REATTACH_DFU);
    attached(w);
}

void explore_poll(explore_world *w)
{
    if (!w->powered)
        return;
    dfukit_dfu_poll(&w->dfu, (uint32_t)w->now_ms);
    explore_obey(w);
}

/* The bus is reset, by whomever. A system puts a device that is still there back into its
 * configuration and alternate setting, or where it refuses that, enumerates it anew. */
void explore_bus_reset(explore_world *w)
{
    uint32_t before = w->devnum;

    explore_poll(w);
    if (!w->powered)
        return;
    explore_say("      bus: reset");
    dfukit_dfu_bus_reset(&w->dfu);
    explore_obey(w);
    if (w->devnum != before)
        return;
    dfukit_dfu_set_configured(&w->dfu, true);
    if (w->alternate != 0 && !dfukit_dfu_set_alternate(&w->dfu, w->alternate))
        attached(w);
}

/* Nothing will happen of itself. */
static bool at_rest(const explore_world *w)
{
    return w->flash.work == EXPLORE_QUIET && w->dfu.state != DFUKIT_APP_DETACH &&
           w->dfu.state != DFUKIT_DNBUSY && w->dfu.state != DFUKIT_MANIFEST;
}

void explore_advance(explore_world *w, uint64_t ms)
{
    uint64_t start = w->now_ms;
    uint64_t end = start + ms;

    explore_poll(w);
    while (w->now_ms < end && explore_of->broken != EXPLORE_STUCK) {
        uint64_t piece = w->now_ms - start < FINE_MS ? 1 : COARSE_MS;
        if (!w->powered || at_rest(w) || piece > end - w->now_ms)
            piece = end - w->now_ms;
        w->now_ms += piece;
        explore_poll(w);
    }
}

/* ---- Former hosts ---- */

static void ask(explore_world *w, dfukit_request request, uint16_t wValue, uint16_t wLength)
{
    bool in = request == DFUKIT_UPLOAD || request == DFUKIT_GETSTATUS;
    dfukit_setup setup = {.bmRequestType = in ? DFUKIT_TYPE_CLASS_IN : DFUKIT_TYPE_CLASS_OUT,
                          .bRequest = (uint8_t)request,
                          .wValue = wValue,
                          .wIndex = dfukit_dfu_in_dfu_mode(&w->dfu) ? 0 : RUNTIME_INTERFACE,
                          .wLength = wLength};

    explore_poll(w);
    dfukit_answer a = dfukit_dfu_setup(&w->dfu, &setup);
    if (a.kind == DFUKIT_ANSWER_OUT && a.n != 0)
        memset(a.data, 0xF0 + wValue, a.n);
    if (a.kind != DFUKIT_ANSWER_STALL)
        dfukit_dfu_complete(&w->dfu);
    explore_obey(w);
}

static void ask_status(explore_world *w)
{
    ask(w, DFUKIT_GETSTATUS, 0, DFUKIT_STATUS_SIZE);
}

/* A download up to, but without, the status of its end. */
static void download(explore_world *w)
{
    for (uint16_t block = 0; block < 3; block++) {
        ask(w, DFUKIT_DNLOAD, block, block < 2 ? EXPLORE_BLOCK : EXPLORE_IMAGE % EXPLORE_BLOCK);
        ask_status(w);
    }
    ask(w, DFUKIT_DNLOAD, 3, 0);
}

/* As a former host left it. */
static void leave_in(explore_world *w, uint8_t state)
{
    switch (state) {
    case DFUKIT_DNBUSY:
        explore_choices_begin(EXPLORE_SLOW);
        ask(w, DFUKIT_DNLOAD, 0, EXPLORE_BLOCK);
        ask_status(w);
        if (explore_of->two_blocks) { /* busy when both are full */
            ask(w, DFUKIT_DNLOAD, 1, EXPLORE_BLOCK);
            ask_status(w);
        }
        break;
    case DFUKIT_DNLOAD_SYNC:
    case DFUKIT_DNLOAD_IDLE:
        ask(w, DFUKIT_DNLOAD, 0, EXPLORE_BLOCK);
        if (state != DFUKIT_DNLOAD_SYNC)
            ask_status(w);
        break;
    case DFUKIT_MANIFEST_SYNC:
    case DFUKIT_MANIFEST:
    case DFUKIT_MANIFEST_WAIT_RESET:
        download(w);
        explore_choices_begin(state == DFUKIT_MANIFEST ? EXPLORE_SLOW : EXPLORE_FIRST);
        if (state != DFUKIT_MANIFEST_SYNC)
            ask_status(w);
        if (state == DFUKIT_MANIFEST_WAIT_RESET)
            explore_advance(w, 10);
        break;
    case DFUKIT_UPLOAD_IDLE:
        ask(w, DFUKIT_UPLOAD, 0, EXPLORE_BLOCK);
        break;
    case DFUKIT_DFU_ERROR:
        ask(w, DFUKIT_CLRSTATUS, 0, 0); /* out of place in dfuIDLE */
        break;
    case DFUKIT_APP_DETACH:
        ask(w, DFUKIT_DETACH, DETACH_MS, 0);
        break;
    default:
        ask_status(w);
        break;
    }
}

void explore_device_make(explore_world *w)
{
    const explore_config *c = explore_of;
    uint8_t wanted = c->from;

    describe(c);
    explore_flash_reset(&w->flash);
    if (c->verb == DFUKIT_VERB_VERIFY && c->from != EXPLORE_FROM_EMPTY)
        memcpy(w->flash.cells + EXPLORE_GUARD, explore_image, EXPLORE_IMAGE);
    if (wanted == EXPLORE_FROM_EMPTY) {
        w->flash.valid = false;
        wanted = c->loader ? DFUKIT_DFU_IDLE : DFUKIT_DFU_ERROR;
    }
    explore_power(w);
    if (c->from >= DFUKIT_DFU_IDLE && c->from < DFUKIT_STATE_COUNT && !c->loader) {
        dfukit_dfu_attach(&w->dfu, true);
        attached(w);
    }
    if (c->alternates && c->from >= DFUKIT_DFU_IDLE && c->from < DFUKIT_STATE_COUNT)
        dfukit_dfu_set_alternate(&w->dfu, 1);
    if (c->from != EXPLORE_FROM_EMPTY && c->from != EXPLORE_FROM_RUNTIME)
        leave_in(w, c->from);
    if (w->dfu.state != wanted)
        explore_violated("found", "the device is in %s, not in %s", dfukit_state_name(w->dfu.state),
                         dfukit_state_name(wanted));
    w->seen = 0;
}
