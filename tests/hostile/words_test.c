/* SPDX-License-Identifier: MIT */
/*
 * Every word of three events, in every state: SETUPs without their data, data without a SETUP,
 * packets too long, too short and too many, tokens that nobody asked for, resets, configurations,
 * time, and ports that tell of things that did not happen, in every order. The model in events.c
 * checks each event; a sample of the devices left behind must take a whole upgrade.
 */
#include "check.h"

#define SAMPLE 499u

#define SETUP(...)                                                                                 \
    {                                                                                              \
        .op = VICTIM_SETUP, .setup = { __VA_ARGS__ }                                               \
    }
#define EVENT(kind, number)                                                                        \
    {                                                                                              \
        .op = (kind), .n = (number)                                                                \
    }

/* wIndex is put in for the class requests: the interface of the mode. */
static const victim_event letters[] = {
    SETUP(0x21, DFUKIT_DETACH, 500, 0, 0),
    SETUP(0x21, DFUKIT_DNLOAD, 0, 0, 5),
    SETUP(0x21, DFUKIT_DNLOAD, 0, 0, 20),
    SETUP(0x21, DFUKIT_DNLOAD, 1, 0, 64),
    SETUP(0x21, DFUKIT_DNLOAD, 0, 0, 0),
    SETUP(0x21, DFUKIT_DNLOAD, 0, 0, VICTIM_TRANSFER + 1),
    SETUP(0xA1, DFUKIT_UPLOAD, 0, 0, VICTIM_TRANSFER),
    SETUP(0xA1, DFUKIT_UPLOAD, 1, 0, 20),
    SETUP(0xA1, DFUKIT_GETSTATUS, 0, 0, 6),
    SETUP(0xA1, DFUKIT_GETSTATUS, 0, 0, 0xFFFF),
    SETUP(0xA1, DFUKIT_GETSTATUS, 0, 0, 0),
    SETUP(0xA1, DFUKIT_GETSTATE, 0, 0, 1),
    SETUP(0x21, DFUKIT_GETSTATUS, 0, 0, 6),
    SETUP(0xA1, DFUKIT_DNLOAD, 0, 0, 20),
    SETUP(0x21, DFUKIT_CLRSTATUS, 0, 0, 0),
    SETUP(0x21, DFUKIT_ABORT, 0, 0, 0),
    SETUP(0x80, DFUKIT_USB_GET_DESCRIPTOR, 0x0200, 0, 255),
    SETUP(0x00, DFUKIT_USB_SET_ADDRESS, 9, 0, 0),
    SETUP(0x00, DFUKIT_USB_SET_CONFIGURATION, 0, 0, 0),
    SETUP(0x00, DFUKIT_USB_SET_CONFIGURATION, 1, 0, 0),
    SETUP(0x01, DFUKIT_USB_SET_INTERFACE, 0, 0, 0),
    SETUP(0x01, DFUKIT_USB_SET_INTERFACE, 1, 0, 0),
    EVENT(VICTIM_OUT, 0),
    {.op = VICTIM_OUT, .n = 20, .given = 5, .bytes = {0x21, 0xB5, 0x13, 0, 8}},
    {.op = VICTIM_OUT, .n = 5, .given = 5, .bytes = {0x21, 0xB5, 0x13, 0, 8}},
    {.op = VICTIM_OUT, .n = 5, .given = 5, .bytes = {0x41, 0x00, 0x14, 0, 8}},
    EVENT(VICTIM_OUT, 4),
    EVENT(VICTIM_OUT, 16),
    EVENT(VICTIM_OUT, 255),
    EVENT(VICTIM_FORCE, 16),
    EVENT(VICTIM_IN, 0),
    EVENT(VICTIM_REST, 0),
    EVENT(VICTIM_SENT, 0),
    {.op = VICTIM_POLL, .ms = 0},
    {.op = VICTIM_POLL, .ms = 60},
    {.op = VICTIM_POLL, .ms = 65535},
    EVENT(VICTIM_RESET, 0),
    EVENT(VICTIM_WISH, 0),
    EVENT(VICTIM_ATTACH, 0),
    EVENT(VICTIM_ATTACH, 1),
    {.op = VICTIM_FLASH, .ms = 40, .n = DFUKIT_STATUS_PROG},
    {.op = VICTIM_FLASH, .ms = 0, .n = VICTIM_REFUSE | DFUKIT_STATUS_ERASE},
};

static void say(victim *v, size_t letter)
{
    victim_event e = letters[letter];

    if (e.op == VICTIM_SETUP && (e.setup.bmRequestType & 0x60u) != 0 &&
        !dfukit_dfu_in_dfu_mode(v->dfu))
        e.setup.wIndex = VICTIM_INTERFACE;
    victim_do(v, &e);
}

static void words_from(victim *v, const victim_snapshot *start)
{
    const size_t count = LENGTH(letters);
    victim_snapshot *second;

    for (size_t a = 0; a < count; a++) {
        for (size_t b = 0; b < count; b++) {
            victim_restore(v, start);
            say(v, a);
            say(v, b);
            second = victim_keep(v);
            for (size_t c = 0; c < count; c++) {
                say(v, c);
                if (++hostile_cases % SAMPLE == 0)
                    victim_upgrade(v);
                victim_restore(v, second);
            }
            victim_forget(second);
        }
    }
}

static void in_every_state(unsigned options, unsigned attributes, const char *name)
{
    for (uint8_t state = 0; state < DFUKIT_STATE_COUNT; state++) {
        victim_snapshot *start;
        victim *v;

        if (!hostile_reaches(state, attributes) ||
            ((options & VICTIM_LOADER) != 0 && state < DFUKIT_DFU_IDLE))
            continue;
        v = hostile_new(options, attributes);
        v->what = name;
        victim_lead(v, state);
        start = victim_keep(v);
        words_from(v, start);
        victim_check_flash(v);
        victim_forget(start);
        victim_free(v);
    }
}

static void lenient_on_flash(void **state)
{
    (void)state;
    in_every_state(VICTIM_PACKET_16 | VICTIM_SLOT, VICTIM_USUAL, "words, slot, lenient");
}

static void strict_with_a_scripted_store(void **state)
{
    (void)state;
    in_every_state(VICTIM_PACKET_16 | VICTIM_STRICT, VICTIM_USUAL, "words, scripted, strict");
}

static void detaching_by_itself(void **state)
{
    (void)state;
    in_every_state(VICTIM_PACKET_8 | VICTIM_SLOT | VICTIM_CORRUPT | VICTIM_DOUBLE,
                   DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD | DFUKIT_WILL_DETACH,
                   "words, slot, bitWillDetach, no firmware");
}

static void a_loader_only(void **state)
{
    (void)state;
    in_every_state(VICTIM_PACKET_64 | VICTIM_LOADER | VICTIM_STRICT | VICTIM_SLOT,
                   DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD, "words, slot, loader only, strict");
}

static void dfuse(void **state)
{
    (void)state;
    in_every_state(VICTIM_PACKET_64 | VICTIM_SLOT, VICTIM_USUAL | VICTIM_DFUSE,
                   "words, DfuSe, lenient");
    in_every_state(VICTIM_PACKET_64 | VICTIM_STRICT,
                   DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD | DFUKIT_WILL_DETACH | VICTIM_DFUSE,
                   "words, DfuSe, scripted, bitWillDetach, strict");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lenient_on_flash),
        cmocka_unit_test(strict_with_a_scripted_store),
        cmocka_unit_test(detaching_by_itself),
        cmocka_unit_test(a_loader_only),
        cmocka_unit_test(dfuse),
    };

    return cmocka_run_group_tests(tests, NULL, hostile_report);
}
