/* SPDX-License-Identifier: MIT */
/*
 * The USB/IP client: a handle's batch of control transfers on its connection. All submissions are
 * sent before any answer is awaited, so a batch costs one round trip. What a server sends is
 * believed only when it answers something that was asked; anything else ends the connection.
 */
#include "usbip.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define PACKETS_AT_ONCE 8u
/* transfer_flags of an IN transfer (Linux USBIP_URB_DIR_IN). */
#define FLAG_DIR_IN 0x0200u
/* What is read at once of data that nobody wants any more. */
#define WASTE_SIZE 1024u

/* ---- Ends ---- */

/* No more packets of this batch: every transfer gets its final result. */
static void batch_close(dfukit_handle *h)
{
    if (h->giving_up)
        dfukit_batch_fail(h->batch, h->failed, h->count, h->failure);
    h->base += (uint32_t)h->packets;
    h->batch = NULL;
}

/* The connection is of no use any more. A batch under way ends with `result`. */
static void disconnect(dfukit_handle *h, int result)
{
    if (h->fd >= 0)
        (void)close(h->fd);
    h->fd = -1;
    h->usbip->news = true;
    if (h->batch == NULL)
        return;
    if (!h->giving_up) {
        h->giving_up = true;
        h->failed = h->first;
        h->failure = result;
    }
    batch_close(h);
}

/* Cancel transfers [from, …) that were sent, and take what was not sent off the list. */
static void give_up_from(dfukit_handle *h, size_t failed, int result, size_t from)
{
    h->giving_up = true;
    h->failed = failed;
    h->failure = result;
    if (h->sent < h->submits)
        h->submits = h->sent + (h->offset > 0 ? 1 : 0);
    h->unlinked = h->submits > from ? h->submits - from : 0;
    h->packets = h->submits + h->unlinked;
    h->deadline_ms = dfukit_usbip_now_ms() + DFUKIT_USBIP_UNLINK_MS;
}

void dfukit_usbip_give_up(dfukit_handle *h, int result)
{
    if (h->batch != NULL && !h->giving_up)
        give_up_from(h, h->first, result, h->first);
}

static bool batch_finished(const dfukit_handle *h)
{
    if (!h->giving_up)
        return h->first == h->count;
    return h->unlinked == 0 && h->sent == h->packets && h->data_want == 0;
}

/* ---- Sending ---- */

/* The transfer that cancellation k of the batch is for: last first. */
static size_t unlink_target(const dfukit_handle *h, size_t k)
{
    return h->submits - 1 - (k - h->submits);
}

static void packet_header(const dfukit_handle *h, size_t k, uint8_t bytes[DFUKIT_USBIP_HEADER_SIZE])
{
    dfukit_usbip_header header = {.seqnum = h->base + (uint32_t)k, .devid = h->devid};

    if (k < h->submits) {
        const dfukit_transfer *t = &h->batch[k];
        bool in = dfukit_setup_is_in(&t->setup);

        header.command = DFUKIT_CMD_SUBMIT;
        header.direction = in ? DFUKIT_USBIP_DIR_IN : DFUKIT_USBIP_DIR_OUT;
        header.transfer_flags = in ? FLAG_DIR_IN : 0;
        header.length = t->setup.wLength;
        dfukit_setup_encode(&t->setup, header.setup);
    } else {
        header.command = DFUKIT_CMD_UNLINK;
        header.unlink_seqnum = h->base + (uint32_t)unlink_target(h, k);
    }
    dfukit_usbip_header_encode(&header, bytes);
}

static size_t packet_data(const dfukit_handle *h, size_t k)
{
    if (k >= h->submits || dfukit_setup_is_in(&h->batch[k].setup))
        return 0;
    return h->batch[k].setup.wLength;
}

/* Add bytes to a vector, but for the first *skip of all. sendmsg() does not write to them. */
static void gather(struct iovec *vector, size_t *used, const uint8_t *bytes, size_t n, size_t *skip)
{
    size_t left_out = *skip < n ? *skip : n;

    *skip -= left_out;
    if (n == left_out)
        return;
    vector[*used].iov_base = (uint8_t *)(uintptr_t)(bytes + left_out);
    vector[*used].iov_len = n - left_out;
    (*used)++;
}

/* Count off what was sent. */
static void account(dfukit_handle *h, size_t sent)
{
    h->offset += sent;
    while (h->sent < h->packets) {
        size_t whole = DFUKIT_USBIP_HEADER_SIZE + packet_data(h, h->sent);

        if (h->offset < whole)
            break;
        h->offset -= whole;
        h->sent++;
    }
}

static void send_packets(dfukit_handle *h)
{
    while (h->batch != NULL && h->sent < h->packets) {
        uint8_t headers[PACKETS_AT_ONCE][DFUKIT_USBIP_HEADER_SIZE];
        struct iovec vector[2 * PACKETS_AT_ONCE];
        struct msghdr message = {.msg_iov = vector};
        size_t used = 0;
        size_t skip = h->offset;
        ssize_t n;

        for (size_t i = 0; i < PACKETS_AT_ONCE && h->sent + i < h->packets; i++) {
            size_t k = h->sent + i;

            packet_header(h, k, headers[i]);
            gather(vector, &used, headers[i], DFUKIT_USBIP_HEADER_SIZE, &skip);
            if (packet_data(h, k) > 0)
                gather(vector, &used, h->batch[k].out, packet_data(h, k), &skip);
        }
        message.msg_iovlen = used;
        n = sendmsg(h->fd, &message, MSG_NOSIGNAL);
        if (n >= 0)
            account(h, (size_t)n);
        else if (errno == EAGAIN || errno == EWOULDBLOCK)
            return;
        else if (errno != EINTR)
            disconnect(h, DFUKIT_ERR_GONE);
    }
}

/* ---- Receiving ---- */

static int32_t result_of(int32_t status, uint32_t length)
{
    switch (status) {
    case 0:
        return (int32_t)length;
    case -DFUKIT_USBIP_EPIPE:
        return DFUKIT_ERR_STALL;
    case -DFUKIT_USBIP_ENODEV:
    case -DFUKIT_USBIP_ESHUTDOWN:
        return DFUKIT_ERR_GONE;
    case -DFUKIT_USBIP_ETIMEDOUT:
        return DFUKIT_ERR_TIMEOUT;
    default:
        return DFUKIT_ERR_IO;
    }
}

static void answered(dfukit_handle *h, size_t k, int32_t result)
{
    h->batch[k].result = result;
    if (h->giving_up)
        return;
    h->first = k + 1;
    if (h->first < h->count)
        h->deadline_ms = dfukit_usbip_now_ms() + h->batch[h->first].timeout_ms;
    if (result < 0 && result != DFUKIT_ERR_STALL)
        give_up_from(h, k, (int)result, k + 1);
}

/* Was this an answer that is allowed to be late? *good: it says no more than it may. */
static bool on_late(dfukit_handle *h, const dfukit_usbip_header *reply, bool *good)
{
    for (size_t i = 0; i < DFUKIT_USBIP_LATE; i++) {
        dfukit_late *late = &h->late[i];

        if (late->seqnum == 0 || late->seqnum != reply->seqnum)
            continue;
        *good = reply->length <= late->length;
        /* The answer to an OUT transfer counts bytes, but carries none. */
        h->waste = late->in ? reply->length : 0;
        late->seqnum = 0;
        return true;
    }
    return false;
}

/* A transfer's answer; false when nobody asked for it or it says more than it may. */
static bool on_submitted(dfukit_handle *h, size_t k, const dfukit_usbip_header *reply)
{
    const dfukit_transfer *t;

    if (h->batch == NULL || k >= h->submits || k >= h->sent)
        return false;
    if (!h->giving_up && k != h->first) /* one endpoint: answers come in order */
        return false;
    t = &h->batch[k];
    if (t->result != DFUKIT_ERR_AGAIN || reply->length > t->setup.wLength)
        return false;
    if (dfukit_setup_is_in(&t->setup) && reply->length > 0) {
        h->data_of = k;
        h->data_have = 0;
        h->data_want = reply->length;
        h->data_result = result_of(reply->status, reply->length);
    } else {
        answered(h, k, result_of(reply->status, reply->length));
    }
    return true;
}

static bool on_unlinked(dfukit_handle *h, size_t k, int32_t status)
{
    size_t target;

    if (h->batch == NULL || !h->giving_up || k < h->submits || k >= h->sent || h->unlinked == 0)
        return false;
    h->unlinked--;
    target = unlink_target(h, k);
    if (status == 0 && h->batch[target].result == DFUKIT_ERR_AGAIN) {
        const dfukit_setup *setup = &h->batch[target].setup;

        h->late[h->late_next] = (dfukit_late){
            .seqnum = h->base + (uint32_t)target,
            .in = dfukit_setup_is_in(setup),
            .length = setup->wLength,
        };
        h->late_next = (h->late_next + 1) % DFUKIT_USBIP_LATE;
    }
    return true;
}

static bool on_header(dfukit_handle *h)
{
    dfukit_usbip_header reply;
    bool good;
    size_t k;

    h->header_have = 0;
    if (dfukit_usbip_header_decode(h->header, &reply) != DFUKIT_OK)
        return false;
    k = (uint32_t)(reply.seqnum - h->base);
    if (reply.command == DFUKIT_RET_SUBMIT)
        return on_late(h, &reply, &good) ? good : on_submitted(h, k, &reply);
    return reply.command == DFUKIT_RET_UNLINK && on_unlinked(h, k, reply.status);
}

/* Take bytes that have come; false when they make no sense. */
static bool on_bytes(dfukit_handle *h, size_t n)
{
    if (h->waste > 0) {
        h->waste -= n;
        return true;
    }
    if (h->data_want > 0) {
        h->data_have += n;
        if (h->data_have == h->data_want) {
            h->data_want = 0;
            answered(h, h->data_of, h->data_result);
        }
        return true;
    }
    h->header_have += n;
    return h->header_have < DFUKIT_USBIP_HEADER_SIZE || on_header(h);
}

/* Where the next bytes belong, and how many are wanted. */
static uint8_t *next_bytes(dfukit_handle *h, uint8_t waste[WASTE_SIZE], size_t *room)
{
    if (h->waste > 0) {
        *room = h->waste < WASTE_SIZE ? h->waste : WASTE_SIZE;
        return waste;
    }
    if (h->batch != NULL && h->data_want > 0) {
        *room = h->data_want - h->data_have;
        return h->batch[h->data_of].in + h->data_have;
    }
    *room = DFUKIT_USBIP_HEADER_SIZE - h->header_have;
    return h->header + h->header_have;
}

static void receive(dfukit_handle *h)
{
    while (h->fd >= 0 && (h->batch == NULL || !batch_finished(h))) {
        uint8_t waste[WASTE_SIZE];
        size_t room;
        uint8_t *to = next_bytes(h, waste, &room);
        ssize_t n = recv(h->fd, to, room, 0);

        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return;
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            disconnect(h, DFUKIT_ERR_GONE);
        else if (!on_bytes(h, (size_t)n))
            disconnect(h, DFUKIT_ERR_IO);
    }
}

/* ---- The batch ---- */

static void batch_begin(dfukit_handle *h, dfukit_transfer *batch, size_t count)
{
    int refused = h->fd < 0 ? DFUKIT_ERR_GONE : DFUKIT_OK;

    for (size_t i = 0; i < count; i++) {
        batch[i].result = DFUKIT_ERR_AGAIN;
        if (!dfukit_transfer_valid(&batch[i]) && refused == DFUKIT_OK)
            refused = DFUKIT_ERR_IO;
    }
    if (refused != DFUKIT_OK) {
        dfukit_batch_fail(batch, 0, count, refused);
        return;
    }
    h->batch = batch;
    h->count = h->submits = h->packets = count;
    h->first = h->sent = h->offset = h->unlinked = 0;
    h->giving_up = false;
    h->deadline_ms = dfukit_usbip_now_ms() + batch[0].timeout_ms;
}

static void task_done(dfukit_handle *h, const dfukit_task *task)
{
    h->usbip->news = true;
    /* The device has attached anew: let go of it, so that it can be opened again. */
    if (task->kind == DFUKIT_TASK_RESET && task->result != DFUKIT_OK)
        disconnect(h, DFUKIT_ERR_GONE);
}

void dfukit_usbip_step(dfukit_handle *h)
{
    while (h->sequence.task != NULL) {
        const dfukit_task *task = h->sequence.task;
        dfukit_transfer *batch;
        size_t count;

        if (h->batch == NULL) {
            if (!dfukit_sequence_next(&h->sequence, &batch, &count)) {
                task_done(h, task);
                return;
            }
            batch_begin(h, batch, count);
            continue;
        }
        send_packets(h);
        if (h->batch == NULL)
            continue;
        if (!batch_finished(h))
            return;
        batch_close(h);
    }
}

short dfukit_usbip_events(const dfukit_handle *h, uint64_t *until_ms)
{
    *until_ms = h->batch != NULL ? h->deadline_ms : UINT64_MAX;
    return h->batch != NULL && h->sent < h->packets ? POLLIN | POLLOUT : POLLIN;
}

void dfukit_usbip_service(dfukit_handle *h, short revents)
{
    if (h->fd >= 0 && revents != 0)
        receive(h);
    if (h->batch != NULL && !batch_finished(h) && dfukit_usbip_now_ms() >= h->deadline_ms) {
        if (h->giving_up)
            disconnect(h, h->failure);
        else
            dfukit_usbip_give_up(h, DFUKIT_ERR_TIMEOUT);
    }
    dfukit_usbip_step(h);
}
