/* SPDX-License-Identifier: MIT */
/* Personas as a host sees them, against what was recorded of the products: descriptors as they come
 * over the wire, and what is understood of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "products/recorded.h"
#include "rig.h"

#define RECORDS (sizeof records / sizeof records[0])

/* ---- Getting there ---- */

static int32_t ask(rig *r, const dfukit_setup *setup, uint8_t *data)
{
    dfukit_wire wire = dfukit_virtual_wire(r->device);
    int32_t result;
    for (unsigned n = 0; n < 10000; n++) {
        uint64_t next = wire.ops->work(wire.self);
        result = wire.ops->control(wire.self, setup, data);
        if (result != DFUKIT_ERR_AGAIN)
            return result;
        r->clock.sleep_us(r->clock.self, next < 1000 ? next + 1 : 1000);
    }
    return DFUKIT_ERR_TIMEOUT;
}

static void open_in_mode(rig *r, const recorded *rec, dfukit_target *t)
{
    assert_int_equal(rig_open(r, rec->name, NULL), DFUKIT_OK);
    assert_int_equal(rig_target(r, t), DFUKIT_OK);
    if (t->mode == DFUKIT_MODE_RUNTIME && rec->mode == DFUKIT_MODE_DFU) {
        dfukit_job job = {.verb = DFUKIT_VERB_DETACH};
        assert_int_equal(rig_run(r, &job, NULL, NULL, NULL), DFUKIT_OK);
        assert_int_equal(rig_target(r, t), DFUKIT_OK);
    }
}

/* ---- What is checked ---- */

static void same(const char *what, long recorded_value, long shown)
{
    if (recorded_value != ANY && recorded_value != shown)
        fail_msg("%s: recorded %lx, shown %lx", what, recorded_value, shown);
}

static void same_text(const char *what, const char *text, bool has, const char *shown)
{
    if (text == NULL)
        return;
    if (text[0] == '\0' ? has : !has || strcmp(text, shown) != 0)
        fail_msg("%s: recorded '%s', shown '%s'", what, text, has ? shown : "(none)");
}

/* Raw bytes of the configuration, as they are before anything is understood or corrected. */
static void check_configuration(rig *r, const recorded *rec)
{
    const dfukit_setup setup = {0x80, DFUKIT_USB_GET_DESCRIPTOR, DFUKIT_DESC_CONFIGURATION << 8, 0,
                                1024};
    uint8_t bytes[1024];
    int32_t n = ask(r, &setup, bytes);
    size_t at = 0, interfaces = 0;
    long functional = 0;
    const uint8_t *d;
    assert_true(n > 9);
    assert_int_equal(n, bytes[2] | bytes[3] << 8);
    while (dfukit_descriptor_next(bytes, (size_t)n, &at, &d)) {
        if (d[1] == DFUKIT_DESC_INTERFACE && d[5] == 0xFE && d[6] == 1) {
            same("bInterfaceProtocol", rec->protocol, d[7]);
            same("bInterfaceNumber", rec->interface, d[2]);
            interfaces++;
        } else if (d[1] == DFUKIT_DESC_DFU_FUNCTIONAL) {
            functional = d[0];
            same("bmAttributes", rec->attributes, d[2]);
            same("wDetachTimeOut", rec->detach, d[3] | d[4] << 8);
            same("wTransferSize", rec->transfer_size, d[5] | d[6] << 8);
            if (d[0] == 9)
                same("bcdDFUVersion", rec->bcdDFUVersion, d[7] | d[8] << 8);
        }
    }
    same("functional bLength", rec->functional, functional);
    assert_true(interfaces >= 1);
}

static void check_names(const recorded *rec, const dfukit_target *t)
{
    size_t n = 0;
    for (; rec->names[n] != NULL; n++) {
        assert_true(n < t->alt_count);
        same_text("name", rec->names[n], t->alts[n].iInterface != 0, t->alts[n].name);
    }
    if (n != 0)
        assert_int_equal(t->alt_count, n);
}

static void check(const recorded *rec)
{
    dfukit_target t;
    rig r;
    open_in_mode(&r, rec, &t);
    assert_string_equal(dfukit_mode_name(t.mode), dfukit_mode_name(rec->mode));
    same("idVendor", rec->vid, t.device.idVendor);
    same("idProduct", rec->pid, t.device.idProduct);
    same("bcdDevice", rec->bcdDevice, t.device.bcdDevice);
    same("bMaxPacketSize0", rec->packet_size, t.device.bMaxPacketSize0);
    assert_string_equal(dfukit_target_version(&t), rec->version);
    same("oddities", (long)rec->oddities, (long)t.oddities);
    same_text("product", rec->product, t.has_product, t.product);
    same_text("serial", rec->serial, t.has_serial, t.serial);
    check_names(rec, &t);
    check_configuration(&r, rec);
    rig_close(&r);
}

static void personas_are_as_recorded(void **state)
{
    (void)state;
    for (size_t n = 0; n < RECORDS; n++) {
        printf("%s, %s\n", records[n].name, dfukit_mode_name(records[n].mode));
        assert_non_null(dfukit_persona_find(records[n].name));
        check(&records[n]);
    }
}

/* Those that are made up have no record. */
static void every_persona_has_a_record_or_says_that_it_is_made_up(void **state)
{
    const dfukit_persona *p;
    size_t count = 0;
    (void)state;
    for (size_t n = 0; (p = dfukit_persona_at(n)) != NULL; n++, count++) {
        size_t found = p->source == NULL;
        for (size_t i = 0; i < RECORDS; i++)
            found += strcmp(records[i].name, p->name) == 0;
        if (found == 0)
            fail_msg("%s has no record", p->name);
    }
    assert_true(count >= 30);
}

/* ---- What differs from the others ---- */

static void the_functional_descriptor_stands_before_the_interfaces(void **state)
{
    const recorded freerunner = {.name = "openmoko-freerunner", .mode = DFUKIT_MODE_DFU};
    const dfukit_setup setup = {0x80, DFUKIT_USB_GET_DESCRIPTOR, DFUKIT_DESC_CONFIGURATION << 8, 0,
                                20};
    uint8_t bytes[20];
    dfukit_target t;
    rig r;
    (void)state;
    open_in_mode(&r, &freerunner, &t);
    assert_int_equal(ask(&r, &setup, bytes), 20);
    assert_int_equal(bytes[9], 9);
    assert_int_equal(bytes[10], DFUKIT_DESC_DFU_FUNCTIONAL);
    rig_close(&r);
}

static void some_start_in_an_error(void **state)
{
    static const char *const names[] = {"stm32f407-rom", "stm32f745-rom", "gd32vf103-rom"};
    const dfukit_setup setup = {DFUKIT_TYPE_CLASS_IN, DFUKIT_GETSTATUS, 0, 0, 6};
    (void)state;
    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
        uint8_t bytes[6];
        rig r;
        assert_int_equal(rig_open(&r, names[n], NULL), DFUKIT_OK);
        const dfukit_setup configure = {0, DFUKIT_USB_SET_CONFIGURATION, 1, 0, 0};
        assert_int_equal(ask(&r, &configure, NULL), 0);
        assert_int_equal(ask(&r, &setup, bytes), 6);
        assert_int_equal(bytes[4], DFUKIT_DFU_ERROR);
        assert_int_equal(bytes[0], DFUKIT_STATUS_FIRMWARE);
        rig_close(&r);
    }
}

/* Nobody means them, but they can be named. */
static void bystanders_are_in_nobodys_way(void **state)
{
    static const char *const names[] = {"laptop-camera", "macbook-bluetooth"};
    (void)state;
    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
        dfukit_selector any = {0};
        dfukit_target t;
        size_t index;
        rig r;
        assert_int_equal(rig_open(&r, names[n], NULL), DFUKIT_OK);
        assert_int_equal(rig_target(&r, &t), DFUKIT_OK);
        assert_true(dfukit_target_is_bystander(&t));
        assert_int_equal(dfukit_select(&t, 1, &any, &index), DFUKIT_ERR_NO_DEVICE);
        any.has_ids = true;
        any.ids = (dfukit_ids){t.device.idVendor, t.device.idProduct};
        assert_int_equal(dfukit_select(&t, 1, &any, &index), DFUKIT_OK);
        rig_close(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(personas_are_as_recorded),
        cmocka_unit_test(every_persona_has_a_record_or_says_that_it_is_made_up),
        cmocka_unit_test(the_functional_descriptor_stands_before_the_interfaces),
        cmocka_unit_test(some_start_in_an_error),
        cmocka_unit_test(bystanders_are_in_nobodys_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
