/* SPDX-License-Identifier: MIT */
/*
 * Port, flash and store of the products that are measured. Compiled apart, without link-time
 * optimisation, so that the compiler cannot see through it, and not counted. Nothing here works: it
 * is never run, and only holds on to what a product needs.
 */
#include "opaque.h"

static dfukit_dfu function;
static dfukit_ep0 pipe;
static uint8_t block[2 * SIZES_BLOCK];
static volatile uint32_t events, out;
static volatile uint8_t packet[64];
#ifdef SIZES_CLASS
static dfukit_setup pipe_setup;
#endif

/* What a port does with the bus. */
void port(void);
void port(void)
{
    product_start(&function, &pipe, block);
    for (;;) {
        uint32_t event = events;

        dfukit_dfu_poll(&function, events);
#ifdef SIZES_CLASS
        if (event == 1)
            dfukit_dfu_bus_reset(&function);
        else if (event == 2)
            dfukit_dfu_complete(&function);
        else if (event == 3)
            dfukit_dfu_set_configured(&function, events != 0);
        else if (event == 4)
            out = dfukit_dfu_set_alternate(&function, (uint8_t)events);
        else if (event == 5)
            out = dfukit_dfu_setup(&function, &pipe_setup).n;
#else
        if (event == 1)
            dfukit_ep0_bus_reset(&pipe);
        else if (event == 2)
            dfukit_ep0_sent(&pipe);
        else if (event == 3)
            dfukit_ep0_received(&pipe, (const uint8_t *)packet, (uint8_t)events);
        else if (event == 4)
            dfukit_ep0_setup(&pipe, (const uint8_t *)packet);
        out = pipe.action + pipe.n + pipe.address + (pipe.data != NULL);
#endif
        out = dfukit_dfu_wish(&function);
#ifdef SIZES_REATTACHES
        dfukit_dfu_attach(&function, out != 0);
#endif
    }
}

/* ---- A store ---- */

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

/* ---- A flash ---- */

uint8_t flash_erase(void *self, uint32_t address)
{
    (void)self;
    out = address;
    return (uint8_t)events;
}

uint8_t flash_program(void *self, uint32_t address, const uint8_t *data, uint32_t n)
{
    (void)self;
    out = address + data[0] + n;
    return (uint8_t)events;
}

bool flash_busy(void *self, uint8_t *status)
{
    (void)self;
    *status = (uint8_t)events;
    return events != 0;
}

void flash_read(void *self, uint32_t address, uint8_t *to, uint32_t n)
{
    (void)self;
    to[0] = (uint8_t)(address + n);
}
