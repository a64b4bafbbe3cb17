/* SPDX-License-Identifier: MIT */
/* Whole files: the DFU suffix, recognition by content, files without payload, memory. */
#define _DEFAULT_SOURCE 1 /* MAP_ANONYMOUS */

#include <sys/mman.h>

#include "support.h"

#define TEXT(string) string, sizeof(string) - 1
#define HEX_FILE     ":0200000000FFFF\n:00000001FF\n"

/* Shortest ELF that is recognised as such, and refused. */
#define ELF_MAGIC "\177ELF"

enum ending { PLAIN, SUFFIX, LONG_SUFFIX, BAD_CRC, BAD_PAYLOAD, TOO_SHORT, TOO_LONG };

typedef struct row {
    const char *name;
    const char *payload;
    size_t n;
    enum ending ending;
    dfukit_image_options options;
    int error;
    const char *what;     /* on failure */
    dfukit_format format; /* on success */
    uint32_t size;        /* of the first segment, on success */
} row;

#define NONE                                                                                       \
    {                                                                                              \
        0                                                                                          \
    }
#define NEED                                                                                       \
    {                                                                                              \
        .need_suffix = true                                                                        \
    }
#define RAW                                                                                        \
    {                                                                                              \
        .force_raw = true                                                                          \
    }
#define IGNORE                                                                                     \
    {                                                                                              \
        .ignore_suffix = true                                                                      \
    }
#define GIVES(f, n)   DFUKIT_OK, NULL, DFUKIT_FORMAT_##f, n
#define EMPTY(what)   DFUKIT_ERR_EMPTY, what, 0, 0
#define DAMAGED(what) DFUKIT_ERR_DAMAGED, what, 0, 0

#define WRONG_CRC     "the CRC in the DFU suffix is wrong"
#define WRONG_LENGTH  "the DFU suffix has a wrong length"
#define MISSING       "the DFU suffix is missing"
#define ONLY_SUFFIX   "the file holds nothing but a DFU suffix"

// clang-format off
static const row rows[] = {
    {"raw",                       TEXT("firmware"), PLAIN, NONE, GIVES(RAW, 8)},
    {"raw, one byte",             TEXT("f"), PLAIN, NONE, GIVES(RAW, 1)},
    {"raw with a suffix",         TEXT("firmware"), SUFFIX, NONE, GIVES(RAW, 8)},
    {"raw with a needed suffix",  TEXT("firmware"), SUFFIX, NEED, GIVES(RAW, 8)},
    {"raw with a long suffix",    TEXT("firmware"), LONG_SUFFIX, NEED, GIVES(RAW, 8)},
    {"a suffix as payload",       TEXT("firmware"), SUFFIX, IGNORE, GIVES(RAW, 24)},
    {"a bad suffix as payload",   TEXT("firmware"), BAD_CRC, IGNORE, GIVES(RAW, 24)},
    {"only a suffix, as payload", TEXT(""), SUFFIX, IGNORE, GIVES(RAW, 16)},
    {"HEX",                       TEXT(HEX_FILE), PLAIN, NONE, GIVES(IHEX, 2)},
    {"HEX with a suffix",         TEXT(HEX_FILE), SUFFIX, NEED, GIVES(IHEX, 2)},
    {"HEX taken raw",             TEXT(HEX_FILE), PLAIN, RAW, GIVES(RAW, 28)},
    {"HEX taken raw, a suffix",   TEXT(HEX_FILE), SUFFIX, RAW, GIVES(RAW, 28)},
    {"HEX, suffix taken as payload", TEXT(HEX_FILE), SUFFIX, IGNORE,
     DAMAGED("data after the end record")},
    {"ELF taken raw",             TEXT(ELF_MAGIC), PLAIN, RAW, GIVES(RAW, 4)},
    {"ELF",                       TEXT(ELF_MAGIC), PLAIN, NONE,
     DAMAGED("the ELF header is cut off")},
    {"ELF with a suffix",         TEXT(ELF_MAGIC), SUFFIX, NONE,
     DAMAGED("the ELF header is cut off")},
    {"most of the ELF magic",     TEXT("\177ELE"), PLAIN, NONE, GIVES(RAW, 4)},
    {"less than the ELF magic",   TEXT("\177EL"), PLAIN, NONE, GIVES(RAW, 3)},
    {"a colon alone",             TEXT(":"), PLAIN, NONE, GIVES(RAW, 1)},
    {"a colon in a binary",       TEXT(":\300\001\200\040\000\000\001abc"), PLAIN, NONE,
     GIVES(RAW, 11)},
    {"a colon in a text",         TEXT(": hello world\n: again\n"), PLAIN, NONE, GIVES(RAW, 22)},
    {"blanks only",               TEXT(" \r\n\t"), PLAIN, NONE, GIVES(RAW, 4)},
    {"ELF with HEX inside",       TEXT(ELF_MAGIC "\n:0200000000FFFF\n"), PLAIN, NONE,
     DAMAGED("the ELF class is neither 32 nor 64 bits")},
    {"UF2 with S-records inside", TEXT("UF2\n" "S9030000FC\nS9030000FC\n"), PLAIN, NONE,
     DAMAGED("the last UF2 block is cut off")},
    {"DfuSe with HEX inside",     TEXT("DfuSe\n:0200000000FFFF\n"), PLAIN, NONE,
     DAMAGED("the DfuSe version is unknown")},
    {"first line of a HEX cut",   TEXT(":10"), PLAIN, NONE, DAMAGED("the record is too short")},
    {"HEX, two bad digits first", TEXT(":0200?0?000FFFF\n:00000001FF\n"), PLAIN, NONE,
     DAMAGED("a character is no hexadecimal digit")},
    {"one line, two bad digits",  TEXT(":0200?0?000FFFF"), PLAIN, NONE,
     DAMAGED("a character is no hexadecimal digit")},
    {"one line, three bad digits", TEXT(":0200?0??00FFFF"), PLAIN, NONE, GIVES(RAW, 15)},
    {"HEX, first line unreadable", TEXT("\001\002\003\n:00000001FF\n"), PLAIN, NONE,
     DAMAGED("the line does not start with ':'")},
    {"wrong CRC",                 TEXT("firmware"), BAD_CRC, NONE, DAMAGED(WRONG_CRC)},
    {"wrong CRC, taken raw",      TEXT("firmware"), BAD_CRC, RAW, DAMAGED(WRONG_CRC)},
    {"payload changed",           TEXT("firmware"), BAD_PAYLOAD, NONE, DAMAGED(WRONG_CRC)},
    {"suffix shorter than 16",    TEXT("firmware"), TOO_SHORT, NONE, DAMAGED(WRONG_LENGTH)},
    {"suffix longer than file",   TEXT("firmware"), TOO_LONG, NONE, DAMAGED(WRONG_LENGTH)},
    {"needed and missing",        TEXT("firmware"), PLAIN, NEED, DAMAGED(MISSING)},
    {"needed, HEX without",       TEXT(HEX_FILE), PLAIN, NEED, DAMAGED(MISSING)},
    {"empty",                     TEXT(""), PLAIN, NONE, EMPTY("the file is empty")},
    {"empty, suffix needed",      TEXT(""), PLAIN, NEED, EMPTY("the file is empty")},
    {"empty, taken raw",          TEXT(""), PLAIN, RAW, EMPTY("the file is empty")},
    {"only a suffix",             TEXT(""), SUFFIX, NONE, EMPTY(ONLY_SUFFIX)},
    {"only a long suffix",        TEXT(""), LONG_SUFFIX, NONE, EMPTY(ONLY_SUFFIX)},
    {"only a suffix, taken raw",  TEXT(""), SUFFIX, RAW, EMPTY(ONLY_SUFFIX)},
    {"HEX without data, suffix",  TEXT(":00000001FF\n"), SUFFIX, NONE,
     EMPTY("the file holds no data")},
};
// clang-format on

static const dfukit_suffix identity = {
    .bcdDevice = 0x1234, .idProduct = 0x70B1, .idVendor = 0x1209, .bcdDFU = 0x0100};

/* Append a suffix of 16 bytes, or of 20 with four bytes of something newer before the known part.
 */
static file with_ending(const row *r)
{
    size_t extra = r->ending == LONG_SUFFIX ? 4 : 0;
    size_t payload = r->n + extra;
    file f = {calloc(1, payload + DFUKIT_SUFFIX_SIZE), r->n};

    assert_non_null(f.bytes);
    memcpy(f.bytes, r->payload, r->n);
    if (r->ending == PLAIN)
        return f;
    f.n = payload + DFUKIT_SUFFIX_SIZE;
    uint8_t *suffix = f.bytes + payload;
    dfukit_suffix_encode(&identity, dfukit_crc32(DFUKIT_CRC_INIT, f.bytes, payload), suffix);
    if (r->ending == LONG_SUFFIX || r->ending == TOO_SHORT || r->ending == TOO_LONG) {
        suffix[11] = r->ending == LONG_SUFFIX ? 20 : r->ending == TOO_SHORT ? 15 : 255;
        uint32_t crc = dfukit_crc32(DFUKIT_CRC_INIT, f.bytes, f.n - 4);
        for (size_t i = 0; i < 4; i++)
            suffix[12 + i] = (uint8_t)(crc >> (8 * i));
    }
    if (r->ending == BAD_CRC)
        suffix[15] ^= 0x80;
    if (r->ending == BAD_PAYLOAD)
        f.bytes[0] ^= 1;
    return f;
}

static void check_image(const row *r, const dfukit_image *image, const file *f)
{
    bool suffix = r->ending != PLAIN && !r->options.ignore_suffix;

    CHECK(r->name, image->format == r->format);
    CHECK(r->name, image->addressed == (r->format != DFUKIT_FORMAT_RAW));
    CHECK(r->name, !image->has_entry);
    CHECK(r->name, image->count == 1);
    CHECK(r->name, image->segments[0].address == 0);
    CHECK(r->name, image->segments[0].size == r->size);
    CHECK(r->name, dfukit_image_payload(image) == r->size);
    if (r->format == DFUKIT_FORMAT_RAW) {
        CHECK(r->name, image->storage == NULL);
        CHECK(r->name, image->segments[0].data == f->bytes);
    }
    CHECK(r->name, image->has_suffix == suffix);
    if (suffix) {
        CHECK(r->name, image->suffix.idVendor == identity.idVendor);
        CHECK(r->name, image->suffix.idProduct == identity.idProduct);
        CHECK(r->name, image->suffix.bcdDevice == identity.bcdDevice);
        CHECK(r->name, image->suffix.bcdDFU == identity.bcdDFU);
    }
}

static void suffixes_and_recognition(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const row *r = &rows[i];
        heap h = {0};
        dfukit_allocator allocator = heap_allocator(&h);
        dfukit_image image;
        dfukit_image_fault fault = {.what = "accepted"};
        file built = with_ending(r);
        file f = file_copy(built.bytes, built.n);

        int error = dfukit_image_parse(&image, f.bytes, f.n, &r->options, &allocator, &fault);
        if (error != r->error || (error != DFUKIT_OK && strcmp(fault.what, r->what) != 0))
            fail_msg("row \"%s\": error %d: %s", r->name, error, fault.what);
        if (error == DFUKIT_OK) {
            check_image(r, &image, &f);
            dfukit_image_free(&image);
        } else {
            CHECK(r->name, fault.offset <= f.n);
            if (strcmp(fault.what, WRONG_CRC) == 0)
                CHECK(r->name, fault.offset == f.n - 4); /* dwCRC */
            if (strcmp(fault.what, WRONG_LENGTH) == 0)
                CHECK(r->name, fault.offset == f.n - 5); /* bLength */
        }
        CHECK(r->name, h.live == 0);
        free(f.bytes);
        free(built.bytes);
    }
}

/* The options may be left out, and so may the bytes of an empty file. */
static void null_arguments(void **state)
{
    heap h = {0};
    dfukit_allocator allocator = heap_allocator(&h);
    dfukit_image image;
    dfukit_image_fault fault = {0};

    (void)state;
    assert_int_equal(dfukit_image_parse(&image, NULL, 0, NULL, &allocator, &fault),
                     DFUKIT_ERR_EMPTY);
    assert_string_equal(fault.what, "the file is empty");
    assert_false(fault.has_line);
    assert_int_equal(h.calls, 0);
}

static void an_image_is_freed_once(void **state)
{
    heap h = {0};
    dfukit_allocator allocator = heap_allocator(&h);
    dfukit_image image = {0};

    (void)state;
    dfukit_image_free(&image);
    assert_int_equal(dfukit_image_parse(&image, (const uint8_t *)HEX_FILE, sizeof(HEX_FILE) - 1,
                                        NULL, &allocator, NULL),
                     DFUKIT_OK);
    assert_true(h.live > 0);
    dfukit_image_free(&image);
    assert_int_equal(h.live, 0);
    dfukit_image_free(&image);
}

/* 4 GiB of address space that is never touched but for its ends. */
static void four_gigabytes_are_too_large(void **state)
{
    size_t n = (size_t)1 << 32;
    uint8_t *huge = mmap(NULL, n, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    heap h = {0};
    dfukit_allocator allocator = heap_allocator(&h);
    dfukit_image image;
    dfukit_image_fault fault = {0};

    (void)state;
    if (huge == MAP_FAILED) {
        printf("this system gives no 4 GiB of address space\n");
        if (getenv("DFUKIT_CI") != NULL)
            fail();
        skip();
    }
    assert_int_equal(dfukit_image_parse(&image, huge, n, NULL, &allocator, &fault),
                     DFUKIT_ERR_TOO_LARGE);
    assert_string_equal(fault.what, "the payload is 4 GiB or more");
    assert_int_equal(dfukit_image_parse(&image, huge, n - 1, NULL, &allocator, &fault), DFUKIT_OK);
    assert_true(dfukit_image_payload(&image) == n - 1);
    dfukit_image_free(&image);
    assert_int_equal(h.live, 0);
    munmap(huge, n);
}

static void names_of_formats(void **state)
{
    (void)state;
    assert_string_equal(dfukit_format_name(DFUKIT_FORMAT_RAW), "raw binary");
    assert_string_equal(dfukit_format_name(DFUKIT_FORMAT_IHEX), "Intel HEX");
    assert_string_equal(dfukit_format_name(DFUKIT_FORMAT_ELF), "ELF");
    assert_string_equal(dfukit_format_name(DFUKIT_FORMAT_SREC), "S-record");
    assert_string_equal(dfukit_format_name(DFUKIT_FORMAT_UF2), "UF2");
    assert_string_equal(dfukit_format_name(DFUKIT_FORMAT_DFUSE), "DfuSe");
    assert_string_equal(dfukit_format_name(DFUKIT_FORMAT_COUNT), "unknown");
    assert_string_equal(dfukit_format_name(~0u), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(suffixes_and_recognition), cmocka_unit_test(null_arguments),
        cmocka_unit_test(an_image_is_freed_once),   cmocka_unit_test(four_gigabytes_are_too_large),
        cmocka_unit_test(names_of_formats),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
