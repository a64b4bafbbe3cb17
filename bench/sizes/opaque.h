/* SPDX-License-Identifier: MIT */
/* What a product joins: the port, which hands on bus events, the flash, and a store, all behind a
 * curtain. */
#ifndef DFUKIT_SIZES_OPAQUE_H
#define DFUKIT_SIZES_OPAQUE_H

#include "dfukit/device.h"

#define SIZES_BLOCK 1024

/* The product: the name under which the library knows its configuration, too. */
#ifndef DFUKIT_PRODUCT
#define DFUKIT_PRODUCT the_product
#endif
void product_start(dfukit_dfu *d, dfukit_ep0 *p, uint8_t *block);

void store_rewind(void *self, uint8_t alt);
uint8_t store_write(void *self, uint16_t wBlockNum, const uint8_t *data, uint16_t n);
uint8_t store_finish(void *self);
void store_manifest(void *self);
int32_t store_poll(void *self);
int32_t store_read(void *self, uint16_t wBlockNum, uint8_t *to, uint16_t n);
bool store_valid(void *self);

uint8_t flash_erase(void *self, uint32_t address);
uint8_t flash_program(void *self, uint32_t address, const uint8_t *data, uint32_t n);
bool flash_busy(void *self, uint8_t *status);
void flash_read(void *self, uint32_t address, uint8_t *to, uint32_t n);

#endif
