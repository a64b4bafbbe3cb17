/* SPDX-License-Identifier: MIT */
/*
 * Two ways to the same descriptors: what dfukit/describe.h makes at compile time of the tables
 * below, and what a virtual device builds when it attaches.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../src/virtual/descriptors.h"

#define DFUKIT_DESCRIBE               micro
#define DFUKIT_idVendor               0x1209
#define DFUKIT_idProduct              0x0001
#define DFUKIT_idProduct_dfu          0x8001
#define DFUKIT_bcdDevice              0x0100
#define DFUKIT_bcdDevice_dfu          0x0123
#define DFUKIT_bmAttributes           (DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD | DFUKIT_MANIFESTATION_TOLERANT)
#define DFUKIT_wTransferSize          4096
#define DFUKIT_wDetachTimeOut         2500
#define DFUKIT_iManufacturer          "dfukit"
#define DFUKIT_iProduct               "Mikroskop für 𝄞"
#define DFUKIT_iProduct_dfu           "Micro Bootloader"
#define DFUKIT_iSerialNumber          "MICRO-0001"
#define DFUKIT_ALTERNATES(ALT)        ALT(FLASH, "Internal Flash") ALT(DATA, "Data")
#define DFUKIT_APPLICATION            9, 4, 0, 0, 0, 0xFF, 0, 0, 0
#define DFUKIT_APPLICATION_INTERFACES 1
#define DFUKIT_DESCRIBE_DFU
#define DFUKIT_DESCRIBE_RUNTIME
#include "dfukit/describe.h"

#define DFUKIT_DESCRIBE               dfu10
#define DFUKIT_idVendor               0x1209
#define DFUKIT_idProduct              0x0010
#define DFUKIT_idProduct_dfu          0x0011
#define DFUKIT_bcdDevice              0x0100
#define DFUKIT_bcdDFUVersion          0x0100
#define DFUKIT_bMaxPacketSize0        8
#define DFUKIT_bmAttributes           (DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD)
#define DFUKIT_wTransferSize          256
#define DFUKIT_iManufacturer          "dfukit"
#define DFUKIT_iProduct               "Card Reader"
#define DFUKIT_iProduct_dfu           "Card Reader DFU"
#define DFUKIT_iSerialNumber          "DFU10-0001"
#define DFUKIT_ALTERNATES(ALT)        ALT(FLASH, "Flash")
#define DFUKIT_APPLICATION            9, 4, 0, 0, 0, 0xFF, 0, 0, 0
#define DFUKIT_APPLICATION_INTERFACES 1
#define DFUKIT_DESCRIBE_DFU
#define DFUKIT_DESCRIBE_RUNTIME
#include "dfukit/describe.h"

/* clang-format off */
static const dfukit_persona plain = { .max_packet_size0 = 64 };
static const dfukit_persona small = { .max_packet_size0 = 8 };

static const struct row {
    const char *name;
    const dfukit_descriptor_set *set;
    dfukit_appearance appearance;
} rows[] = {
    { "micro, run-time", &micro_runtime_descriptors, {
        false, &plain, { 0x1209, 0x0001, 0x0100, "Mikroskop für 𝄞", "MICRO-0001" }, "dfukit",
        { "Internal Flash", "Data" }, NULL, { 0x0F, 2500, 4096, 0x0110 }, false, 0 } },
    { "micro", &micro_dfu_descriptors, {
        true, &plain, { 0x1209, 0x8001, 0x0123, "Micro Bootloader", "MICRO-0001" }, "dfukit",
        { "Internal Flash", "Data" }, NULL, { 0x0F, 2500, 4096, 0x0110 }, false, 0 } },
    { "dfu10, run-time", &dfu10_runtime_descriptors, {
        false, &small, { 0x1209, 0x0010, 0x0100, "Card Reader", "DFU10-0001" }, "dfukit",
        { "Flash" }, NULL, { 0x03, 1000, 256, 0x0100 }, false, 0 } },
    { "dfu10", &dfu10_dfu_descriptors, {
        true, &small, { 0x1209, 0x0011, 0x0100, "Card Reader DFU", "DFU10-0001" }, "dfukit",
        { "Flash" }, NULL, { 0x03, 1000, 256, 0x0100 }, false, 0 } },
};
/* clang-format on */

static void both_ways_lead_to_the_same(void **state)
{
    static dfukit_descriptors built;

    (void)state;
    for (const struct row *r = rows; r < rows + sizeof rows / sizeof rows[0]; r++) {
        dfukit_descriptors_build(&built, &r->appearance);
        assert_int_equal(r->set->count, built.set.count);
        assert_null(r->set->vendor);
        for (unsigned i = 0; i < built.set.count; i++) {
            const dfukit_descriptor *d = &built.set.list[i];
            const dfukit_descriptor *c = r->set->list, *end = c + r->set->count;

            while (c < end && c->wValue != d->wValue)
                c++;
            if (c == end || c->n != d->n || memcmp(c->bytes, d->bytes, d->n) != 0)
                fail_msg("%s: wValue 0x%04X", r->name, d->wValue);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(both_ways_lead_to_the_same)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
