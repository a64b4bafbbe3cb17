/* SPDX-License-Identifier: MIT */
/* Devices for the table of defects. */
#include "bench.h"

#include <stdlib.h>
#include <string.h>

#define ALL         (DFUKIT_MAY_READ | DFUKIT_MAY_ERASE | DFUKIT_MAY_WRITE)
#define BASE        0x08000000u
#define ALTERNATES  2u
#define BLOCK_MOST  1024u
#define STATUS_TEXT 6u /* index of the string that GETSTATUS names */
#define LIST_MAX    (8u + ALTERNATES)

/* ---- Memories ---- */

static const dfukit_sectors small_pages[] = {{4, 1024}, {0, 0}};
static const dfukit_sectors large_pages[] = {{2, 2048}, {0, 0}};
static const dfukit_sectors many_pages[] = {{600, 1024}, {0, 0}};
static const dfukit_sectors odd_small[] = {{5, 768}, {0, 0}};
static const dfukit_sectors odd_large[] = {{3, 1280}, {0, 0}};

#define END_OF_ZONES                                                                               \
    {                                                                                              \
        0, NULL, 0, 0, 0, 0, 0                                                                     \
    }
static const dfukit_region two_kinds[] = {
    {BASE, small_pages, 4, 0xFF, ALL, 0, 0},
    {BASE + 4096, large_pages, 4, 0xFF, ALL, 0, 0},
    END_OF_ZONES,
};
static const dfukit_region one_kind[] = {{BASE, small_pages, 4, 0xFF, ALL, 0, 0}, END_OF_ZONES};
static const dfukit_region many[] = {{BASE, many_pages, 4, 0xFF, ALL, 0, 0}, END_OF_ZONES};
/* Pages of no power of two, which do not begin at a multiple of their size, and a zone of other
   pages behind them. */
static const dfukit_region odd[] = {
    {BASE + 256, odd_small, 4, 0xFF, ALL, 0, 0},
    {BASE + 256 + 5 * 768, odd_large, 4, 0xFF, ALL, 0, 0},
    END_OF_ZONES,
};
static const dfukit_memory pages_memories[] = {{"Flash", two_kinds}};
static const dfukit_memory twin_memories[] = {{"Left", one_kind}, {"Right", one_kind}};
static const dfukit_memory many_memories[] = {{"Flash", many}};
static const dfukit_memory odd_memories[] = {{"Flash", odd}};

// clang-format off
/* The devices. `bank`: bytes of memory from BASE on, for each alternate setting. */
static const struct kind {
    const char *name;
    const dfukit_memory *memories; /* NULL: plain DFU */
    uint8_t alternates, attributes;
    uint16_t transfer, product;
    uint32_t bank;
} kinds[] = {
    {"pages",  pages_memories, 1, 0x0B, 512, 0x0101, 8192},
    {"twins",  twin_memories,  2, 0x0B, 512, 0x0102, 4096},
    {"many",   many_memories,  1, 0x0B, 8,   0x0103, 600 * 1024},
    {"odd",    odd_memories,   1, 0x0B, 512, 0x0104, 8192},
    {"vendor", NULL,           1, 0x07, 512, 0x0105, 4096},
    {"plain",  NULL,           1, 0x07, 512, 0x0106, 4096},
    {"deaf",   NULL,           1, 0x02, 512, 0x0107, 4096}, /* uploads only */
    {"mute",   NULL,           1, 0x01, 512, 0x0108, 4096}, /* downloads only */
};
// clang-format on

struct bench {
    const struct kind *kind;
    dfukit_clock clock;
    FILE *log;
    uint8_t *cells;
    unsigned misuses;
    dfukit_dfuse_config dfuse_config;
    dfukit_slot_config slot_config;
    const dfukit_region *regions[1];
    dfukit_dfuse dfuse;
    dfukit_slot slot;
    dfukit_dfu_config config;
    dfukit_dfu dfu;
    dfukit_ep0 ep0;
    dfukit_descriptor list[LIST_MAX];
    dfukit_descriptor_set set;
    uint8_t device[18], configuration[18 + 9 * ALTERNATES];
    uint8_t strings[7][255];
    uint8_t block[BLOCK_MOST];
    uint32_t attachment;
};

/* ---- The flash: done at once; each alternate setting has a bank of its own ---- */

static uint8_t *cells_at(bench *b, uint32_t address, uint32_t n)
{
    uint32_t at = address - BASE;

    if (at > b->kind->bank || n > b->kind->bank - at)
        abort(); /* the stores never ask for this */
    return b->cells + (b->kind->memories != NULL ? b->dfuse.alt : 0u) * b->kind->bank + at;
}

static uint8_t flash_erase(void *self, uint32_t address)
{
    bench *b = self;
    const dfukit_region *z =
        b->kind->memories != NULL ? b->kind->memories[b->dfuse.alt].zones : b->regions[0];
    uint32_t start = 0, size = 0;

    while (z->sectors != NULL && address - z->address >= dfukit_region_size(z))
        z++;
    if (z->sectors == NULL || !dfukit_region_sector(z, address - z->address, &start, &size) ||
        start != address - z->address) {
        b->misuses++;
        return DFUKIT_STATUS_ERASE;
    }
    memset(cells_at(b, address, size), 0xFF, size);
    return DFUKIT_STATUS_OK;
}

static uint8_t flash_program(void *self, uint32_t address, const uint8_t *data, uint32_t n)
{
    bench *b = self;
    uint8_t *cells = cells_at(b, address, n);

    for (uint32_t i = 0; i < n; i++) {
        b->misuses += cells[i] != 0xFF;
        cells[i] &= data[i]; /* programming only clears bits */
    }
    return DFUKIT_STATUS_OK;
}

static bool flash_busy(void *self, uint8_t *status)
{
    (void)self;
    *status = DFUKIT_STATUS_OK;
    return false;
}

static void flash_read(void *self, uint32_t address, uint8_t *to, uint32_t n)
{
    memcpy(to, cells_at(self, address, n), n);
}

static const dfukit_flash_ops flash_ops = {flash_erase, flash_program, flash_busy, flash_read};

/* A signature check that no file passes. */
static uint8_t accept_nothing(void *flash, uint8_t alt, uint32_t length)
{
    (void)flash;
    (void)alt;
    (void)length;
    return DFUKIT_STATUS_VENDOR;
}

/* ---- Descriptors ---- */

static void add(bench *b, uint8_t type, unsigned index, const uint8_t *bytes, uint16_t n)
{
    b->list[b->set.count++] = (dfukit_descriptor){DFUKIT_DESCRIPTOR_ID(type, index), n, bytes};
}

static void add_text(bench *b, unsigned index, const char *text)
{
    uint8_t *s = b->strings[index];

    s[0] = (uint8_t)(2 + 2 * strlen(text));
    s[1] = DFUKIT_DESC_STRING;
    for (size_t i = 0; text[i] != '\0'; i++)
        s[2 + 2 * i] = (uint8_t)text[i];
    add(b, DFUKIT_DESC_STRING, index, s, s[0]);
}

static void add_strings(bench *b)
{
    static const uint8_t languages[] = {4, DFUKIT_DESC_STRING, 0x09, 0x04};

    add(b, DFUKIT_DESC_STRING, 0, languages, sizeof languages);
    add_text(b, 1, "dfukit");
    add_text(b, 2, b->kind->name);
    add_text(b, 3, "BENCH-1");
    for (unsigned alt = 0; alt < b->kind->alternates && b->kind->memories != NULL; alt++) {
        uint8_t n = dfukit_layout_descriptor(&b->kind->memories[alt], b->strings[4 + alt], 255);
        add(b, DFUKIT_DESC_STRING, 4 + alt, b->strings[4 + alt], n);
    }
    add_text(b, STATUS_TEXT, "signature of another vendor");
}

static void describe(bench *b)
{
    const dfukit_functional *f = &b->config.functional;
    const uint8_t device[] = {18,
                              DFUKIT_DESC_DEVICE,
                              0x00,
                              0x02,
                              0,
                              0,
                              0,
                              64,
                              0x09,
                              0x12,
                              (uint8_t)b->kind->product,
                              (uint8_t)(b->kind->product >> 8),
                              0x00,
                              0x01,
                              1,
                              2,
                              3,
                              1};
    uint8_t *c = b->configuration;
    uint16_t n = (uint16_t)(18 + 9 * b->kind->alternates);
    const uint8_t head[] = {9, DFUKIT_DESC_CONFIGURATION, (uint8_t)n, 0, 1, 1, 0, 0x80, 50};

    memcpy(b->device, device, sizeof device);
    memcpy(c, head, sizeof head);
    for (unsigned alt = 0; alt < b->kind->alternates; alt++) {
        const uint8_t name = b->kind->memories != NULL ? (uint8_t)(4 + alt) : 0;
        const uint8_t interface[] = {9,   DFUKIT_DESC_INTERFACE, 0, (uint8_t)alt, 0, 0xFE, 1, 2,
                                     name};
        memcpy(c + 9 + 9 * alt, interface, sizeof interface);
    }
    const uint8_t functional[] = {9,
                                  0x21,
                                  f->bmAttributes,
                                  0xE8,
                                  0x03,
                                  (uint8_t)f->wTransferSize,
                                  (uint8_t)(f->wTransferSize >> 8),
                                  (uint8_t)f->bcdDFUVersion,
                                  (uint8_t)(f->bcdDFUVersion >> 8)};
    memcpy(c + n - 9, functional, sizeof functional);
    b->set.list = b->list;
    add(b, DFUKIT_DESC_DEVICE, 0, b->device, sizeof b->device);
    add(b, DFUKIT_DESC_CONFIGURATION, 0, c, n);
    add_strings(b);
}

/* ---- Making one ---- */

static void set_up_store(bench *b)
{
    if (b->kind->memories != NULL) {
        b->dfuse_config = (dfukit_dfuse_config){
            .flash = &flash_ops, .memories = b->kind->memories, .wTransferSize = b->kind->transfer};
        dfukit_dfuse_init(&b->dfuse, &b->dfuse_config, b);
        return;
    }
    b->regions[0] = one_kind;
    b->slot_config = (dfukit_slot_config){
        .flash = &flash_ops,
        .regions = b->regions,
        .accept = strcmp(b->kind->name, "vendor") == 0 ? accept_nothing : NULL};
    dfukit_slot_init(&b->slot, &b->slot_config, b);
}

static void set_up(bench *b)
{
    bool dfuse = b->kind->memories != NULL;
    size_t n = (size_t)b->kind->bank * b->kind->alternates;

    for (size_t i = 0; i < n; i++)
        b->cells[i] = (uint8_t)(i ^ i >> 8 ^ 0x5A); /* an old firmware */
    b->config =
        (dfukit_dfu_config){.functional = {b->kind->attributes, 1000, b->kind->transfer,
                                           dfuse ? DFUKIT_VERSION_DFUSE : DFUKIT_VERSION_11},
                            .alternates = b->kind->alternates,
                            .max_packet_size0 = 64,
                            .loader_only = true,
                            .dfuse = dfuse,
                            .status_string = STATUS_TEXT,
                            .store = dfuse ? &dfukit_dfuse_store : &dfukit_slot_store};
    set_up_store(b);
    describe(b);
    dfukit_dfu_init(&b->dfu, &b->config, dfuse ? (void *)&b->dfuse : (void *)&b->slot, b->block);
    dfukit_ep0_init(&b->ep0, &b->set, &b->dfu);
    b->attachment = 1;
}

bench *bench_new(const char *name, const dfukit_clock *clock, FILE *log)
{
    bench *b = calloc(1, sizeof *b);

    for (size_t i = 0; b != NULL && i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].name, name) == 0)
            b->kind = &kinds[i];
    }
    if (b == NULL || b->kind == NULL ||
        (b->cells = malloc((size_t)b->kind->bank * b->kind->alternates)) == NULL) {
        free(b);
        return NULL;
    }
    b->clock = *clock;
    b->log = log;
    set_up(b);
    return b;
}

void bench_free(bench *b)
{
    if (b != NULL)
        free(b->cells);
    free(b);
}

const uint8_t *bench_cells(const bench *b, size_t *n)
{
    *n = (size_t)b->kind->bank * b->kind->alternates;
    return b->cells;
}

unsigned bench_misuses(const bench *b)
{
    return b->misuses;
}

/* ---- The wire ---- */

static uint64_t wire_work(void *self)
{
    bench *b = self;

    dfukit_dfu_poll(&b->dfu, (uint32_t)(b->clock.now_us(b->clock.self) / 1000u));
    if (dfukit_dfu_wish(&b->dfu) != DFUKIT_WISH_NONE)
        b->attachment = 0; /* it runs its firmware, which is no USB device */
    return b->attachment != 0 ? 1000 : UINT64_MAX;
}

static uint32_t wire_attachment(void *self)
{
    return ((bench *)self)->attachment;
}

static void note(bench *b, const dfukit_setup *s, const uint8_t *data, int32_t result)
{
    fprintf(b->log, "%02x %02x value=%u index=%u length=%u result=%ld", (unsigned)s->bmRequestType,
            (unsigned)s->bRequest, (unsigned)s->wValue, (unsigned)s->wIndex, (unsigned)s->wLength,
            (long)result);
    for (int32_t i = 0; i < result && i < 8; i++)
        fprintf(b->log, "%s%02x", i == 0 ? " data=" : "", (unsigned)data[i]);
    putc('\n', b->log);
}

static int32_t wire_control(void *self, const dfukit_setup *setup, uint8_t *data)
{
    bench *b = self;
    int32_t result;

    (void)wire_work(b);
    if (b->attachment == 0)
        return DFUKIT_ERR_GONE;
    result = dfukit_ep0_transfer(&b->ep0, b->config.max_packet_size0, setup, data);
    if (b->log != NULL)
        note(b, setup, data, result);
    (void)wire_work(b);
    return result;
}

static void wire_cancel(void *self)
{
    (void)self; /* it answers at once */
}

static void wire_reset(void *self)
{
    bench *b = self;

    if (b->log != NULL)
        fputs("reset\n", b->log);
    dfukit_ep0_bus_reset(&b->ep0);
    (void)wire_work(b);
}

static bool wire_full_speed(void *self)
{
    (void)self;
    return true;
}

dfukit_wire bench_wire(bench *b)
{
    static const dfukit_wire_ops ops = {wire_work,   wire_attachment, wire_control,
                                        wire_cancel, wire_reset,      wire_full_speed};

    return (dfukit_wire){&ops, b};
}
