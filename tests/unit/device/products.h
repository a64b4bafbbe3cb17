/* SPDX-License-Identifier: MIT */
/* Products of every kind for the tests of dfukit/describe.h: bare, pad, old, se, twin. */
#ifndef TESTS_UNIT_DEVICE_PRODUCTS_H
#define TESTS_UNIT_DEVICE_PRODUCTS_H

/* The least: DFU mode only, no texts, every default. */
#define DFUKIT_DESCRIBE      bare
#define DFUKIT_idVendor      0x1209
#define DFUKIT_idProduct_dfu 0x8001
#define DFUKIT_bcdDevice     0x0123
#define DFUKIT_bmAttributes  DFUKIT_CAN_DNLOAD
#define DFUKIT_wTransferSize 1024
#define DFUKIT_DESCRIBE_DFU
#include "dfukit/describe.h"

/* The most. */
#define DFUKIT_DESCRIBE               pad
#define DFUKIT_idVendor               0x1209
#define DFUKIT_idProduct              0x0001
#define DFUKIT_idProduct_dfu          0x8001
#define DFUKIT_bcdDevice              0x0456
#define DFUKIT_bmAttributes           (DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD | DFUKIT_MANIFESTATION_TOLERANT)
#define DFUKIT_wTransferSize          0x0A0B
#define DFUKIT_wDetachTimeOut         0x0C0D
#define DFUKIT_milliamperes           99
#define DFUKIT_iManufacturer          "Ö&Co"
#define DFUKIT_iProduct               "Pad"
#define DFUKIT_iProduct_dfu           "Boot"
#define DFUKIT_iInterface             "Up"
#define DFUKIT_serialBytes            3
#define DFUKIT_ALTERNATES(ALT)        ALT(FLASH, "Flash") ALT(SETTINGS, "Set")
#define DFUKIT_STRINGS(S)             S(Locked, "No")
#define DFUKIT_APPLICATION            9, 4, 0, 0, 1, 0xFF, 0, 0, 0, 7, 5, 0x81, 3, 8, 0, 10
#define DFUKIT_APPLICATION_INTERFACES 1
#define DFUKIT_GUID                   "{01234567-89AB-CDEF-0123-456789ABCDEF}"
#define DFUKIT_landingPage            "example.com/pad"
#define DFUKIT_USB20_EXTENSION
#define DFUKIT_bVendorCode 0x5A
#define DFUKIT_DESCRIBE_DFU
#define DFUKIT_DESCRIBE_RUNTIME
#include "dfukit/describe.h"

/* DFU 1.0, both modes, a fixed serial number. */
#define DFUKIT_DESCRIBE               old
#define DFUKIT_idVendor               0x03EB
#define DFUKIT_idProduct              0x6124
#define DFUKIT_idProduct_dfu          0x6125
#define DFUKIT_bcdDevice              0x0100
#define DFUKIT_bmAttributes           (DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD)
#define DFUKIT_bcdDFUVersion          0x0100
#define DFUKIT_bMaxPacketSize0        8
#define DFUKIT_wTransferSize          256
#define DFUKIT_iSerialNumber          "007"
#define DFUKIT_APPLICATION            9, 4, 0, 0, 0, 0xFF, 0, 0, 0
#define DFUKIT_APPLICATION_INTERFACES 1
#define DFUKIT_DESCRIBE_DFU
#define DFUKIT_DESCRIBE_RUNTIME
#include "dfukit/describe.h"

/* DfuSe, in DFU mode only, with power of its own. */
#define DFUKIT_DESCRIBE      se
#define DFUKIT_idVendor      0x0483
#define DFUKIT_idProduct_dfu 0xDF11
#define DFUKIT_bcdDevice     0x2200
#define DFUKIT_bmAttributes  (DFUKIT_CAN_DNLOAD | DFUKIT_CAN_UPLOAD | DFUKIT_CAN_ACCELERATE)
#define DFUKIT_bcdDFUVersion DFUKIT_VERSION_DFUSE
#define DFUKIT_wTransferSize 2048
#define DFUKIT_selfPowered   1
#define DFUKIT_milliamperes  0
#define DFUKIT_ALTERNATES(ALT)                                                                     \
    ALT(FLASH, "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg")                          \
    ALT(OPTION, "@Option Bytes  /0x1FFFC000/01*016 e") ALT(OTP, "@OTP /0x1FFF7800/01*512 e")
#define DFUKIT_DESCRIBE_DFU
#include "dfukit/describe.h"

/* One product id for both modes, told apart by bcdDevice; nothing but DFU in run-time mode; waits
 * for the host's reset. */
#define DFUKIT_DESCRIBE          twin
#define DFUKIT_idVendor          0xFFFE
#define DFUKIT_idProduct         0x0000
#define DFUKIT_idProduct_dfu     0x0000
#define DFUKIT_bcdDevice         0x0100
#define DFUKIT_bcdDevice_dfu     0x0199
#define DFUKIT_bmAttributes      DFUKIT_CAN_DNLOAD
#define DFUKIT_bitWillDetach     0
#define DFUKIT_bMaxPacketSize0   16
#define DFUKIT_wTransferSize     16
#define DFUKIT_milliamperes      500
#define DFUKIT_wLANGID           0x0407
#define DFUKIT_iProduct_dfu      "T"
#define DFUKIT_APPLICATION_CLASS 0xEF, 2, 1
#define DFUKIT_GUID              "{01234567-89AB-CDEF-0123-456789ABCDEF}"
#define DFUKIT_DESCRIBE_DFU
#define DFUKIT_DESCRIBE_RUNTIME
#include "dfukit/describe.h"

/* What an application with a stack of its own makes of a table: no set, only numbers. */
#define DFUKIT_DESCRIBE      spliced
#define DFUKIT_idVendor      0x1209
#define DFUKIT_idProduct     0x0001
#define DFUKIT_bcdDevice     0x0100
#define DFUKIT_bmAttributes  DFUKIT_CAN_DNLOAD
#define DFUKIT_wTransferSize 64
#define DFUKIT_iManufacturer "unused"
#include "dfukit/describe.h"

#endif
