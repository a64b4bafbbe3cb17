/* SPDX-License-Identifier: MIT */
/* Which device is chosen, and which one counts as the same device come back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dfukit/host.h"

static dfukit_target make(const char *path, uint32_t devnum, uint16_t vid, uint16_t pid,
                          dfukit_mode mode, const char *serial, uint8_t attributes)
{
    dfukit_target t;
    memset(&t, 0, sizeof t);
    strcpy(t.path, path);
    t.devnum = devnum;
    t.device.idVendor = vid;
    t.device.idProduct = pid;
    t.mode = mode;
    t.alt_count = 1;
    t.functional.bmAttributes = attributes;
    if (serial != NULL) {
        t.has_serial = true;
        strcpy(t.serial, serial);
    }
    return t;
}

enum { KEYBOARD, KEYBOARD_DFU, CAMERA, TWIN_A, TWIN_B, COUNT };
static dfukit_target bench[COUNT];

static int set_up(void **state)
{
    (void)state;
    bench[KEYBOARD] = make("1-1", 4, 0x1209, 0x70B0, DFUKIT_MODE_RUNTIME, "K1", 0x0D);
    bench[KEYBOARD].configuration = 2;
    bench[KEYBOARD_DFU] = make("1-2", 5, 0x1209, 0x70B1, DFUKIT_MODE_DFU, "K2", 0x0D);
    bench[CAMERA] = make("1-3", 6, 0x0BDA, 0x5517, DFUKIT_MODE_RUNTIME, NULL, 0x08);
    bench[TWIN_A] = make("2-1", 7, 0x0483, 0xDF11, DFUKIT_MODE_DFU, "STM32", 0x0B);
    bench[TWIN_B] = make("2-2", 0x20008, 0x0483, 0xDF11, DFUKIT_MODE_DFU, "STM32", 0x0B);
    return 0;
}

#define ANY DFUKIT_ID_ANY
static const struct {
    const char *name;
    dfukit_selector s;
    int result;
    size_t index;
} rows[] = {
    {"nothing named, several devices", {0}, DFUKIT_ERR_AMBIGUOUS, 0},
    {"one pair matches run-time mode", {.has_ids = true, .ids = {0x1209, 0x70B0}}, DFUKIT_OK, KEYBOARD},
    {"one pair matches DFU mode", {.has_ids = true, .ids = {0x1209, 0x70B1}}, DFUKIT_OK, KEYBOARD_DFU},
    {"one pair never means any DFU device", {.has_ids = true, .ids = {0x1111, 1}}, DFUKIT_ERR_NO_DEVICE, 0},
    {"any product of a vendor", {.has_ids = true, .ids = {0x1209, ANY}}, DFUKIT_ERR_AMBIGUOUS, 0},
    {"two pairs: run-time only where run-time",
     {.has_ids = true, .ids = {0x1209, 0x70B1}, .has_dfu_ids = true, .dfu_ids = {0x1209, 0x9999}},
     DFUKIT_ERR_NO_DEVICE, 0},
    {"two pairs: the second in DFU mode",
     {.has_ids = true, .ids = {0x1209, 0x1111}, .has_dfu_ids = true, .dfu_ids = {0x1209, 0x70B1}},
     DFUKIT_OK, KEYBOARD_DFU},
    {"serial number", {.serial = "K1"}, DFUKIT_OK, KEYBOARD},
    {"serial number that two share", {.serial = "STM32"}, DFUKIT_ERR_AMBIGUOUS, 0},
    {"the path tells twins apart", {.serial = "STM32", .path = "2-2"}, DFUKIT_OK, TWIN_B},
    {"path is no prefix", {.path = "2"}, DFUKIT_ERR_NO_DEVICE, 0},
    {"device number", {.has_devnum = true, .devnum = 7}, DFUKIT_OK, TWIN_A},
    {"device number with its bus", {.has_devnum = true, .devnum = 0x20008}, DFUKIT_OK, TWIN_B},
    {"device number on its bus", {.has_devnum = true, .devnum = 8}, DFUKIT_OK, TWIN_B},
    {"of another bus", {.has_devnum = true, .devnum = 0x10008}, DFUKIT_ERR_NO_DEVICE, 0},
    {"a bystander named alone is chosen", {.has_ids = true, .ids = {0x0BDA, 0x5517}}, DFUKIT_OK, CAMERA},
    {"two serial numbers: the first counts in run-time mode",
     {.serial = "K1", .has_dfu_serial = true, .dfu_serial = "none"}, DFUKIT_OK, KEYBOARD},
    {"two serial numbers: the second counts in DFU mode",
     {.serial = "none", .has_dfu_serial = true, .dfu_serial = "K2"}, DFUKIT_OK, KEYBOARD_DFU},
    {"no device has the ID none",
     {.has_ids = true, .ids = {DFUKIT_ID_NONE, ANY}}, DFUKIT_ERR_NO_DEVICE, 0},
    {"none in run-time mode, one in DFU mode",
     {.has_ids = true, .ids = {DFUKIT_ID_NONE, DFUKIT_ID_NONE}, .has_dfu_ids = true,
      .dfu_ids = {0x1209, ANY}}, DFUKIT_OK, KEYBOARD_DFU},
    {"a configuration", {.has_configuration = true, .configuration = 2}, DFUKIT_OK, KEYBOARD},
    {"an interface nobody has", {.has_interface = true, .interface = 9}, DFUKIT_ERR_NO_DEVICE, 0},
};

static void chooses_as_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t index = 99;
        printf("row: %s\n", rows[i].name);
        assert_int_equal(dfukit_select(bench, COUNT, &rows[i].s, &index), rows[i].result);
        if (rows[i].result == DFUKIT_OK)
            assert_int_equal(index, rows[i].index);
    }
}

static void bystanders_never_make_a_choice_ambiguous(void **state)
{
    (void)state;
    const dfukit_target two[] = {bench[CAMERA], bench[KEYBOARD]};
    const dfukit_selector any = {0};
    size_t index = 99;
    assert_int_equal(dfukit_select(two, 2, &any, &index), DFUKIT_OK);
    assert_int_equal(index, 1);
    assert_int_equal(dfukit_select(two, 1, &any, &index), DFUKIT_ERR_NO_DEVICE);
}

static void a_returned_device_is_known_by_its_port(void **state)
{
    (void)state;
    size_t index = 99;
    dfukit_target now[] = {bench[TWIN_A], make("1-1", 30, 0xAAAA, 1, DFUKIT_MODE_DFU, NULL, 7)};
    assert_int_equal(dfukit_select_returned(now, 2, &bench[KEYBOARD], NULL, 0, &index), DFUKIT_OK);
    assert_int_equal(index, 1);
}

static void else_by_its_serial_among_newcomers(void **state)
{
    (void)state;
    size_t index = 99;
    dfukit_target now[] = {bench[TWIN_A], make("3-9", 30, 0x1209, 0x70B1, DFUKIT_MODE_DFU, "K1", 7),
                           make("3-8", 31, 0x1209, 0x70B1, DFUKIT_MODE_DFU, "K9", 7)};
    assert_int_equal(dfukit_select_returned(now, 3, &bench[KEYBOARD], bench, COUNT, &index), DFUKIT_OK);
    assert_int_equal(index, 1);
    strcpy(now[2].serial, "K1"); /* two candidates are no guess */
    assert_int_equal(dfukit_select_returned(now, 3, &bench[KEYBOARD], bench, COUNT, &index),
                     DFUKIT_ERR_AMBIGUOUS);
    assert_int_equal(dfukit_select_returned(now, 1, &bench[KEYBOARD], bench, COUNT, &index),
                     DFUKIT_ERR_NO_DEVICE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chooses_as_the_table_says),
        cmocka_unit_test(bystanders_never_make_a_choice_ambiguous),
        cmocka_unit_test(a_returned_device_is_known_by_its_port),
        cmocka_unit_test(else_by_its_serial_among_newcomers),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
