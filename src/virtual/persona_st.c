/* SPDX-License-Identifier: MIT */
/*
 * Personas that speak DfuSe: ST's loaders in ROM, and products with ST's firmware library. Names of
 * alternate settings are as recorded. The times of erasing and programming are typical ones of the
 * data sheets; what a loader says (the polls) is another matter.
 */
#include "persona.h"

/* clang-format off */

#define R   DFUKIT_MAY_READ
#define RW  (DFUKIT_MAY_READ | DFUKIT_MAY_WRITE)
#define RWE (DFUKIT_MAY_READ | DFUKIT_MAY_ERASE | DFUKIT_MAY_WRITE)
#define END { 0, NULL, 0, 0, 0, 0, 0 }

/* ---- Sectors ---- */

/*                                               count    size */
static const dfukit_sectors s128x2k[]      = { {   128,   2048 }, { 0, 0 } };
static const dfukit_sectors s12x1k[]       = { {    12,   1024 }, { 0, 0 } };
static const dfukit_sectors s116x1k[]      = { {   116,   1024 }, { 0, 0 } };
static const dfukit_sectors s128x64k[]     = { {   128,  65536 }, { 0, 0 } };
static const dfukit_sectors s4x16k[]       = { {     4,  16384 }, { 0, 0 } };
static const dfukit_sectors s1x64k[]       = { {     1,  65536 }, { 0, 0 } };
static const dfukit_sectors s7x128k[]      = { {     7, 131072 }, { 0, 0 } };
static const dfukit_sectors s512_16[]      = { {     1,    512 }, { 1, 16 }, { 0, 0 } };
static const dfukit_sectors s1x16[]        = { {     1,     16 }, { 0, 0 } };
static const dfukit_sectors s1x4[]         = { {     1,      4 }, { 0, 0 } };

/* ---- Memories ---- */

/*                                             address     sectors  unit erased may  erase    program */
static const dfukit_region f107_flash[]  = { { 0x08000000, s128x2k,   2, 0xFF, RWE,   30000,   52 }, END };
static const dfukit_region f107_option[] = { { 0x1FFFF800, s1x16,    16, 0xFF, RW,        0, 1000 }, END };
static const dfukit_region f407_flash[]  = { { 0x08000000, s4x16k,    4, 0xFF, RWE,  250000,   16 },
                                             { 0x08010000, s1x64k,    4, 0xFF, RWE,  550000,   16 },
                                             { 0x08020000, s7x128k,   4, 0xFF, RWE, 1000000,   16 }, END };
static const dfukit_region f407_option[] = { { 0x1FFFC000, s1x16,    16, 0xFF, RW,        0, 1000 }, END };
static const dfukit_region f407_otp[]    = { { 0x1FFF7800, s512_16,   1, 0xFF, RW,        0,   16 }, END };
static const dfukit_region f407_feature[]= { { 0xFFFF0000, s1x4,      4, 0xFF, RW,        0,   16 }, END };
static const dfukit_region nano_flash[]  = { { 0x08000000, s12x1k,    2, 0xFF, R,         0,    0 },
                                             { 0x08003000, s116x1k,   2, 0xFF, RWE,   30000,   52 }, END };
static const dfukit_region nano_spi[]    = { { 0x00000000, s128x64k, 64, 0xFF, RWE, 1000000,  350 }, END };

/* ---- Products ---- */

static const dfukit_persona personas[] = {
    {   /* Its serial number is the same on every chip. */
        .name = "stm32f107-rom",
        .description = "STM32F107's loader in ROM: DfuSe, 256 KiB in pages of 2 KiB, option bytes",
        .source = "dfu-util device-logs: STM32F107",
        .assumed = "manufacturer, polls",
        .manufacturer = "STMicroelectronics",
        .dfu = { 0x0483, 0xDF11, 0x2000, "STM32 0x418 DFU Bootloader", "STM32" },
        .functional = { 0x0B, 255, 2048, DFUKIT_VERSION_DFUSE },
        .max_packet_size0 = 64,
        .alternates = { "@Internal Flash  /0x08000000/128*002Kg",
                        "@Option Bytes  /0x1FFFF800/01*016 g" },
        .dialect = DFUKIT_DIALECT_DFUSE,
        .zones = { f107_flash, f107_option },
        .can_unprotect = true,
        .serial_shared = true,
        .busy_poll_ms = 104, .erase_poll_ms = 100, .mass_erase_poll_ms = 100,
    },
    {
        .name = "stm32f407-rom",
        .description = "STM32F407's loader in ROM: DfuSe, 1 MiB in sectors of three sizes, OTP",
        .source = "dfu-util device-logs: STM32F4 Discovery",
        .assumed = "manufacturer, digits of the serial number, polls",
        .manufacturer = "STMicroelectronics",
        .dfu = { 0x0483, 0xDF11, 0x2100, "STM32  BOOTLOADER", "315A366C3236" },
        .functional = { 0x0B, 255, 2048, DFUKIT_VERSION_DFUSE },
        .max_packet_size0 = 64,
        .alternates = { "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg",
                        "@Option Bytes  /0x1FFFC000/01*016 g",
                        "@OTP Memory /0x1FFF7800/01*512 g,01*016 g",
                        "@Device Feature/0xFFFF0000/01*004 g" },
        .dialect = DFUKIT_DIALECT_DFUSE,
        .zones = { f407_flash, f407_option, f407_otp, f407_feature },
        .can_unprotect = true,
        .busy_poll_ms = 104, .erase_poll_ms = 100, .mass_erase_poll_ms = 100,
        .starts_in_error = true,
    },
    {   /* A pocket oscilloscope with ST's firmware library of those days. */
        .name = "dsonano",
        .description = "DSO Nano oscilloscope: DfuSe, loader protected, 8 MiB of SPI flash",
        .source = "dfu-util device-logs: DSO Nano",
        .assumed = "manufacturer, product",
        .manufacturer = "STMicroelectronics",
        .dfu = { 0x0483, 0xDF11, 0x011A, "STM32 DFU", "001" },
        .functional = { 0x0B, 255, 1024, DFUKIT_VERSION_DFUSE },
        .max_packet_size0 = 64,
        .alternates = { "@Internal Flash  /0x08000000/12*001Ka,116*001Kg",
                        "@SPI Flash : M25P64/0x00000000/64*064Kg,64*064Kg" },
        .dialect = DFUKIT_DIALECT_DFUSE,
        .zones = { nano_flash, nano_spi },
        .has_protocol = true, .protocol = 0,
    },
};

/* clang-format on */

const dfukit_persona_list dfukit_personas_st = DFUKIT_PERSONA_LIST(personas);
