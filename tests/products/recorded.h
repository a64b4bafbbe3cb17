/* SPDX-License-Identifier: MIT */
/*
 * What was recorded of real products, typed from the records without sight of src/virtual: the
 * personas are held against it. ANY: not recorded, not checked.
 */
#ifndef TESTS_PRODUCTS_RECORDED_H
#define TESTS_PRODUCTS_RECORDED_H

#include "dfukit/host.h"

#define ANY (-1)

typedef struct recorded {
    const char *name;
    dfukit_mode mode; /* that this is about, and in which a host finds it */
    long vid, pid, bcdDevice;
    long protocol, interface;
    long functional; /* bLength; 0: there is none */
    long bcdDFUVersion, attributes, transfer_size, detach;
    long packet_size;
    const char *version; /* as it is understood */
    unsigned oddities;   /* noted by whoever reads the descriptors */
    const char *product; /* NULL: not recorded; "": none */
    const char *serial;  /* the same */
    const char
        *names[8]; /* of the interface in run-time mode; closed by NULL; none: not recorded */
} recorded;

#define APP DFUKIT_MODE_RUNTIME
#define DFU DFUKIT_MODE_DFU

/* clang-format off */
static const recorded records[] = {
    /* 1 */ {"openmoko-freerunner", APP, 0x1d50, 0x5119, 0x0000, 1, 2, 9, 0x0100, 0x07, 4096, 65280, 16, "1.0", 0,
        NULL, NULL, {"USB Device Firmware Upgrade"}},
    /* 2 */ {"openmoko-freerunner", DFU, 0x1d50, 0x5119, ANY, 2, 0, 9, 0x0100, 0x07, 4096, 65280, ANY, "1.0", 0,
        NULL, "0000000", {"RAM 0x32000000", "u-boot", "u-boot_env", "kernel", "splash", "factory", "rootfs"}},
    /* 3 */ {"openmoko-neo1973", APP, 0x1457, 0x5119, ANY, 1, 2, 9, 0x0100, 0x07, 4096, 65280, ANY, "1.0", 0,
        NULL, NULL, {"USB Device Firmware Upgrade"}},
    /* 4 */ {"openpcd", DFU, 0x16c0, 0x076b, 0x0000, 2, 0, 9, 0x0100, 0x03, 256, 65280, 8, "1.0", 0,
        NULL, "", {"", ""}},
    /* 5 */ {"simtrace", DFU, 0x16c0, 0x0762, ANY, 2, 0, 9, 0x0100, 0x03, 256, 65280, 8, "1.0", 0,
        NULL, NULL, {"SimTrace DFU Interface - Application Partition",
                     "SimTrace DFU Interface - Bootloader Partition", "SimTrace DFU Interface - RAM"}},
    /* 6 */ {"ben-wpan", APP, 0x20b7, 0x1540, 0x0001, 1, 1, 0, ANY, ANY, ANY, ANY, ANY, "1.0",
        DFUKIT_ODD_NO_FUNCTIONAL | DFUKIT_ODD_TRANSFER_SIZE, NULL, "4630333438371508231a", {NULL}},
    /* 7 */ {"tdk-bluetooth", APP, 0x04bf, 0x0320, 0x2652, 0, 2, 7, 0x0100, 0x07, 1023, 5000, ANY, "1.0", 0,
        NULL, NULL, {NULL}},
    /* 8 */ {"lpc-link", DFU, 0x0471, 0xdf55, 0x0001, 0, 0, 7, 0x0100, 0x01, 2048, 65535, ANY, "1.0", 0,
        "", "", {""}},
    /* 9 */ {"lpc-link2", DFU, 0x1fc9, 0x000c, ANY, 1, 0, ANY, 0x0100, ANY, 2048, ANY, ANY, "1.0", DFUKIT_ODD_PROTOCOL,
        NULL, NULL, {NULL}},
    /* 9 */ {"hackrf", DFU, 0x1fc9, 0x000c, ANY, 1, 0, ANY, 0x0100, ANY, 2048, ANY, ANY, "1.0", DFUKIT_ODD_PROTOCOL,
        NULL, NULL, {NULL}},
    /* 10 */ {"dsonano", DFU, 0x0483, 0xdf11, 0x011a, 0, 0, 9, 0x011a, 0x0b, 1024, 255, ANY, "1.1a", DFUKIT_ODD_PROTOCOL,
        NULL, "001", {"@Internal Flash  /0x08000000/12*001Ka,116*001Kg",
                      "@SPI Flash : M25P64/0x00000000/64*064Kg,64*064Kg"}},
    /* 11 */ {"opc20", DFU, 0x0483, 0xdf11, 0x0200, 2, 0, 9, 0x1a01, 0x0b, 1024, 255, ANY, "1.1a", 0,
        NULL, NULL, {"@SPI Flash : M25P64/0x00000000/128*64Kg"}},
    /* 12 */ {"spark-core", DFU, 0x1d50, 0x607f, 0x0200, 2, 0, 9, 0x011a, 0x0b, 1024, 255, ANY, "1.1a", 0,
        NULL, NULL, {"@Internal Flash  /0x08000000/20*001Ka,108*001Kg",
                     "@SPI Flash : SST25x/0x00000000/512*04Kg"}},
    /* 13 */ {"stm32f107-rom", DFU, 0x0483, 0xdf11, 0x2000, 2, 0, 9, 0x011a, 0x0b, 2048, 255, ANY, "1.1a", 0,
        "STM32 0x418 DFU Bootloader", "STM32", {"@Internal Flash  /0x08000000/128*002Kg",
                                                "@Option Bytes  /0x1FFFF800/01*016 g"}},
    /* 14 */ {"stm32f407-rom", DFU, 0x0483, 0xdf11, 0x2100, 2, 0, 9, 0x011a, 0x0b, 2048, 255, ANY, "1.1a", 0,
        "STM32  BOOTLOADER", NULL, {"@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg",
                                    "@Option Bytes  /0x1FFFC000/01*016 g", "@OTP Memory /0x1FFF7800/01*512 g,01*016 g",
                                    "@Device Feature/0xFFFF0000/01*004 g"}},
    /* 15 */ {"blackmagic", APP, 0x1d50, 0x6018, 0x0100, 1, 4, 9, 0x011a, 0x09, 1024, 255, ANY, "1.1a", 0,
        NULL, NULL, {"Black Magic Firmware Upgrade (STLINK)"}},
    /* 16 */ {"blackmagic", DFU, 0x1d50, 0x6017, ANY, 2, 0, 9, 0x011a, 0x0b, 1024, 255, ANY, "1.1a", 0,
        NULL, NULL, {"@Internal Flash   /0x08000000/8*001Ka,120*001Kg"}},
    /* 17 */ {"stm32f401-rom", DFU, 0x0483, 0xdf11, 0x2200, 2, 0, 9, 0x011a, 0x0b, 2048, 255, ANY, "1.1a", 0,
        NULL, NULL, {"@Internal Flash  /0x08000000/04*016Kg,01*064Kg,03*128Kg",
                     "@Option Bytes  /0x1FFFC000/01*016 e", "@OTP Memory /0x1FFF7800/01*512 e,01*016 e"}},
    /* 18 */ {"stm32l4-rom", DFU, 0x0483, 0xdf11, 0x2200, 2, 0, 9, 0x011a, 0x0b, 2048, 255, ANY, "1.1a", 0,
        NULL, NULL, {"@Internal Flash  /0x08000000/0128*0002Kg", "@Option Bytes  /0x1FFF7800/01*040 e",
                     "@OTP Memory /0x1FFF7000/01*0001Ke"}},
    /* 19 */ {"stm32f745-rom", DFU, 0x0483, 0xdf11, ANY, 2, 0, 9, 0x011a, 0x0b, 2048, 255, ANY, "1.1a", 0,
        NULL, NULL, {NULL}},
    /* 20 */ {"stm32h743-rom", DFU, 0x0483, 0xdf11, 0x0200, 2, 0, 9, 0x011a, 0x0b, 1024, 255, ANY, "1.1a", 0,
        NULL, NULL, {"@Internal Flash   /0x08000000/16*128Kg", "@Option Bytes   /0x5200201C/01*128 e"}},
    /* 21 */ {"stm32f072-rom", DFU, 0x0483, 0xdf11, 0x2200, 2, 0, 9, 0x011a, 0x0b, 2048, 255, ANY, "1.1a", 0,
        NULL, "FFFFFFFEFFFF", {"@Internal Flash  /0x08000000/064*0002Kg", "@Option Bytes  /0x1FFFF800/01*016 e"}},
    /* 22 */ {"stm32mp1-uboot", DFU, 0x0483, 0xdf11, 0x0200, ANY, 0, ANY, ANY, ANY, ANY, ANY, ANY, "1.1", 0,
        NULL, NULL, {"@FlashLayout/0x00/1*256Ke", "@virtual/0xf1/1*512Be", "@PMIC/0xf4/1*8Be"}},
    /* 23 */ {"gd32vf103-rom", DFU, 0x28e9, 0x0189, 0x1000, 2, 0, 9, 0x011a, 0x0b, 2048, ANY, ANY, "1.1a", 0,
        NULL, "3CBJ", {"@Internal Flash  /0x08000000/512*002Kg", "@Option Bytes  /0x1FFFF800/01*016 g"}},
    /* 23 */ {"gd32vf103tb-rom", DFU, 0x28e9, 0x0189, 0x0100, 2, 0, 9, 0x011a, 0x0b, 2048, ANY, ANY, "1.1a", 0,
        NULL, "3TBJ", {"@Internal Flash  /0x08000000/128*001Kg", "@Option Bytes  /0x1FFFF800/01*016Be"}},
    /* 24 */ {"portenta-h7", DFU, 0x2341, 0x035b, ANY, ANY, 0, 9, 0x011a, ANY, 4096, ANY, ANY, "1.1a", 0,
        NULL, NULL, {NULL}},
    /* 25 */ {"photon", DFU, 0x2b04, 0xd006, 0x0250, ANY, 0, 9, 0x011a, ANY, ANY, ANY, ANY, "1.1a", 0,
        NULL, "00000000010C", {"@Internal Flash   /0x08000000/03*016Ka,01*016Kg,01*064Kg,07*128Kg",
                               "@DCT Flash   /0x00000000/01*016Kg"}},
    /* 25 */ {"redbear-duo", DFU, 0x2b04, 0xd058, ANY, ANY, 0, 9, 0x011a, ANY, 4096, ANY, ANY, "1.1a", 0,
        NULL, NULL, {NULL}},
    /* 26 */ {"maple", DFU, 0x1eaf, 0x0003, 0x0200, ANY, 0, ANY, ANY, ANY, ANY, ANY, ANY, "1.1", 0,
        NULL, NULL, {NULL}},
    /* 27 */ {"pico-ice", DFU, 0x1209, 0xb1c0, ANY, 2, 0, 9, 0x0101, ANY, 256, ANY, ANY, "1.1", 0,
        NULL, NULL, {NULL}},
    /* 28 */ {"orangecrab", DFU, 0x1209, 0x5af0, ANY, ANY, 0, ANY, ANY, ANY, ANY, 50, ANY, "1.1", 0,
        NULL, NULL, {NULL}},
    /* 28 */ {"tomu", DFU, 0x1209, 0x70b1, ANY, 2, 0, 9, 0x0101, 0x0d, 1024, ANY, ANY, "1.1", 0,
        NULL, NULL, {NULL}},
    /* 28 */ {"fomu", DFU, 0x1209, 0x5bf0, ANY, ANY, 0, ANY, ANY, ANY, ANY, ANY, ANY, "1.1", 0,
        NULL, NULL, {NULL}},
    /* 29 */ {"aioc", APP, 0x1209, 0x7388, ANY, 1, ANY, 9, 0x0101, ANY, ANY, ANY, ANY, "1.1", 0, NULL, NULL, {NULL}},
    /* 29 */ {"aioc", DFU, 0x0483, 0xdf11, ANY, 2, 0, 9, 0x011a, ANY, ANY, ANY, ANY, "1.1a", 0, NULL, NULL, {NULL}},
    /* 30 */ {"respeaker-lite", DFU, 0x2886, 0x0019, ANY, ANY, 0, 9, 0x0101, ANY, 4096, ANY, ANY, "1.1", 0,
        NULL, NULL, {NULL}},
    /* 31 */ {"laptop-camera", APP, 0x0bda, 0x5517, ANY, 1, 4, 9, 0x0110, 0x08, 4096, 200, ANY, "1.1", 0,
        NULL, NULL, {"Camera DFU Device"}},
    /* 32 */ {"macbook-bluetooth", APP, 0x05ac, 0x8290, 0x0167, ANY, 5, ANY, ANY, ANY, ANY, ANY, ANY, "1.1", 0,
        NULL, NULL, {NULL}},
    /* 33 */ {"kiibohd", DFU, 0x308f, 0x0028, 0x04fc, ANY, 0, ANY, ANY, ANY, ANY, ANY, ANY, "1.1", 0,
        "Kiibohd DFU", NULL, {NULL}},
    /* 36 */ {"dapboot", DFU, 0x1209, 0xdb42, ANY, 2, 0, 9, 0x0110, 0x0b, 1024, 255, ANY, "1.1", 0,
        "DAPBoot DFU Bootloader", NULL, {NULL}},
    /* 37 */ {"stm32-dfu-bootloader", DFU, 0xdead, 0xca5d, ANY, ANY, 0, 9, 0x011a, 0x0b, 1024, 255, ANY, "1.1a", 0,
        NULL, NULL, {"@Internal Flash /0x08000000/4*001Ka,60*001Kg"}},
    /* 38 */ {"sboot-stm32", DFU, 0x0483, 0xdf11, ANY, ANY, 0, 9, 0x0110, 0x07, 128, 200, ANY, "1.1", 0,
        NULL, NULL, {"Internal Flash"}},
    /* 39 */ {"tinyusb", APP, 0xcafe, 0x4000, ANY, 1, ANY, 9, 0x0110, 0x0d, 4096, 1000, ANY, "1.1", 0, NULL, NULL, {NULL}},
    /* 39 */ {"tinyusb", DFU, 0xcafe, 0x4000, ANY, 2, 0, 9, 0x0110, 0x07, 64, 1000, ANY, "1.1", 0,
        NULL, NULL, {"FLASH", "EEPROM"}},
    /* 40 */ {"stm32g4-rom", DFU, 0x0483, 0xdf11, ANY, ANY, 0, 9, 0x011a, 0x0b, 1024, 255, ANY, "1.1a", 0,
        NULL, NULL, {"@Internal Flash   /0x08000000/256*0002Kg"}},
    /* 41 */ {"at32-rom", DFU, 0x2e3c, 0xdf11, ANY, ANY, 0, 9, 0x011a, ANY, ANY, ANY, ANY, "1.1a", 0,
        "DFU in FS Mode", NULL, {NULL}},
    /* 41 */ {"apm32-rom", DFU, 0x314b, 0x0106, ANY, ANY, 0, 9, 0x011a, ANY, ANY, ANY, ANY, "1.1a", 0,
        "DFU in FS Mode", NULL, {NULL}},
};
/* clang-format on */

#undef APP
#undef DFU

#endif
