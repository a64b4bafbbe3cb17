/* SPDX-License-Identifier: MIT */
/*
 * Conversations that no host would lead: requests in any order, of any length, cut at any packet,
 * among resets and configurations. Whatever was said, the device must still be there, or come back,
 * and take a firmware. Each conversation has a number; a failure prints it, and
 * PORTING_SEED=NUMBER repeats it alone.
 */
#include "scenarios.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CONVERSATIONS 400u
#define STEPS         60u

static uint32_t random_state;

static uint32_t below(uint32_t n)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) % n;
}

static uint16_t some_length(void)
{
    static const uint16_t lengths[] = {0,   1,   5,   6,   7,   63,   64,   65,   128,
                                       255, 256, 257, 512, 513, 1024, 1025, 4096, 0xFFFF};

    return lengths[below(sizeof lengths / sizeof *lengths)];
}

static void say_something(const host *h)
{
    static uint8_t bytes[0xFFFF];
    dfukit_setup s = {DFUKIT_TYPE_CLASS_OUT, (uint8_t)below(9), (uint16_t)below(3), h->itf,
                      some_length()};

    if (below(10) == 0)
        s.wIndex = (uint16_t)below(0x300);
    if (below(2) == 0)
        s.wLength = s.bRequest == DFUKIT_DNLOAD ? (uint16_t)(1 + below(256)) : 0;
    switch (below(4)) {
    case 0:
        bus_out(&s, bytes);
        break;
    case 1:
        bus_out_cut(&s, bytes, (uint16_t)(below(s.wLength / BUS_PACKET + 1u) * BUS_PACKET));
        break;
    default:
        s.bmRequestType = DFUKIT_TYPE_CLASS_IN;
        bus_in(&s, bytes);
        break;
    }
}

/* A reset may make it leave; then it comes back. */
static host meet(void)
{
    for (unsigned i = 0; i < 2; i++) {
        bus_run(500);
        assert_true(bus_present());
        bus_reset();
    }
    bus_run(500);
    assert_true(bus_present());
    return enumerate();
}

static void step(host *h)
{
    if (!bus_present())
        *h = meet();
    switch (below(24)) {
    case 0:
        bus_reset();
        break;
    case 1:
        bus_configure((uint8_t)below(2));
        break;
    case 2:
        bus_set_interface(h->itf, (uint16_t)below(3));
        break;
    case 3:
        bus_get_interface(h->itf);
        break;
    case 4:
        bus_late(below(100));
        break;
    case 5:
        *h = meet();
        break;
    default:
        say_something(h);
        break;
    }
    bus_run(below(30));
}

/* From wherever it is: to DFU mode, and through a download. */
static void take_a_firmware(uint32_t seed)
{
    uint8_t bytes[700];
    host h;

    h = meet();
    if (h.protocol == DFUKIT_PROTOCOL_RUNTIME) {
        request_out(&h, DFUKIT_DETACH, 1000, NULL, 0);
        h = meet();
    }
    assert_int_equal(h.protocol, DFUKIT_PROTOCOL_DFU);
    bus_run(1000);
    if (status_of(&h).bState == DFUKIT_DFU_ERROR)
        assert_int_equal(request_out(&h, DFUKIT_CLRSTATUS, 0, NULL, 0), 0);
    else
        request_out(&h, DFUKIT_ABORT, 0, NULL, 0);
    if (status_of(&h).bState == DFUKIT_DFU_ERROR) /* no ABORT in some states */
        assert_int_equal(request_out(&h, DFUKIT_CLRSTATUS, 0, NULL, 0), 0);
    expect_status(&h, DFUKIT_DFU_IDLE, DFUKIT_STATUS_OK);
    fill(bytes, sizeof bytes, seed);
    download(&h, bytes, sizeof bytes);
    finish(&h);
    assert_memory_equal(bus_memory(0), bytes, sizeof bytes);
}

void whatever_is_said_before(void **state)
{
    const char *only = getenv("PORTING_SEED");
    uint32_t first = only != NULL ? (uint32_t)strtoul(only, NULL, 10) : 0;
    uint32_t end = only != NULL ? first + 1 : CONVERSATIONS;

    (void)state;
    for (uint32_t seed = first; seed < end; seed++) {
        host h;

        printf("\rconversation PORTING_SEED=%u ", (unsigned)seed);
        fflush(stdout);
        random_state = seed;
        below(1);
        if (below(3) == 0) {
            bus_power_on(below(2) == 0);
            h = enumerate();
        } else {
            h = dfu_mode_host();
        }
        for (unsigned i = 0; i < STEPS; i++)
            step(&h);
        take_a_firmware(seed);
    }
    printf("\n");
}
