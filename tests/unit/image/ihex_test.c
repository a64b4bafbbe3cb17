/* SPDX-License-Identifier: MIT */
/* Intel HEX: tables of good and bad files, random files against a flat memory, hostile order. */
#include "ihex_table.h"

#include <time.h>

static unsigned hex_byte(const char *digits)
{
    char text[3] = {digits[0], digits[1], 0};

    return (unsigned)strtoul(text, NULL, 16);
}

static void good_files_come_to_their_segments(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(good_files); i++) {
        const good_file *row = &good_files[i];
        heap h = {0};
        dfukit_allocator allocator = heap_allocator(&h);
        dfukit_image image;
        dfukit_image_fault fault = {.what = ""};
        file f = file_copy(row->text, row->n);

        int error = dfukit_image_parse(&image, f.bytes, f.n, NULL, &allocator, &fault);
        if (error != DFUKIT_OK)
            fail_msg("row \"%s\": error %d, line %zu: %s", row->name, error, fault.line,
                     fault.what);
        CHECK(row->name, image.format == DFUKIT_FORMAT_IHEX);
        CHECK(row->name, image.addressed);
        CHECK(row->name, !image.has_suffix);
        CHECK(row->name, image.has_entry == row->has_entry);
        CHECK(row->name, image.entry == row->entry);
        size_t count = 0;
        while (count < COUNT(row->segments) && row->segments[count].bytes != NULL)
            count++;
        CHECK(row->name, image.count == count && count > 0);
        for (size_t s = 0; s < count; s++) {
            const char *digits = row->segments[s].bytes;
            CHECK(row->name, image.segments[s].address == row->segments[s].address);
            CHECK(row->name, image.segments[s].size == strlen(digits) / 2);
            for (uint32_t b = 0; b < image.segments[s].size; b++)
                CHECK(row->name, image.segments[s].data[b] == hex_byte(digits + 2 * b));
        }
        dfukit_image_free(&image);
        CHECK(row->name, h.live == 0);
        free(f.bytes);
    }
}

static void bad_files_are_refused_where_they_are_bad(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(bad_files); i++) {
        const bad_file *row = &bad_files[i];
        heap h = {0};
        dfukit_allocator allocator = heap_allocator(&h);
        dfukit_image image, untouched;
        dfukit_image_fault fault = {0};
        file f = file_copy(row->text, row->n);

        memset(&image, 0x5A, sizeof(image));
        untouched = image;
        int error = dfukit_image_parse(&image, f.bytes, f.n, NULL, &allocator, &fault);
        if (error != row->error || fault.what == NULL || strcmp(fault.what, row->what) != 0 ||
            fault.line != row->line || fault.offset != row->offset) {
            fail_msg("row \"%s\": error %d, line %zu, offset %zu: %s", row->name, error, fault.line,
                     fault.offset, fault.what != NULL ? fault.what : "no text");
        }
        CHECK(row->name, fault.has_line == (row->line != 0));
        CHECK(row->name, memcmp(&image, &untouched, sizeof(image)) == 0);
        CHECK(row->name, h.live == 0);
        CHECK(row->name,
              dfukit_image_parse(&image, f.bytes, f.n, NULL, &allocator, NULL) == row->error);
        free(f.bytes);
    }
}

/* ---- Written files ---- */

typedef struct text {
    char *bytes;
    size_t n, room;
} text;

static void put_record(text *t, unsigned type, unsigned offset, const uint8_t *data, unsigned n)
{
    uint8_t head[4] = {(uint8_t)n, (uint8_t)(offset >> 8), (uint8_t)offset, (uint8_t)type};
    unsigned sum = 0;

    if (t->room - t->n < 600) {
        t->room = t->room * 2 + 4096;
        t->bytes = realloc(t->bytes, t->room);
        assert_non_null(t->bytes);
    }
    t->bytes[t->n++] = ':';
    for (unsigned i = 0; i < 4 + n; i++) {
        uint8_t byte = i < 4 ? head[i] : data[i - 4];
        sum += byte;
        t->n += (size_t)snprintf(t->bytes + t->n, 3, "%02X", byte);
    }
    t->n += (size_t)snprintf(t->bytes + t->n, 4, "%02X\n", (0u - sum) & 0xFFu);
}

#define MEMORY 0x800u

/* What the records of a random file say, byte by byte. */
typedef struct model {
    uint8_t memory[MEMORY];
    bool used[MEMORY];
    bool overlaps[64]; /* by record: it falls on bytes of an earlier one */
    bool any;
    unsigned records;
} model;

/* Records in slots of 32 bytes, each used once, never overlap; freely placed ones often do. */
static text write_random(model *m, uint32_t *seed, bool slots)
{
    text t = {NULL, 0, 0};
    unsigned slot = next_random(seed);

    m->records = 1 + next_random(seed) % 40;
    for (unsigned r = 0; r < m->records; r++) {
        uint8_t data[32];
        unsigned n = 1 + next_random(seed) % 32;
        unsigned at = slots ? (slot + r * 37) % 64 * 32 : next_random(seed) % (MEMORY - 32);
        if (slots && next_random(seed) % 2 != 0)
            n = 32;
        for (unsigned b = 0; b < n; b++) {
            data[b] = (uint8_t)next_random(seed);
            m->overlaps[r] = m->overlaps[r] || m->used[at + b];
            m->used[at + b] = true;
            m->memory[at + b] = data[b];
        }
        m->any = m->any || m->overlaps[r];
        put_record(&t, 0, at, data, n);
    }
    put_record(&t, 1, 0, NULL, 0);
    return t;
}

static void check_against(const model *m, const dfukit_image *image)
{
    uint64_t at = 0;

    assert_true(well_formed(image));
    for (size_t s = 0; s < image->count; s++) {
        const dfukit_segment *segment = &image->segments[s];
        assert_true(segment->address + segment->size <= MEMORY);
        for (; at < segment->address; at++)
            assert_false(m->used[at]);
        assert_memory_equal(segment->data, m->memory + at, segment->size);
        for (; at < segment->address + segment->size; at++)
            assert_true(m->used[at]);
    }
    for (; at < MEMORY; at++)
        assert_false(m->used[at]);
}

/* Records in any order: the image must be the memory they describe; a file with overlaps must be
 * refused at the line of a record that overlaps an earlier one. */
static void random_files_equal_a_flat_memory(void **state)
{
    uint32_t seed = 0x1D0F00Du;
    unsigned accepted = 0;
    unsigned refused = 0;

    (void)state;
    for (unsigned round = 0; round < 400; round++) {
        model m = {0};
        text t = write_random(&m, &seed, round % 2 == 0);
        heap h = {0};
        dfukit_allocator allocator = heap_allocator(&h);
        dfukit_image image = {0};
        dfukit_image_fault fault = {0};

        int error =
            dfukit_image_parse(&image, (const uint8_t *)t.bytes, t.n, NULL, &allocator, &fault);
        if (m.any) {
            assert_int_equal(error, DFUKIT_ERR_DAMAGED);
            assert_in_range(fault.line, 2, m.records);
            assert_true(m.overlaps[fault.line - 1]);
            refused++;
        } else {
            assert_int_equal(error, DFUKIT_OK);
            check_against(&m, &image);
            accepted++;
        }
        dfukit_image_free(&image);
        assert_int_equal(h.live, 0);
        free(t.bytes);
    }
    assert_true(accepted >= 200 && refused >= 50);
}

/* ---- Time ---- */

#define MANY 200000u

static unsigned in_order(unsigned i)
{
    return i;
}
static unsigned in_reverse(unsigned i)
{
    return MANY - 1 - i;
}
static unsigned shuffled(unsigned i)
{
    return (unsigned)((uint64_t)i * 77773u % MANY); /* 77773 and MANY have no common factor */
}
static unsigned from_both_ends(unsigned i)
{
    return i % 2 == 0 ? i / 2 : MANY - 1 - i / 2;
}

/* 200,000 records of one byte each, every other address: a quadratic sort would take minutes. */
static void no_order_of_records_is_slow(void **state)
{
    static const struct {
        const char *name;
        unsigned (*at)(unsigned i);
    } orders[] = {
        {"in order", in_order},
        {"in reverse", in_reverse},
        {"shuffled", shuffled},
        {"from both ends", from_both_ends},
    };

    (void)state;
    for (size_t o = 0; o < COUNT(orders); o++) {
        text t = {NULL, 0, 0};
        unsigned page = 0;
        heap h = {0};
        dfukit_allocator allocator = heap_allocator(&h);
        dfukit_image image;

        for (unsigned i = 0; i < MANY; i++) {
            unsigned address = orders[o].at(i) * 2;
            if (address >> 16 != page) {
                page = address >> 16;
                put_record(&t, 4, 0, (uint8_t[]){(uint8_t)(page >> 8), (uint8_t)page}, 2);
            }
            put_record(&t, 0, address & 0xFFFFu, (uint8_t[]){(uint8_t)(address >> 9)}, 1);
        }
        put_record(&t, 1, 0, NULL, 0);
        clock_t start = clock();
        CHECK(orders[o].name, dfukit_image_parse(&image, (const uint8_t *)t.bytes, t.n, NULL,
                                                 &allocator, NULL) == DFUKIT_OK);
        double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
        CHECK(orders[o].name, image.count == MANY);
        for (unsigned i = 0; i < MANY; i++) {
            CHECK(orders[o].name, image.segments[i].address == i * 2);
            CHECK(orders[o].name, image.segments[i].data[0] == (uint8_t)(i >> 8));
        }
        CHECK(orders[o].name, seconds < 5);
        dfukit_image_free(&image);
        assert_int_equal(h.live, 0);
        free(t.bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_files_come_to_their_segments),
        cmocka_unit_test(bad_files_are_refused_where_they_are_bad),
        cmocka_unit_test(random_files_equal_a_flat_memory),
        cmocka_unit_test(no_order_of_records_is_slow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
