/* SPDX-License-Identifier: MIT */
/* What the parts of the device room share about a DFU function. */
#ifndef DFUKIT_DEVICE_CLASS_H
#define DFUKIT_DEVICE_CLASS_H

#include "dfukit/device.h"

/* What the product is. Compiled for one product, the compiler knows it (see device.h). */
#ifdef DFUKIT_PRODUCT
extern const dfukit_dfu_config DFUKIT_PRODUCT;
#define dfukit_config(d)             ((void)(d), &DFUKIT_PRODUCT)
#define dfukit_set_config(d, config) ((void)(d), (void)(config))
#else
#define dfukit_config(d)        ((d)->config)
#define dfukit_set_config(d, c) ((void)((d)->config = (c)))
#endif

/* A function that stands apart: compilers are told where repeating it costs more than calling it.
 */
#ifdef __GNUC__
#define DFUKIT_APART __attribute__((noinline))
#else
#define DFUKIT_APART
#endif

/* A device that detaches by itself after manifestation (bitWillDetach) first gives the host time to
 * end the transfer of the last GETSTATUS: this is part of the bwPollTimeout in its answer. */
#define DFUKIT_LAST_ANSWER_MS 10u

/*
 * What is to be answered to a request that has passed dfukit_dfu_setup()'s checks or fails them.
 * @return bytes of its data stage, more than wLength perhaps where it is IN; -1: stall. They are at
 *         dfukit_dfu_data().
 */
int32_t dfukit_dfu_request(dfukit_dfu *d, const dfukit_setup *setup);
/* Go on with the store's work. @return milliseconds left, rounded up; 0: none, or it has failed. */
uint32_t dfukit_dfu_work(dfukit_dfu *d);
/* The transfer is over: nothing of it is left to be done. */
void dfukit_dfu_rewind(dfukit_dfu *d);
/* The same, and go to dfuERROR. The first cause, a dfukit_status, stands until CLRSTATUS. */
void dfukit_dfu_fail(dfukit_dfu *d, int32_t status);

/* Where the data stage of a class request is, or goes. */
static inline uint8_t *dfukit_dfu_data(dfukit_dfu *d, const dfukit_setup *setup)
{
    return setup->bRequest == DFUKIT_DNLOAD || setup->bRequest == DFUKIT_UPLOAD ? d->block
                                                                                : d->reply;
}

/* Does a block wait for the store? Else it is handed on as soon as it has come. */
#define dfukit_dfu_defers(config) ((config)->dfuse || (config)->double_buffer)

/* As dfukit_dfu_in_dfu_mode(); a product without run-time mode is never anywhere else. */
#define dfukit_dfu_mode(d) (dfukit_config(d)->loader_only || dfukit_dfu_in_dfu_mode(d))

/* The bInterfaceNumber requests must name: DFU mode has but one interface (DFU 1.1 §4.2.3). */
#define dfukit_dfu_interface(d) (dfukit_dfu_mode(d) ? 0 : dfukit_config(d)->interface_runtime)

#endif
