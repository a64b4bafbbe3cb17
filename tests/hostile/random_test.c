/* SPDX-License-Identifier: MIT */
/*
 * Long conversations of random events, for products of every kind. Each event is checked; after
 * every few hundred the device must take a whole upgrade. A failure prints the last events and the
 * seed: HOSTILE_SEED=... runs that conversation only.
 */
#include "check.h"

#define CONVERSATIONS 3000u
#define EVENTS        1000u

static const uint8_t usual_requests[] = {
    DFUKIT_DNLOAD, DFUKIT_DNLOAD, DFUKIT_GETSTATUS, DFUKIT_GETSTATUS, DFUKIT_GETSTATUS,
    DFUKIT_UPLOAD, DFUKIT_ABORT,  DFUKIT_CLRSTATUS, DFUKIT_GETSTATE,  DFUKIT_DETACH,
};
static const uint16_t usual_lengths[] = {0,  1,  6,   8,   16,  20,   63,
                                         64, 65, 128, 129, 255, 4096, 65535};

static unsigned long seen[DFUKIT_STATE_COUNT];      /* events after which it was in this state */
static unsigned long addressed[DFUKIT_STATE_COUNT]; /* the same, of DfuSe on flash */

static bool chance(uint32_t *seed, uint32_t one_in)
{
    return victim_random(seed) % one_in == 0;
}

/* Mostly what a host would send; each field is sometimes anything. */
static void random_setup(const victim *v, uint32_t *seed, dfukit_setup *s)
{
    uint32_t r = victim_random(seed);
    bool in;

    s->bRequest = usual_requests[r % LENGTH(usual_requests)];
    in = s->bRequest == DFUKIT_UPLOAD || s->bRequest == DFUKIT_GETSTATUS ||
         s->bRequest == DFUKIT_GETSTATE;
    s->bmRequestType = in ? 0xA1 : 0x21;
    s->wValue = v->t.spy.writes == 0 ? 0 : (uint16_t)(r >> 8 & 3u);
    s->wIndex = dfukit_dfu_in_dfu_mode(v->dfu) ? 0 : VICTIM_INTERFACE;
    s->wLength = s->bRequest == DFUKIT_DNLOAD || in ? usual_lengths[r % LENGTH(usual_lengths)] : 0;
    if (chance(seed, 5)) { /* a standard request */
        s->bmRequestType = (uint8_t)((r >> 4 & 0x80u) | (r >> 12 & 3u));
        s->bRequest = (uint8_t)(r >> 16 & 15u);
        s->wValue = chance(seed, 2) ? (uint16_t)(r >> 3 & 3u) : (uint16_t)(r >> 3 & 0x0F03u);
        s->wIndex = 0;
    }
    if (!v->dfu->configured && chance(seed, 3))
        *s = (dfukit_setup){0, DFUKIT_USB_SET_CONFIGURATION, 1, 0, 0};
    if (chance(seed, 12))
        s->bmRequestType = (uint8_t)victim_random(seed);
    if (chance(seed, 12))
        s->bRequest = (uint8_t)victim_random(seed);
    if (chance(seed, 12))
        s->wIndex = (uint16_t)victim_random(seed);
    if (chance(seed, 12))
        s->wValue = (uint16_t)victim_random(seed);
    if (chance(seed, 12))
        s->wLength = (uint16_t)victim_random(seed);
}

static void random_event(const victim *v, uint32_t *seed, victim_event *e)
{
    static const uint8_t ops[] = {
        VICTIM_SETUP, VICTIM_SETUP, VICTIM_SETUP, VICTIM_SETUP, VICTIM_REST, VICTIM_REST,
        VICTIM_REST,  VICTIM_REST,  VICTIM_REST,  VICTIM_IN,    VICTIM_OUT,  VICTIM_POLL,
        VICTIM_POLL,  VICTIM_WISH,  VICTIM_SENT,  VICTIM_FORCE,
    };
    uint32_t r = victim_random(seed);

    memset(e, 0, sizeof *e);
    e->op = ops[r % LENGTH(ops)];
    if (chance(seed, 40))
        e->op = VICTIM_RESET;
    if (chance(seed, 60))
        e->op = VICTIM_ATTACH;
    if (chance(seed, 60))
        e->op = VICTIM_FLASH;
    e->n = (uint8_t)(chance(seed, 4) ? r >> 8 : v->config->max_packet_size0);
    e->ms = (uint16_t)(chance(seed, 8) ? r >> 16 : r >> 16 & 31u);
    e->given = 1;
    e->bytes[0] = (uint8_t)(r >> 24);
    if (e->op == VICTIM_ATTACH)
        e->n = r >> 20 & 1u;
    if (e->op == VICTIM_FLASH)
        e->n = chance(seed, 2) ? 0 : (uint8_t)(r >> 8 & 0x2Fu);
    if (e->op == VICTIM_SETUP)
        random_setup(v, seed, &e->setup);
}

/* ---- DfuSe: commands, and blocks by number ---- */

/* The data of a command: mostly what there is, at any border of the zones. */
static void random_command(uint32_t *seed, victim_event *e)
{
    static const uint8_t codes[] = {0x21, 0x21, 0x41, 0x41, 0x92, 0x00};
    static const uint16_t borders[] = {0,     0x100, 0x1F8, 0x200, 0x3B5, 0x400, 0x5F8,
                                       0x600, 0x7C0, 0x700, 0x800, 0x900, 0x97F, 0x980};
    uint32_t r = victim_random(seed);
    uint32_t offset = borders[r % LENGTH(borders)];

    if (chance(seed, 4))
        offset += (r >> 8 & 63u) - 32u;
    if (chance(seed, 30))
        offset = chance(seed, 2) ? r << 8 : 0u - NOR_BASE - (r & 0xFFu);
    victim_address(e->bytes, codes[(r >> 16) % LENGTH(codes)], offset);
    e->given = 5;
}

static void next_addressed(const victim *v, uint32_t *seed, victim_event *e)
{
    uint32_t r = victim_random(seed);
    dfukit_setup *s = &e->setup;

    if (e->op != VICTIM_SETUP || s->bmRequestType == 0) {
        const victim_transfer *x = &v->t.transfer;

        if (x->stage == VICTIM_DATA_OUT && x->setup.wValue == 0 && x->moved == 0 &&
            x->setup.wLength <= 8) {
            e->op = VICTIM_OUT;
            e->n = (uint8_t)x->setup.wLength;
            random_command(seed, e);
        }
        return;
    }
    if (s->bRequest == DFUKIT_UPLOAD)
        s->wValue = (uint16_t)(r % 8 == 0 ? r >> 8 & 0xFFu : r >> 8 & 7u);
    if (s->bRequest != DFUKIT_DNLOAD || s->wLength == 0)
        return;
    s->wValue = r % 2 == 0 ? 0 : (uint16_t)(2u + (r >> 8 & 3u));
    if (s->wValue == 0)
        s->wLength = r >> 16 & 7u ? 5 : 1; /* 0x41 alone: all of it */
    else if (r >> 16 & 1u)
        s->wLength = (uint16_t)(1u + (r >> 20) % VICTIM_TRANSFER);
}

/* What leads on from here: wild events alone would hardly get anywhere. */
static void next_event(const victim *v, uint32_t *seed, victim_event *e)
{
    static const dfukit_setup onward[DFUKIT_STATE_COUNT] = {
        {0x21, DFUKIT_DETACH, 500, VICTIM_INTERFACE, 0},
        {0xA1, DFUKIT_GETSTATUS, 0, VICTIM_INTERFACE, 6},
        {0x21, DFUKIT_DNLOAD, 0, 0, VICTIM_TRANSFER},
        {0xA1, DFUKIT_GETSTATUS, 0, 0, 6},
        {0xA1, DFUKIT_GETSTATUS, 0, 0, 6},
        {0x21, DFUKIT_DNLOAD, 0, 0, VICTIM_TRANSFER},
        {0xA1, DFUKIT_GETSTATUS, 0, 0, 6},
        {0xA1, DFUKIT_GETSTATUS, 0, 0, 6},
        {0xA1, DFUKIT_GETSTATUS, 0, 0, 6},
        {0xA1, DFUKIT_UPLOAD, 0, 0, VICTIM_TRANSFER},
        {0x21, DFUKIT_CLRSTATUS, 0, 0, 0},
    };
    uint32_t r = victim_random(seed);
    uint8_t state = v->dfu->state;

    *e = (victim_event){.op = VICTIM_SETUP, .setup = onward[state]};
    if (v->t.transfer.stage != VICTIM_NONE && v->t.transfer.stage != VICTIM_STALLED)
        e->op = VICTIM_REST;
    else if (!v->dfu->configured)
        e->setup = (dfukit_setup){0, DFUKIT_USB_SET_CONFIGURATION, 1, 0, 0};
    else if (state == DFUKIT_DNLOAD_IDLE)
        e->setup.wValue = (uint16_t)v->t.spy.came;
    else if (state == DFUKIT_UPLOAD_IDLE)
        e->setup.wValue = (uint16_t)v->t.spy.asked;
    else if (state == DFUKIT_DFU_IDLE && r % 3 == 0)
        e->setup = onward[DFUKIT_UPLOAD_IDLE];
    if (state == DFUKIT_DNLOAD_IDLE && r % 4 == 0)
        e->setup.wLength = 0;
    if (e->op == VICTIM_SETUP && r >> 4 & 1u &&
        (state == DFUKIT_DNBUSY || state == DFUKIT_MANIFEST || state == DFUKIT_APP_DETACH)) {
        e->op = VICTIM_POLL;
        e->ms = r >> 8 & 31u;
    }
    if (state == DFUKIT_APP_DETACH && r >> 5 & 1u)
        e->op = VICTIM_RESET;
    if (v->dfu->wish != DFUKIT_WISH_NONE)
        e->op = VICTIM_WISH;
}

static void converse(uint32_t seed)
{
    char what[64];
    uint32_t r = seed, options;
    victim *v;

    victim_random(&r);
    options = victim_random(&r);
    v = hostile_new(options & 0xFFu, options >> 8 & (options >> 16 & 1u ? 0x1Fu : 0x0Fu));
    snprintf(what, sizeof what, "HOSTILE_SEED=%lu", (unsigned long)seed);
    v->what = what;
    for (unsigned i = 1; i <= EVENTS; i++) {
        victim_event e;

        if (chance(&r, 10))
            random_event(v, &r, &e);
        else
            next_event(v, &r, &e);
        if (victim_is_addressed(v))
            next_addressed(v, &r, &e);
        victim_do(v, &e);
        seen[v->dfu->state]++;
        addressed[v->dfu->state] += victim_is_addressed(v);
        hostile_cases++;
        if (i % 250 == 0)
            victim_upgrade(v);
    }
    victim_check_flash(v);
    victim_free(v);
}

static void long_conversations(void **state)
{
    const char *one = getenv("HOSTILE_SEED");

    (void)state;
    if (one != NULL) {
        converse((uint32_t)strtoul(one, NULL, 0));
        return;
    }
    for (uint32_t i = 1; i <= CONVERSATIONS; i++)
        converse(i * 2654435761u);
    for (unsigned i = 0; i < DFUKIT_STATE_COUNT; i++) {
        printf("%s: %lu events, %lu of DfuSe\n", dfukit_state_name(i), seen[i], addressed[i]);
        if (seen[i] < 100 || addressed[i] < 100)
            fail_msg("state %u was met %lu and %lu times only", i, seen[i], addressed[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(long_conversations)};

    return cmocka_run_group_tests(tests, NULL, hostile_report);
}
