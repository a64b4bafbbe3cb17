/* SPDX-License-Identifier: MIT */
/* The class behind Zephyr's USB device stack: examples/zephyr on a stand-in for the stack. */
#include "scenarios.h"

#include "port.h"
#include "zephyr_kernel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* The stack has already agreed to SET_INTERFACE when it tells the class: while the flash works,
 * the class cannot follow, and says so at the next request that matters. */
static void set_interface_is_made_up_for(void **state)
{
    uint8_t bytes[64];
    host h = dfu_mode_host();

    (void)state;
    fill(bytes, sizeof bytes, 1);
    assert_int_equal(request_out(&h, DFUKIT_DNLOAD, 0, bytes, sizeof bytes), sizeof bytes);
    assert_true(bus_set_interface(h.itf, 1));
    assert_int_equal(request_out(&h, DFUKIT_DNLOAD, 0, bytes, sizeof bytes), BUS_STALL);
    assert_int_equal(status_of(&h).bStatus, DFUKIT_STATUS_OK);
    bus_run(100);
    download(&h, bytes, sizeof bytes); /* begins anew, in the other memory */
    finish(&h);
    assert_memory_equal(bus_memory(1), bytes, sizeof bytes);
}

/* A short packet ends the data stage, and the class is told what came: not enough. */
static void a_short_packet_is_no_block(void **state)
{
    uint8_t bytes[256];
    host h = dfu_mode_host();
    const dfukit_setup dnload = {DFUKIT_TYPE_CLASS_OUT, DFUKIT_DNLOAD, 0, h.itf, sizeof bytes};

    (void)state;
    fill(bytes, sizeof bytes, 2);
    assert_false(bus_out_cut(&dnload, bytes, 100));
    bus_run(100);
    expect_status(&h, DFUKIT_DFU_IDLE, DFUKIT_STATUS_OK);
    assert_memory_equal(bus_memory(0), BUS_MARK "\xFF\xFF", 6);
    download(&h, bytes, sizeof bytes);
    finish(&h);
    assert_memory_equal(bus_memory(0), bytes, sizeof bytes);
}

/* The stack tells nothing of status stages: the device does not leave before DETACH's is over. */
static void detach_waits_for_its_status_stage(void **state)
{
    host h;

    (void)state;
    bus_power_on(true);
    h = enumerate();
    assert_int_equal(request_out(&h, DFUKIT_DETACH, 1000, NULL, 0), 0);
    bus_run(10);
    assert_true(bus_present());
    bus_run(20);
    assert_false(bus_present());
}

/* … and questions do not hold it up. */
static void questions_do_not_keep_it(void **state)
{
    uint8_t bytes[6];
    host h;
    unsigned asked = 0;

    (void)state;
    bus_power_on(true);
    h = enumerate();
    assert_int_equal(request_out(&h, DFUKIT_DETACH, 1000, NULL, 0), 0);
    while (bus_present() && asked < 50) {
        request_in(&h, DFUKIT_GETSTATUS, 0, bytes, sizeof bytes);
        asked++;
    }
    assert_in_range(asked, 5, 40);
}

/* Where the stack has no buffer, it stalls: from 4.5 on the class has been asked before. */
static void a_block_beyond_the_stacks_buffers(void **state)
{
    static uint8_t bytes[2048];
    host h = dfu_mode_host();

    (void)state;
    assert_int_equal(request_out(&h, DFUKIT_DNLOAD, 0, bytes, sizeof bytes), BUS_STALL);
    if (STUB_ZEPHYR_MINOR >= 5)
        expect_status(&h, DFUKIT_DFU_ERROR, DFUKIT_STATUS_STALLEDPKT);
    else
        expect_status(&h, DFUKIT_DFU_IDLE, DFUKIT_STATUS_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENARIOS,
        cmocka_unit_test(set_interface_is_made_up_for),
        cmocka_unit_test(a_short_packet_is_no_block),
        cmocka_unit_test(detach_waits_for_its_status_stage),
        cmocka_unit_test(questions_do_not_keep_it),
        cmocka_unit_test(a_block_beyond_the_stacks_buffers),
    };

    return cmocka_run_group_tests_name("porting.zephyr", tests, NULL, NULL);
}
