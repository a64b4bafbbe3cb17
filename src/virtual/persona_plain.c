/* SPDX-License-Identifier: MIT */
/* Personas of plain DFU. A new product is a row here, and its memory above. */
#include "persona.h"

/* clang-format off */

/* ---- Memories ---- */

#define RWE (DFUKIT_MAY_READ | DFUKIT_MAY_ERASE | DFUKIT_MAY_WRITE)

/*                                                 count   size */
static const dfukit_sectors tomu_sectors[]  = { {    64,  1024 }, { 0, 0 } };
static const dfukit_sectors micro_sectors[] = { {   128,  4096 }, { 0, 0 } };
static const dfukit_sectors dfu10_sectors[] = { {   128,   256 }, { 0, 0 } };

/*                                             address  sectors        unit  erased may erase  program */
static const dfukit_region tomu_memory  = { 0x00000000, tomu_sectors,    4,  0xFF,  RWE, 20000,     20 };
static const dfukit_region micro_memory = { 0x08000000, micro_sectors,   8,  0xFF,  RWE, 20000,     30 };
static const dfukit_region dfu10_memory = { 0x00100000, dfu10_sectors,  64,  0xFF,  RWE,  4000,    250 };

/* ---- Products ---- */

static const dfukit_persona personas[] = {
    {   /* Toboot on an EFM32HG309, as it answers on the wire; the application is made up. It says
         * that it is tolerant, reports dfuMANIFEST-WAIT-RESET all the same, and its watchdog restarts
         * it 65 ms later. */
        .name = "tomu",
        .description = "Tomu board with the Toboot loader: 64 KiB, no upload, detaches by itself",
        .source = "toboot 2.0-rc7 on the wire",
        .assumed = "run-time mode, serial number",
        .manufacturer = "Kosagi",
        .runtime = { 0x1209, 0x70B0, 0x0100, "Tomu Application",              "TOMU-0001" },
        .dfu     = { 0x1209, 0x70B1, 0x0101, "Tomu Bootloader (5) 2.0~rc7-2", "TOMU-0001" },
        .functional = { 0x0D, 10000, 1024, DFUKIT_VERSION_11_AS_0101 },
        .max_packet_size0 = 64,
        .alternates = { "Tomu Bootloader (5) 2.0~rc7-2" },
        .region = &tomu_memory,
        .busy_poll_ms = 1, .idle_poll_ms = 1, .manifest_ms = 0, .leave_ms = 65, .restarts = true,
    },
    {
        .name = "micro",
        .description = "Microcontroller board: 512 KiB, plain DFU 1.1 with upload, run-time mode",
        .manufacturer = "dfukit",
        .runtime = { 0x1209, 0x0001, 0x0100, "Micro",            "MICRO-0001" },
        .dfu     = { 0x1209, 0x8001, 0x0100, "Micro Bootloader", "MICRO-0001" },
        .functional = { 0x07, 1000, 4096, DFUKIT_VERSION_11 },
        .max_packet_size0 = 64,
        .alternates = { "Internal Flash" },
        .region = &micro_memory,
        .manifest_ms = 20,
    },
    {   /* In the manner of the AT91SAM7 boards of those days: small packets, 256-byte pages, and
         * the host's reset to leave. */
        .name = "dfu10",
        .description = "Board of the DFU 1.0 days: 32 KiB, leaves DFU mode on a bus reset only",
        .manufacturer = "dfukit",
        .runtime = { 0x1209, 0x0010, 0x0100, "Card Reader",     "DFU10-0001" },
        .dfu     = { 0x1209, 0x0011, 0x0100, "Card Reader DFU", "DFU10-0001" },
        .functional = { 0x03, 1000, 256, DFUKIT_VERSION_10 },
        .max_packet_size0 = 8,
        .alternates = { "Application Flash" },
        .region = &dfu10_memory,
        .manifest_ms = 50,
    },
};

/* clang-format on */

const dfukit_persona_list dfukit_personas_plain = DFUKIT_PERSONA_LIST(personas);
