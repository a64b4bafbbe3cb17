/* SPDX-License-Identifier: MIT */
/*
 * Whole upgrades: host engine, in-process carrier, endpoint-0 pipe, class, slot and flash joined,
 * from run-time mode to run-time mode, for every persona, and for every way in which a device may
 * change its identity on the way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "whole/rig.h"

static const char *const personas[] = {"tomu", "micro", "dfu10"};

/* Sizes round the transfer size and the flash's sectors, where off-by-one errors live. */
static const uint32_t sizes[] = {1, 2, 7, 63, 64, 65, 1023, 1024, 1025, 2047, 2048, 4096, 5664, 20001};

static void upgrade(const char *persona, uint32_t size, bool fast)
{
    rig r;
    rig_payload parts;
    dfukit_outcome o = {0};
    dfukit_target before = {0}, after = {0};
    uint32_t flash_size;
    uint8_t *payload = malloc(size);
    rig_fill(payload, size, size);
    const dfukit_virtual_options options = {.fast = fast};
    assert_int_equal(rig_open(&r, persona, &options), DFUKIT_OK);
    assert_int_equal(rig_target(&r, &before), DFUKIT_OK);
    assert_int_equal(before.mode, DFUKIT_MODE_RUNTIME);
    assert_int_equal(before.device.bcdDevice, 0x0100);
    dfukit_job job = {.verb = DFUKIT_VERB_WRITE, .stream = rig_stream(&parts, payload, size)};
    int error = rig_run(&r, &job, NULL, &o, &after);
    printf("%s, %u bytes%s: %s, %u requests, %llu us\n", persona, (unsigned)size, fast ? "" : ", timed",
           dfukit_error_name(error), (unsigned)o.requests, (unsigned long long)r.now_us);
    if (error != DFUKIT_OK)
        printf("  %s (phase %s, %s, %s)\n", o.what, dfukit_phase_name(o.phase),
               dfukit_status_name(o.bStatus), dfukit_state_name(o.bState));
    assert_int_equal(error, DFUKIT_OK);
    assert_true(o.confirmed);
    assert_true(o.sent_back);
    assert_int_equal(o.bytes, size);
    bool can_verify = (after.functional.bmAttributes & DFUKIT_CAN_UPLOAD) != 0 &&
                      (after.functional.bmAttributes & DFUKIT_MANIFESTATION_TOLERANT) != 0;
    assert_int_equal(o.verified, can_verify);
    assert_int_equal(after.mode, DFUKIT_MODE_RUNTIME);
    assert_int_equal(after.device.idProduct, before.device.idProduct);
    assert_int_equal(after.device.bcdDevice, rig_version(payload, size));
    const uint8_t *cells = dfukit_vflash_cells(dfukit_virtual_flash(r.device), &flash_size);
    assert_true(flash_size >= size);
    assert_memory_equal(cells, payload, size);
    assert_int_equal(dfukit_vflash_misuses(dfukit_virtual_flash(r.device)), 0);
    assert_int_equal(dfukit_virtual_firmware_size(r.device), size);
    rig_close(&r);
    free(payload);
}

static void every_persona_is_upgraded_at_every_size(void **state)
{
    (void)state;
    for (size_t p = 0; p < sizeof personas / sizeof personas[0]; p++) {
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
            upgrade(personas[p], sizes[i], true);
        upgrade(personas[p], 20001, false);
    }
}

static int keep(void *self, const uint8_t *bytes, size_t n)
{
    rig_payload *got = self;
    uint8_t *grown = realloc((void *)(uintptr_t)got->segment.data, got->segment.size + n);
    if (grown == NULL)
        return DFUKIT_ERR_NOMEM;
    memcpy(grown + got->segment.size, bytes, n);
    got->segment.data = grown;
    got->segment.size += (uint32_t)n;
    return DFUKIT_OK;
}

static void what_was_written_is_read_and_verified(void **state)
{
    (void)state;
    rig r;
    rig_payload parts, other, got = {0};
    dfukit_outcome o = {0};
    static uint8_t payload[5664], changed[5664];
    rig_fill(payload, sizeof payload, 1);
    memcpy(changed, payload, sizeof changed);
    changed[100] ^= 1;
    changed[5000] ^= 0x80;
    assert_int_equal(rig_open(&r, "micro", NULL), DFUKIT_OK);
    dfukit_job job = {.verb = DFUKIT_VERB_WRITE, .stream = rig_stream(&parts, payload, sizeof payload)};
    assert_int_equal(rig_run(&r, &job, NULL, &o, NULL), DFUKIT_OK);

    job = (dfukit_job){.verb = DFUKIT_VERB_READ};
    assert_int_equal(rig_run(&r, &job, &(dfukit_watcher){&got, NULL, keep}, &o, NULL), DFUKIT_OK);
    assert_int_equal(got.segment.size, sizeof payload); /* the device knows how long its firmware is */
    assert_int_equal(o.bytes, sizeof payload);
    assert_memory_equal(got.segment.data, payload, sizeof payload);
    free((void *)(uintptr_t)got.segment.data);

    job = (dfukit_job){.verb = DFUKIT_VERB_VERIFY, .stream = &parts.stream};
    assert_int_equal(rig_run(&r, &job, NULL, &o, NULL), DFUKIT_OK);
    assert_true(o.verified);
    assert_true(o.sent_back);
    job.stream = rig_stream(&other, changed, sizeof changed);
    assert_int_equal(rig_run(&r, &job, NULL, &o, NULL), DFUKIT_ERR_DIFFERS);
    assert_int_equal(o.differences, 2);
    assert_int_equal(o.differs_at, 100);
    assert_true(o.sent_back);
    rig_close(&r);
}

static void an_image_too_large_is_refused_and_the_next_write_works(void **state)
{
    (void)state;
    for (size_t p = 0; p < sizeof personas / sizeof personas[0]; p++) {
        rig r;
        rig_payload parts;
        dfukit_outcome o = {0};
        uint32_t flash_size;
        assert_int_equal(rig_open(&r, personas[p], NULL), DFUKIT_OK);
        dfukit_vflash_cells(dfukit_virtual_flash(r.device), &flash_size);
        uint8_t *payload = malloc(flash_size + 1);
        rig_fill(payload, flash_size + 1, 9);
        dfukit_job job = {.verb = DFUKIT_VERB_WRITE,
                          .stream = rig_stream(&parts, payload, flash_size + 1)};
        printf("%s: one byte more than %u\n", personas[p], (unsigned)flash_size);
        assert_int_equal(rig_run(&r, &job, NULL, &o, NULL), DFUKIT_ERR_DEVICE);
        assert_int_equal(o.bStatus, DFUKIT_STATUS_ADDRESS);
        job.stream = rig_stream(&parts, payload, flash_size);
        assert_int_equal(rig_run(&r, &job, NULL, &o, NULL), DFUKIT_OK);
        const uint8_t *cells = dfukit_vflash_cells(dfukit_virtual_flash(r.device), &flash_size);
        assert_memory_equal(cells, payload, flash_size);
        free(payload);
        rig_close(&r);
    }
}

/* ---- How a device may change its identity between the modes ---- */

typedef enum serial_change { SERIAL_EQUAL, SERIAL_ABSENT, SERIAL_CHANGED, SERIAL_CHANGES } serial_change;

static void identity_case(const char *persona, const char *name, uint16_t vid, uint16_t pid,
                          serial_change serial)
{
    static const char *const names[] = {"equal", "absent", "changed"};
    const dfukit_persona *p = dfukit_persona_find(persona);
    dfukit_identity identity = p->dfu;
    identity.idVendor = vid;
    identity.idProduct = pid;
    identity.serial = serial == SERIAL_EQUAL ? p->runtime.serial : serial == SERIAL_ABSENT ? NULL : "OTHER-7";
    rig r;
    rig_payload parts;
    dfukit_outcome o = {0};
    dfukit_target after = {0};
    uint8_t payload[3000];
    rig_fill(payload, sizeof payload, pid);
    const dfukit_virtual_options options = {.fast = true, .dfu_identity = &identity};
    assert_int_equal(rig_open(&r, persona, &options), DFUKIT_OK);
    dfukit_job job = {.verb = DFUKIT_VERB_WRITE, .stream = rig_stream(&parts, payload, sizeof payload)};
    printf("%s: product id %s, serial %s\n", persona, name, names[serial]);
    assert_int_equal(rig_run(&r, &job, NULL, &o, &after), DFUKIT_OK);
    assert_true(o.confirmed);
    assert_int_equal(after.device.bcdDevice, rig_version(payload, sizeof payload));
    /* and on its own, to look at the identity it has in DFU mode */
    job = (dfukit_job){.verb = DFUKIT_VERB_DETACH};
    assert_int_equal(rig_run(&r, &job, NULL, &o, &after), DFUKIT_OK);
    assert_int_equal(after.mode, DFUKIT_MODE_DFU);
    assert_int_equal(after.device.idVendor, vid);
    assert_int_equal(after.device.idProduct, pid);
    assert_int_equal(after.has_serial, serial != SERIAL_ABSENT);
    job = (dfukit_job){.verb = DFUKIT_VERB_LEAVE};
    assert_int_equal(rig_run(&r, &job, NULL, &o, &after), DFUKIT_OK);
    assert_int_equal(after.mode, DFUKIT_MODE_RUNTIME);
    rig_close(&r);
}

static void every_change_of_identity_is_followed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof personas / sizeof personas[0]; i++) {
        const dfukit_persona *p = dfukit_persona_find(personas[i]);
        uint16_t vid = p->runtime.idVendor;
        uint16_t pid = p->runtime.idProduct;
        for (int s = 0; s < SERIAL_CHANGES; s++) {
            identity_case(personas[i], "plus one", vid, (uint16_t)(pid + 1), (serial_change)s);
            identity_case(personas[i], "with its high bit set", vid, pid | 0x8000, (serial_change)s);
            identity_case(personas[i], "0xFFFF", vid, 0xFFFF, (serial_change)s);
            identity_case(personas[i], "another vendor's", 0x0483, 0xDF11, (serial_change)s);
            identity_case(personas[i], "unchanged", vid, pid, (serial_change)s);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_persona_is_upgraded_at_every_size),
        cmocka_unit_test(what_was_written_is_read_and_verified),
        cmocka_unit_test(an_image_too_large_is_refused_and_the_next_write_works),
        cmocka_unit_test(every_change_of_identity_is_followed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
