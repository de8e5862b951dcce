/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between the hypervisor and a guest's device model in ring 3: where things are in its address space, what it is entered for, what it may ask. Both are built from this
 * one header; the version says so.
 */
#ifndef BUS_DEVMODEL_ABI_H
#define BUS_DEVMODEL_ABI_H

/* For start.S, too. */
#define DEVMODEL_CALL_VECTOR    0xf2
#define DEVMODEL_CALL_NR_RETURN 0

#ifndef __ASSEMBLY__
#include "types.h"

#define DEVMODEL_ABI_VERSION 4u

/* ---- its address space: what is not here, or not there yet, is a fault ---- */
#define DEVMODEL_IMAGE       0x00400000ull /* as its ELF file says: code, constants, data */
#define DEVMODEL_IMAGE_END   0x02000000ull
#define DEVMODEL_HEAP        0x10000000ull /* zero pages at the first touch */
#define DEVMODEL_HEAP_SIZE   MIB(2)
#define DEVMODEL_STACK_END   0x20000000ull /* the same, downwards; each entry begins here */
#define DEVMODEL_STACK_SIZE  KIB(64)
#define DEVMODEL_SHARED      0x30000000ull /* struct devmodel_shared */
#define DEVMODEL_LINK        0x38000000ull /* struct devmodel_link, when the board has one */
#define DEVMODEL_VRAM        0x40000000ull
#define DEVMODEL_VRAM_MAX    MIB(512)
#define DEVMODEL_VRAM_HIDDEN KIB(64) /* behind what the guest sees of it: the display's own */
#define DEVMODEL_DISK(n)     (0x0000010000000000ull + (uint64_t)(n)*GIB(256)) /* memory disks */
#define DEVMODEL_DISK_MAX    GIB(256)
#define DEVMODEL_DISKS       4
#define DEVMODEL_GUEST       0x0000200000000000ull /* + gpa: the guest's RAM */
#define DEVMODEL_GUEST_MAX   0x0000100000000000ull

/* ---- why it is entered: the first argument; the result is that of DEVMODEL_CALL_RETURN ---- */
enum devmodel_entry {
	DEVMODEL_START,      /* once, before the guest runs. Result: 0, or a negative errno */
	DEVMODEL_PIO,        /* address, size, is_write, value. Result: the value read */
	DEVMODEL_MMIO,       /* the same */
	DEVMODEL_PIO_STRING, /* port, size, is_write, count: elements in shared.bulk. Result: 0 */
	DEVMODEL_EVENT,      /* bits of enum devmodel_event */
	DEVMODEL_RESET,      /* the guest restarts */
	/*
	 * A string instruction on memory: source, dest, size with DEVMODEL_STRING_DOWN, count. Source and dest are where the first element is; DEVMODEL_STRING_BULK: shared.bulk, where
	 * the elements are in the order of their addresses. Each element is read and written before the next. Result: 0
	 */
	DEVMODEL_MMIO_STRING,
	DEVMODEL_WAKE, /* the guest wakes from S3: what has lost its power begins anew. Result: 0 */
};

#define DEVMODEL_STRING_DOWN 0x100u /* the next element is the one below */
#define DEVMODEL_STRING_BULK UINT64_MAX

enum devmodel_event {
	DEVMODEL_EVENT_TIMER = 1 << 0,   /* DEVMODEL_CALL_TIMER's time has come */
	DEVMODEL_EVENT_CONSOLE = 1 << 1, /* characters for the serial line: shared.in */
	DEVMODEL_EVENT_FRAME = 1 << 2,   /* frames may have come: DEVMODEL_CALL_FRAME_RECEIVE */
	DEVMODEL_EVENT_POWER_BUTTON = 1 << 3,
	DEVMODEL_EVENT_SLEEP_BUTTON = 1 << 4,
	DEVMODEL_EVENT_SCREEN = 1 << 5, /* the text screen is wanted on the console */
	DEVMODEL_EVENT_LINK = 1 << 6,   /* the backend says: look at the link */
	DEVMODEL_EVENT_ALARM = 1 << 7,  /* the clock's alarm, while the guest sleeps */
	DEVMODEL_EVENT_WAKE = 1 << 8,   /* the tools wake a guest that sleeps */
};

/* ---- what it asks for: number in RAX, arguments in RDI, RSI, RDX, RCX, the answer in RAX ---- */
enum devmodel_call {
	DEVMODEL_CALL_RETURN,        /* (result): the entry is over. Does not return */
	DEVMODEL_CALL_NOW,           /* ns of the guest's time */
	DEVMODEL_CALL_TIMER,         /* (at_ns): the one timer; UINT64_MAX: off */
	DEVMODEL_CALL_ISA_IRQ,       /* (irq, level) */
	DEVMODEL_CALL_PCI_INTX,      /* (devfn, pin, level) */
	DEVMODEL_CALL_PCI_LINK,      /* (link, isa irq) */
	DEVMODEL_CALL_MSI,           /* (address, data) */
	DEVMODEL_CALL_PLACE,         /* (window, gpa, offset, length): VRAM in the guest's memory */
	DEVMODEL_CALL_PM_TIMER,      /* (port) */
	DEVMODEL_CALL_MACHINE,       /* (enum machine_event): takes effect when the entry is over */
	DEVMODEL_CALL_TEXT,          /* (kind, length): shared.text. Answer: bytes taken */
	DEVMODEL_CALL_FRAME_SEND,    /* (nic, length): shared.frame. Answer: 1, or 0: no room */
	DEVMODEL_CALL_FRAME_RECEIVE, /* (nic): into shared.frame. Answer: its length; 0: none */
	DEVMODEL_CALL_NOTIFY, /* (): the backend shall look at the link. Answer: 1, or 0: there is none now */
	DEVMODEL_CALL_VRAM_WRITTEN, /* (): what the guest wrote in its windows goes into the link's written[] */
	DEVMODEL_CALL_POLLED, /* (): in an access to a port: the guest asks again and again for what an event will bring, its vcpu may sleep until there is one. Answer: 0 */
	DEVMODEL_NR_CALLS
};

/* Kinds of DEVMODEL_CALL_TEXT. */
enum devmodel_text {
	DEVMODEL_TEXT_LOG,
	DEVMODEL_TEXT_SERIAL,
	DEVMODEL_TEXT_DEBUG,
	DEVMODEL_TEXT_SCREEN,
	DEVMODEL_NR_TEXTS
};

/* ---- the board, as the guest's description says ---- */
enum devmodel_drive_kind { DEVMODEL_DRIVE_NONE, DEVMODEL_DRIVE_DISK, DEVMODEL_DRIVE_CDROM };

struct devmodel_drive {
	uint32_t kind; /* enum devmodel_drive_kind; a CD-ROM of no size is an empty drive */
	uint32_t read_only;
	uint64_t size; /* bytes: at DEVMODEL_DISK(n), or behind the link */
};

#define DEVMODEL_NICS 4
struct devmodel_nic {
	uint32_t present;
	uint8_t mac[6], reserved[2];
};

struct devmodel_board {
	uint32_t version;   /* DEVMODEL_ABI_VERSION */
	uint32_t vram_size; /* a power of two, and DEVMODEL_VRAM_HIDDEN */
	uint64_t guest_end; /* no RAM from this gpa on */
	struct devmodel_drive drives[DEVMODEL_DISKS];
	struct devmodel_nic nics[DEVMODEL_NICS];
	uint32_t nr_serials; /* 0 to 4; the first one is the console */
	uint32_t has_tablet;
	uint32_t has_link; /* drives, interfaces, serial lines and the screen are the link's */
	uint32_t
		may_unplug; /* the guest can have the devices of Xen's unplug protocol taken away: there are PV ones */
};

#define DEVMODEL_BULK  4096
#define DEVMODEL_TEXT  4096
#define DEVMODEL_FRAME 16384
#define DEVMODEL_IN    4096

/* Shared memory. The hypervisor reads nothing here twice and believes nothing. */
struct devmodel_shared {
	struct devmodel_board board; /* read-only by agreement: START reads it */
	uint32_t in_length;          /* DEVMODEL_EVENT_CONSOLE: bytes in in[] */
	uint8_t in[DEVMODEL_IN];
	uint8_t bulk[DEVMODEL_BULK] __attribute__((aligned(64)));
	uint8_t text[DEVMODEL_TEXT];
	uint8_t frame[DEVMODEL_FRAME];
};
#define DEVMODEL_SHARED_SIZE align_up(sizeof(struct devmodel_shared), PAGE_SIZE)
_Static_assert((int)DEVMODEL_CALL_RETURN == DEVMODEL_CALL_NR_RETURN, "start.S");

#endif /* !__ASSEMBLY__ */

#endif
