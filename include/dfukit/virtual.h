/* SPDX-License-Identifier: MIT */
/**
 * Devices made of software: the device engine on a flash with real geometry, timing and wear, in
 * the likeness of a product (a persona), with faults on request; and the USB/IP server that lends
 * them to any host. A device, with its clock and whatever serves it, belongs to one thread at a
 * time.
 */
#ifndef DFUKIT_VIRTUAL_H
#define DFUKIT_VIRTUAL_H

#include "dfukit/bus.h"
#include "dfukit/device.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Clocks (clock.c) ---- */

/** The system's monotonic clock. */
dfukit_clock dfukit_clock_real(void);
/** A clock that only sleeping advances. `now_us` is the caller's, and must outlive the clock. */
dfukit_clock dfukit_clock_virtual(uint64_t *now_us);

/* ---- Flash (flash.c) ---- */

/** A NOR flash made of software: programs bits to the non-erased value only, once for every write
 *  unit, aligned; takes its time; counts; loses power on request. */
typedef struct dfukit_vflash dfukit_vflash;
extern const dfukit_flash_ops dfukit_vflash_ops;
/** @param region  Geometry and times; must outlive the flash. @param timed false: work takes no
 * time. @return NULL when out of memory. */
dfukit_vflash *dfukit_vflash_new(const dfukit_region *region, const dfukit_clock *clock,
                                 bool timed);
void dfukit_vflash_free(dfukit_vflash **f);
/** Its cells; `*n` their number. Writable: tests and files may set them; valid
 *  as long as the flash. */
uint8_t *dfukit_vflash_cells(dfukit_vflash *f, uint32_t *n);
/** Erases and programs begun so far. */
uint32_t dfukit_vflash_operations(const dfukit_vflash *f);
/** Misuse that silicon would punish (double program, misaligned, across sectors): counted, refused.
 */
uint32_t dfukit_vflash_misuses(const dfukit_vflash *f);
/** How often the sector at `address` was erased. */
uint32_t dfukit_vflash_wear(const dfukit_vflash *f, uint32_t address);
/** Fail the operation with this number (counted from 1) with `status`, half done; 0: none.
 *  DFUKIT_STATUS_OK stands for the status that fits: errERASE or errPROG. */
void dfukit_vflash_fail_at(dfukit_vflash *f, uint32_t operation, uint8_t status);
/** Power fails: work under way stops where its time has brought it, the write unit it was at torn.
 */
void dfukit_vflash_cut(dfukit_vflash *f);

/* ---- Personas (persona.c) ---- */

/** How a product shows itself in one mode. */
typedef struct dfukit_identity {
    uint16_t idVendor, idProduct, bcdDevice;
    const char *product; /**< UTF-8 */
    const char *serial;  /**< UTF-8; NULL: none */
} dfukit_identity;

/** Which dialect a device speaks. */
typedef enum dfukit_dialect { DFUKIT_DIALECT_PLAIN, DFUKIT_DIALECT_DFUSE } dfukit_dialect;

/** Where the functional descriptor stands in a configuration. */
typedef enum dfukit_placement {
    DFUKIT_PLACED_BEHIND, /**< behind the interfaces: the usual place */
    DFUKIT_PLACED_BEFORE, /**< before the first interface, at configuration level */
    DFUKIT_PLACED_NOWHERE /**< there is none */
} dfukit_placement;

/** How a device leaves at the end of a download. */
typedef enum dfukit_leaving {
    DFUKIT_LEAVES_BY_TABLE,  /**< as the state table and bmAttributes have it */
    DFUKIT_LEAVES_ON_DNLOAD, /**< gone right after the empty DNLOAD */
    DFUKIT_LEAVES_ON_STATUS, /**< gone after the GETSTATUS that answered dfuMANIFEST */
    DFUKIT_LEAVES_ON_RESET   /**< dfuMANIFEST-WAIT-RESET until the host resets it */
} dfukit_leaving;

#define DFUKIT_PERSONA_ALTERNATES 8u

/** A header in front of the firmware without which a loader refuses it. */
typedef enum dfukit_prefix_need {
    DFUKIT_NEEDS_NO_PREFIX,
    DFUKIT_NEEDS_LPC_PREFIX
} dfukit_prefix_need;

/** A product, as data. All but the first lines may be zero: then it is as the specification says.
 */
typedef struct dfukit_persona {
    const char *name;        /**< as in `dfu virtual NAME` */
    const char *description; /**< one line */
    const char *source;      /**< where its descriptors and times were recorded; NULL: made up */
    const char *assumed;     /**< what of it is not recorded but usual in its family, or made up */
    const char *manufacturer;
    dfukit_identity runtime; /**< idVendor 0: it has no run-time mode of its own */
    dfukit_identity dfu;     /**< idVendor 0: it has no DFU mode (a bystander) */
    dfukit_functional functional;
    uint8_t max_packet_size0;
    const char *alternates[DFUKIT_PERSONA_ALTERNATES + 1]; /**< names of the alternate settings,
                                    closed by NULL; "": no string. DfuSe: the recorded map, as is */
    const dfukit_region *region; /**< PLAIN: firmware memory, the same in every alternate setting */
    /* DFUSE */
    dfukit_dialect dialect;
    /** One list of zones for each alternate setting, closed by a zone with sectors NULL. What they
     *  are follows from the names, as dfukit_map_kind has it: option bytes make it reset when they
     *  are written, OTP is programmed once and never erased. */
    const dfukit_region *zones[DFUKIT_PERSONA_ALTERNATES];
    bool can_unprotect; /**< offers 0x92 */
    bool no_mass_erase;
    /* How its descriptors differ from those the specification describes */
    const dfukit_functional *runtime_functional; /**< in run-time mode; NULL: `functional` */
    uint8_t functional_length;  /**< 7 or 9 whatever the version; 0: by the version */
    dfukit_placement placement; /**< in DFU mode */
    dfukit_placement runtime_placement;
    bool has_protocol; /**< `protocol` and `runtime_protocol` are bInterfaceProtocol */
    uint8_t protocol, runtime_protocol;
    uint8_t runtime_interface; /**< number of the DFU interface in run-time mode; 0: 1 */
    uint8_t runtime_class;     /**< bInterfaceClass of those before it; 0: vendor specific */
    const char *runtime_name;  /**< of the DFU interface in run-time mode; NULL: no string */
    uint16_t bcdUSB;           /**< 0: 0x0200 */
    const uint8_t *raw_serial; /**< a whole string descriptor sent as it is; NULL: from `dfu` */
    bool serial_shared;        /**< every unit that was made has this serial number */
    /* How it keeps time. All of it is nothing when the device is fast. */
    uint16_t busy_poll_ms; /**< bwPollTimeout while busy, whatever is left to do; 0: what is left */
    uint16_t erase_poll_ms;      /**< the same for an erase; 0: as busy_poll_ms */
    uint16_t mass_erase_poll_ms; /**< the same for a mass erase; 0: as erase_poll_ms */
    uint16_t idle_poll_ms;       /**< bwPollTimeout in dfuIDLE and dfuDNLOAD-IDLE */
    uint16_t manifest_ms;        /**< what manifestation takes */
    uint16_t leave_ms; /**< from the end of a request that makes it leave the bus, to leaving */
    bool restarts;     /**< leaves DFU mode by itself after manifestation, even though it says
                            that it is tolerant; answers dfuMANIFEST-WAIT-RESET until then */
    /* How it behaves */
    dfukit_leaving leaving;
    bool starts_in_error;      /**< dfuERROR with errFIRMWARE whenever it enters DFU mode anew */
    bool detach_to_leave;      /**< DETACH in dfuIDLE sends it back to run-time mode */
    dfukit_prefix_need prefix; /**< wants its vendor's prefix in front, else errFILE; what is
                                    stored has it in front, too */
    bool stays_put;            /**< has a run-time mode that never becomes DFU mode (bystander) */
} dfukit_persona;

/** The n-th persona, NULL after the last. */
const dfukit_persona *dfukit_persona_at(size_t n);
/** By name; NULL when there is none. */
const dfukit_persona *dfukit_persona_find(const char *name);

/* ---- Virtual devices (device.c, fault.c) ---- */

/** Ways to misbehave. `argument` is what stands behind NAME= ; its meaning is in the table's text.
 */
typedef struct dfukit_fault {
    int id; /**< from dfukit_fault_parse() */
    uint32_t argument;
} dfukit_fault;
#define DFUKIT_FAULTS_MAX 8u

/** The n-th fault's name and one line of text; false after the last. */
bool dfukit_fault_describe(size_t n, const char **name, const char **text);
/** Parse "NAME" or "NAME=ARG" (decimal or 0x…). A letter "a" to "p" stands for the misbehaviour of
 *  that letter in docs/PERSONAS.md. @return DFUKIT_OK or DFUKIT_ERR_USAGE. */
int dfukit_fault_parse(const char *text, dfukit_fault *out);
/** Has this persona what the fault is about (a dialect, a memory, a mode)? @param why Out, may be
 *  NULL: a clause that says what it lacks. */
bool dfukit_fault_applies(const dfukit_fault *fault, const dfukit_persona *persona,
                          const char **why);

/** All zero: as the persona is, timed. */
typedef struct dfukit_virtual_options {
    bool fast;          /**< erases and programs take no time */
    bool strict;        /**< the state table to the letter */
    const char *serial; /**< another serial number, in both modes; NULL: the persona's */
    const dfukit_identity *dfu_identity; /**< another identity in DFU mode; NULL: the persona's */
    uint32_t reattach_ms;                /**< time off the bus; 0: 100 ms, none when fast */
    size_t fault_count;
    dfukit_fault faults[DFUKIT_FAULTS_MAX];
} dfukit_virtual_options;

typedef struct dfukit_virtual dfukit_virtual;
/** A device, plugged in and in run-time mode. As shipped its flash holds a small made-up firmware
 * of length 0 ("unknown"), and bcdDevice is the persona's, 0x0100.
 *  @param persona  must outlive it. @param options NULL: all zero; copied, with its texts.
 *  @param clock copied. @return NULL when out of memory. */
dfukit_virtual *dfukit_virtual_new(const dfukit_persona *persona,
                                   const dfukit_virtual_options *options,
                                   const dfukit_clock *clock);
/** Unplug and free; *v becomes NULL. */
void dfukit_virtual_free(dfukit_virtual **v);
/** The device's end of the wire; valid as long as the device. */
dfukit_wire dfukit_virtual_wire(dfukit_virtual *v);
/** The memory that its firmware is in: of alternate setting 0, the first zone that may be written.
 *  The device owns it. */
dfukit_vflash *dfukit_virtual_flash(dfukit_virtual *v);
/** The memory (one zone) that holds `address` in an alternate setting; NULL: none does. */
dfukit_vflash *dfukit_virtual_flash_at(dfukit_virtual *v, uint8_t alternate, uint32_t address);
/** Look into the memory of an alternate setting, across its zones. @return Bytes copied to `to`:
 *  fewer than `n` where memory ends. */
size_t dfukit_virtual_peek(const dfukit_virtual *v, uint8_t alternate, uint32_t address,
                           uint8_t *to, size_t n);
/** Erases and programs begun so far, in all of its memories together. */
uint32_t dfukit_virtual_operations(const dfukit_virtual *v);
/** Bytes in all of its memories together. */
size_t dfukit_virtual_memory_size(const dfukit_virtual *v);
/** The engine inside, to look at; valid as long as the device. */
const dfukit_dfu *dfukit_virtual_engine(const dfukit_virtual *v);
/** Length of the firmware in it, 0 when unknown: as shipped, and once a download was interrupted.
 * An upload ends there, or with the memory; bcdDevice is 0x8000 | the low 15 bits of its CRC-32. */
uint32_t dfukit_virtual_firmware_size(const dfukit_virtual *v);
/** Save all memories and the firmware's length to a file (written aside and renamed), and load
 * them. Loading starts the device anew, as after power-on; when it fails, nothing has changed.
 *  @return DFUKIT_OK, DFUKIT_ERR_OUTPUT, DFUKIT_ERR_DAMAGED, DFUKIT_ERR_NO_DEVICE (no such file),
 *  DFUKIT_ERR_IO (it cannot be read), DFUKIT_ERR_NOMEM. */
int dfukit_virtual_save(const dfukit_virtual *v, const char *file);
int dfukit_virtual_load(dfukit_virtual *v, const char *file);
/** Pull the plug (false) or plug it in again (true: power-on; also brings back a device that has
 * left the bus and would not return). */
void dfukit_virtual_power(dfukit_virtual *v, bool on);

/* ---- Recordings played back (recording.c, replay.c) ---- */

/** A device that answers as a recording says, and notes where a host departs from it. */
typedef struct dfukit_replay dfukit_replay;
/**
 * Read a trace (docs/TRACE.md) and make the device in it: of several, the one that was used first.
 * Replies come at once; the device leaves and returns after as long as it took then.
 * @param text   `n` bytes, hostile; not kept. @param clock  Copied.
 * @param line, what  Out, may be NULL: where (counted from 1; 0: nowhere in particular) and why it
 *               was refused; `what` is a constant.
 * @return NULL when it is damaged, holds no device, or memory is short.
 */
dfukit_replay *dfukit_replay_new(const char *text, size_t n, const dfukit_clock *clock,
                                 size_t *line, const char **what);
/** Unplug and free; *r becomes NULL. */
void dfukit_replay_free(dfukit_replay **r);
/** The recorded device's end of the wire; valid as long as the replay. */
dfukit_wire dfukit_replay_wire(dfukit_replay *r);
/** Line at which a host first did something else than was recorded, 0 while it has not. Standard
 *  requests and DFU_GETSTATE, which change nothing, and bus resets do not count.
 *  @param what Out, may be NULL: what it did, for people; the replay's. */
size_t dfukit_replay_departed(const dfukit_replay *r, const char **what);
/** True when everything recorded has been asked for. @param line Out, may be NULL: else the first
 *  line that has not, 0. */
bool dfukit_replay_finished(const dfukit_replay *r, size_t *line);
/** How the device showed itself first: vendor, product, and its path then: the replay's
 *  text, valid as long as that. */
const char *dfukit_replay_device(const dfukit_replay *r, uint16_t *idVendor, uint16_t *idProduct);

/* ---- A device end on a wire (transfer.c) ---- */

/**
 * One whole control transfer through a device's endpoint 0, packet by packet: what
 * dfukit_wire_ops.control of anything with a dfukit_ep0 in it has to do.
 * @param packet_size  bMaxPacketSize0 of the bus: what the device's own descriptor says.
 * @param data         As dfukit_wire_ops.control.
 * @return Bytes of the data stage moved, or DFUKIT_ERR_STALL.
 */
int32_t dfukit_ep0_transfer(dfukit_ep0 *p, uint8_t packet_size, const dfukit_setup *setup,
                            uint8_t *data);

/* ---- The USB/IP server (server.c) ---- */

typedef struct dfukit_server dfukit_server;
/**
 * Serve devices over USB/IP.
 * @param listen  "ADDR:PORT", "[ADDR6]:PORT"; NULL: 127.0.0.1:3240. Port 0: any free one.
 * @param wires   Copied; busids are "1-1", "1-2" …
 * @param error   Out, may be NULL: DFUKIT_ERR_USAGE (address), DFUKIT_ERR_BUSY (in use), _IO,
 * _NOMEM.
 */
dfukit_server *dfukit_server_new(const char *listen, const dfukit_wire *wires, size_t count,
                                 const dfukit_clock *clock, int *error);
void dfukit_server_free(dfukit_server **s);
/** The port it listens on. */
uint16_t dfukit_server_port(const dfukit_server *s);
/** Serve for at most `timeout_ms`; returns after each burst of activity. */
void dfukit_server_work(dfukit_server *s, uint32_t timeout_ms);

#ifdef __cplusplus
}
#endif
#endif
