/* SPDX-License-Identifier: MIT */
/*
 * Real files cut off, with one byte changed, and read with memory running out at every allocation.
 * Run under sanitizers these prove that no such file is read beyond its end; the assertions prove
 * that no damage a format can notice passes unnoticed.
 */
#include "support.h"

#define TOMU "/usr/lib/firmware-tomu/"

typedef struct subject {
    const char *package, *path;
    bool need_suffix;
    bool notices_cuts;    /* a cut file is refused, or nothing that counts was cut off */
    bool notices_changes; /* as above, for any one byte changed */
    size_t cuts;          /* how many places to cut at */
    size_t changes;       /* how many bytes to change, one at a time */
} subject;

// clang-format off
static const subject subjects[] = {
    {"firmware-tomu", TOMU "toboot.bin",         false, false, false, 500,  200},
    {"firmware-tomu", TOMU "toboot.ihex",        false, true,  true,  2000, 2000},
    {"firmware-tomu", TOMU "toboot.elf",         false, true,  false, 2000, 1000},
    {"firmware-tomu", TOMU "toboot-booster.dfu", true,  true,  true,  500,  500},
    {"firmware-microbit-micropython", "/usr/share/firmware-microbit-micropython/firmware.hex",
                                                 false, true,  true,  40,   40},
};
// clang-format on

/* Parse; the image is well formed and freed, or the fault is inside the file.
 * @return Whether the file was accepted with other contents than `whole`. */
static bool differs(const subject *s, const file *f, const dfukit_image *whole)
{
    heap h = {0};
    dfukit_allocator allocator = heap_allocator(&h);
    dfukit_image_options options = {.need_suffix = s->need_suffix};
    dfukit_image image = {0};
    dfukit_image_fault fault = {0};
    bool different = false;

    int error = dfukit_image_parse(&image, f->bytes, f->n, &options, &allocator, &fault);
    if (error == DFUKIT_OK) {
        CHECK(s->path, well_formed(&image));
        different = !same_images(&image, whole);
    } else {
        CHECK(s->path, error == DFUKIT_ERR_DAMAGED || error == DFUKIT_ERR_EMPTY);
        CHECK(s->path, fault.what != NULL && fault.offset <= f->n);
    }
    dfukit_image_free(&image);
    CHECK(s->path, h.live == 0);
    return different;
}

static void cut(const subject *s, const file *f, const dfukit_image *whole)
{
    size_t step = f->n / s->cuts + 1;

    /* Everywhere near both ends, at intervals between. */
    for (size_t n = 0; n < f->n; n += n < 200 || f->n - n < 200 ? 1 : step) {
        file part = file_copy(f->bytes, n);
        bool different = differs(s, &part, whole);

        /* One byte of a HEX, a colon, says nothing yet; nor do three of an ELF. */
        if (different && s->notices_cuts && n > 3)
            fail_msg("%s cut off after %zu bytes was accepted", s->path, n);
        free(part.bytes);
    }
}

static void change(const subject *s, const file *f, const dfukit_image *whole)
{
    static const uint8_t masks[] = {0x01, 0x20, 0x80, 0xFF};
    file copy = file_copy(f->bytes, f->n);
    size_t step = f->n / s->changes + 1;

    for (size_t at = 0; at < f->n; at += at < 100 || f->n - at < 100 ? 1 : step) {
        for (size_t m = 0; m < COUNT(masks); m++) {
            copy.bytes[at] = f->bytes[at] ^ masks[m];
            if (differs(s, &copy, whole) && s->notices_changes)
                fail_msg("%s with byte %zu changed by %02X was accepted", s->path, at, masks[m]);
        }
        copy.bytes[at] = f->bytes[at];
    }
    free(copy.bytes);
}

static void run_out_of_memory(const subject *s, const file *f, const dfukit_image *whole)
{
    dfukit_image_options options = {.need_suffix = s->need_suffix};
    bool finished = false;

    for (size_t fail_at = 1; !finished; fail_at++) {
        heap h = {.fail_at = fail_at};
        dfukit_allocator allocator = heap_allocator(&h);
        dfukit_image image = {0};
        dfukit_image_fault fault = {0};

        int error = dfukit_image_parse(&image, f->bytes, f->n, &options, &allocator, &fault);
        finished = h.calls < fail_at;
        if (finished) {
            CHECK(s->path, error == DFUKIT_OK && same_images(&image, whole));
            CHECK(s->path, fail_at > 2); /* pieces and segments at least */
        } else {
            CHECK(s->path, error == DFUKIT_ERR_NOMEM && image.segments == NULL);
            CHECK(s->path, fault.what != NULL && strcmp(fault.what, "out of memory") == 0);
        }
        dfukit_image_free(&image);
        CHECK(s->path, h.live == 0);
    }
}

static void each(void (*what)(const subject *s, const file *f, const dfukit_image *whole),
                 size_t subject_index)
{
    const subject *s = &subjects[subject_index];
    heap h = {0};
    dfukit_allocator allocator = heap_allocator(&h);
    dfukit_image_options options = {.need_suffix = s->need_suffix};
    dfukit_image whole;
    file f = file_of_package(s->package, s->path);

    CHECK(s->path,
          dfukit_image_parse(&whole, f.bytes, f.n, &options, &allocator, NULL) == DFUKIT_OK);
    what(s, &f, &whole);
    dfukit_image_free(&whole);
    free(f.bytes);
}

static void a_cut_file(void **state)
{
    each(cut, *(const size_t *)*state);
}
static void a_changed_byte(void **state)
{
    each(change, *(const size_t *)*state);
}
static void no_memory(void **state)
{
    each(run_out_of_memory, *(const size_t *)*state);
}

/* Records in reverse order: the path that sorts and gathers, with allocations of its own. */
static void no_memory_for_scattered_records(void **state)
{
    static const char text[] = ":020002000304F5\n:020000000102FB\n:0110000005EA\n:00000001FF\n";
    static const subject s = {.path = "scattered records"};
    heap h = {0};
    dfukit_allocator allocator = heap_allocator(&h);
    dfukit_image whole;
    file f = file_copy(text, sizeof(text) - 1);

    (void)state;
    assert_int_equal(dfukit_image_parse(&whole, f.bytes, f.n, NULL, &allocator, NULL), DFUKIT_OK);
    assert_int_equal(h.calls, 4);
    assert_int_equal(whole.count, 2);
    run_out_of_memory(&s, &f, &whole);
    dfukit_image_free(&whole);
    free(f.bytes);
}

/* Bytes that only look like a format: noise behind each format's first bytes. */
static void noise(void **state)
{
    static const struct {
        const char *bytes;
        size_t n;
    } starts[] = {{"", 0}, {":10000000", 9}, {"\177ELF\1\1\1", 7}, {"\177ELF\2\2\1", 7}};
    uint32_t seed = 0xD0F0D0F1u;

    (void)state;
    for (unsigned round = 0; round < 20000; round++) {
        uint8_t bytes[160];
        size_t n = next_random(&seed) % sizeof(bytes);
        size_t start = round % COUNT(starts);
        heap h = {0};
        dfukit_allocator allocator = heap_allocator(&h);
        dfukit_image image = {0};

        for (size_t i = 0; i < sizeof(bytes); i++)
            bytes[i] = (uint8_t)(next_random(&seed) >> 8 & (round % 3 == 0 ? 0xFF : 0x03));
        memcpy(bytes, starts[start].bytes, starts[start].n);
        file f = file_copy(bytes, n);
        if (dfukit_image_parse(&image, f.bytes, f.n, NULL, &allocator, NULL) == DFUKIT_OK)
            assert_true(well_formed(&image));
        dfukit_image_free(&image);
        assert_int_equal(h.live, 0);
        free(f.bytes);
    }
}

int main(void)
{
    static size_t indices[COUNT(subjects)];
    static char names[COUNT(subjects) * 3][128];
    static const struct {
        const char *name;
        void (*run)(void **state);
    } trials[] = {{"cut", a_cut_file}, {"changed", a_changed_byte}, {"no memory", no_memory}};
    struct CMUnitTest tests[COUNT(names) + 2] = {
        cmocka_unit_test(no_memory_for_scattered_records),
        cmocka_unit_test(noise),
    };

    for (size_t s = 0; s < COUNT(subjects); s++) {
        indices[s] = s;
        for (size_t t = 0; t < COUNT(trials); t++) {
            size_t i = s * COUNT(trials) + t;
            snprintf(names[i], sizeof(names[i]), "%s: %s", trials[t].name, subjects[s].path);
            tests[2 + i] = (struct CMUnitTest){names[i], trials[t].run, NULL, NULL, &indices[s]};
        }
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
