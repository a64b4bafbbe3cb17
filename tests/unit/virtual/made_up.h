/* SPDX-License-Identifier: MIT */
/* Personas made up for tests: as the specification has it, for one thing to be changed in them. */
#ifndef DFUKIT_TESTS_VIRTUAL_MADE_UP_H
#define DFUKIT_TESTS_VIRTUAL_MADE_UP_H

#include "dfuse_bench.h"

#define RWE (DFUKIT_MAY_READ | DFUKIT_MAY_ERASE | DFUKIT_MAY_WRITE)

static const dfukit_sectors sectors[] = {{16, 1024}, {0, 0}};
static const dfukit_region memory = {0x1000, sectors, 4, 0xFF, RWE, 10000, 10};
static const dfukit_region zones[] = {{0x08000000, sectors, 4, 0xFF, RWE, 10000, 10}, {0}};

/* As the specification has it. */
static inline dfukit_persona plain(void)
{
    return (dfukit_persona){
        .name = "plain",
        .description = "made up",
        .manufacturer = "dfukit",
        .runtime = {0x1209, 1, 0x0100, "Product", "1"},
        .dfu = {0x1209, 2, 0x0100, "Product DFU", "1"},
        .functional = {0x07, 1000, 512, DFUKIT_VERSION_11},
        .max_packet_size0 = 64,
        .alternates = {"Flash"},
        .region = &memory,
    };
}

static inline dfukit_persona dfuse(void)
{
    dfukit_persona p = plain();

    p.functional = (dfukit_functional){0x0B, 255, 1024, DFUKIT_VERSION_DFUSE};
    p.dialect = DFUKIT_DIALECT_DFUSE;
    p.runtime.idVendor = 0;
    p.region = NULL;
    p.alternates[0] = "@Internal Flash  /0x08000000/16*001Kg";
    p.zones[0] = zones;
    return p;
}

static inline void open_timed(bench *b, const dfukit_persona *p)
{
    bench_open(b, p, NULL);
    configure(b);
}

static inline void to_dfu_mode(bench *b)
{
    report r = {0};

    assert_true(enter_dfu_mode(b, &r));
}

#endif
