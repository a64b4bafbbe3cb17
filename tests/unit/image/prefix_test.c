/* SPDX-License-Identifier: MIT */
/* The prefixes of two makers, as dfu-prefix 0.11 writes them. */
#include "support.h"

typedef struct row {
    const char *name;
    dfukit_prefix_kind kind;
    uint32_t address;
    size_t n; /* of payload */
    size_t size;
    uint8_t bytes[16];
} row;

// clang-format off
static const row rows[] = {
    {"Stellaris", DFUKIT_PREFIX_STELLARIS, 0x1800, 8, 8, {1, 0, 6, 0, 8, 0, 0, 0}},
    {"Stellaris, high", DFUKIT_PREFIX_STELLARIS, 0x3FFFC00, 0x12345, 8,
     {1, 0, 0xFF, 0xFF, 0x45, 0x23, 1, 0}},
    {"Stellaris at 0", DFUKIT_PREFIX_STELLARIS, 0, 1, 8, {1, 0, 0, 0, 1, 0, 0, 0}},
    {"Stellaris, unaligned", DFUKIT_PREFIX_STELLARIS, 0x1801, 8, 0, {0}},
    {"Stellaris, too high", DFUKIT_PREFIX_STELLARIS, 0x4000000, 8, 0, {0}},
    {"Stellaris, nothing", DFUKIT_PREFIX_STELLARIS, 0x1800, 0, 0, {0}},
    {"LPC, 1 byte", DFUKIT_PREFIX_LPC, 0, 1, 16,
     {0x1A, 0x3F, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF}},
    {"LPC, a block", DFUKIT_PREFIX_LPC, 0, 512, 16,
     {0x1A, 0x3F, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF}},
    {"LPC, 1024 bytes", DFUKIT_PREFIX_LPC, 0, 1024, 16,
     {0x1A, 0x3F, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF}},
    {"LPC, a byte more", DFUKIT_PREFIX_LPC, 0, 1025, 16,
     {0x1A, 0x3F, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF}},
    {"LPC, the most", DFUKIT_PREFIX_LPC, 0, 0xFFFF * 512u, 16,
     {0x1A, 0x3F, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF}},
    {"LPC, more", DFUKIT_PREFIX_LPC, 0, 0xFFFF * 512u + 1, 0, {0}},
    {"LPC, nothing", DFUKIT_PREFIX_LPC, 0, 0, 0, {0}},
    {"none", DFUKIT_PREFIX_NONE, 0, 8, 0, {0}},
};
// clang-format on

static void written_and_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const row *r = &rows[i];
        uint8_t bytes[16] = {0};
        size_t size = 99;
        uint32_t address = 99;

        CHECK(r->name, dfukit_prefix_encode(r->kind, r->address, r->n, bytes) == r->size);
        CHECK(r->name, memcmp(bytes, r->bytes, r->size) == 0);
        if (r->size == 0)
            continue;
        file f = {calloc(1, r->n + r->size), r->n + r->size};
        assert_non_null(f.bytes);
        memcpy(f.bytes, bytes, r->size);
        CHECK(r->name, dfukit_prefix_find(f.bytes, f.n, &size, &address) == r->kind);
        CHECK(r->name, size == r->size && address == r->address);
        CHECK(r->name, dfukit_prefix_find(f.bytes, f.n, NULL, NULL) == r->kind);
        /* Another length than the prefix says: ordinary firmware that begins so. */
        if (r->n % 512 <= 1)
            CHECK(r->name, dfukit_prefix_find(f.bytes, f.n - 2, NULL, NULL) != r->kind ||
                               (r->kind == DFUKIT_PREFIX_LPC && r->n % 512 == 0));
        free(f.bytes);
    }
}

/* Every length of file: nothing behind its end is read, and no beginning is taken for a prefix
 * that no payload follows. */
static void short_files(void **state)
{
    static const uint8_t starts[2][16] = {{1, 0, 6, 0, 0, 0, 0, 0}, {0x1A, 0x3F, 0, 0}};

    (void)state;
    for (size_t i = 0; i < COUNT(starts); i++) {
        for (size_t n = 0; n <= 16; n++) {
            size_t size = 99;
            file f = file_copy(starts[i], n);
            assert_int_equal(dfukit_prefix_find(f.bytes, n, &size, NULL), DFUKIT_PREFIX_NONE);
            assert_int_equal(size, 0);
            free(f.bytes);
        }
    }
}

/* An encrypted and hashed image for an LPC says so in two bits each. */
static void protected_lpc_images(void **state)
{
    uint8_t bytes[16 + 100] = {0xDA, 0xFF, 1, 0};

    (void)state;
    assert_int_equal(dfukit_prefix_find(bytes, sizeof bytes, NULL, NULL), DFUKIT_PREFIX_LPC);
    bytes[0] = 0x1B;
    assert_int_equal(dfukit_prefix_find(bytes, sizeof bytes, NULL, NULL), DFUKIT_PREFIX_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_and_found),
        cmocka_unit_test(short_files),
        cmocka_unit_test(protected_lpc_images),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
