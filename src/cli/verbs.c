/* SPDX-License-Identifier: MIT */
/* The table of verbs. */
#include "verbs.h"

// clang-format off
const dfukit_cli_verb dfukit_cli_verbs[] = {
    {DFUKIT_CLI_LIST, "list", NULL, "", 0, 0,
     "devices that can be upgraded, and what they can",
     "One row for each device, its alternate settings below it. Works for devices in\n"
     "run-time mode and in DFU mode. A device that cannot be opened is listed all the\n"
     "same.\n",
     dfukit_cli_list},
    {DFUKIT_CLI_INFO, "info", NULL, "", 0, 0,
     "everything known of one device",
     "Identity, mode, capabilities, alternate settings with their memory maps drawn\n"
     "to scale, and the state and status it reports. Changes nothing.\n",
     dfukit_cli_info},
    {DFUKIT_CLI_DETACH, "detach", NULL, "", 0, 0,
     "bring a device into DFU mode and leave it there",
     "Asks a device that runs its firmware to come back as a loader, and waits until\n"
     "it is there.\n",
     dfukit_cli_detach},
    {DFUKIT_CLI_WRITE, "write", "download", "FILE", 1, 1,
     "write firmware to a device, verify it, and start it",
     "Detaches first when the device runs its firmware. Reads back and compares where\n"
     "the device allows it, then sends the device back to its firmware. FILE is raw\n"
     "binary, Intel HEX, S-record, ELF, UF2 or DfuSe, with or without a DFU suffix; a\n"
     "name ending in .dfu must have one. A device with addresses (DfuSe) gets every\n"
     "byte where its address says; a raw file needs --at there. Option bytes, OTP and\n"
     "device features are written only when -a names them; what cannot be undone\n"
     "(OTP, read protection level 2) needs --force and a word typed on the terminal\n"
     "as well. --dry-run shows all of it first.\n",
     dfukit_cli_write},
    {DFUKIT_CLI_READ, "read", "upload", "FILE", 1, 1,
     "read a device's firmware into a file",
     "The format follows the name: .dfu (with a DFU suffix for this device; DfuSe for\n"
     "a DfuSe device), .hex (Intel HEX), .srec (S-record), .uf2, .elf, anything else\n"
     "raw. `-` is standard output, raw. Of a DfuSe device: --at and --size, or what\n"
     "--like's file covers, or one alternate setting's memory. A device that ran its\n"
     "firmware is sent back to it.\n",
     dfukit_cli_read},
    {DFUKIT_CLI_VERIFY, "verify", NULL, "FILE", 1, 1,
     "compare a device with a file",
     "Reads as much as the file holds. Tells the first address that differs and how\n"
     "many bytes do; the exit code is then 6. A device that ran its firmware is sent\n"
     "back to it.\n",
     dfukit_cli_verify},
    {DFUKIT_CLI_ERASE, "erase", NULL, "", 0, 0,
     "erase memory of a device with addresses (DfuSe)",
     "--at ADDR --size N erases the pages that these bytes lie in; all of a page is\n"
     "lost, and --dry-run shows which. --all erases the whole memory. The device\n"
     "stays in DFU mode, unless it ran its firmware before.\n",
     dfukit_cli_erase},
    {DFUKIT_CLI_UNLOCK, "unlock", NULL, "", 0, 0,
     "lift a DfuSe device's read protection, which erases it",
     "The device erases its whole flash memory and resets. Needs --force.\n",
     dfukit_cli_unlock},
    {DFUKIT_CLI_LEAVE, "leave", NULL, "", 0, 0,
     "send a device back to its firmware",
     "",
     dfukit_cli_leave},
    {DFUKIT_CLI_IMAGE_INFO, "image info", NULL, "FILE", 1, 1,
     "what is in a firmware file",
     "Format, addresses, alternate settings, entry point, a loader's prefix and DFU\n"
     "suffix. Needs no device, as all the verbs of `image`.\n",
     dfukit_cli_image_info},
    {DFUKIT_CLI_IMAGE_CONVERT, "image convert", NULL, "IN OUT", 2, 2,
     "write a firmware file in another format",
     "OUT's format follows its name: .bin (raw; gaps up to 64 KiB are filled with\n"
     "0xFF), .hex, .srec (also .s19 .s28 .s37 .mot), .uf2, .elf or .dfu: DfuSe when\n"
     "IN has addresses or --at gives them, else raw with a DFU suffix. `-` is\n"
     "standard output, raw.\n",
     dfukit_cli_image_convert},
    {DFUKIT_CLI_SUFFIX_ADD, "image suffix add", NULL, "FILE", 1, 1,
     "put a DFU suffix behind a file",
     "An ID that is not given stands for any device. The file is changed in place,\n"
     "all or nothing.\n",
     dfukit_cli_suffix_add},
    {DFUKIT_CLI_SUFFIX_CHECK, "image suffix check", NULL, "FILE", 1, 1,
     "show a file's DFU suffix; exit 5 without a right one",
     "",
     dfukit_cli_suffix_check},
    {DFUKIT_CLI_SUFFIX_STRIP, "image suffix strip", NULL, "FILE [OUT]", 1, 2,
     "take the DFU suffix off a file",
     "In place, all or nothing, or into OUT.\n",
     dfukit_cli_suffix_strip},
    {DFUKIT_CLI_PREFIX_ADD, "image prefix add", NULL, "FILE", 1, 1,
     "put a loader's prefix before a raw file's payload",
     "A DFU suffix stays, with its CRC made right. The prefix is firmware for the\n"
     "device: it is sent with it. In place, all or nothing.\n",
     dfukit_cli_prefix_add},
    {DFUKIT_CLI_PREFIX_CHECK, "image prefix check", NULL, "FILE", 1, 1,
     "show a file's prefix; exit 5 without one",
     "",
     dfukit_cli_prefix_check},
    {DFUKIT_CLI_PREFIX_STRIP, "image prefix strip", NULL, "FILE [OUT]", 1, 2,
     "take the prefix off a file",
     "In place, all or nothing, or into OUT. A DFU suffix stays, with its CRC made\n"
     "right.\n",
     dfukit_cli_prefix_strip},
    {DFUKIT_CLI_IMAGE_PACK, "image pack", NULL, "OUT ALT:ADDR:FILE...", 2, DFUKIT_CLI_FILES_MAX,
     "make a DfuSe file",
     "Each FILE is an element for alternate setting ALT at ADDR. A file whose name\n"
     "ends in .bin is taken byte for byte; one with addresses has its own, and ADDR\n"
     "is left empty.\n",
     dfukit_cli_image_pack},
    {DFUKIT_CLI_IMAGE_UNPACK, "image unpack", NULL, "FILE DIR", 2, 2,
     "take a file with addresses apart",
     "One raw file for each element or segment, DIR/altN-0xADDRESS.bin, and a line\n"
     "for each that `dfu image pack` takes as its argument.\n",
     dfukit_cli_image_unpack},
    {DFUKIT_CLI_VIRTUAL, "virtual", NULL, "PERSONA...", 1, DFUKIT_CLI_FILES_MAX,
     "devices made of software, served over USB/IP",
     "Serves until interrupted. Reach them with --on usbip://127.0.0.1, or attach\n"
     "them to a Linux kernel with `usbip attach`. The flash lives as long as the\n"
     "server, or in a file.\n",
     dfukit_cli_serve},
    {DFUKIT_CLI_DEMO, "demo", NULL, "[FILE]", 0, 1,
     "watch a whole upgrade on a virtual device",
     "Every phase explained as it happens, and the flash compared with the file at\n"
     "the end. Needs no hardware.\n",
     dfukit_cli_demo},
    {0, NULL, NULL, NULL, 0, 0, NULL, NULL, NULL},
};
// clang-format on
