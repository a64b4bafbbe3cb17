/* SPDX-License-Identifier: MIT */
/* STM32 option bytes in words, as far as their layout is known. */
#ifndef DFUKIT_CLI_OPTIONBYTES_H
#define DFUKIT_CLI_OPTIONBYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DFUKIT_CLI_OPTION_SIZE 120u

/** One field that is written. */
typedef struct dfukit_cli_option_field {
    const char *name;                  /**< "RDP", "WRP" … */
    char text[DFUKIT_CLI_OPTION_SIZE]; /**< its value in words */
    bool for_ever;                     /**< read protection level 2: it cannot be taken back */
} dfukit_cli_option_field;

/**
 * The n-th field that lies wholly in `size` bytes at `address`.
 * @return false when there are no more; at n = 0: this product's layout is not known.
 */
bool dfukit_cli_option_decode(uint32_t address, const uint8_t *bytes, uint32_t size, size_t n,
                              dfukit_cli_option_field *out);
/** Whose layout the address means: "STM32F2, F4"; NULL when unknown. */
const char *dfukit_cli_option_family(uint32_t address);

#endif
