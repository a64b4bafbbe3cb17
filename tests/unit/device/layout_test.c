/* SPDX-License-Identifier: MIT */
/* Memory-layout strings: as they are known from products, and read back by a parser of its own
 * (UM0424 §4.3.2), sector by sector. */
#include "dfukit/device.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

enum { R = DFUKIT_MAY_READ, E = DFUKIT_MAY_ERASE, W = DFUKIT_MAY_WRITE };

/* ---- Strings as they are to be ---- */

static const dfukit_sectors f4[] = {{4, 16384}, {1, 65536}, {7, 131072}, {0, 0}};
static const dfukit_sectors pages[] = {{128, 1024}, {0, 0}};
static const dfukit_sectors few[] = {{1, 16}, {0, 0}};
static const dfukit_sectors odd[] = {{3, 528}, {100, 1056}, {12345, 1}, {0, 0}};
static const dfukit_sectors big[] = {{2, 1048576}, {1, 3145728}, {1, 1049600}, {0, 0}};
static const dfukit_sectors hollow[] = {{5, 0}, {2, 2048}, {7, 0}, {0, 0}};
static const dfukit_sectors nothing[] = {{7, 0}, {0, 0}};
static const dfukit_sectors huge[] = {{4000000000u, 1}, {0, 0}};

#define ZONE(at, runs, may)                                                                        \
    {                                                                                              \
        (at), (runs), 8, 0xFF, (may), 1, 1                                                         \
    }

static void strings(void **state)
{
    static const struct {
        const char *name;
        dfukit_region zones[5];
        const char *text;
    } rows[] = {
        {"Internal Flash",
         {ZONE(0x08000000, f4, R | E | W)},
         "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg"},
        {"Option Bytes", {ZONE(0x1FFFC000, few, R | W)}, "@Option Bytes  /0x1FFFC000/01*016Be"},
        {"x", {ZONE(0, pages, R)}, "@x  /0x00000000/128*001Ka"},
        {"x", {ZONE(0, pages, E)}, "@x  /0x00000000/128*001Kb"},
        {"x", {ZONE(0, pages, R | E)}, "@x  /0x00000000/128*001Kc"},
        {"x", {ZONE(0, pages, W)}, "@x  /0x00000000/128*001Kd"},
        {"x", {ZONE(0, pages, E | W)}, "@x  /0x00000000/128*001Kf"},
        {"odd", {ZONE(0xABCDEF00, odd, R)}, "@odd  /0xABCDEF00/03*528Ba,100*1056Ba,12345*001Ba"},
        {"big", {ZONE(0x90000000, big, R)}, "@big  /0x90000000/02*001Ma,01*003Ma,01*1025Ka"},
        {"", {ZONE(0, hollow, R)}, "@  /0x00000000/02*002Ka"},
        /* zones that touch, that do not, that nobody may touch, and that are empty */
        {"z",
         {ZONE(0x1000, hollow, R), ZONE(0x2000, few, R | W), ZONE(0x2011, few, R)},
         "@z  /0x00001000/02*002Ka,01*016Be/0x00002011/01*016Ba"},
        {"z",
         {ZONE(0x1000, hollow, R), ZONE(0x2000, few, 0), ZONE(0x2010, few, R)},
         "@z  /0x00001000/02*002Ka/0x00002010/01*016Ba"},
        {"z",
         {ZONE(0x1000, hollow, R), ZONE(0x2000, nothing, R), ZONE(0x2000, few, R)},
         "@z  /0x00001000/02*002Ka,01*016Ba"},
        /* the end of the address space is not followed by its start */
        {"z",
         {ZONE(0xFFFFFFF0, few, R), ZONE(0, few, R)},
         "@z  /0xFFFFFFF0/01*016Ba/0x00000000/01*016Ba"},
        {"z", {ZONE(0, huge, R)}, "@z  /0x00000000/4000000000*001Ba"},
        {"none", {ZONE(0, pages, 0)}, "@none  "},
    };

    (void)state;
    for (size_t i = 0; i < LENGTH(rows); i++) {
        const dfukit_memory m = {rows[i].name, rows[i].zones};
        uint32_t n = (uint32_t)strlen(rows[i].text);

        /* Room from none to more than enough: all or nothing, and no byte beyond. */
        for (uint32_t room = 0; room <= n + 3; room++) {
            char *to = malloc(room + 1);
            uint32_t got;

            memset(to, '~', room + 1);
            got = dfukit_layout(&m, to, room);
            assert_int_equal(to[room], '~');
            if (got != (room < n ? 0 : n) || (got != 0 && memcmp(to, rows[i].text, n) != 0))
                fail_msg("row %zu, room %u: %.*s", i, room, (int)got, to);
            free(to);
        }
        for (uint32_t room = 0; room <= 2 * n + 5; room++) {
            uint8_t *to = malloc(room + 1);
            uint32_t got;

            memset(to, 0xEE, room + 1);
            got = dfukit_layout_descriptor(&m, to, room);
            assert_int_equal(to[room], 0xEE);
            if (got != (room < 2 * n + 2 ? 0 : 2 * n + 2))
                fail_msg("row %zu, room %u: descriptor of %u bytes", i, room, got);
            if (got != 0) {
                assert_int_equal(to[0], got);
                assert_int_equal(to[1], 3);
                for (uint32_t k = 0; k < n; k++) {
                    if (to[2 + 2 * k] != (uint8_t)rows[i].text[k] || to[3 + 2 * k] != 0)
                        fail_msg("row %zu: character %u", i, k);
                }
            }
            free(to);
        }
    }
}

/* A string descriptor holds 126 characters. */
static void the_longest_descriptor(void **state)
{
    const dfukit_region zones[] = {ZONE(0, pages, R), {0}};
    char name[200];
    uint8_t to[600];

    (void)state;
    for (size_t n = 90; n < 180; n++) {
        dfukit_memory m = {name, zones};
        size_t characters = n + strlen("@  /0x00000000/128*001Ka");

        memset(name, 'n', sizeof name);
        name[n] = '\0';
        assert_int_equal(dfukit_layout_descriptor(&m, to, sizeof to),
                         characters <= 126 ? 2 + 2 * characters : 0);
        assert_int_equal(dfukit_layout(&m, (char *)to, sizeof to), characters);
    }
}

/* ---- Read back ---- */

typedef struct span {
    uint64_t address, size;
    uint8_t permissions;
} span;

static uint64_t number(const char **at, int base)
{
    char *end;
    uint64_t value;

    assert_true(isxdigit((unsigned char)**at));
    value = strtoull(*at, &end, base);
    *at = end;
    return value;
}

static void expect(const char **at, char c)
{
    if (**at != c)
        fail_msg("no '%c' at \"%s\"", c, *at);
    ++*at;
}

/* @return spans found */
static size_t parse(const char *text, span *out, size_t most)
{
    const char *at = strchr(text, '/');
    uint64_t address = 0;
    size_t n = 0;

    assert_int_equal(text[0], '@');
    while (at != NULL && *at == '/') {
        expect(&at, '/');
        expect(&at, '0');
        expect(&at, 'x');
        address = number(&at, 16);
        expect(&at, '/');
        for (;;) {
            uint64_t count = number(&at, 10), size;

            expect(&at, '*');
            size = number(&at, 10);
            size *= *at == 'K' ? 1024 : *at == 'M' ? 1048576 : *at == 'B' ? 1 : 0;
            at++;
            assert_true(*at >= 'a' && *at <= 'g');
            for (uint64_t k = 0; k < count; k++, address += size) {
                assert_true(n < most);
                out[n++] = (span){address, size, (uint8_t)(*at & 7)};
            }
            at++;
            if (*at != ',')
                break;
            at++;
        }
    }
    assert_true(at == NULL || *at == '\0');
    return n;
}

static uint32_t random_of(uint32_t *seed, uint32_t most)
{
    *seed = *seed * 1664525u + 1013904223u;
    return (*seed >> 8) % most;
}

#define SPANS 4000

static void read_back(void **state)
{
    static span wanted[SPANS], got[SPANS];
    static const uint32_t units[] = {1, 64, 1024, 1024, 65536, 1048576};

    (void)state;
    for (uint32_t round = 0; round < 3000; round++) {
        uint32_t seed = round * 2654435761u + 1;
        dfukit_sectors runs[4][5] = {{{0, 0}}};
        dfukit_region zones[5] = {{0}};
        const dfukit_memory m = {"Any name", zones};
        uint32_t address = random_of(&seed, 0x100000) * 64;
        size_t n = 0, zone_count = 1 + random_of(&seed, 4);
        char text[600];
        uint32_t length;

        for (size_t z = 0; z < zone_count; z++) {
            size_t run_count = 1 + random_of(&seed, 4);

            zones[z] = (dfukit_region){address, runs[z], 1, 0xFF, 0, 1, 1};
            zones[z].permissions = (uint8_t)random_of(&seed, 8);
            for (size_t k = 0; k < run_count; k++) {
                runs[z][k].count = 1 + random_of(&seed, random_of(&seed, 2) != 0 ? 9 : 200);
                runs[z][k].size = units[random_of(&seed, LENGTH(units))] *
                                  (1 + random_of(&seed, random_of(&seed, 2) != 0 ? 3 : 40));
                if ((uint64_t)address + (uint64_t)runs[z][k].count * runs[z][k].size > 0xFFFFFFFF)
                    runs[z][k] = (dfukit_sectors){1, 1};
                for (uint32_t i = 0; i < runs[z][k].count && zones[z].permissions != 0; i++)
                    wanted[n++] = (span){(uint64_t)address + (uint64_t)i * runs[z][k].size,
                                         runs[z][k].size, zones[z].permissions};
                address += runs[z][k].count * runs[z][k].size;
            }
            if (random_of(&seed, 2) != 0 && address < 0xFFFF0000)
                address += 16 * random_of(&seed, 1000);
        }
        length = dfukit_layout(&m, text, sizeof text - 1);
        assert_true(length != 0);
        text[length] = '\0';
        if (parse(text, got, SPANS) != n)
            fail_msg("round %u: another number of sectors in %s", round, text);
        for (size_t i = 0; i < n; i++) {
            if (got[i].address != wanted[i].address || got[i].size != wanted[i].size ||
                got[i].permissions != wanted[i].permissions)
                fail_msg("round %u: sector %zu of %s", round, i, text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings),
        cmocka_unit_test(the_longest_descriptor),
        cmocka_unit_test(read_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
