/* SPDX-License-Identifier: MIT */
/* What faults do to how a device is made, appears, comes and goes. */
#include "fault_table.h"

/* ---- Acts: how it is made ---- */

/* What the device does of its own accord already, or what no device here can do. */
void dfukit_act_nothing(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v, (void)e, (void)argument;
}

/* Fast, and says so. */
void dfukit_act_be_honest(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)e, (void)argument;
    v->timed = false;
    v->polls = false;
}

void dfukit_act_be_protected(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)e, (void)argument;
    v->is_protected = true;
}

/* Blocks as small as the bus allows, and memory for more of them than 65536: plain DFU counts on
 * from 0 then, while DfuSe has to set the address anew. */
void dfukit_act_wrap_blocks(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)e, (void)argument;
    v->product.functional.wTransferSize = DFUKIT_WRAP_TRANSFER_SIZE;
    v->product.max_packet_size0 = DFUKIT_WRAP_TRANSFER_SIZE;
    if (v->product.dialect == DFUKIT_DIALECT_PLAIN)
        v->memory_at_least = DFUKIT_WRAP_MEMORY;
}

/* ---- Acts: coming and going, and how it appears ---- */

void dfukit_act_renumber(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v, (void)argument;
    e->renumbers = true;
}

void dfukit_act_share_serial(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    const dfukit_persona *p = v->persona;

    (void)argument;
    e->appearance->identity.serial = e->dfu_mode ? p->dfu.serial : p->runtime.serial;
    e->appearance->raw_serial = p->raw_serial;
}

void dfukit_act_stay_away(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v, (void)argument;
    if (e->dfu_mode)
        e->delay_us = DFUKIT_NEVER;
}

void dfukit_act_return_in_runtime(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v, (void)argument;
    e->dfu_mode = false;
}

void dfukit_act_show_other_ids(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v, (void)argument;
    if (e->dfu_mode) {
        e->appearance->identity.idVendor = 0x0483;
        e->appearance->identity.idProduct = 0xDF11;
    }
}

void dfukit_act_announce_transfer_size(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v;
    e->appearance->functional.wTransferSize = (uint16_t)argument;
}

void dfukit_act_announce_length(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v;
    e->appearance->lies = true;
    e->appearance->functional_length = (uint8_t)argument;
}

/* A clear screen, a window title, a C1 control, a right-to-left override, a bell. */
void dfukit_act_command_terminal(dfukit_virtual *v, dfukit_event *e, uint32_t argument)
{
    (void)v, (void)argument;
    e->appearance->manufacturer = "\x1b[2J\x1b[HMallory";
    e->appearance->identity.product = "\x1b]0;owned\x07 Product\r\n";
    e->appearance->raw_serial = NULL;
    e->appearance->identity.serial = "SN\xc2\x9b"
                                     "31m\xe2\x80\xae"
                                     "1000";
    for (size_t n = 0; n < DFUKIT_PERSONA_ALTERNATES; n++) {
        if (e->appearance->alternates[n] != NULL)
            e->appearance->alternates[n] = "Flash\x1b[31m\x08\x7f";
    }
}
