/* SPDX-License-Identifier: MIT */
/* What the files of the libusb carrier share. Included only where libusb is there. */
#ifndef DFUKIT_LIBUSB_CARRIER_H
#define DFUKIT_LIBUSB_CARRIER_H

#include <libusb.h>

#include "dfukit/transport.h"

#define DFUKIT_LIBUSB_COMPLAINT_SIZE 160u

/** The carrier itself. */
typedef struct dfukit_libusb {
    libusb_context *context;
    int news; /**< a task became done or the set of devices changed: the next pump does not wait */
    char complaint[DFUKIT_LIBUSB_COMPLAINT_SIZE];
} dfukit_libusb;

/** One of our errors for one of libusb's. */
int dfukit_libusb_error(int code);
/** Keep what failed and libusb's own text for it; 0 clears. @return dfukit_libusb_error(code). */
int dfukit_libusb_complain(dfukit_libusb *carrier, const char *what, int code);
uint64_t dfukit_libusb_now_ms(void *self);

/* ---- libusb_list.c ---- */

/** "BUS-PORT.PORT"; a device without ports, such as a root hub, is "BUS-0". */
void dfukit_libusb_path(libusb_device *device, char path[DFUKIT_PATH_SIZE]);
/** Bus in the upper half, address in the lower: the kernel counts addresses on at every attachment.
 */
uint32_t dfukit_libusb_devnum(libusb_device *device);
int dfukit_libusb_list(void *self, const char *only, dfukit_listing *out);

/* ---- libusb_configuration.c ---- */

/**
 * The bytes of a configuration, put together again from what libusb made of them.
 * @param size  Out: how many.
 * @return The caller's, to be freed; NULL when out of memory.
 */
uint8_t *dfukit_libusb_configuration_bytes(const struct libusb_config_descriptor *config,
                                           size_t *size);
/* ---- libusb_handle.c ---- */

int dfukit_libusb_open_device(void *self, const char *path, uint32_t devnum, dfukit_handle **out);
void dfukit_libusb_close_device(void *self, dfukit_handle *h);
void dfukit_libusb_submit(void *self, dfukit_handle *h, dfukit_task *task);
void dfukit_libusb_cancel(void *self, dfukit_handle *h);

#endif
