/* SPDX-License-Identifier: MIT */
/**
 * The host end: what a device's descriptors say, which device is meant, and the engine that
 * upgrades it. Sans-I/O: nothing here opens, sleeps or prints; memory comes from the allocator
 * passed to the constructor, and no function reads a clock. An engine belongs to one thread at a
 * time; engines share nothing.
 *
 * The engine is a pull machine:
 *
 *     while ((step = dfukit_host_next(h, now))->kind < DFUKIT_STEP_DONE)
 *         ... do what the step says, then dfukit_host_answer(h, result, now) ...
 */
#ifndef DFUKIT_HOST_H
#define DFUKIT_HOST_H

#include "dfukit/bus.h"
#include "dfukit/dfuse.h"
#include "dfukit/image.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- What a device says of itself (inspect.c) ---- */

/** Which of its two lives a device is in. Spec: DFU 1.1 §2. */
typedef enum dfukit_mode {
    DFUKIT_MODE_RUNTIME,
    DFUKIT_MODE_DFU,
    DFUKIT_MODE_UNKNOWN /**< DFU 1.0 descriptors do not tell: ask with DFU_GETSTATE */
} dfukit_mode;
/** "run-time", "dfu", "unknown": a string constant. */
const char *dfukit_mode_name(dfukit_mode mode);

#define DFUKIT_TEXT_SIZE 128u
#define DFUKIT_ALTS_MAX  32u

/** One alternate setting of the DFU interface: as a rule, one memory. */
typedef struct dfukit_alt {
    uint8_t number; /**< bAlternateSetting */
    uint8_t iInterface;
    char name[DFUKIT_TEXT_SIZE]; /**< UTF-8, sanitised; "" when unknown */
} dfukit_alt;

/* ---- Quirks as data (quirks.c) ---- */

/** What a quirk changes; `value` below is that of the row. */
typedef enum dfukit_quirk_effect {
    DFUKIT_QUIRK_NONE,            /**< known and measured: nothing has to be changed */
    DFUKIT_QUIRK_POLL,            /**< bwPollTimeout is bogus: `value` ms instead, always */
    DFUKIT_QUIRK_VERSION,         /**< bcdDFUVersion is `value`, whatever it says */
    DFUKIT_QUIRK_DFU_MODE,        /**< is in DFU mode, whatever bInterfaceProtocol says; with
                                       DFUKIT_QUIRK_ALONE: where it is 0 and there is but one
                                       interface */
    DFUKIT_QUIRK_NOT_DFU,         /**< is no DFU device, though it says so: a bystander */
    DFUKIT_QUIRK_SAME_IDS,        /**< shows the same IDs in both modes: the mode tells */
    DFUKIT_QUIRK_NO_UPLOAD,       /**< bitCanUpload is a lie */
    DFUKIT_QUIRK_TEXT_8BIT,       /**< the serial number's descriptor holds bytes, not UTF-16 */
    DFUKIT_QUIRK_MAP_FROM_SERIAL, /**< its memory map is wrong; the serial number tells the size */
    DFUKIT_QUIRK_MAP_TYPE_E, /**< an alternate named "@Device Feature": read and write, no erase */
    DFUKIT_QUIRK_LEAVE_MUTE, /**< leaves on the empty DNLOAD, without an answer to GETSTATUS */
    DFUKIT_QUIRK_DETACH_TO_LEAVE, /**< wants DETACH to go back to run-time mode */
    DFUKIT_QUIRK_NO_RESET,        /**< must not be reset to leave: it does so by itself */
    DFUKIT_QUIRK_NEEDS_RESET,     /**< waits in dfuMANIFEST-WAIT-RESET though it says it detaches */
    DFUKIT_QUIRK_RESET_PAUSE,     /**< wants `value` ms before it is reset */
    DFUKIT_QUIRK_RETURN,          /**< may be away for `value` ms after it has left */
    DFUKIT_QUIRK_MANIFEST_POLL,   /**< `value` ms between polls of the manifestation at least */
    DFUKIT_QUIRK_ZERO_POLLS,      /**< `value` BUSY answers with poll time 0 in a row: has hung */
    DFUKIT_QUIRK_MASS_ERASE,      /**< a mass erase may take `value` ms, whatever it says */
    DFUKIT_QUIRK_TRANSFER_MS,     /**< one control transfer may take `value` ms */
    DFUKIT_QUIRK_ERASE_STALLS,    /**< GETSTATUS is stalled while it erases, up to `value` times */
    DFUKIT_QUIRK_BUSY_WEDGE,      /**< hangs in dfuDNBUSY past its time: CLRSTATUS frees it */
    DFUKIT_QUIRK_STRICT_CLRSTATUS,    /**< stalls CLRSTATUS outside dfuERROR: nothing to be done */
    DFUKIT_QUIRK_UPLOAD_BEFORE_LEAVE, /**< wants one UPLOAD before it is reset */
    DFUKIT_QUIRK_ERASED_ZERO,         /**< erased memory reads 0x00 */
    DFUKIT_QUIRK_ENCRYPTED,           /**< takes vendor-encrypted or prefixed files only: say so */
    DFUKIT_QUIRK_EFFECT_COUNT
} dfukit_quirk_effect;

#define DFUKIT_QUIRK_ANY   0x10000u /**< of bcdDevice */
#define DFUKIT_QUIRK_ALONE 1u       /**< value of DFUKIT_QUIRK_DFU_MODE */

/** One row: which devices, what it changes, where that is documented. */
typedef struct dfukit_quirk {
    uint16_t idVendor;
    uint16_t pid_first, pid_last; /**< product IDs, inclusive */
    uint32_t bcdDevice;           /**< or DFUKIT_QUIRK_ANY */
    dfukit_quirk_effect effect;
    uint32_t value;
    const char *product; /**< whose: for people */
    const char *source;  /**< where the quirk was found: project and file, or thread */
} dfukit_quirk;

/** The n-th row of the table; NULL behind the last. A device may have several rows. */
const dfukit_quirk *dfukit_quirk_at(size_t n);
/** "poll", "version" …: the effect's name, for `dfu info` and documents; a string constant. */
const char *dfukit_quirk_effect_name(unsigned effect);

/** What was tolerated in a device's descriptors (bits of dfukit_target.oddities). */
enum {
    DFUKIT_ODD_NO_FUNCTIONAL = 1, /**< no functional descriptor: 1.0, no transfer size assumed */
    DFUKIT_ODD_TRANSFER_SIZE = 2, /**< wTransferSize 0 or above 65535/usable: replaced */
    DFUKIT_ODD_FUNCTIONAL_LENGTH = 4, /**< functional descriptor of a length never specified */
    DFUKIT_ODD_PROTOCOL = 8,          /**< bInterfaceProtocol contradicts the mode */
    DFUKIT_ODD_VERSION = 16,          /**< a bcdDFUVersion nobody published */
    DFUKIT_ODD_LENGTHS = 32,          /**< a descriptor that ends beyond the configuration */
    DFUKIT_ODD_ALTS = 64 /**< more than DFUKIT_ALTS_MAX alternate settings: rest ignored */
};

/** One DFU function of one device, in one mode. Self-contained: may be copied. */
typedef struct dfukit_target {
    char path[DFUKIT_PATH_SIZE];
    uint32_t devnum;
    dfukit_device_descriptor device;
    dfukit_mode mode;
    uint8_t configuration;        /**< bConfigurationValue */
    uint8_t interface;            /**< bInterfaceNumber */
    uint8_t interfaces;           /**< bNumInterfaces of the configuration */
    dfukit_functional functional; /**< wTransferSize as sent; use transfer_size */
    uint32_t transfer_size;       /**< usable: 1..65535 */
    unsigned oddities;            /**< DFUKIT_ODD_* */
    size_t alt_count;             /**< 1..DFUKIT_ALTS_MAX; 0: its descriptors could not be read */
    dfukit_alt alts[DFUKIT_ALTS_MAX];
    bool has_manufacturer, has_product, has_serial; /**< false: none, or it could not be read */
    char manufacturer[DFUKIT_TEXT_SIZE];            /**< UTF-8, sanitised, like the next two */
    char product[DFUKIT_TEXT_SIZE];
    char serial[DFUKIT_TEXT_SIZE];
    dfukit_error access; /**< DFUKIT_OK, or why strings and mode could not be asked for */
    uint32_t quirks;     /**< bit n: dfukit_quirk_effect n applies; already applied to the fields
                              above where it changes them */
} dfukit_target;

/** Does a quirk apply? @param value Out, may be NULL: the row's value; written when it does. */
bool dfukit_target_quirk(const dfukit_target *target, dfukit_quirk_effect effect, uint32_t *value);
/** Apply the table to what descriptors said; strings are not needed. dfukit_target_inspect() does
 *  this: for those who fill in a target by hand. */
void dfukit_target_apply_quirks(dfukit_target *target);
/** Is it DfuSe (bcdDFUVersion 1.1a, also byte-swapped, or by a quirk)? */
bool dfukit_target_is_dfuse(const dfukit_target *target);
/**
 * The memory map of alternate setting `index` (into alts), corrected where a quirk says so.
 * @return DFUKIT_OK, or DFUKIT_ERR_FORMAT: its name is no memory map.
 */
int dfukit_target_map(const dfukit_target *target, size_t index, dfukit_map *map);

/**
 * Find a DFU function in a device's descriptors. Strings stay empty, see session.h.
 * @param nth  0 for the first DFU interface, 1 for the second …
 * @return DFUKIT_OK, or DFUKIT_ERR_NO_DEVICE: there is none (any more).
 * Spec: DFU 1.1 §4.
 */
int dfukit_target_inspect(dfukit_target *target, const dfukit_entry *entry, unsigned nth);
/** "1.0", "1.1", "1.1a" (DfuSe), from bcdDFUVersion, tolerating 0101 and byte-swapped forms: a
 * string constant. */
const char *dfukit_target_version(const dfukit_target *target);
/** A run-time function that can neither download nor upload (cameras, Bluetooth adapters). */
bool dfukit_target_is_bystander(const dfukit_target *target);

/* ---- Choosing (select.c) ---- */

/** One pair of IDs; 0x10000 stands for "any", 0x10001 for "none": no device has it. */
typedef struct dfukit_ids {
    uint32_t vid, pid;
} dfukit_ids;
#define DFUKIT_ID_ANY  0x10000u
#define DFUKIT_ID_NONE 0x10001u

/** Which device is meant. All zero with has_* false: any. Texts are the caller's. */
typedef struct dfukit_selector {
    bool has_ids; /**< the device shows `ids` now (one pair), or has `ids` in run-time mode … */
    bool has_dfu_ids; /**< … and `dfu_ids` in DFU mode (two pairs) */
    dfukit_ids ids, dfu_ids;
    const char *serial;     /**< NULL: any */
    bool has_dfu_serial;    /**< `dfu_serial`, not `serial`, is that of the device in DFU mode */
    const char *dfu_serial; /**< NULL: any */
    const char *path;       /**< NULL: any */
    bool has_devnum, has_interface, has_configuration;
    uint32_t devnum; /**< the carrier's number, or its low 16 bits: that on its bus, any bus */
    uint8_t interface;
    uint8_t configuration; /**< bConfigurationValue; it is not set, only compared */
} dfukit_selector;

/**
 * Find the device that was `before` and has attached again: at the same path, else the only newly
 * arrived one with its serial number.
 * @param known   `known_count` devices that were there before it left: what attaches where one of
 *                them was is not a newcomer. Without `before`'s serial number nothing is.
 * @param index   Out: which of `now`; written on success.
 * @return DFUKIT_OK, DFUKIT_ERR_NO_DEVICE (not there yet) or DFUKIT_ERR_AMBIGUOUS.
 */
int dfukit_select_returned(const dfukit_target *now, size_t count, const dfukit_target *before,
                           const dfukit_target *known, size_t known_count, size_t *index);
bool dfukit_selector_matches(const dfukit_selector *s, const dfukit_target *t);
/**
 * Choose one target.
 * @param index  Out: which; written on success.
 * @return DFUKIT_OK, DFUKIT_ERR_NO_DEVICE, or DFUKIT_ERR_AMBIGUOUS. Bystanders never make a choice
 *         ambiguous; they are chosen only when the selector names them alone.
 */
int dfukit_select(const dfukit_target *targets, size_t count, const dfukit_selector *s,
                  size_t *index);

/* ---- The job ---- */

/** What a job is about. */
typedef enum dfukit_verb {
    DFUKIT_VERB_DETACH, /**< bring into DFU mode, leave in dfuIDLE */
    DFUKIT_VERB_WRITE,
    DFUKIT_VERB_READ,
    DFUKIT_VERB_VERIFY,
    DFUKIT_VERB_LEAVE,
    DFUKIT_VERB_STATUS, /**< ask for state and status, change nothing */
    DFUKIT_VERB_ERASE,  /**< DfuSe: pages of at/size, or everything (erase ALL) */
    DFUKIT_VERB_UNLOCK  /**< DfuSe: lift read protection, which erases everything */
} dfukit_verb;

/** What is erased before a write to a device with addresses. */
typedef enum dfukit_erase {
    DFUKIT_ERASE_PAGES, /**< the pages that are written to */
    DFUKIT_ERASE_ALL,   /**< the whole device, by its mass erase */
    DFUKIT_ERASE_NONE
} dfukit_erase;

/** Whether the device is read back after a write: AUTO where it can be without detaching it once
 *  more. */
typedef enum dfukit_verify {
    DFUKIT_VERIFY_AUTO,
    DFUKIT_VERIFY_ALWAYS,
    DFUKIT_VERIFY_NEVER
} dfukit_verify;
/** What becomes of the device at the end: run its firmware, be reset, or stay in DFU mode. */
typedef enum dfukit_then { DFUKIT_THEN_LEAVE, DFUKIT_THEN_RESET, DFUKIT_THEN_STAY } dfukit_then;

/** What is to be done. Zero means the default for every field. Pointers must outlive the engine. */
typedef struct dfukit_job {
    dfukit_verb verb;
    const dfukit_stream *stream; /**< WRITE, VERIFY on a device without addresses: the payload;
                                      NULL: it cannot be laid out, or is for DfuSe only */
    /* For devices with addresses (DfuSe): */
    const dfukit_image *image; /**< WRITE, VERIFY: the payload. READ: read just what it covers;
                                    NULL: at, size */
    bool unplaced;             /**< the image's format has no addresses and none was given: refused
                                    (ERR_USAGE), with an address suggested */
    dfukit_range range;        /**< only this part of the image's addresses; to 0: everything */
    bool has_at, has_size;     /**< READ, ERASE. READ without: the whole alternate setting from its
                                    lowest readable address without a gap */
    uint32_t at, size;         /**< READ, ERASE. For LEAVE `at` names the address to start at */
    dfukit_erase erase;        /**< WRITE; ERASE: ALL, or PAGES of at/size */
    bool confirmed; /**< the user has confirmed, beside `force`, what cannot be undone: OTP, read
                         protection level 2 */
    bool resets_device; /**< what is written makes the device reset (option bytes): gone is done */
    const dfukit_suffix *suffix; /**< IDs to be checked against the device; NULL: none */
    bool force;                  /**< go on when the suffix names another product */
    bool has_alt;                /**< alternate setting `alt`, or by name when alt_name is given */
    uint8_t alt;
    const char *alt_name; /**< the whole name, or that in front of its map: "Internal Flash" */
    dfukit_verify verify;
    dfukit_then then;
    uint32_t transfer_size; /**< 0: the device's */
    uint32_t timeout_ms;    /**< for everything together; 0: DFUKIT_TIMEOUT_DEFAULT_MS */
    uint32_t return_ms;     /**< how long the device may be away when it changes into DFU mode;
                                 0: 10 s and its wDetachTimeOut */
    uint32_t leave_ms;      /**< how long it is looked for when it has been sent to its firmware;
                                 0: 10 s, DfuSe 5 s */
    uint32_t read_limit;    /**< READ: stop after so many bytes; 0: DFUKIT_READ_LIMIT */
    unsigned batch;         /**< transfers that may be handed out at once; 0 and 1: one at a time */
    bool no_reset;          /**< the carrier cannot reset the bus: say so before anything is sent */
} dfukit_job;

#define DFUKIT_TIMEOUT_DEFAULT_MS 120000u
/** No device with plain DFU has more; an upload that does not end is cut here. */
#define DFUKIT_READ_LIMIT (256u * 1024u * 1024u)

/* ---- The plan for a device with addresses (plan.c) ---- */

/** A page that is erased. */
typedef struct dfukit_page {
    uint8_t alternate;
    uint32_t address, size;
} dfukit_page;

/** A run of bytes without a gap in one alternate setting: written, read or compared. */
typedef struct dfukit_run {
    uint8_t alternate;
    uint32_t address, size;
    const uint8_t *data; /**< NULL when reading */
} dfukit_run;

/** What will be done, before anything is. Pages are sorted and each stands once, whatever number
 *  of runs touch it; runs are sorted and joined. */
typedef struct dfukit_plan {
    dfukit_allocator allocator;
    size_t page_count, run_count;
    dfukit_page *pages; /**< owned; none with erase ALL or NONE, or where memory needs no erasing */
    dfukit_run *runs;   /**< owned */
    uint8_t *storage;   /**< owned; where runs of several elements were joined */
    bool mass_erase;    /**< by one command in each of `mass_alternates` */
    size_t mass_count;
    uint8_t mass_alternates[DFUKIT_ALTS_MAX];
    uint64_t erase_bytes, run_bytes; /**< erase_bytes: of pages; 0 with a mass erase */
    bool has_start;
    uint32_t start; /**< where the firmware is started on leaving: the image's lowest address in
                         the first ordinary memory; without an image job->at (LEAVE), else the
                       lowest ordinary address that can be written */
    uint8_t start_alternate; /**< the setting that has it */
    uint32_t beside;         /**< bytes in erased pages that no run covers: lost */
    unsigned oddities;       /**< DFUKIT_MAP_ODD_* met in the maps used */
} dfukit_plan;

/** Why there is no plan. */
typedef struct dfukit_plan_fault {
    int error;          /**< dfukit_error */
    const char *what;   /**< a clause; never NULL after a failure */
    const char *remedy; /**< may be NULL */
    bool has_address;
    uint32_t address;  /**< the first one that cannot be served, or the one suggested */
    uint8_t alternate; /**< whose, where one is concerned */
} dfukit_plan_fault;

/**
 * Work out what a job does to a DfuSe device in DFU mode: which alternate setting takes which bytes
 * (job's, the file's, else the one ordinary memory that holds the address), what is erased, what
 * is refused. Of a file with several alternate settings only that of the job is taken when it names
 * one; a file with one goes to whichever the job names. Used by the engine, and by whoever wants to
 * show it (--dry-run).
 * @return DFUKIT_OK, or fault->error: ERR_USAGE (no address; several settings hold it),
 *         ERR_REFUSED (option bytes, OTP, device feature not named; memory that cannot be written,
 *         erased, read), ERR_MISMATCH (addresses that the device does not have), ERR_EMPTY,
 *         ERR_NOMEM, ERR_DAMAGED (elements that overlap), ERR_PROTOCOL (the names of memories could
 *         not be read).
 */
int dfukit_plan_make(dfukit_plan *plan, const dfukit_job *job, const dfukit_target *target,
                     const dfukit_allocator *allocator, dfukit_plan_fault *fault);
/** Free what it owns; harmless on an all-zero plan. */
void dfukit_plan_free(dfukit_plan *plan);

/* ---- The engine ---- */

/** What the engine asks for; from DONE on it asks for nothing more. */
typedef enum dfukit_step_kind {
    DFUKIT_STEP_TRANSFERS, /**< carry out `transfers[0..count-1]` in order; a stall of one does not
                                stop those after it, anything else does */
    DFUKIT_STEP_CLAIM,     /**< claim `interface`; when `set_alternate`, select `alternate` */
    DFUKIT_STEP_WAIT,      /**< do nothing for `wait_ms` */
    DFUKIT_STEP_RESET,     /**< signal a bus reset; afterwards the device is as good as gone */
    DFUKIT_STEP_RETURN,    /**< release the device and wait up to `wait_ms` until it is back */
    DFUKIT_STEP_DONE,      /**< finished; terminal */
    DFUKIT_STEP_FAILED     /**< failed; terminal; see dfukit_host_outcome() */
} dfukit_step_kind;

/** In a RETURN step: how the device is to come back. */
typedef enum dfukit_return {
    DFUKIT_RETURN_DFU, /**< from run-time mode into DFU mode */
    DFUKIT_RETURN_APP, /**< from DFU mode into its firmware */
} dfukit_return;

/** What to do next; which members count follows from `kind`. */
typedef struct dfukit_step {
    dfukit_step_kind kind;
    dfukit_transfer *transfers; /**< the engine's; fill in their results */
    size_t count;
    uint8_t configuration, interface, alternate;
    bool set_alternate;
    uint32_t wait_ms;
    dfukit_return expected;
    bool must_depart; /**< RETURN: a device that is still there under its old devnum has not come
                         back */
} dfukit_step;

/** Where an upgrade stands: the four phases of the specification, and what surrounds them. */
typedef enum dfukit_phase {
    DFUKIT_PHASE_ENUMERATION,
    DFUKIT_PHASE_RECONFIGURATION,
    DFUKIT_PHASE_TRANSFER,
    DFUKIT_PHASE_MANIFESTATION,
    DFUKIT_PHASE_VERIFICATION,
    DFUKIT_PHASE_LEAVING,
    DFUKIT_PHASE_ERASURE, /**< before the transfer, where the host has it done (DfuSe) */
    DFUKIT_PHASE_COUNT
} dfukit_phase;
/** "enumeration", "reconfiguration", "transfer", "manifestation", "verification", "leaving",
 *  "erasure": a string constant. */
const char *dfukit_phase_name(unsigned phase);

/** How far a job is. */
typedef struct dfukit_progress {
    dfukit_phase phase;
    uint64_t done, total; /**< bytes in this phase; total 0: unknown or not in bytes */
} dfukit_progress;

/** How it ended, or stands now. Texts are constants, but for status_text. */
typedef struct dfukit_outcome {
    int error;          /**< dfukit_error; DFUKIT_OK when done */
    const char *what;   /**< what was being done or went wrong, a clause; never NULL */
    const char *remedy; /**< what the user can do; NULL when nothing is known */
    dfukit_phase phase; /**< where it failed */
    uint8_t request;    /**< dfukit_request asked last; 0xFF: none */
    bool has_status;    /**< the next four are meaningful */
    uint8_t bStatus, bState;
    char status_text[DFUKIT_TEXT_SIZE]; /**< the device's own text (iString), sanitised, or "" */
    uint32_t bwPollTimeout;
    uint32_t block;      /**< wBlockNum last used */
    uint64_t bytes;      /**< payload bytes written or read */
    bool verified;       /**< the device was read back and equals the file */
    bool confirmed;      /**< the device was seen running afterwards, or reported success itself */
    bool sent_back;      /**< the device was sent back to its firmware */
    bool overridden;     /**< the suffix names another product, and `force` went past it */
    uint64_t differs_at; /**< ERR_DIFFERS: first differing address */
    uint64_t
        differences;   /**< ERR_DIFFERS: bytes that differ, those missing on the device included */
    uint32_t requests; /**< DFU class requests sent */
    uint32_t round_trips; /**< steps of transfers: what they cost on a carrier that queues */
    bool has_address;     /**< DfuSe: `address` is that of the command or block last sent */
    uint32_t address;
    uint8_t command_count;    /**< DfuSe, STATUS: commands that the device offers, as far as it was
                                   asked: in dfuIDLE, where it can upload */
    uint8_t commands[16];     /**< DFUKIT_DFUSE_*; others too */
    uint64_t erased, skipped; /**< bytes; skipped: blank ones, left as the erasure left them */
} dfukit_outcome;

typedef struct dfukit_host dfukit_host;

/**
 * Make an engine for one job on one device.
 * @param job     Copied; what it points to is not.
 * @param target  Copied; as listed, strings read where possible.
 * @return NULL when out of memory. Release it with dfukit_host_free().
 */
dfukit_host *dfukit_host_new(const dfukit_job *job, const dfukit_target *target,
                             const dfukit_allocator *allocator);
/** Release; *h becomes NULL. */
void dfukit_host_free(dfukit_host **h);
/** What to do next. Asked twice it answers the same; valid until the next answer. `now_ms` must
 *  never go back. */
const dfukit_step *dfukit_host_next(dfukit_host *h, uint64_t now_ms);
/** The step has been carried out. TRANSFERS: 0, the results stand in the transfers. CLAIM, RESET:
 *  DFUKIT_OK or the error. WAIT: 0. RETURN: see dfukit_host_returned(). */
void dfukit_host_answer(dfukit_host *h, int result, uint64_t now_ms);
/** Answer to RETURN: the device as it is now (copied), or NULL: it was not seen in time, then with
 *  the reason (DFUKIT_ERR_LOST, DFUKIT_ERR_AMBIGUOUS, DFUKIT_ERR_ACCESS …). */
void dfukit_host_returned(dfukit_host *h, const dfukit_target *back, int reason, uint64_t now_ms);
/** Give up as soon as the device can be left in a state from which a write works again; the engine
 *  then goes on handing out the steps for that, and ends with DFUKIT_ERR_INTERRUPTED. */
void dfukit_host_cancel(dfukit_host *h);
dfukit_progress dfukit_host_progress(const dfukit_host *h);
/** Bytes which the last answer brought (READ); valid until the next answer. */
const uint8_t *dfukit_host_received(const dfukit_host *h, size_t *n);
const dfukit_outcome *dfukit_host_outcome(const dfukit_host *h);
/** The device as last seen: its identity and mode change on the way. */
const dfukit_target *dfukit_host_target(const dfukit_host *h);

#ifdef __cplusplus
}
#endif
#endif
