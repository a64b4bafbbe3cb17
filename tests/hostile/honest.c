/* SPDX-License-Identifier: MIT */
/* A host that keeps the rules (DFU 1.1 §5 to §7): it brings the device into a state, heals it from
 * whatever was done to it, and upgrades it. What it cannot bring about is a fault of the device. */
#include "victim.h"

#define PATIENCE 400u /* rounds; a device that needs more will never come back */

/* ---- Control transfers ---- */

bool victim_command(victim *v, uint8_t type, uint8_t request, uint16_t value, uint16_t index)
{
    uint8_t bytes[64];

    victim_setup(v, type, request, value, index, 0);
    return victim_in(v, bytes) == 0;
}

int victim_fetch(victim *v, uint8_t type, uint8_t request, uint16_t value, uint16_t index,
                 uint16_t length, uint8_t *to)
{
    uint8_t packet[64];
    int total = 0, n;

    victim_setup(v, type, request, value, index, length);
    while (v->t.transfer.stage == VICTIM_DATA_IN && !v->t.off) {
        n = victim_in(v, packet);
        memcpy(to + total, packet, (size_t)n);
        total += n;
    }
    if (v->t.transfer.stage != VICTIM_STATUS_OUT)
        return -1;
    victim_out(v, NULL, 0);
    return total;
}

bool victim_send(victim *v, uint16_t block, const uint8_t *bytes, uint16_t n)
{
    uint32_t full = v->config->max_packet_size0;
    uint8_t none[64];

    victim_setup(v, 0x21, DFUKIT_DNLOAD, block, 0, n);
    for (uint32_t at = 0; v->t.transfer.stage == VICTIM_DATA_OUT && at < n && !v->t.off; at += full)
        victim_out(v, bytes + at, (uint8_t)(n - at < full ? n - at : full));
    return v->t.transfer.stage == VICTIM_STATUS_IN && victim_in(v, none) == 0;
}

static uint16_t interface_now(const victim *v)
{
    return dfukit_dfu_in_dfu_mode(v->dfu) ? 0 : VICTIM_INTERFACE;
}

dfukit_status_reply victim_status(victim *v)
{
    dfukit_status_reply reply = {0xFF, 0, 0xFF, 0xFF};
    uint8_t bytes[DFUKIT_STATUS_SIZE];

    if (victim_fetch(v, 0xA1, DFUKIT_GETSTATUS, 0, interface_now(v), 6, bytes) == 6)
        dfukit_status_decode(bytes, &reply);
    return reply;
}

static bool clear(victim *v)
{
    return victim_command(v, 0x21, DFUKIT_CLRSTATUS, 0, 0);
}

/* Nothing but the device's wishes, and SET_CONFIGURATION where it is owed. */
static void attend(victim *v)
{
    victim_simple(v, VICTIM_WISH);
    if (!v->dfu->configured && !v->t.off && !victim_command(v, 0, 9, 1, 0))
        victim_fault(v, "SET_CONFIGURATION was stalled");
}

static uint16_t wait_of(const dfukit_status_reply *r)
{
    return (uint16_t)(r->bwPollTimeout < 60000 ? r->bwPollTimeout + 1 : 60000);
}

/* ---- From anywhere to dfuIDLE ---- */

static void detach(victim *v)
{
    victim_command(v, 0x21, DFUKIT_DETACH, VICTIM_DETACH_MS, VICTIM_INTERFACE);
    if (v->dfu->state != DFUKIT_APP_DETACH && v->dfu->wish == DFUKIT_WISH_NONE)
        return;
    if ((v->attributes & DFUKIT_WILL_DETACH) == 0)
        victim_simple(v, VICTIM_RESET);
    victim_simple(v, VICTIM_WISH);
}

/* It waits ever longer: the flash may be slower than it says. */
void victim_heal(victim *v)
{
    unsigned refusals = 0, waits = 0;

    for (unsigned round = 0; round < PATIENCE && !v->t.off; round++) {
        dfukit_status_reply r;

        attend(v);
        r = victim_status(v);
        switch (r.bState) {
        case DFUKIT_DFU_IDLE: /* work of a download given up may still go on */
            if (r.bwPollTimeout == 0 || ++waits > 60)
                return;
            victim_poll(v, (uint16_t)(wait_of(&r) + round));
            break;
        case DFUKIT_APP_IDLE:
        case DFUKIT_APP_DETACH:
            detach(v);
            break;
        case DFUKIT_DNLOAD_IDLE:
        case DFUKIT_UPLOAD_IDLE:
            victim_command(v, 0x21, DFUKIT_ABORT, 0, 0);
            break;
        case DFUKIT_DFU_ERROR:
            victim_poll(v, (uint16_t)(wait_of(&r) + round));
            clear(v);
            break;
        case 0xFF: /* refuses to say: waiting for a reset, or strict while busy */
            victim_poll(v, 50);
            if (++refusals % 4 == 0)
                victim_simple(v, VICTIM_RESET);
            break;
        default:
            victim_poll(v, (uint16_t)(wait_of(&r) + round));
            break;
        }
    }
    if (!v->t.off)
        victim_fault(v, "does not come back to dfuIDLE");
}

/* ---- To a state ---- */

static void send_first(victim *v, uint16_t block)
{
    uint8_t bytes[VICTIM_TRANSFER];

    if (victim_is_addressed(v)) {
        victim_address(bytes, 0x41, 0x200);
        victim_send(v, 0, bytes, 5);
        return;
    }
    for (uint32_t i = 0; i < sizeof bytes; i++)
        bytes[i] = victim_image(block * VICTIM_TRANSFER + i);
    victim_send(v, block, bytes, sizeof bytes);
}

void victim_ask_until(victim *v, uint8_t state)
{
    for (unsigned round = 0; round < PATIENCE && v->dfu->state != state && !v->t.off; round++) {
        dfukit_status_reply r = victim_status(v);

        if (v->dfu->state != state)
            victim_poll(v, wait_of(&r));
    }
}

void victim_lead(victim *v, uint8_t state)
{
    uint8_t bytes[VICTIM_TRANSFER];

    victim_do(v, &(victim_event){.op = VICTIM_ATTACH, .n = state >= DFUKIT_DFU_IDLE});
    attend(v);
    if (state == DFUKIT_APP_DETACH)
        victim_command(v, 0x21, DFUKIT_DETACH, VICTIM_DETACH_MS, VICTIM_INTERFACE);
    if (state >= DFUKIT_DNLOAD_SYNC && state <= DFUKIT_MANIFEST_WAIT_RESET)
        send_first(v, 0);
    if (v->config->double_buffer && (state == DFUKIT_DNLOAD_SYNC || state == DFUKIT_DNBUSY)) {
        victim_status(v); /* the first block is at work, and another waits */
        send_first(v, 1);
    }
    if (state == DFUKIT_DNBUSY)
        victim_status(v);
    if (state >= DFUKIT_DNLOAD_IDLE && state <= DFUKIT_MANIFEST_WAIT_RESET)
        victim_ask_until(v, DFUKIT_DNLOAD_IDLE);
    if (state >= DFUKIT_MANIFEST_SYNC && state <= DFUKIT_MANIFEST_WAIT_RESET)
        victim_send(v, 1, NULL, 0);
    if (state == DFUKIT_MANIFEST || state == DFUKIT_MANIFEST_WAIT_RESET)
        victim_ask_until(v, state);
    if (state == DFUKIT_UPLOAD_IDLE)
        victim_fetch(v, 0xA1, DFUKIT_UPLOAD, victim_is_addressed(v) ? 2 : 0, 0, VICTIM_TRANSFER,
                     bytes);
    if (state == DFUKIT_DFU_ERROR)
        clear(v);
    if (v->dfu->state != state && !v->t.off)
        victim_fault(v, "led to state %u, is in %u", state, v->dfu->state);
}

/* ---- A whole upgrade ---- */

void victim_must(victim *v, bool it, const char *what)
{
    if (!it && !v->t.off)
        victim_fault(v, "an honest host fails: %s", what);
}

static void manifest(victim *v)
{
    bool tolerant = (v->attributes & DFUKIT_MANIFESTATION_TOLERANT) != 0;
    dfukit_status_reply r = {0, 0, 0, 0};

    for (unsigned round = 0; round < 20 && !v->t.off; round++) {
        r = victim_status(v);
        if (r.bState == DFUKIT_DFU_IDLE || (r.bState == DFUKIT_MANIFEST && !tolerant))
            break;
        victim_must(v, r.bState == DFUKIT_MANIFEST || r.bState == DFUKIT_MANIFEST_SYNC,
                    "manifestation");
        victim_poll(v, wait_of(&r));
    }
    if (tolerant) {
        victim_must(v, r.bState == DFUKIT_DFU_IDLE, "dfuIDLE after manifestation");
        return;
    }
    victim_poll(v, wait_of(&r));
    for (unsigned round = 0; round < 20 && v->dfu->state == DFUKIT_MANIFEST && !v->t.off; round++)
        victim_poll(v, 20);
    if ((v->attributes & DFUKIT_WILL_DETACH) == 0)
        victim_simple(v, VICTIM_RESET);
    victim_simple(v, VICTIM_WISH);
    victim_must(v, v->dfu->state == (v->config->loader_only ? DFUKIT_DFU_IDLE : DFUKIT_APP_IDLE),
                "running after manifestation");
}

static uint16_t download(victim *v)
{
    uint8_t bytes[VICTIM_IMAGE];
    uint16_t block = 0;

    for (uint32_t i = 0; i < sizeof bytes; i++)
        bytes[i] = victim_image(i);
    for (uint32_t at = 0; at < VICTIM_IMAGE && !v->t.off; at += VICTIM_TRANSFER) {
        uint32_t n = VICTIM_IMAGE - at;

        if (n > VICTIM_TRANSFER)
            n = VICTIM_TRANSFER;
        victim_must(v, victim_send(v, block++, bytes + at, (uint16_t)n), "DNLOAD");
        victim_ask_until(v, DFUKIT_DNLOAD_IDLE);
        victim_must(v, v->dfu->state == DFUKIT_DNLOAD_IDLE, "dfuDNLOAD-IDLE");
    }
    return block;
}

void victim_upgrade(victim *v)
{
    uint16_t end;

    v->t.flash_ms = 2;
    v->t.flash_next = 0;
    victim_heal(v);
    if ((v->attributes & DFUKIT_CAN_DNLOAD) == 0 || v->t.off)
        return;
    victim_must(v, victim_command(v, 0x01, DFUKIT_USB_SET_INTERFACE, 0, 0), "SET_INTERFACE");
    victim_heal(v); /* of DfuSe a write unit that has waited is written now */
    end = victim_is_addressed(v) ? victim_dfuse_download(v) : download(v);
    victim_must(v, victim_send(v, end, NULL, 0), "the end of the download");
    manifest(v);
    if (!v->t.off)
        victim_check_stored(v);
}
