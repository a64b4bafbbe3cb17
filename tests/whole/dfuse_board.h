/* SPDX-License-Identifier: MIT */
/* A small DfuSe board that has everything in which writing could go wrong, and jobs on it. */
#ifndef TESTS_WHOLE_DFUSE_BOARD_H
#define TESTS_WHOLE_DFUSE_BOARD_H

#include "whole/meddler.h"

/* ---- The board ---- */

#define BOARD_R   DFUKIT_MAY_READ
#define BOARD_RW  (DFUKIT_MAY_READ | DFUKIT_MAY_WRITE)
#define BOARD_RWE (DFUKIT_MAY_READ | DFUKIT_MAY_ERASE | DFUKIT_MAY_WRITE)

static const dfukit_sectors board_4x1k[] = {{4, 1024}, {0, 0}};
static const dfukit_sectors board_8x1k[] = {{8, 1024}, {0, 0}};
static const dfukit_sectors board_2x4k[] = {{2, 4096}, {0, 0}};
static const dfukit_sectors board_4x3k[] = {{4, 3072}, {0, 0}};
static const dfukit_sectors board_1x16[] = {{1, 16}, {0, 0}};
static const dfukit_sectors board_1x64[] = {{1, 64}, {0, 0}};

static const dfukit_region board_flash[] = {{0x08000000, board_4x1k, 2, 0xFF, BOARD_R, 0, 0},
                                            {0x08001000, board_8x1k, 2, 0xFF, BOARD_RWE, 3000, 20},
                                            {0x08003000, board_2x4k, 2, 0xFF, BOARD_RWE, 9000, 20},
                                            {0, NULL, 0, 0, 0, 0, 0}};
static const dfukit_region board_option[] = {{0x1FFFF800, board_1x16, 16, 0xFF, BOARD_RW, 0, 1000},
                                             {0, NULL, 0, 0, 0, 0, 0}};
static const dfukit_region board_otp[] = {{0x1FFF7000, board_1x64, 1, 0xFF, BOARD_RW, 0, 16},
                                          {0, NULL, 0, 0, 0, 0, 0}};
static const dfukit_region board_spi[] = {{0x00000000, board_4x3k, 64, 0xFF, BOARD_RWE, 5000, 300},
                                          {0, NULL, 0, 0, 0, 0, 0}};

#define BOARD                                                                                      \
    .description = "a board with two flash memories, option bytes and OTP",                        \
    .manufacturer = "dfukit", .functional = {0x0B, 255, 256, DFUKIT_VERSION_DFUSE},                \
    .max_packet_size0 = 64,                                                                        \
    .alternates = {"@Internal Flash  /0x08000000/04*001Ka,08*001Kg,02*004Kg",                      \
                   "@Option Bytes  /0x1FFFF800/01*016 e", "@OTP Memory /0x1FFF7000/01*064 e",      \
                   "@SPI Flash : W25/0x00000000/04*003Kg"},                                        \
    .dialect = DFUKIT_DIALECT_DFUSE, .zones = {board_flash, board_option, board_otp, board_spi},   \
    .can_unprotect = true

static const dfukit_persona boards[] = {
    {.name = "loader",
     BOARD,
     .dfu = {0x0483, 0xDF11, 0x0200, "Loader", "B1"},
     .busy_poll_ms = 3,
     .erase_poll_ms = 2,
     .starts_in_error = true},
    {.name = "firmware",
     BOARD,
     .dfu = {0x1209, 0x0002, 0x0200, "Loader", "B1"},
     .runtime = {0x0483, 0x5740, 0x0100, "Board", "B1"}},
    {.name = "leaves",
     BOARD,
     .dfu = {0x1209, 0x0003, 0x0200, "Loader", "B1"},
     .leaving = DFUKIT_LEAVES_ON_DNLOAD,
     .idle_poll_ms = 2},
};

/* Where its memories are, in one array of bytes behind one another. */
typedef struct board_memory {
    uint8_t alternate;
    uint32_t address, size;
} board_memory;
static const board_memory board_memories[] = {
    {0, 0x08000000, 0x5000}, {1, 0x1FFFF800, 16}, {2, 0x1FFF7000, 64}, {3, 0, 0x3000}};
#define BOARD_MEMORIES (sizeof board_memories / sizeof board_memories[0])
#define BOARD_BYTES    (0x5000 + 16 + 64 + 0x3000)

/* @return where a byte stands in the array; BOARD_BYTES: nowhere. */
static inline size_t board_index(uint8_t alternate, uint32_t address)
{
    size_t before = 0;
    for (size_t i = 0; i < BOARD_MEMORIES; before += board_memories[i++].size) {
        const board_memory *b = &board_memories[i];
        if (b->alternate == alternate && address >= b->address && address - b->address < b->size)
            return before + (address - b->address);
    }
    return BOARD_BYTES;
}

static inline void board_look(const dfukit_virtual *device, uint8_t *bytes)
{
    for (size_t i = 0; i < BOARD_MEMORIES; bytes += board_memories[i++].size) {
        const board_memory *b = &board_memories[i];
        (void)dfukit_virtual_peek(device, b->alternate, b->address, bytes, b->size);
    }
}

/* Something is everywhere, so that nothing can be taken for erased. */
static inline void board_fill(dfukit_virtual *device)
{
    static const struct {
        uint8_t alternate;
        uint32_t address;
    } zones[] = {{0, 0x08000000}, {0, 0x08001000}, {0, 0x08003000}, {1, 0x1FFFF800}, {3, 0}};
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
        uint32_t n;
        uint8_t *cells = dfukit_vflash_cells(
            dfukit_virtual_flash_at(device, zones[i].alternate, zones[i].address), &n);
        rig_fill(cells, n, (uint32_t)i + 77);
    }
}

/* ---- Files ---- */

#define FILE_BYTES 7000u
static uint8_t file_bytes[FILE_BYTES];
static const uint8_t option_bytes[16] = {0xAA, 0x55, 1, 0xFE, 2, 0xFD, 3, 0xFC,
                                         4,    0xFB, 5, 0xFA, 6, 0xF9, 7, 0xF8};

/* Elements that share a page, leave gaps, end short, cross from one size of page to another, and
 * hold blank bytes; the first two touch. */
static dfukit_segment file_segments[] = {
    {0x08001100, 300, file_bytes, 0},        {0x0800122C, 84, file_bytes + 300, 0},
    {0x08001300, 513, file_bytes + 384, 0},  {0x08002C00, 2050, file_bytes + 897, 0},
    {0x00000000, 256, file_bytes + 3697, 3}, {0x00000D01, 1700, file_bytes + 3953, 3},
};
static dfukit_segment option_segment = {0x1FFFF800, 16, option_bytes, 0};
static const dfukit_image file_image = {.addressed = true,
                                        .alternates = true,
                                        .count = sizeof file_segments / sizeof file_segments[0],
                                        .segments = file_segments};
static const dfukit_image option_image = {
    .addressed = true, .count = 1, .segments = &option_segment};

static inline void file_fill(void)
{
    rig_fill(file_bytes, sizeof file_bytes, 4711);
    memset(file_bytes + 1200, 0xFF, 1300);
    memset(file_bytes + 4300, 0xFF, 1100);
}

/* Put the file into a device, as if it had been written. */
static inline void file_put(dfukit_virtual *device)
{
    for (size_t i = 0; i < file_image.count; i++) {
        const dfukit_segment *s = &file_segments[i];
        for (uint32_t k = 0; k < s->size; k++) {
            uint32_t at = (uint32_t)s->address + k, n;
            uint32_t zone = s->alternate != 0 ? 0 : at < 0x08003000 ? 0x08001000 : 0x08003000;
            uint8_t *cells =
                dfukit_vflash_cells(dfukit_virtual_flash_at(device, s->alternate, at), &n);
            cells[at - zone] = s->data[k];
        }
    }
}

/* ---- Jobs ---- */

typedef struct board_job {
    const char *name;
    size_t board;
    bool fast, filled; /* the file is there already */
    dfukit_job job;
} board_job;

#define JOB_FILE .image = &file_image
static const board_job board_jobs[] = {
    {"write", 0, true, false, {.verb = DFUKIT_VERB_WRITE, JOB_FILE}},
    {"write-slow", 0, false, false, {.verb = DFUKIT_VERB_WRITE, JOB_FILE, .batch = 1}},
    {"write-unseen",
     0,
     false,
     false,
     {.verb = DFUKIT_VERB_WRITE, JOB_FILE, .verify = DFUKIT_VERIFY_NEVER}},
    {"write-stay",
     2,
     false,
     false,
     {.verb = DFUKIT_VERB_WRITE, JOB_FILE, .batch = 1, .then = DFUKIT_THEN_STAY}},
    {"write-all", 2, true, false, {.verb = DFUKIT_VERB_WRITE, JOB_FILE, .erase = DFUKIT_ERASE_ALL}},
    {"write-running", 1, false, false, {.verb = DFUKIT_VERB_WRITE, JOB_FILE}},
    {"write-odd",
     0,
     true,
     false,
     {.verb = DFUKIT_VERB_WRITE, JOB_FILE, .transfer_size = 200, .then = DFUKIT_THEN_RESET}},
    {"read",
     0,
     false,
     false,
     {.verb = DFUKIT_VERB_READ,
      .has_at = true,
      .at = 0x08000F00,
      .has_size = true,
      .size = 0x2801}},
    {"read-one-by-one",
     1,
     true,
     false,
     {.verb = DFUKIT_VERB_READ,
      .has_at = true,
      .at = 0x100,
      .has_size = true,
      .size = 2001,
      .batch = 1}},
    {"verify", 0, true, true, {.verb = DFUKIT_VERB_VERIFY, JOB_FILE}},
    {"erase",
     0,
     false,
     false,
     {.verb = DFUKIT_VERB_ERASE,
      .has_at = true,
      .at = 0x08002800,
      .has_size = true,
      .size = 0x900}},
    {"erase-all", 0, false, false, {.verb = DFUKIT_VERB_ERASE, .erase = DFUKIT_ERASE_ALL}},
    {"unlock", 0, false, false, {.verb = DFUKIT_VERB_UNLOCK}},
    {"options",
     0,
     false,
     false,
     {.verb = DFUKIT_VERB_WRITE, .image = &option_image, .has_alt = true, .alt = 1}},
    {"leave", 0, false, true, {.verb = DFUKIT_VERB_LEAVE}},
};
#define BOARD_JOBS (sizeof board_jobs / sizeof board_jobs[0])

#endif
