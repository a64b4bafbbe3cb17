/* SPDX-License-Identifier: MIT */
/* The state table of DFU 1.1, Annex A.2 (A.2.1 for state 0 up to A.2.11 for state 10): what a
 * device does with each request in each state. Events that are no requests (timers, bus reset,
 * finished flash work) are the device engine's. One row per state, one column per dfukit_input. */
#include "dfukit/protocol.h"

#define CELL(action, state) (uint8_t)(((unsigned)(action) << 4) | (unsigned)(state))

/* clang-format off */
/* Nothing is defined for the request: stall, dfuERROR with errSTALLEDPKT (Annex A.1). */
#define S        CELL(DFUKIT_DO_STALL_ERROR, DFUKIT_DFU_ERROR)
/* Stall only, and take the state named: run-time mode, and WAIT-RESET, which answers nothing. */
#define REFUSE(state)  CELL(DFUKIT_DO_STALL, state)
#define TO(state)      CELL(DFUKIT_DO_ACCEPT, state)
/* Forbidden by the text, common practice: ABORT in the SYNC states, questions while busy. */
#define LENIENT(state) CELL(DFUKIT_DO_LENIENT, state)
#define DETACH   CELL(DFUKIT_DO_DETACH, DFUKIT_APP_DETACH)
#define BLOCK    CELL(DFUKIT_DO_DNLOAD, DFUKIT_DNLOAD_SYNC)
#define END      CELL(DFUKIT_DO_DNLOAD_END, DFUKIT_MANIFEST_SYNC)
#define UPLOAD   CELL(DFUKIT_DO_UPLOAD, DFUKIT_UPLOAD_IDLE)
#define DNSYNC   CELL(DFUKIT_DO_SYNC_DNLOAD, DFUKIT_DNLOAD_IDLE)
#define MANSYNC  CELL(DFUKIT_DO_SYNC_MANIFEST, DFUKIT_DFU_IDLE)

#define R0       REFUSE(DFUKIT_APP_IDLE)
#define R8       REFUSE(DFUKIT_MANIFEST_WAIT_RESET)
#define S0       TO(DFUKIT_APP_IDLE)
#define S1       TO(DFUKIT_APP_DETACH)
#define S2       TO(DFUKIT_DFU_IDLE)
#define S3       TO(DFUKIT_DNLOAD_SYNC)
#define S5       TO(DFUKIT_DNLOAD_IDLE)
#define S6       TO(DFUKIT_MANIFEST_SYNC)
#define S9       TO(DFUKIT_UPLOAD_IDLE)
#define S10      TO(DFUKIT_DFU_ERROR)
#define L2       LENIENT(DFUKIT_DFU_IDLE)
#define L4       LENIENT(DFUKIT_DNBUSY)
#define L7       LENIENT(DFUKIT_MANIFEST)

const uint8_t dfukit_transitions[DFUKIT_STATE_COUNT][DFUKIT_INPUT_COUNT] = {
    /*                               DETACH  DNLOAD END  UPLOAD  STATUS   CLEAR  STATE  ABORT other */
    [DFUKIT_APP_IDLE] =             {DETACH, R0,    R0,  R0,     S0,      R0,    S0,    R0,   R0},
    [DFUKIT_APP_DETACH] =           {R0,     R0,    R0,  R0,     S1,      R0,    S1,    R0,   R0},
    [DFUKIT_DFU_IDLE] =             {S,      BLOCK, S,   UPLOAD, S2,      S,     S2,    S2,   S},
    [DFUKIT_DNLOAD_SYNC] =          {S,      S,     S,   S,      DNSYNC,  S,     S3,    L2,   S},
    [DFUKIT_DNBUSY] =               {S,      S,     S,   S,      L4,      S,     L4,    S,    S},
    [DFUKIT_DNLOAD_IDLE] =          {S,      BLOCK, END, S,      S5,      S,     S5,    S2,   S},
    [DFUKIT_MANIFEST_SYNC] =        {S,      S,     S,   S,      MANSYNC, S,     S6,    L2,   S},
    [DFUKIT_MANIFEST] =             {S,      S,     S,   S,      L7,      S,     L7,    S,    S},
    [DFUKIT_MANIFEST_WAIT_RESET] =  {R8,     R8,    R8,  R8,     R8,      R8,    R8,    R8,   R8},
    [DFUKIT_UPLOAD_IDLE] =          {S,      S,     S,   UPLOAD, S9,      S,     S9,    S2,   S},
    [DFUKIT_DFU_ERROR] =            {S,      S,     S,   S,      S10,     S2,    S10,   S,    S},
};
/* clang-format on */
