/* SPDX-License-Identifier: MIT */
/* Streams: gaps, ranges, and every run of bytes against a flat memory. */
#include "support.h"

static uint8_t plenty[4096]; /* bytes of the segments below */

typedef struct row {
    const char *name;
    struct {
        uint64_t address;
        uint32_t size;
    } segments[3];
    dfukit_range range;
    int error;
    uint64_t base;   /* on success */
    uint32_t length; /* on success */
    size_t far;      /* on DFUKIT_ERR_TOO_LARGE */
} row;

#define ALL                                                                                        \
    {                                                                                              \
        0, UINT64_C(1) << 32                                                                       \
    }
#define OK(base, n) DFUKIT_OK, base, n, 0
#define TOO_FAR(at) DFUKIT_ERR_TOO_LARGE, 0, 0, at
#define NOTHING     DFUKIT_ERR_EMPTY, 0, 0, 0
#define TOP         UINT64_C(0xFFFFFFFF)

// clang-format off
static const row rows[] = {
    {"one segment",             {{0x100, 16}},                        ALL, OK(0x100, 16)},
    {"gap of one",              {{0x100, 16}, {0x111, 4}},            ALL, OK(0x100, 21)},
    {"largest gap",             {{0, 16}, {16 + 65536, 4}},           ALL, OK(0, 65556)},
    {"gap too large",           {{0, 16}, {17 + 65536, 4}},           ALL, TOO_FAR(1)},
    {"second gap too large",    {{0, 16}, {32, 4}, {0x20000, 4}},     ALL, TOO_FAR(2)},
    {"two gaps of the largest", {{0, 1}, {65537, 1}, {131074, 1}},    ALL, OK(0, 131075)},
    {"far part out of range",   {{0, 16}, {0x10000000, 4}},           {0, 0x80000}, OK(0, 16)},
    {"near part out of range",
     {{0, 16}, {0x10000000, 4}}, {16, 1 + TOP}, OK(0x10000000, 4)},
    {"far index is the image's", {{0, 16}, {0x100, 4}, {0x20000, 4}}, {0x20, 1 + TOP}, TOO_FAR(2)},
    {"range inside a segment",  {{0x100, 16}},                        {0x104, 0x108}, OK(0x104, 4)},
    {"range cuts both ends",
     {{0x100, 16}, {0x120, 16}}, {0x10F, 0x121}, OK(0x10F, 0x12)},
    {"range ends in a gap",     {{0x100, 16}, {0x120, 16}},           {0, 0x118}, OK(0x100, 16)},
    {"range starts in a gap",
     {{0x100, 16}, {0x120, 16}}, {0x118, 0x200}, OK(0x120, 16)},
    {"range inside a gap",      {{0x100, 16}, {0x120, 16}},           {0x110, 0x120}, NOTHING},
    {"range before",            {{0x100, 16}},                        {0, 0x100}, NOTHING},
    {"range behind",            {{0x100, 16}},                        {0x110, 0x200}, NOTHING},
    {"range of nothing",        {{0x100, 16}},                        {0x104, 0x104}, NOTHING},
    {"range turned round",      {{0x100, 16}},                        {0x108, 0x104}, NOTHING},
    {"last address",            {{TOP, 1}},                           ALL, OK(TOP, 1)},
    {"last address excluded",   {{TOP - 1, 2}},                       {0, TOP}, OK(TOP - 1, 1)},
    {"no segments",             {{0, 0}},                             ALL, NOTHING},
};
// clang-format on

static void layouts(void **state)
{
    (void)state;
    for (size_t r = 0; r < COUNT(rows); r++) {
        dfukit_segment segments[3];
        dfukit_image image = {.segments = segments};
        dfukit_stream stream = {0};
        size_t far = 99;

        for (; image.count < 3 && rows[r].segments[image.count].size != 0; image.count++) {
            segments[image.count] = (dfukit_segment){rows[r].segments[image.count].address,
                                                     rows[r].segments[image.count].size, plenty, 0};
        }
        CHECK(rows[r].name,
              dfukit_stream_init(&stream, &image, rows[r].range, &far) == rows[r].error);
        CHECK(rows[r].name,
              dfukit_stream_init(&stream, &image, rows[r].range, NULL) == rows[r].error);
        if (rows[r].error == DFUKIT_OK) {
            CHECK(rows[r].name, stream.image == &image);
            CHECK(rows[r].name, stream.base == rows[r].base);
            CHECK(rows[r].name, stream.length == rows[r].length);
        }
        CHECK(rows[r].name, far == (rows[r].error == DFUKIT_ERR_TOO_LARGE ? rows[r].far : 99));
    }
}

/* Bytes so scattered that every gap may be filled but all together are 2^32 bytes. */
static void a_stream_longer_than_its_length_can_say_is_refused(void **state)
{
    size_t count = 65536;
    dfukit_segment *segments = calloc(count, sizeof(*segments));
    dfukit_image image = {.segments = segments, .count = count};
    dfukit_stream stream;
    size_t far = 0;

    (void)state;
    assert_non_null(segments);
    for (size_t i = 0; i < count; i++)
        segments[i] = (dfukit_segment){(uint64_t)i * (DFUKIT_GAP_LIMIT + 1), 1, plenty, 0};
    assert_true(segments[count - 1].address == TOP);
    assert_int_equal(dfukit_stream_init(&stream, &image, DFUKIT_RANGE_ALL, &far),
                     DFUKIT_ERR_TOO_LARGE);
    assert_int_equal(far, count - 1);
    segments[count - 1].address = TOP - 1;
    assert_int_equal(dfukit_stream_init(&stream, &image, DFUKIT_RANGE_ALL, NULL), DFUKIT_OK);
    assert_int_equal(stream.length, TOP);
    free(segments);
}

/* Every run of every offset, in a layout with gaps, for several ranges. */
static void every_run_equals_the_memory(void **state)
{
    enum { FIRST = 0x1000, SPAN = 96 };
    static const dfukit_range ranges[] = {
        {0, UINT64_C(1) << 32}, {FIRST + 3, FIRST + 90}, {FIRST + 12, FIRST + 41}};
    dfukit_segment segments[] = {
        {FIRST, 10, plenty + 100, 0},      {FIRST + 11, 1, plenty + 200, 0},
        {FIRST + 13, 20, plenty + 300, 0}, {FIRST + 40, 30, plenty + 400, 0},
        {FIRST + 95, 1, plenty + 500, 0},
    };
    dfukit_image image = {.segments = segments, .count = COUNT(segments)};
    uint8_t memory[SPAN];
    size_t pointers = 0;

    (void)state;
    memset(memory, 0xFF, sizeof(memory));
    for (size_t i = 0; i < image.count; i++)
        memcpy(memory + (segments[i].address - FIRST), segments[i].data, segments[i].size);
    for (size_t r = 0; r < COUNT(ranges); r++) {
        dfukit_stream stream;
        assert_int_equal(dfukit_stream_init(&stream, &image, ranges[r], NULL), DFUKIT_OK);
        for (uint32_t offset = 0; offset < stream.length; offset++) {
            for (uint32_t n = 1; n <= stream.length - offset; n++) {
                uint8_t *scratch = malloc(n);
                assert_non_null(scratch);
                const uint8_t *got = dfukit_stream_bytes(&stream, offset, n, scratch);
                assert_memory_equal(got, memory + (stream.base - FIRST) + offset, n);
                bool inside = false;
                for (size_t i = 0; i < image.count; i++) {
                    inside = inside ||
                             (stream.base + offset >= segments[i].address &&
                              stream.base + offset + n <= segments[i].address + segments[i].size);
                }
                assert_true((got != scratch) == inside);
                pointers += inside;
                free(scratch);
            }
        }
    }
    assert_true(pointers > 500);
}

/* Two memories are no stream, not even when a range names one of them. */
static void alternate_settings(void **state)
{
    dfukit_segment segments[] = {
        {0x8000, 16, plenty, 0}, {0x9000, 16, plenty, 0}, {0x100, 16, plenty, 1}};
    dfukit_image image = {.addressed = true, .count = 3, .segments = segments};
    static const dfukit_range ranges[] = {{0, 0x10000}, {0, 0x200}, {0x8000, 0x10000}};
    dfukit_stream stream;

    (void)state;
    for (size_t i = 0; i < COUNT(ranges); i++) {
        size_t far = 99;
        assert_int_equal(dfukit_stream_init(&stream, &image, ranges[i], &far),
                         DFUKIT_ERR_TOO_LARGE);
        assert_int_equal(far, 2);
    }
    image.count = 2;
    assert_int_equal(dfukit_stream_init(&stream, &image, ranges[0], NULL), DFUKIT_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layouts),
        cmocka_unit_test(a_stream_longer_than_its_length_can_say_is_refused),
        cmocka_unit_test(every_run_equals_the_memory),
        cmocka_unit_test(alternate_settings),
    };

    for (size_t i = 0; i < sizeof(plenty); i++)
        plenty[i] = (uint8_t)(i % 251);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
