/* SPDX-License-Identifier: MIT */
/* Inside the USB/IP server: what it lends, to whom, and the packets between. */
#ifndef DFUKIT_VIRTUAL_SERVER_H
#define DFUKIT_VIRTUAL_SERVER_H

#include "dfukit/usbip.h"
#include "dfukit/virtual.h"

/* Bounds: whatever clients do, the server's memory and time stay within these. */
#define DFUKIT_SERVER_CONNECTIONS 64u
#define DFUKIT_SERVER_INTERFACES  32u   /* of one device, in lists */
#define DFUKIT_SERVER_QUEUE       32u   /* control transfers waiting on one connection */
#define DFUKIT_SERVER_PARKED      32u   /* IN transfers that other endpoints will never answer */
#define DFUKIT_SERVER_REPLIES     32u   /* unsent replies after which a client is not listened to */
#define DFUKIT_SERVER_REQUEST_MS  5000u /* for a new connection to say what it wants */
#define DFUKIT_SERVER_FLUSH_MS    5000u /* for a client to take its last replies */
#define DFUKIT_SERVER_LINGER_MS   1000u /* for it to close as well */
#define DFUKIT_SERVER_RETURN_US   5000000u /* for a device to come back after a reset */
#define DFUKIT_SERVER_RECOVERY_US 10000u   /* after a reset, USB 2.0 §7.1.7.5 */
/* A client may let go of a device before it leaves as it was told to: for so long after that, a
 * departure still belongs to the client's session. */
#define DFUKIT_SERVER_SESSION_US 1000000u

/* A command with its data, and then, in the same memory, the reply to it. */
typedef struct dfukit_packet {
    struct dfukit_packet *next;
    dfukit_usbip_header header; /* as decoded */
    size_t size;                /* bytes to send */
    size_t sent;
    int32_t refusal; /* not 0: answer with this status instead of asking the device */
    bool started;    /* the device has it and answers NAK */
    bool reset_done; /* the bus reset that it stands for has been signalled */
    uint8_t bytes[]; /* header, then data */
} dfukit_packet;

typedef struct dfukit_fifo {
    dfukit_packet *first, *last;
    size_t count;
} dfukit_fifo;

typedef enum dfukit_phase {
    DFUKIT_PHASE_REQUEST, /* has not said what it wants */
    DFUKIT_PHASE_DEVICE,  /* has imported a device */
    DFUKIT_PHASE_CLOSING, /* is sent its last replies */
    DFUKIT_PHASE_LINGER,  /* has them; may close */
    DFUKIT_PHASE_DEAD
} dfukit_phase;

typedef struct dfukit_connection dfukit_connection;

/* A device on offer. */
typedef struct dfukit_export {
    dfukit_wire wire;
    char busid[DFUKIT_USBIP_BUSID_SIZE];
    dfukit_connection *owner; /* who has imported it */
    uint64_t released_us;     /* when the last owner let go, on the system's clock; 0: never */
    bool away;                /* it was off the bus at the last look */
    uint64_t awaited_us;      /* away: until then somebody's session waits for it to come back */
    uint32_t numbered;        /* the attachment that `devnum` was given to; 0: none yet */
    uint32_t devnum;          /* no other device here has the same */
    uint32_t recorded;        /* the attachment that `record` tells of; 0: none */
    uint32_t described;       /* the same, when all its descriptors could be read */
    dfukit_usbip_device record;
    uint8_t interfaces[DFUKIT_SERVER_INTERFACES * DFUKIT_USBIP_INTERFACE_SIZE];
} dfukit_export;

struct dfukit_connection {
    int fd;
    dfukit_phase phase;
    uint64_t deadline_ms; /* of the phase, on the system's clock */

    uint8_t head[DFUKIT_USBIP_HEADER_SIZE]; /* the header that is coming in */
    size_t have;
    dfukit_packet *incoming; /* the packet whose data are coming in; NULL: none */
    size_t data_have;
    dfukit_fifo replies;

    dfukit_export *export; /* phase DEVICE */
    uint32_t devid;
    uint32_t attachment; /* what the client believes to talk to */
    bool in_reset;       /* the client has reset the device: whatever attaches next is its device */
    uint64_t settled_us, return_us; /* in reset: not before, not after */
    dfukit_fifo queue;              /* control transfers, in order */
    dfukit_fifo parked;             /* IN transfers of other endpoints */
};

struct dfukit_server {
    int fd;
    uint16_t port;
    dfukit_clock clock;
    uint64_t real_start_us, clock_start_us;
    uint64_t deaf_until_ms; /* accept() failed: no new connections for a moment */
    uint32_t last_devnum;   /* given to a device last */
    size_t export_count;
    dfukit_export *exports;
    size_t connection_count;
    dfukit_connection *connections[DFUKIT_SERVER_CONNECTIONS];
};

/* server.c: times */
uint64_t dfukit_server_real_us(void);
uint64_t dfukit_server_now_us(const dfukit_server *s);

/* server_address.c: @return a listening socket, or a dfukit_error below 0. */
int dfukit_server_listen(const char *text, uint16_t *port);

/* server_export.c */
/* See whether a device has come or gone; one that has attached anew gets another number. */
void dfukit_export_notice(dfukit_server *s, dfukit_export *e);
/* Read the descriptors of what is attached now, unless they are known or the device is busy. What
 * has failed is tried again only for somebody who insists. */
void dfukit_export_refresh(dfukit_server *s, dfukit_export *e, bool insist);
uint32_t dfukit_export_attachment(const dfukit_export *e);
/* OP_REP_DEVLIST. @return NULL when out of memory. */
dfukit_packet *dfukit_server_device_list(dfukit_server *s);
/* NULL when there is none. */
dfukit_export *dfukit_server_find(dfukit_server *s, const char *busid);

/* server_packet.c */
dfukit_packet *dfukit_packet_new(size_t size);
void dfukit_fifo_push(dfukit_fifo *f, dfukit_packet *p);
dfukit_packet *dfukit_fifo_pop(dfukit_fifo *f);
/* Take out the packet with this seqnum; NULL when it is not there. */
dfukit_packet *dfukit_fifo_take(dfukit_fifo *f, uint32_t seqnum);
void dfukit_fifo_clear(dfukit_fifo *f);

/* server_connection.c */
dfukit_connection *dfukit_connection_new(int fd);
/* End it at once; only its memory stays until dfukit_connection_free(). */
void dfukit_connection_drop(dfukit_connection *c);
void dfukit_connection_free(dfukit_connection *c);
/* Let it have its replies, then close. */
void dfukit_connection_finish(dfukit_connection *c);
void dfukit_connection_read(dfukit_server *s, dfukit_connection *c);
void dfukit_connection_write(dfukit_connection *c);
/* The phase may have lasted long enough. */
void dfukit_connection_check(dfukit_connection *c, uint64_t now_ms);

/* server_request.c: what a new connection asks for. @return how many bytes its request needs. */
size_t dfukit_request_size(const dfukit_connection *c);
void dfukit_request_serve(dfukit_server *s, dfukit_connection *c);

/* server_urb.c */
/* A whole CMD_SUBMIT or CMD_UNLINK has come. Takes the packet over. */
void dfukit_urb_submit(dfukit_connection *c, dfukit_packet *p);
void dfukit_urb_unlink(dfukit_connection *c, dfukit_packet *p);
/* Go on with a connection's transfers. @return microseconds of the server's clock until there may
 * be more to do, UINT64_MAX when only an event helps. */
uint64_t dfukit_urb_run(dfukit_server *s, dfukit_connection *c);
/* Nobody waits for the transfers any more; the device is free for others. */
void dfukit_urb_abandon(dfukit_connection *c);

#endif
