/* SPDX-License-Identifier: MIT */
/* Plans for devices with addresses, written as text: E erases a page, M everything of a setting, R
 * is a run; "alternate:address+size", hexadecimal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dfukit/host.h"

static size_t allocated;

static void *resize(void *self, void *p, size_t n)
{
    (void)self;
    if (p == NULL && n != 0)
        allocated++;
    if (p != NULL && n == 0)
        allocated--;
    if (n != 0)
        return realloc(p, n);
    free(p);
    return NULL;
}
static const dfukit_allocator heap = {NULL, resize};

static uint8_t bytes[1 << 20];

typedef struct row {
    const char *name;
    const char *alts[4]; /* settings 0, 1 … */
    dfukit_job job;
    bool no_image;
    bool file_alternates;
    struct {
        uint8_t alternate;
        uint32_t address, size;
    } segments[6];
    const char *plan; /* NULL: refused */
    int error;
    uint32_t address; /* of the fault */
    uint32_t start, beside;
} row;

#define F1      "@Internal Flash  /0x08000000/128*002Kg"
#define OPTIONS "@Option Bytes  /0x1FFFF800/01*016 e"
#define OPTIONS_G "@Option Bytes  /0x1FFFF800/01*016 g"
#define OTP     "@OTP Memory /0x1FFF7800/01*512 e"
#define FEATURE "@Device Feature/0xFFFF0000/01*004 e"
#define F4      "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg"
#define NANO    "@Internal Flash  /0x08000000/12*001Ka,116*001Kg"
#define SPI     "@SPI Flash/0x00000000/16*4Kg"

#define WRITE   .verb = DFUKIT_VERB_WRITE
#define READ    .verb = DFUKIT_VERB_READ
#define VERIFY  .verb = DFUKIT_VERB_VERIFY
#define ERASE   .verb = DFUKIT_VERB_ERASE
#define UNREAD  "?" /* a setting that has a name, which could not be read */
#define ALT(n)  .has_alt = true, .alt = (n)
#define AT(a)   .has_at = true, .at = (a)
#define SIZE(n) .has_size = true, .size = (n)

// clang-format off
static const row rows[] = {
    {"one page", {F1}, {WRITE}, .segments = {{0, 0x08000000, 100}}, .plan = "E0:8000000+800 R0:8000000+64", .start = 0x08000000, .beside = 2048 - 100},
    {"two segments in one page: erased once", {F1}, {WRITE}, .segments = {{0, 0x08000000, 16}, {0, 0x08000400, 16}},
     .plan = "E0:8000000+800 R0:8000000+10 R0:8000400+10", .start = 0x08000000, .beside = 2048 - 32},
    {"segments that touch are one run", {F1}, {WRITE}, .segments = {{0, 0x08000010, 16}, {0, 0x08000020, 32}},
     .plan = "E0:8000000+800 R0:8000010+30", .start = 0x08000010, .beside = 2048 - 48},
    {"over a page's end", {F1}, {WRITE}, .segments = {{0, 0x080007FF, 2}}, .plan = "E0:8000000+800 E0:8000800+800 R0:80007ff+2", .start = 0x080007FF,
     .beside = 4096 - 2},
    {"pages of different sizes in one run", {F4}, {WRITE}, .segments = {{0, 0x0800C000, 0x14001}},
     .plan = "E0:800c000+4000 E0:8010000+10000 E0:8020000+20000 R0:800c000+14001", .start = 0x0800C000, .beside = 0x20000 - 1},
    {"into a span of smaller pages", {"@M/0x0/1*8Kg,8*1Kg"}, {WRITE}, .segments = {{0, 0x1FFE, 0x804}},
     .plan = "E0:0+2000 E0:2000+400 E0:2400+400 E0:2800+400 R0:1ffe+804", .start = 0x1FFE, .beside = 0x2C00 - 0x804},
    {"pages that are no power of two, not aligned", {"@M/0x100/4*768Bg"}, {WRITE}, .segments = {{0, 0x3FF, 2}, {0, 0x9FF, 1}},
     .plan = "E0:100+300 E0:400+300 E0:700+300 R0:3ff+2 R0:9ff+1", .start = 0x3FF, .beside = 0x900 - 3},
    {"the same address in two settings is two pages", {F1, "@Copy/0x08000000/128*2Kg"}, {WRITE}, .file_alternates = true,
     .segments = {{0, 0x08000000, 4}, {1, 0x08000000, 4}}, .plan = "E0:8000000+800 E1:8000000+800 R0:8000000+4 R1:8000000+4", .start = 0x08000000,
     .beside = 4096 - 8},
    {"three elements over two settings", {NANO, SPI}, {WRITE}, .file_alternates = true,
     .segments = {{0, 0x08003000, 4}, {0, 0x08003200, 4}, {1, 0, 0x1001}},
     .plan = "E0:8003000+400 E1:0+1000 E1:1000+1000 R0:8003000+4 R0:8003200+4 R1:0+1001", .start = 0x08003000, .beside = 0x400 - 8 + 0xFFF},
    {"settings by address", {NANO, SPI}, {WRITE}, .segments = {{0, 0x10, 4}, {0, 0x08003000, 4}},
     .plan = "E0:8003000+400 E1:0+1000 R0:8003000+4 R1:10+4", .start = 0x08003000, .beside = 0x400 + 0x1000 - 8},
    {"one segment over two settings that follow one another", {"@A/0x1000/4*1Kg", "@B/0x0/4*1Kg"}, {WRITE}, .segments = {{0, 0xFFE, 4}},
     .plan = "E0:1000+400 E1:c00+400 R0:1000+2 R1:ffe+2", .start = 0x1000, .beside = 0x800 - 4},
    {"named by number", {F1, "@Copy/0x08000000/128*2Kg"}, {WRITE, ALT(1)}, .segments = {{0, 0x08000000, 4}}, .plan = "E1:8000000+800 R1:8000000+4",
     .start = 0x08000000, .beside = 2044},
    {"named by the name in front of the map", {F1, "@Copy/0x08000000/128*2Kg"}, {WRITE, .has_alt = true, .alt_name = "Copy"},
     .segments = {{0, 0x08000000, 4}}, .plan = "E1:8000000+800 R1:8000000+4", .start = 0x08000000, .beside = 2044},
    {"of a file with several settings, the one that is named", {NANO, SPI}, {WRITE, ALT(1)}, .file_alternates = true,
     .segments = {{0, 0x08003000, 4}, {1, 0, 4}}, .plan = "E1:0+1000 R1:0+4", .start = 0, .beside = 4092},
    {"a file with one setting goes where it is sent", {F1, "@Copy/0x08000000/128*2Kg"}, {WRITE, ALT(1)}, .file_alternates = true,
     .segments = {{0, 0x08000000, 4}}, .plan = "E1:8000000+800 R1:8000000+4", .start = 0x08000000, .beside = 2044},
    {"erase nothing", {F1}, {WRITE, .erase = DFUKIT_ERASE_NONE}, .segments = {{0, 0x08000000, 4}}, .plan = "R0:8000000+4", .start = 0x08000000},
    {"erase everything, in each setting that is written", {NANO, SPI}, {WRITE, .erase = DFUKIT_ERASE_ALL},
     .segments = {{0, 0, 4}, {0, 0x100, 4}, {0, 0x08003000, 4}}, .plan = "M0 M1 R0:8003000+4 R1:0+4 R1:100+4", .start = 0x08003000},
    {"memory that needs no erasing", {"@RAM/0x20000000/1*16Ke"}, {WRITE}, .segments = {{0, 0x20000000, 4}}, .plan = "R0:20000000+4", .start = 0x20000000},
    {"part of the file", {F1}, {WRITE, .range = {0x08000800, 0x08001000}}, .segments = {{0, 0x08000000, 0x1004}},
     .plan = "E0:8000800+800 R0:8000800+800", .start = 0x08000000},
    {"the last address", {"@M/0xFFFFF000/1*4Kg"}, {WRITE}, .segments = {{0, 0xFFFFFFFE, 2}}, .plan = "E0:fffff000+1000 R0:fffffffe+2", .start = 0xFFFFFFFE,
     .beside = 4094},
    {"overlapping spans: the first counts, each page once", {"@M/0x1000/1*1Kg/0x0/1*8Kg"}, {WRITE}, .segments = {{0, 0xFF0, 0x1000}},
     .plan = "E0:0+2000 E0:1000+400 R0:ff0+1000", .error = 1},
    /* refused */
    {"no address", {F1, OPTIONS}, {WRITE, .unplaced = true}, .segments = {{0, 0, 4}}, .error = DFUKIT_ERR_USAGE, .address = 0x08000000},
    {"no address, the lowest that can be written", {NANO}, {WRITE, .unplaced = true}, .segments = {{0, 0, 4}}, .error = DFUKIT_ERR_USAGE,
     .address = 0x08003000},
    {"nothing", {F1}, {WRITE}, .no_image = true, .error = DFUKIT_ERR_EMPTY},
    {"beside a memory whose name could not be read", {F1, UNREAD}, {WRITE}, .segments = {{0, 0x90000000, 4}}, .error = DFUKIT_ERR_PROTOCOL},
    {"where another name could not be read", {F1, UNREAD}, {WRITE}, .segments = {{0, 0x08000000, 4}}, .plan = "E0:8000000+800 R0:8000000+4", .start = 0x08000000, .beside = 0x7FC},
    {"nothing in this range", {F1}, {WRITE, .range = {0x100, 0x200}}, .segments = {{0, 0x08000000, 4}}, .error = DFUKIT_ERR_EMPTY},
    {"outside", {F1}, {WRITE}, .segments = {{0, 0x07FFFFFF, 4}}, .error = DFUKIT_ERR_MISMATCH, .address = 0x07FFFFFF},
    {"over the end", {F1}, {WRITE}, .segments = {{0, 0x0803FFF0, 17}}, .error = DFUKIT_ERR_MISMATCH, .address = 0x08040000},
    {"outside of the setting that is named", {NANO, SPI}, {WRITE, ALT(1)}, .segments = {{0, 0x08003000, 4}}, .error = DFUKIT_ERR_MISMATCH,
     .address = 0x08003000},
    {"a setting that the device has not", {F1}, {WRITE}, .file_alternates = true, .segments = {{3, 0x08000000, 4}}, .error = DFUKIT_ERR_MISMATCH},
    {"a name that the device has not", {F1}, {WRITE, .has_alt = true, .alt_name = "Intern"}, .segments = {{0, 0x08000000, 4}}, .error = DFUKIT_ERR_USAGE},
    {"several settings hold it", {F1, "@Copy/0x08000000/128*2Kg"}, {WRITE}, .segments = {{0, 0x08000000, 4}}, .error = DFUKIT_ERR_USAGE,
     .address = 0x08000000},
    {"read only", {NANO}, {WRITE}, .segments = {{0, 0x08002FFE, 4}}, .error = DFUKIT_ERR_REFUSED, .address = 0x08002FFE},
    {"read only further on", {"@M/0x0/1*1Kg,1*1Ka"}, {WRITE}, .segments = {{0, 0x10, 0x400}}, .error = DFUKIT_ERR_REFUSED, .address = 0x400},
    {"no map", {"Internal Flash"}, {WRITE}, .segments = {{0, 0, 4}}, .error = DFUKIT_ERR_REFUSED},
    {"no map in the setting that is named", {F1, "x"}, {WRITE, ALT(1)}, .segments = {{0, 0, 4}}, .error = DFUKIT_ERR_REFUSED, .address = 0},
    {"elements that overlap", {F1}, {WRITE}, .file_alternates = true, .segments = {{0, 0x08000000, 4}, {0, 0x08000003, 4}}, .error = DFUKIT_ERR_DAMAGED,
     .address = 0x08000003},
    {"more pages than any device has", {"@M/0x0/16777216*1Bg"}, {WRITE}, .segments = {{0, 0, 1 << 20}, {0, 1 << 20, 1}}, .error = DFUKIT_ERR_TOO_LARGE},
    /* what is not touched unasked */
    {"option bytes by address", {F1, OPTIONS}, {WRITE}, .segments = {{0, 0x1FFFF800, 4}}, .error = DFUKIT_ERR_REFUSED, .address = 0x1FFFF800},
    {"option bytes by the file", {F1, OPTIONS}, {WRITE, .force = true, .confirmed = true}, .file_alternates = true,
     .segments = {{0, 0x08000000, 4}, {1, 0x1FFFF800, 4}}, .error = DFUKIT_ERR_REFUSED, .address = 0x1FFFF800},
    {"option bytes when named", {F1, OPTIONS}, {WRITE, ALT(1)}, .segments = {{0, 0x1FFFF800, 4}}, .plan = "R1:1ffff800+4", .start = 0x08000000},
    {"option bytes are not erased, though the map allows it", {F1, "@Option Bytes/0x1FFFF800/1*16Bg"}, {WRITE, ALT(1)},
     .segments = {{0, 0x1FFFF800, 4}}, .plan = "R1:1ffff800+4", .start = 0x08000000},
    {"option bytes, and all erased", {F1, OPTIONS_G}, {WRITE, ALT(1), .erase = DFUKIT_ERASE_ALL}, .segments = {{0, 0x1FFFF800, 16}},
     .plan = "R1:1ffff800+10", .start = 0x08000000},
    {"all, of option bytes", {F1, OPTIONS_G}, {ERASE, ALT(1), .erase = DFUKIT_ERASE_ALL}, .no_image = true, .error = DFUKIT_ERR_REFUSED},
    {"all, of a memory that cannot be erased", {"@ROM/0x0/1*1Ka", F1}, {ERASE, ALT(0), .erase = DFUKIT_ERASE_ALL}, .no_image = true,
     .error = DFUKIT_ERR_REFUSED},
    {"option bytes in another order", {OPTIONS, F1}, {WRITE, .has_alt = true, .alt_name = "Option Bytes"}, .segments = {{0, 0x1FFFF800, 16}},
     .plan = "R0:1ffff800+10", .start = 0x08000000},
    {"OTP when named", {F4, OPTIONS, OTP}, {WRITE, ALT(2)}, .segments = {{0, 0x1FFF7800, 4}}, .error = DFUKIT_ERR_REFUSED, .address = 0x1FFF7800},
    {"OTP when forced", {F4, OPTIONS, OTP}, {WRITE, ALT(2), .force = true}, .segments = {{0, 0x1FFF7800, 4}}, .error = DFUKIT_ERR_REFUSED,
     .address = 0x1FFF7800},
    {"OTP when confirmed", {F4, OPTIONS, OTP}, {WRITE, ALT(2), .confirmed = true}, .segments = {{0, 0x1FFF7800, 4}}, .error = DFUKIT_ERR_REFUSED,
     .address = 0x1FFF7800},
    {"OTP when forced and confirmed", {F4, OPTIONS, OTP}, {WRITE, ALT(2), .force = true, .confirmed = true}, .segments = {{0, 0x1FFF7800, 4}},
     .plan = "R2:1fff7800+4", .start = 0x08000000},
    {"OTP is never erased", {"@OTP/0x0/1*512Bg"}, {WRITE, ALT(0), .force = true, .confirmed = true}, .segments = {{0, 0, 4}}, .plan = "R0:0+4", .error = 1},
    {"OTP cannot be erased unconfirmed", {"@OTP/0x0/1*512Bg"}, {ERASE, ALT(0), AT(0)}, .no_image = true, .error = DFUKIT_ERR_REFUSED},
    {"a device feature by address", {F4, OPTIONS, OTP, FEATURE}, {WRITE}, .segments = {{0, 0xFFFF0000, 4}}, .error = DFUKIT_ERR_REFUSED,
     .address = 0xFFFF0000},
    {"a device feature when named", {F4, OPTIONS, OTP, FEATURE}, {WRITE, ALT(3)}, .segments = {{0, 0xFFFF0000, 4}}, .plan = "R3:ffff0000+4",
     .start = 0x08000000},
    {"option bytes may be read", {F1, OPTIONS}, {READ, AT(0x1FFFF800)}, .no_image = true, .plan = "R1:1ffff800+10", .start = 0x08000000},
    {"option bytes may be compared", {F1, OPTIONS}, {VERIFY}, .segments = {{0, 0x1FFFF800, 4}}, .plan = "R1:1ffff800+4", .start = 0x08000000},
    {"option bytes by name, not forced", {F1, OPTIONS_G}, {ERASE, ALT(1), AT(0x1FFFF800)}, .no_image = true, .error = DFUKIT_ERR_REFUSED, .address = 0x1FFFF800},
    {"option bytes by name, forced", {F1, OPTIONS_G}, {ERASE, ALT(1), AT(0x1FFFF800), SIZE(16), .force = true}, .no_image = true, .plan = "E1:1ffff800+10", .start = 0x08000000},
    {"option bytes are not erased unasked", {F1, "@Option Bytes/0x1FFFF800/1*16Bg"}, {ERASE, AT(0x1FFFF800)}, .no_image = true,
     .error = DFUKIT_ERR_REFUSED, .address = 0x1FFFF800},
    /* reading */
    {"all of it", {NANO}, {READ}, .no_image = true, .plan = "R0:8000000+20000", .start = 0x08003000},
    {"over spans, in whatever order", {"@M/0x1000/1*4Kg/0x0/4*1Kg/0x8000/1*4Kg"}, {READ}, .no_image = true, .plan = "R0:0+2000", .start = 0},
    {"from the lowest that can be read", {"@M/0x0/1*4Kd,2*4Kg"}, {READ}, .no_image = true, .plan = "R0:1000+2000", .start = 0},
    {"from an address", {F1, OPTIONS}, {READ, AT(0x0803FF00)}, .no_image = true, .plan = "R0:803ff00+100", .start = 0x08000000},
    {"so many bytes", {F1}, {READ, AT(0x08000003), SIZE(5)}, .no_image = true, .plan = "R0:8000003+5", .start = 0x08000000},
    {"so many bytes from the beginning", {F1}, {READ, SIZE(5)}, .no_image = true, .plan = "R0:8000000+5", .start = 0x08000000},
    {"up to a limit", {F1}, {READ, .read_limit = 7}, .no_image = true, .plan = "R0:8000000+7", .start = 0x08000000},
    {"a whole address space", {"@M/0x0/65536*64Kg"}, {READ}, .no_image = true, .plan = "R0:0+80000000 R0:80000000+80000000", .start = 0},
    {"what an image covers", {F1}, {READ}, .segments = {{0, 0x08000100, 4}}, .plan = "R0:8000100+4", .start = 0x08000100},
    {"several memories", {NANO, SPI}, {READ}, .no_image = true, .error = DFUKIT_ERR_USAGE},
    {"several memories, one named", {NANO, SPI}, {READ, ALT(1)}, .no_image = true, .plan = "R1:0+10000", .start = 0},
    {"beyond the end", {F1}, {READ, AT(0x0803FFFF), SIZE(2)}, .no_image = true, .error = DFUKIT_ERR_MISMATCH, .address = 0x08040000},
    {"beyond 32 bits", {"@M/0xFFFFF000/1*4Kg"}, {READ, AT(0xFFFFFFFF), SIZE(2)}, .no_image = true, .error = DFUKIT_ERR_MISMATCH, .address = 0xFFFFFFFF},
    {"up to the last address", {"@M/0xFFFFF000/1*4Kg"}, {READ, AT(0xFFFFFFF0)}, .no_image = true, .plan = "R0:fffffff0+10", .start = 0xFFFFF000},
    {"nothing is read", {F1}, {READ, AT(0x08000000), SIZE(0)}, .no_image = true, .error = DFUKIT_ERR_USAGE},
    {"not readable", {"@M/0x0/1*4Kd"}, {READ}, .no_image = true, .error = DFUKIT_ERR_REFUSED},
    {"not readable here", {"@M/0x0/1*4Kg,1*4Kd"}, {READ, AT(0xFFF), SIZE(2)}, .no_image = true, .error = DFUKIT_ERR_REFUSED, .address = 0x1000},
    {"not readable: not compared", {"@M/0x0/1*4Kd"}, {VERIFY}, .segments = {{0, 0, 4}}, .error = DFUKIT_ERR_REFUSED, .address = 0},
    /* erasing */
    {"a page", {F4}, {ERASE, AT(0x08010001)}, .no_image = true, .plan = "E0:8010000+10000", .start = 0x08000000, .beside = 0xFFFF},
    {"pages", {F4}, {ERASE, AT(0x0800FFFF), SIZE(2)}, .no_image = true, .plan = "E0:800c000+4000 E0:8010000+10000", .start = 0x08000000,
     .beside = 0x14000 - 2},
    {"a page that cannot be", {NANO}, {ERASE, AT(0x08002C00), SIZE(0x800)}, .no_image = true, .error = DFUKIT_ERR_REFUSED, .address = 0x08002C00},
    {"nothing said", {F4}, {ERASE}, .no_image = true, .error = DFUKIT_ERR_USAGE},
    {"all", {F4, OPTIONS}, {ERASE, .erase = DFUKIT_ERASE_ALL}, .no_image = true, .plan = "M0", .start = 0x08000000},
    {"all, the first that can be erased", {"@ROM/0x0/1*1Ka", F4}, {ERASE, .erase = DFUKIT_ERASE_ALL}, .no_image = true, .plan = "M1", .start = 0x08000000},
    {"all of one that is named", {NANO, SPI}, {ERASE, ALT(1), .erase = DFUKIT_ERASE_ALL}, .no_image = true, .plan = "M1", .start = 0},
    {"nothing can be erased", {"@ROM/0x0/1*1Ka"}, {ERASE, .erase = DFUKIT_ERASE_ALL}, .no_image = true, .error = DFUKIT_ERR_REFUSED},
    /* leaving */
    {"where to start", {F4}, {.verb = DFUKIT_VERB_LEAVE, AT(0x20000000)}, .no_image = true, .plan = "", .start = 0x20000000},
    {"where else to start", {OPTIONS, NANO}, {.verb = DFUKIT_VERB_LEAVE}, .no_image = true, .plan = "", .start = 0x08003000},
};
// clang-format on

static void make_target(dfukit_target *t, const char *const alts[4])
{
    memset(t, 0, sizeof *t);
    t->mode = DFUKIT_MODE_DFU;
    t->functional.bcdDFUVersion = DFUKIT_VERSION_DFUSE;
    for (size_t i = 0; i < 4 && alts[i] != NULL; i++) {
        t->alts[i].number = (uint8_t)i;
        if (strcmp(alts[i], UNREAD) == 0)
            t->alts[i].iInterface = 4;
        else
            strcpy(t->alts[i].name, alts[i]);
        t->alt_count++;
    }
}

/* Segments whose bytes lie one behind the other in every second test, apart in the rest. */
static void make_image(dfukit_image *image, dfukit_segment *segments, const row *r, bool apart)
{
    uint32_t at = 0;
    memset(image, 0, sizeof *image);
    image->segments = segments;
    image->alternates = r->file_alternates;
    for (; image->count < 6 && r->segments[image->count].size != 0; image->count++) {
        size_t i = image->count;
        segments[i] = (dfukit_segment){r->segments[i].address, r->segments[i].size, bytes + at,
                                       r->segments[i].alternate};
        at += r->segments[i].size < 4096 ? r->segments[i].size + (apart ? 3 : 0) : 0;
    }
}

static void describe(const dfukit_plan *plan, char *out, size_t room)
{
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < plan->mass_count; i++)
        n += (size_t)snprintf(out + n, room - n, "%sM%u", n != 0 ? " " : "",
                              plan->mass_alternates[i]);
    for (size_t i = 0; i < plan->page_count; i++)
        n +=
            (size_t)snprintf(out + n, room - n, "%sE%u:%x+%x", n != 0 ? " " : "",
                             plan->pages[i].alternate, plan->pages[i].address, plan->pages[i].size);
    for (size_t i = 0; i < plan->run_count; i++)
        n += (size_t)snprintf(out + n, room - n, "%sR%u:%x+%x", n != 0 ? " " : "",
                              plan->runs[i].alternate, plan->runs[i].address, plan->runs[i].size);
    assert_int_equal(plan->mass_erase, plan->mass_count != 0);
}

/* Each run holds the bytes that the image has at its addresses. */
static void check_bytes(const dfukit_plan *plan, const dfukit_image *image, const row *r)
{
    for (size_t i = 0; i < plan->run_count; i++) {
        const dfukit_run *run = &plan->runs[i];
        if (r->job.verb == DFUKIT_VERB_READ) {
            assert_null(run->data);
            continue;
        }
        for (uint32_t k = 0; k<run->size; k += run->size> 512 ? 97 : 1) {
            const uint8_t *wanted = NULL;
            for (size_t s = 0; s < image->count; s++) {
                const dfukit_segment *g = &image->segments[s];
                uint64_t at = (uint64_t)run->address + k;
                bool mine = !image->alternates || r->job.has_alt || g->alternate == run->alternate;
                if (mine && at >= g->address && at < g->address + g->size)
                    wanted = g->data + (at - g->address);
            }
            assert_non_null(wanted);
            assert_int_equal(run->data[k], *wanted);
        }
    }
}

static void run_row(const row *r, bool apart)
{
    dfukit_target target;
    dfukit_image image;
    dfukit_segment segments[6];
    dfukit_plan plan;
    dfukit_plan_fault fault;
    char text[400];
    dfukit_job job = r->job;
    make_target(&target, r->alts);
    make_image(&image, segments, r, apart);
    job.image = r->no_image ? NULL : &image;
    int result = dfukit_plan_make(&plan, &job, &target, &heap, &fault);
    printf("row: %s%s\n", r->name, apart ? " (bytes apart)" : "");
    if (r->plan == NULL) {
        assert_int_equal(result, r->error);
        assert_int_equal(fault.error, r->error);
        assert_non_null(fault.what);
        if (fault.has_address)
            assert_int_equal(fault.address, r->address);
        else
            assert_int_equal(r->address, 0);
        assert_int_equal(plan.page_count + plan.run_count, 0);
    } else {
        if (result != DFUKIT_OK)
            printf("%s at %x\n", fault.what, fault.address);
        assert_int_equal(result, DFUKIT_OK);
        describe(&plan, text, sizeof text);
        assert_string_equal(text, r->plan);
        check_bytes(&plan, &image, r);
        if (r->error == 0) { /* 1: whatever they are */
            assert_true(plan.has_start);
            assert_int_equal(plan.start, r->start);
            assert_int_equal(plan.beside, r->beside);
        }
    }
    dfukit_plan_free(&plan);
    assert_int_equal(allocated, 0);
}

static void plans(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7 + (i >> 8));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        run_row(&rows[i], false);
        run_row(&rows[i], true);
    }
}

/* Where RDP stands in the option bytes of a family, and what else is no reason to refuse. */
static void read_protection_level_2(void **state)
{
    (void)state;
    static const struct {
        const char *map;
        uint32_t address, size;
        uint32_t offset; /* of the byte 0xCC */
        bool locks;
    } cases[] = {
        {"@Option Bytes  /0x1FFFF800/01*016 e", 0x1FFFF800, 16, 0, true},
        {"@Option Bytes  /0x1FFFF800/01*016 e", 0x1FFFF800, 16, 1, false},
        {"@Option Bytes  /0x1FFFC000/01*016 e", 0x1FFFC000, 16, 1, true},
        {"@Option Bytes  /0x1FFFC000/01*016 e", 0x1FFFC000, 16, 0, false},
        {"@Option Bytes  /0x1FFFC000/01*016 e", 0x1FFFC001, 1, 0, true},
        {"@Option Bytes  /0x1FFFC000/01*016 e", 0x1FFFC004, 4, 1, false},
        {"@Option Bytes  /0x1FFF7800/01*040 e", 0x1FFF7800, 40, 0, true},
        {"@Option Bytes   /0x5200201C/01*128 e", 0x5200201C, 128, 1, true},
        {"@Option Bytes   /0x5200201C/01*128 e", 0x5200201C, 128, 5, true},
        {"@Option Bytes   /0x5200201C/01*128 e", 0x5200201C, 128, 4, false},
        {"@Option Bytes/0x40022040/01*64 e", 0x40022040, 64, 0, true},
        {"@Option Bytes/0x40022040/01*64 e", 0x40022040, 64, 1, true},
        {"@Option Bytes/0x40022040/01*64 e", 0x40022040, 64, 2, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *alts[4] = {F1, cases[i].map, NULL, NULL};
        uint8_t data[128] = {0};
        dfukit_segment segment = {cases[i].address, cases[i].size, data, 0};
        dfukit_image image = {.count = 1, .segments = &segment};
        dfukit_target target;
        data[cases[i].offset] = 0xCC;
        make_target(&target, alts);
        for (unsigned assent = 0; assent < 4; assent++) {
            dfukit_plan plan;
            dfukit_plan_fault fault;
            dfukit_job job = {WRITE, ALT(1), .image = &image, .force = (assent & 1) != 0,
                              .confirmed = (assent & 2) != 0};
            printf("case %zu, assent %u\n", i, assent);
            bool refused = cases[i].locks && assent != 3;
            assert_int_equal(dfukit_plan_make(&plan, &job, &target, &heap, &fault),
                             refused ? DFUKIT_ERR_REFUSED : DFUKIT_OK);
            dfukit_plan_free(&plan);
        }
    }
}

static void maps_corrected(void **state)
{
    (void)state;
    static const struct {
        const char *serial;
        uint32_t count, size;
        bool corrected;
    } cases[] = {{"3CBJ", 128, 1024, true},  {"3T8J", 64, 1024, true}, {"3C6J", 32, 1024, true},
                 {"3C4J", 16, 1024, true},   {"3C2J", 8, 1024, true},  {"3CDJ", 256, 1024, true},
                 {"3CXJ", 512, 2048, false}, {"3C", 512, 2048, false}, {"", 512, 2048, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *alts[4] = {"@Internal Flash  /0x08000000/512*002Kg", OPTIONS, NULL, NULL};
        dfukit_target t;
        dfukit_map map;
        make_target(&t, alts);
        strcpy(t.serial, cases[i].serial);
        t.has_serial = cases[i].serial[0] != '\0';
        assert_int_equal(dfukit_target_map(&t, 0, &map), DFUKIT_OK);
        assert_int_equal(map.spans[0].count, 512); /* only with the quirk */
        t.quirks = 1u << DFUKIT_QUIRK_MAP_FROM_SERIAL;
        assert_int_equal(dfukit_target_map(&t, 0, &map), DFUKIT_OK);
        assert_int_equal(map.spans[0].count, cases[i].count);
        assert_int_equal(map.spans[0].size, cases[i].size);
        assert_int_equal((map.oddities & DFUKIT_MAP_ODD_CORRECTED) != 0, cases[i].corrected);
        assert_int_equal(dfukit_target_map(&t, 1, &map), DFUKIT_OK); /* option bytes: as they are */
        assert_int_equal(map.spans[0].count, 1);
        assert_int_equal(map.oddities, DFUKIT_MAP_ODD_BLANK_MULTIPLIER);
    }
    const char *feature[4] = {"@Device Feature/0xFFFF0000/01*004 g", F4, NULL, NULL};
    dfukit_target t;
    dfukit_map map;
    make_target(&t, feature);
    t.quirks = 1u << DFUKIT_QUIRK_MAP_TYPE_E;
    assert_int_equal(dfukit_target_map(&t, 0, &map), DFUKIT_OK);
    assert_int_equal(map.spans[0].permissions, DFUKIT_MAY_READ | DFUKIT_MAY_WRITE);
    assert_true((map.oddities & DFUKIT_MAP_ODD_CORRECTED) != 0);
    assert_int_equal(dfukit_target_map(&t, 1, &map), DFUKIT_OK);
    assert_int_equal(map.spans[0].permissions, 7);
    assert_int_equal(map.oddities, 0);
    assert_int_equal(dfukit_target_map(&t, 2, &map), DFUKIT_ERR_FORMAT);
}

static void dfuse_versions(void **state)
{
    (void)state;
    static const struct {
        uint16_t version;
        bool dfuse;
    } cases[] = {{0x011A, true}, {0x1A01, true}, {0x0110, false}, {0x0101, false}, {0x0100, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        dfukit_target t = {.functional.bcdDFUVersion = cases[i].version};
        assert_int_equal(dfukit_target_is_dfuse(&t), cases[i].dfuse);
    }
}

/* Out of memory at each allocation in turn. */
static size_t until_failure;

static void *failing(void *self, void *p, size_t n)
{
    if (n != 0 && until_failure-- == 0) {
        until_failure = 0;
        return NULL;
    }
    return resize(self, p, n);
}

static void out_of_memory(void **state)
{
    (void)state;
    static const dfukit_allocator poor = {NULL, failing};
    const char *alts[4] = {F1, NULL, NULL, NULL};
    dfukit_segment segments[2] = {{0x08000000, 3000, bytes, 0}, {0x08000BB8, 3000, bytes, 0}};
    dfukit_image image = {.count = 2, .segments = segments};
    dfukit_job job = {WRITE, .image = &image};
    dfukit_target target;
    make_target(&target, alts);
    for (size_t n = 0;; n++) {
        dfukit_plan plan;
        dfukit_plan_fault fault;
        until_failure = n;
        int r = dfukit_plan_make(&plan, &job, &target, &poor, &fault);
        dfukit_plan_free(&plan);
        assert_int_equal(allocated, 0);
        if (r == DFUKIT_OK) {
            assert_true(n > 4);
            break;
        }
        assert_int_equal(r, DFUKIT_ERR_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans),          cmocka_unit_test(read_protection_level_2),
        cmocka_unit_test(maps_corrected), cmocka_unit_test(dfuse_versions),
        cmocka_unit_test(out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
