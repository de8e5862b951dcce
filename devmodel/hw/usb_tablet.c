/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The USB tablet: standard and HID requests on endpoint 0, reports on endpoint 1. */
#include "usb_tablet.h"

#include "string.h"

#define PACKET_0 64

/* bmRequestType << 8 | bRequest */
#define GET_STATUS_DEVICE    0x8000
#define GET_STATUS_INTERFACE 0x8100
#define GET_STATUS_ENDPOINT  0x8200
#define CLEAR_DEVICE_FEATURE 0x0001
#define SET_DEVICE_FEATURE   0x0003
#define CLEAR_HALT           0x0201
#define SET_HALT             0x0203
#define SET_ADDRESS          0x0005
#define GET_DESCRIPTOR       0x8006
#define GET_HID_DESCRIPTOR   0x8106
#define GET_CONFIGURATION    0x8008
#define SET_CONFIGURATION    0x0009
#define GET_INTERFACE        0x810a
#define SET_INTERFACE        0x010b
#define HID_GET_REPORT       0xa101
#define HID_GET_IDLE         0xa102
#define HID_GET_PROTOCOL     0xa103
#define HID_SET_IDLE         0x210a
#define HID_SET_PROTOCOL     0x210b

#define FEATURE_REMOTE_WAKEUP 1
#define CONFIG_REMOTE_WAKEUP  0xa0
#define HID_AT                18 /* the HID descriptor in the configuration */
#define HID_SIZE              9

static const uint8_t device_descriptor[] = {
	18,   1,    0x00, 0x02, 0,    0,    0, PACKET_0, /* USB 2.0 */
	0x27, 0x06, 0x01, 0x00, 0x00, 0x01,              /* 0627:0001, 1.0 */
	1,    2,    3,    1,                             /* strings; one configuration */
};

/* Five buttons, three bits of nothing, X and Y of 16 bits, the wheel. */
static const uint8_t report_descriptor[] = {
	0x05, 0x01, 0x09, 0x02, 0xa1, 0x01, /* generic desktop, mouse, application */
	0x09, 0x01, 0xa1, 0x00,             /* pointer, physical */
	0x05, 0x09, 0x19, 0x01, 0x29, 0x05, /* buttons 1 to 5 */
	0x15, 0x00, 0x25, 0x01, 0x75, 0x01, 0x95, 0x05, 0x81, 0x02, /* a bit each */
	0x75, 0x03, 0x95, 0x01, 0x81, 0x03,                         /* filled up */
	0x05, 0x01, 0x09, 0x30, 0x09, 0x31,                         /* X and Y */
	0x15, 0x00, 0x26, 0xff, 0x7f, 0x35, 0x00, 0x46, 0xff, 0x7f, /* 0 to 32767 */
	0x75, 0x10, 0x95, 0x02, 0x81, 0x02,                         /* absolute */
	0x09, 0x38, 0x15, 0x81, 0x25, 0x7f, 0x35, 0x00, 0x45, 0x00, /* the wheel, -127 to 127 */
	0x75, 0x08, 0x95, 0x01, 0x81, 0x06,                         /* relative */
	0xc0, 0xc0,
};

static const uint8_t config_descriptor[] = {
	9,        2,    34,   0,    1, 1, 0,    CONFIG_REMOTE_WAKEUP,
	50, /* one interface; 100 mA */
	9,        4,    0,    0,    1, 3, 0,    0,
	0, /* HID, no boot protocol, one endpoint */
	HID_SIZE, 0x21, 0x11, 0x01, 0, 1, 0x22, sizeof(report_descriptor),
	0,        7,    5,    0x81, 3, 8, 0,    10, /* interrupt in, 8 bytes, each 10 ms */
};

static const char *const strings[] = { "", "Zazen", "USB tablet", "1" };

/* ---- reports ---- */

/* A movement with the same buttons takes the place of one that waits. */
static bool replaces_newest(const struct usb_tablet *t, const uint8_t *report)
{
	const uint8_t *newest;

	if (!t->queued)
		return false;
	newest = &t->queue[(t->queued - 1) * TABLET_REPORT];
	return newest[0] == report[0] && !newest[5] && !report[5];
}

static void report_add(struct usb_tablet *t, const uint8_t *report)
{
	if (replaces_newest(t, report))
		t->queued--;
	else if (t->queued == TABLET_QUEUE)
		return;
	memcpy(&t->queue[t->queued * TABLET_REPORT], report, TABLET_REPORT);
	t->queued++;
	memcpy(t->last, report, TABLET_REPORT);
	t->last[5] = 0; /* the wheel turned once */
	t->news(t);
}

static unsigned clamp(int32_t value)
{
	return value < 0 ? 0 : value > INPUT_POINT_MAX ? INPUT_POINT_MAX : (unsigned)value;
}

static void receive(struct input_backend *b, const struct input_event *e)
{
	struct usb_tablet *t = b->client;
	uint8_t report[TABLET_REPORT];
	int32_t notches = e->y < -127 ? -127 : e->y > 127 ? 127 : e->y;

	memcpy(report, t->last, sizeof(report));
	if (e->kind == INPUT_BUTTON && e->code < INPUT_BUTTONS) {
		report[0] &= ~(1u << e->code);
		report[0] |= (unsigned)e->down << e->code;
	} else if (e->kind == INPUT_POINT) {
		report[1] = (uint8_t)clamp(e->x);
		report[2] = (uint8_t)(clamp(e->x) >> 8);
		report[3] = (uint8_t)clamp(e->y);
		report[4] = (uint8_t)(clamp(e->y) >> 8);
	} else if (e->kind == INPUT_WHEEL) {
		report[5] = (uint8_t)-notches; /* up is positive here */
	}
	/* Before somebody listens there is only the last place. */
	if (!t->configuration) {
		report[5] = 0;
		memcpy(t->last, report, sizeof(report));
	} else if (memcmp(report, t->last, sizeof(report))) {
		report_add(t, report);
	}
}

void usb_tablet_init(struct usb_tablet *t, struct input_backend *input)
{
	t->input = input;
	if (!input)
		return;
	input->client = t;
	input->receive = receive;
}

void usb_tablet_end(struct usb_tablet *t)
{
	if (t->input)
		t->input->receive = NULL;
}

void usb_tablet_reset(struct usb_tablet *t)
{
	t->address = t->new_address = 0;
	t->configuration = t->idle = 0;
	t->protocol = 1;
	t->remote_wakeup = t->halted = t->stalled = false;
	t->data_size = t->data_at = 0;
	t->queued = 0;
	memset(t->setup, 0, sizeof(t->setup));
}

/* ---- requests ---- */

static int answer(struct usb_tablet *t, const void *bytes, size_t n)
{
	t->data_size = (uint8_t)n;
	memcpy(t->data, bytes, n);
	return 0;
}

static int answer_byte(struct usb_tablet *t, uint8_t byte)
{
	return answer(t, &byte, 1);
}

static int answer_string(struct usb_tablet *t, unsigned index)
{
	static const uint8_t languages[] = { 4, 3, 0x09, 0x04 };
	size_t n;

	if (!index)
		return answer(t, languages, sizeof(languages));
	if (index >= ARRAY_LEN(strings))
		return USB_STALL;
	n = strlen(strings[index]);
	t->data[0] = (uint8_t)(2 + 2 * n);
	t->data[1] = 3;
	for (size_t i = 0; i < n; i++) {
		t->data[2 + 2 * i] = (uint8_t)strings[index][i];
		t->data[3 + 2 * i] = 0;
	}
	t->data_size = t->data[0];
	return 0;
}

static int answer_descriptor(struct usb_tablet *t, unsigned type, unsigned index)
{
	switch (type) {
	case 0x01: return answer(t, device_descriptor, sizeof(device_descriptor));
	case 0x02: return answer(t, config_descriptor, sizeof(config_descriptor));
	case 0x03: return answer_string(t, index);
	case 0x21: return answer(t, config_descriptor + HID_AT, HID_SIZE);
	case 0x22: return answer(t, report_descriptor, sizeof(report_descriptor));
	default: return USB_STALL;
	}
}

static int answer_status(struct usb_tablet *t, bool bit, unsigned shift)
{
	uint8_t status[2] = { (uint8_t)(bit << shift), 0 };

	return answer(t, status, sizeof(status));
}

static int set_feature(struct usb_tablet *t, unsigned feature, bool on)
{
	if (feature != FEATURE_REMOTE_WAKEUP)
		return USB_STALL;
	t->remote_wakeup = on;
	return 0;
}

static int set_configuration(struct usb_tablet *t, unsigned value)
{
	if (value > 1)
		return USB_STALL;
	t->configuration = (uint8_t)value;
	t->halted = false;
	t->queued = 0;
	return 0;
}

static int request(struct usb_tablet *t)
{
	unsigned value = t->setup[2] | t->setup[3] << 8;

	switch (t->setup[0] << 8 | t->setup[1]) {
	case GET_STATUS_DEVICE: return answer_status(t, t->remote_wakeup, 1);
	case GET_STATUS_INTERFACE: return answer_status(t, false, 0);
	case GET_STATUS_ENDPOINT: return answer_status(t, t->setup[4] == 0x81 && t->halted, 0);
	case SET_DEVICE_FEATURE: return set_feature(t, value, true);
	case CLEAR_DEVICE_FEATURE: return set_feature(t, value, false);
	case SET_HALT: t->halted = t->setup[4] == 0x81; return 0;
	case CLEAR_HALT: t->halted = false; return 0;
	case SET_ADDRESS: t->new_address = value & 0x7f; return 0;
	case GET_DESCRIPTOR:
	case GET_HID_DESCRIPTOR: return answer_descriptor(t, value >> 8, value & 0xff);
	case GET_CONFIGURATION: return answer_byte(t, t->configuration);
	case SET_CONFIGURATION: return set_configuration(t, value);
	case GET_INTERFACE: return answer_byte(t, 0);
	case SET_INTERFACE: return value ? USB_STALL : 0;
	case HID_GET_REPORT: return answer(t, t->last, TABLET_REPORT);
	case HID_GET_IDLE: return answer_byte(t, t->idle);
	case HID_SET_IDLE: t->idle = (uint8_t)(value >> 8); return 0;
	case HID_GET_PROTOCOL: return answer_byte(t, t->protocol);
	case HID_SET_PROTOCOL: t->protocol = value & 1; return 0;
	default: return USB_STALL;
	}
}

/* ---- transactions ---- */

int usb_tablet_setup(struct usb_tablet *t, const uint8_t *bytes, unsigned n)
{
	unsigned wanted;

	if (n != sizeof(t->setup))
		return USB_STALL;
	memcpy(t->setup, bytes, n);
	t->data_size = t->data_at = 0;
	t->new_address = t->address;
	t->stalled = request(t) < 0;
	wanted = t->setup[6] | (unsigned)t->setup[7] << 8;
	t->data_size = (uint8_t)MIN(t->data_size, wanted);
	return (int)n; /* a setup is never refused: what comes after it is */
}

static int control_in(struct usb_tablet *t, uint8_t *bytes, unsigned n)
{
	if (t->stalled)
		return USB_STALL;
	/* The status of a transfer to the device: only now it has its address. */
	if (!(t->setup[0] & 0x80)) {
		t->address = t->new_address;
		return 0;
	}
	n = MIN(n, (unsigned)PACKET_0);
	n = MIN(n, (unsigned)(t->data_size - t->data_at));
	memcpy(bytes, t->data + t->data_at, n);
	t->data_at += (uint8_t)n;
	return (int)n;
}

int usb_tablet_in(struct usb_tablet *t, unsigned endpoint, uint8_t *bytes, unsigned n)
{
	if (!endpoint)
		return control_in(t, bytes, n);
	if (endpoint != 1 || !t->configuration || t->halted)
		return USB_STALL;
	if (!t->queued)
		return USB_NAK;
	n = MIN(n, (unsigned)TABLET_REPORT);
	memcpy(bytes, t->queue, n);
	t->queued--;
	memmove(t->queue, t->queue + TABLET_REPORT, t->queued * TABLET_REPORT);
	return (int)n;
}

int usb_tablet_out(struct usb_tablet *t, unsigned endpoint, const uint8_t *bytes, unsigned n)
{
	return endpoint || t->stalled ? USB_STALL : (int)n;
}

bool usb_tablet_is_possible(const struct usb_tablet *t)
{
	return t->address < 128 && t->new_address < 128 && t->configuration <= 1 &&
	       t->data_size <= sizeof(t->data) && t->data_at <= t->data_size &&
	       t->queued <= TABLET_QUEUE;
}
