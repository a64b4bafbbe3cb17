/* SPDX-License-Identifier: MIT */
/* The class behind TinyUSB: examples/tinyusb on a stand-in for the stack. */
#include "scenarios.h"

#include "port.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* The driver can refuse SET_INTERFACE: while the flash works the host is told so. */
static void set_interface_waits_for_the_flash(void **state)
{
    uint8_t bytes[64];
    host h = dfu_mode_host();

    (void)state;
    fill(bytes, sizeof bytes, 1);
    assert_int_equal(request_out(&h, DFUKIT_DNLOAD, 0, bytes, sizeof bytes), sizeof bytes);
    assert_false(bus_set_interface(h.itf, 1));
    assert_int_equal(bus_get_interface(h.itf), 0);
    bus_run(100);
    assert_true(bus_set_interface(h.itf, 1));
    assert_int_equal(bus_get_interface(h.itf), 1);
    expect_status(&h, DFUKIT_DFU_IDLE, DFUKIT_STATUS_OK);
}

/* What docs/PORTING.md says the glue cannot see: a data stage that the host ends with a short
 * packet. What did not come must at least not be bytes of an older block. */
static void a_short_packet_ends_a_block(void **state)
{
    uint8_t bytes[256], seen[256];
    host h = dfu_mode_host();
    const dfukit_setup second = {DFUKIT_TYPE_CLASS_OUT, DFUKIT_DNLOAD, 1, h.itf, sizeof bytes};

    (void)state;
    fill(bytes, sizeof bytes, 2);
    download(&h, bytes, sizeof bytes);
    assert_true(bus_out_cut(&second, bytes, 100));
    bus_run(100);
    memset(seen, 0xFF, sizeof seen);
    memcpy(seen, bytes, 100);
    assert_memory_equal(bus_memory(0) + 256, seen, sizeof seen);
}

static void interface_status_is_zero(void **state)
{
    host h = dfu_mode_host();
    const dfukit_setup get_status = {0x81, DFUKIT_USB_GET_STATUS, 0, h.itf, 2};
    const dfukit_setup unknown = {0x81, 0x77, 0, h.itf, 2};
    uint8_t bytes[2] = {0xEE, 0xEE};

    (void)state;
    assert_int_equal(bus_in(&get_status, bytes), 2);
    assert_int_equal(bytes[0] | bytes[1], 0);
    assert_int_equal(bus_in(&unknown, bytes), BUS_STALL);
}

/* A transfer that is cut by a reset, or by a request to nobody. */
static void a_reset_forgets_a_transfer(void **state)
{
    uint8_t bytes[256];
    host h = dfu_mode_host();
    const dfukit_setup dnload = {DFUKIT_TYPE_CLASS_OUT, DFUKIT_DNLOAD, 0, h.itf, sizeof bytes};

    (void)state;
    fill(bytes, sizeof bytes, 3);
    assert_true(bus_configure(0));
    assert_true(bus_configure(1));
    assert_true(bus_out_cut(&dnload, bytes, 64));
    bus_reset();
    bus_run(300);
    h = enumerate();
    assert_int_equal(h.protocol, DFUKIT_PROTOCOL_RUNTIME);
    assert_memory_equal(bus_memory(0), BUS_MARK "\xFF\xFF", 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIOS,
        cmocka_unit_test(set_interface_waits_for_the_flash),
        cmocka_unit_test(a_short_packet_ends_a_block),
        cmocka_unit_test(interface_status_is_zero),
        cmocka_unit_test(a_reset_forgets_a_transfer),
    };

    return cmocka_run_group_tests_name("porting.tinyusb", tests, NULL, NULL);
}
