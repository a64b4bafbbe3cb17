/* SPDX-License-Identifier: MIT */
/* Inside the USB/IP client: one connection for each opened device, all of them non-blocking. */
#ifndef DFUKIT_TRANSPORT_USBIP_H
#define DFUKIT_TRANSPORT_USBIP_H

#include <poll.h>

#include "dfukit/transport.h"
#include "dfukit/usbip.h"

#include "sequence.h"

#define DFUKIT_USBIP_CALL_MS   2000u /* for everything one list() or one open() does */
#define DFUKIT_USBIP_UNLINK_MS 1000u /* for the server to confirm that transfers are cancelled */
/* A server may need a moment to let go of a device after its connection was closed. */
#define DFUKIT_USBIP_RELEASE_MS 500u
/* Transfers that may still be answered after their cancellation was confirmed. */
#define DFUKIT_USBIP_LATE       32u
#define DFUKIT_USBIP_DEVICES    256u /* most devices that a server may list */
#define DFUKIT_USBIP_INTERFACES 255u

/* A device in a server's list, and its descriptors when they have been read. */
typedef struct dfukit_known {
    uint8_t record[DFUKIT_USBIP_DEVICE_SIZE];
    uint8_t interfaces[DFUKIT_USBIP_INTERFACES * DFUKIT_USBIP_INTERFACE_SIZE];
    dfukit_snapshot snapshot; /* configuration NULL: not read */
} dfukit_known;

typedef struct dfukit_usbip {
    char *host;
    char port[8];
    char *busid;     /* only this device; NULL: all */
    char where[280]; /* "HOST:PORT", for people */
    char complaint[400];
    bool met; /* the server has been reached once: refused from now on means that it is gone */
    dfukit_handle *handles;
    struct pollfd *polls; /* room for every handle */
    size_t handle_count;
    bool news;           /* a task became done, or a connection ended */
    dfukit_known *known; /* from the last list */
    size_t known_count;
    char closed_busid[DFUKIT_USBIP_BUSID_SIZE]; /* the device closed last, and when */
    uint64_t closed_ms;
    char busy_busid[DFUKIT_USBIP_BUSID_SIZE]; /* the device that open() has found busy last … */
    uint32_t busy_devnum;                     /* … its number at the time … */
    bool busy_replaced;                       /* … and whether another number has it by now */
} dfukit_usbip;

/* A transfer that had completed when its cancellation came: its answer may come behind that of the
 * cancellation (drivers/usb/usbip/stub_tx.c sends from two lists). */
typedef struct dfukit_late {
    uint32_t seqnum; /* 0: none; the first is 1 */
    uint16_t length; /* wLength */
    bool in;
} dfukit_late;

struct dfukit_handle {
    dfukit_usbip *usbip;
    dfukit_handle *next;
    int fd; /* -1: the connection has ended, the device is gone */
    char busid[DFUKIT_USBIP_BUSID_SIZE];
    uint32_t devid;
    dfukit_snapshot snapshot;
    dfukit_sequence sequence;

    /* The batch under way. A transfer whose result is DFUKIT_ERR_AGAIN has no answer yet. Packet k
     * of the batch has the number base + k: first the submissions, then, when the batch is given
     * up, the cancellations of those that were sent, last first. */
    dfukit_transfer *batch; /* NULL: none */
    size_t count;
    size_t first;   /* the first transfer without an answer */
    size_t submits; /* submissions to send: count, or less when the batch was given up */
    size_t packets; /* submits and cancellations */
    size_t sent;    /* packets sent whole, and … */
    size_t offset;  /* … bytes of the next one */
    uint32_t base;
    uint64_t deadline_ms;
    bool giving_up;
    size_t failed;   /* giving up: the transfer that failed, with … */
    int failure;     /* … this result */
    size_t unlinked; /* cancellations not confirmed yet */

    /* The packet that is coming in: header, then data. */
    uint8_t header[DFUKIT_USBIP_HEADER_SIZE];
    size_t header_have;
    size_t data_of; /* the transfer that the data belong to */
    size_t data_have, data_want;
    int32_t data_result;
    size_t waste; /* data of a late answer, to be read before anything else */

    dfukit_late late[DFUKIT_USBIP_LATE]; /* the last ones, in a ring */
    size_t late_next;
};

/* usbip_socket.c */
uint64_t dfukit_usbip_now_ms(void);
uint64_t dfukit_usbip_now_us(void *self);
void dfukit_usbip_complain(dfukit_usbip *u, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* @return a connected non-blocking socket, or -1 after a complaint. */
int dfukit_usbip_connect(dfukit_usbip *u, uint64_t deadline_ms);
/* All `n` bytes. @return DFUKIT_OK, DFUKIT_ERR_TIMEOUT, DFUKIT_ERR_GONE (connection closed). */
int dfukit_usbip_send(int fd, const uint8_t *bytes, size_t n, uint64_t deadline_ms);
int dfukit_usbip_recv(int fd, uint8_t *bytes, size_t n, uint64_t deadline_ms);

/* usbip_list.c */
int dfukit_usbip_list(void *self, const char *only, dfukit_listing *out);
void dfukit_usbip_forget(dfukit_known *known, size_t count);

/* usbip_open.c */
int dfukit_usbip_open_device(void *self, const char *path, uint32_t devnum, dfukit_handle **out);
void dfukit_usbip_close_device(void *self, dfukit_handle *h);
/* Open whatever device has the busid, without looking for known descriptors. */
int dfukit_usbip_import(dfukit_usbip *u, const char *busid, uint64_t deadline_ms,
                        uint8_t record[DFUKIT_USBIP_DEVICE_SIZE], dfukit_handle **out);
/* Read the descriptors into h->snapshot. */
int dfukit_usbip_describe(dfukit_handle *h, uint64_t deadline_ms);
void dfukit_usbip_cancel(void *self, dfukit_handle *h);

/* usbip_transfer.c */
/* Do what can be done without waiting. */
void dfukit_usbip_step(dfukit_handle *h);
/* After poll(): move bytes, then look at the deadline. */
void dfukit_usbip_service(dfukit_handle *h, short revents);
/* What to poll for, and until when at most (UINT64_MAX: no limit). */
short dfukit_usbip_events(const dfukit_handle *h, uint64_t *until_ms);
/* Give up the batch under way: its first unanswered transfer gets `result`. */
void dfukit_usbip_give_up(dfukit_handle *h, int result);

#endif
