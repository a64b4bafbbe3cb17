/* SPDX-License-Identifier: MIT */
/*
 * The stand-in for Zephyr's USB device stack, continued: control transfers to a class, as the
 * sources have them in 4.5, and in 4.4 with STUB_ZEPHYR_MINOR 4.
 *
 *  - A request to an interface goes to its class by wIndex's low byte, when configured. 4.5: with
 *    data towards the device control_to_dev is called without a buffer first, and an error stalls
 *    the data stage; then with what has come, and an error stalls the status stage. 4.4: only the
 *    latter, and errors are told through errno. What no buffer is large enough for never comes.
 */
#include "zephyr_stack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define POOL_SIZE 1024u /* of a control transfer's buffer */

static struct net_buf pool;

/* ---- Buffers ---- */

static struct net_buf *buffer(size_t size)
{
    static uint8_t bytes[POOL_SIZE];

    if (size > POOL_SIZE)
        return NULL;
    pool.data = bytes;
    pool.len = 0;
    pool.size = (uint16_t)size;
    return &pool;
}

struct net_buf *usbd_ep_ctrl_data_in_alloc(struct usbd_context *const uds_ctx, const size_t size)
{
    assert_ptr_equal(uds_ctx, stack_device());
    return buffer(size);
}

void *net_buf_add_mem(struct net_buf *buf, const void *mem, size_t len)
{
    uint8_t *to = buf->data + buf->len;

    assert_true(len <= (size_t)buf->size - buf->len);
    if (len != 0)
        memcpy(to, mem, len);
    buf->len = (uint16_t)(buf->len + len);
    return to;
}

/* ---- Requests ---- */

static struct usb_setup_packet setup_of(const dfukit_setup *s)
{
    const struct usb_setup_packet setup = {s->bmRequestType, s->bRequest, s->wValue, s->wIndex,
                                           s->wLength};

    assert_true(bus_present());
    return setup;
}

static struct usbd_class_data *addressed(const dfukit_setup *s)
{
    if (!stack_configured() || (s->bmRequestType & 0x7F) != 0x21)
        return NULL;
    return stack_class_of((uint8_t)s->wIndex, 0);
}

static bool to_dev(struct usbd_class_data *c, const struct usb_setup_packet *setup,
                   const struct net_buf *buf)
{
    int result;

    errno = 0;
    result = c->api->control_to_dev(c, setup, buf);
    assert_int_equal(kernel_locked(), 0);
#if STUB_ZEPHYR_MINOR < 5
    assert_int_equal(result, 0);
    result = errno;
#endif
    return result == 0;
}

/* @return how many of the `n` bytes have come before the device stalled or the host gave up. */
static bool data_out(struct usbd_class_data *c, const struct usb_setup_packet *setup,
                     const uint8_t *data, uint16_t n, struct net_buf **buf)
{
    if (STUB_ZEPHYR_MINOR >= 5 && !to_dev(c, setup, NULL))
        return false;
    *buf = buffer(setup->wLength);
    if (*buf == NULL)
        return false;
    for (uint16_t at = 0; at < n;) {
        uint16_t size = n - at < (int)BUS_PACKET ? (uint16_t)(n - at) : BUS_PACKET;

        net_buf_add_mem(*buf, data + at, size);
        at = (uint16_t)(at + size);
        kernel_run(1);
    }
    return true;
}

bool bus_out_cut(const dfukit_setup *s, const uint8_t *data, uint16_t n)
{
    const struct usb_setup_packet setup = setup_of(s);
    struct usbd_class_data *c = addressed(s);
    struct net_buf *buf = NULL;
    bool good;

    if (c == NULL || !data_out(c, &setup, data, n, &buf))
        return false;
    /* After a short packet the driver takes the data stage to be over. */
    good = n == 0 || n % BUS_PACKET == 0 || to_dev(c, &setup, buf);
    kernel_run(1);
    return good;
}

int bus_out(const dfukit_setup *s, const uint8_t *data)
{
    const struct usb_setup_packet setup = setup_of(s);
    struct usbd_class_data *c = addressed(s);
    struct net_buf *buf = NULL;

    if (c == NULL || (s->wLength != 0 && !data_out(c, &setup, data, s->wLength, &buf)))
        return BUS_STALL;
    if (!to_dev(c, &setup, buf))
        return BUS_STALL;
    kernel_run(1);
    return s->wLength;
}

static struct net_buf *to_host(struct usbd_class_data *c, const struct usb_setup_packet *setup)
{
    if (c->api->control_to_host == NULL)
        return NULL;
#if STUB_ZEPHYR_MINOR >= 5
    return c->api->control_to_host(c, setup);
#else
    struct net_buf *buf = buffer(setup->wLength);

    if (buf == NULL)
        return NULL;
    errno = 0;
    assert_int_equal(c->api->control_to_host(c, setup, buf), 0);
    return errno == 0 ? buf : NULL;
#endif
}

int bus_in(const dfukit_setup *s, uint8_t *to)
{
    const struct usb_setup_packet setup = setup_of(s);
    struct usbd_class_data *c = addressed(s);
    struct net_buf *buf;

    if (c == NULL)
        return BUS_STALL;
    if (s->wLength == 0) /* to this stack, that is no request towards the host */
        return to_dev(c, &setup, NULL) ? 0 : BUS_STALL;
    buf = to_host(c, &setup);
    assert_int_equal(kernel_locked(), 0);
    if (buf == NULL)
        return BUS_STALL;
    assert_true(buf->len <= s->wLength);
    kernel_run(buf->len / BUS_PACKET + 1u);
    memcpy(to, buf->data, buf->len);
    return buf->len;
}
