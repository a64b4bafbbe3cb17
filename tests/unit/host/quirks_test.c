/* SPDX-License-Identifier: MIT */
/* The quirk table row by row: what each row names shows its effect, its neighbours do not. And the
 * other way round: products typed from what is documented of them, and what the table has them be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "unit/host/descriptors.h"

#define Q(name)   DFUKIT_QUIRK_##name
#define BIT(name) (UINT32_C(1) << DFUKIT_QUIRK_##name)

typedef struct ids {
    uint16_t vendor, product, revision;
} ids;

/* What such a device says of itself, by protocol and version; and what is understood. */
static dfukit_target inspect(ids device, uint8_t protocol, uint16_t version, uint8_t interfaces)
{
    uint8_t bytes[] = {CONFIG(27, interfaces), INTERFACE(0, 0, 0xFE, 1, protocol, 4),
                       FUNCTIONAL(0x07, 250, 1024, version)};
    dfukit_entry e = entry_of(bytes, sizeof bytes);
    dfukit_target t;
    e.device.idVendor = device.vendor;
    e.device.idProduct = device.product;
    e.device.bcdDevice = device.revision;
    assert_int_equal(dfukit_target_inspect(&t, &e, 0), DFUKIT_OK);
    return t;
}

/* The row's effect, in the fields where it changes any. */
static bool shows(const dfukit_quirk *q, ids device)
{
    dfukit_target t = inspect(device, 2, 0x0333, 1);
    uint32_t value = q->value + 1;
    if (q->effect == Q(DFU_MODE)) {
        t = q->value == DFUKIT_QUIRK_ALONE ? inspect(device, 0, 0x0110, 1)
                                           : inspect(device, 1, 0x0110, 2);
        if ((t.mode == DFUKIT_MODE_DFU) != dfukit_target_quirk(&t, q->effect, NULL))
            fail_msg("mode and quirk contradict each other");
    }
    if (!dfukit_target_quirk(&t, q->effect, &value))
        return false;
    assert_int_equal(value, q->value);
    switch ((unsigned)q->effect) {
    case Q(VERSION):
        return t.functional.bcdDFUVersion == q->value;
    case Q(NO_UPLOAD):
        return t.functional.bmAttributes == 0x05;
    case Q(NOT_DFU):
        return t.functional.bmAttributes == 0x04 && dfukit_target_is_bystander(&t);
    default:
        return true;
    }
}

/* Is the same effect meant for this device by another row? */
static bool meant(dfukit_quirk_effect effect, ids device)
{
    const dfukit_quirk *q;
    for (size_t n = 0; (q = dfukit_quirk_at(n)) != NULL; n++) {
        if (q->effect == effect && q->idVendor == device.vendor && q->pid_first <= device.product &&
            device.product <= q->pid_last &&
            (q->bcdDevice == DFUKIT_QUIRK_ANY || q->bcdDevice == device.revision))
            return true;
    }
    return false;
}

static void not_shown(const dfukit_quirk *q, ids device)
{
    if (!meant(q->effect, device) && shows(q, device))
        fail_msg("%04x:%04x %04x shows it, too", device.vendor, device.product, device.revision);
}

static void every_row_shows_its_effect(void **state)
{
    const dfukit_quirk *q;
    (void)state;
    for (size_t n = 0; (q = dfukit_quirk_at(n)) != NULL; n++) {
        bool any = q->bcdDevice == DFUKIT_QUIRK_ANY;
        uint16_t revision = any ? 0x0123 : (uint16_t)q->bcdDevice;
        printf("row %zu: %04x:%04x-%04x %s\n", n, q->idVendor, q->pid_first, q->pid_last,
               dfukit_quirk_effect_name(q->effect));
        assert_true(shows(q, (ids){q->idVendor, q->pid_first, revision}));
        assert_true(shows(q, (ids){q->idVendor, q->pid_last, revision}));
        if (q->pid_first > 0)
            not_shown(q, (ids){q->idVendor, (uint16_t)(q->pid_first - 1), revision});
        if (q->pid_last < 0xFFFF)
            not_shown(q, (ids){q->idVendor, (uint16_t)(q->pid_last + 1), revision});
        not_shown(q, (ids){q->idVendor ^ 1u, q->pid_first, revision});
        not_shown(q, (ids){q->pid_first, q->idVendor, revision});
        if (!any)
            not_shown(q, (ids){q->idVendor, q->pid_first, (uint16_t)(revision + 1)});
    }
}

/* ---- The table on its own ---- */

static bool overlap(const dfukit_quirk *a, const dfukit_quirk *b)
{
    return a->idVendor == b->idVendor && a->pid_first <= b->pid_last &&
           b->pid_first <= a->pid_last &&
           (a->bcdDevice == b->bcdDevice || a->bcdDevice == DFUKIT_QUIRK_ANY ||
            b->bcdDevice == DFUKIT_QUIRK_ANY);
}

static bool contradict(unsigned a, unsigned b)
{
    static const uint8_t pairs[][2] = {{Q(NO_RESET), Q(NEEDS_RESET)},
                                       {Q(NO_RESET), Q(RESET_PAUSE)},
                                       {Q(DFU_MODE), Q(NOT_DFU)},
                                       {Q(MAP_FROM_SERIAL), Q(NOT_DFU)}};
    for (size_t n = 0; n < sizeof pairs / sizeof pairs[0]; n++) {
        if ((a == pairs[n][0] && b == pairs[n][1]) || (a == pairs[n][1] && b == pairs[n][0]))
            return true;
    }
    return a == b; /* the same twice: which value counts? */
}

static void rows_are_sound_and_do_not_contradict(void **state)
{
    const dfukit_quirk *a, *b;
    (void)state;
    for (size_t n = 0; (a = dfukit_quirk_at(n)) != NULL; n++) {
        printf("row %zu: %04x:%04x\n", n, a->idVendor, a->pid_first);
        assert_true(a->pid_first <= a->pid_last);
        assert_true(a->bcdDevice <= DFUKIT_QUIRK_ANY);
        assert_in_range(a->effect, 0, Q(EFFECT_COUNT) - 1);
        assert_true(strlen(a->product) > 2 && strlen(a->source) > 4);
        for (size_t m = n + 1; (b = dfukit_quirk_at(m)) != NULL; m++) {
            if (overlap(a, b) && contradict(a->effect, b->effect))
                fail_msg("rows %zu and %zu contradict each other", n, m);
        }
    }
    assert_null(dfukit_quirk_at(SIZE_MAX));
}

static void effects_have_names_of_their_own(void **state)
{
    (void)state;
    for (unsigned a = 0; a < Q(EFFECT_COUNT); a++) {
        assert_non_null(dfukit_quirk_effect_name(a));
        for (unsigned b = 0; b < a; b++)
            assert_string_not_equal(dfukit_quirk_effect_name(a), dfukit_quirk_effect_name(b));
    }
    assert_string_equal(dfukit_quirk_effect_name(Q(POLL)), "poll");
    assert_string_equal(dfukit_quirk_effect_name(Q(EFFECT_COUNT)), "unknown");
}

/* ---- Typed from what is documented ---- */

#define ST_ROM                                                                                     \
    (BIT(ERASE_STALLS) | BIT(MASS_ERASE) | BIT(MAP_TYPE_E) | BIT(BUSY_WEDGE) |                     \
     BIT(STRICT_CLRSTATUS) | BIT(TRANSFER_MS) | BIT(NONE))
#define CAMERA (BIT(DETACH_TO_LEAVE) | BIT(NO_UPLOAD))
#define JABRA  (BIT(SAME_IDS) | BIT(NO_UPLOAD) | BIT(RESET_PAUSE))
#define POLY   (BIT(NO_RESET) | BIT(RETURN))

/* clang-format off */
static const struct {
    uint16_t vendor, product, revision;
    uint32_t effects;
} products[] = {
    /* Openmoko GTA01 and GTA02, both vendor IDs */
    {0x1d50, 0x5116, 0, 0}, {0x1d50, 0x5117, 0, BIT(POLL)}, {0x1d50, 0x5118, 0, BIT(POLL)},
    {0x1d50, 0x5119, 0, BIT(POLL) | BIT(SAME_IDS)}, {0x1d50, 0x5126, 0, BIT(POLL)}, {0x1d50, 0x5127, 0, 0},
    {0x1457, 0x5116, 0, 0}, {0x1457, 0x5117, 0, BIT(POLL)}, {0x1457, 0x5119, 0, BIT(POLL)},
    {0x1457, 0x5126, 0, BIT(POLL)}, {0x1457, 0x5127, 0, 0},
    /* OpenPCD, SIMtrace, OpenPICC */
    {0x16c0, 0x076b, 0, BIT(POLL)}, {0x16c0, 0x0762, 0, BIT(POLL)}, {0x16c0, 0x076c, 0, BIT(POLL)},
    {0x16c0, 0x0763, 0, 0}, {0x16c0, 0x076d, 0, 0}, {0x16c0, 0x05dc, 0, 0},
    /* Siemens PXM40/50: revision 0 only */
    {0x0908, 0x02c4, 0, BIT(POLL)}, {0x0908, 0x02c5, 0, BIT(POLL)}, {0x0908, 0x02c4, 1, 0}, {0x0908, 0x02c6, 0, 0},
    {0x0763, 0x2806, 0, BIT(POLL) | BIT(MANIFEST_POLL)},
    /* LeafLabs Maple: the version is wrong in revision 2.00 */
    {0x1eaf, 0x0003, 0x0200, BIT(VERSION) | BIT(NEEDS_RESET)}, {0x1eaf, 0x0003, 0x0201, BIT(NEEDS_RESET)},
    {0x1eaf, 0x0004, 0x0200, 0},
    {0x28e9, 0x0189, 0x1000, BIT(DFU_MODE) | BIT(TEXT_8BIT) | BIT(MAP_FROM_SERIAL) | BIT(LEAVE_MUTE)},
    {0x28e9, 0x018a, 0x1000, 0},
    {0x1fc9, 0x000c, 0, BIT(DFU_MODE) | BIT(LEAVE_MUTE) | BIT(ENCRYPTED)}, {0x1fc9, 0x0018, 0, 0},
    {0x0471, 0xdf55, 1, BIT(ENCRYPTED)}, {0x1fc9, 0x0009, 0, 0},
    {0x0483, 0xdf11, 0x2200, ST_ROM}, {0x0483, 0xdf11, 0x0200, ST_ROM}, {0x0483, 0xdf10, 0x2200, 0},
    {0x1d50, 0x6017, 0x0100, BIT(ZERO_POLLS)}, {0x1d50, 0x6018, 0x0100, 0},
    {0x1d50, 0x60a7, 0, BIT(NONE)},
    {0x273f, 0x1003, 0, BIT(UPLOAD_BEFORE_LEAVE)}, {0x273f, 0x100a, 0, BIT(UPLOAD_BEFORE_LEAVE)},
    {0x273f, 0x1008, 0, BIT(UPLOAD_BEFORE_LEAVE)}, {0x273f, 0x1009, 0, 0},
    {0x0b0e, 0x0411, 0, JABRA}, {0x0b0e, 0x0421, 0, JABRA}, {0x0b0e, 0x0982, 0, JABRA}, {0x0b0e, 0x0971, 0, JABRA},
    {0x0b0e, 0x0412, 0, 0},
    {0x2886, 0x0019, 0, BIT(DETACH_TO_LEAVE) | BIT(TRANSFER_MS)}, {0x2886, 0x0018, 0, 0},
    {0x0bda, 0x5850, 0, CAMERA}, {0x0bda, 0x5855, 0, CAMERA}, {0x0bda, 0x58fe, 0, CAMERA}, {0x0bda, 0x5800, 0, CAMERA},
    {0x0bda, 0x5517, 0, 0},
    {0x34ad, 0x0006, 0, CAMERA}, {0x2574, 0x0a30, 0, CAMERA}, {0x25b5, 0x0004, 0, CAMERA},
    {0x1bcf, 0x0b1d, 0, CAMERA}, {0x1bcf, 0x0b1e, 0, CAMERA}, {0x1bcf, 0x0b1f, 0, 0},
    {0x0c45, 0x636b, 0, 0}, {0x0c45, 0x636c, 0, CAMERA}, {0x0c45, 0x636f, 0, CAMERA}, {0x0c45, 0x6370, 0, 0},
    {0x0c45, 0x6373, 0, CAMERA}, {0x0c45, 0x6374, 0, CAMERA}, {0x0c45, 0x6375, 0, 0},
    {0x095d, 0x9217, 0, POLY}, {0x095d, 0x9218, 0, POLY}, {0x095d, 0x9212, 0, POLY}, {0x095d, 0x9213, 0, POLY},
    {0x095d, 0x9290, 0, POLY}, {0x095d, 0x9291, 0, POLY}, {0x095d, 0x9160, 0, POLY}, {0x095d, 0x927b, 0, POLY},
    {0x095d, 0x3001, 0, POLY}, {0x095d, 0x3002, 0, POLY}, {0x095d, 0x92b2, 0, POLY}, {0x095d, 0x92b3, 0, POLY},
    {0x095d, 0x92b4, 0, POLY}, {0x095d, 0x9296, 0, POLY}, {0x095d, 0x9297, 0, POLY}, {0x095d, 0x92a1, 0, POLY},
    {0x095d, 0x92a2, 0, POLY}, {0x095d, 0x9298, 0, POLY}, {0x095d, 0x9299, 0, POLY}, {0x095d, 0x92c6, 0, POLY},
    {0x095d, 0x92c7, 0, POLY}, {0x095d, 0x92a3, 0, 0}, {0x095d, 0x9214, 0, 0},
    {0x10a5, 0xffe0, 0, BIT(NOT_DFU)}, {0x10a5, 0xffe1, 0, BIT(NOT_DFU)}, {0x10a5, 0x9800, 0, BIT(NOT_DFU)},
    {0x10a5, 0xd805, 0, BIT(NOT_DFU)}, {0x10a5, 0xffe2, 0, 0},
    {0x03eb, 0x2fee, 0, BIT(NOT_DFU)}, {0x03eb, 0x2ff4, 0, BIT(NOT_DFU)}, {0x03eb, 0x2ffb, 0, BIT(NOT_DFU)},
    {0x03eb, 0x2fe2, 0, BIT(NOT_DFU)}, {0x03eb, 0x2feb, 0, BIT(NOT_DFU)}, {0x03eb, 0x2fed, 0, 0},
    {0x1209, 0x0001, 0, 0}, {0x0000, 0x0000, 0, 0}, {0xffff, 0xffff, 0xffff, 0},
};
/* clang-format on */

static void products_have_the_effects_documented(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof products / sizeof products[0]; n++) {
        ids device = {products[n].vendor, products[n].product, products[n].revision};
        dfukit_target t = inspect(device, 2, 0x0110, 1);
        printf("%04x:%04x %04x\n", device.vendor, device.product, device.revision);
        assert_int_equal(t.quirks, products[n].effects);
        for (unsigned e = 0; e < Q(EFFECT_COUNT); e++)
            assert_int_equal(dfukit_target_quirk(&t, e, NULL), products[n].effects >> e & 1);
        assert_false(dfukit_target_quirk(&t, Q(EFFECT_COUNT), NULL));
    }
}

/* A row that no product above stands for would be checked against itself only. */
static void every_row_was_typed_again(void **state)
{
    const dfukit_quirk *q;
    (void)state;
    for (size_t n = 0; (q = dfukit_quirk_at(n)) != NULL; n++) {
        size_t found = q->pid_first == 0 && q->pid_last == 0xFFFF; /* a vendor: below */
        for (size_t m = 0; m < sizeof products / sizeof products[0]; m++) {
            found += products[m].vendor == q->idVendor && products[m].product == q->pid_first &&
                     (products[m].effects >> q->effect & 1) != 0;
        }
        if (found == 0)
            fail_msg("row %zu: %04x:%04x", n, q->idVendor, q->pid_first);
    }
}

static uint32_t value_of(uint16_t vendor, uint16_t product, dfukit_quirk_effect effect)
{
    dfukit_target t = inspect((ids){vendor, product, 0x0200}, 2, 0x0110, 1);
    uint32_t value = 0;
    assert_true(dfukit_target_quirk(&t, effect, &value));
    return value;
}

static void values_are_those_documented(void **state)
{
    (void)state;
    assert_int_equal(value_of(0x1d50, 0x5119, Q(POLL)), 5);
    assert_int_equal(value_of(0x16c0, 0x0762, Q(POLL)), 5);
    assert_int_equal(value_of(0x1eaf, 0x0003, Q(VERSION)), 0x0110);
    assert_int_equal(value_of(0x0483, 0xdf11, Q(ERASE_STALLS)), 3);
    assert_int_equal(value_of(0x0483, 0xdf11, Q(MASS_ERASE)), 35000);
    assert_int_equal(value_of(0x0483, 0xdf11, Q(TRANSFER_MS)), 5000);
    assert_int_equal(value_of(0x1d50, 0x6017, Q(ZERO_POLLS)), 100);
    assert_int_equal(value_of(0x0b0e, 0x0971, Q(RESET_PAUSE)), 10000);
    assert_int_equal(value_of(0x095d, 0x92b3, Q(RETURN)), 180000);
    assert_int_equal(value_of(0x0763, 0x2806, Q(MANIFEST_POLL)), 1000);
}

/* ---- Effects that depend on what was read ---- */

static void protocol_1_in_dfu_mode_is_noted(void **state)
{
    dfukit_target t = inspect((ids){0x1fc9, 0x000c, 0}, 1, 0x0100, 1);
    (void)state;
    assert_int_equal(t.mode, DFUKIT_MODE_DFU);
    assert_true((t.oddities & DFUKIT_ODD_PROTOCOL) != 0);
    t = inspect((ids){0x1fc9, 0x000c, 0}, 2, 0x0110, 1);
    assert_int_equal(t.oddities, 0);
}

static void a_lone_jabra_with_protocol_0_is_in_dfu_mode(void **state)
{
    const ids jabra = {0x0b0e, 0x2475, 0x0100};
    dfukit_target t = inspect(jabra, 0, 0x0110, 1);
    (void)state;
    assert_int_equal(t.mode, DFUKIT_MODE_DFU);
    t = inspect(jabra, 0, 0x0110, 4);
    assert_int_equal(t.mode, DFUKIT_MODE_UNKNOWN);
    assert_false(dfukit_target_quirk(&t, Q(DFU_MODE), NULL));
    t = inspect(jabra, 1, 0x0110, 1);
    assert_int_equal(t.mode, DFUKIT_MODE_RUNTIME);
    t = inspect((ids){0x0b0f, 0x2475, 0x0100}, 0, 0x0110, 1);
    assert_int_equal(t.mode, DFUKIT_MODE_UNKNOWN);
}

static void what_is_no_dfu_device_is_a_bystander_in_any_mode(void **state)
{
    (void)state;
    for (uint8_t protocol = 0; protocol <= 2; protocol++) {
        dfukit_target t = inspect((ids){0x10a5, 0xffe0, 0}, protocol, 0x0110, 1);
        dfukit_selector any = {0};
        size_t index = 9;
        assert_true(dfukit_target_is_bystander(&t));
        assert_int_equal(dfukit_select(&t, 1, &any, &index), DFUKIT_ERR_NO_DEVICE);
    }
}

static void a_target_filled_in_by_hand(void **state)
{
    dfukit_target t;
    (void)state;
    memset(&t, 0, sizeof t);
    t.device.idVendor = 0x1eaf;
    t.device.idProduct = 0x0003;
    t.device.bcdDevice = 0x0200;
    t.functional.bcdDFUVersion = 0x0100;
    assert_false(dfukit_target_quirk(&t, Q(VERSION), NULL));
    t.quirks = UINT32_MAX; /* applying starts anew */
    dfukit_target_apply_quirks(&t);
    assert_int_equal(t.quirks, BIT(VERSION) | BIT(NEEDS_RESET));
    assert_int_equal(t.functional.bcdDFUVersion, 0x0110);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_shows_its_effect),
        cmocka_unit_test(rows_are_sound_and_do_not_contradict),
        cmocka_unit_test(effects_have_names_of_their_own),
        cmocka_unit_test(products_have_the_effects_documented),
        cmocka_unit_test(every_row_was_typed_again),
        cmocka_unit_test(values_are_those_documented),
        cmocka_unit_test(protocol_1_in_dfu_mode_is_noted),
        cmocka_unit_test(a_lone_jabra_with_protocol_0_is_in_dfu_mode),
        cmocka_unit_test(what_is_no_dfu_device_is_a_bystander_in_any_mode),
        cmocka_unit_test(a_target_filled_in_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
