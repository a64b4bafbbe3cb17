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
 * What a product is made of stands in `const` structures which the compiler can see through, so
 * that an option that is not used costs nothing.
 */
#ifndef DFUKIT_DEVICE_H
#define DFUKIT_DEVICE_H

#include "dfukit/protocol.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Flash, as the port offers it ---- */

/** `count` erase sectors of `size` bytes each. */
typedef struct dfukit_sectors {
    uint32_t count;
    uint32_t size;
} dfukit_sectors;

/** What may be done to a region. */
enum { DFUKIT_MAY_READ = 1, DFUKIT_MAY_ERASE = 2, DFUKIT_MAY_WRITE = 4 };

/** One memory: a run of sectors with the same rules. It ends at or below address 0xFFFFFFFF. */
typedef struct dfukit_region {
    uint32_t address;              /**< of its first byte, as the chip sees it */
    const dfukit_sectors *sectors; /**< in order of address, closed by count 0; every size is a
                                        multiple of write_unit */
    uint16_t write_unit;           /**< bytes programmed at once: a power of two, 1..64 */
    uint8_t erased;                /**< value of an erased byte: 0xFF or 0x00 */
    uint8_t permissions;           /**< DFUKIT_MAY_* */
    uint32_t erase_us;             /**< datasheet maximum for one sector */
    uint32_t program_us;           /**< datasheet maximum for one write unit, at most 65535 */
} dfukit_region;

/**
 * The chip's flash. erase and program only start the work; busy tells when it is over. No call
 * blocks for longer than a few microseconds.
 */
typedef struct dfukit_flash_ops {
    /** Start to erase the sector that begins at `address`. @return dfukit_status. */
    uint8_t (*erase)(void *self, uint32_t address);
    /** Start to program `n` bytes (a multiple of write_unit, aligned to it, never across a sector's
     *  end, onto erased cells). As a rule that is many write units: where the chip takes one at a
     *  time, busy() goes on to the next. `data` stays valid until the work is over.
     *  @return dfukit_status. */
    uint8_t (*program)(void *self, uint32_t address, const uint8_t *data, uint32_t n);
    /** Is the work that was started still going on? When it is over, *status holds its outcome. */
    bool (*busy)(void *self, uint8_t *status);
    /** Read; only called when not busy. */
    void (*read)(void *self, uint32_t address, uint8_t *to, uint32_t n);
} dfukit_flash_ops;

/* ---- The store: what the class asks of whoever keeps firmware ---- */

/**
 * Block numbers, addresses and commands are the store's business (plain DFU counts bytes, DfuSe
 * interprets block 0); states and statuses are the class's. All calls are short; work goes on in
 * poll().
 */
typedef struct dfukit_store_ops {
    /** A download or upload begins (first block in dfuIDLE), in alternate setting `alt`. */
    void (*begin)(void *self, uint8_t alt);
    /** A whole block has come; no work is going on. `data` stays valid until poll() says that the
     *  work is over, also when abort() comes first.
     *  @return DFUKIT_STATUS_OK when the work has been started, else the bStatus to report. */
    uint8_t (*write)(void *self, uint16_t wBlockNum, const uint8_t *data, uint16_t n);
    /** The host says that this was all. Asks only, starts nothing; may be asked again.
     *  @return OK, or DFUKIT_STATUS_NOTDONE. */
    uint8_t (*finish)(void *self);
    /** Start to manifest: check what came and make it valid. Work goes on in poll(). The first
     *  poll() after it belongs to the answer to a GETSTATUS, and must be as short as any; later
     *  ones may take as long as the time that it has told. */
    void (*manifest)(void *self);
    /**
     * Go on with the work that write() or manifest() started, or that abort() left to finish.
     * @param remaining_us  Out: an upper bound of what is still to do, 0 when nothing is; set
     *                      whatever is returned.
     * @return DFUKIT_STATUS_OK, or the bStatus with which the work has failed (reported once, and
     *         not at all after abort()).
     */
    uint8_t (*poll)(void *self, uint32_t *remaining_us);
    /** Fill `to` with up to `n` bytes of block `wBlockNum`. Not called while work is going on. The
     *  last block may be asked for again, when its data stage was cut short.
     *  @return bytes given (fewer than `n`: this was the end), or a negated dfukit_status. */
    int32_t (*read)(void *self, uint16_t wBlockNum, uint8_t *to, uint16_t n);
    /** The transfer was given up (ABORT, reset, error). Running flash work is left to finish:
     * poll() goes on to tell of it. May come at any time, also twice. */
    void (*abort)(void *self);
    /** Is the firmware complete and may be run? Decides between appIDLE and dfuERROR/errFIRMWARE
     *  after a reset. */
    bool (*valid)(void *self);
} dfukit_store_ops;

/* ---- The class (DFU 1.1 Annex A) ---- */

/** What a product says of its DFU function. Constant. */
typedef struct dfukit_dfu_config {
    dfukit_functional functional; /**< the one in its descriptors; wTransferSize bounds blocks */
    uint8_t alternates;           /**< number of alternate settings in DFU mode, 1 at least */
    uint8_t interface_runtime;    /**< bInterfaceNumber in run-time mode */
    bool strict;                  /**< the state table to the letter: see docs/STATES.md */
    bool loader_only;             /**< no run-time mode: after power-on and reset in DFU mode */
    uint8_t status_string;        /**< iString reported with errVENDOR, 0 for none */
    const dfukit_store_ops *store;
} dfukit_dfu_config;

/** What the class wants the port to do; see dfukit_dfu_wish(). */
typedef enum dfukit_wish {
    DFUKIT_WISH_NONE,
    DFUKIT_WISH_REATTACH_DFU, /**< leave the bus, come back with the DFU-mode descriptors */
    DFUKIT_WISH_REATTACH_APP, /**< leave the bus, come back running the firmware */
} dfukit_wish;

/** One DFU function. Fields are private: read them through the functions. */
typedef struct dfukit_dfu {
    const dfukit_dfu_config *config;
    void *store;        /**< handed to config->store */
    uint8_t *block;     /**< the caller's, wTransferSize bytes */
    uint8_t state;      /**< dfukit_state */
    uint8_t status;     /**< dfukit_status; not OK only in dfuERROR */
    uint8_t alt;        /**< bAlternateSetting in use */
    uint8_t wish;       /**< dfukit_wish */
    bool used;          /**< a class request has come since DFU mode was entered */
    bool configured;    /**< SET_CONFIGURATION 1 has come */
    bool timing;        /**< deadline_ms is set; it counts in appDETACH, dfuDNBUSY, dfuMANIFEST */
    bool manifesting;   /**< the store was told to manifest what has come */
    uint8_t next_input; /**< dfukit_input to act upon when the data stage has completed */
    uint8_t next_state; /**< the state taken then */
    uint8_t reply[DFUKIT_STATUS_SIZE]; /**< to GETSTATUS, GETSTATE: the block may be at work */
    uint16_t block_number;             /**< of the DNLOAD in progress */
    uint16_t length;                   /**< its bytes */
    uint32_t wait_ms; /**< time until the deadline, counted from the end of the data stage */
    uint32_t now_ms;
    uint32_t deadline_ms; /**< end of bwPollTimeout, or of the detach timer */
} dfukit_dfu;

/** How a request is answered: see dfukit_dfu_setup(). */
typedef enum dfukit_answer_kind {
    DFUKIT_ANSWER_STALL,
    DFUKIT_ANSWER_IN,  /**< send `n` bytes at `data`, then the host's status stage */
    DFUKIT_ANSWER_OUT, /**< receive `n` bytes into `data` (n = 0: none), then our status stage */
} dfukit_answer_kind;

typedef struct dfukit_answer {
    uint8_t kind; /**< dfukit_answer_kind */
    uint16_t n;
    uint8_t *data; /**< for OUT: the class's block buffer */
} dfukit_answer;

/**
 * Make a function ready, as after power-on: appIDLE when the store holds valid firmware, else
 * dfuERROR with errFIRMWARE (loader_only: dfuIDLE).
 * @param block  wTransferSize bytes, the caller's, for as long as the function lives.
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
 * and CLRSTATUS while work of the store is still going on (GETSTATUS tells how long). But for a
 * stall, no state moves before the data stage has completed: see dfukit_dfu_complete().
 */
dfukit_answer dfukit_dfu_setup(dfukit_dfu *d, const dfukit_setup *setup);
/** The data stage of the last dfukit_dfu_setup() has completed with all its bytes (OUT: `n`, those
 *  announced; IN: what was offered). Not called for a stage that was cut short. */
void dfukit_dfu_complete(dfukit_dfu *d);

/** SET_INTERFACE: back to dfuIDLE, status OK; in run-time mode there is setting 0 only, and no
 * state changes. @return false (stall): no such setting, or work of the store is going on. */
bool dfukit_dfu_set_alternate(dfukit_dfu *d, uint8_t alt);
/** SET_CONFIGURATION with 1 (true) or 0 (false). A 1 that is repeated acts as SET_INTERFACE 0 where
 *  that is possible; 0 keeps the state, and class requests stall until the next 1. */
void dfukit_dfu_set_configured(dfukit_dfu *d, bool configured);
/** The bus was reset. The wish may be DFUKIT_WISH_REATTACH_* afterwards. Spec: DFU 1.1 §5.1, A.2;
 *  DFU mode is left only when configured since it was entered (hosts reset a device more than once
 *  while they enumerate it), lenient: and used; else the state is kept. Left for good firmware: appIDLE (loader_only: dfuIDLE) and a wish; else dfuERROR. */
void dfukit_dfu_bus_reset(dfukit_dfu *d);

/** What the port has to do now; asked after every event and poll. Taking it clears it: the port
 * then detaches, and calls dfukit_dfu_attach() when it comes back. A wish that follows a request
 * comes after its status stage, when endpoint 0 is driven by dfukit_ep0. */
dfukit_wish dfukit_dfu_wish(dfukit_dfu *d);
/** The port has attached again, in DFU mode (true: dfuIDLE) or running the firmware (false:
 * appIDLE; loader_only: dfuIDLE all the same). */
void dfukit_dfu_attach(dfukit_dfu *d, bool dfu_mode);
/** True while in one of the dfu states (2..10). */
static inline bool dfukit_dfu_in_dfu_mode(const dfukit_dfu *d)
{
    return d->state >= DFUKIT_DFU_IDLE;
}

/* ---- Endpoint 0 (USB 2.0 chapters 8.5.3, 9) ---- */

/** One descriptor; its length stands in its own bytes (wTotalLength for configurations and BOS). */
typedef struct dfukit_descriptor {
    uint8_t type;
    uint8_t index;
    const uint8_t *bytes;
} dfukit_descriptor;

/** The descriptors of one mode, closed by an entry with bytes NULL. The device descriptor gives
 *  bMaxPacketSize0; the configuration has bConfigurationValue 1. */
typedef struct dfukit_descriptor_set {
    const dfukit_descriptor *list;
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
    uint8_t stage;         /**< of the transfer in progress */
    bool of_class;         /**< the class waits for the end of its data stage */
    uint8_t packet_size;   /**< bMaxPacketSize0 */
    uint8_t next_address;  /**< in force after the status stage */
    uint8_t configuration; /**< bConfigurationValue in force, 0: none */
    uint8_t reply[2];      /**< of the standard requests that answer with numbers */
    uint16_t left;         /**< bytes of the data stage still to move */
    const uint8_t *data;   /**< read by the port: where the packet is; valid until the next event */
    dfukit_setup setup; /**< in progress; wLength: of an IN data stage what the host still takes */
    const dfukit_descriptor_set *set;
    dfukit_dfu *dfu;
} dfukit_ep0;

/** True between transfers: the time for a port whose store blocks in poll() to call
 *  dfukit_dfu_poll(), since no handshake is missed then. */
static inline bool dfukit_ep0_idle(const dfukit_ep0 *p)
{
    return p->stage == 0;
}

/** Make the pipe ready with the descriptors of the mode the device attaches in; as after a bus
 *  reset: address 0, not configured. Pointers stay the caller's and must outlive the pipe. */
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

/* ---- The firmware slot: a store on flash regions ---- */

/** Constant: where plain DFU keeps its firmware. */
typedef struct dfukit_slot_config {
    const dfukit_flash_ops *flash;
    const dfukit_region *const *regions; /**< one per alternate setting */
    /** Called when a download has been stored and verified whole, before it counts as manifested.
     *  @return OK, or the bStatus to report (errFIRMWARE, errVERIFY …). May be NULL. */
    uint8_t (*accept)(void *flash, uint8_t alt, uint32_t length);
    /** Is there firmware to run? May be NULL: always. */
    bool (*valid)(void *flash);
    uint32_t manifest_us; /**< what manifestation takes beside the flash work */
} dfukit_slot_config;

/**
 * A store that writes blocks one after the other into the region of the alternate setting chosen:
 * erases each sector as the first byte for it arrives, programs, reads back and compares. The end
 * of a download is filled up to a whole write unit with the erased value.
 *
 * Blocks must be numbered 0, 1, 2 … (65535 wraps to 0). What it reports: errADDRESS for a block out
 * of that order or past the region's end; errWRITE and errERASE where the region's permissions lack
 * DFUKIT_MAY_WRITE or _ERASE; errVENDOR for an upload without DFUKIT_MAY_READ; errNOTDONE for the
 * end of a download without data; errVERIFY for bytes that read back differently; and whatever the
 * flash reports of its own.
 */
typedef struct dfukit_slot {
    const dfukit_slot_config *config;
    void *flash; /**< handed to config->flash */
    const dfukit_region *region;
    uint8_t alt;
    uint8_t operation; /**< private: what the flash does now */
    uint8_t manifest;  /**< private: how far manifestation is */
    uint8_t fill;      /**< bytes in `unit` */
    uint16_t next_block;
    uint16_t n; /**< bytes of the block at work that are not in the flash or in `unit` yet;
                     while uploading: bytes of the last block given */
    uint16_t programming;  /**< bytes that the flash programs now */
    const uint8_t *data;   /**< the first of those `n` bytes */
    const uint8_t *source; /**< what the flash programs now */
    uint32_t offset;       /**< in the region, of the next byte to be programmed, or read */
    uint32_t length;       /**< bytes that have come in this download */
    uint32_t erased_to;    /**< offset up to which sectors have been erased */
    uint8_t unit[64];      /**< a write unit that is not full yet */
} dfukit_slot;

extern const dfukit_store_ops dfukit_slot_store;
void dfukit_slot_init(dfukit_slot *s, const dfukit_slot_config *config, void *flash);
/** Bytes in all sectors of a region; 0xFFFFFFFF when there are more. */
uint32_t dfukit_region_size(const dfukit_region *r);
/** The sector which holds `offset` (from the region's start).
 *  @return false beyond the end. *start and *size are in bytes from the region's start. */
bool dfukit_region_sector(const dfukit_region *r, uint32_t offset, uint32_t *start, uint32_t *size);

#ifdef __cplusplus
}
#endif
#endif
