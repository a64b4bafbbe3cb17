/* SPDX-License-Identifier: MIT */
/* Personas of boards and chips whose loader speaks plain DFU. */
#include "persona.h"

/* clang-format off */

#define RWE (DFUKIT_MAY_READ | DFUKIT_MAY_ERASE | DFUKIT_MAY_WRITE)

/* ---- Memories ---- */

/*                                                count     size */
static const dfukit_sectors s48x4k[]         = { {    48,   4096 }, { 0, 0 } };
static const dfukit_sectors s64x4k[]         = { {    64,   4096 }, { 0, 0 } };
static const dfukit_sectors s256x4k[]        = { {   256,   4096 }, { 0, 0 } };
static const dfukit_sectors s384x4k[]        = { {   384,   4096 }, { 0, 0 } };
static const dfukit_sectors s1024x4k[]       = { {  1024,   4096 }, { 0, 0 } };
static const dfukit_sectors s56x1k[]         = { {    56,   1024 }, { 0, 0 } };
static const dfukit_sectors s108x1k[]        = { {   108,   1024 }, { 0, 0 } };
static const dfukit_sectors s1008x512[]      = { {  1008,    512 }, { 0, 0 } };

/* RAM needs no erasing and takes no time. */
/*                                              address  sectors   unit erased may  erase  program */
static const dfukit_region lpc_ram        = { 0x11000000, s48x4k,     4, 0xFF, RWE,     0,   0 };
static const dfukit_region lpc43_ram      = { 0x10000000, s64x4k,     4, 0xFF, RWE,     0,   0 };
static const dfukit_region layout_ram     = { 0x00000000, s64x4k,     4, 0xFF, RWE,     0,   0 };
static const dfukit_region maple_flash    = { 0x08005000, s108x1k,    2, 0xFF, RWE, 30000,  52 };
static const dfukit_region pill_flash     = { 0x08002000, s56x1k,     2, 0xFF, RWE, 30000,  52 };
static const dfukit_region ice_flash      = { 0x00000000, s1024x4k,  64, 0xFF, RWE, 45000, 100 };
static const dfukit_region foboot_flash   = { 0x00080000, s384x4k,   64, 0xFF, RWE, 45000, 100 };
static const dfukit_region xmos_flash     = { 0x00000000, s256x4k,   64, 0xFF, RWE, 45000, 100 };
static const dfukit_region sam4s_flash    = { 0x00402000, s1008x512, 64, 0xFF, RWE,  4000, 250 };
static const dfukit_region example_ram    = { 0x00000000, s64x4k,     4, 0xFF, RWE,     0,   0 };

static const dfukit_functional tinyusb_runtime = { 0x0D, 1000, 4096, DFUKIT_VERSION_11 };

/* ---- Products ---- */

static const dfukit_persona personas[] = {
    {   /* A reset starts what was written, with other IDs; here it is back in its ROM. */
        .name = "lpc-link",
        .description = "NXP LPC-Link (LPC3154 ROM): DFU 1.0 into RAM, no upload, no strings, protocol 0",
        .source = "dfu-util device-logs: LPC-Link",
        .assumed = "size of the RAM; takes any file, where the chip wants an encrypted one",
        .dfu = { 0x0471, 0xDF55, 0x0001, NULL, NULL },
        .functional = { 0x01, 65535, 2048, DFUKIT_VERSION_10 },
        .functional_length = 7,
        .max_packet_size0 = 64,
        .alternates = { "" },
        .region = &lpc_ram,
        .leaving = DFUKIT_LEAVES_ON_RESET,
    },
    {   /* Becomes 1fc9:0018 when what was written runs; here it is back in its ROM. */
        .name = "lpc-link2",
        .description = "NXP LPC-Link2 (LPC43xx ROM): DFU 1.0 into RAM, wants the LPC prefix, protocol 1",
        .source = "LPC-Link2 users: unable to read DFU status",
        .assumed = "attributes, detach time, revision, strings, size of the RAM",
        .manufacturer = "NXP",
        .dfu = { 0x1FC9, 0x000C, 0x0100, "LPC", "ABCD" },
        .functional = { 0x01, 65535, 2048, DFUKIT_VERSION_10 },
        .functional_length = 7,
        .has_protocol = true, .protocol = 1, .runtime_protocol = 1,
        .max_packet_size0 = 64,
        .alternates = { "" },
        .region = &lpc43_ram,
        .prefix = DFUKIT_NEEDS_LPC_PREFIX,
        .leaving = DFUKIT_LEAVES_ON_DNLOAD,
        .serial_shared = true,
    },
    {
        .name = "hackrf",
        .description = "HackRF One (LPC43xx ROM): DFU 1.0 into RAM, wants the LPC prefix, protocol 1",
        .source = "HackRF documentation and users: unable to read DFU status",
        .assumed = "attributes, detach time, revision, strings, size of the RAM: as lpc-link2",
        .manufacturer = "NXP",
        .dfu = { 0x1FC9, 0x000C, 0x0100, "LPC", "ABCD" },
        .functional = { 0x01, 65535, 2048, DFUKIT_VERSION_10 },
        .functional_length = 7,
        .has_protocol = true, .protocol = 1, .runtime_protocol = 1,
        .max_packet_size0 = 64,
        .alternates = { "" },
        .region = &lpc43_ram,
        .prefix = DFUKIT_NEEDS_LPC_PREFIX,
        .leaving = DFUKIT_LEAVES_ON_DNLOAD,
        .serial_shared = true,
    },
    {   /* Says that it is DfuSe, and is not. */
        .name = "maple",
        .description = "LeafLabs Maple: plain DFU that says 1.1a, 108 KiB, stays until it is reset",
        .source = "dfu-util src/quirks.c; Maple users",
        .assumed = "the version it says, attributes, sizes, names and strings; flash of an STM32F103RB",
        .manufacturer = "LeafLabs",
        .dfu = { 0x1EAF, 0x0003, 0x0200, "Maple 003", "LLM 003" },
        .functional = { 0x0B, 255, 1024, DFUKIT_VERSION_DFUSE },
        .max_packet_size0 = 64,
        .alternates = { "DFU Program RAM 0x20000C00", "DFU Program FLASH 0x08005000" },
        .region = &maple_flash,
        .leaving = DFUKIT_LEAVES_ON_RESET,
        .serial_shared = true,
    },
    {
        .name = "pico-ice",
        .description = "pico-ice FPGA board (TinyUSB): DFU 1.01, 4 MiB, no upload, waits for a reset",
        .source = "pico-ice users",
        .assumed = "attributes, detach time, revision, names and strings, flash of 4 MiB",
        .manufacturer = "tinyVision.ai Inc.",
        .dfu = { 0x1209, 0xB1C0, 0x0100, "pico-ice", "DE62A437CB5B5A2B" },
        .functional = { 0x01, 1000, 256, DFUKIT_VERSION_11_AS_0101 },
        .max_packet_size0 = 64,
        .alternates = { "iCE40 DFU (CRAM)", "iCE40 DFU (flash)" },
        .region = &ice_flash,
    },
    {
        .name = "orangecrab",
        .description = "OrangeCrab FPGA board (Foboot): DFU 1.01, 1.5 MiB, no upload, detaches by itself",
        .source = "foboot #3; ButterStick users",
        .assumed = "attributes but WillDetach, transfer size, revision, strings: as tomu; detach time as "
                   "ButterStick's",
        .manufacturer = "GsD",
        .dfu = { 0x1209, 0x5AF0, 0x0101, "OrangeCrab r0.2 DFU Bootloader", NULL },
        .functional = { 0x0D, 50, 1024, DFUKIT_VERSION_11_AS_0101 },
        .max_packet_size0 = 64,
        .alternates = { "DFU" },
        .region = &foboot_flash,
        .busy_poll_ms = 1, .idle_poll_ms = 1, .restarts = true,
    },
    {
        .name = "fomu",
        .description = "Fomu FPGA board (Foboot): DFU 1.01, 1.5 MiB, no upload, detaches by itself",
        .source = "foboot #3",
        .assumed = "attributes but WillDetach, sizes and times, revision, strings: as tomu",
        .manufacturer = "Foosn",
        .dfu = { 0x1209, 0x5BF0, 0x0101, "Fomu DFU Bootloader", NULL },
        .functional = { 0x0D, 10000, 1024, DFUKIT_VERSION_11_AS_0101 },
        .max_packet_size0 = 64,
        .alternates = { "Fomu Hacker running DFU Bootloader" },
        .region = &foboot_flash,
        .busy_poll_ms = 1, .idle_poll_ms = 1, .restarts = true,
    },
    {   /* The end of a download takes long, and DETACH takes it back to run-time mode. */
        .name = "respeaker-lite",
        .description = "ReSpeaker Lite (XMOS): DFU 1.01, 1 MiB, same IDs in both modes, wants DETACH to leave",
        .source = "ReSpeaker Lite users",
        .assumed = "attributes, detach time, revision, names and strings, flash of 1 MiB; the 5 s of the "
                   "last block stand in manifestation",
        .manufacturer = "Seeed Studio",
        .runtime = { 0x2886, 0x0019, 0x0200, "ReSpeaker Lite", "0001" },
        .dfu     = { 0x2886, 0x0019, 0x0200, "ReSpeaker Lite", "0001" },
        .functional = { 0x07, 250, 4096, DFUKIT_VERSION_11_AS_0101 },
        .runtime_interface = 3, .runtime_class = 0x01,
        .max_packet_size0 = 64,
        .alternates = { "ReSpeaker DFU Factory", "ReSpeaker DFU Upgrade" },
        .region = &xmos_flash,
        .manifest_ms = 5000,
        .detach_to_leave = true,
    },
    {
        .name = "kiibohd",
        .description = "Kiibohd keyboard (SAM4S8B): DFU 1.1, 504 KiB, no upload, blanks in its serial",
        .source = "kiibohd users",
        .assumed = "attributes, sizes and times; the middle of the serial number, left out in the record",
        .manufacturer = "Input:Club",
        .dfu = { 0x308F, 0x0028, 0x04FC, "Kiibohd DFU", "53313220 34343530 - sam4s8b:FFFF" },
        .functional = { 0x09, 1000, 512, DFUKIT_VERSION_11 },
        .max_packet_size0 = 64,
        .alternates = { "Kiibohd DFU" },
        .region = &sam4s_flash,
    },
    {
        .name = "dapboot",
        .description = "DAPBoot on an STM32F103: DFU 1.1, 56 KiB behind the loader, detaches by itself",
        .source = "dapboot src/dfu.c, src/usb_conf.c",
        .assumed = "built with upload; revision, serial number, flash of an STM32F103C8",
        .manufacturer = "Devanarchy",
        .dfu = { 0x1209, 0xDB42, 0x0110, "DAPBoot DFU Bootloader", "37FFDA054247303859412243" },
        .functional = { 0x0B, 255, 1024, DFUKIT_VERSION_11 },
        .max_packet_size0 = 64,
        .alternates = { "DAPBoot DFU" },
        .region = &pill_flash,
    },
    {   /* ST's IDs, and yet no DfuSe. */
        .name = "sboot-stm32",
        .description = "sboot_stm32 loader: plain DFU 1.1 with ST's IDs, 56 KiB, blocks of 128 bytes",
        .source = "sboot_stm32 src/descriptors.c, config.h",
        .assumed = "revision, strings, flash of an STM32F103C8",
        .manufacturer = "Your company",
        .dfu = { 0x0483, 0xDF11, 0x0100, "Secure DFU bootloader", "0049003A" },
        .functional = { 0x07, 200, 128, DFUKIT_VERSION_11 },
        .max_packet_size0 = 64,
        .alternates = { "Internal Flash" },
        .region = &pill_flash,
        .busy_poll_ms = 20,
    },
    {   /* Two examples of the stack's: one in run-time mode, the other in DFU mode. */
        .name = "tinyusb",
        .description = "TinyUSB's DFU examples: DFU 1.1, two alternate settings, 256 KiB of RAM",
        .source = "tinyusb examples/device/dfu, dfu_runtime",
        .assumed = "both examples as one device; the size; one poll time of the two",
        .manufacturer = "TinyUSB",
        .runtime = { 0xCAFE, 0x4000, 0x0100, "TinyUSB Device", "123456" },
        .dfu     = { 0xCAFE, 0x4000, 0x0100, "TinyUSB Device", "123456" },
        .functional = { 0x07, 1000, 64, DFUKIT_VERSION_11 },
        .runtime_functional = &tinyusb_runtime,
        .max_packet_size0 = 64,
        .alternates = { "FLASH", "EEPROM" },
        .region = &example_ram,
        .serial_shared = true,
        .busy_poll_ms = 1,
    },
    {   /* Names that look like memory maps, in plain DFU: what is downloaded to "FlashLayout" says
         * what the other settings are for. */
        .name = "stm32mp1-uboot",
        .description = "STM32MP1 in U-Boot: plain DFU 1.1 with ST's IDs and names like memory maps, RAM",
        .source = "STM32PRG-TOOLBOX #2; u-boot drivers/usb/gadget/f_dfu.c",
        .assumed = "attributes, sizes, version, strings; one memory where the chip has one for each name",
        .manufacturer = "STMicroelectronics",
        .dfu = { 0x0483, 0xDF11, 0x0200, "USB download gadget@Device ID /0x500, @Revision ID /0x0000",
                 "0038003C3338510F34383330" },
        .functional = { 0x0F, 0, 4096, DFUKIT_VERSION_11 },
        .max_packet_size0 = 64,
        .alternates = { "@FlashLayout/0x00/1*256Ke", "@virtual/0xf1/1*512Be", "@PMIC/0xf4/1*8Be" },
        .region = &layout_ram,
    },
};

/* clang-format on */

const dfukit_persona_list dfukit_personas_boards = DFUKIT_PERSONA_LIST(personas);
