/* SPDX-License-Identifier: MIT */
/* Personas of boards whose loader speaks DfuSe: made from ST's firmware library, or to be written to
 * by the tools that know its. */
#include "persona.h"

/* clang-format off */

#define R   DFUKIT_MAY_READ
#define RWE (DFUKIT_MAY_READ | DFUKIT_MAY_ERASE | DFUKIT_MAY_WRITE)
#define END { 0, NULL, 0, 0, 0, 0, 0 }

/* ---- Sectors ---- */

/*                                               count    size */
static const dfukit_sectors s4x1k[]        = { {     4,   1024 }, { 0, 0 } };
static const dfukit_sectors s8x1k[]        = { {     8,   1024 }, { 0, 0 } };
static const dfukit_sectors s20x1k[]       = { {    20,   1024 }, { 0, 0 } };
static const dfukit_sectors s60x1k[]       = { {    60,   1024 }, { 0, 0 } };
static const dfukit_sectors s108x1k[]      = { {   108,   1024 }, { 0, 0 } };
static const dfukit_sectors s120x1k[]      = { {   120,   1024 }, { 0, 0 } };
static const dfukit_sectors s64x2k[]       = { {    64,   2048 }, { 0, 0 } };
static const dfukit_sectors s512x4k[]      = { {   512,   4096 }, { 0, 0 } };
static const dfukit_sectors s256x4k[]      = { {   256,   4096 }, { 0, 0 } };
static const dfukit_sectors s1x16k[]       = { {     1,  16384 }, { 0, 0 } };
static const dfukit_sectors s3x16k[]       = { {     3,  16384 }, { 0, 0 } };
static const dfukit_sectors s1x64k[]       = { {     1,  65536 }, { 0, 0 } };
static const dfukit_sectors s128x64k[]     = { {   128,  65536 }, { 0, 0 } };
static const dfukit_sectors s1x128k[]      = { {     1, 131072 }, { 0, 0 } };
static const dfukit_sectors s7x128k[]      = { {     7, 131072 }, { 0, 0 } };
static const dfukit_sectors s15x128k[]     = { {    15, 131072 }, { 0, 0 } };

/* ---- Memories ---- */

/*                                             address     sectors  unit erased may  erase    program */
static const dfukit_region opc_spi[]     = { { 0x00000000, s128x64k, 64, 0xFF, RWE,  600000,  350 }, END };
static const dfukit_region core_flash[]  = { { 0x08000000, s20x1k,    2, 0xFF, R,         0,    0 },
                                             { 0x08005000, s108x1k,   2, 0xFF, RWE,   30000,   52 }, END };
static const dfukit_region core_spi[]    = { { 0x00000000, s512x4k,   1, 0xFF, RWE,   25000,    7 }, END };
static const dfukit_region bmp_flash[]   = { { 0x08000000, s8x1k,     2, 0xFF, R,         0,    0 },
                                             { 0x08002000, s120x1k,   2, 0xFF, RWE,   20000,   52 }, END };
static const dfukit_region h747_flash[]  = { { 0x08000000, s1x128k,  32, 0xFF, R,         0,    0 },
                                             { 0x08020000, s15x128k, 32, 0xFF, RWE, 1100000,  100 }, END };
static const dfukit_region f205_flash[]  = { { 0x08000000, s3x16k,    4, 0xFF, R,         0,    0 },
                                             { 0x0800C000, s1x16k,    4, 0xFF, RWE,  250000,   16 },
                                             { 0x08010000, s1x64k,    4, 0xFF, RWE,  550000,   16 },
                                             { 0x08020000, s7x128k,   4, 0xFF, RWE, 1000000,   16 }, END };
static const dfukit_region f205_dct[]    = { { 0x00000000, s1x16k,    4, 0xFF, RWE,  250000,   16 }, END };
static const dfukit_region duo_spi[]     = { { 0x00000000, s256x4k,  64, 0xFF, RWE,   60000,  200 }, END };
static const dfukit_region pill_flash[]  = { { 0x08000000, s4x1k,     2, 0xFF, R,         0,    0 },
                                             { 0x08001000, s60x1k,    2, 0xFF, RWE,   30000,   52 }, END };
static const dfukit_region aioc_flash[]  = { { 0x08000000, s64x2k,    2, 0xFF, RWE,   30000,   53 }, END };

/* ---- Serial numbers that are no text ---- */

static const uint8_t opc_serial[] = { 16, 3, 0x8D, 0x30, 0xFF, 0xDB, 0x1B, 0x00, 0x07, 0x9B,
                                      0x00, 0xD8, 0x41, 0x33, 0xFF, 0xFF };

static const dfukit_functional bmp_runtime  = { 0x09,  255, 1024, DFUKIT_VERSION_DFUSE };
static const dfukit_functional aioc_runtime = { 0x09, 1000, 1024, DFUKIT_VERSION_11_AS_0101 };

/* ---- Products ---- */

static const dfukit_persona personas[] = {
    {   /* ST's USB FS library 3.1.0, with the version's bytes swapped. */
        .name = "opc20",
        .description = "OPC-20: DfuSe with its version's bytes swapped, 8 MiB of SPI flash",
        .source = "dfu-util device-logs: OPC-20",
        .assumed = "strings; the bytes of the serial number, which is no text, are made up",
        .manufacturer = "STMicroelectronics",
        .dfu = { 0x0483, 0xDF11, 0x0200, "STM32 DFU", NULL },
        .raw_serial = opc_serial,
        .functional = { 0x0B, 255, 1024, 0x1A01 },
        .max_packet_size0 = 64,
        .alternates = { "@SPI Flash : M25P64/0x00000000/128*64Kg" },
        .dialect = DFUKIT_DIALECT_DFUSE,
        .zones = { opc_spi },
    },
    {
        .name = "spark-core",
        .description = "Spark Core: DfuSe, 128 KiB with a protected loader, 2 MiB of SPI flash",
        .source = "dfu-util device-logs: Spark Core",
        .assumed = "strings",
        .manufacturer = "Spark Devices",
        .dfu = { 0x1D50, 0x607F, 0x0200, "CORE DFU", "8D7028785754" },
        .functional = { 0x0B, 255, 1024, DFUKIT_VERSION_DFUSE },
        .max_packet_size0 = 64,
        .alternates = { "@Internal Flash  /0x08000000/20*001Ka,108*001Kg",
                        "@SPI Flash : SST25x/0x00000000/512*04Kg" },
        .dialect = DFUKIT_DIALECT_DFUSE,
        .zones = { core_flash, core_spi },
    },
    {   /* Other IDs in each mode; interface 4 of 5 in run-time mode. */
        .name = "blackmagic",
        .description = "Black Magic Probe: DfuSe, 128 KiB, run-time mode beside four interfaces",
        .source = "dfu-util device-logs: Black Magic Probe; blackmagic src/platforms",
        .assumed = "serial number, product in DFU mode",
        .manufacturer = "Black Sphere Technologies",
        .runtime = { 0x1D50, 0x6018, 0x0100, "Black Magic Probe", "7BB18B9D" },
        .dfu     = { 0x1D50, 0x6017, 0x0100, "Black Magic Probe DFU", "7BB18B9D" },
        .functional = { 0x0B, 255, 1024, DFUKIT_VERSION_DFUSE },
        .runtime_functional = &bmp_runtime,
        .runtime_interface = 4, .runtime_class = 0x02,
        .runtime_name = "Black Magic Firmware Upgrade (STLINK)",
        .max_packet_size0 = 64,
        .alternates = { "@Internal Flash   /0x08000000/8*001Ka,120*001Kg" },
        .dialect = DFUKIT_DIALECT_DFUSE,
        .zones = { bmp_flash },
        .busy_poll_ms = 26, .erase_poll_ms = 20,
    },
    {
        .name = "portenta-h7",
        .description = "Arduino Portenta H7: DfuSe, 2 MiB in sectors of 128 KiB, the first protected",
        .source = "dfu-utils-cross #7",
        .assumed = "attributes, detach time, revision, strings, the map behind its name",
        .manufacturer = "Arduino",
        .dfu = { 0x2341, 0x035B, 0x0200, "Envie M7 DFU", "00370031513051" },
        .functional = { 0x0B, 255, 4096, DFUKIT_VERSION_DFUSE },
        .max_packet_size0 = 64,
        .alternates = { "@Internal Flash   /0x08000000/01*128Ka,15*128Kg" },
        .dialect = DFUKIT_DIALECT_DFUSE,
        .zones = { h747_flash },
    },
    {
        .name = "photon",
        .description = "Particle Photon: DfuSe, 1 MiB with a protected loader, DCT flash",
        .source = "Particle users; serial number of a known bug",
        .assumed = "attributes, detach time, strings; transfer size as the RedBear Duo's",
        .manufacturer = "Particle",
        .dfu = { 0x2B04, 0xD006, 0x0250, "Photon DFU Mode", "00000000010C" },
        .functional = { 0x0B, 255, 4096, DFUKIT_VERSION_DFUSE },
        .max_packet_size0 = 64,
        .alternates = { "@Internal Flash   /0x08000000/03*016Ka,01*016Kg,01*064Kg,07*128Kg",
                        "@DCT Flash   /0x00000000/01*016Kg" },
        .dialect = DFUKIT_DIALECT_DFUSE,
        .zones = { f205_flash, f205_dct },
        .serial_shared = true,
    },
    {
        .name = "redbear-duo",
        .description = "RedBear Duo: DfuSe, 1 MiB with a protected loader, DCT and SPI flash",
        .source = "RedBear Duo users",
        .assumed = "attributes, detach time, strings, revision, the maps behind the names",
        .manufacturer = "RedBear",
        .dfu = { 0x2B04, 0xD058, 0x0200, "Duo DFU Mode", "00000000010C" },
        .functional = { 0x0B, 255, 4096, DFUKIT_VERSION_DFUSE },
        .max_packet_size0 = 64,
        .alternates = { "@Internal Flash   /0x08000000/03*016Ka,01*016Kg,01*064Kg,07*128Kg",
                        "@DCT Flash   /0x00000000/01*016Kg",
                        "@Serial Flash   /0x00000000/256*004Kg" },
        .dialect = DFUKIT_DIALECT_DFUSE,
        .zones = { f205_flash, f205_dct, duo_spi },
        .serial_shared = true,
    },
    {
        .name = "stm32-dfu-bootloader",
        .description = "davidgfnet's loader for STM32F103: DfuSe, 64 KiB with itself protected",
        .source = "stm32-dfu-bootloader main.c",
        .assumed = "revision, strings, flash of an STM32F103C8",
        .manufacturer = "davidgf.net (libopencm3 based)",
        .dfu = { 0xDEAD, 0xCA5D, 0x0200, "DFU bootloader", "52FF6C06" },
        .functional = { 0x0B, 255, 1024, DFUKIT_VERSION_DFUSE },
        .max_packet_size0 = 64,
        .alternates = { "@Internal Flash /0x08000000/4*001Ka,60*001Kg" },
        .dialect = DFUKIT_DIALECT_DFUSE,
        .zones = { pill_flash },
        .no_mass_erase = true,
        .busy_poll_ms = 100,
    },
    {   /* Product and vendor change: from its application straight into the chip's ROM. */
        .name = "aioc",
        .description = "AIOC radio cable: becomes an STM32 in ROM, another vendor's device, to be written",
        .source = "AIOC users",
        .assumed = "run-time attributes but WillDetach, sizes, strings; the ROM as stm32f072-rom",
        .manufacturer = "AIOC",
        .runtime = { 0x1209, 0x7388, 0x0100, "All-In-One-Cable", "d6f1a2c7" },
        .dfu     = { 0x0483, 0xDF11, 0x2200, "STM32  BOOTLOADER", "FFFFFFFEFFFF" },
        .functional = { 0x0B, 255, 2048, DFUKIT_VERSION_DFUSE },
        .runtime_functional = &aioc_runtime,
        .runtime_interface = 5,
        .max_packet_size0 = 64,
        .alternates = { "@Internal Flash  /0x08000000/064*0002Kg" },
        .dialect = DFUKIT_DIALECT_DFUSE,
        .zones = { aioc_flash },
        .can_unprotect = true,
        .busy_poll_ms = 104, .erase_poll_ms = 100, .mass_erase_poll_ms = 100,
    },
};

/* clang-format on */

const dfukit_persona_list dfukit_personas_dfuse = DFUKIT_PERSONA_LIST(personas);
