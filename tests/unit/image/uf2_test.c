/* SPDX-License-Identifier: MIT */
/* UF2: numbers, flags, families, tags, and what a damaged block is called. */
#include "support.h"

#define BLOCK     512u

#define NOT_MAIN  0x0001u
#define CONTAINER 0x1000u
#define FAMILY    0x2000u
#define MD5       0x4000u
#define TAGS      0x8000u

/* A block: address, bytes of payload (all of the value `fill`), number, count, flags, family. */
typedef struct block {
    uint32_t address, size, number, count, flags, family;
    uint8_t fill;
    uint32_t tag; /* behind the payload when not 0 */
} block;

/* One 32-bit field of one block that is changed afterwards. */
typedef struct change {
    size_t at; /* 0: none */
    uint32_t to;
} change;

typedef struct row {
    const char *name;
    block blocks[4];
    change change;
    size_t cut; /* bytes left out at the end */
    int error;
    const char *what;
    size_t offset;
    size_t segments;      /* on success */
    uint64_t first, last; /* addresses of the first and the last byte */
} row;

#define NO_CHANGE                                                                                  \
    {                                                                                              \
        0, 0                                                                                       \
    }
#define GIVES(segments, first, last) NO_CHANGE, 0, DFUKIT_OK, NULL, 0, segments, first, last
#define DAMAGED(what, offset)        DFUKIT_ERR_DAMAGED, what, offset, 0, 0, 0
#define BAD(what, offset)            NO_CHANGE, 0, DAMAGED(what, offset)

// clang-format off
static const row rows[] = {
    {"one block", {{0x1000, 256, 0, 1, 0, 0, 1, 0}}, GIVES(1, 0x1000, 0x10FF)},
    {"the largest payload", {{0x1000, 476, 0, 1, 0, 0, 1, 0}}, GIVES(1, 0x1000, 0x11DB)},
    {"one byte", {{0x1000, 1, 0, 1, 0, 0, 1, 0}}, GIVES(1, 0x1000, 0x1000)},
    {"the last address", {{0xFFFFFF00, 256, 0, 1, 0, 0, 1, 0}}, GIVES(1, 0xFFFFFF00, 0xFFFFFFFF)},
    {"three neighbours", {{0x1000, 256, 0, 3, 0, 0, 1, 0}, {0x1100, 256, 1, 3, 0, 0, 2, 0},
     {0x1200, 256, 2, 3, 0, 0, 3, 0}}, GIVES(1, 0x1000, 0x12FF)},
    {"out of order", {{0x1200, 256, 2, 3, 0, 0, 3, 0}, {0x1000, 256, 0, 3, 0, 0, 1, 0},
     {0x1100, 256, 1, 3, 0, 0, 2, 0}}, GIVES(1, 0x1000, 0x12FF)},
    {"a gap", {{0x1000, 256, 0, 2, 0, 0, 1, 0}, {0x3000, 256, 1, 2, 0, 0, 2, 0}},
     GIVES(2, 0x1000, 0x30FF)},
    {"an empty block", {{0x1000, 256, 0, 2, 0, 0, 1, 0}, {0x3000, 0, 1, 2, 0, 0, 2, 0}},
     GIVES(1, 0x1000, 0x10FF)},
    {"a family", {{0x1000, 256, 0, 1, FAMILY, 0xE48BFF56, 1, 0}}, GIVES(1, 0x1000, 0x10FF)},
    {"not for the main flash", {{0x1000, 256, 0, 2, 0, 0, 1, 0}, {0, 256, 1, 2, NOT_MAIN, 0, 2, 0}},
     GIVES(1, 0x1000, 0x10FF)},
    {"an MD5", {{0x1000, 256, 0, 1, MD5, 0, 1, 0}}, GIVES(1, 0x1000, 0x10FF)},
    {"the largest payload beside an MD5", {{0x1000, 452, 0, 1, MD5, 0, 1, 0}},
     GIVES(1, 0x1000, 0x11C3)},
    {"tags", {{0x1000, 256, 0, 1, TAGS, 0, 1, 0x9FC7BC08}}, GIVES(1, 0x1000, 0x10FF)},
    {"a block that a tag declares void", {{0x10FFFF00, 256, 0, 2, TAGS | FAMILY, 0xE48BFF57, 0xEF,
     0x9957E304}, {0x1000, 256, 0, 1, FAMILY, 0xE48BFF59, 1, 0}}, GIVES(1, 0x1000, 0x10FF)},
    {"the same bytes where no tags are", {{0x10FFFF00, 256, 0, 1, 0, 0, 0xEF, 0x9957E304}},
     GIVES(1, 0x10FFFF00, 0x10FFFFFF)},
    {"a tag that is too short for one", {{0x1000, 256, 0, 1, TAGS, 0, 1, 0x9957E303}},
     GIVES(1, 0x1000, 0x10FF)},
    {"nothing for the main flash", {{0, 256, 0, 1, NOT_MAIN, 0, 2, 0}}, NO_CHANGE, 0,
     DFUKIT_ERR_EMPTY, "the file holds no data", 0, 0, 0, 0},
    {"payload too large", {{0x1000, 477, 0, 1, 0, 0, 1, 0}},
     BAD("the payload of a UF2 block is too large", 16)},
    {"payload hugely too large", {{0x1000, 0, 0, 1, 0, 0, 1, 0}}, {16, 0xFFFFFFFF}, 0,
     DAMAGED("the payload of a UF2 block is too large", 16)},
    {"payload runs into the MD5", {{0x1000, 453, 0, 1, MD5, 0, 1, 0}},
     BAD("the payload of a UF2 block is too large", 16)},
    {"files in it", {{0x1000, 256, 0, 1, CONTAINER, 0, 1, 0}},
     BAD("the UF2 file holds files, not firmware", 8)},
    {"two families", {{0x1000, 256, 0, 1, FAMILY, 1, 1, 0}, {0x2000, 256, 0, 1, FAMILY, 2, 1, 0}},
     BAD("the UF2 file is for several families of devices", BLOCK + 28)},
    {"a family in one block only", {{0x1000, 256, 0, 2, FAMILY, 1, 1, 0},
     {0x2000, 256, 1, 2, 0, 1, 1, 0}},
     BAD("the UF2 file is for several families of devices", BLOCK + 28)},
    {"blocks disagree", {{0x1000, 256, 0, 2, 0, 0, 1, 0}, {0x2000, 256, 1, 3, 0, 0, 1, 0}},
     BAD("the UF2 blocks disagree how many there are", BLOCK + 24)},
    {"number too large", {{0x1000, 256, 1, 1, 0, 0, 1, 0}},
     BAD("the number of a UF2 block is too large", 20)},
    {"no blocks, it says", {{0x1000, 256, 0, 0, 0, 0, 1, 0}},
     BAD("the number of a UF2 block is too large", 20)},
    {"a block twice", {{0x1000, 256, 0, 2, 0, 0, 1, 0}, {0x2000, 256, 0, 2, 0, 0, 1, 0}},
     BAD("a UF2 block comes twice", BLOCK + 20)},
    {"the last block missing", {{0x1000, 256, 0, 2, 0, 0, 1, 0}}, BAD("UF2 blocks are missing", BLOCK)},
    {"the first block missing", {{0x1000, 256, 1, 2, 0, 0, 1, 0}},
     BAD("UF2 blocks are missing", BLOCK)},
    {"nearly all blocks missing", {{0x1000, 256, 0xFFFFFFFE, 0xFFFFFFFF, 0, 0, 1, 0}},
     BAD("UF2 blocks are missing", 20)},
    {"overlap", {{0x1000, 256, 0, 2, 0, 0, 1, 0}, {0x10FF, 256, 1, 2, 0, 0, 2, 0}},
     BAD("a UF2 block overlaps another", BLOCK)},
    {"behind the last address", {{0xFFFFFF01, 256, 0, 1, 0, 0, 1, 0}},
     BAD("data reaches beyond 32-bit addresses", 12)},
    {"second magic", {{0x1000, 256, 0, 1, 0, 0, 1, 0}}, {4, 0}, 0,
     DAMAGED("a UF2 block does not begin as one", 0)},
    {"first magic of the second", {{0x1000, 256, 0, 2, 0, 0, 1, 0}, {0x2000, 256, 1, 2, 0, 0, 1, 0}},
     {BLOCK, 0}, 0, DAMAGED("a UF2 block does not begin as one", BLOCK)},
    {"end magic", {{0x1000, 256, 0, 1, 0, 0, 1, 0}}, {508, 0}, 0,
     DAMAGED("a UF2 block does not end as one", 508)},
    {"cut off by a byte", {{0x1000, 256, 0, 1, 0, 0, 1, 0}}, NO_CHANGE, 1,
     DAMAGED("the last UF2 block is cut off", 0)},
};
// clang-format on

static void put(uint8_t *to, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

static file build(const row *r)
{
    file f = {calloc(COUNT(r->blocks), BLOCK), 0};

    assert_non_null(f.bytes);
    for (size_t i = 0; i < COUNT(r->blocks) && r->blocks[i].fill != 0; i++) {
        const block *b = &r->blocks[i];
        uint8_t *to = f.bytes + f.n;
        const uint32_t head[] = {0x0A324655, 0x9E5D5157, b->flags, b->address,
                                 b->size,    b->number,  b->count, b->family};
        for (size_t j = 0; j < COUNT(head); j++)
            put(to + 4 * j, head[j]);
        memset(to + 32, b->fill, b->size <= 476 ? b->size : 476);
        if (b->tag != 0)
            put(to + 32 + b->size, b->tag);
        put(to + 508, 0x0AB16F30);
        f.n += BLOCK;
    }
    if (r->change.at != 0)
        put(f.bytes + r->change.at, r->change.to);
    f.n -= r->cut;
    return f;
}

static void every_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const row *r = &rows[i];
        heap h = {0};
        dfukit_allocator allocator = heap_allocator(&h);
        dfukit_image image;
        dfukit_image_fault fault = {.what = "accepted"};
        file built = build(r);
        file f = file_copy(built.bytes, built.n);

        int error = dfukit_image_parse(&image, f.bytes, f.n, NULL, &allocator, &fault);
        if (error != r->error || (error != DFUKIT_OK && strcmp(fault.what, r->what) != 0))
            fail_msg("row \"%s\": error %d: %s", r->name, error, fault.what);
        if (error == DFUKIT_OK) {
            const dfukit_segment *last = &image.segments[image.count - 1];
            CHECK(r->name, image.format == DFUKIT_FORMAT_UF2 && image.addressed);
            CHECK(r->name, well_formed(&image) && image.count == r->segments);
            CHECK(r->name, image.segments[0].address == r->first);
            CHECK(r->name, last->address + last->size - 1 == r->last);
            bool family = ((r->blocks[0].flags | r->blocks[1].flags) & FAMILY) != 0;
            CHECK(r->name, image.has_family == family);
            CHECK(r->name, !family || (image.family & 0xFFFFFF00) == 0xE48BFF00);
            dfukit_image_free(&image);
        } else {
            CHECK(r->name, fault.offset == r->offset && !fault.has_line);
        }
        CHECK(r->name, h.live == 0);
        free(f.bytes);
        free(built.bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_row)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
