/* SPDX-License-Identifier: MIT */
/**
 * Nothing is left out silently: so many combinations are compared, so many cannot be, by which
 * rule, and so many rows of the transcription are about what can be.
 */
#ifndef DFUKIT_TESTS_TABLE_EXPECTED_H
#define DFUKIT_TESTS_TABLE_EXPECTED_H

#include "table/situation.h"

typedef struct expected_counts {
    unsigned long combinations;
    unsigned long request_rows, event_rows;
    unsigned long ruled_out[RULES];
} expected_counts;

// clang-format off
/* First the class alone, then through endpoint 0. */
static const expected_counts expected[BENCH_PRODUCTS][2] = {
    [BENCH_PLAIN] = {
        {62360, 148, 176, {
            [RULE_CANNOT_DOWNLOAD] = 160960,
            [RULE_CANNOT_UPLOAD] = 11904,
            [RULE_TOLERANT] = 8640,
            [RULE_NOT_MET] = 51352,
            [RULE_STATE_PROVES_USE] = 35216,
            [RULE_NO_WORK_HERE] = 9248,
            [RULE_NOT_MANIFESTED] = 352,
            [RULE_FAILURE_IS_AN_ERROR] = 26752,
            [RULE_DONE_AND_FAILED] = 2112,
            [RULE_NO_SETTING] = 10560,
            [RULE_NO_SETTING_AT_WORK] = 1280,
            [RULE_NO_WORK_TO_END] = 4608,
            [RULE_CHAPTER_9] = 1856,
        }},
        {64216, 148, 186, {
            [RULE_CANNOT_DOWNLOAD] = 160960,
            [RULE_CANNOT_UPLOAD] = 11904,
            [RULE_TOLERANT] = 8640,
            [RULE_NOT_MET] = 51352,
            [RULE_STATE_PROVES_USE] = 35216,
            [RULE_NO_WORK_HERE] = 9248,
            [RULE_NOT_MANIFESTED] = 352,
            [RULE_FAILURE_IS_AN_ERROR] = 26752,
            [RULE_DONE_AND_FAILED] = 2112,
            [RULE_NO_SETTING] = 10560,
            [RULE_NO_SETTING_AT_WORK] = 1280,
            [RULE_NO_WORK_TO_END] = 4608,
        }},
    },
    [BENCH_LOADER_ONLY] = {
        {47768, 125, 154, {
            [RULE_NO_RUNTIME] = 69120,
            [RULE_CANNOT_DOWNLOAD] = 139456,
            [RULE_CANNOT_UPLOAD] = 11904,
            [RULE_TOLERANT] = 8640,
            [RULE_NOT_MET] = 38776,
            [RULE_STATE_PROVES_USE] = 28400,
            [RULE_NO_WORK_HERE] = 9248,
            [RULE_NOT_MANIFESTED] = 352,
            [RULE_FAILURE_IS_AN_ERROR] = 21120,
            [RULE_DONE_AND_FAILED] = 2112,
            [RULE_NO_SETTING] = 3840,
            [RULE_NO_SETTING_AT_WORK] = 1280,
            [RULE_NO_WORK_TO_END] = 3712,
            [RULE_CHAPTER_9] = 1472,
        }},
        {49240, 125, 162, {
            [RULE_NO_RUNTIME] = 69120,
            [RULE_CANNOT_DOWNLOAD] = 139456,
            [RULE_CANNOT_UPLOAD] = 11904,
            [RULE_TOLERANT] = 8640,
            [RULE_NOT_MET] = 38776,
            [RULE_STATE_PROVES_USE] = 28400,
            [RULE_NO_WORK_HERE] = 9248,
            [RULE_NOT_MANIFESTED] = 352,
            [RULE_FAILURE_IS_AN_ERROR] = 21120,
            [RULE_DONE_AND_FAILED] = 2112,
            [RULE_NO_SETTING] = 3840,
            [RULE_NO_SETTING_AT_WORK] = 1280,
            [RULE_NO_WORK_TO_END] = 3712,
        }},
    },
    [BENCH_DOUBLE_BUFFER] = {
        {65864, 148, 182, {
            [RULE_CANNOT_DOWNLOAD] = 160960,
            [RULE_CANNOT_UPLOAD] = 11904,
            [RULE_TOLERANT] = 8640,
            [RULE_NOT_MET] = 51352,
            [RULE_STATE_PROVES_USE] = 35216,
            [RULE_NO_WORK_HERE] = 5680,
            [RULE_NOT_MANIFESTED] = 352,
            [RULE_FAILURE_IS_AN_ERROR] = 26752,
            [RULE_DONE_AND_FAILED] = 2112,
            [RULE_NO_SETTING] = 10560,
            [RULE_NO_SETTING_AT_WORK] = 1280,
            [RULE_NO_WORK_TO_END] = 4608,
            [RULE_CHAPTER_9] = 1920,
        }},
        {67784, 148, 192, {
            [RULE_CANNOT_DOWNLOAD] = 160960,
            [RULE_CANNOT_UPLOAD] = 11904,
            [RULE_TOLERANT] = 8640,
            [RULE_NOT_MET] = 51352,
            [RULE_STATE_PROVES_USE] = 35216,
            [RULE_NO_WORK_HERE] = 5680,
            [RULE_NOT_MANIFESTED] = 352,
            [RULE_FAILURE_IS_AN_ERROR] = 26752,
            [RULE_DONE_AND_FAILED] = 2112,
            [RULE_NO_SETTING] = 10560,
            [RULE_NO_SETTING_AT_WORK] = 1280,
            [RULE_NO_WORK_TO_END] = 4608,
        }},
    },
    [BENCH_DFUSE] = {
        {64728, 148, 176, {
            [RULE_CANNOT_DOWNLOAD] = 168896,
            [RULE_CANNOT_UPLOAD] = 11904,
            [RULE_TOLERANT] = 8640,
            [RULE_NOT_MET] = 53272,
            [RULE_STATE_PROVES_USE] = 37136,
            [RULE_NO_WORK_HERE] = 9248,
            [RULE_NOT_MANIFESTED] = 352,
            [RULE_FAILURE_IS_AN_ERROR] = 28160,
            [RULE_DONE_AND_FAILED] = 2112,
            [RULE_NO_SETTING] = 10560,
            [RULE_NO_SETTING_AT_WORK] = 1280,
            [RULE_NO_WORK_TO_END] = 4864,
            [RULE_CHAPTER_9] = 1920,
        }},
        {66648, 148, 186, {
            [RULE_CANNOT_DOWNLOAD] = 168896,
            [RULE_CANNOT_UPLOAD] = 11904,
            [RULE_TOLERANT] = 8640,
            [RULE_NOT_MET] = 53272,
            [RULE_STATE_PROVES_USE] = 37136,
            [RULE_NO_WORK_HERE] = 9248,
            [RULE_NOT_MANIFESTED] = 352,
            [RULE_FAILURE_IS_AN_ERROR] = 28160,
            [RULE_DONE_AND_FAILED] = 2112,
            [RULE_NO_SETTING] = 10560,
            [RULE_NO_SETTING_AT_WORK] = 1280,
            [RULE_NO_WORK_TO_END] = 4864,
        }},
    },
};
// clang-format on

#endif
