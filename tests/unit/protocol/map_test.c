/* SPDX-License-Identifier: MIT */
/* Memory-layout strings: UM0424 §4.3.2, and as real products write them. */
#include "dfukit/dfuse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { R = DFUKIT_MAY_READ, E = DFUKIT_MAY_ERASE, W = DFUKIT_MAY_WRITE, ALL = R | E | W };
enum {
    BLANK = DFUKIT_MAP_ODD_BLANK_MULTIPLIER,
    NO_MULT = DFUKIT_MAP_ODD_NO_MULTIPLIER,
    TRAILING = DFUKIT_MAP_ODD_TRAILING,
    SPACES = DFUKIT_MAP_ODD_SPACES,
    NO_AT = DFUKIT_MAP_ODD_NO_AT,
    TYPE = DFUKIT_MAP_ODD_TYPE,
    OVERLAP = DFUKIT_MAP_ODD_OVERLAP,
    BEYOND = DFUKIT_MAP_ODD_BEYOND,
    CASE = DFUKIT_MAP_ODD_CASE,
    ZERO = DFUKIT_MAP_ODD_ZERO
};

typedef struct row {
    const char *text;
    const char *name; /* NULL: no map */
    dfukit_map_kind kind;
    unsigned oddities;
    size_t count;
    dfukit_map_span spans[5];
} row;

/* Copied to the heap at its exact length: a read behind the NUL is seen by a sanitizer. */
static int parse(const char *text, dfukit_map *map)
{
    char *copy = strdup(text);
    int r = dfukit_map_parse(copy, map);
    free(copy);
    return r;
}

static void check(const row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const row *r = &rows[i];
        dfukit_map map;
        memset(&map, 0xA5, sizeof map);
        int result = parse(r->text, &map);
        printf("row %zu: \"%s\"\n", i, r->text);
        if (r->name == NULL) {
            assert_int_equal(result, DFUKIT_ERR_FORMAT);
            assert_int_equal((uint8_t)map.name[0], 0xA5); /* not written */
            continue;
        }
        assert_int_equal(result, DFUKIT_OK);
        assert_string_equal(map.name, r->name);
        assert_int_equal(map.kind, r->kind);
        assert_int_equal(map.oddities, r->oddities);
        assert_int_equal(map.count, r->count);
        for (size_t k = 0; k < r->count; k++) {
            assert_int_equal(map.spans[k].address, r->spans[k].address);
            assert_int_equal(map.spans[k].count, r->spans[k].count);
            assert_int_equal(map.spans[k].size, r->spans[k].size);
            assert_int_equal(map.spans[k].permissions, r->spans[k].permissions);
        }
    }
}

#define FLASH  DFUKIT_MAP_FLASH
#define OPTION DFUKIT_MAP_OPTION_BYTES
#define OTP    DFUKIT_MAP_OTP
#define K      1024u

// clang-format off
static const row grammar[] = {
    /* types: the low three bits of the letter */
    {"@M/0x0/1*1Ba", "M", FLASH, 0, 1, {{0, 1, 1, R}}},
    {"@M/0x0/1*1Bb", "M", FLASH, 0, 1, {{0, 1, 1, E}}},
    {"@M/0x0/1*1Bc", "M", FLASH, 0, 1, {{0, 1, 1, R | E}}},
    {"@M/0x0/1*1Bd", "M", FLASH, 0, 1, {{0, 1, 1, W}}},
    {"@M/0x0/1*1Be", "M", FLASH, 0, 1, {{0, 1, 1, R | W}}},
    {"@M/0x0/1*1Bf", "M", FLASH, 0, 1, {{0, 1, 1, E | W}}},
    {"@M/0x0/1*1Bg", "M", FLASH, 0, 1, {{0, 1, 1, ALL}}},
    /* multipliers, zones, leading zeros, sizes that are no powers of two */
    {"@M/0x10/2*3Bg,2*3Kg,2*3Mg", "M", FLASH, 0, 3, {{0x10, 2, 3, ALL}, {0x16, 2, 3 * K, ALL}, {0x1816, 2, 3 * K * K, ALL}}},
    {"@M/0x00001000/01*01Kg/0xF0000000/0002*0003Ka", "M", FLASH, 0, 2, {{0x1000, 1, K, ALL}, {0xF0000000, 2, 3 * K, R}}},
    {"@M/0X20000/1*1Kg,1*2Kg/0x0/3*4Ka,1*8Kg", "M", FLASH, 0, 4,
     {{0x20000, 1, K, ALL}, {0x20400, 1, 2 * K, ALL}, {0, 3, 4 * K, R}, {12 * K, 1, 8 * K, ALL}}},
    {"@/0x0/1*1Kg", "", FLASH, 0, 1, {{0, 1, K, ALL}}},
    {"@In/Out flash /0x0/1*1Kg", "In/Out flash", FLASH, 0, 1, {{0, 1, K, ALL}}},
    {"@OPTION BYTE/0x0/1*1Kg", "OPTION BYTE", OPTION, 0, 1, {{0, 1, K, ALL}}},
    {"@otp/0x0/1*1Kg", "otp", OTP, 0, 1, {{0, 1, K, ALL}}},
    {"@device feature/0x0/1*1Kg", "device feature", DFUKIT_MAP_DEVICE_FEATURE, 0, 1, {{0, 1, K, ALL}}},
    {"@Option Byt/0x0/1*1Kg", "Option Byt", FLASH, 0, 1, {{0, 1, K, ALL}}},
    /* the very end of the address space */
    {"@M/0xFFFFF000/4*1Kg", "M", FLASH, 0, 1, {{0xFFFFF000, 4, K, ALL}}},
    {"@M/0x0/4096*1023Kg", "M", FLASH, 0, 1, {{0, 4096, 1023 * K, ALL}}},
};

static const row odd[] = {
    {"@M/0x0/01*016 g", "M", FLASH, BLANK, 1, {{0, 1, 16, ALL}}},
    {"@M/0x0/01*016   g", "M", FLASH, BLANK | SPACES, 1, {{0, 1, 16, ALL}}},
    {"@M/0x0/16*1g", "M", FLASH, NO_MULT, 1, {{0, 16, 1, ALL}}},
    {"@M/0x0/16*1e,2*1Kg", "M", FLASH, NO_MULT, 2, {{0, 16, 1, R | W}, {16, 2, K, ALL}}},
    {"@M/0x0/1*1Kg ", "M", FLASH, SPACES, 1, {{0, 1, K, ALL}}},
    {"@M/0x0/1*1Kg    ", "M", FLASH, SPACES, 1, {{0, 1, K, ALL}}},
    {"@M/0x0/1*1Kg,", "M", FLASH, TRAILING, 1, {{0, 1, K, ALL}}},
    {"@M/0x0/1*1Kg,7", "M", FLASH, TRAILING, 1, {{0, 1, K, ALL}}},
    {"@M/0x0/1*1Kg,7*8", "M", FLASH, TRAILING, 1, {{0, 1, K, ALL}}},
    {"@M/0x0/1*1Kg,7*8  ", "M", FLASH, TRAILING, 1, {{0, 1, K, ALL}}},
    {"@M/0x0/1*1Kg \xFF\xFE", "M", FLASH, TRAILING | SPACES, 1, {{0, 1, K, ALL}}},
    {"@M/0x0/1*1Kgg", "M", FLASH, TRAILING, 1, {{0, 1, K, ALL}}},
    {"@M/0x0/1*1Kg/0x10/", "M", FLASH, TRAILING, 1, {{0, 1, K, ALL}}},
    {"@M/0x0/1*1Kg/", "M", FLASH, TRAILING, 1, {{0, 1, K, ALL}}},
    {"@X / 0x100 / 2 * 1Kg , 1*2K g / 0x8000/1*1Kg", "X", FLASH, SPACES, 3, {{0x100, 2, K, ALL}, {0x900, 1, 2 * K, ALL}, {0x8000, 1, K, ALL}}},
    {"M/0x0/1*1Kg", "M", FLASH, NO_AT, 1, {{0, 1, K, ALL}}},
    {"  M/0x0/1*1Kg", "M", FLASH, NO_AT, 1, {{0, 1, K, ALL}}},
    {"@M/0x0/1*1Kh", "M", FLASH, TYPE, 1, {{0, 1, K, 0}}},
    {"@M/0x0/1*1KG", "M", FLASH, TYPE, 1, {{0, 1, K, ALL}}},
    {"@M/0x0/1*1Kz", "M", FLASH, TYPE, 1, {{0, 1, K, E}}},
    {"@M/0x0/1*1kg,1*1mg", "M", FLASH, CASE, 2, {{0, 1, K, ALL}, {K, 1, K * K, ALL}}},
    {"@M/0x0/1*1k", "M", FLASH, NO_MULT | TYPE, 1, {{0, 1, 1, R | E}}},
    {"@M/0x0/0*1Kg,1*0Kg,1*1Kg", "M", FLASH, ZERO, 1, {{0, 1, K, ALL}}},
    {"@M/0x0/2*1Kg/0x400/2*1Ka", "M", FLASH, OVERLAP, 2, {{0, 2, K, ALL}, {0x400, 2, K, R}}},
    /* beyond 2^32: cut, and what follows is not wrapped */
    {"@M/0xFFFFF000/8*1Kg,1*1Kg", "M", FLASH, BEYOND, 1, {{0xFFFFF000, 4, K, ALL}}},
    {"@M/0x100000000/1*1Kg/0x0/1*1Kg", "M", FLASH, BEYOND, 1, {{0, 1, K, ALL}}},
    {"@M/0xFFFFFFFFFFFFFFFFFFFFFFFF/1*1Kg/0x0/1*1Kg", "M", FLASH, BEYOND, 1, {{0, 1, K, ALL}}},
    {"@M/0x0/99999999999999999999*16Kg,1*1Kg", "M", FLASH, BEYOND, 1, {{0, 262144, 16 * K, ALL}}},
    {"@M/0x0/1*99999999999999999999Mg/0x0/1*1Kg", "M", FLASH, BEYOND, 1, {{0, 1, K, ALL}}},
    {"@M/0x0/4096*1048576Mg/0x0/1*1Kg", "M", FLASH, BEYOND, 1, {{0, 1, K, ALL}}},
    {"@M/0x0/1*4096Mg/0x0/1*1Kg", "M", FLASH, BEYOND, 1, {{0, 1, K, ALL}}},
};

static const row no_map[] = {
    {"", NULL, FLASH, 0, 0, {{0, 0, 0, 0}}},
    {"@", NULL, FLASH, 0, 0, {{0, 0, 0, 0}}},
    {"/", NULL, FLASH, 0, 0, {{0, 0, 0, 0}}},
    {"@/", NULL, FLASH, 0, 0, {{0, 0, 0, 0}}},
    {"Internal Flash", NULL, FLASH, 0, 0, {{0, 0, 0, 0}}},
    {"FLASH", NULL, FLASH, 0, 0, {{0, 0, 0, 0}}},
    {"RAM 0x32000000", NULL, FLASH, 0, 0, {{0, 0, 0, 0}}},
    {"@M/0x", NULL, FLASH, 0, 0, {{0, 0, 0, 0}}},
    {"@M/0x0", NULL, FLASH, 0, 0, {{0, 0, 0, 0}}},
    {"@M/0x0/", NULL, FLASH, 0, 0, {{0, 0, 0, 0}}},
    {"@M/0x0/ ", NULL, FLASH, 0, 0, {{0, 0, 0, 0}}},
    {"@M/0x0/1", NULL, FLASH, 0, 0, {{0, 0, 0, 0}}},
    {"@M/0x0/1*", NULL, FLASH, 0, 0, {{0, 0, 0, 0}}},
    {"@M/0x0/1*1", NULL, FLASH, 0, 0, {{0, 0, 0, 0}}},
    {"@M/0x0/1*1 ", NULL, FLASH, 0, 0, {{0, 0, 0, 0}}},
    {"@M/0x0/1*1K", NULL, FLASH, 0, 0, {{0, 0, 0, 0}}}, /* a multiplier, and no type */
    {"@M/0x0/1*1K1", NULL, FLASH, 0, 0, {{0, 0, 0, 0}}},
    {"@M/0x0/-1*1Kg", NULL, FLASH, 0, 0, {{0, 0, 0, 0}}},
    {"@M/0x0/0*1Kg", NULL, FLASH, 0, 0, {{0, 0, 0, 0}}},
    {"@M/0x0/1*0Kg", NULL, FLASH, 0, 0, {{0, 0, 0, 0}}},
    {"@M/0x100000000/1*1Kg", NULL, FLASH, 0, 0, {{0, 0, 0, 0}}},
    {"@M/1000/1*1Kg", NULL, FLASH, 0, 0, {{0, 0, 0, 0}}},
    {"@M/0xg/1*1Kg", NULL, FLASH, 0, 0, {{0, 0, 0, 0}}},
};

/* As products have them. */
static const row products[] = {
    {"@Internal Flash  /0x08000000/12*001Ka,116*001Kg", "Internal Flash", FLASH, 0, 2, {{0x08000000, 12, K, R}, {0x08003000, 116, K, ALL}}},
    {"@SPI Flash : M25P64/0x00000000/64*064Kg,64*064Kg", "SPI Flash : M25P64", FLASH, 0, 2, {{0, 64, 64 * K, ALL}, {0x400000, 64, 64 * K, ALL}}},
    {"@SPI Flash : M25P64/0x00000000/128*64Kg", "SPI Flash : M25P64", FLASH, 0, 1, {{0, 128, 64 * K, ALL}}},
    {"@Internal Flash  /0x08000000/20*001Ka,108*001Kg", "Internal Flash", FLASH, 0, 2, {{0x08000000, 20, K, R}, {0x08005000, 108, K, ALL}}},
    {"@SPI Flash : SST25x/0x00000000/512*04Kg", "SPI Flash : SST25x", FLASH, 0, 1, {{0, 512, 4 * K, ALL}}},
    {"@Internal Flash  /0x08000000/128*002Kg", "Internal Flash", FLASH, 0, 1, {{0x08000000, 128, 2 * K, ALL}}},
    {"@Option Bytes  /0x1FFFF800/01*016 g", "Option Bytes", OPTION, BLANK, 1, {{0x1FFFF800, 1, 16, ALL}}},
    {"@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg", "Internal Flash", FLASH, 0, 3,
     {{0x08000000, 4, 16 * K, ALL}, {0x08010000, 1, 64 * K, ALL}, {0x08020000, 7, 128 * K, ALL}}},
    {"@Option Bytes  /0x1FFFC000/01*016 g", "Option Bytes", OPTION, BLANK, 1, {{0x1FFFC000, 1, 16, ALL}}},
    {"@OTP Memory /0x1FFF7800/01*512 g,01*016 g", "OTP Memory", OTP, BLANK, 2, {{0x1FFF7800, 1, 512, ALL}, {0x1FFF7A00, 1, 16, ALL}}},
    {"@Device Feature/0xFFFF0000/01*004 g", "Device Feature", DFUKIT_MAP_DEVICE_FEATURE, BLANK, 1, {{0xFFFF0000, 1, 4, ALL}}},
    {"@Internal Flash   /0x08000000/8*001Ka,120*001Kg", "Internal Flash", FLASH, 0, 2, {{0x08000000, 8, K, R}, {0x08002000, 120, K, ALL}}},
    {"@Internal Flash  /0x08000000/04*016Kg,01*064Kg,03*128Kg", "Internal Flash", FLASH, 0, 3,
     {{0x08000000, 4, 16 * K, ALL}, {0x08010000, 1, 64 * K, ALL}, {0x08020000, 3, 128 * K, ALL}}},
    {"@Internal Flash  /0x08000000/04*016Kg,01*064Kg,01*128Kg", "Internal Flash", FLASH, 0, 3,
     {{0x08000000, 4, 16 * K, ALL}, {0x08010000, 1, 64 * K, ALL}, {0x08020000, 1, 128 * K, ALL}}},
    {"@Option Bytes  /0x1FFFC000/01*016 e", "Option Bytes", OPTION, BLANK, 1, {{0x1FFFC000, 1, 16, R | W}}},
    {"@OTP Memory   /0x1FFF7800/01*512 e,01*016 e", "OTP Memory", OTP, BLANK, 2, {{0x1FFF7800, 1, 512, R | W}, {0x1FFF7A00, 1, 16, R | W}}},
    {"@Internal Flash  /0x08000000/0128*0002Kg", "Internal Flash", FLASH, 0, 1, {{0x08000000, 128, 2 * K, ALL}}},
    {"@Option Bytes  /0x1FFF7800/01*040 e", "Option Bytes", OPTION, BLANK, 1, {{0x1FFF7800, 1, 40, R | W}}},
    {"@OTP Memory  /0x1FFF7000/01*0001Ke", "OTP Memory", OTP, 0, 1, {{0x1FFF7000, 1, K, R | W}}},
    {"@Internal Flash  /0x08000000/04*032Kg,01*128Kg,03*256Kg", "Internal Flash", FLASH, 0, 3,
     {{0x08000000, 4, 32 * K, ALL}, {0x08020000, 1, 128 * K, ALL}, {0x08040000, 3, 256 * K, ALL}}},
    {"@Option Bytes   /0x5200201C/01*128 e", "Option Bytes", OPTION, BLANK, 1, {{0x5200201C, 1, 128, R | W}}},
    {"@Internal Flash   /0x08000000/16*128Kg", "Internal Flash", FLASH, 0, 1, {{0x08000000, 16, 128 * K, ALL}}},
    {"@Internal Flash  /0x08000000/064*0002Kg", "Internal Flash", FLASH, 0, 1, {{0x08000000, 64, 2 * K, ALL}}},
    {"@Option Bytes  /0x1FFFF800/01*016 e", "Option Bytes", OPTION, BLANK, 1, {{0x1FFFF800, 1, 16, R | W}}},
    {"@FlashLayout/0x00/1*256Ke", "FlashLayout", FLASH, 0, 1, {{0, 1, 256 * K, R | W}}},
    {"@virtual/0xf1/1*512Be", "virtual", FLASH, 0, 1, {{0xF1, 1, 512, R | W}}},
    {"@PMIC/0xf4/1*8Be", "PMIC", FLASH, 0, 1, {{0xF4, 1, 8, R | W}}},
    {"@OTP/0xf2/1*776Be", "OTP", OTP, 0, 1, {{0xF2, 1, 776, R | W}}},
    {"@Internal Flash  /0x08000000/512*002Kg", "Internal Flash", FLASH, 0, 1, {{0x08000000, 512, 2 * K, ALL}}},
    {"@Internal Flash  /0x08000000/128*001Kg", "Internal Flash", FLASH, 0, 1, {{0x08000000, 128, K, ALL}}},
    {"@Option Bytes  /0x1FFFF800/01*016Be", "Option Bytes", OPTION, 0, 1, {{0x1FFFF800, 1, 16, R | W}}},
    {"@Internal Flash   /0x08000000/03*016Ka,01*016Kg,01*064Kg,07*128Kg", "Internal Flash", FLASH, 0, 4,
     {{0x08000000, 3, 16 * K, R}, {0x0800C000, 1, 16 * K, ALL}, {0x08010000, 1, 64 * K, ALL}, {0x08020000, 7, 128 * K, ALL}}},
    {"@DCT Flash   /0x00000000/01*016Kg", "DCT Flash", FLASH, 0, 1, {{0, 1, 16 * K, ALL}}},
    {"@Internal Flash /0x08000000/4*001Ka,60*001Kg", "Internal Flash", FLASH, 0, 2, {{0x08000000, 4, K, R}, {0x08001000, 60, K, ALL}}},
    {"@Internal Flash   /0x08000000/256*0002Kg", "Internal Flash", FLASH, 0, 1, {{0x08000000, 256, 2 * K, ALL}}},
    {"@Flash/0x2000/1*248Kg", "Flash", FLASH, 0, 1, {{0x2000, 1, 248 * K, ALL}}},
};
// clang-format on

#define CHECK(rows) check(rows, sizeof(rows) / sizeof(rows)[0])

static void the_grammar(void **state)
{
    (void)state;
    CHECK(grammar);
}

static void oddities(void **state)
{
    (void)state;
    CHECK(odd);
    dfukit_map map;
    assert_int_equal(parse("@X / 0x100 / 2 * 1 Kg", &map), DFUKIT_OK); /* bytes, and type K: 3 */
    assert_int_equal(map.spans[0].size, 1);
    assert_int_equal(map.oddities, SPACES | BLANK | TYPE | TRAILING);
    assert_int_equal(parse("@M/0x0/4294967296*1Bg", &map), DFUKIT_OK);
    assert_int_equal(dfukit_map_bytes(&map), UINT64_C(0x100000000) - 1);
    assert_int_equal(map.oddities, BEYOND);
}

static void not_a_map(void **state)
{
    (void)state;
    CHECK(no_map);
}

static void strings_of_products(void **state)
{
    (void)state;
    CHECK(products);
}

static void names_are_cut_and_sanitised(void **state)
{
    (void)state;
    char text[600];
    dfukit_map map;
    for (size_t n = 0; n < 200; n++) { /* 'x' then two-byte characters: cut at a whole one */
        size_t at = 0;
        text[at++] = '@';
        text[at++] = 'x';
        for (size_t i = 0; i < n; i++) {
            text[at++] = '\xC3';
            text[at++] = '\xA9';
        }
        strcpy(text + at, "/0x0/1*1Kg");
        assert_int_equal(parse(text, &map), DFUKIT_OK);
        assert_true(strlen(map.name) < DFUKIT_MAP_NAME_SIZE);
        assert_int_equal(strlen(map.name), n <= 30 ? 1 + 2 * n : 61);
        assert_null(strchr(map.name, '?')); /* what sanitising makes of half a character */
    }
    assert_int_equal(parse("@\x1B[31mred\xE2\x80\xAE/0x0/1*1Kg", &map), DFUKIT_OK);
    assert_string_equal(map.name, "?[31mred???");
}

static void more_spans_than_room(void **state)
{
    (void)state;
    char text[2000] = "@M/0x0/1*1Kg";
    dfukit_map map;
    for (unsigned i = 1; i < DFUKIT_MAP_SPANS_MAX; i++)
        strcat(text, ",1*1Kg");
    assert_int_equal(parse(text, &map), DFUKIT_OK);
    assert_int_equal(map.count, DFUKIT_MAP_SPANS_MAX);
    assert_int_equal(map.oddities, 0);
    strcat(text, ",1*1Kg,1*1Kg");
    assert_int_equal(parse(text, &map), DFUKIT_OK);
    assert_int_equal(map.count, DFUKIT_MAP_SPANS_MAX);
    assert_int_equal(map.oddities, DFUKIT_MAP_ODD_TOO_MANY);
}

static void sectors(void **state)
{
    (void)state;
    static const struct {
        uint32_t address, start, size;
        uint8_t permissions; /* 0: outside */
    } rows[] = {
        {0x0FF, 0, 0, 0},           {0x100, 0x100, 0x300, ALL}, {0x3FF, 0x100, 0x300, ALL},
        {0x400, 0x400, 0x300, ALL}, {0x9FF, 0x700, 0x300, ALL}, {0xA00, 0xA00, 0x10, R},
        {0xA1F, 0xA10, 0x10, R},    {0xA20, 0, 0, 0},           {0xFFFFFFFF, 0xFFFFFFFF, 1, ALL},
        {0xFFFFFFFE, 0, 0, 0},
    };
    dfukit_map map;
    assert_int_equal(parse("@M/0x100/3*768Bg,2*16Ba/0xFFFFFFFF/1*1Bg", &map), DFUKIT_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint32_t start = 7, size = 7;
        uint8_t permissions = 0;
        bool inside = dfukit_map_sector(&map, rows[i].address, &start, &size, &permissions);
        printf("address 0x%X\n", (unsigned)rows[i].address);
        assert_int_equal(inside, rows[i].permissions != 0);
        assert_int_equal(permissions, rows[i].permissions);
        assert_int_equal(start, inside ? rows[i].start : 7);
        assert_int_equal(size, inside ? rows[i].size : 7);
    }
    assert_true(dfukit_map_sector(&map, 0x100, NULL, NULL, NULL));
}

static void reach(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t address;
        uint8_t permissions;
        uint64_t reach;
    } rows[] = {
        {"@M/0x0/4*1Kg", 0, ALL, 4096},
        {"@M/0x0/4*1Kg", 4095, R, 1},
        {"@M/0x0/4*1Kg", 4096, R, 0},
        {"@M/0x0/4*1Ka,4*1Kg", 0, R, 8192},
        {"@M/0x0/4*1Ka,4*1Kg", 0, W, 0},
        {"@M/0x0/4*1Kg,4*1Ka,4*1Kg", 100, W, 3996},
        {"@M/0x1000/1*4Kg/0x0/1*4Kg", 0, R, 8192}, /* whatever the order */
        {"@M/0x2000/1*4Kg/0x0/1*4Kg", 0, R, 4096},
        {"@M/0xFFFFF000/4*1Kg", 0xFFFFF800, R, 2048},
        {"@M/0x400/1*1Ka/0x0/4*1Kg", 0, W, 1024}, /* what is named first counts */
        {"@M/0x0/4*1Kg/0x400/1*1Ka", 0, W, 4096},
        {"@M/0x80000000/2097151*1Kg/0x0/2097152*1Kg", 0, R, (UINT64_C(1) << 32) - 1024},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        dfukit_map map;
        printf("row %zu\n", i);
        assert_int_equal(parse(rows[i].text, &map), DFUKIT_OK);
        assert_int_equal(dfukit_map_reach(&map, rows[i].address, rows[i].permissions),
                         rows[i].reach);
    }
}

static void words(void **state)
{
    (void)state;
    for (unsigned bit = 1; bit <= DFUKIT_MAP_ODD_ZERO; bit <<= 1) {
        assert_string_not_equal(dfukit_map_oddity_text(bit), dfukit_map_oddity_text(0));
        for (unsigned other = 1; other < bit; other <<= 1)
            assert_string_not_equal(dfukit_map_oddity_text(bit), dfukit_map_oddity_text(other));
    }
    assert_string_equal(dfukit_map_kind_name(DFUKIT_MAP_FLASH), "flash");
    assert_string_equal(dfukit_map_kind_name(DFUKIT_MAP_OPTION_BYTES), "option bytes");
    assert_string_equal(dfukit_map_kind_name(DFUKIT_MAP_OTP), "OTP");
    assert_string_equal(dfukit_map_kind_name(DFUKIT_MAP_DEVICE_FEATURE), "device feature");
    assert_string_equal(dfukit_map_kind_name(DFUKIT_MAP_KIND_COUNT), "unknown");
}

/* What a map promises, whatever string it came from. */
static void check_sane(const char *text)
{
    dfukit_map map;
    if (parse(text, &map) != DFUKIT_OK)
        return;
    assert_in_range(map.count, 1, DFUKIT_MAP_SPANS_MAX);
    for (size_t i = 0; i < map.count; i++) {
        const dfukit_map_span *s = &map.spans[i];
        uint64_t end = s->address + (uint64_t)s->count * s->size;
        if (s->count == 0 || s->size == 0 || end > UINT64_C(1) << 32 || s->permissions > 7)
            fail_msg("\"%s\": span %zu", text, i);
        assert_true(dfukit_map_reach(&map, s->address, 0) <= (UINT64_C(1) << 32) - s->address);
    }
}

static void hostile(void **state)
{
    (void)state;
    static const char alphabet[] = "@/0x0x19*,Kg Bma/0x\xFF"
                                   "M";
    static const char *const seeds[] = {
        "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg",
        "@OTP Memory /0x1FFF7800/01*512 g,01*016 g/0xFFFFFFF0/99999*16Mg",
    };
    uint32_t x = 2463534242u;
    for (unsigned n = 0; n < 200000; n++) {
        char text[80];
        x ^= x << 13, x ^= x >> 17, x ^= x << 5;
        strcpy(text, seeds[x & 1]);
        size_t length = strlen(text);
        for (unsigned k = 0; k < 1 + (x >> 1) % 4; k++) {
            x ^= x << 13, x ^= x >> 17, x ^= x << 5;
            text[x % length] =
                (x >> 8) % 16 == 0 ? '\0' : alphabet[(x >> 12) % (sizeof alphabet - 1)];
        }
        check_sane(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_grammar),
        cmocka_unit_test(oddities),
        cmocka_unit_test(not_a_map),
        cmocka_unit_test(strings_of_products),
        cmocka_unit_test(names_are_cut_and_sanitised),
        cmocka_unit_test(more_spans_than_room),
        cmocka_unit_test(sectors),
        cmocka_unit_test(reach),
        cmocka_unit_test(words),
        cmocka_unit_test(hostile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
