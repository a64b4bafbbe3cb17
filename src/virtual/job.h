/* SPDX-License-Identifier: MIT */
/* What a block has a virtual device do. */
#ifndef DFUKIT_VIRTUAL_JOB_H
#define DFUKIT_VIRTUAL_JOB_H

typedef enum dfukit_job {
    DFUKIT_JOB_NONE, /* a command that takes no time */
    DFUKIT_JOB_WRITE,
    DFUKIT_JOB_ERASE,
    DFUKIT_JOB_MASS_ERASE,
    DFUKIT_JOB_UNPROTECT
} dfukit_job;

#endif
