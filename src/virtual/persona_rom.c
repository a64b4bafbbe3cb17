/* SPDX-License-Identifier: MIT */
/*
 * Personas of loaders in ROM that speak DfuSe, beside those in persona_st.c: more of ST's, and the
 * chips made in their likeness. Most come from what users have posted, which rarely shows all: what
 * is not recorded is as usual in the family, and `assumed` says so.
 */
#include "persona.h"

/* clang-format off */

#define RW  (DFUKIT_MAY_READ | DFUKIT_MAY_WRITE)
#define RWE (DFUKIT_MAY_READ | DFUKIT_MAY_ERASE | DFUKIT_MAY_WRITE)
#define END { 0, NULL, 0, 0, 0, 0, 0 }

/* ---- Sectors ---- */

/*                                               count    size */
static const dfukit_sectors s4x16k[]       = { {     4,  16384 }, { 0, 0 } };
static const dfukit_sectors s1x64k[]       = { {     1,  65536 }, { 0, 0 } };
static const dfukit_sectors s3x128k[]      = { {     3, 131072 }, { 0, 0 } };
static const dfukit_sectors s4x32k[]       = { {     4,  32768 }, { 0, 0 } };
static const dfukit_sectors s1x128k[]      = { {     1, 131072 }, { 0, 0 } };
static const dfukit_sectors s3x256k[]      = { {     3, 262144 }, { 0, 0 } };
static const dfukit_sectors s16x128k[]     = { {    16, 131072 }, { 0, 0 } };
static const dfukit_sectors s64x2k[]       = { {    64,   2048 }, { 0, 0 } };
static const dfukit_sectors s128x2k[]      = { {   128,   2048 }, { 0, 0 } };
static const dfukit_sectors s256x2k[]      = { {   256,   2048 }, { 0, 0 } };
static const dfukit_sectors s128x1k[]      = { {   128,   1024 }, { 0, 0 } };
static const dfukit_sectors s1x1k[]        = { {     1,   1024 }, { 0, 0 } };
static const dfukit_sectors s512_16[]      = { {     1,    512 }, { 1, 16 }, { 0, 0 } };
static const dfukit_sectors s1x16[]        = { {     1,     16 }, { 0, 0 } };
static const dfukit_sectors s1x32[]        = { {     1,     32 }, { 0, 0 } };
static const dfukit_sectors s1x40[]        = { {     1,     40 }, { 0, 0 } };
static const dfukit_sectors s1x128[]       = { {     1,    128 }, { 0, 0 } };

/* ---- Memories ---- */

/*                                             address     sectors  unit erased may  erase    program */
static const dfukit_region f401_flash[]  = { { 0x08000000, s4x16k,    4, 0xFF, RWE,  250000,   16 },
                                             { 0x08010000, s1x64k,    4, 0xFF, RWE,  550000,   16 },
                                             { 0x08020000, s3x128k,   4, 0xFF, RWE, 1000000,   16 }, END };
static const dfukit_region f401_option[] = { { 0x1FFFC000, s1x16,    16, 0xFF, RW,        0, 1000 }, END };
static const dfukit_region f401_otp[]    = { { 0x1FFF7800, s512_16,   1, 0xFF, RW,        0,   16 }, END };
static const dfukit_region f745_flash[]  = { { 0x08000000, s4x32k,    4, 0xFF, RWE,  250000,   16 },
                                             { 0x08020000, s1x128k,   4, 0xFF, RWE,  550000,   16 },
                                             { 0x08040000, s3x256k,   4, 0xFF, RWE, 1000000,   16 }, END };
static const dfukit_region f745_option[] = { { 0x1FFF0000, s1x32,    32, 0xFF, RW,        0, 1000 }, END };
static const dfukit_region f072_flash[]  = { { 0x08000000, s64x2k,    2, 0xFF, RWE,   30000,   53 }, END };
static const dfukit_region f072_option[] = { { 0x1FFFF800, s1x16,    16, 0xFF, RW,        0, 1000 }, END };
static const dfukit_region l4_flash[]    = { { 0x08000000, s128x2k,   8, 0xFF, RWE,   22000,   82 }, END };
static const dfukit_region l4_option[]   = { { 0x1FFF7800, s1x40,     8, 0xFF, RW,        0, 1000 }, END };
static const dfukit_region l4_otp[]      = { { 0x1FFF7000, s1x1k,     8, 0xFF, RW,        0,   82 }, END };
static const dfukit_region g4_flash[]    = { { 0x08000000, s256x2k,   8, 0xFF, RWE,   22000,   85 }, END };
static const dfukit_region h743_flash[]  = { { 0x08000000, s16x128k, 32, 0xFF, RWE, 1100000,  100 }, END };
static const dfukit_region h743_option[] = { { 0x5200201C, s1x128,   64, 0xFF, RW,        0, 1000 }, END };
static const dfukit_region gd32_flash[]  = { { 0x08000000, s128x1k,   2, 0xFF, RWE,   60000,   38 }, END };
static const dfukit_region gd32_option[] = { { 0x1FFFF800, s1x16,    16, 0xFF, RW,        0, 1000 }, END };
static const dfukit_region at32_flash[]  = { { 0x08000000, s128x2k,   2, 0xFF, RWE,   50000,   50 }, END };
static const dfukit_region apm32_flash[] = { { 0x08000000, s128x1k,   2, 0xFF, RWE,   30000,   52 }, END };

/* ---- Serial numbers that are bytes where UTF-16 belongs ---- */

static const uint8_t gd32_serial[]   = { 6, 3, '3', 'C', 'B', 'J' };
static const uint8_t gd32tb_serial[] = { 6, 3, '3', 'T', 'B', 'J' };

/* ---- Products ---- */

#define ST "STMicroelectronics"

static const dfukit_persona personas[] = {
    {
        .name = "stm32f401-rom",
        .description = "STM32F401's loader in ROM: DfuSe, 512 KiB in sectors of three sizes, OTP",
        .source = "zmk #1711, OpenDeck #123",
        .assumed = "attributes, transfer size, detach time, strings, polls: as stm32f407-rom",
        .manufacturer = ST,
        .dfu = { 0x0483, 0xDF11, 0x2200, "STM32  BOOTLOADER", "336535513036" },
        .functional = { 0x0B, 255, 2048, DFUKIT_VERSION_DFUSE },
        .max_packet_size0 = 64,
        .alternates = { "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,03*128Kg",
                        "@Option Bytes  /0x1FFFC000/01*016 e",
                        "@OTP Memory /0x1FFF7800/01*512 e,01*016 e" },
        .dialect = DFUKIT_DIALECT_DFUSE,
        .zones = { f401_flash, f401_option, f401_otp },
        .can_unprotect = true,
        .busy_poll_ms = 104, .erase_poll_ms = 100, .mass_erase_poll_ms = 100,
    },
    {   /* Stalls GETSTATUS up to three times while it erases: the misbehaviour (d). */
        .name = "stm32l4-rom",
        .description = "STM32L4's loader in ROM: DfuSe, 256 KiB in pages of 2 KiB, OTP",
        .source = "tnc3 #12",
        .assumed = "attributes, transfer size, detach time, strings, polls: as stm32f407-rom",
        .manufacturer = ST,
        .dfu = { 0x0483, 0xDF11, 0x2200, "STM32  BOOTLOADER", "205B36824853" },
        .functional = { 0x0B, 255, 2048, DFUKIT_VERSION_DFUSE },
        .max_packet_size0 = 64,
        .alternates = { "@Internal Flash  /0x08000000/0128*0002Kg",
                        "@Option Bytes  /0x1FFF7800/01*040 e",
                        "@OTP Memory /0x1FFF7000/01*0001Ke" },
        .dialect = DFUKIT_DIALECT_DFUSE,
        .zones = { l4_flash, l4_option, l4_otp },
        .can_unprotect = true,
        .busy_poll_ms = 104, .erase_poll_ms = 100, .mass_erase_poll_ms = 100,
    },
    {
        .name = "stm32f745-rom",
        .description = "STM32F745's loader in ROM: DfuSe, 1 MiB in sectors of three sizes",
        .source = "fwupd #2696, #1944",
        .assumed = "attributes, detach time, strings, revision, option bytes: as stm32f407-rom",
        .manufacturer = ST,
        .dfu = { 0x0483, 0xDF11, 0x2200, "STM32  BOOTLOADER", "206D336C4E4D" },
        .functional = { 0x0B, 255, 2048, DFUKIT_VERSION_DFUSE },
        .max_packet_size0 = 64,
        .alternates = { "@Internal Flash  /0x08000000/04*032Kg,01*128Kg,03*256Kg",
                        "@Option Bytes  /0x1FFF0000/01*032 e" },
        .dialect = DFUKIT_DIALECT_DFUSE,
        .zones = { f745_flash, f745_option },
        .can_unprotect = true,
        .busy_poll_ms = 104, .erase_poll_ms = 100, .mass_erase_poll_ms = 100,
        .starts_in_error = true,
    },
    {
        .name = "stm32h743-rom",
        .description = "STM32H743's loader in ROM: DfuSe, 2 MiB in sectors of 128 KiB",
        .source = "stabilizer #69, libDaisy #195",
        .assumed = "attributes, detach time, strings, polls: as stm32f407-rom",
        .manufacturer = ST,
        .dfu = { 0x0483, 0xDF11, 0x0200, "DFU in FS Mode", "200364500000" },
        .functional = { 0x0B, 255, 1024, DFUKIT_VERSION_DFUSE },
        .max_packet_size0 = 64,
        .alternates = { "@Internal Flash   /0x08000000/16*128Kg",
                        "@Option Bytes   /0x5200201C/01*128 e" },
        .dialect = DFUKIT_DIALECT_DFUSE,
        .zones = { h743_flash, h743_option },
        .can_unprotect = true,
        .busy_poll_ms = 104, .erase_poll_ms = 100, .mass_erase_poll_ms = 100,
    },
    {   /* Its serial number is one that several boards show. */
        .name = "stm32f072-rom",
        .description = "STM32F072's loader in ROM (CANable): DfuSe, 128 KiB in pages of 2 KiB",
        .source = "candleLight #175",
        .assumed = "attributes, transfer size, detach time, product, polls: as stm32f407-rom",
        .manufacturer = ST,
        .dfu = { 0x0483, 0xDF11, 0x2200, "STM32  BOOTLOADER", "FFFFFFFEFFFF" },
        .functional = { 0x0B, 255, 2048, DFUKIT_VERSION_DFUSE },
        .max_packet_size0 = 64,
        .alternates = { "@Internal Flash  /0x08000000/064*0002Kg",
                        "@Option Bytes  /0x1FFFF800/01*016 e" },
        .dialect = DFUKIT_DIALECT_DFUSE,
        .zones = { f072_flash, f072_option },
        .can_unprotect = true,
        .serial_shared = true,
        .busy_poll_ms = 104, .erase_poll_ms = 100, .mass_erase_poll_ms = 100,
    },
    {
        .name = "stm32g4-rom",
        .description = "STM32G4's loader in ROM: DfuSe, 512 KiB in pages of 2 KiB",
        .source = "dfu-libusb #4",
        .assumed = "revision, strings, polls, one alternate setting only",
        .manufacturer = ST,
        .dfu = { 0x0483, 0xDF11, 0x0200, "DFU in FS Mode", "2052348A5830" },
        .functional = { 0x0B, 255, 1024, DFUKIT_VERSION_DFUSE },
        .max_packet_size0 = 64,
        .alternates = { "@Internal Flash   /0x08000000/256*0002Kg" },
        .dialect = DFUKIT_DIALECT_DFUSE,
        .zones = { g4_flash },
        .can_unprotect = true,
        .busy_poll_ms = 104, .erase_poll_ms = 100, .mass_erase_poll_ms = 100,
    },
    {   /* The ROM of version 1000: its map is wrong. The B in its serial number says 128 KiB. */
        .name = "gd32vf103-rom",
        .description = "GD32VF103's loader in ROM: DfuSe, 128 KiB, a wrong memory map, 8-bit serial",
        .source = "fiveforths #20, pineflash #45, dfu-util src/quirks.c",
        .assumed = "detach time, strings",
        .manufacturer = "GDMicroelectronics",
        .dfu = { 0x28E9, 0x0189, 0x1000, "GD32 0x418 DFU Bootloader", NULL },
        .raw_serial = gd32_serial,
        .functional = { 0x0B, 255, 2048, DFUKIT_VERSION_DFUSE },
        .max_packet_size0 = 64,
        .alternates = { "@Internal Flash  /0x08000000/512*002Kg",
                        "@Option Bytes  /0x1FFFF800/01*016 g" },
        .dialect = DFUKIT_DIALECT_DFUSE,
        .zones = { gd32_flash, gd32_option },
        .can_unprotect = true,
        .busy_poll_ms = 104, .erase_poll_ms = 100, .mass_erase_poll_ms = 100,
        .leaving = DFUKIT_LEAVES_ON_DNLOAD,
        .starts_in_error = true,
        .serial_shared = true,
    },
    {   /* The ROM of version 0100: its map is right. */
        .name = "gd32vf103tb-rom",
        .description = "GD32VF103TB's later loader in ROM: DfuSe, 128 KiB, 8-bit serial",
        .source = "pineflash #45, gd32-dfu-utils #6",
        .assumed = "detach time, strings",
        .manufacturer = "GDMicroelectronics",
        .dfu = { 0x28E9, 0x0189, 0x0100, "GD32 0x418 DFU Bootloader", NULL },
        .raw_serial = gd32tb_serial,
        .functional = { 0x0B, 255, 2048, DFUKIT_VERSION_DFUSE },
        .max_packet_size0 = 64,
        .alternates = { "@Internal Flash  /0x08000000/128*001Kg",
                        "@Option Bytes  /0x1FFFF800/01*016Be" },
        .dialect = DFUKIT_DIALECT_DFUSE,
        .zones = { gd32_flash, gd32_option },
        .can_unprotect = true,
        .busy_poll_ms = 104, .erase_poll_ms = 100, .mass_erase_poll_ms = 100,
        .leaving = DFUKIT_LEAVES_ON_DNLOAD,
        .starts_in_error = true,
        .serial_shared = true,
    },
    {
        .name = "at32-rom",
        .description = "Artery AT32's loader in ROM: DfuSe, 256 KiB in pages of 2 KiB",
        .source = "qmk_toolbox #405",
        .assumed = "all but IDs, version and product: as ST's",
        .manufacturer = "Artery-Tech",
        .dfu = { 0x2E3C, 0xDF11, 0x0200, "DFU in FS Mode", "AT32-0001" },
        .functional = { 0x0B, 255, 2048, DFUKIT_VERSION_DFUSE },
        .max_packet_size0 = 64,
        .alternates = { "@Internal Flash  /0x08000000/128*002Kg" },
        .dialect = DFUKIT_DIALECT_DFUSE,
        .zones = { at32_flash },
        .can_unprotect = true,
        .busy_poll_ms = 104, .erase_poll_ms = 100, .mass_erase_poll_ms = 100,
    },
    {
        .name = "apm32-rom",
        .description = "Geehy APM32's loader in ROM: DfuSe, 128 KiB in pages of 1 KiB",
        .source = "qmk_toolbox #238",
        .assumed = "all but IDs, version and product: as ST's",
        .manufacturer = "Geehy",
        .dfu = { 0x314B, 0x0106, 0x0200, "DFU in FS Mode", "APM32-0001" },
        .functional = { 0x0B, 255, 2048, DFUKIT_VERSION_DFUSE },
        .max_packet_size0 = 64,
        .alternates = { "@Internal Flash  /0x08000000/128*001Kg" },
        .dialect = DFUKIT_DIALECT_DFUSE,
        .zones = { apm32_flash },
        .can_unprotect = true,
        .busy_poll_ms = 104, .erase_poll_ms = 100, .mass_erase_poll_ms = 100,
    },
};

/* clang-format on */

const dfukit_persona_list dfukit_personas_rom = DFUKIT_PERSONA_LIST(personas);
