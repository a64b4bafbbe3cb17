/* SPDX-License-Identifier: MIT */
/* Personas of products known in run-time mode only: those that have DFU beside another purpose, and
 * bystanders, which nobody means when "the DFU device" is asked for. */
#include "persona.h"

/* clang-format off */

#define RWE (DFUKIT_MAY_READ | DFUKIT_MAY_ERASE | DFUKIT_MAY_WRITE)

/* ---- Memories ---- */

/*                                                count     size */
static const dfukit_sectors atusb_sectors[]  = { {   224,    128 }, { 0, 0 } };
static const dfukit_sectors csr_sectors[]    = { {   128,   4096 }, { 0, 0 } };

/*                                            address     sectors        unit erased may  erase  program */
static const dfukit_region atusb_memory   = { 0x00000000, atusb_sectors,  64, 0xFF, RWE,  4500, 2250 };
static const dfukit_region csr_memory     = { 0x00000000, csr_sectors,     1, 0xFF, RWE, 25000,   10 };

/* ---- Products ---- */

static const dfukit_persona personas[] = {
    {
        .name = "ben-wpan",
        .description = "Qi Hardware ATUSB: 28 KiB, no functional descriptor in run-time mode",
        .source = "dfu-util device-logs: ben-wpan ATUSB",
        .assumed = "all of DFU mode; flash of an ATmega32U2 without the loader",
        .manufacturer = "http://www.qi-hardware.com/",
        .runtime = { 0x20B7, 0x1540, 0x0001, "ATUSB",     "4630333438371508231a" },
        .dfu     = { 0x20B7, 0x1540, 0x0001, "ATUSB DFU", "4630333438371508231a" },
        .functional = { 0x03, 1000, 64, DFUKIT_VERSION_11 },
        .runtime_placement = DFUKIT_PLACED_NOWHERE,
        .max_packet_size0 = 64,
        .alternates = { "" },
        .region = &atusb_memory,
    },
    {   /* Its transfer size is no multiple of anything. */
        .name = "tdk-bluetooth",
        .description = "TDK Bluetooth adapter: DFU 1.0, 512 KiB, blocks of 1023 bytes, protocol 0",
        .source = "dfu-util device-logs: TDK/Ezurio Bluetooth, run-time mode",
        .assumed = "all of DFU mode, the strings, flash of 512 KiB",
        .manufacturer = "TDK Corp.",
        .runtime = { 0x04BF, 0x0320, 0x2652, "Bluetooth Adapter",     NULL },
        .dfu     = { 0x04BF, 0x0320, 0x2652, "Bluetooth Adapter DFU", NULL },
        .functional = { 0x07, 5000, 1023, DFUKIT_VERSION_10 },
        .runtime_interface = 2, .runtime_class = 0xE0,
        .max_packet_size0 = 64,
        .alternates = { "" },
        .region = &csr_memory,
    },
    {
        .name = "laptop-camera",
        .description = "Camera in a laptop: has DFU in run-time mode, can neither download nor upload",
        .source = "fwupd #6871; dfu-util users",
        .assumed = "strings of the device, revision",
        .manufacturer = "Generic",
        .runtime = { 0x0BDA, 0x5517, 0x0001, "Integrated Camera", "200901010001" },
        .functional = { 0x08, 200, 4096, DFUKIT_VERSION_11 },
        .runtime_interface = 4, .runtime_class = 0x0E,
        .runtime_name = "Camera DFU Device",
        .max_packet_size0 = 64,
        .alternates = { "" },
        .stays_put = true,
    },
    {
        .name = "macbook-bluetooth",
        .description = "Bluetooth in a MacBook: has DFU in run-time mode, can neither download nor upload",
        .source = "dfu-util users: dfu-util -l on a MacBook",
        .assumed = "that it can do nothing; sizes, times, version, strings",
        .manufacturer = "Apple Inc.",
        .runtime = { 0x05AC, 0x8290, 0x0167, "Bluetooth USB Host Controller", NULL },
        .functional = { 0x00, 5000, 64, DFUKIT_VERSION_11 },
        .runtime_interface = 5, .runtime_class = 0xE0,
        .max_packet_size0 = 64,
        .alternates = { "" },
        .stays_put = true,
    },
};

/* clang-format on */

const dfukit_persona_list dfukit_personas_bystanders = DFUKIT_PERSONA_LIST(personas);
