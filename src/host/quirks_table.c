/* SPDX-License-Identifier: MIT */
/*
 * Which products differ from what they say, and how. One row for one difference; a device may have
 * several. What every device may do is no row but the code's own behaviour: docs/QUIRKS.md, which
 * is printed from this table, lists both.
 *
 * IDs tell less than they seem to: every ROM loader of ST's shows 0483:df11, and so do the firmware
 * loaders made from ST's examples. A row for these must do no harm to those it is not meant for.
 */
#include "quirks.h"

#define ANY          DFUKIT_QUIRK_ANY
#define ALONE        DFUKIT_QUIRK_ALONE
#define ON(name)     DFUKIT_QUIRK_##name

#define DFU_UTIL     "dfu-util src/quirks.c"
#define DFU_UTIL_C   "dfu-util src/dfu_util.c"
#define DFU_LOAD     "dfu-util src/dfu_load.c"
#define DFUSE        "dfu-util src/dfuse.c"
#define DFUSE_MEM    "dfu-util src/dfuse_mem.c"
#define FWUPD        "fwupd plugins/dfu/dfu.quirk"
#define POLY_AWAY_MS 180000 /* the longest of those recorded, 9 to 180 s */

/* clang-format off */
const dfukit_quirk dfukit_quirks[] = {
    /* vendor  products        bcdDevice  effect             value   product                    source */

    /* ---- Loaders with bogus poll times ---- */
    { 0x1D50, 0x5117, 0x5126, ANY,    ON(POLL),                 5, "Openmoko GTA01, GTA02",          DFU_UTIL },
    { 0x1457, 0x5117, 0x5126, ANY,    ON(POLL),                 5, "Openmoko GTA01, GTA02",          DFU_UTIL },
    { 0x1D50, 0x5119, 0x5119, ANY,    ON(SAME_IDS),             0, "Openmoko Freerunner",            FWUPD },
    { 0x16C0, 0x076B, 0x076C, ANY,    ON(POLL),                 5, "OpenPCD, OpenPICC",              DFU_UTIL },
    { 0x16C0, 0x0762, 0x0762, ANY,    ON(POLL),                 5, "SIMtrace",                       DFU_UTIL },
    { 0x0908, 0x02C4, 0x02C5, 0x0000, ON(POLL),                 5, "Siemens PXM40, PXM50",           DFU_UTIL },
    { 0x0763, 0x2806, 0x2806, ANY,    ON(POLL),                 5, "M-Audio Transit",                DFU_UTIL },

    { 0x0763, 0x2806, 0x2806, ANY,    ON(MANIFEST_POLL),     1000, "M-Audio Transit (TAS1020B)",     DFU_LOAD },

    /* ---- Microcontroller boards ---- */
    { 0x1EAF, 0x0003, 0x0003, 0x0200, ON(VERSION),         0x0110, "LeafLabs Maple",                 DFU_UTIL },
    { 0x1EAF, 0x0003, 0x0003, ANY,    ON(NEEDS_RESET),          0, "LeafLabs Maple",                 "Maple users: stays in dfuMANIFEST-WAIT-RESET" },
    { 0x1D50, 0x6017, 0x6017, ANY,    ON(ZERO_POLLS),         100, "Black Magic Probe",              DFUSE },
    { 0x1D50, 0x60A7, 0x60A7, ANY,    ON(NONE),                 0, "HydraBus",                       FWUPD ": no run-time function; none is waited for" },
    { 0x273F, 0x1003, 0x1003, ANY,    ON(UPLOAD_BEFORE_LEAVE),  0, "m-stack loader",                 FWUPD },
    { 0x273F, 0x1008, 0x1008, ANY,    ON(UPLOAD_BEFORE_LEAVE),  0, "m-stack loader",                 FWUPD },
    { 0x273F, 0x100A, 0x100A, ANY,    ON(UPLOAD_BEFORE_LEAVE),  0, "m-stack loader",                 FWUPD },

    /* ---- ROM loaders ---- */
    { 0x1FC9, 0x000C, 0x000C, ANY,    ON(DFU_MODE),             0, "NXP LPC43xx ROM",                DFU_UTIL_C },
    { 0x1FC9, 0x000C, 0x000C, ANY,    ON(LEAVE_MUTE),           0, "NXP LPC43xx ROM",                "HackRF, LPC-Link2 users: unable to read DFU status" },
    { 0x1FC9, 0x000C, 0x000C, ANY,    ON(ENCRYPTED),            0, "NXP LPC43xx ROM",                "HackRF documentation: LPC prefix 1a 3f" },
    { 0x0471, 0xDF55, 0xDF55, ANY,    ON(ENCRYPTED),            0, "NXP LPC-Link (LPC3154)",         "dfu-util device-logs" },
    { 0x28E9, 0x0189, 0x0189, ANY,    ON(DFU_MODE),             0, "GigaDevice GD32VF103 ROM",       FWUPD },
    { 0x28E9, 0x0189, 0x0189, ANY,    ON(TEXT_8BIT),            0, "GigaDevice GD32VF103 ROM",       DFU_UTIL },
    { 0x28E9, 0x0189, 0x0189, ANY,    ON(MAP_FROM_SERIAL),      0, "GigaDevice GD32VF103 ROM",       DFU_UTIL },
    { 0x28E9, 0x0189, 0x0189, ANY,    ON(LEAVE_MUTE),           0, "GigaDevice GD32VF103 ROM",       DFU_UTIL },
    { 0x0483, 0xDF11, 0xDF11, ANY,    ON(ERASE_STALLS),         3, "ST STM32L4 ROM",                 DFUSE },
    { 0x0483, 0xDF11, 0xDF11, ANY,    ON(MASS_ERASE),       35000, "ST STM32F405 ROM",               DFUSE },
    { 0x0483, 0xDF11, 0xDF11, ANY,    ON(MAP_TYPE_E),           0, "ST STM32F4 ROM",                 DFUSE_MEM },
    { 0x0483, 0xDF11, 0xDF11, ANY,    ON(BUSY_WEDGE),           0, "ST STM32H743 ROM, revision V",   "betaflight-configurator #5348" },
    { 0x0483, 0xDF11, 0xDF11, ANY,    ON(STRICT_CLRSTATUS),     0, "ST STM32C5 ROM",                 "betaflight-configurator #5348" },
    { 0x0483, 0xDF11, 0xDF11, ANY,    ON(TRANSFER_MS),       5000, "ST STM32F745 ROM",               FWUPD },
    { 0x0483, 0xDF11, 0xDF11, ANY,    ON(NONE),                 0, "ST STM32F745 ROM",               FWUPD ": the version is left alone, sboot_stm32 shows these IDs with 1.1; sizes without a multiplier are read for all" },

    /* ---- Audio and video ---- */
    { 0x0B0E, 0x0000, 0xFFFF, ANY,    ON(DFU_MODE),         ALONE, "Jabra",                          DFU_UTIL_C },
    { 0x0B0E, 0x0411, 0x0411, ANY,    ON(SAME_IDS),             0, "Jabra headset",                  FWUPD },
    { 0x0B0E, 0x0411, 0x0411, ANY,    ON(NO_UPLOAD),            0, "Jabra headset",                  FWUPD },
    { 0x0B0E, 0x0411, 0x0411, ANY,    ON(RESET_PAUSE),      10000, "Jabra headset",                  FWUPD },
    { 0x0B0E, 0x0421, 0x0421, ANY,    ON(SAME_IDS),             0, "Jabra headset",                  FWUPD },
    { 0x0B0E, 0x0421, 0x0421, ANY,    ON(NO_UPLOAD),            0, "Jabra headset",                  FWUPD },
    { 0x0B0E, 0x0421, 0x0421, ANY,    ON(RESET_PAUSE),      10000, "Jabra headset",                  FWUPD },
    { 0x0B0E, 0x0971, 0x0971, ANY,    ON(SAME_IDS),             0, "Jabra headset",                  FWUPD },
    { 0x0B0E, 0x0971, 0x0971, ANY,    ON(NO_UPLOAD),            0, "Jabra headset",                  FWUPD },
    { 0x0B0E, 0x0971, 0x0971, ANY,    ON(RESET_PAUSE),      10000, "Jabra headset",                  FWUPD },
    { 0x0B0E, 0x0982, 0x0982, ANY,    ON(SAME_IDS),             0, "Jabra headset",                  FWUPD },
    { 0x0B0E, 0x0982, 0x0982, ANY,    ON(NO_UPLOAD),            0, "Jabra headset",                  FWUPD },
    { 0x0B0E, 0x0982, 0x0982, ANY,    ON(RESET_PAUSE),      10000, "Jabra headset",                  FWUPD },
    { 0x2886, 0x0019, 0x0019, ANY,    ON(DETACH_TO_LEAVE),      0, "Seeed ReSpeaker Lite (XMOS)",    "ReSpeaker Lite users: DETACH returns to run-time mode" },
    { 0x2886, 0x0019, 0x0019, ANY,    ON(TRANSFER_MS),      10000, "Seeed ReSpeaker Lite (XMOS)",    "ReSpeaker Lite users: the last block takes 5 s" },
    { 0x0BDA, 0x5800, 0x5800, ANY,    ON(DETACH_TO_LEAVE),      0, "Realtek camera",                 FWUPD },
    { 0x0BDA, 0x5800, 0x5800, ANY,    ON(NO_UPLOAD),            0, "Realtek camera",                 FWUPD },
    { 0x0BDA, 0x5850, 0x5850, ANY,    ON(DETACH_TO_LEAVE),      0, "Realtek camera",                 FWUPD },
    { 0x0BDA, 0x5850, 0x5850, ANY,    ON(NO_UPLOAD),            0, "Realtek camera",                 FWUPD },
    { 0x0BDA, 0x5855, 0x5855, ANY,    ON(DETACH_TO_LEAVE),      0, "Realtek camera",                 FWUPD },
    { 0x0BDA, 0x5855, 0x5855, ANY,    ON(NO_UPLOAD),            0, "Realtek camera",                 FWUPD },
    { 0x0BDA, 0x58FE, 0x58FE, ANY,    ON(DETACH_TO_LEAVE),      0, "Realtek camera",                 FWUPD },
    { 0x0BDA, 0x58FE, 0x58FE, ANY,    ON(NO_UPLOAD),            0, "Realtek camera",                 FWUPD },
    { 0x34AD, 0x0006, 0x0006, ANY,    ON(DETACH_TO_LEAVE),      0, "AVer camera",                    FWUPD },
    { 0x34AD, 0x0006, 0x0006, ANY,    ON(NO_UPLOAD),            0, "AVer camera",                    FWUPD },
    { 0x2574, 0x0A30, 0x0A30, ANY,    ON(DETACH_TO_LEAVE),      0, "AVer camera",                    FWUPD },
    { 0x2574, 0x0A30, 0x0A30, ANY,    ON(NO_UPLOAD),            0, "AVer camera",                    FWUPD },
    { 0x25B5, 0x0004, 0x0004, ANY,    ON(DETACH_TO_LEAVE),      0, "FlatFrog board",                 FWUPD },
    { 0x25B5, 0x0004, 0x0004, ANY,    ON(NO_UPLOAD),            0, "FlatFrog board",                 FWUPD },
    { 0x1BCF, 0x0B1D, 0x0B1E, ANY,    ON(DETACH_TO_LEAVE),      0, "Sunplus camera",                 FWUPD },
    { 0x1BCF, 0x0B1D, 0x0B1E, ANY,    ON(NO_UPLOAD),            0, "Sunplus camera",                 FWUPD },
    { 0x0C45, 0x636C, 0x636F, ANY,    ON(DETACH_TO_LEAVE),      0, "Sonix camera",                   FWUPD },
    { 0x0C45, 0x636C, 0x636F, ANY,    ON(NO_UPLOAD),            0, "Sonix camera",                   FWUPD },
    { 0x0C45, 0x6373, 0x6374, ANY,    ON(DETACH_TO_LEAVE),      0, "Sonix camera",                   FWUPD },
    { 0x0C45, 0x6373, 0x6374, ANY,    ON(NO_UPLOAD),            0, "Sonix camera",                   FWUPD },
    { 0x095D, 0x3001, 0x3002, ANY,    ON(NO_RESET),             0, "Poly conference device",         FWUPD },
    { 0x095D, 0x3001, 0x3002, ANY,    ON(RETURN),    POLY_AWAY_MS, "Poly conference device",         FWUPD },
    { 0x095D, 0x9160, 0x9160, ANY,    ON(NO_RESET),             0, "Poly conference device",         FWUPD },
    { 0x095D, 0x9160, 0x9160, ANY,    ON(RETURN),    POLY_AWAY_MS, "Poly conference device",         FWUPD },
    { 0x095D, 0x9212, 0x9213, ANY,    ON(NO_RESET),             0, "Poly conference device",         FWUPD },
    { 0x095D, 0x9212, 0x9213, ANY,    ON(RETURN),    POLY_AWAY_MS, "Poly conference device",         FWUPD },
    { 0x095D, 0x9217, 0x9218, ANY,    ON(NO_RESET),             0, "Poly conference device",         FWUPD },
    { 0x095D, 0x9217, 0x9218, ANY,    ON(RETURN),    POLY_AWAY_MS, "Poly conference device",         FWUPD },
    { 0x095D, 0x927B, 0x927B, ANY,    ON(NO_RESET),             0, "Poly conference device",         FWUPD },
    { 0x095D, 0x927B, 0x927B, ANY,    ON(RETURN),    POLY_AWAY_MS, "Poly conference device",         FWUPD },
    { 0x095D, 0x9290, 0x9291, ANY,    ON(NO_RESET),             0, "Poly conference device",         FWUPD },
    { 0x095D, 0x9290, 0x9291, ANY,    ON(RETURN),    POLY_AWAY_MS, "Poly conference device",         FWUPD },
    { 0x095D, 0x9296, 0x9299, ANY,    ON(NO_RESET),             0, "Poly conference device",         FWUPD },
    { 0x095D, 0x9296, 0x9299, ANY,    ON(RETURN),    POLY_AWAY_MS, "Poly conference device",         FWUPD },
    { 0x095D, 0x92A1, 0x92A2, ANY,    ON(NO_RESET),             0, "Poly conference device",         FWUPD },
    { 0x095D, 0x92A1, 0x92A2, ANY,    ON(RETURN),    POLY_AWAY_MS, "Poly conference device",         FWUPD },
    { 0x095D, 0x92B2, 0x92B4, ANY,    ON(NO_RESET),             0, "Poly conference device",         FWUPD },
    { 0x095D, 0x92B2, 0x92B4, ANY,    ON(RETURN),    POLY_AWAY_MS, "Poly conference device",         FWUPD },
    { 0x095D, 0x92C6, 0x92C7, ANY,    ON(NO_RESET),             0, "Poly conference device",         FWUPD },
    { 0x095D, 0x92C6, 0x92C7, ANY,    ON(RETURN),    POLY_AWAY_MS, "Poly conference device",         FWUPD },

    /* ---- Not DFU, whatever the descriptors say ---- */
    { 0x10A5, 0x9800, 0x9800, ANY,    ON(NOT_DFU),              0, "FPC fingerprint reader",         FWUPD },
    { 0x10A5, 0xD805, 0xD805, ANY,    ON(NOT_DFU),              0, "FPC fingerprint reader",         FWUPD },
    { 0x10A5, 0xFFE0, 0xFFE1, ANY,    ON(NOT_DFU),              0, "FPC fingerprint reader",         FWUPD },
    /* Atmel's own protocol in DFU's requests: plain blocks would be taken for commands. */
    { 0x03EB, 0x2FE2, 0x2FE2, ANY,    ON(NOT_DFU),              0, "Atmel XMEGA loader (FLIP)",      FWUPD },
    { 0x03EB, 0x2FEB, 0x2FEB, ANY,    ON(NOT_DFU),              0, "Atmel AVR32 UC3C loader (FLIP)", "dfu-programmer src/arguments.c" },
    { 0x03EB, 0x2FEE, 0x2FFB, ANY,    ON(NOT_DFU),              0, "Atmel AVR, AVR32 loader (FLIP)", FWUPD },
};
/* clang-format on */

const size_t dfukit_quirk_count = sizeof dfukit_quirks / sizeof dfukit_quirks[0];
