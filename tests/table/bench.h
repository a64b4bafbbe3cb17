/* SPDX-License-Identifier: MIT */
/**
 * A device on a scripted store, for the comparison with the transcription: the class alone, or
 * behind endpoint 0, driven packet by packet. Everything is done to it from outside, by requests,
 * events and time; a bench may be copied and copied back, so that a situation is led to only once.
 */
#ifndef DFUKIT_TESTS_TABLE_BENCH_H
#define DFUKIT_TESTS_TABLE_BENCH_H

#include "dfukit/device.h"

enum {
    BENCH_TRANSFER_SIZE = 64,
    BENCH_INTERFACE = 2, /**< the run-time number */
    BENCH_ALTERNATES = 3,
    BENCH_PACKET = 16,
    BENCH_DETACH_MS = 500,       /**< wTimeout of the DETACH on every road to DFU mode */
    BENCH_DETACH_MOST_MS = 1000, /**< wDetachTimeOut */
    BENCH_WORK_MS = 3000         /**< what work takes when it takes time: longer than a DETACH */
};

/** Products: what dfukit_dfu_config makes of the same table. */
typedef enum bench_product {
    BENCH_PLAIN,
    BENCH_LOADER_ONLY,
    BENCH_DOUBLE_BUFFER,
    BENCH_DFUSE,
    BENCH_PRODUCTS
} bench_product;

/** What the store answers, and what it was asked. */
typedef struct script {
    uint32_t left_us;  /**< of the work going on */
    uint32_t takes_us; /**< what the next write() or manifest() begins */
    uint8_t failure;   /**< of the work going on: poll() reports it once */
    bool fails;        /**< manifest() sets `failure` */
    bool abandoned;    /**< rewind() has come: a failure is not reported any more */
    bool at_start;     /**< nothing was written or read since */
    bool first;        /**< so it was when the last block was written or read */
    bool complete;     /**< finish() */
    bool good;         /**< valid() */
    bool full;         /**< read() gives all that it is asked for, else one byte fewer */
    bool refuses;      /**< read() fails */
    bool two_buffers;  /**< manifest() may come while a block's work goes on */
    unsigned rewinds, writes, reads, manifests;
    unsigned misuses; /**< calls that the contract in flash.h rules out */
    uint8_t alt;
    uint16_t block, n;
} script;

typedef struct bench {
    bool piped;  /**< through endpoint 0 */
    bool astray; /**< a road found that the device wished for something else */
    uint32_t now_ms;
    uint32_t detach_ms;      /**< when the last DETACH was sent */
    uint32_t detach_wait_ms; /**< the lesser one of its wTimeout and wDetachTimeOut */
    uint32_t told_at_ms;     /**< when the last GETSTATUS was answered */
    uint32_t told_ms;        /**< with this bwPollTimeout */
    script store;
    dfukit_dfu_config config;
    dfukit_dfu dfu;
    dfukit_ep0 pipe;
    uint8_t block[2 * BENCH_TRANSFER_SIZE];
} bench;

/** How a request went. */
typedef struct outcome {
    bool stalled;
    uint8_t early; /**< d->state when the SETUP was dealt with, before any data stage */
    uint16_t n;    /**< bytes that the device sent, or took */
    uint8_t bytes[BENCH_TRANSFER_SIZE];
} outcome;

/** A product with these bits of bmAttributes, not yet powered. */
void bench_make(bench *b, bench_product product, uint8_t attributes, bool strict, bool piped);
/** Power comes: the store's work is gone, its firmware is what `good` says. */
void bench_power_on(bench *b, bool good);
/** Come back after a detach, or after the cable was pulled out and in. */
void bench_attach(bench *b, bool dfu_mode);
void bench_bus_reset(bench *b);
void bench_elapse(bench *b, uint32_t ms);

/** A whole class request to the DFU interface. */
outcome bench_request(bench *b, uint8_t bmRequestType, uint8_t bRequest, uint16_t wValue,
                      uint16_t wLength);
/** The request of that name in its proper direction. */
outcome bench_ask(bench *b, dfukit_request request, uint16_t wValue, uint16_t wLength);
/** A GETSTATUS whose data stage never completes. */
void bench_cut_short_getstatus(bench *b);
/** @return false: stall. The class alone cannot refuse a SET_CONFIGURATION. */
bool bench_set_interface(bench *b, uint8_t alt);
bool bench_set_configuration(bench *b, uint8_t value);

#endif
