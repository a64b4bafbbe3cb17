/* SPDX-License-Identifier: MIT */
/* What the parts of the device room share about a DFU function. */
#ifndef DFUKIT_DEVICE_CLASS_H
#define DFUKIT_DEVICE_CLASS_H

#include "dfukit/device.h"

/* What the product is. Compiled for one product, the compiler knows it (see device.h). */
#ifdef DFUKIT_PRODUCT
extern const dfukit_dfu_config DFUKIT_PRODUCT;
static inline const dfukit_dfu_config *dfukit_config(const dfukit_dfu *d)
{
    (void)d;
    return &DFUKIT_PRODUCT;
}
#else
static inline const dfukit_dfu_config *dfukit_config(const dfukit_dfu *d)
{
    return d->config;
}
#endif

/* No request waits for the end of its data stage. */
#define DFUKIT_ON_NOTHING DFUKIT_INPUT_COUNT

/* Go on with the store's work. @return milliseconds left, rounded up; 0: none, or it has failed. */
uint32_t dfukit_dfu_work(dfukit_dfu *d);
/* Give the transfer up and go to dfuERROR. The first cause stands until CLRSTATUS. */
void dfukit_dfu_fail(dfukit_dfu *d, uint8_t status);

/* The bInterfaceNumber requests must name: DFU mode has but one interface (DFU 1.1 §4.2.3). */
static inline uint8_t dfukit_dfu_interface(const dfukit_dfu *d)
{
    return dfukit_dfu_in_dfu_mode(d) ? 0 : dfukit_config(d)->interface_runtime;
}

#endif
