/* SPDX-License-Identifier: MIT */
/**
 * A bus with one device on it, whose USB stack is a stand-in for the one the glue is written for:
 * it calls the glue in the order in which that stack calls a class. Seen from the host's end. One
 * implementation for each stack; see tinyusb_stack.c and zephyr_stack.c.
 */
#ifndef TESTS_PORTING_BUS_H
#define TESTS_PORTING_BUS_H

#include "dfukit/device.h"

#define BUS_STALL  (-1)
#define BUS_PACKET 64u

/** What makes a memory count as firmware to the products of examples/. */
#define BUS_MARK "FW01"

/** Power on with `memory` in every region: its first four bytes BUS_MARK or nothing. */
void bus_power_on(bool firmware);
/** Is a device there? */
bool bus_present(void);
/** Times that it has left the bus. */
unsigned bus_leaves(void);
void bus_reset(void);
/** Standard requests. @return false: stalled. */
bool bus_configure(uint8_t value);
bool bus_set_interface(uint16_t itf, uint16_t alt);
/** @return the setting, or BUS_STALL. */
int bus_get_interface(uint16_t itf);
/** The device descriptor. */
void bus_device(uint8_t bytes[18]);
/** The configuration descriptor, whole. */
const uint8_t *bus_configuration(uint16_t *n);

/** A control transfer. @return bytes of its data stage, or BUS_STALL. */
int bus_out(const dfukit_setup *s, const uint8_t *data);
int bus_in(const dfukit_setup *s, uint8_t *to);
/** One which the host gives up after `n` bytes of data; if the last packet is a short one, and
 *  not before, the device takes it for the end. @return false: stalled. */
bool bus_out_cut(const dfukit_setup *s, const uint8_t *data, uint16_t n);

/** Time passes, and the device's program runs. */
void bus_run(uint32_t ms);
/** Time passes, and the device's program is held up; interrupts are not. */
void bus_late(uint32_t ms);
/** What stands in the memory of an alternate setting. */
const uint8_t *bus_memory(uint8_t alt);
/** Requests that the other function of the run-time mode, interface 0, has got. */
unsigned bus_other_requests(void);

#endif
