/* SPDX-License-Identifier: MIT */
/*
 * Personas of the first devices of DFU: Openmoko's telephones and the RFID and SIM tools of the same
 * people. All say version 1.00, in a descriptor of nine bytes, and tell the mode by bInterfaceProtocol
 * as 1.1 does; wDetachTimeOut has its bytes swapped (255 ms), and the poll time is bogus.
 */
#include "persona.h"

/* clang-format off */

#define RWE (DFUKIT_MAY_READ | DFUKIT_MAY_ERASE | DFUKIT_MAY_WRITE)
#define BOGUS_POLL_MS 0xFF00u
#define SWAPPED_255   0xFF00u

/* ---- Memories ---- */

/*                                                count     size */
static const dfukit_sectors kernel_sectors[] = { {    64, 131072 }, { 0, 0 } };
static const dfukit_sectors sam7_sectors[]   = { {   512,    256 }, { 0, 0 } };

/*                                            address     sectors        unit erased may  erase  program */
static const dfukit_region kernel_memory  = { 0x00000000, kernel_sectors,  64, 0xFF, RWE,  2000,  10 };
static const dfukit_region sam7_memory    = { 0x00100000, sam7_sectors,    64, 0xFF, RWE,  4000, 250 };

/* ---- Products ---- */

static const dfukit_persona personas[] = {
    {
        .name = "openmoko-freerunner",
        .description = "Openmoko Freerunner: DFU 1.0, seven alternate settings, same IDs in both modes",
        .source = "dfu-util device-logs: Freerunner, run-time and DFU mode (U-Boot 1.3.2-moko12)",
        .assumed = "strings of the device, the poll time; one memory of 8 MiB (the kernel's), where the "
                   "telephone has one for each name; one configuration of two in run-time mode",
        .manufacturer = "OpenMoko, Inc.",
        .runtime = { 0x1D50, 0x5119, 0x0000, "Neo1973 GTA02",       "0000000" },
        .dfu     = { 0x1D50, 0x5119, 0x0000, "Neo1973 U-Boot DFU",  "0000000" },
        .functional = { 0x07, SWAPPED_255, 4096, DFUKIT_VERSION_10 },
        .functional_length = 9,
        .placement = DFUKIT_PLACED_BEFORE,
        .has_protocol = true, .protocol = 2, .runtime_protocol = 1,
        .runtime_interface = 2, .runtime_class = 0x02,
        .runtime_name = "USB Device Firmware Upgrade",
        .max_packet_size0 = 16,
        .alternates = { "RAM 0x32000000", "u-boot", "u-boot_env", "kernel", "splash", "factory",
                        "rootfs" },
        .region = &kernel_memory,
        .serial_shared = true,
        .idle_poll_ms = BOGUS_POLL_MS,
    },
    {
        .name = "openmoko-neo1973",
        .description = "Openmoko Neo1973: DFU 1.0, as the Freerunner with another vendor's IDs",
        .source = "dfu-util device-logs: Neo1973, run-time mode",
        .assumed = "all of DFU mode, and the strings: as openmoko-freerunner",
        .manufacturer = "OpenMoko, Inc.",
        .runtime = { 0x1457, 0x5119, 0x0000, "Neo1973 GTA01",       "0000000" },
        .dfu     = { 0x1457, 0x5119, 0x0000, "Neo1973 U-Boot DFU",  "0000000" },
        .functional = { 0x07, SWAPPED_255, 4096, DFUKIT_VERSION_10 },
        .functional_length = 9,
        .placement = DFUKIT_PLACED_BEFORE,
        .has_protocol = true, .protocol = 2, .runtime_protocol = 1,
        .runtime_interface = 2, .runtime_class = 0x02,
        .runtime_name = "USB Device Firmware Upgrade",
        .max_packet_size0 = 16,
        .alternates = { "RAM 0x32000000", "u-boot", "u-boot_env", "kernel", "splash", "rootfs" },
        .region = &kernel_memory,
        .serial_shared = true,
        .idle_poll_ms = BOGUS_POLL_MS,
    },
    {
        .name = "openpcd",
        .description = "OpenPCD RFID reader: DFU 1.0, 128 KiB in pages of 256 bytes, nothing has a name",
        .source = "dfu-util device-logs: OpenPCD (sam7dfu)",
        .assumed = "manufacturer, product, the poll time; flash of an AT91SAM7S128",
        .manufacturer = "bitmanufaktur.de",
        .dfu = { 0x16C0, 0x076B, 0x0000, "OpenPCD RFID Simulator - DFU Mode", NULL },
        .functional = { 0x03, SWAPPED_255, 256, DFUKIT_VERSION_10 },
        .functional_length = 9,
        .has_protocol = true, .protocol = 2, .runtime_protocol = 1,
        .bcdUSB = 0x0100,
        .max_packet_size0 = 8,
        .alternates = { "", "" },
        .region = &sam7_memory,
        .idle_poll_ms = BOGUS_POLL_MS,
    },
    {
        .name = "simtrace",
        .description = "SIMtrace: DFU 1.0, 128 KiB in pages of 256 bytes, three alternate settings",
        .source = "dfu-util device-logs: SIMtrace",
        .assumed = "manufacturer, product, revision, the poll time; flash of an AT91SAM7S128",
        .manufacturer = "sysmocom",
        .dfu = { 0x16C0, 0x0762, 0x0000, "SimTrace DFU", NULL },
        .functional = { 0x03, SWAPPED_255, 256, DFUKIT_VERSION_10 },
        .functional_length = 9,
        .has_protocol = true, .protocol = 2, .runtime_protocol = 1,
        .bcdUSB = 0x0100,
        .max_packet_size0 = 8,
        .alternates = { "SimTrace DFU Interface - Application Partition",
                        "SimTrace DFU Interface - Bootloader Partition",
                        "SimTrace DFU Interface - RAM" },
        .region = &sam7_memory,
        .idle_poll_ms = BOGUS_POLL_MS,
    },
};

/* clang-format on */

const dfukit_persona_list dfukit_personas_phones = DFUKIT_PERSONA_LIST(personas);
