/* SPDX-License-Identifier: MIT */
/** What the glue (dfu_class.c), the product (product.c) and main() know of one another. */
#ifndef EXAMPLE_ZEPHYR_PORT_H
#define EXAMPLE_ZEPHYR_PORT_H

#include "dfukit/device.h"
#include "usbd_stub.h"

/* ---- The glue ---- */

/** Call it once, from main(). @return 0, or an error of the stack. */
int dfu_start(void);

/* ---- The product ---- */

#define PRODUCT_TRANSFER_SIZE 512u

extern const dfukit_dfu_config product_dfu;
extern dfukit_slot product_slot;
extern uint8_t product_block[PRODUCT_TRANSFER_SIZE];
/** Interface descriptors and the functional one, closed by NULL, first in the list an interface;
 *  the stack writes interface numbers into them. */
extern struct usb_desc_header *product_runtime_descriptors[];
extern struct usb_desc_header *product_dfu_descriptors[];

/** Make the flash and the slot ready. @return 0, or a negative errno. */
int product_init(void);
/** The device of one mode, with its configuration added and its classes registered, of which the
 *  glue's are "dfukit_runtime" and "dfukit_dfu_mode"; NULL when the stack refuses. */
struct usbd_context *product_device(bool dfu);
/** Start the firmware that has just been written: on a chip this resets it and does not return. */
void product_restart(void);

#endif
