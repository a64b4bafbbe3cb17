/* SPDX-License-Identifier: MIT */
/* What a test does with a store of any kind on the flash of nor.h. */
#ifndef TESTS_UNIT_DEVICE_STORE_BENCH_H
#define TESTS_UNIT_DEVICE_STORE_BENCH_H

#include "nor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

enum {
    R = DFUKIT_MAY_READ,
    E = DFUKIT_MAY_ERASE,
    W = DFUKIT_MAY_WRITE,
    ALL = R | E | W,
};

/* poll(). @return its status; *left_ms: the time it tells. */
static inline uint8_t store_poll(const dfukit_store_ops *ops, void *store, uint32_t *left_ms)
{
    int32_t left = ops->poll(store);

    *left_ms = left > 0 ? (uint32_t)left : 0;
    return left < 0 ? (uint8_t)-left : DFUKIT_STATUS_OK;
}

/* Until the work is over. @return its status. */
static inline uint8_t store_work(const dfukit_store_ops *ops, void *store)
{
    uint32_t left = 0;
    uint8_t status;
    unsigned rounds = 0;

    do {
        status = store_poll(ops, store, &left);
        assert_true(rounds++ < 100000);
    } while (status == DFUKIT_STATUS_OK && left != 0);
    assert_int_equal(left, 0);
    return status;
}

/* One block, from memory that AddressSanitizer guards and that is gone afterwards. An error is
 * followed by an abort, as the class does. */
static inline uint8_t store_put(const dfukit_store_ops *ops, void *store, uint8_t alt,
                                uint16_t block, const uint8_t *bytes, uint16_t n)
{
    uint8_t *copy = malloc(n);
    uint8_t status;

    memcpy(copy, bytes, n);
    status = ops->write(store, block, copy, n);
    if (status == DFUKIT_STATUS_OK)
        status = store_work(ops, store);
    if (status != DFUKIT_STATUS_OK) {
        ops->rewind(store, alt);
        store_work(ops, store);
    }
    free(copy);
    return status;
}

#endif
