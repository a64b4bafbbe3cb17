/* SPDX-License-Identifier: MIT */
/** The stand-in for Zephyr's kernel, as the test drives it. */
#ifndef TESTS_PORTING_ZEPHYR_KERNEL_H
#define TESTS_PORTING_ZEPHYR_KERNEL_H

#include <stdbool.h>
#include <stdint.h>

void kernel_power_on(bool firmware);
/** Time passes: work that is due is run. */
void kernel_run(uint32_t ms);
/** The same, but for work that is on a timer: it is late. */
void kernel_late(uint32_t ms);
/** How often the glue's lock is held now. */
int kernel_locked(void);

#endif
