/* SPDX-License-Identifier: MIT */
/* What the two halves of endpoint 0 share: packets in pipe.c, standard requests in chapter9.c. */
#ifndef DFUKIT_DEVICE_PIPE_H
#define DFUKIT_DEVICE_PIPE_H

#include "dfukit/device.h"

/*
 * Carry out the standard request in p->setup. For an IN request p->data and p->left become the
 * answer; the caller cuts it to wLength. @return false: stall.
 */
bool dfukit_ep0_standard(dfukit_ep0 *p);
/* The same for a vendor request, from the set's list of replies. @return false: there is none. */
bool dfukit_ep0_vendor(dfukit_ep0 *p);

#endif
