/* SPDX-License-Identifier: MIT */
/** What the glue (dfu_driver.c), the product (product.c) and the main loop know of one another. */
#ifndef EXAMPLE_TINYUSB_PORT_H
#define EXAMPLE_TINYUSB_PORT_H

#include "dfukit/device.h"
#include "tusb_stub.h"

/* ---- The glue ---- */

/** Call it from the main loop, after tud_task(): in the same task, never in an interrupt. */
void dfu_task(void);
/** Which descriptors the device has now: those of DFU mode, or those of the firmware. */
bool dfu_mode(void);

/* ---- The product ---- */

#define PRODUCT_TRANSFER_SIZE 256u
#define PRODUCT_REGION_SIZE   4096u
#define PRODUCT_REGIONS       2u

extern const dfukit_dfu_config product_dfu;
extern dfukit_slot product_slot;
extern uint8_t product_block[PRODUCT_TRANSFER_SIZE];
/** Make the flash and the slot ready. */
void product_init(void);
/** Start the firmware that has just been written: on a chip this resets it and does not return. */
void product_restart(void);

/** The memory that plays the flash here, for whoever wants to look at it. */
extern uint8_t product_cells[PRODUCT_REGIONS][PRODUCT_REGION_SIZE];

#endif
