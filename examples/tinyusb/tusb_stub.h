/* SPDX-License-Identifier: MIT */
/**
 * Stands for TinyUSB's own headers (tusb.h, device/usbd_pvt.h, device/dcd.h) so that this example
 * compiles without TinyUSB: only the names and signatures that it uses, nothing behind them. In a
 * firmware include "tusb.h", "device/usbd_pvt.h" and "device/dcd.h" in its place.
 */
#ifndef TUSB_STUB_H
#define TUSB_STUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CFG_TUD_ENDPOINT0_SIZE 64

enum {
    TUSB_DESC_DEVICE = 0x01,
    TUSB_DESC_CONFIGURATION = 0x02,
    TUSB_DESC_INTERFACE = 0x04,
    TUSB_DESC_INTERFACE_ASSOCIATION = 0x0B,
};

enum { TUSB_REQ_GET_STATUS = 0, TUSB_REQ_GET_INTERFACE = 10, TUSB_REQ_SET_INTERFACE = 11 };

/** When a class driver's control_xfer_cb is called. */
enum {
    CONTROL_STAGE_IDLE,
    CONTROL_STAGE_SETUP, /**< the request has come; false: stall */
    CONTROL_STAGE_DATA,  /**< its data stage is over; false: stall the status stage */
    CONTROL_STAGE_ACK,   /**< its status stage is over */
};

typedef enum { XFER_RESULT_SUCCESS = 0, XFER_RESULT_FAILED, XFER_RESULT_STALLED } xfer_result_t;

typedef enum {
    DCD_EVENT_INVALID = 0,
    DCD_EVENT_BUS_RESET = 1,
    DCD_EVENT_UNPLUGGED = 2,
} dcd_eventid_t;

typedef struct {
    uint8_t bmRequestType;
    uint8_t bRequest;
    uint16_t wValue;
    uint16_t wIndex;
    uint16_t wLength;
} tusb_control_request_t;

typedef struct {
    uint8_t bLength;
    uint8_t bDescriptorType;
    uint8_t bInterfaceNumber;
    uint8_t bAlternateSetting;
    uint8_t bNumEndpoints;
    uint8_t bInterfaceClass;
    uint8_t bInterfaceSubClass;
    uint8_t bInterfaceProtocol;
    uint8_t iInterface;
} tusb_desc_interface_t;

/* Members that a version has and this example does not use are left out here. */
typedef struct {
    const char *name;
    void (*init)(void);
    bool (*deinit)(void);
    void (*reset)(uint8_t rhport);
    uint16_t (*open)(uint8_t rhport, const tusb_desc_interface_t *desc_intf, uint16_t max_len);
    bool (*control_xfer_cb)(uint8_t rhport, uint8_t stage, const tusb_control_request_t *request);
    bool (*xfer_cb)(uint8_t rhport, uint8_t ep_addr, xfer_result_t result, uint32_t xferred_bytes);
    void (*sof)(uint8_t rhport, uint32_t frame_count);
} usbd_class_driver_t;

/* What the stack offers. */
bool tud_control_xfer(uint8_t rhport, const tusb_control_request_t *request, void *buffer,
                      uint16_t len);
bool tud_control_status(uint8_t rhport, const tusb_control_request_t *request);
void dcd_edpt_stall(uint8_t rhport, uint8_t ep_addr);
bool tud_disconnect(void);
bool tud_connect(void);
uint32_t tusb_time_millis_api(void);

/* What the stack calls. */
const usbd_class_driver_t *usbd_app_driver_get_cb(uint8_t *driver_count);
void tud_event_hook_cb(uint8_t rhport, uint32_t eventid, bool in_isr);
const uint8_t *tud_descriptor_device_cb(void);
const uint8_t *tud_descriptor_configuration_cb(uint8_t index);

#endif
