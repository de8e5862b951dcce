/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What stands behind a device: a disk image, a serial line, a network, a screen. The device's side is a client, called back in the device's turn (one call at a time); a
 * backend may call back before the call that caused it returns.
 */
#ifndef BUS_BACKEND_H
#define BUS_BACKEND_H

#include "types.h"

#define BLOCK_SECTOR 512u

enum block_op { BLOCK_READ, BLOCK_WRITE, BLOCK_FLUSH, BLOCK_DISCARD };

struct block_request {
	enum block_op op;
	uint64_t sector; /* of 512 bytes */
	uint32_t count;  /* sectors; not for a flush */
	bool fua;        /* a write that is on the medium when it is done */
	void *buffer;    /* count * 512 bytes of the device's own memory; it stays until done() */
	/* error 0, -EIO, -ENOSPC, -EROFS, -ENOMEDIUM */
	void (*done)(struct block_request *r, int error);
	/* the backend's */
	struct block_request *next;
	struct block_backend *backend;
};

struct block_backend {
	uint64_t sectors; /* 0: no medium */
	bool read_only;
	/* A request inside [0, sectors): each is answered exactly once. */
	void (*submit)(struct block_backend *b, struct block_request *r);
	/* The request is not wanted any more: it is answered (done() is called) before this returns. */
	void (*cancel)(struct block_backend *b, struct block_request *r);
	/*
	 * Memory of the backend's for its client's buffers, n bytes: what lies there is not copied on its way. NULL: there is none now, the client has its own. The client gives it back when it is done
	 * with it, and when it has cancelled a request with it, which may still be written to. The entries are NULL: there never is any.
	 * Others may write there at any time: what the client takes for its own it reads once.
	 */
	void *(*lend)(struct block_backend *b, size_t n);
	void (*take_back)(struct block_backend *b, void *p);
	/* For removable media: the guest locks or ejects. NULL: neither is told. */
	void (*lock)(struct block_backend *b, bool locked);
	void (*eject)(struct block_backend *b);
	/* The client's: the medium changed (sectors and read_only are the new ones), or somebody asks for it. NULL: nobody is told. */
	void (*changed)(struct block_backend *b);
	void (*eject_wanted)(struct block_backend *b);
	void *client;
};

/* Lines into a serial port, as its modem status register has them. */
#define CHAR_LINE_CTS 0x10
#define CHAR_LINE_DSR 0x20
#define CHAR_LINE_RI  0x40
#define CHAR_LINE_DCD 0x80

struct char_backend {
	/* How many of the bytes were taken; the rest when writable() is called. */
	size_t (*put)(struct char_backend *b, const uint8_t *bytes, size_t n);
	/* A serial line's: break, and the lines out of the port; NULL: nobody cares. */
	void (*set_break)(struct char_backend *b, bool on);
	void (*set_lines)(struct char_backend *b, bool dtr, bool rts);
	/* The client has room again. NULL: nothing ever comes. It may call receive() at once. */
	void (*room)(struct char_backend *b);
	/* The client's: takes as many as it has room for and says how many. */
	size_t (*receive)(struct char_backend *b, const uint8_t *bytes, size_t n);
	void (*receive_break)(struct char_backend *b);
	void (*writable)(struct char_backend *b);
	/* CHAR_LINE_ bits; NULL: not a serial port. */
	void (*lines_changed)(struct char_backend *b, uint8_t lines);
	void *client;
};

#define NET_FRAME_MAX 16384u

struct net_backend {
	uint8_t mac[6];
	/* A frame without its check sequence. false: no room now; writable() will be called. */
	bool (*send)(struct net_backend *b, const uint8_t *frame, size_t n);
	/* The client can take frames again after it refused one. */
	void (*room)(struct net_backend *b);
	bool link_up;
	/* The client's: false: no buffer now, room() will be called. */
	bool (*receive)(struct net_backend *b, const uint8_t *frame, size_t n);
	void (*writable)(struct net_backend *b);
	void (*link_changed)(struct net_backend *b);
	void *client;
};

/*
 * The memory of a display adapter. Windows are places where the guest writes it directly, with no exit: offset in the memory, length, guest address; all in pages.
 * place(): the window is there (and was nowhere else before) or, with length 0, nowhere. dirty(): which pages were written since the last call, one bit a page of the
 * window, true when one is set.
 */
enum { VRAM_WINDOW_LINEAR, VRAM_WINDOW_LEGACY, VRAM_WINDOWS };
struct vram_backend {
	uint8_t *bytes;
	uint32_t size; /* of all memory, a multiple of a page */
	void (*place)(struct vram_backend *b, unsigned window, uint64_t gpa, uint32_t offset,
	              uint32_t length);
	void *client;
};

#endif
