/* SPDX-License-Identifier: MIT */
/* ELF: files of both classes and byte orders, written with the C library's <elf.h>, whole and with
 * one field of each wrong. */
#include <elf.h>

#include "support.h"

typedef struct kind {
    const char *name;
    bool wide, big;
} kind;

static const kind kinds[] = {
    {"32 bits, little-endian", false, false},
    {"32 bits, big-endian", false, true},
    {"64 bits, little-endian", true, false},
    {"64 bits, big-endian", true, true},
};

/* ---- Writing ---- */

static void put(uint8_t *at, size_t width, bool big, uint64_t value)
{
    for (size_t i = 0; i < width; i++)
        at[big ? width - 1 - i : i] = (uint8_t)(value >> (8 * i));
}

/* The place and width of a field in the C library's structures. */
typedef struct place {
    size_t at, width;
} place;

#define PLACE(wide, type, field)                                                                   \
    ((wide) ? (place){offsetof(Elf64_##type, field), sizeof(((Elf64_##type *)0)->field)}           \
            : (place){offsetof(Elf32_##type, field), sizeof(((Elf32_##type *)0)->field)})

enum field {
    TYPE,
    ENTRY,
    PHOFF,
    PHENTSIZE,
    PHNUM,
    P_TYPE,
    P_OFFSET,
    P_VADDR,
    P_PADDR,
    P_FILESZ,
    P_MEMSZ
};

static place place_of(bool wide, enum field f)
{
    switch (f) {
    case TYPE:
        return PLACE(wide, Ehdr, e_type);
    case ENTRY:
        return PLACE(wide, Ehdr, e_entry);
    case PHOFF:
        return PLACE(wide, Ehdr, e_phoff);
    case PHENTSIZE:
        return PLACE(wide, Ehdr, e_phentsize);
    case PHNUM:
        return PLACE(wide, Ehdr, e_phnum);
    case P_TYPE:
        return PLACE(wide, Phdr, p_type);
    case P_OFFSET:
        return PLACE(wide, Phdr, p_offset);
    case P_VADDR:
        return PLACE(wide, Phdr, p_vaddr);
    case P_PADDR:
        return PLACE(wide, Phdr, p_paddr);
    case P_FILESZ:
        return PLACE(wide, Phdr, p_filesz);
    case P_MEMSZ:
        return PLACE(wide, Phdr, p_memsz);
    }
    fail();
    return (place){0, 0};
}

static size_t header_size(const kind *k)
{
    return k->wide ? sizeof(Elf64_Ehdr) : sizeof(Elf32_Ehdr);
}
static size_t program_size(const kind *k)
{
    return k->wide ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
}

/* Write a field of the ELF header (program < 0) or of a program header. */
static void set(file *f, const kind *k, int program, enum field name, uint64_t value)
{
    place p = place_of(k->wide, name);
    size_t header = program < 0 ? 0 : header_size(k) + (size_t)program * program_size(k);

    assert_true(header + p.at + p.width <= f->n);
    put(f->bytes + header + p.at, p.width, k->big, value);
}

typedef struct load {
    uint32_t type;
    uint64_t paddr, vaddr;
    uint32_t filesz, memsz;
} load;

#define ENTRY_POINT 0x08000345u

/* A file of headers and, behind each other, the bytes of the segments: 1, 2, 3 … from the first. */
static file write_elf(const kind *k, const load *loads, size_t count)
{
    size_t at = header_size(k) + count * program_size(k);
    file f = {NULL, at};

    for (size_t i = 0; i < count; i++)
        f.n += loads[i].filesz;
    f.bytes = calloc(1, f.n);
    assert_non_null(f.bytes);
    memcpy(f.bytes, ELFMAG, SELFMAG);
    f.bytes[EI_CLASS] = k->wide ? ELFCLASS64 : ELFCLASS32;
    f.bytes[EI_DATA] = k->big ? ELFDATA2MSB : ELFDATA2LSB;
    f.bytes[EI_VERSION] = EV_CURRENT;
    set(&f, k, -1, TYPE, ET_EXEC);
    set(&f, k, -1, ENTRY, ENTRY_POINT);
    set(&f, k, -1, PHOFF, header_size(k));
    set(&f, k, -1, PHENTSIZE, program_size(k));
    set(&f, k, -1, PHNUM, count);
    for (size_t i = at; i < f.n; i++)
        f.bytes[i] = (uint8_t)(i - at + 1);
    for (size_t i = 0; i < count; i++) {
        set(&f, k, (int)i, P_TYPE, loads[i].type);
        set(&f, k, (int)i, P_OFFSET, at);
        set(&f, k, (int)i, P_VADDR, loads[i].vaddr);
        set(&f, k, (int)i, P_PADDR, loads[i].paddr);
        set(&f, k, (int)i, P_FILESZ, loads[i].filesz);
        set(&f, k, (int)i, P_MEMSZ, loads[i].memsz);
        at += loads[i].filesz;
    }
    return f;
}

/* ---- Good files ---- */

typedef struct good_row {
    const char *name;
    load loads[4];
    struct {
        uint64_t address;
        uint32_t size;
        const char *bytes;
    } segments[3];
    bool in_file; /* no copy is needed */
} good_row;

// clang-format off
static const good_row good_rows[] = {
    {"one segment", {{PT_LOAD, 0x08000000, 0x08000000, 4, 4}},
     {{0x08000000, 4, "\1\2\3\4"}}, true},
    {"physical, not virtual addresses", {{PT_LOAD, 0x100, 0x20000000, 4, 4}},
     {{0x100, 4, "\1\2\3\4"}}, true},
    {"neighbours in the file and in memory",
     {{PT_LOAD, 0x100, 0x100, 2, 2}, {PT_LOAD, 0x102, 0x20000000, 2, 2}},
     {{0x100, 4, "\1\2\3\4"}}, true},
    {"neighbours in memory only",
     {{PT_LOAD, 0x100, 0x100, 2, 2}, {PT_NOTE, 0, 0, 3, 3}, {PT_LOAD, 0x102, 0x20000000, 2, 2}},
     {{0x100, 4, "\1\2\6\7"}}, false},
    {"sorted",
     {{PT_LOAD, 0x300, 0x300, 1, 1}, {PT_LOAD, 0x200, 0x200, 2, 2}, {PT_LOAD, 0x100, 0x100, 1, 1}},
     {{0x100, 1, "\4"}, {0x200, 2, "\2\3"}, {0x300, 1, "\1"}}, true},
    {"what is cleared at start is not loaded",
     {{PT_LOAD, 0x100, 0x100, 4, 0x1000}, {PT_LOAD, 0x200, 0x200, 0, 64}},
     {{0x100, 4, "\1\2\3\4"}}, true},
    {"other program headers",
     {{PT_PHDR, 0, 0, 2, 2}, {PT_LOAD, 0x100, 0x100, 2, 2}, {PT_NOTE, 0x100, 0x100, 4, 4},
      {PT_NULL, 0x101, 0, 1, 1}},
     {{0x100, 2, "\3\4"}}, true},
    {"up to the last address", {{PT_LOAD, 0xFFFFFFFC, 0, 4, 4}},
     {{0xFFFFFFFC, 4, "\1\2\3\4"}}, true},
};
// clang-format on

static size_t loads_of(const load *loads, size_t room)
{
    size_t count = 0;

    while (count < room && loads[count].memsz != 0)
        count++;
    return count;
}

static void check_good(const good_row *row, const kind *k)
{
    heap h = {0};
    dfukit_allocator allocator = heap_allocator(&h);
    dfukit_image image;
    dfukit_image_fault fault = {.what = ""};
    file f = write_elf(k, row->loads, loads_of(row->loads, COUNT(row->loads)));
    size_t count = 0;

    int error = dfukit_image_parse(&image, f.bytes, f.n, NULL, &allocator, &fault);
    if (error != DFUKIT_OK)
        fail_msg("row \"%s\", %s: error %d: %s", row->name, k->name, error, fault.what);
    CHECK(row->name, image.format == DFUKIT_FORMAT_ELF && image.addressed);
    CHECK(row->name, image.has_entry && image.entry == ENTRY_POINT);
    CHECK(row->name, (image.storage == NULL) == row->in_file);
    while (count < COUNT(row->segments) && row->segments[count].size != 0)
        count++;
    CHECK(row->name, count > 0 && image.count == count);
    for (size_t s = 0; s < count; s++) {
        CHECK(row->name, image.segments[s].address == row->segments[s].address);
        CHECK(row->name, image.segments[s].size == row->segments[s].size);
        CHECK(row->name,
              memcmp(image.segments[s].data, row->segments[s].bytes, row->segments[s].size) == 0);
    }
    dfukit_image_free(&image);
    CHECK(row->name, h.live == 0);
    free(f.bytes);
}

static void good_files_in_every_kind(void **state)
{
    (void)state;
    for (size_t r = 0; r < COUNT(good_rows); r++) {
        for (size_t k = 0; k < COUNT(kinds); k++)
            check_good(&good_rows[r], &kinds[k]);
    }
}

/* ---- Bad files ---- */

/* The base of all bad files: two segments of 8 bytes at 0x100 and 0x200. */
static const load base_loads[] = {
    {PT_LOAD, 0x100, 0x20000100, 8, 8},
    {PT_LOAD, 0x200, 0x20000200, 8, 8},
};

#define IN_HEADER (-1)
#define WIDE_ONLY (UINT64_C(1) << 32)

typedef struct bad_row {
    const char *name;
    int program; /* the program header, or IN_HEADER */
    enum field field;
    uint64_t value; /* above 32 bits: for 64-bit files only */
    const char *what;
} bad_row;

#define BEYOND_END     "a load segment reaches beyond the end of the file"
#define BEYOND_ADDRESS "a load segment reaches beyond 32-bit addresses"
#define CUT_OFF        "the ELF program headers are cut off"
#define OVERLAP        "a load segment overlaps another"

// clang-format off
static const bad_row bad_rows[] = {
    {"relocatable",             IN_HEADER, TYPE, ET_REL,
     "the ELF file is not an executable"},
    {"core dump",               IN_HEADER, TYPE, ET_CORE,
     "the ELF file is not an executable"},
    {"no program headers",      IN_HEADER, PHNUM, 0,             "the ELF file loads nothing"},
    {"extended numbering",      IN_HEADER, PHNUM, PN_XNUM,
     "the ELF file has too many program headers"},
    {"more headers than file",  IN_HEADER, PHNUM, 0xFFFE,        CUT_OFF},
    {"headers of no size",      IN_HEADER, PHENTSIZE, 0,
     "the ELF program headers are too small"},
    {"headers too small",       IN_HEADER, PHENTSIZE, 31,
     "the ELF program headers are too small"},
    {"headers too large",       IN_HEADER, PHENTSIZE, 0xFFFF,    CUT_OFF},
    {"headers beyond the end",  IN_HEADER, PHOFF, 0x10000,       CUT_OFF},
    {"headers far beyond",      IN_HEADER, PHOFF, 0xFFFFFFFF,    CUT_OFF},
    {"headers at 2^64 - 8",     IN_HEADER, PHOFF, UINT64_MAX - 7, CUT_OFF},
    {"offset beyond the end",   1, P_OFFSET, 0x10000,            BEYOND_END},
    {"offset at 2^32 - 4",      1, P_OFFSET, 0xFFFFFFFC,         BEYOND_END},
    {"offset at 2^64 - 4",      1, P_OFFSET, UINT64_MAX - 3,     BEYOND_END},
    {"larger in the file",      1, P_FILESZ, 9,
     "a load segment is larger in the file than in memory"},
    {"smaller in memory",       1, P_MEMSZ, 7,
     "a load segment is larger in the file than in memory"},
    {"address wraps",           1, P_PADDR, 0xFFFFFFF9,          BEYOND_ADDRESS},
    {"address at 2^32",         1, P_PADDR, WIDE_ONLY,           BEYOND_ADDRESS},
    {"address at 2^64 - 8",     1, P_PADDR, UINT64_MAX - 7,      BEYOND_ADDRESS},
    {"same address",            1, P_PADDR, 0x100,               OVERLAP},
    {"overlap from behind",     1, P_PADDR, 0x107,               OVERLAP},
    {"overlap from before",     1, P_PADDR, 0x0F9,               OVERLAP},
};
// clang-format on

static void refused(const char *row, const kind *k, const file *f, const char *what)
{
    heap h = {0};
    dfukit_allocator allocator = heap_allocator(&h);
    dfukit_image image;
    dfukit_image_fault fault = {.what = "accepted"};

    int error = dfukit_image_parse(&image, f->bytes, f->n, NULL, &allocator, &fault);
    if (error != DFUKIT_ERR_DAMAGED || strcmp(fault.what, what) != 0)
        fail_msg("row \"%s\", %s: error %d: %s", row, k->name, error, fault.what);
    CHECK(row, !fault.has_line && fault.offset <= f->n);
    CHECK(row, h.live == 0);
}

static void one_wrong_field_is_refused_in_every_kind(void **state)
{
    (void)state;
    for (size_t r = 0; r < COUNT(bad_rows); r++) {
        const bad_row *row = &bad_rows[r];
        for (size_t k = 0; k < COUNT(kinds); k++) {
            if (row->value > UINT32_MAX && !kinds[k].wide)
                continue;
            file f = write_elf(&kinds[k], base_loads, COUNT(base_loads));
            set(&f, &kinds[k], row->program, row->field, row->value);
            refused(row->name, &kinds[k], &f, row->what);
            free(f.bytes);
        }
    }
}

static void a_wrong_identification_is_refused(void **state)
{
    static const struct {
        const char *name;
        size_t at;
        uint8_t value;
        const char *what;
    } rows[] = {
        {"no class", EI_CLASS, ELFCLASSNONE, "the ELF class is neither 32 nor 64 bits"},
        {"class 3", EI_CLASS, 3, "the ELF class is neither 32 nor 64 bits"},
        {"no byte order", EI_DATA, ELFDATANONE, "the ELF byte order is unknown"},
        {"byte order 3", EI_DATA, 3, "the ELF byte order is unknown"},
        {"version 0", EI_VERSION, EV_NONE, "the ELF version is unknown"},
        {"version 2", EI_VERSION, 2, "the ELF version is unknown"},
    };

    (void)state;
    for (size_t r = 0; r < COUNT(rows); r++) {
        for (size_t k = 0; k < COUNT(kinds); k++) {
            file f = write_elf(&kinds[k], base_loads, COUNT(base_loads));
            f.bytes[rows[r].at] = rows[r].value;
            refused(rows[r].name, &kinds[k], &f, rows[r].what);
            free(f.bytes);
        }
    }
}

static void segments_that_hold_nothing_are_refused(void **state)
{
    (void)state;
    for (size_t k = 0; k < COUNT(kinds); k++) {
        file f = write_elf(&kinds[k], base_loads, COUNT(base_loads));
        set(&f, &kinds[k], 0, P_FILESZ, 0);
        set(&f, &kinds[k], 1, P_TYPE, PT_NOTE);
        refused("nothing to load", &kinds[k], &f, "the ELF file loads nothing");
        free(f.bytes);
    }
}

/* Both segments name the same bytes, and together are larger than the file. */
static void bytes_loaded_twice_are_refused(void **state)
{
    (void)state;
    for (size_t k = 0; k < COUNT(kinds); k++) {
        file f = write_elf(&kinds[k], base_loads, COUNT(base_loads));
        for (int p = 0; p < 2; p++) {
            set(&f, &kinds[k], p, P_OFFSET, 0);
            set(&f, &kinds[k], p, P_FILESZ, f.n - 8);
            set(&f, &kinds[k], p, P_MEMSZ, f.n - 8);
            set(&f, &kinds[k], p, P_PADDR, p == 0 ? 0x1000 : 0x2000);
        }
        refused("shared bytes", &kinds[k], &f, "load segments share bytes of the file");
        free(f.bytes);
    }
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    for (size_t k = 0; k < COUNT(kinds); k++) {
        file whole = write_elf(&kinds[k], base_loads, COUNT(base_loads));
        for (size_t n = SELFMAG; n < whole.n; n++) {
            file f = file_copy(whole.bytes, n);
            const char *what = n < header_size(&kinds[k]) ? NULL
                               : n < header_size(&kinds[k]) + 2 * program_size(&kinds[k])
                                   ? CUT_OFF
                                   : BEYOND_END;
            refused("truncated", &kinds[k], &f, what != NULL ? what : "the ELF header is cut off");
            free(f.bytes);
        }
        free(whole.bytes);
    }
}

/* The offset and address of a segment without bytes in the file mean nothing. */
static void fields_of_a_segment_without_bytes_are_not_read(void **state)
{
    (void)state;
    for (size_t k = 0; k < COUNT(kinds); k++) {
        heap h = {0};
        dfukit_allocator allocator = heap_allocator(&h);
        dfukit_image image;
        file f = write_elf(&kinds[k], base_loads, COUNT(base_loads));

        set(&f, &kinds[k], 1, P_FILESZ, 0);
        set(&f, &kinds[k], 1, P_OFFSET, UINT64_MAX);
        set(&f, &kinds[k], 1, P_PADDR, UINT64_MAX);
        assert_int_equal(dfukit_image_parse(&image, f.bytes, f.n, NULL, &allocator, NULL), 0);
        assert_int_equal(dfukit_image_payload(&image), 8);
        dfukit_image_free(&image);
        assert_int_equal(h.live, 0);
        free(f.bytes);
    }
}

static void headers_may_be_larger_and_the_entry_may_be_missing(void **state)
{
    (void)state;
    for (size_t k = 0; k < COUNT(kinds); k++) {
        heap h = {0};
        dfukit_allocator allocator = heap_allocator(&h);
        dfukit_image image;
        static const load one[] = {{PT_LOAD, 0x100, 0x100, 64, 64}};
        file f = write_elf(&kinds[k], one, 1);

        set(&f, &kinds[k], IN_HEADER, PHENTSIZE, program_size(&kinds[k]) + 8);
        set(&f, &kinds[k], IN_HEADER, ENTRY, 0);
        set(&f, &kinds[k], IN_HEADER, TYPE, ET_DYN);
        assert_int_equal(dfukit_image_parse(&image, f.bytes, f.n, NULL, &allocator, NULL), 0);
        assert_false(image.has_entry);
        assert_int_equal(dfukit_image_payload(&image), 64);
        dfukit_image_free(&image);
        assert_int_equal(h.live, 0);
        free(f.bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_files_in_every_kind),
        cmocka_unit_test(one_wrong_field_is_refused_in_every_kind),
        cmocka_unit_test(a_wrong_identification_is_refused),
        cmocka_unit_test(segments_that_hold_nothing_are_refused),
        cmocka_unit_test(fields_of_a_segment_without_bytes_are_not_read),
        cmocka_unit_test(bytes_loaded_twice_are_refused),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(headers_may_be_larger_and_the_entry_may_be_missing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
