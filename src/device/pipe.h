/* SPDX-License-Identifier: MIT */
/* What the two halves of endpoint 0 share: packets in pipe.c, standard requests in chapter9.c. */
#ifndef DFUKIT_DEVICE_PIPE_H
#define DFUKIT_DEVICE_PIPE_H

#include "dfukit/device.h"

/*
 * Carry out a standard request. p->data, which is p->dfu->reply, becomes the answer where it is
 * another. @return its bytes, more than wLength perhaps; 0 where there is none; -1: stall, or it is
 * no standard request.
 */
int32_t dfukit_ep0_standard(dfukit_ep0 *p, const dfukit_setup *setup);
/* The same for a vendor request, from the set's list of replies. @return -1: there is none. */
int32_t dfukit_ep0_vendor(dfukit_ep0 *p, const dfukit_setup *setup);

/* The descriptors of this attachment. */
#define dfukit_ep0_set(p)                                                                          \
    (dfukit_config((p)->dfu)->descriptors != NULL ? dfukit_config((p)->dfu)->descriptors : (p)->set)

#endif
