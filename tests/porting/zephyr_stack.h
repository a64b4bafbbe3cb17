/* SPDX-License-Identifier: MIT */
/** What the two halves of the stand-in for Zephyr's USB device stack share. */
#ifndef TESTS_PORTING_ZEPHYR_STACK_H
#define TESTS_PORTING_ZEPHYR_STACK_H

#include "bus.h"
#include "port.h"
#include "zephyr_kernel.h"

/** The device whose classes are registered. */
struct usbd_context *stack_device(void);
bool stack_configured(void);
/** The class that has this interface with this alternate setting, or NULL. */
struct usbd_class_data *stack_class_of(uint8_t itf, uint8_t alt);

#endif
