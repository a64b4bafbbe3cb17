/* SPDX-License-Identifier: MIT */
/**
 * What lies behind the DFU class in a device: the flash as the port offers it, the store that the
 * class asks to keep firmware, and the stores there are. Belongs to the device room; freestanding.
 * Not re-entrant: a store and its flash are the class's, and called from the same context.
 */
#ifndef DFUKIT_FLASH_H
#define DFUKIT_FLASH_H

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

/** One memory: a run of sectors with the same rules, less than 4 GiB. It ends at or below address
 *  0xFFFFFFFF. What may be done is what the host may: the store itself reads every region back. */
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
     *  end; onto erased cells, where the region has DFUKIT_MAY_ERASE). As a rule that is many
     *  write units: where the chip takes one at a time, busy() goes on to the next. `data` may
     *  stand at any address, odd ones too, and stays valid until the work is over.
     *  @return dfukit_status. */
    uint8_t (*program)(void *self, uint32_t address, const uint8_t *data, uint32_t n);
    /** Is the work that was started still going on? When it is over, *status holds its outcome. */
    bool (*busy)(void *self, uint8_t *status);
    /** Read, 1 byte at least; only called when not busy. */
    void (*read)(void *self, uint32_t address, uint8_t *to, uint32_t n);
} dfukit_flash_ops;

/* ---- The store: what the class asks of whoever keeps firmware ---- */

/**
 * Block numbers, addresses and commands are the store's business (plain DFU counts bytes, DfuSe
 * interprets block 0); states and statuses are the class's. All calls are short; work goes on in
 * poll().
 */
typedef struct dfukit_store_ops {
    /** Whatever was under way is over, given up (ABORT, reset, error) or done; what comes next
     * begins at the start of alternate setting `alt`. Flash work that runs is left to finish:
     * poll() goes on to tell of it. May come at any time, also twice. A store is ready without it.
     */
    void (*rewind)(void *self, uint8_t alt);
    /** A whole block has come; no work is going on. `data` stays valid until poll() says that the
     *  work is over, also when rewind() comes first. A read may have come before it whose data
     * stage the host has cut short.
     *  @return DFUKIT_STATUS_OK when the work has been started, else the bStatus to report. */
    uint8_t (*write)(void *self, uint16_t wBlockNum, const uint8_t *data, uint16_t n);
    /** The host says that this was all. Asks only, starts nothing; may be asked again.
     *  @return OK, or DFUKIT_STATUS_NOTDONE. */
    uint8_t (*finish)(void *self);
    /** Start to manifest: check what came and make it valid. Work goes on in poll(); that of the
     *  last block may not be over yet when there are two block buffers. The first poll() after it
     *  belongs to the answer to a GETSTATUS, and must be as short as any; later ones may take as
     *  long as the time that it has told. */
    void (*manifest)(void *self);
    /**
     * Go on with the work that write() or manifest() started, or that rewind() left to finish.
     * @return Milliseconds still to go, rounded up, an upper bound, below 2^24: bwPollTimeout. 0:
     *         nothing is left to do. Or a negated dfukit_status with which the work has failed:
     *         reported once; after rewind() only for data that was taken before the block given up.
     */
    int32_t (*poll)(void *self);
    /** Fill `to` with up to `n` bytes of block `wBlockNum`. Not called while work is going on. The
     *  last block may be asked for again, when its data stage was cut short.
     *  @return bytes given (fewer than `n`: this was the end), or a negated dfukit_status. */
    int32_t (*read)(void *self, uint16_t wBlockNum, uint8_t *to, uint16_t n);
    /** Is the firmware complete and may be run? Decides between appIDLE and dfuERROR/errFIRMWARE
     *  after a reset. */
    bool (*valid)(void *self);
} dfukit_store_ops;

/* ---- What the stores share ---- */

/** Erases, programs and reads back: one operation of the flash after the other. Private. */
typedef struct dfukit_writer {
    const dfukit_flash_ops *ops;
    void *flash; /**< handed to ops */
    const dfukit_region *region;
    uint8_t operation;    /**< what the flash does now */
    uint8_t fill;         /**< bytes in `unit` */
    uint16_t n;           /**< bytes at `data` that are neither in the flash nor in `unit` yet */
    uint16_t programming; /**< bytes that the flash programs now; 0 while it erases */
    const uint8_t *data;
    const uint8_t *source; /**< what the flash programs now */
    uint32_t offset;       /**< in the region, of the next byte to be programmed */
    uint32_t end;     /**< in the region, of the sector to be erased when `offset` gets there */
    uint8_t unit[64]; /**< a write unit that is not full yet */
} dfukit_writer;

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
 * erases each sector before the first byte for it, programs, reads back and compares. The end of a
 * download is filled up to a whole write unit with the erased value.
 *
 * Blocks must be numbered 0, 1, 2 … (65535 wraps to 0). What it reports: errADDRESS for a block out
 * of that order or past the region's end; errWRITE and errERASE where the region's permissions lack
 * DFUKIT_MAY_WRITE or _ERASE; errVENDOR for an upload without DFUKIT_MAY_READ; errNOTDONE for the
 * end of a download without data; errCHECK_ERASED for cells that are not blank after their sector
 * was erased; errVERIFY for bytes that read back differently; and whatever the flash reports of its
 * own (errERASE, errPROG …) and `accept` (errFILE, errTARGET, errFIRMWARE …).
 */
typedef struct dfukit_slot {
    const dfukit_slot_config *config;
    uint32_t length; /**< bytes that have come in this download; the end of the block given last */
    uint16_t next_block;
    uint8_t alt;
    uint8_t manifest;     /**< private: how far manifestation is */
    bool reading;         /**< a block was asked for since rewind() */
    dfukit_writer writer; /**< .offset: while uploading, of the block given last */
} dfukit_slot;

/** The slot as a store: config->store of a plain DFU device. */
extern const dfukit_store_ops dfukit_slot_store;
/** Make a slot ready. `config` and `flash` (handed to the flash functions) must outlive it. */
void dfukit_slot_init(dfukit_slot *s, const dfukit_slot_config *config, void *flash);

/* ---- DfuSe: a store that is told addresses (AN3156) ---- */

/** What an alternate setting stands for. Constant. */
typedef struct dfukit_memory {
    const char *name;           /**< for its layout string: ASCII, without '/' */
    const dfukit_region *zones; /**< one at least, closed by one with sectors NULL; they do not
                                     overlap. A block may go on in a zone that follows at once */
} dfukit_memory;

/** What a DfuSe store is made of. Constant. */
typedef struct dfukit_dfuse_config {
    const dfukit_flash_ops *flash;
    const dfukit_memory *memories; /**< one per alternate setting */
    uint16_t wTransferSize; /**< as in the functional descriptor: the step of block numbers */
    /** Read Unprotect (0x92): start to erase everything and to lift the protection; busy() of the
     *  flash tells the end, if the chip lives to see it. @return dfukit_status. NULL: the command
     * is not offered. */
    uint8_t (*unprotect)(void *flash);
    uint32_t unprotect_us; /**< what that takes at most */
    /** The host wants the firmware at `address` (of the last Set Address) started; all is written.
     *  @return OK, or the bStatus to report (errFIRMWARE …): DFU mode stays. May be NULL: always.
     */
    uint8_t (*leave)(void *flash, uint32_t address);
    /** Is there firmware to run? May be NULL: always. */
    bool (*valid)(void *flash);
    uint32_t manifest_us; /**< what `leave` takes */
} dfukit_dfuse_config;

/**
 * A store that does what DfuSe hosts say. Wants dfukit_dfu_config.dfuse.
 *
 * Block 0 is a command: 0x21 and an address sets the pointer; 0x41 and an address erases the sector
 * that holds it (its start or any byte of it, as ST's own loaders do), 0x41 alone every sector of
 * the alternate setting that may be erased; 0x92 see above. Block 1 is reserved. Block n ≥ 2 are
 * bytes for pointer + (n - 2) × wTransferSize. An upload of block 0 lists the commands; of block
 * n ≥ 2 it reads there, up to the end of what may be read: a short block, or an empty one.
 *
 * Nothing is erased but on command. Where a region may be erased, cells must be blank before they
 * are programmed; where not (RAM, option bytes), data goes over what is there. Data may begin and
 * end anywhere, and cells beside it keep what they hold. A write unit is programmed once only: when
 * data ends in the midst of one, it waits for data that continues in it, whatever the address was
 * set to in between, and is programmed as soon as it is known that none comes: at a Set Address or
 * data elsewhere, any other command, the end, ABORT, SET_INTERFACE, an error, or a reset. A failure
 * of that is reported then, also after ABORT; but not after a reset, which ends DFU mode.
 *
 * The pointer is kept from one transfer to the next; another alternate setting puts it to the start
 * of its first zone.
 *
 * What it reports: errTARGET for addresses outside the alternate setting's zones, past 0xFFFFFFFF
 * too (as AN3156 has it); errVENDOR for an upload without DFUKIT_MAY_READ (AN3156: read
 * protection); errWRITE and errERASE where zones lack DFUKIT_MAY_WRITE or _ERASE, of a block of
 * which then nothing is written; errFILE for what is no DfuSe (ST's own loaders: errSTALLEDPKT):
 * unknown commands, those not offered, wrong lengths, block 1; errCHECK_ERASED for cells that are
 * not blank when they are to be programmed, or have been erased; errVERIFY for bytes that read back
 * differently; and whatever flash, `unprotect` and `leave` report of their own.
 */
typedef struct dfukit_dfuse {
    const dfukit_dfuse_config *config;
    uint8_t alt;
    uint8_t job; /**< private: what is at work */
    uint8_t manifest;
    bool mass;                  /**< the zones after `zone` are to be erased as well */
    uint16_t left;              /**< bytes that the writer has not been given yet … */
    uint32_t address;           /**< … and where the first of them goes */
    uint32_t pointer;           /**< of the last Set Address */
    const dfukit_region *zones; /**< of the alternate setting */
    const dfukit_region *zone;  /**< being erased, */
    uint32_t from, to;          /**< from this offset up to that one */
    dfukit_writer writer;
} dfukit_dfuse;

/** The same as a store: config->store of a DfuSe device. */
extern const dfukit_store_ops dfukit_dfuse_store;
/** Make it ready. `config` and `flash` (handed to the flash functions) must outlive it. */
void dfukit_dfuse_init(dfukit_dfuse *s, const dfukit_dfuse_config *config, void *flash);

/**
 * The memory-layout string of an alternate setting, "@Flash  /0x08000000/04*016Kg,01*064Kg": what
 * the interface's string descriptor has to say to DfuSe hosts. Zones without any permission are
 * left out. Spec: UM0424 §4.3.2.
 * @param to    The characters, without a zero byte at the end.
 * @param room  How many there is room for.
 * @return How many there are; 0 when there is no room for all of them (nothing of `to` counts).
 */
uint32_t dfukit_layout(const dfukit_memory *m, char *to, uint32_t room);
/** The same as a string descriptor (USB 2.0 §9.6.7). @param room  Bytes at `to`; of 255 only 254
 * are used, for 126 characters. @return bLength; 0 when it does not fit. */
uint8_t dfukit_layout_descriptor(const dfukit_memory *m, uint8_t *to, uint32_t room);

/* ---- Arithmetic of regions ---- */

/** Bytes in all sectors of a region; 0xFFFFFFFF when there are more. */
uint32_t dfukit_region_size(const dfukit_region *r);
/** The sector which holds `offset` (from the region's start).
 *  @return false beyond the end. *start and *size are in bytes from the region's start. */
bool dfukit_region_sector(const dfukit_region *r, uint32_t offset, uint32_t *start, uint32_t *size);
/** Where that sector ends, from the region's start; 0xFFFFFFFF beyond the end. */
uint32_t dfukit_region_sector_end(const dfukit_region *r, uint32_t offset);

#ifdef __cplusplus
}
#endif
#endif
