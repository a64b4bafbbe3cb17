/* SPDX-License-Identifier: MIT */
/**
 * The device end: endpoint 0 with the chapter-9 requests a DFU-only device needs, the DFU class,
 * and the firmware slot that stores blocks. Three layers, each usable without the ones around it:
 *
 *     packets ─▶ dfukit_ep0 (pipe.c) ─▶ dfukit_dfu (class.c) ─▶ store (slot.c) ─▶ flash
 *
 * Freestanding: no heap, no libc, no floating point, no global state; all memory is the caller's.
 * A push machine: hand it bus events, read from it what endpoint 0 has to do. Not re-entrant: call
 * it from one context (an interrupt handler or a loop), never from two.
 *
 * What a product is made of stands in `const` structures. Where the library is compiled for one
 * product only, with DFUKIT_PRODUCT defined as the name of its dfukit_dfu_config, the compiler sees
 * through them (link-time optimisation, or one translation unit), so that an option that is not
 * used costs nothing: see bench/sizes/product.c.
 */
#ifndef DFUKIT_DEVICE_H
#define DFUKIT_DEVICE_H

#include "dfukit/flash.h"
#include "dfukit/protocol.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- The class (DFU 1.1 Annex A) ---- */

/** What a product says of its DFU function. Constant. */
typedef struct dfukit_dfu_config {
    dfukit_functional functional; /**< the one in its descriptors; wTransferSize bounds blocks */
    uint8_t alternates;           /**< number of alternate settings in DFU mode, 1 at least */
    uint8_t interface_runtime;    /**< bInterfaceNumber in run-time mode */
    uint8_t interfaces_runtime;   /**< bNumInterfaces in run-time mode; in DFU mode it is 1 */
    uint8_t max_packet_size0;     /**< bMaxPacketSize0: 8, 16, 32 or 64 */
    bool self_powered;            /**< as in bmAttributes of the configurations */
    bool strict;                  /**< the state table to the letter: see docs/STATES.md */
    bool loader_only;             /**< no run-time mode: after power-on and reset in DFU mode */
    bool dfuse;                   /**< DfuSe: a block is acted upon at the SETUP of the first
                                       DFU_GETSTATUS behind it, which answers dfuDNBUSY even when
                                       there is nothing left to do (once: not again when that answer
                                       was cut short), or dfuERROR; and the empty DNLOAD is taken in
                                       dfuIDLE too. Spec: AN3156 */
    bool double_buffer;           /**< the next block is received while the store works on the last
                                       one: the block memory is twice wTransferSize. Not for DfuSe */
    uint8_t status_string;        /**< iString reported with errVENDOR, 0 for none */
    const dfukit_store_ops *store;
    const struct dfukit_descriptor_set *descriptors; /**< of a product that has but one set; NULL:
                                                          the one given to dfukit_ep0_init() */
} dfukit_dfu_config;

/** What the class wants the port to do; see dfukit_dfu_wish(). */
typedef enum dfukit_wish {
    DFUKIT_WISH_NONE,
    DFUKIT_WISH_REATTACH_DFU, /**< leave the bus, come back with the DFU-mode descriptors */
    DFUKIT_WISH_REATTACH_APP, /**< leave the bus, come back running the firmware */
} dfukit_wish;

/** One DFU function. Fields are private: read them through the functions. (Bytes stand in front:
 *  small offsets make short instructions.) */
typedef struct dfukit_dfu {
    uint8_t state;         /**< dfukit_state */
    uint8_t status;        /**< dfukit_status; not OK only in dfuERROR */
    uint8_t alt;           /**< bAlternateSetting in use */
    uint8_t next_state;    /**< taken when the data stage has completed; 0: the state stays */
    bool used;             /**< lenient: a class request has come since DFU mode was entered */
    bool configured;       /**< SET_CONFIGURATION 1 has come */
    bool pending;          /**< a block has come that the store has not been given yet */
    bool manifesting;      /**< the store was told to manifest what has come */
    uint8_t reply[6];      /**< to requests that read a few bytes: the block may be at work */
    uint8_t wish;          /**< dfukit_wish */
    bool second;           /**< the second of two block buffers is in use */
    uint16_t block_number; /**< of the DNLOAD in progress */
    uint16_t length;       /**< its bytes */
    uint32_t now_ms;
    uint32_t deadline_ms; /**< end of bwPollTimeout, or of the detach timer: means something in
                               appDETACH, dfuDNBUSY, dfuMANIFEST, and in dfuMANIFEST-SYNC */
    uint8_t *block;       /**< the caller's, for the next block */
    void *store;          /**< handed to config->store */
    const dfukit_dfu_config *config;
    bool owes_0; /**< setting 0 is to be used when what is under way is over */
} dfukit_dfu;

/** How a request is answered: see dfukit_dfu_setup(). */
typedef enum dfukit_answer_kind {
    DFUKIT_ANSWER_STALL,
    DFUKIT_ANSWER_IN,  /**< send `n` bytes at `data`, then the host's status stage */
    DFUKIT_ANSWER_OUT, /**< receive `n` bytes into `data` (n = 0: none), then our status stage */
} dfukit_answer_kind;

/** How a request is answered, and with which memory. */
typedef struct dfukit_answer {
    uint8_t kind; /**< dfukit_answer_kind */
    uint16_t n;
    uint8_t *data; /**< for OUT: the class's block buffer */
} dfukit_answer;

/**
 * Make a function ready, as after power-on: appIDLE when the store holds valid firmware, else
 * dfuERROR with errFIRMWARE (loader_only: dfuIDLE).
 * @param block  wTransferSize bytes (twice that with double_buffer), the caller's, for as long as
 *               the function lives.
 */
void dfukit_dfu_init(dfukit_dfu *d, const dfukit_dfu_config *config, void *store, uint8_t *block);

/** Tell the time. Milliseconds, may wrap. Runs timers and the store's work; call it often, and
 * before a SETUP is handed on: to a device that is told the time late, a host in time seems early.
 */
void dfukit_dfu_poll(dfukit_dfu *d, uint32_t now_ms);

/**
 * A class or vendor request has come. bmRequestType, wIndex and wLength are checked whole: what is
 * not a class request to this function's interface (its run-time number; 0 in DFU mode), or comes
 * before SET_CONFIGURATION 1, is stalled and changes nothing; what is one, but not of the table,
 * counts as DFUKIT_ON_OTHER: unknown bRequest, wrong direction, wLength where none belongs. A
 * DNLOAD or UPLOAD longer than wTransferSize stalls into dfuERROR, and so do DNLOAD, UPLOAD, ABORT
 * and CLRSTATUS while work of the store is still going on (GETSTATUS tells how long); with two
 * buffers DNLOAD and ABORT are taken then, but for a manifestation that has begun. Unless it is
 * stalled, or the store has failed, no state moves before the data stage has completed: see
 * dfukit_dfu_complete().
 */
dfukit_answer dfukit_dfu_setup(dfukit_dfu *d, const dfukit_setup *setup);
/** The data stage of the last dfukit_dfu_setup() has completed with all its bytes (OUT: `n`, those
 *  announced; IN: what was offered). Not called for a stage that was cut short. */
void dfukit_dfu_complete(dfukit_dfu *d);

/** SET_INTERFACE: back to dfuIDLE, status OK; in run-time mode there is setting 0 only, and no
 * state changes. @return false (stall): no such setting, work of the store is going on, or the
 * device waits for its reset (dfuMANIFEST-WAIT-RESET). */
bool dfukit_dfu_set_alternate(dfukit_dfu *d, uint8_t alt);
/** SET_CONFIGURATION with 1 (true) or 0 (false). A 1 that is repeated, or that finds an alternate
 *  setting other than 0 left in use, acts as SET_INTERFACE 0; while work of the store goes on the
 *  state is kept, and setting 0 comes when what is under way is over. 0 keeps the state, and class
 *  requests stall until the next 1. */
void dfukit_dfu_set_configured(dfukit_dfu *d, bool configured);
/** The bus was reset. The wish may be DFUKIT_WISH_REATTACH_* afterwards. Spec: DFU 1.1 §5.1, A.2;
 *  hosts reset a device more than once while they enumerate it: dfuIDLE and dfuERROR are left only
 *  when the device is configured (lenient: and has been asked something in this mode); the other
 *  states always. Left for good firmware, with no work going on: appIDLE (loader_only: dfuIDLE) and
 *  a wish; else dfuERROR with errFIRMWARE, until another reset that counts. What still was to be
 *  written then may fail without a word: valid() of the store has to know. Not to be preceded by
 *  dfukit_dfu_set_configured(d, false). */
void dfukit_dfu_bus_reset(dfukit_dfu *d);

/** What the port has to do now; asked after every event and poll. Taking it clears it: the port
 * then detaches, and calls dfukit_dfu_attach() when it comes back. A wish that follows a request
 * comes after its data stage; one of bitWillDetach 10 ms after the SETUP of the last GETSTATUS, by
 * when hosts have ended it. A port that wants to be sure waits for dfukit_ep0_idle(), 50 ms at
 * most. */
static inline dfukit_wish dfukit_dfu_wish(dfukit_dfu *d)
{
    dfukit_wish wish = (dfukit_wish)d->wish;

    d->wish = DFUKIT_WISH_NONE;
    return wish;
}
/** The port has attached again, in DFU mode (true: dfuIDLE) or running the firmware (false:
 * appIDLE; loader_only: dfuIDLE all the same). */
void dfukit_dfu_attach(dfukit_dfu *d, bool dfu_mode);
/** True while in one of the dfu states (2..10). */
static inline bool dfukit_dfu_in_dfu_mode(const dfukit_dfu *d)
{
    return d->state >= DFUKIT_DFU_IDLE;
}

/* ---- Endpoint 0 (USB 2.0 chapters 8.5.3, 9) ---- */

/** One descriptor; a configuration and a BOS with all that belongs to them. */
typedef struct dfukit_descriptor {
    uint16_t wValue; /**< type and index, as GET_DESCRIPTOR asks: DFUKIT_DESCRIPTOR_ID() */
    uint16_t n;      /**< bytes */
    const uint8_t *bytes;
} dfukit_descriptor;
#define DFUKIT_DESCRIPTOR_ID(type, index) (uint16_t)((unsigned)(type) << 8 | (unsigned)(index))

/** The answer to a vendor request to the device (bmRequestType 0xC0), as platform capabilities in
 *  the BOS announce them: descriptors of Microsoft OS 2.0 (wIndex 7), the URL of WebUSB (wIndex 2).
 */
typedef struct dfukit_vendor_reply {
    uint8_t bRequest; /**< the vendor code that the BOS names */
    uint8_t wIndex;
    uint16_t wValue;
    uint16_t n; /**< bytes */
    const uint8_t *bytes;
} dfukit_vendor_reply;

/** The descriptors of one mode. The configuration has bConfigurationValue 1. */
typedef struct dfukit_descriptor_set {
    const dfukit_descriptor *list;
    const dfukit_vendor_reply *vendor; /**< NULL: none */
    uint8_t count;                     /**< in the list, 1 at least */
    uint8_t vendor_count;
} dfukit_descriptor_set;

/** What endpoint 0 has to do next. */
typedef enum dfukit_ep0_do {
    DFUKIT_EP0_STALL, /**< stall both directions until the next SETUP */
    DFUKIT_EP0_SEND, /**< send `n` bytes at `data` as one packet (0: zero-length packet); a host may
                          end the transfer early with an OUT packet, which is to be accepted too */
    DFUKIT_EP0_RECEIVE, /**< accept one OUT packet; so it stands between transfers as well */
} dfukit_ep0_do;

/** The pipe. Fields are private, but for what the port reads after every event. */
typedef struct dfukit_ep0 {
    /* read by the port */
    uint8_t action;  /**< dfukit_ep0_do */
    uint8_t n;       /**< bytes of the packet to send */
    uint8_t address; /**< the bus address in force: look at it after dfukit_ep0_sent() */
    /* private */
    uint8_t stage;        /**< of the transfer in progress */
    uint8_t next_address; /**< in force after the status stage */
    uint16_t left;        /**< bytes of the data stage still to move */
    union {
        const uint8_t
            *data;   /**< read by the port: where the packet is; valid until the next event */
        uint8_t *to; /**< where the next OUT packet goes */
    };
    dfukit_dfu *dfu;
    const dfukit_descriptor_set *set;
} dfukit_ep0;

/** True between transfers: the time for a port whose store blocks in poll() to call
 *  dfukit_dfu_poll(), since no handshake is missed then. */
static inline bool dfukit_ep0_idle(const dfukit_ep0 *p)
{
    return p->stage == 0;
}

/** Make the pipe ready with the descriptors of the mode the device attaches in; at
 *  address 0. Comes behind dfukit_dfu_init() or dfukit_dfu_attach(), which forget the
 *  configuration. Pointers stay the caller's and must outlive the pipe. */
void dfukit_ep0_init(dfukit_ep0 *p, const dfukit_descriptor_set *set, dfukit_dfu *dfu);
/** A SETUP packet: ends whatever was going on, and every stall. */
void dfukit_ep0_setup(dfukit_ep0 *p, const uint8_t packet[8]);
/** An OUT data packet of `n` bytes (0: the status stage of an IN transfer, as a rule). A packet
 *  longer than expected stalls, and nothing of it is kept beyond the room announced. */
void dfukit_ep0_received(dfukit_ep0 *p, const uint8_t *packet, uint8_t n);
/** The packet offered was acknowledged by the host. */
void dfukit_ep0_sent(dfukit_ep0 *p);
/** Bus reset: address 0, not configured; the class is told. */
void dfukit_ep0_bus_reset(dfukit_ep0 *p);

#ifdef __cplusplus
}
#endif
#endif
