/* SPDX-License-Identifier: MIT */
/**
 * A second, independent transcription of the state tables of DFU 1.1 Annex A.2, as plain data.
 *
 * Typed from a prose account of the specification, without sight of the table in the
 * implementation, so that a slip of the pen in either of the two shows as a difference. Its
 * vocabulary is its own for the same reason; only the names of states and attribute bits are
 * borrowed from dfukit/protocol.h.
 *
 * How to read it. One row says: in this state, on this request or event, provided that these bits
 * of bmAttributes are set and those clear, under this handling, when these facts hold and those do
 * not, the device reacts so. The order of rows has no meaning: for every combination of conditions
 * exactly one row applies (annex_a_complete_test.c counts them all).
 *
 * Why the rows of a cell are complete and do not contradict each other, without running anything:
 * a cell is either one row without any condition, or it is split on one condition into a row that
 * demands it and rows that demand its opposite (set/clear, strict/lenient, yes/no), and each part
 * may be split again in the same way. The conditions used, by cell:
 *   dfuIDLE, DNLOAD with data        CanDnload, then block done
 *   dfuIDLE, UPLOAD with length      CanUpload, then block done, then full frame
 *   dfuIDLE, ABORT; dfuERROR, CLRSTATUS                          block done
 *   dfuDNLOAD-SYNC, GETSTATUS        block done
 *   dfuDNLOAD-SYNC and dfuMANIFEST-SYNC, ABORT; dfuDNBUSY, GETSTATUS and GETSTATE   handling
 *   dfuDNLOAD-IDLE, empty DNLOAD     store complete
 *   dfuMANIFEST-SYNC, GETSTATUS      manifestation done, then ManifestationTolerant
 *   dfuMANIFEST, GETSTATUS           handling, then manifestation failed
 *   dfuMANIFEST, GETSTATE            handling, then (strict only) manifestation failed
 *   dfuMANIFEST, all others; dfuERROR, every stalled request     manifestation failed
 *   dfuUPLOAD-IDLE, UPLOAD with length                           full frame
 *   appIDLE, DETACH                                              WillDetach
 * and for events: firmware good (power-on), firmware good and work left (bus reset in dfu states),
 * handling, configured and used (bus reset in dfuIDLE and dfuERROR), ManifestationTolerant,
 * WillDetach and work left (poll timeout in dfuMANIFEST), WillDetach (work done in
 * dfuMANIFEST-WAIT-RESET), configured and work left (SET_INTERFACE, SET_CONFIGURATION 1), other
 * setting (SET_CONFIGURATION 1). Every other cell is one row.
 *
 * What the rows take for granted: wIndex names the DFU interface, wLength does not exceed
 * wTransferSize, the device is configured (an unconfigured one stalls every class request and
 * changes nothing: annex_a_unconfigured). Chapter-9 requests other than SET_INTERFACE and
 * SET_CONFIGURATION, vendor requests and requests to other interfaces change nothing.
 * For requests with a data stage the next state is the one after that stage.
 */
// clang-format off
/*
 * Doubts: cells where the prose leaves a choice. The rows concerned carry the mark. "Corrected":
 * the comparison with the engine (engine_test.c) led to another reading than the first one; the
 * reason stands there.
 *  D1  appIDLE, GETSTATUS and GETSTATE are optional. Reading: answered; a device that stalls and
 *      stays in appIDLE conforms as well.
 *  D2  A request refused in appIDLE or appDETACH: the bStatus is not told. Reading: OK kept,
 *      because these two states are exempt from the rule that a refusal leads to dfuERROR.
 *  D3  dfuIDLE, first UPLOAD short: A.2.3 does not allow dfuIDLE in so many words (it knows only
 *      dfuUPLOAD-IDLE), section 6.2.1 ends the upload. Reading: dfuIDLE, strict and lenient alike.
 *  D4  dfuDNLOAD-SYNC and dfuMANIFEST-SYNC, lenient ABORT: nothing is said about flash work still
 *      running, and taking an ABORT while it runs is known as a defect class. Reading: accepted in
 *      any case, the device lets the work end or has not begun it. The other reading: refuse.
 *  D5  dfuDNLOAD-IDLE with CanDnload clear, dfuUPLOAD-IDLE with CanUpload clear: cannot be reached.
 *      Reading: no condition on the attribute bits, as the table has none.
 *  D6  dfuERROR, refused requests: a refusal sets errSTALLEDPKT, yet a failed manifestation stays
 *      errVERIFY (or its cause) until CLRSTATUS. Reading: the cause of a failed manifestation is
 *      kept, every other bStatus (errPROG, errFIRMWARE ...) is overwritten. The other reading: the
 *      first error is kept always. Corrected to this one: a host that asks GETSTATUS after a stall
 *      wants to know why, and there is no ground to keep the cause of a manifestation only.
 *  D7  dfuMANIFEST with a failure on record: a device may show dfuERROR at once (D12) and then
 *      never be here. Reading, if it is here: a refusal leads to dfuERROR with the cause of the
 *      failure, in lenient handling too; lenient GETSTATUS reports dfuERROR and the cause; lenient
 *      GETSTATE still shows dfuMANIFEST, since it never changes the state. The engine asks its
 *      store before it looks at a request, so that it is never here: it is held against the rows of
 *      dfuERROR when work has failed since it asked last.
 *  D8  dfuMANIFEST-WAIT-RESET: "no reply expected" may be silence, a stall without a change of
 *      state, or (one implementation) a refusal into dfuERROR. Reading: silence, state kept; a
 *      comparison should accept a stall that changes nothing as silence.
 *  D9  dfuMANIFEST, lenient GETSTATUS and GETSTATE, device not tolerant: it may stop answering.
 *      Reading: answered while it can.
 *  D10 Bus reset, lenient, device in dfuIDLE and not yet configured and used: hosts reset a device
 *      that has just attached, sometimes twice. Reading: such a reset does not leave DFU mode,
 *      whatever the firmware; in dfuERROR it stays when the firmware is good. In the other dfu
 *      states use is proven by the state, so the fact makes no difference there. Corrected, strict:
 *      there too such a reset does not count until the device was configured in this mode, since
 *      hosts that reset twice while they enumerate could not use it at all. Corrected once more:
 *      what counts is whether it is configured now. A host that has taken the configuration back,
 *      by SET_CONFIGURATION 0 or by a reset that did not count, begins anew: the resets that follow
 *      are those of an enumeration.
 *  D11 Bus reset and power-on with corrupt firmware: errUSBR and errPOR exist as well. Reading:
 *      errFIRMWARE.
 *  D12 Flash work fails: dfuERROR "reported at the next GETSTATUS" may mean a change at once or at
 *      that GETSTATUS. Reading: at once. In dfuERROR (work still running after a refusal) the cause
 *      replaces errSTALLEDPKT. In dfuMANIFEST-WAIT-RESET: dfuERROR too. Corrected for dfuERROR: the
 *      transfer was given up when that was entered, and the first error stands (D6).
 *  D13 Poll timeout elapsed with work left: the table names only the time. Reading: the state moves
 *      on all the same; dfuDNLOAD-SYNC and dfuMANIFEST-SYNC go back at the next GETSTATUS. Weakest
 *      where the device is not tolerant: dfuMANIFEST-WAIT-RESET with work left invites a reset in
 *      the middle of it. The other reading: stay in dfuMANIFEST until the work is done. A device
 *      that detaches itself does so only when the work is done. Corrected to the other reading
 *      where the device is not tolerant: nothing may invite a reset while the flash works.
 *  D14 SET_INTERFACE: "chapter-9 requests never change the DFU state" and "SET_INTERFACE returns to
 *      dfuIDLE" contradict each other. Reading: the second is the exception, strict and lenient. In
 *      dfuMANIFEST-WAIT-RESET: silence as for everything else. In dfuMANIFEST-SYNC only work that
 *      has begun counts as running. In application states it is accepted and changes nothing.
 *      Corrected for SET_CONFIGURATION in dfuMANIFEST-WAIT-RESET: acknowledged, state kept. The
 *      silence is about DFU; a host takes a refused configuration for a broken device.
 *  D15 SET_CONFIGURATION 1 "again" works as SET_INTERFACE 0. Reading: on a device that is
 *      configured; the first one, and one after SET_CONFIGURATION 0, keeps the state (a device that
 *      starts in dfuERROR must still be there for the host to see). Corrected: with work left it is
 *      acknowledged and keeps the state, since USB 2.0 section 9.4.7 knows no refusal of a
 *      configuration that exists; and after SET_CONFIGURATION 0 it acts when another setting than
 *      0 was in use, else a transfer would go on in the wrong memory.
 *  D16 SET_CONFIGURATION 0 while flash work runs: accepted, state kept; the prose has no exception.
 *  D17 appDETACH with WillDetach set: the device leaves by itself, perhaps before the timer ends.
 *      Reading: timer and reset mean the same as without WillDetach.
 *  D18 dfuDNLOAD-IDLE, empty DNLOAD too early: "stall, errNOTDONE". Reading: a refusal into
 *      dfuERROR with errNOTDONE in place of errSTALLEDPKT.
 *  D19 dfuIDLE and dfuERROR while flash work of an abandoned transfer is still running (a refusal
 *      in dfuDNBUSY, a cable pulled and put back): the tables do not foresee it. First reading: as
 *      without. Corrected: what would begin or end a transfer is refused; the flash and the buffer
 *      are in use, and GETSTATUS tells for how long. In dfuERROR the status stays as it is.
 *  D20 Bus reset while flash work runs: first reading by the firmware alone. Corrected: firmware
 *      that is being written is not good, and the flash cannot even be read; dfuERROR, errFIRMWARE.
 */
// clang-format on
#ifndef DFUKIT_TESTS_TABLE_ANNEX_A_H
#define DFUKIT_TESTS_TABLE_ANNEX_A_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dfukit/protocol.h"

/** Requests as the tables tell them apart. */
enum {
    ANNEX_A_DETACH,
    ANNEX_A_DNLOAD_DATA,    /**< wLength > 0 */
    ANNEX_A_DNLOAD_EMPTY,   /**< wLength = 0 */
    ANNEX_A_UPLOAD_LENGTH,  /**< wLength > 0 */
    ANNEX_A_UPLOAD_NOTHING, /**< wLength = 0 */
    ANNEX_A_GETSTATUS,
    ANNEX_A_CLRSTATUS,
    ANNEX_A_GETSTATE,
    ANNEX_A_ABORT,
    ANNEX_A_UNKNOWN,         /**< a class request to this interface with a bRequest DFU lacks */
    ANNEX_A_WRONG_DIRECTION, /**< any DFU request whose bmRequestType has the wrong direction */
    ANNEX_A_REQUESTS
};

/** What may happen besides. */
enum {
    ANNEX_A_BUS_RESET,
    ANNEX_A_POWER_ON,
    ANNEX_A_DETACH_TIMER, /**< the time of DETACH has elapsed without a reset */
    ANNEX_A_POLL_TIMEOUT, /**< the bwPollTimeout given last has elapsed */
    ANNEX_A_WORK_DONE,    /**< flash work for a block or a manifestation has succeeded */
    ANNEX_A_WORK_FAILED,
    ANNEX_A_SET_INTERFACE, /**< an alternate setting that exists */
    ANNEX_A_SET_INTERFACE_BAD,
    ANNEX_A_SET_CONFIGURATION_0,
    ANNEX_A_SET_CONFIGURATION_1,
    ANNEX_A_EVENTS
};

/** Handling: a mask of the two ways to build a device. */
enum { ANNEX_A_STRICT = 1, ANNEX_A_LENIENT = 2, ANNEX_A_BOTH = 3 };

/** Facts that requests depend on; they are independent bits. */
enum {
    ANNEX_A_BLOCK_DONE = 0x01,      /**< no flash work of a block received is going on */
    ANNEX_A_MANIFEST_DONE = 0x02,   /**< the manifestation is done */
    ANNEX_A_MANIFEST_FAILED = 0x04, /**< it failed, and neither CLRSTATUS has come since nor what
                                         acts like it: SET_INTERFACE, a reset, power-on */
    ANNEX_A_FULL_FRAME = 0x08,      /**< the answer to this UPLOAD is wLength bytes, not fewer */
    ANNEX_A_STORE_COMPLETE = 0x10,  /**< the store agrees that all data came */
    ANNEX_A_REQUEST_FACTS = 0x1F
};

/** Facts that events depend on. */
enum {
    ANNEX_A_USED = 0x01,          /**< a class request has been dealt with in this mode */
    ANNEX_A_CONFIGURED = 0x02,    /**< SET_CONFIGURATION 1 has been accepted and holds */
    ANNEX_A_GOOD = 0x04,          /**< the firmware is good; else corrupt */
    ANNEX_A_WORK_LEFT = 0x08,     /**< flash work has begun and is not finished */
    ANNEX_A_MET = 0x10,           /**< SET_CONFIGURATION 1 has come since this mode was entered,
                                       whatever has come after it */
    ANNEX_A_OTHER_SETTING = 0x20, /**< an alternate setting other than 0 was chosen, and has been in
                                       use until SET_CONFIGURATION 0, if that has come */
    ANNEX_A_EVENT_FACTS = 0x3F
};

/** Reaction on the control pipe. */
enum { ANNEX_A_NOT_ASKED, ANNEX_A_ACK, ANNEX_A_STALL, ANNEX_A_NO_REPLY };

/** bStatus afterwards. */
enum {
    ANNEX_A_OK_KEPT,   /**< it was OK and is OK */
    ANNEX_A_UNCHANGED, /**< whatever it was */
    ANNEX_A_CLEARED,   /**< OK now */
    ANNEX_A_TO_STALLEDPKT,
    ANNEX_A_TO_NOTDONE,
    ANNEX_A_TO_FIRMWARE,
    ANNEX_A_TO_CAUSE /**< the bStatus of the flash work that failed */
};

/** What else the device does. */
enum {
    ANNEX_A_NOTHING_ELSE,
    ANNEX_A_STARTS_TIMER, /**< of min(wTimeout, wDetachTimeOut) */
    ANNEX_A_LEAVES_BUS    /**< detaches and attaches by itself */
};

/** Where the row comes from. */
enum {
    ANNEX_A_VERIFIED,   /**< checked against the text of the document (A.2.1, A.2.2) */
    ANNEX_A_UNVERIFIED, /**< A.2.3 to A.2.11: known from others that cite it, not checked */
    ANNEX_A_PRACTICE,   /**< the document is silent or differs; what devices do */
    ANNEX_A_SILENT      /**< neither tells, or it cannot happen; the harmless reading */
};

/** `shows` where no state is shown. */
#define ANNEX_A_NO_STATE 0xFFu

typedef struct annex_a_row {
    uint8_t state;    /**< dfukit_state before */
    uint8_t cause;    /**< request or event */
    uint8_t set;      /**< bits of bmAttributes that must be set */
    uint8_t clear;    /**< bits of bmAttributes that must be clear */
    uint8_t handling; /**< ANNEX_A_STRICT, ANNEX_A_LENIENT or both */
    uint8_t yes;      /**< facts that must hold */
    uint8_t no;       /**< facts that must not hold */
    uint8_t reaction;
    uint8_t next; /**< dfukit_state after the reply or the data stage */
    uint8_t status;
    uint8_t shows; /**< bState in the reply to GETSTATUS or GETSTATE */
    uint8_t also;
    uint8_t basis;
} annex_a_row;

/** True when the row is about this state and cause and all its conditions are met. */
static inline bool annex_a_applies(const annex_a_row *row, unsigned state, unsigned cause,
                                   unsigned attributes, unsigned handling, unsigned facts)
{
    return row->state == state && row->cause == cause && (row->set & ~attributes) == 0 &&
           (row->clear & attributes) == 0 && (row->handling & handling) != 0 &&
           (row->yes & ~facts) == 0 && (row->no & facts) == 0;
}

/** The first row that applies, NULL when there is none. */
static inline const annex_a_row *annex_a_find(const annex_a_row *rows, size_t n, unsigned state,
                                              unsigned cause, unsigned attributes,
                                              unsigned handling, unsigned facts)
{
    for (size_t i = 0; i < n; i++) {
        if (annex_a_applies(&rows[i], state, cause, attributes, handling, facts)) {
            return &rows[i];
        }
    }
    return NULL;
}

// clang-format off

/* Conditions: set, clear, handling, yes, no. */
#define A_ALWAYS               0, 0, ANNEX_A_BOTH, 0, 0
#define A_SET(bit)             DFUKIT_##bit, 0, ANNEX_A_BOTH, 0, 0
#define A_CLEAR(bit)           0, DFUKIT_##bit, ANNEX_A_BOTH, 0, 0
#define A_SET_YES(bit, fact)   DFUKIT_##bit, 0, ANNEX_A_BOTH, ANNEX_A_##fact, 0
#define A_SET_NO(bit, fact)    DFUKIT_##bit, 0, ANNEX_A_BOTH, 0, ANNEX_A_##fact
#define A_CLEAR_YES(bit, fact) 0, DFUKIT_##bit, ANNEX_A_BOTH, ANNEX_A_##fact, 0
#define A_CLEAR_CLEAR_NO(a, b, fact) 0, DFUKIT_##a | DFUKIT_##b, ANNEX_A_BOTH, 0, ANNEX_A_##fact
#define A_SET_YES_YES(bit, a, b) DFUKIT_##bit, 0, ANNEX_A_BOTH, ANNEX_A_##a | ANNEX_A_##b, 0
#define A_SET_YES_NO(bit, in, out) DFUKIT_##bit, 0, ANNEX_A_BOTH, ANNEX_A_##in, ANNEX_A_##out
#define A_SET_CLEAR_NO(in, out, fact) DFUKIT_##in, DFUKIT_##out, ANNEX_A_BOTH, 0, ANNEX_A_##fact
#define A_YES(fact)            0, 0, ANNEX_A_BOTH, ANNEX_A_##fact, 0
#define A_NO(fact)             0, 0, ANNEX_A_BOTH, 0, ANNEX_A_##fact
#define A_YES_NO(in, out)      0, 0, ANNEX_A_BOTH, ANNEX_A_##in, ANNEX_A_##out
#define A_NO_NO(a, b)          0, 0, ANNEX_A_BOTH, 0, ANNEX_A_##a | ANNEX_A_##b
#define A_YES_NO_NO(in, a, b)  0, 0, ANNEX_A_BOTH, ANNEX_A_##in, ANNEX_A_##a | ANNEX_A_##b
#define A_YES_YES_NO(a, b, out) 0, 0, ANNEX_A_BOTH, ANNEX_A_##a | ANNEX_A_##b, ANNEX_A_##out
#define A_YES_YES(a, b)        0, 0, ANNEX_A_BOTH, ANNEX_A_##a | ANNEX_A_##b, 0
#define A_STRICT               0, 0, ANNEX_A_STRICT, 0, 0
#define A_STRICT_YES(fact)     0, 0, ANNEX_A_STRICT, ANNEX_A_##fact, 0
#define A_STRICT_NO(fact)      0, 0, ANNEX_A_STRICT, 0, ANNEX_A_##fact
#define A_LENIENT              0, 0, ANNEX_A_LENIENT, 0, 0
#define A_LENIENT_YES(fact)    0, 0, ANNEX_A_LENIENT, ANNEX_A_##fact, 0
#define A_LENIENT_NO(fact)     0, 0, ANNEX_A_LENIENT, 0, ANNEX_A_##fact
#define A_STRICT_YES_NO(in, out) 0, 0, ANNEX_A_STRICT, ANNEX_A_##in, ANNEX_A_##out
#define A_STRICT_YES_YES_NO(a, b, out) 0, 0, ANNEX_A_STRICT, \
                               ANNEX_A_##a | ANNEX_A_##b, ANNEX_A_##out
#define A_STRICT_YES_YES_YES(a, b, c) 0, 0, ANNEX_A_STRICT, \
                               ANNEX_A_##a | ANNEX_A_##b | ANNEX_A_##c, 0
#define A_LENIENT_YES_NO(in, out) 0, 0, ANNEX_A_LENIENT, ANNEX_A_##in, ANNEX_A_##out
#define A_LENIENT_YES_YES_NO(a, b, out) 0, 0, ANNEX_A_LENIENT, \
                               ANNEX_A_##a | ANNEX_A_##b, ANNEX_A_##out
#define A_LENIENT_YES_YES_YES_NO(a, b, c, out) 0, 0, ANNEX_A_LENIENT, \
                               ANNEX_A_##a | ANNEX_A_##b | ANNEX_A_##c, ANNEX_A_##out
#define A_LENIENT_YES_YES_YES_YES(a, b, c, d) 0, 0, ANNEX_A_LENIENT, \
                               ANNEX_A_##a | ANNEX_A_##b | ANNEX_A_##c | ANNEX_A_##d, 0

/* Outcomes: reaction, next, status, shows, also. */
#define A_TAKE(state, status)  ANNEX_A_ACK, DFUKIT_##state, ANNEX_A_##status, ANNEX_A_NO_STATE, \
                               ANNEX_A_NOTHING_ELSE
#define A_TAKE_AND(state, and) ANNEX_A_ACK, DFUKIT_##state, ANNEX_A_OK_KEPT, ANNEX_A_NO_STATE, \
                               ANNEX_A_##and
/* The reply shows the state that the device enters after it. */
#define A_TELL(state, status)  ANNEX_A_ACK, DFUKIT_##state, ANNEX_A_##status, DFUKIT_##state, \
                               ANNEX_A_NOTHING_ELSE
#define A_STALL(state, status) ANNEX_A_STALL, DFUKIT_##state, ANNEX_A_##status, ANNEX_A_NO_STATE, \
                               ANNEX_A_NOTHING_ELSE
/* "S" of the prose. */
#define A_REFUSE               A_STALL(DFU_ERROR, TO_STALLEDPKT)
#define A_SILENCE              ANNEX_A_NO_REPLY, DFUKIT_MANIFEST_WAIT_RESET, ANNEX_A_OK_KEPT, \
                               ANNEX_A_NO_STATE, ANNEX_A_NOTHING_ELSE
#define A_GO(state, status)    ANNEX_A_NOT_ASKED, DFUKIT_##state, ANNEX_A_##status, \
                               ANNEX_A_NO_STATE, ANNEX_A_NOTHING_ELSE
#define A_GO_AND(state, and)   ANNEX_A_NOT_ASKED, DFUKIT_##state, ANNEX_A_OK_KEPT, \
                               ANNEX_A_NO_STATE, ANNEX_A_##and

#define A_ROW(state, cause, when, does, basis) \
    { DFUKIT_##state, ANNEX_A_##cause, when, does, ANNEX_A_##basis }

#include "table/annex_a_requests.h"
#include "table/annex_a_events.h"

#undef A_ALWAYS
#undef A_SET
#undef A_CLEAR
#undef A_SET_YES
#undef A_SET_NO
#undef A_CLEAR_YES
#undef A_CLEAR_CLEAR_NO
#undef A_SET_YES_YES
#undef A_SET_YES_NO
#undef A_SET_CLEAR_NO
#undef A_YES
#undef A_NO
#undef A_YES_NO
#undef A_NO_NO
#undef A_YES_NO_NO
#undef A_YES_YES_NO
#undef A_YES_YES
#undef A_STRICT
#undef A_STRICT_YES
#undef A_STRICT_NO
#undef A_LENIENT
#undef A_LENIENT_YES
#undef A_LENIENT_NO
#undef A_STRICT_YES_NO
#undef A_STRICT_YES_YES_NO
#undef A_STRICT_YES_YES_YES
#undef A_LENIENT_YES_NO
#undef A_LENIENT_YES_YES_NO
#undef A_LENIENT_YES_YES_YES_NO
#undef A_LENIENT_YES_YES_YES_YES
#undef A_TAKE
#undef A_TAKE_AND
#undef A_TELL
#undef A_STALL
#undef A_REFUSE
#undef A_SILENCE
#undef A_GO
#undef A_GO_AND
#undef A_ROW

// clang-format on

#define ANNEX_A_REQUEST_ROWS (sizeof annex_a_requests / sizeof annex_a_requests[0])
#define ANNEX_A_EVENT_ROWS   (sizeof annex_a_events / sizeof annex_a_events[0])

#endif
