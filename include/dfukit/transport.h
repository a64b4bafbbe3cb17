/* SPDX-License-Identifier: MIT */
/**
 * Carriers of control transfers: one asynchronous interface, several ways to reach a device. Submit
 * a task, pump for completions; one thread drives any number of devices. A carrier and all its
 * handles belong to one thread at a time.
 */
#ifndef DFUKIT_TRANSPORT_H
#define DFUKIT_TRANSPORT_H

#include "dfukit/bus.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dfukit_handle dfukit_handle; /**< an opened device; defined by each carrier */

/** What a task asks of the carrier. */
typedef enum dfukit_task_kind {
    DFUKIT_TASK_TRANSFERS,
    DFUKIT_TASK_CLAIM,
    DFUKIT_TASK_RESET,
} dfukit_task_kind;

/** Work for one device. The caller's; must stay until done is true. */
typedef struct dfukit_task {
    dfukit_task_kind kind;
    dfukit_transfer *transfers; /**< TRANSFERS: in order; after a stall the rest still runs, after
                                     any other failure the rest gets DFUKIT_ERR_AGAIN */
    size_t count;
    uint8_t configuration, interface, alternate; /**< CLAIM */
    bool set_alternate;                          /**< CLAIM: send SET_INTERFACE too */
    bool done;                                   /**< out */
    int result; /**< out: DFUKIT_OK, or for CLAIM and RESET the error. RESET: DFUKIT_OK or
                     DFUKIT_ERR_GONE (the device attaches anew, the normal case) */
} dfukit_task;

/** What a carrier can do: what whoever writes one has to provide. */
typedef struct dfukit_carrier_ops {
    /** Milliseconds since some start, never back: the clock by which this carrier's waits count. */
    uint64_t (*now_ms)(void *self);
    /**
     * List the devices on the carrier, those without a DFU function too (their configuration may be
     * left out). Blocks for at most about 2 s.
     * @param only  NULL; or a path: other devices are listed only as far as that disturbs nobody.
     * @return DFUKIT_OK, DFUKIT_ERR_CONNECT, DFUKIT_ERR_NOMEM … A device that cannot be opened is
     *         listed all the same, with `access` set.
     */
    int (*list)(void *self, const char *only, dfukit_listing *out);
    /** Open the device that `entry` names by path and devnum.
     *  @return DFUKIT_OK, DFUKIT_ERR_ACCESS, _BUSY, _GONE, _CONNECT, _NOMEM. */
    int (*open)(void *self, const char *path, uint32_t devnum, dfukit_handle **out);
    /** Release and close; work under way is cancelled first, last submitted first. */
    void (*close)(void *self, dfukit_handle *h);
    /** Begin a task; one at a time for each handle. */
    void (*submit)(void *self, dfukit_handle *h, dfukit_task *task);
    /** Cancel what runs on the handle; the task becomes done before this returns. */
    void (*cancel)(void *self, dfukit_handle *h);
    /** Wait until a task becomes done, or until `timeout_ms` have passed. Returns early when the
     *  set of devices may have changed. */
    void (*pump)(void *self, uint32_t timeout_ms);
    void (*destroy)(void *self);
    /** Why the last list or open failed, for people; "" when there is nothing to add. */
    const char *(*complaint)(void *self);
    /** The same clock as now_ms in microseconds; NULL: it has none so fine. */
    uint64_t (*now_us)(void *self);
} dfukit_carrier_ops;

/** A way to reach devices. Close it with dfukit_carrier_close(). */
typedef struct dfukit_carrier {
    const dfukit_carrier_ops *ops;
    void *self;
    bool queues; /**< a batch costs one round trip: worth handing out several transfers at once */
    bool resets; /**< can signal a bus reset */
} dfukit_carrier;

/** Free what list() gave. */
void dfukit_listing_free(dfukit_listing *listing);
/** Close a carrier; *c is cleared. */
void dfukit_carrier_close(dfukit_carrier *c);

/**
 * In-process: devices made of software, driven directly.
 * @param wires  `count` devices, copied; what they point to must outlive the carrier. Device i has
 *               the path "0-(i+1)".
 * @param clock  The devices' clock, copied; waiting sleeps on it, so a virtual clock costs no time.
 * @return DFUKIT_OK or DFUKIT_ERR_NOMEM.
 */
int dfukit_loopback_open(dfukit_carrier *carrier, const dfukit_wire *wires, size_t count,
                         const dfukit_clock *clock);

/** Where a USB/IP server is. */
typedef struct dfukit_usbip_options {
    const char *host;  /**< name or address; NULL: 127.0.0.1 */
    uint16_t port;     /**< 0: 3240 */
    const char *busid; /**< only this device; NULL: all */
} dfukit_usbip_options;
/** Devices behind a USB/IP server. Connects when listing and opening, not here.
 *  @return DFUKIT_OK or DFUKIT_ERR_NOMEM. Texts are copied. */
int dfukit_usbip_open(dfukit_carrier *carrier, const dfukit_usbip_options *options);

/** This computer's own USB, through libusb-1.0.
 *  @return DFUKIT_OK, DFUKIT_ERR_UNSUPPORTED (built without libusb), DFUKIT_ERR_NOMEM, _IO. */
int dfukit_libusb_open(dfukit_carrier *carrier);

/** Where devices are, as people write it: `usb`, or `usbip://HOST[:PORT][/BUSID]`. */
typedef struct dfukit_where {
    bool usbip;     /**< false: this computer's own USB, and the rest is empty */
    char host[256]; /**< name or address; an IPv6 address without its brackets */
    uint16_t port;  /**< 0: the usual one */
    char busid[64]; /**< "": all devices */
} dfukit_where;
/**
 * Parse such a text.
 * @param where  Written in any case; nothing in it points into `text`.
 * @return DFUKIT_OK, or DFUKIT_ERR_USAGE: it is neither form, a port is not in 1..65535, or a name
 *         has no room.
 */
int dfukit_where_parse(const char *text, dfukit_where *where);
/** Open the carrier for a place; `where` is not kept.
 *  @return As dfukit_usbip_open() or dfukit_libusb_open(). */
int dfukit_where_open(dfukit_carrier *carrier, const dfukit_where *where);
/** Both in one. @param carrier Out: ops is NULL unless DFUKIT_OK is returned. Close it with
 *  dfukit_carrier_close(). @return DFUKIT_OK, DFUKIT_ERR_USAGE, or dfukit_where_open()'s error. */
int dfukit_carrier_open(dfukit_carrier *carrier, const char *where);

/* ---- Recording (trace.c) ---- */

/** Where a recording goes, and what stands at its head. */
typedef struct dfukit_trace_options {
    const char *program; /**< who records, and its version, one word each: "dfu 0.1.0" */
    const char *carrier; /**< what is recorded, for people: "virtual:micro" */
    /** Takes each line of text in order, newline included; `n` bytes, none of them 0. */
    void (*line)(void *self, const char *text, size_t n);
    void *self;
} dfukit_trace_options;

/**
 * Put a recorder in front of a carrier: what is listed, opened, claimed, transferred and reset goes
 * through unchanged and is written down, one transfer a line, as docs/TRACE.md describes; each line
 * as soon as it is true.
 * @param carrier  In: the carrier to be recorded, which the recorder then owns; out: the recorder.
 * @param options  Texts are not kept.
 * @return DFUKIT_OK or DFUKIT_ERR_NOMEM (the carrier is as it was).
 */
int dfukit_trace_wrap(dfukit_carrier *carrier, const dfukit_trace_options *options);

#ifdef __cplusplus
}
#endif
#endif
