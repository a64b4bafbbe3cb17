/* SPDX-License-Identifier: MIT */
/* S-records: every type, its checksum, and what is refused, with the place. */
#include "support.h"

#define TEXT(string)        string, sizeof(string) - 1
#define END                 "S9030000FC\n"
#define DATA                "S107000001020304EE\n"
#define GIVES(text)         DFUKIT_OK, NULL, 0, text
#define DAMAGED(what, line) DFUKIT_ERR_DAMAGED, what, line, NULL

typedef struct row {
    const char *name;
    const char *text;
    size_t n;
    int error;
    const char *what;
    size_t line;
    const char *picture; /* "address:bytes ...", and "@entry" */
} row;

// clang-format off
static const row rows[] = {
    {"S1", TEXT(DATA END), GIVES("0:01020304")},
    {"S2", TEXT("S2080123450102030484\n" "S804000000FB\n"), GIVES("12345:01020304")},
    {"S3", TEXT("S3090800001001020304D4\nS70500000000FA\n"), GIVES("8000010:01020304")},
    {"header", TEXT("S00600004844521B\n" DATA END), GIVES("0:01020304")},
    {"header without text", TEXT("S0030000FC\n" DATA END), GIVES("0:01020304")},
    {"all widths in one file", TEXT(DATA "S2080123450102030484\nS3090800001001020304D4\n" END),
     GIVES("0:01020304 12345:01020304 8000010:01020304")},
    {"neighbours are joined", TEXT(DATA "S10500040506EB\n" END), GIVES("0:010203040506")},
    {"in any order", TEXT("S10500040506EB\n" DATA END), GIVES("0:010203040506")},
    {"CR LF", TEXT("S107000001020304EE\r\nS9030000FC\r\n"), GIVES("0:01020304")},
    {"no LF at the end", TEXT(DATA "S9030000FC"), GIVES("0:01020304")},
    {"lower case, blanks, empty lines", TEXT("\n  S107000001020304ee \n\n\tS9030000fc\n\n"),
     GIVES("0:01020304")},
    {"S5", TEXT(DATA "S5030001FB\n" END), GIVES("0:01020304")},
    {"S6", TEXT(DATA "S604000001FA\n" END), GIVES("0:01020304")},
    {"S9 with an entry", TEXT(DATA "S9031234B6\n"), GIVES("0:01020304 @1234")},
    {"S8 with an entry", TEXT(DATA "S8041234565F\nS"), DAMAGED("data after the end record", 3)},
    {"S8", TEXT(DATA "S8041234565F\n"), GIVES("0:01020304 @123456")},
    {"S7", TEXT(DATA "S70512345678E6\n"), GIVES("0:01020304 @12345678")},
    {"record without data", TEXT(DATA "S1031000EC\n" END), GIVES("0:01020304")},
    {"the last address", TEXT("S306FFFFFFFF01FC\n" END), GIVES("ffffffff:01")},
    {"S5 says too many", TEXT(DATA "S5030002FA\n" END),
     DAMAGED("the count of data records is wrong", 2)},
    {"S5 says too few", TEXT(DATA "S10500040506EB\nS5030001FB\n" END),
     DAMAGED("the count of data records is wrong", 3)},
    {"S6 says too many", TEXT(DATA "S604010001F9\n" END),
     DAMAGED("the count of data records is wrong", 2)},
    {"S4", TEXT(DATA "S4030000FC\n" END), DAMAGED("the record type is unknown", 2)},
    {"SA", TEXT(DATA "SA030000FC\n" END), DAMAGED("the record type is unknown", 2)},
    {"S and nothing", TEXT(DATA "S"), DAMAGED("the record type is unknown", 2)},
    {"wrong checksum", TEXT(DATA "S10500040506EC\n" END),
     DAMAGED("the record's checksum is wrong", 2)},
    {"wrong checksum of the end", TEXT(DATA "S9030000FD\n"),
     DAMAGED("the record's checksum is wrong", 2)},
    {"wrong checksum of the header", TEXT("S0030000FD\n" DATA END),
     DAMAGED("the record's checksum is wrong", 1)},
    {"count too large", TEXT(DATA "S10600040506EB\n" END), DAMAGED("the record is too short", 2)},
    {"count too small", TEXT(DATA "S10400040506EB\n" END), DAMAGED("the record is too long", 2)},
    {"count without an address", TEXT(DATA "S10200FD\n" END),
     DAMAGED("the record's length does not fit its type", 2)},
    {"count of zero", TEXT(DATA "S100\n" END), DAMAGED("the record's checksum is wrong", 2)},
    {"S3 with two bytes of address", TEXT(DATA "S3030000FC\n" END),
     DAMAGED("the record's length does not fit its type", 2)},
    {"S5 with data", TEXT(DATA "S504000100FA\n" END),
     DAMAGED("the record's length does not fit its type", 2)},
    {"S9 with data", TEXT(DATA "S904000000FB\n"),
     DAMAGED("the record's length does not fit its type", 2)},
    {"not a digit", TEXT(DATA "S1050004050gEB\n" END),
     DAMAGED("a character is no hexadecimal digit", 2)},
    {"another line between", TEXT(DATA "hello\n" END), DAMAGED("the line does not start with 'S'", 2)},
    {"data behind the end", TEXT(DATA END DATA), DAMAGED("data after the end record", 3)},
    {"two ends", TEXT(DATA END END), DAMAGED("data after the end record", 3)},
    {"a count for an end", TEXT(DATA "S5030001FB\n"), GIVES("0:01020304")},
    {"data behind the count, no end", TEXT(DATA "S5030001FB\nS10500040506EB\n"),
     DAMAGED("the end record is missing", 3)},
    {"no end", TEXT(DATA), DAMAGED("the end record is missing", 1)},
    {"overlap", TEXT(DATA "S10500030506EC\n" END), DAMAGED("the record overlaps another", 2)},
    {"the same twice", TEXT(DATA DATA END), DAMAGED("the record overlaps another", 2)},
    {"behind the last address", TEXT("S307FFFFFFFF0102F9\n" END),
     DAMAGED("data reaches beyond 32-bit addresses", 1)},
    {"nothing but an end", TEXT(END), DFUKIT_ERR_EMPTY, "the file holds no data", 0, NULL},
    {"two wrong characters at first", TEXT("S1070?00?1020304EE\n" END),
     DAMAGED("a character is no hexadecimal digit", 1)},
    {"first line unreadable", TEXT("\001\002\n" DATA END),
     DAMAGED("the line does not start with 'S'", 1)},
};
// clang-format on

static void paint(const dfukit_image *image, char *out, size_t room)
{
    size_t n = 0;

    out[0] = '\0';
    for (size_t i = 0; i < image->count; i++) {
        const dfukit_segment *s = &image->segments[i];
        n += (size_t)snprintf(out + n, room - n, "%s%llx:", n != 0 ? " " : "",
                              (unsigned long long)s->address);
        for (uint32_t j = 0; j < s->size; j++)
            n += (size_t)snprintf(out + n, room - n, "%02x", s->data[j]);
    }
    if (image->has_entry)
        snprintf(out + n, room - n, " @%llx", (unsigned long long)image->entry);
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
        char picture[256];
        file f = file_copy(r->text, r->n);

        int error = dfukit_image_parse(&image, f.bytes, f.n, NULL, &allocator, &fault);
        if (error != r->error || (error != DFUKIT_OK && strcmp(fault.what, r->what) != 0))
            fail_msg("row \"%s\": error %d: %s", r->name, error, fault.what);
        if (error == DFUKIT_OK) {
            CHECK(r->name, image.format == DFUKIT_FORMAT_SREC && image.addressed);
            CHECK(r->name, well_formed(&image));
            paint(&image, picture, sizeof picture);
            if (strcmp(picture, r->picture) != 0)
                fail_msg("row \"%s\": %s, not %s", r->name, picture, r->picture);
            dfukit_image_free(&image);
        } else if (error == DFUKIT_ERR_DAMAGED) {
            CHECK(r->name, fault.has_line && fault.line == r->line);
        }
        CHECK(r->name, h.live == 0);
        free(f.bytes);
    }
}

/* Texts that begin like a record but are none. */
static void what_is_no_srec(void **state)
{
    static const char *const texts[] = {"S", "Some text\n", "S-record", "Sad: a face",
                                        "s107000001"};

    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        heap h = {0};
        dfukit_allocator allocator = heap_allocator(&h);
        dfukit_image image = {0};
        file f = file_copy(texts[i], strlen(texts[i]));

        CHECK(texts[i],
              dfukit_image_parse(&image, f.bytes, f.n, NULL, &allocator, NULL) == DFUKIT_OK);
        CHECK(texts[i], image.format == DFUKIT_FORMAT_RAW);
        dfukit_image_free(&image);
        free(f.bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row),
        cmocka_unit_test(what_is_no_srec),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
