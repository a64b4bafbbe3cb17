/* SPDX-License-Identifier: MIT */
/*
 * Port and store of the products that are measured. Compiled apart, without link-time optimisation,
 * and into sections of their own, so that the rest can be counted. Nothing here works: it is never
 * run, and only holds on to what a product needs.
 */
#include "opaque.h"

dfukit_dfu function;
dfukit_ep0 pipe;
uint8_t block[1024];
volatile uint32_t events, milliseconds, out;
volatile uint8_t packet[64];

/* What a port does with the bus. */
void port(void);
void port(void)
{
    product_start(&function, &pipe, block);
    for (;;) {
        uint32_t event = events;

        dfukit_dfu_poll(&function, milliseconds);
        if (event == 1)
            dfukit_ep0_bus_reset(&pipe);
        else if (event == 2)
            dfukit_ep0_sent(&pipe);
        else if (event == 3)
            dfukit_ep0_received(&pipe, (const uint8_t *)packet, (uint8_t)events);
        else if (event == 4)
            dfukit_ep0_setup(&pipe, (const uint8_t *)packet);
        out = dfukit_dfu_wish(&function);
        out = pipe.action + pipe.n + pipe.address + (pipe.data != NULL);
    }
}

void store_rewind(void *self, uint8_t alt)
{
    (void)self;
    out = alt;
}

uint8_t store_write(void *self, uint16_t wBlockNum, const uint8_t *data, uint16_t n)
{
    (void)self;
    out = wBlockNum + data[0] + n;
    return (uint8_t)events;
}

uint8_t store_finish(void *self)
{
    (void)self;
    return (uint8_t)events;
}

void store_manifest(void *self)
{
    (void)self;
    out = 1;
}

int32_t store_poll(void *self)
{
    (void)self;
    return (int32_t)events;
}

int32_t store_read(void *self, uint16_t wBlockNum, uint8_t *to, uint16_t n)
{
    (void)self;
    to[0] = (uint8_t)events;
    return wBlockNum + n;
}

bool store_valid(void *self)
{
    (void)self;
    return events != 0;
}
