/* SPDX-License-Identifier: MIT */
/**
 * The vocabulary of a bus, for host-side rooms and for software devices: a clock, a control
 * transfer, a device on the bus, and the interface of anything that can be plugged in without
 * hardware. Belongs to the protocol room; freestanding.
 */
#ifndef DFUKIT_BUS_H
#define DFUKIT_BUS_H

#include "dfukit/protocol.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Time ---- */

/** Somebody's clock, so that time can be virtual. Engines never read one: they are told. */
typedef struct dfukit_clock {
    void *self;
    uint64_t (*now_us)(void *self);               /**< microseconds since some start; never back */
    void (*sleep_us)(void *self, uint64_t delay); /**< a virtual clock advances and returns */
} dfukit_clock;

/* ---- The wire: a device as its bus sees it ---- */

/**
 * What anything offers that can be plugged in without hardware: a virtual device, an emulated chip,
 * a recording. Whole control transfers; the implementation cuts them into packets. One transfer at
 * a time. Not re-entrant; the caller serialises.
 */
typedef struct dfukit_wire_ops {
    /** Let time pass up to the clock's present; do whatever is due.
     *  @return microseconds until the next call is useful, UINT64_MAX when only a request helps. */
    uint64_t (*work)(void *self);
    /** 0 while off the bus; else a number that is another after every attachment and after every
     *  change of descriptors. */
    uint32_t (*attachment)(void *self);
    /**
     * Run, or go on with, one control transfer. Call again with the same arguments, after work(),
     * while it answers DFUKIT_ERR_AGAIN (the device answers NAK).
     * @param data  Room for, or the bytes of, the data stage: setup->wLength bytes.
     * @return Bytes of the data stage moved (0..wLength), DFUKIT_ERR_STALL, DFUKIT_ERR_GONE,
     *         DFUKIT_ERR_AGAIN, or DFUKIT_ERR_IO: the bus failed (a recording may say so).
     */
    int32_t (*control)(void *self, const dfukit_setup *setup, uint8_t *data);
    /** Give up the transfer that answered DFUKIT_ERR_AGAIN. */
    void (*cancel)(void *self);
    /** The host signals a bus reset. */
    void (*reset)(void *self);
    /** True when full speed (12 Mbit/s), false when high speed. */
    bool (*full_speed)(void *self);
} dfukit_wire_ops;

/** One such thing; may be copied, for it owns nothing. */
typedef struct dfukit_wire {
    const dfukit_wire_ops *ops;
    void *self;
} dfukit_wire;

/* ---- Control transfers and devices, as a host sees them ---- */

/** One control transfer: what to do, and then what came of it. */
typedef struct dfukit_transfer {
    dfukit_setup setup;
    const uint8_t *out;  /**< data stage to the device: setup.wLength bytes; NULL when IN or none */
    uint8_t *in;         /**< data stage from the device: room for setup.wLength bytes */
    uint32_t timeout_ms; /**< for this transfer, counted from the end of the one before it */
    int32_t result; /**< bytes moved (≥ 0), DFUKIT_ERR_STALL, _TIMEOUT, _GONE, _IO; or _AGAIN:
                         not carried out because one before it failed other than by a stall */
} dfukit_transfer;

#define DFUKIT_PATH_SIZE 64u

/** A device on a bus, as far as a carrier knows it without talking DFU. */
typedef struct dfukit_entry {
    char path[DFUKIT_PATH_SIZE]; /**< BUS-PORT[.PORT…], or the busid of a USB/IP device */
    uint32_t devnum;             /**< changes whenever the device attaches anew */
    dfukit_device_descriptor device;
    uint8_t *configuration;    /**< the active configuration with all its descriptors; NULL when it
                                    could not be read (then `access` says why) */
    size_t configuration_size; /**< bytes; owned by the listing */
    dfukit_error access;       /**< DFUKIT_OK, ERR_ACCESS, ERR_BUSY … */
} dfukit_entry;

/** What a carrier lists; release it with dfukit_listing_free() (transport.h). */
typedef struct dfukit_listing {
    size_t count;
    dfukit_entry *entries;
} dfukit_listing;

#ifdef __cplusplus
}
#endif
#endif
