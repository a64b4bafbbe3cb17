/* SPDX-License-Identifier: MIT */
/* DfuSe files, built here byte by byte: targets, alternates, elements, sizes that lie. */
#include "support.h"

/* What is written into a file under construction. */
enum kind { END, TARGET, ELEMENT };
typedef struct part {
    enum kind kind;
    unsigned alternate; /* of a target */
    const char *name;   /* of a target; NULL: none */
    uint32_t address;   /* of an element */
    uint32_t size;      /* of an element, filled with `fill` */
    uint8_t fill;
} part;

/* A change made before the suffix is put behind: `width` bytes. width 0: none. */
typedef struct change {
    size_t at;
    unsigned width;
    uint32_t to;
} change;

typedef struct row {
    const char *name;
    part parts[8];
    change change;
    uint16_t bcdDFU;      /* of the suffix; 0: without one */
    unsigned size_counts; /* bytes of the suffix that DFUImageSize counts */
    size_t extra;         /* bytes between the last target and the suffix */
    int error;
    const char *what;
    const char *picture; /* "alternate:address+size=fill ...", sorted, and "alternate(name)" */
} row;

#define T(alternate, name)                                                                         \
    {                                                                                              \
        TARGET, alternate, name, 0, 0, 0                                                           \
    }
#define E(address, size, fill)                                                                     \
    {                                                                                              \
        ELEMENT, 0, NULL, address, size, fill                                                      \
    }
#define NO_CHANGE                                                                                  \
    {                                                                                              \
        0, 0, 0                                                                                    \
    }
#define GIVES(picture) NO_CHANGE, 0x011A, 0, 0, DFUKIT_OK, NULL, picture
#define DAMAGED(what)  0x011A, 0, 0, DFUKIT_ERR_DAMAGED, what, NULL

/* Offsets in a file of one target: prefix 11, target 274, element 8. */
#define TARGET_AT  11u
#define ELEMENT_AT (TARGET_AT + 274u)

// clang-format off
static const row rows[] = {
    {"one element", {T(0, "ST..."), E(0x8000000, 4, 1)}, GIVES("0:8000000+4=1 0(ST...)")},
    {"no name", {T(0, NULL), E(0x8000000, 4, 1)}, GIVES("0:8000000+4=1 0")},
    {"three elements over two alternates",
     {T(0, "Flash"), E(0x8000000, 4, 1), E(0x8010000, 8, 2), T(1, "Option"), E(0x1FFFF800, 16, 3)},
     GIVES("0:8000000+4=1 0:8010000+8=2 1:1ffff800+16=3 0(Flash) 1(Option)")},
    {"sorted by alternate and address",
     {T(2, "two"), E(0x200, 1, 5), E(0x100, 1, 4), T(0, "zero"), E(0x300, 1, 3), E(0x10, 1, 2)},
     GIVES("0:10+1=2 0:300+1=3 2:100+1=4 2:200+1=5 2(two) 0(zero)")},
    {"several targets for one alternate",
     {T(0, NULL), E(0x100, 1, 1), T(1, "b"), E(0x100, 1, 2), T(0, "a"), E(0x200, 1, 3)},
     GIVES("0:100+1=1 0:200+1=3 1:100+1=2 0(a) 1(b)")},
    {"neighbours stay apart", {T(0, "x"), E(0x100, 4, 1), E(0x104, 4, 2)},
     GIVES("0:100+4=1 0:104+4=2 0(x)")},
    {"the same addresses in two alternates", {T(0, "x"), E(0x100, 4, 1), T(1, "y"), E(0x100, 4, 2)},
     GIVES("0:100+4=1 1:100+4=2 0(x) 1(y)")},
    {"an empty target", {T(0, "x"), T(1, "y"), E(0x100, 4, 2)}, GIVES("1:100+4=2 0(x) 1(y)")},
    {"an empty element", {T(0, "x"), E(0, 0, 0), E(0x100, 4, 2)}, GIVES("0:100+4=2 0(x)")},
    {"the last address", {T(0, "x"), E(0xFFFFFFFF, 1, 2)}, GIVES("0:ffffffff+1=2 0(x)")},
    {"alternate 255", {T(255, "x"), E(0x100, 1, 2)}, GIVES("255:100+1=2 255(x)")},
    {"a name that would colour a terminal", {T(0, "a\033[31m\xff"), E(0x100, 1, 2)},
     GIVES("0:100+1=2 0(a?[31m?)")},
    {"size with the suffix", {T(0, "x"), E(0x100, 1, 2)}, NO_CHANGE, 0x011A, 16, 0, DFUKIT_OK, NULL,
     "0:100+1=2 0(x)"},
    {"size with half a suffix", {T(0, "x"), E(0x100, 1, 2)}, NO_CHANGE, 0x011A, 8, 0,
     DFUKIT_ERR_DAMAGED, "the size in the DfuSe prefix is wrong", NULL},
    {"size zero", {T(0, "x"), E(0x100, 1, 2)}, {6, 4, 0}, DAMAGED("the size in the DfuSe prefix is wrong")},
    {"no suffix", {T(0, "x"), E(0x100, 1, 2)}, NO_CHANGE, 0, 0, 0, DFUKIT_ERR_DAMAGED,
     "a DfuSe file ends with a DFU suffix, and this does not", NULL},
    {"suffix of another format", {T(0, "x"), E(0x100, 1, 2)}, NO_CHANGE, 0x0100, 0, 0,
     DFUKIT_ERR_DAMAGED, "the DFU suffix does not say that this is a DfuSe file", NULL},
    {"version 2", {T(0, "x"), E(0x100, 1, 2)}, {5, 1, 2}, DAMAGED("the DfuSe version is unknown")},
    {"no target", {{END, 0, NULL, 0, 0, 0}}, NO_CHANGE, 0x011A, 0, 0, DFUKIT_ERR_EMPTY,
     "the file holds no data", NULL},
    {"no element", {T(0, "x")}, NO_CHANGE, 0x011A, 0, 0, DFUKIT_ERR_EMPTY, "the file holds no data",
     NULL},
    {"too many targets", {T(0, "x"), E(0x100, 1, 2)}, {10, 1, 2}, DAMAGED("a DfuSe target is cut off")},
    {"too few targets", {T(0, "x"), E(0x100, 1, 2)}, {10, 1, 0},
     DAMAGED("there is something behind the last DfuSe target")},
    {"something behind", {T(0, "x"), E(0x100, 1, 2)}, NO_CHANGE, 0x011A, 0, 3, DFUKIT_ERR_DAMAGED,
     "there is something behind the last DfuSe target", NULL},
    {"not a target", {T(0, "x"), E(0x100, 1, 2)}, {TARGET_AT, 1, 't'},
     DAMAGED("a DfuSe target does not begin as one")},
    {"target too large", {T(0, "x"), E(0x100, 1, 2)}, {TARGET_AT + 266, 4, 10},
     DAMAGED("a DfuSe target is larger than the file")},
    {"target hugely too large", {T(0, "x"), E(0x100, 1, 2)}, {TARGET_AT + 266, 4, 0xFFFFFFFF},
     DAMAGED("a DfuSe target is larger than the file")},
    {"target too small", {T(0, "x"), E(0x100, 1, 2)}, {TARGET_AT + 266, 4, 8},
     DAMAGED("a DfuSe element is larger than its target")},
    {"target too small for an element", {T(0, "x"), E(0x100, 1, 2)}, {TARGET_AT + 266, 4, 7},
     DAMAGED("a DfuSe target is too small for its elements")},
    {"too many elements", {T(0, "x"), E(0x100, 1, 2)}, {TARGET_AT + 270, 4, 2},
     DAMAGED("a DfuSe target is too small for its elements")},
    {"hugely too many elements", {T(0, "x"), E(0x100, 1, 2)}, {TARGET_AT + 270, 4, 0xFFFFFFFF},
     DAMAGED("a DfuSe target is too small for its elements")},
    {"too few elements", {T(0, "x"), E(0x100, 1, 2)}, {TARGET_AT + 270, 4, 0},
     DAMAGED("a DfuSe target is larger than its elements")},
    {"element too large", {T(0, "x"), E(0x100, 1, 2)}, {ELEMENT_AT + 4, 4, 2},
     DAMAGED("a DfuSe element is larger than its target")},
    {"element hugely too large", {T(0, "x"), E(0x100, 1, 2)}, {ELEMENT_AT + 4, 4, 0xFFFFFFFF},
     DAMAGED("a DfuSe element is larger than its target")},
    {"element too small", {T(0, "x"), E(0x100, 2, 2)}, {ELEMENT_AT + 4, 4, 1},
     DAMAGED("a DfuSe target is larger than its elements")},
    {"behind the last address", {T(0, "x"), E(0xFFFFFFFF, 2, 2)}, NO_CHANGE,
     DAMAGED("data reaches beyond 32-bit addresses")},
    {"overlap", {T(0, "x"), E(0x100, 4, 2), E(0x103, 4, 3)}, NO_CHANGE,
     DAMAGED("a DfuSe element overlaps another")},
    {"overlap across targets", {T(0, "x"), E(0x100, 4, 2), T(1, "y"), E(0x100, 4, 2), T(0, "x"),
     E(0x103, 4, 3)}, NO_CHANGE, DAMAGED("a DfuSe element overlaps another")},
};
// clang-format on

static void put(uint8_t *to, uint32_t value, unsigned width)
{
    for (unsigned i = 0; i < width; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

static uint32_t get(const uint8_t *from)
{
    return from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

static file build(const row *r)
{
    file f = {calloc(1, 8192), 11};
    uint8_t *target = NULL;

    assert_non_null(f.bytes);
    memcpy(f.bytes, "DfuSe\1", 6);
    for (const part *p = r->parts; p < r->parts + COUNT(r->parts) && p->kind != END; p++) {
        uint8_t *to = f.bytes + f.n;
        if (p->kind == TARGET) {
            target = to;
            memcpy(to, "Target", 6);
            to[6] = (uint8_t)p->alternate;
            put(to + 7, p->name != NULL, 4);
            if (p->name != NULL)
                memcpy(to + 11, p->name, strlen(p->name));
            f.n += 274;
            f.bytes[10]++;
        } else {
            assert_non_null(target);
            put(to, p->address, 4);
            put(to + 4, p->size, 4);
            memset(to + 8, p->fill, p->size);
            f.n += 8 + p->size;
            put(target + 266, get(target + 266) + 8 + p->size, 4);
            put(target + 270, get(target + 270) + 1, 4);
        }
    }
    f.n += r->extra;
    put(f.bytes + 6, (uint32_t)f.n + r->size_counts, 4);
    put(f.bytes + r->change.at, r->change.to, r->change.width);
    if (r->bcdDFU != 0) {
        dfukit_suffix suffix = {0xFFFF, 0xDF11, 0x0483, r->bcdDFU, 16, 0};
        dfukit_suffix_encode(&suffix, dfukit_crc32(DFUKIT_CRC_INIT, f.bytes, f.n), f.bytes + f.n);
        f.n += 16;
    }
    return f;
}

static void paint(const dfukit_image *image, char *out, size_t room)
{
    size_t n = 0;

    out[0] = '\0';
    for (size_t i = 0; i < image->count; i++) {
        const dfukit_segment *s = &image->segments[i];
        n +=
            (size_t)snprintf(out + n, room - n, "%s%u:%llx+%lu=%u", n != 0 ? " " : "", s->alternate,
                             (unsigned long long)s->address, (unsigned long)s->size, s->data[0]);
    }
    for (size_t i = 0; i < image->target_count; i++) {
        const dfukit_image_target *t = &image->targets[i];
        n += (size_t)snprintf(out + n, room - n, t->named ? " %u(%s)" : " %u", t->alternate,
                              t->name);
    }
}

static void check_image(const row *r, const dfukit_image *image)
{
    char picture[512];

    CHECK(r->name, image->format == DFUKIT_FORMAT_DFUSE && image->addressed && image->alternates);
    CHECK(r->name, image->has_suffix && image->suffix.idVendor == 0x0483);
    CHECK(r->name, well_formed(image));
    paint(image, picture, sizeof picture);
    if (strcmp(picture, r->picture) != 0)
        fail_msg("row \"%s\": %s, not %s", r->name, picture, r->picture);
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
            check_image(r, &image);
            dfukit_image_free(&image);
        } else {
            CHECK(r->name, fault.offset <= f.n);
        }
        CHECK(r->name, h.live == 0);
        free(f.bytes);
        free(built.bytes);
    }
}

/* A name that fills its field, without a NUL. */
static void a_name_without_an_end(void **state)
{
    static const row r = {"long name", {T(0, "x"), E(0x100, 1, 2)}, GIVES("")};
    heap h = {0};
    dfukit_allocator allocator = heap_allocator(&h);
    dfukit_image image;
    file f = build(&r);

    (void)state;
    memset(f.bytes + TARGET_AT + 11, 'n', 255);
    dfukit_suffix suffix = {0xFFFF, 0xDF11, 0x0483, 0x011A, 16, 0};
    dfukit_suffix_encode(&suffix, dfukit_crc32(DFUKIT_CRC_INIT, f.bytes, f.n - 16),
                         f.bytes + f.n - 16);
    assert_int_equal(dfukit_image_parse(&image, f.bytes, f.n, NULL, &allocator, NULL), DFUKIT_OK);
    assert_int_equal(strlen(image.targets[0].name), 254);
    dfukit_image_free(&image);
    assert_int_equal(h.live, 0);
    free(f.bytes);
}

/* 255 targets, the most a file can have, each for another alternate. */
static void as_many_targets_as_there_can_be(void **state)
{
    size_t n = 11 + 255 * (274 + 8 + 1);
    file f = {calloc(1, n + 16), n + 16};
    heap h = {0};
    dfukit_allocator allocator = heap_allocator(&h);
    dfukit_image image;

    (void)state;
    assert_non_null(f.bytes);
    memcpy(f.bytes, "DfuSe\1", 6);
    put(f.bytes + 6, (uint32_t)n, 4);
    f.bytes[10] = 255;
    for (unsigned i = 0; i < 255; i++) {
        uint8_t *to = f.bytes + 11 + i * (274 + 8 + 1);
        memcpy(to, "Target", 6);
        to[6] = (uint8_t)(254 - i);
        put(to + 266, 9, 4);
        put(to + 270, 1, 4);
        put(to + 274, i, 4);
        put(to + 278, 1, 4);
    }
    dfukit_suffix suffix = {0xFFFF, 0xDF11, 0x0483, 0x011A, 16, 0};
    dfukit_suffix_encode(&suffix, dfukit_crc32(DFUKIT_CRC_INIT, f.bytes, n), f.bytes + n);
    assert_int_equal(dfukit_image_parse(&image, f.bytes, f.n, NULL, &allocator, NULL), DFUKIT_OK);
    assert_int_equal(image.target_count, 255);
    assert_int_equal(image.count, 255);
    assert_int_equal(image.segments[0].alternate, 0);
    assert_int_equal(image.segments[0].address, 254);
    assert_true(well_formed(&image));
    dfukit_image_free(&image);
    assert_int_equal(h.live, 0);
    free(f.bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row),
        cmocka_unit_test(a_name_without_an_end),
        cmocka_unit_test(as_many_targets_as_there_can_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
