/* SPDX-License-Identifier: MIT */
/*
 * Every request in every state: each bRequest, direction, type, recipient, wIndex and wLength, with
 * the data stage that endpoint 0 then asks for. What must hold is checked after each packet by the
 * model in events.c and answers.c; samples of the devices left behind must take a whole upgrade.
 * A failure prints the script that leads to it.
 */
#include "check.h"

#define SAMPLE 997u /* one in so many cases is followed by an upgrade */

static const uint8_t dense_requests[] = {0,  1,  2,  3,  4,  5,  6,    7,    8,    9,    10,
                                         11, 12, 13, 14, 15, 32, 0x21, 0x22, 0x41, 0x92, 255};
static const uint16_t indices[] = {0, 1, 2, 3, 0x80, 0x100, 0x102, 0xFFFF};
static const uint16_t lengths[] = {
    0,    1,    5, 6, 7, 63, 64, 65, VICTIM_TRANSFER - 1, VICTIM_TRANSFER, VICTIM_TRANSFER + 1,
    4096, 65535};
static const uint16_t values[] = {0, 1, 2, 3, 0x80, 0x0100, 0x0101, 0x0200, 0x0302, 0x0F00, 0xFFFF};

typedef struct sweep {
    victim *v;
    victim_snapshot *start;
    unsigned long n;
} sweep;

static void one(sweep *w, uint8_t type, uint8_t request, uint16_t value, uint16_t index,
                uint16_t length)
{
    victim *v = w->v;

    victim_setup(v, type, request, value, index, length);
    victim_simple(v, VICTIM_REST);
    hostile_cases++;
    if (++w->n % SAMPLE == 0)
        victim_upgrade(v);
    victim_restore(v, w->start);
}

/* Scattered, so that each meets each of the other fields somewhere. */
static uint16_t value_of(unsigned long n)
{
    return values[((uint32_t)n * 2654435761u >> 24) % LENGTH(values)];
}

static const uint8_t types[] = {0x00, 0x01, 0x02, 0x03, 0x20, 0x21, 0x22, 0x23, 0x40, 0x41, 0x42,
                                0x43, 0x60, 0x61, 0x62, 0x63, 0x1F, 0x24, 0x25, 0x31, 0x3F, 0x7F};

/* All of the fields, with the types, recipients and requests that mean something. */
static void dense(sweep *w)
{
    for (size_t t = 0; t < 2 * LENGTH(types); t++) {
        uint8_t type = (uint8_t)(types[t / 2] | (t % 2) << 7);

        for (size_t r = 0; r < LENGTH(dense_requests); r++) {
            for (size_t i = 0; i < LENGTH(indices); i++) {
                for (size_t l = 0; l < LENGTH(lengths); l++)
                    one(w, type, dense_requests[r], value_of(w->n), indices[i], lengths[l]);
            }
        }
    }
}

/* All requests with the types that mean something, and all types with the requests that do. */
static void wide(sweep *w)
{
    static const uint16_t few[] = {0, 1, 6, 64, 0xFFFF};

    for (unsigned request = 0; request < 256; request++) {
        for (unsigned type = 0; type < 256; type++) {
            if (request > DFUKIT_REQUEST_COUNT && (type & 0x1Cu) != 0)
                continue;
            for (size_t l = 0; l < LENGTH(few); l++)
                one(w, (uint8_t)type, (uint8_t)request, 0, w->n % 3 == 0 ? VICTIM_INTERFACE : 0,
                    few[l]);
        }
    }
}

/* A class request, right but for wValue. */
static void all_values(sweep *w)
{
    for (uint8_t request = 0; request < DFUKIT_REQUEST_COUNT; request++) {
        for (uint32_t value = 0; value <= 0xFFFF; value += value < 300 || value > 0xFEFF ? 1 : 251)
            one(w, request == 2 || request == 3 || request == 5 ? 0xA1 : 0x21, request,
                (uint16_t)value, w->v->t.dfu_mode ? 0 : VICTIM_INTERFACE, request < 3 ? 64 : 0);
    }
}

typedef void part(sweep *w);

static void in_every_state(unsigned options, unsigned usual, part *sweeps, const char *name)
{
    for (uint8_t state = 0; state < DFUKIT_STATE_COUNT; state++) {
        unsigned attributes = hostile_reaches(state, usual)
                                  ? usual
                                  : usual & ~(unsigned)DFUKIT_MANIFESTATION_TOLERANT;
        sweep w = {.n = state * 7919u};

        if (state < DFUKIT_DFU_IDLE && (options & VICTIM_LOADER) != 0)
            continue; /* has no run-time mode */
        w.v = hostile_new(options, attributes);
        w.v->what = name;
        victim_lead(w.v, state);
        w.start = victim_keep(w.v);
        sweeps(&w);
        victim_upgrade(w.v);
        victim_check_flash(w.v);
        victim_forget(w.start);
        victim_free(w.v);
    }
}

static void scripted_lenient(void **state)
{
    (void)state;
    in_every_state(VICTIM_PACKET_16, VICTIM_USUAL, dense, "dense, scripted, lenient");
    in_every_state(VICTIM_PACKET_16, VICTIM_USUAL, wide, "wide, scripted, lenient");
}

static void scripted_strict(void **state)
{
    (void)state;
    in_every_state(VICTIM_PACKET_8 | VICTIM_STRICT, VICTIM_USUAL, dense, "dense, scripted, strict");
}

static void slot_lenient(void **state)
{
    (void)state;
    in_every_state(VICTIM_PACKET_64 | VICTIM_SLOT, VICTIM_USUAL, dense, "dense, slot, lenient");
    in_every_state(VICTIM_PACKET_64 | VICTIM_SLOT, VICTIM_USUAL, all_values,
                   "values, slot, lenient");
}

static void slot_strict(void **state)
{
    (void)state;
    in_every_state(VICTIM_PACKET_32 | VICTIM_SLOT | VICTIM_STRICT, VICTIM_USUAL, dense,
                   "dense, slot, strict");
    in_every_state(VICTIM_PACKET_32 | VICTIM_SLOT | VICTIM_STRICT, VICTIM_USUAL, wide,
                   "wide, slot, strict");
}

static void other_products(void **state)
{
    (void)state;
    in_every_state(VICTIM_PACKET_64 | VICTIM_SLOT | VICTIM_LOADER | VICTIM_DOUBLE,
                   DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD, dense, "dense, loader only");
    in_every_state(VICTIM_PACKET_8 | VICTIM_SLOT | VICTIM_CORRUPT,
                   DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD | DFUKIT_WILL_DETACH, dense,
                   "dense, bitWillDetach, no firmware");
}

static void dfuse(void **state)
{
    (void)state;
    in_every_state(VICTIM_PACKET_64 | VICTIM_SLOT, VICTIM_USUAL | VICTIM_DFUSE, dense,
                   "dense, DfuSe, lenient");
    in_every_state(VICTIM_PACKET_16 | VICTIM_SLOT | VICTIM_LOADER | VICTIM_STRICT,
                   VICTIM_USUAL | VICTIM_DFUSE, dense, "dense, DfuSe, loader only, strict");
    in_every_state(VICTIM_PACKET_64 | VICTIM_SLOT, VICTIM_USUAL | VICTIM_DFUSE, all_values,
                   "values, DfuSe, lenient");
    in_every_state(VICTIM_PACKET_64, VICTIM_USUAL | VICTIM_DFUSE, dense,
                   "dense, DfuSe, scripted, lenient");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scripted_lenient), cmocka_unit_test(scripted_strict),
        cmocka_unit_test(slot_lenient),     cmocka_unit_test(slot_strict),
        cmocka_unit_test(other_products),   cmocka_unit_test(dfuse),
    };

    return cmocka_run_group_tests(tests, NULL, hostile_report);
}
