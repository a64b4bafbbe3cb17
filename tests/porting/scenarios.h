/* SPDX-License-Identifier: MIT */
/** What every port of the class must do, as cmocka tests; and the host's end that they use. */
#ifndef TESTS_PORTING_SCENARIOS_H
#define TESTS_PORTING_SCENARIOS_H

#include "bus.h"

/* clang-format off */
#define SCENARIOS                                                                                  \
    cmocka_unit_test(the_function_is_one_of_several),                                              \
    cmocka_unit_test(detach_leads_into_dfu_mode),                                                  \
    cmocka_unit_test(without_firmware_in_dfu_mode_at_once),                                        \
    cmocka_unit_test(a_firmware_of_any_length),                                                    \
    cmocka_unit_test(each_alternate_setting_is_a_memory),                                          \
    cmocka_unit_test(an_upload_ends_with_a_short_block),                                           \
    cmocka_unit_test(a_device_held_up_tells_the_right_time),                                       \
    cmocka_unit_test(abort_ends_a_download),                                                       \
    cmocka_unit_test(abort_ends_an_upload),                                                        \
    cmocka_unit_test(errors_are_told_and_cleared),                                                 \
    cmocka_unit_test(no_firmware_is_refused),                                                      \
    cmocka_unit_test(a_cut_data_stage_leaves_no_trace),                                            \
    cmocka_unit_test(too_long_a_block_stalls),                                                     \
    cmocka_unit_test(answers_are_no_longer_than_asked),                                            \
    cmocka_unit_test(a_block_too_early_is_an_error),                                               \
    cmocka_unit_test(unconfigured_keeps_the_state),                                                \
    cmocka_unit_test(a_reset_that_is_meant_ends_dfu_mode), \
    cmocka_unit_test(whatever_is_said_before), \
    cmocka_unit_test(this_projects_host_writes_and_reads)
/* clang-format on */

void the_function_is_one_of_several(void **state);
void detach_leads_into_dfu_mode(void **state);
void without_firmware_in_dfu_mode_at_once(void **state);
void a_firmware_of_any_length(void **state);
void each_alternate_setting_is_a_memory(void **state);
void an_upload_ends_with_a_short_block(void **state);
void a_device_held_up_tells_the_right_time(void **state);
void abort_ends_a_download(void **state);
void abort_ends_an_upload(void **state);
void errors_are_told_and_cleared(void **state);
void no_firmware_is_refused(void **state);
void a_cut_data_stage_leaves_no_trace(void **state);
void too_long_a_block_stalls(void **state);
void answers_are_no_longer_than_asked(void **state);
void a_block_too_early_is_an_error(void **state);
void unconfigured_keeps_the_state(void **state);
void a_reset_that_is_meant_ends_dfu_mode(void **state);
/* in hostile.c */
void whatever_is_said_before(void **state);
/* in session.c */
void this_projects_host_writes_and_reads(void **state);

/* ---- The host ---- */

/** What the host has read from the descriptors of the device as it is now. */
typedef struct host {
    uint16_t itf;
    uint8_t protocol, alternates;
    dfukit_functional functional;
} host;

/** Two resets, as hosts do; then descriptors and SET_CONFIGURATION 1. */
host enumerate(void);
/** Power on, with firmware, and into DFU mode by DFU_DETACH. */
host dfu_mode_host(void);
/** A class request to the DFU interface. @return bytes, or BUS_STALL. */
int request_out(const host *h, uint8_t bRequest, uint16_t wValue, const uint8_t *data, uint16_t n);
int request_in(const host *h, uint8_t bRequest, uint16_t wValue, uint8_t *to, uint16_t n);
/** GETSTATUS; no wait. */
dfukit_status_reply status_of(const host *h);
/** Fails unless the next GETSTATUS says so. */
void expect_status(const host *h, uint8_t bState, uint8_t bStatus);
/** DNLOAD, and GETSTATUS after each bwPollTimeout until the device is no longer busy. */
dfukit_status_reply download_block(const host *h, uint16_t block, const uint8_t *data, uint16_t n);
/** Every block of `bytes`, without the end. */
void download(const host *h, const uint8_t *bytes, uint16_t n);
/** The end of a download, up to dfuIDLE or, where the device detaches by itself, until it is back;
 *  then into DFU mode once more. */
void finish(host *h);
/** Bytes that differ from one block to the next, the first four a firmware's mark. */
void fill(uint8_t *bytes, uint16_t n, unsigned seed);

#endif
