/* SPDX-License-Identifier: MIT */
/*
 * Reading a device's descriptors by control transfers. Every length comes from the device and is
 * checked before use. Spec: USB 2.0 §9.4.3, §9.6.1, §9.6.3.
 */
#include "describe.h"

#include <stdlib.h>
#include <string.h>

/* More configurations than any product has; bounds the search for the active one. */
#define CONFIGURATIONS_MAX 8u

dfukit_setup dfukit_get_descriptor(uint8_t type, uint8_t index, uint16_t length)
{
    return (dfukit_setup){
        .bmRequestType = 0x80,
        .bRequest = DFUKIT_USB_GET_DESCRIPTOR,
        .wValue = (uint16_t)((unsigned)type << 8 | index),
        .wLength = length,
    };
}

/* The configuration in force; 0 when the device is not configured or does not say. */
static uint8_t active_configuration(dfukit_exchange *exchange, void *self)
{
    const dfukit_setup setup = {
        .bmRequestType = 0x80, .bRequest = DFUKIT_USB_GET_CONFIGURATION, .wLength = 1};
    uint8_t value = 0;

    return exchange(self, &setup, &value) == 1 ? value : 0;
}

static int read_header(dfukit_exchange *exchange, void *self, uint8_t index,
                       uint8_t header[DFUKIT_CONFIG_HEADER_SIZE])
{
    const dfukit_setup setup =
        dfukit_get_descriptor(DFUKIT_DESC_CONFIGURATION, index, DFUKIT_CONFIG_HEADER_SIZE);
    int32_t got = exchange(self, &setup, header);

    if (got < 0)
        return (int)got;
    if (got < (int32_t)DFUKIT_CONFIG_HEADER_SIZE)
        return DFUKIT_ERR_SHORT;
    if (header[0] < DFUKIT_CONFIG_HEADER_SIZE || header[1] != DFUKIT_DESC_CONFIGURATION)
        return DFUKIT_ERR_FORMAT;
    return DFUKIT_OK;
}

/* Find the active configuration: its index and header. Without an active one, the first. */
static int find_configuration(dfukit_exchange *exchange, void *self, unsigned count, uint8_t *index,
                              uint8_t header[DFUKIT_CONFIG_HEADER_SIZE])
{
    uint8_t active = count > 1 ? active_configuration(exchange, self) : 0;

    if (count > CONFIGURATIONS_MAX)
        count = CONFIGURATIONS_MAX;
    if (active != 0) {
        for (unsigned i = 0; i < count; i++) {
            *index = (uint8_t)i;
            if (read_header(exchange, self, *index, header) == DFUKIT_OK && header[5] == active)
                return DFUKIT_OK;
        }
    }
    *index = 0;
    return read_header(exchange, self, 0, header);
}

static int read_configuration(dfukit_exchange *exchange, void *self, size_t total,
                              dfukit_snapshot *out)
{
    const dfukit_setup setup =
        dfukit_get_descriptor(DFUKIT_DESC_CONFIGURATION, out->index, (uint16_t)total);
    uint8_t *bytes = calloc(total, 1);
    int32_t got;

    if (bytes == NULL)
        return DFUKIT_ERR_NOMEM;
    got = exchange(self, &setup, bytes);
    if (got < (int32_t)DFUKIT_CONFIG_HEADER_SIZE || (size_t)got > total) {
        free(bytes);
        return got < 0 ? (int)got : DFUKIT_ERR_SHORT;
    }
    out->configuration = bytes;
    out->configuration_size = (size_t)got;
    return DFUKIT_OK;
}

int dfukit_describe(dfukit_exchange *exchange, void *self, dfukit_snapshot *out)
{
    const dfukit_setup setup =
        dfukit_get_descriptor(DFUKIT_DESC_DEVICE, 0, DFUKIT_DEVICE_DESCRIPTOR_SIZE);
    uint8_t header[DFUKIT_CONFIG_HEADER_SIZE];
    dfukit_device_descriptor device;
    size_t total;
    int32_t got;
    int error;

    memset(out, 0, sizeof(*out));
    got = exchange(self, &setup, out->device);
    if (got < 0)
        return (int)got;
    error = dfukit_device_descriptor_decode(out->device, (size_t)got, &device);
    if (error < 0)
        return error;
    error = find_configuration(exchange, self, device.bNumConfigurations, &out->index, header);
    if (error != DFUKIT_OK)
        return error;
    total = (size_t)(header[2] | (unsigned)header[3] << 8);
    if (total < DFUKIT_CONFIG_HEADER_SIZE)
        return DFUKIT_ERR_FORMAT;
    return read_configuration(exchange, self, total, out);
}

void dfukit_snapshot_free(dfukit_snapshot *s)
{
    free(s->configuration);
    memset(s, 0, sizeof(*s));
}

int dfukit_snapshot_to_entry(const dfukit_snapshot *s, dfukit_entry *entry)
{
    uint8_t *copy = malloc(s->configuration_size);

    if (copy == NULL)
        return DFUKIT_ERR_NOMEM;
    memcpy(copy, s->configuration, s->configuration_size);
    (void)dfukit_device_descriptor_decode(s->device, sizeof(s->device), &entry->device);
    entry->configuration = copy;
    entry->configuration_size = s->configuration_size;
    return DFUKIT_OK;
}
