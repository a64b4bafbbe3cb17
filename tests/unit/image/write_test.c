/* SPDX-License-Identifier: MIT */
/*
 * Writers: exact files, random images written and read again, files of every format cut at every
 * byte, read with memory running out, and written to a sink that fails at every call.
 */
#include "support.h"

typedef struct sink {
    file file;
    size_t room;
    size_t calls, fail_at; /* the call that fails, counted from 1; 0: none */
} sink;

static int take(void *self, const uint8_t *bytes, size_t n)
{
    sink *s = self;

    if (++s->calls == s->fail_at)
        return DFUKIT_ERR_OUTPUT;
    if (s->file.n + n > s->room) {
        s->room = (s->file.n + n) * 2;
        s->file.bytes = realloc(s->file.bytes, s->room);
        assert_non_null(s->file.bytes);
    }
    memcpy(s->file.bytes + s->file.n, bytes, n);
    s->file.n += n;
    return DFUKIT_OK;
}

static file written(const dfukit_image *image, dfukit_format format, const dfukit_suffix *suffix)
{
    sink s = {.calls = 0};
    int error = dfukit_image_write(image, format, suffix, take, &s);

    if (error != DFUKIT_OK)
        fail_msg("%s: error %d", dfukit_format_name(format), error);
    return s.file;
}

/* ---- Exact files ---- */

static const uint8_t bytes20[20] = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
                                    11, 12, 13, 14, 15, 16, 17, 18, 19, 20};

static void exact_lines(void **state)
{
    dfukit_segment segments[] = {{0xFFFC, 6, bytes20, 0}, {0x08000000, 20, bytes20, 0}};
    dfukit_image image = {.addressed = true,
                          .count = 2,
                          .segments = segments,
                          .has_entry = true,
                          .entry = 0x08000001};
    static const char hex[] = ":04FFFC0001020304F7\n"
                              ":020000040001F9\n"
                              ":020000000506F3\n"
                              ":020000040800F2\n"
                              ":100000000102030405060708090A0B0C0D0E0F1068\n"
                              ":0400100011121314A2\n"
                              ":0400000508000001EE\n"
                              ":00000001FF\n";
    static const char s3[] = "S0030000FC\n"
                             "S3090000FFFC01020304F1\n"
                             "S307000100000506EC\n"
                             "S315080000000102030405060708090A0B0C0D0E0F105A\n"
                             "S309080000101112131494\n"
                             "S5030004F8\n"
                             "S70508000001F1\n";
    file f = written(&image, DFUKIT_FORMAT_IHEX, NULL);

    (void)state;
    assert_int_equal(f.n, sizeof hex - 1);
    assert_memory_equal(f.bytes, hex, f.n);
    free(f.bytes);
    f = written(&image, DFUKIT_FORMAT_SREC, NULL);
    assert_int_equal(f.n, sizeof s3 - 1);
    assert_memory_equal(f.bytes, s3, f.n);
    free(f.bytes);
}

static void exact_elf(void **state)
{
    dfukit_segment segments[] = {{0x100, 3, bytes20, 0}, {0x08000000, 20, bytes20, 0}};
    dfukit_image image = {.addressed = true,
                          .count = 2,
                          .segments = segments,
                          .has_entry = true,
                          .entry = 0x08000001};
    static const uint8_t header[] =
        "\x7F"
        "ELF\1\1\1\0\0\0\0\0\0\0\0\0"   /* 32 bits, little-endian */
        "\2\0\0\0\1\0\0\0\1\0\0\x08"    /* executable, no machine, version, entry */
        "\x34\0\0\0\x74\0\0\0\0\0\0\0"  /* where the headers are */
        "\x34\0\x20\0\2\0\x28\0\4\0\3"; /* their sizes and numbers */
    static const uint8_t programs[] =
        "\1\0\0\0\x2C\1\0\0\0\1\0\0\0\1\0\0\3\0\0\0\3\0\0\0\5\0\0\0\1\0\0\0"
        "\1\0\0\0\x2F\1\0\0\0\0\0\x08\0\0\0\x08\x14\0\0\0\x14\0\0\0\5\0\0\0\1\0\0";
    static const uint8_t last[] = "\x0B\0\0\0\3\0\0\0\0\0\0\0\0\0\0\0\x14\1\0\0\x18\0\0";
    file f = written(&image, DFUKIT_FORMAT_ELF, NULL);

    (void)state;
    assert_int_equal(f.n, 52 + 2 * 32 + 4 * 40 + 24 + 23);
    assert_memory_equal(f.bytes, header, 52);
    assert_memory_equal(f.bytes + 52, programs, 64);
    assert_memory_equal(f.bytes + 236, last, 24); /* the section of names */
    assert_memory_equal(f.bytes + 276, "\0.firmware\0.shstrtab\0\0\0", 24);
    assert_memory_equal(f.bytes + 300, bytes20, 3);
    assert_memory_equal(f.bytes + 303, bytes20, 20);
    free(f.bytes);
}

typedef struct width_row {
    uint64_t address;
    const char *data, *end; /* how the first data record and the last record begin */
} width_row;

/* S1 and S9, S2 and S8, S3 and S7, by the highest address. */
static void narrowest_srec(void **state)
{
    static const width_row rows[] = {
        {0, "S107000001020304", "S9030000FC"},
        {0xFFFC, "S107FFFC01020304", "S9030000FC"},
        {0xFFFD, "S20700FFFD010203", "S804000000FB"},
        {0xFFFFFC, "S208FFFFFC01020304", "S804000000FB"},
        {0xFFFFFD, "S30800FFFFFD010203", "S70500000000FA"},
        {0xFFFFFFFC, "S309FFFFFFFC01020304", "S70500000000FA"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        dfukit_segment segment = {rows[i].address, 4, bytes20, 0};
        dfukit_image image = {.addressed = true, .count = 1, .segments = &segment};
        file f = written(&image, DFUKIT_FORMAT_SREC, NULL);
        char *text = calloc(1, f.n + 1);

        assert_non_null(text);
        memcpy(text, f.bytes, f.n);
        assert_memory_equal(text, "S0030000FC\n", 11);
        CHECK(rows[i].data, strncmp(text + 11, rows[i].data, strlen(rows[i].data)) == 0);
        CHECK(rows[i].data, strstr(text, rows[i].end) != NULL);
        CHECK(rows[i].data, strstr(text, "S503000") != NULL);
        free(text);
        free(f.bytes);
    }
}

static void raw_fills_gaps(void **state)
{
    dfukit_segment segments[] = {
        {0x100, 2, bytes20, 0}, {0x105, 3, bytes20, 0}, {0, 1, bytes20, 0}};
    dfukit_image image = {.addressed = true, .count = 2, .segments = segments};
    file f = written(&image, DFUKIT_FORMAT_RAW, NULL);
    sink s = {.calls = 0};

    (void)state;
    assert_int_equal(f.n, 8);
    assert_memory_equal(f.bytes, "\1\2\xFF\xFF\xFF\1\2\3", 8);
    free(f.bytes);
    segments[1].address = 0x102 + DFUKIT_GAP_LIMIT;
    f = written(&image, DFUKIT_FORMAT_RAW, NULL);
    assert_int_equal(f.n, 5 + DFUKIT_GAP_LIMIT);
    free(f.bytes);
    segments[1].address++;
    assert_int_equal(dfukit_image_write(&image, DFUKIT_FORMAT_RAW, NULL, take, &s),
                     DFUKIT_ERR_TOO_LARGE);
    assert_int_equal(s.calls, 0);
}

static void what_cannot_be_written(void **state)
{
    dfukit_segment segments[] = {{0x100, 2, bytes20, 0}, {0x100, 3, bytes20, 1}};
    dfukit_image image = {.addressed = true, .count = 2, .segments = segments};
    dfukit_image empty = {.addressed = true};
    static const struct {
        dfukit_format format;
        int two, one, none;
    } rows[] = {
        {DFUKIT_FORMAT_RAW, DFUKIT_ERR_TOO_LARGE, DFUKIT_OK, DFUKIT_ERR_EMPTY},
        {DFUKIT_FORMAT_IHEX, DFUKIT_ERR_TOO_LARGE, DFUKIT_OK, DFUKIT_ERR_EMPTY},
        {DFUKIT_FORMAT_SREC, DFUKIT_ERR_TOO_LARGE, DFUKIT_OK, DFUKIT_ERR_EMPTY},
        {DFUKIT_FORMAT_UF2, DFUKIT_ERR_TOO_LARGE, DFUKIT_OK, DFUKIT_ERR_EMPTY},
        {DFUKIT_FORMAT_DFUSE, DFUKIT_OK, DFUKIT_OK, DFUKIT_ERR_EMPTY},
        {DFUKIT_FORMAT_ELF, DFUKIT_ERR_TOO_LARGE, DFUKIT_OK, DFUKIT_ERR_EMPTY},
        {DFUKIT_FORMAT_COUNT, DFUKIT_ERR_TOO_LARGE, DFUKIT_ERR_UNSUPPORTED, DFUKIT_ERR_EMPTY},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        sink s = {.calls = 0};
        const char *name = dfukit_format_name(rows[i].format);
        image.count = 2;
        CHECK(name, dfukit_image_write(&image, rows[i].format, NULL, take, &s) == rows[i].two);
        image.count = 1;
        CHECK(name, dfukit_image_write(&image, rows[i].format, NULL, take, &s) == rows[i].one);
        CHECK(name, dfukit_image_write(&empty, rows[i].format, NULL, take, &s) == rows[i].none);
        free(s.file.bytes);
    }
}

static void exact_dfuse(void **state)
{
    dfukit_segment segments[] = {{0x8000000, 2, bytes20, 0}, {0x100, 3, bytes20, 7}};
    dfukit_image_target targets[] = {{7, true, "seven"}, {0, false, ""}};
    dfukit_suffix suffix = {0x0001, 0xDF11, 0x0483, 0x0100, 99, 0};
    dfukit_image image = {
        .addressed = true, .count = 2, .segments = segments, .target_count = 2, .targets = targets};
    file f = written(&image, DFUKIT_FORMAT_DFUSE, &suffix);
    dfukit_suffix read;

    (void)state;
    assert_int_equal(f.n, 11 + 2 * (274 + 8) + 5 + 16);
    assert_memory_equal(f.bytes, "DfuSe\1\x44\x02\0\0\2", 11); /* without the suffix */
    assert_memory_equal(f.bytes + 11, "Target\0\0\0\0\0\0", 12);
    assert_memory_equal(f.bytes + 11 + 266, "\x0A\0\0\0\1\0\0\0\0\0\0\x08\2\0\0\0\1\2", 18);
    assert_memory_equal(f.bytes + 11 + 284, "Target\7\1\0\0\0seven\0", 17);
    assert_int_equal(dfukit_suffix_decode(f.bytes, f.n, &read), 16);
    assert_int_equal(read.bcdDFU, 0x011A);
    assert_int_equal(read.idVendor, 0x0483);
    assert_int_equal(read.idProduct, 0xDF11);
    assert_int_equal(read.bcdDevice, 1);
    free(f.bytes);
}

/* ---- There and back ---- */

static const dfukit_format formats[] = {DFUKIT_FORMAT_IHEX, DFUKIT_FORMAT_SREC, DFUKIT_FORMAT_UF2,
                                        DFUKIT_FORMAT_ELF, DFUKIT_FORMAT_DFUSE};

#define SEGMENTS_MAX 6u
#define PAYLOAD_MAX  3000u

typedef struct sample {
    dfukit_image image;
    dfukit_segment segments[SEGMENTS_MAX];
    dfukit_image_target targets[2];
    uint8_t bytes[PAYLOAD_MAX];
} sample;

/* Segments that neither touch nor share a page of UF2, near places where addresses change. */
static void make(sample *s, dfukit_format format, uint32_t *seed)
{
    static const uint64_t places[] = {0, 0xFF00, 0x08000000, 0x0800FFF0, 0xFFFFF0, 0x90000000};
    bool dfuse = format == DFUKIT_FORMAT_DFUSE;
    size_t used = 0;
    uint64_t at = 0;

    memset(s, 0, sizeof *s);
    s->image.format = format;
    s->image.addressed = true;
    s->image.segments = s->segments;
    size_t count = 1 + next_random(seed) % SEGMENTS_MAX;
    for (size_t i = 0; i < count; i++) {
        uint32_t size = 1 + next_random(seed) % (PAYLOAD_MAX / SEGMENTS_MAX);
        bool jump = next_random(seed) % 3 == 0;
        uint64_t place = places[next_random(seed) % COUNT(places)] + next_random(seed) % 40;
        at = jump && place > at ? place : at + next_random(seed) % 500;
        for (uint32_t j = 0; j < size; j++)
            s->bytes[used + j] = (uint8_t)(next_random(seed) >> 7);
        s->segments[i] = (dfukit_segment){at, size, s->bytes + used, dfuse && i >= 3 ? 5 : 0};
        used += size;
        at += size + 512;
    }
    s->image.count = count;
    s->image.has_entry = !dfuse && format != DFUKIT_FORMAT_UF2 && next_random(seed) % 2 == 0;
    if (s->image.has_entry)
        s->image.entry = 1 + next_random(seed) % 0x7FFFFFFF;
    s->image.has_family = format == DFUKIT_FORMAT_UF2 && next_random(seed) % 2 == 0;
    s->image.family = s->image.has_family ? next_random(seed) : 0;
    s->image.targets = s->targets;
    s->targets[0] = (dfukit_image_target){0, true, "first"};
    s->targets[1] = (dfukit_image_target){5, true, "other"};
    s->image.target_count = dfuse ? 2 : 0;
}

/* UF2 comes back in whole pages: the bytes of the image stand in them, 0xFF around. */
static bool pages_hold(const dfukit_image *pages, const dfukit_image *image)
{
    uint64_t filled = 0;

    for (size_t i = 0; i < pages->count; i++) {
        const dfukit_segment *p = &pages->segments[i];
        if (p->address % 256 != 0 || p->size % 256 != 0)
            return false;
        for (uint32_t j = 0; j < p->size; j++) {
            uint8_t wanted = 0xFF;
            for (size_t k = 0; k < image->count; k++) {
                const dfukit_segment *s = &image->segments[k];
                if (p->address + j >= s->address && p->address + j < s->address + s->size) {
                    wanted = s->data[p->address + j - s->address];
                    filled++;
                }
            }
            if (p->data[j] != wanted)
                return false;
        }
    }
    return filled == dfukit_image_payload(image) && pages->has_family == image->has_family &&
           pages->family == image->family;
}

static void there_and_back(void **state)
{
    uint32_t first = 0x2545F491u;

    (void)state;
    for (unsigned round = 0; round < 400; round++) {
        dfukit_format format = formats[round % COUNT(formats)];
        uint32_t seed = first + round * 7919u;
        heap h = {0};
        dfukit_allocator allocator = heap_allocator(&h);
        dfukit_image image = {0};
        dfukit_image_fault fault = {0};
        sample s;

        make(&s, format, &seed);
        file f = written(&s.image, format, NULL);
        int error = dfukit_image_parse(&image, f.bytes, f.n, NULL, &allocator, &fault);
        bool fine = error == DFUKIT_OK && well_formed(&image);
        if (fine && format == DFUKIT_FORMAT_UF2)
            fine = pages_hold(&image, &s.image);
        else if (fine)
            fine = same_images(&image, &s.image);
        for (size_t i = 0; fine && i < image.target_count; i++)
            fine = strcmp(image.targets[i].name, s.targets[i].name) == 0;
        if (!fine)
            fail_msg("%s, round %u (seed %#x): error %d, %s", dfukit_format_name(format), round,
                     (unsigned)(first + round * 7919u), error,
                     fault.what != NULL ? fault.what : "differs");
        dfukit_image_free(&image);
        assert_int_equal(h.live, 0);
        free(f.bytes);
    }
}

/* ---- Hostile ---- */

static file small(dfukit_format format)
{
    dfukit_segment segments[] = {{0x8000, 20, bytes20, 0}, {0x10000, 7, bytes20, 0}};
    dfukit_image image = {.addressed = true, .count = 2, .segments = segments};

    return written(&image, format, NULL);
}

/* Nothing but the end of the last line may be missing; of S-records the end record, "S9…", as well,
 * behind the count of data records. */
static void cut_at_every_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(formats); i++) {
        file whole = small(formats[i]);
        for (size_t n = 0; n < whole.n; n++) {
            heap h = {0};
            dfukit_allocator allocator = heap_allocator(&h);
            dfukit_image image = {0};
            dfukit_image_fault fault = {0};
            file f = file_copy(whole.bytes, n);
            bool text = formats[i] == DFUKIT_FORMAT_IHEX || formats[i] == DFUKIT_FORMAT_SREC;
            bool counted = formats[i] == DFUKIT_FORMAT_SREC && n + 14 - whole.n <= 1;
            bool complete = text && (n == whole.n - 1 || counted);

            int error = dfukit_image_parse(&image, f.bytes, f.n, NULL, &allocator, &fault);
            /* The first characters say nothing yet. */
            if (n > 4 && (error == DFUKIT_OK) != complete)
                fail_msg("%s cut off after %zu of %zu bytes: %d", dfukit_format_name(formats[i]), n,
                         whole.n, error);
            if (error != DFUKIT_OK)
                assert_true(fault.what != NULL && fault.offset <= n);
            dfukit_image_free(&image);
            assert_int_equal(h.live, 0);
            free(f.bytes);
        }
        free(whole.bytes);
    }
}

/* Every byte set to several values; the CRC of DfuSe is made right again, so that the reader and
 * not the CRC has to notice. */
static void every_byte_changed(void **state)
{
    static const uint8_t values[] = {0x00, 0x01, 0x7F, 0x80, 0xFF, '9', 'S', ':'};

    (void)state;
    for (size_t i = 0; i < COUNT(formats); i++) {
        file whole = small(formats[i]);
        size_t payload = formats[i] == DFUKIT_FORMAT_DFUSE ? whole.n - 16 : whole.n;
        for (size_t at = 0; at < payload; at++) {
            for (size_t v = 0; v < COUNT(values); v++) {
                heap h = {0};
                dfukit_allocator allocator = heap_allocator(&h);
                dfukit_image image = {0};
                file f = file_copy(whole.bytes, whole.n);
                dfukit_suffix suffix = {1, 2, 3, 0x011A, 16, 0};

                f.bytes[at] = values[v];
                if (payload != whole.n)
                    dfukit_suffix_encode(&suffix, dfukit_crc32(DFUKIT_CRC_INIT, f.bytes, payload),
                                         f.bytes + payload);
                if (dfukit_image_parse(&image, f.bytes, f.n, NULL, &allocator, NULL) == DFUKIT_OK)
                    assert_true(well_formed(&image));
                dfukit_image_free(&image);
                assert_int_equal(h.live, 0);
                free(f.bytes);
            }
        }
        free(whole.bytes);
    }
}

static void no_memory(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(formats); i++) {
        file f = small(formats[i]);
        bool finished = false;
        for (size_t fail_at = 1; !finished; fail_at++) {
            heap h = {.fail_at = fail_at};
            dfukit_allocator allocator = heap_allocator(&h);
            dfukit_image image = {0};
            int error = dfukit_image_parse(&image, f.bytes, f.n, NULL, &allocator, NULL);

            finished = h.calls < fail_at;
            CHECK(dfukit_format_name(formats[i]),
                  error == (finished ? DFUKIT_OK : DFUKIT_ERR_NOMEM));
            CHECK(dfukit_format_name(formats[i]),
                  !finished || fail_at > (formats[i] == DFUKIT_FORMAT_ELF ? 2u : 3u));
            dfukit_image_free(&image);
            assert_int_equal(h.live, 0);
        }
        free(f.bytes);
    }
}

static void a_sink_that_fails(void **state)
{
    static const dfukit_format all[] = {DFUKIT_FORMAT_RAW, DFUKIT_FORMAT_IHEX, DFUKIT_FORMAT_SREC,
                                        DFUKIT_FORMAT_UF2, DFUKIT_FORMAT_DFUSE};
    dfukit_segment segments[] = {{0x8000, 20, bytes20, 0}, {0x10000, 7, bytes20, 0}};
    dfukit_image image = {
        .addressed = true, .count = 2, .segments = segments, .has_entry = true, .entry = 0x8001};

    (void)state;
    for (size_t i = 0; i < COUNT(all); i++) {
        bool finished = false;
        for (size_t fail_at = 1; !finished; fail_at++) {
            sink s = {.fail_at = fail_at};
            int error = dfukit_image_write(&image, all[i], NULL, take, &s);
            finished = s.calls < fail_at;
            CHECK(dfukit_format_name(all[i]), error == (finished ? DFUKIT_OK : DFUKIT_ERR_OUTPUT));
            CHECK(dfukit_format_name(all[i]), finished || s.calls == fail_at);
            free(s.file.bytes);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exact_elf),
        cmocka_unit_test(exact_lines),
        cmocka_unit_test(narrowest_srec),
        cmocka_unit_test(raw_fills_gaps),
        cmocka_unit_test(what_cannot_be_written),
        cmocka_unit_test(exact_dfuse),
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(cut_at_every_byte),
        cmocka_unit_test(every_byte_changed),
        cmocka_unit_test(no_memory),
        cmocka_unit_test(a_sink_that_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
