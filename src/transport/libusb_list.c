/* SPDX-License-Identifier: MIT */
/* Listing this computer's devices. No device is opened for it. */
#include "dfukit/transport.h"

#ifdef DFUKIT_HAVE_LIBUSB

#include <stdio.h>
#include <stdlib.h>

#include "libusb_carrier.h"

/* USB 2.0 allows hubs seven deep, root hub included (§4.1.1). */
#define PORTS_MAX 8

void dfukit_libusb_path(libusb_device *device, char path[DFUKIT_PATH_SIZE])
{
    uint8_t ports[PORTS_MAX];
    int count = libusb_get_port_numbers(device, ports, PORTS_MAX);
    unsigned bus = libusb_get_bus_number(device);
    if (count <= 0) {
        snprintf(path, DFUKIT_PATH_SIZE, "%u-0", bus);
        return;
    }
    int used = snprintf(path, DFUKIT_PATH_SIZE, "%u-%u", bus, (unsigned)ports[0]);
    for (int i = 1; i < count; i++) /* 3 + 8 × 4 characters at most: there is always room */
        used += snprintf(path + used, DFUKIT_PATH_SIZE - (size_t)used, ".%u", (unsigned)ports[i]);
}

uint32_t dfukit_libusb_devnum(libusb_device *device)
{
    return (uint32_t)libusb_get_bus_number(device) << 16 | libusb_get_device_address(device);
}

static void describe(const struct libusb_device_descriptor *d, dfukit_device_descriptor *out)
{
    *out = (dfukit_device_descriptor){
        .bcdUSB = d->bcdUSB,
        .bDeviceClass = d->bDeviceClass,
        .bDeviceSubClass = d->bDeviceSubClass,
        .bDeviceProtocol = d->bDeviceProtocol,
        .bMaxPacketSize0 = d->bMaxPacketSize0,
        .idVendor = d->idVendor,
        .idProduct = d->idProduct,
        .bcdDevice = d->bcdDevice,
        .iManufacturer = d->iManufacturer,
        .iProduct = d->iProduct,
        .iSerialNumber = d->iSerialNumber,
        .bNumConfigurations = d->bNumConfigurations,
    };
}

/* The configuration that is active, or that would become it. @return libusb's error or 0. */
static int get_configuration(libusb_device *device, struct libusb_config_descriptor **config)
{
    int code = libusb_get_active_config_descriptor(device, config);
    if (code == LIBUSB_SUCCESS)
        return code;
    return libusb_get_config_descriptor(device, 0, config);
}

/* Fill one entry. @return DFUKIT_OK or DFUKIT_ERR_NOMEM. */
static int inspect(libusb_device *device, dfukit_entry *entry)
{
    struct libusb_device_descriptor descriptor;
    struct libusb_config_descriptor *config = NULL;
    (void)libusb_get_device_descriptor(device, &descriptor); /* cached: cannot fail */
    describe(&descriptor, &entry->device);
    dfukit_libusb_path(device, entry->path);
    entry->devnum = dfukit_libusb_devnum(device);

    int code = get_configuration(device, &config);
    if (code != LIBUSB_SUCCESS) {
        entry->access = (dfukit_error)dfukit_libusb_error(code);
        return code == LIBUSB_ERROR_NO_MEM ? DFUKIT_ERR_NOMEM : DFUKIT_OK;
    }
    entry->configuration = dfukit_libusb_configuration_bytes(config, &entry->configuration_size);
    libusb_free_config_descriptor(config);
    return entry->configuration != NULL ? DFUKIT_OK : DFUKIT_ERR_NOMEM;
}

int dfukit_libusb_list(void *self, const char *only, dfukit_listing *out)
{
    dfukit_libusb *carrier = self;
    libusb_device **devices = NULL;
    (void)only; /* nothing is opened, so nobody is disturbed */
    *out = (dfukit_listing){0, NULL};
    ssize_t count = libusb_get_device_list(carrier->context, &devices);
    if (count < 0)
        return dfukit_libusb_complain(carrier, "listing devices", (int)count);
    int result = DFUKIT_OK;
    out->entries = calloc((size_t)count + 1, sizeof *out->entries);
    if (out->entries == NULL)
        result = DFUKIT_ERR_NOMEM;
    for (ssize_t i = 0; i < count && result == DFUKIT_OK; i++)
        result = inspect(devices[i], &out->entries[out->count++]);
    libusb_free_device_list(devices, 1);
    if (result != DFUKIT_OK)
        dfukit_listing_free(out);
    dfukit_libusb_complain(carrier, "listing devices",
                           result == DFUKIT_OK ? 0 : LIBUSB_ERROR_NO_MEM);
    return result;
}

#endif
