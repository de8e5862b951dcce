/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The server and its thread. */
#include "screen.h"

#include "devmodel_link.h"
#include "frame.h"
#include "input.h"
#include "png_file.h"
#include "viewers.h"
#include "web.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <rfb/rfb.h>
#include <rfb/rfbregion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define VNC_PORT       5900u
#define FRAME_US       33000 /* a picture to viewers at most this often */
#define BLINK_MS       270
#define STILL_US       300000 /* no answer for so long: the guest stands still */
#define VIEWER_WAIT_MS 30000  /* the guard is earlier (viewers.c) */
#define NOVNC          "/usr/share/novnc"
#define START_WIDTH    720
#define START_HEIGHT   400

struct screen {
	rfbScreenInfoPtr rfb;
	char *passwords[2];
	char password[SCREEN_PASSWORD + 1], name[80];
	pthread_t thread;
	bool is_attached;     /* any time */
	pthread_mutex_t lock; /* of asked */
	uint32_t asked;       /* as we wrote it */
	int door[2];          /* a pipe for connections that somebody else made */
	/* the thread's, as all that follows */
	struct frame frame;
	struct input input;
	struct devmodel_link *link;
	int64_t last_us, answered_us; /* a turn, and one at which no answer was due */
	bool is_still;                /* all has been looked at since the guest stands still */
	struct viewers viewers;
	struct web *web; /* NULL: no browsers */
	void (*tell)(void *context);
	void *context;
};

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000ll + t.tv_nsec / 1000;
}

/* ---- viewers ---- */

static void key_event(rfbBool down, rfbKeySym key, rfbClientPtr c)
{
	struct screen *s = container_of(c->screen->screenData, struct screen, viewers.rfb);

	input_key(&s->input, down, key);
}

#define RELATIVE_ZERO 0x7fff /* no movement, of a viewer that sends movements */

static void pointer_event(int buttons, int x, int y, rfbClientPtr c)
{
	struct screen *s = container_of(c->screen->screenData, struct screen, viewers.rfb);

	if (extension_is_relative(c->clientData))
		input_motion(&s->input, buttons, x - RELATIVE_ZERO, y - RELATIVE_ZERO);
	else
		input_pointer(&s->input, buttons, x, y, (unsigned)s->rfb->width,
		              (unsigned)s->rfb->height);
}

/* A viewer's clipboard is none of the guest's business. */
static void cut_text(char *text, int length, rfbClientPtr c)
{
}

static void log_nothing(const char *format, ...)
{
}

/* ---- pictures ---- */

static void changed(void *context, uint32_t left, uint32_t top, uint32_t right, uint32_t bottom)
{
	struct screen *s = context;

	rfbMarkRectAsModified(s->rfb, (int)left, (int)top, (int)right, (int)bottom);
}

static bool blink_now(void)
{
	return now_us() / 1000 / BLINK_MS & 1;
}

static void viewer_follow(struct screen *s, rfbClientPtr c)
{
	/* Its translation was made from the format that the library believes to be ours. */
	s->rfb->setTranslateFunction(c);
	/* Who has asked for a picture, and is told of its size, gets all of it: some ask no more. */
	if (c->useNewFBSize && !sraRgnEmpty(c->requestedRegion)) {
		sraRgnDestroy(c->requestedRegion);
		c->requestedRegion =
			sraRgnCreateRect(0, 0, (int)s->frame.width, (int)s->frame.height);
	}
}

/* The server goes over to the frame's own pixels before anything is marked: they are the old ones' only until then. */
static void size_follow(struct screen *s)
{
	rfbNewFramebuffer(s->rfb, (char *)s->frame.pixels, (int)s->frame.width,
	                  (int)s->frame.height, 8, 3, 4);
	s->rfb->serverFormat.redShift = 16;
	s->rfb->serverFormat.greenShift = 8;
	s->rfb->serverFormat.blueShift = 0;
	for (rfbClientPtr c = s->rfb->clientHead; c; c = c->next)
		if (c->sock >= 0)
			viewer_follow(s, c);
}

/* False: the display's state could not be had, or there is no memory for its picture. */
static bool frame_bring(struct screen *s, bool all)
{
	uint32_t *before = s->frame.pixels;
	bool resized = false;

	if (!frame_take_screen(&s->frame) ||
	    !frame_update(&s->frame, all, blink_now(), &resized, changed, s))
		return false;
	if (resized || before != s->frame.pixels)
		size_follow(s);
	return true;
}

static bool is_answered(struct screen *s)
{
	return load_acquire(&s->link->screen.answered) ==
	       __atomic_load_n(&s->asked, __ATOMIC_RELAXED);
}

/* Not while an answer is due: the guest stands still, or its device model is slow. */
static void ask(struct screen *s)
{
	pthread_mutex_lock(&s->lock);
	if (is_answered(s)) {
		s->asked++;
		store_release(&s->link->screen.asked, s->asked);
		s->tell(s->context);
	}
	pthread_mutex_unlock(&s->lock);
}

/* How long nothing needs doing, ms: nobody looks, or it is too early for the next picture. */
static int rest_ms(const struct screen *s, int64_t now)
{
	int64_t rest = s->last_us + FRAME_US - now;

	if (!s->viewers.nr && !s->viewers.door_ms && web_is_idle(s->web))
		return -1;
	return rest > 0 && rest < FRAME_US ? (int)(rest / 1000 + 1) : FRAME_US / 1000;
}

/* Nobody notes what a guest wrote before it stood still, so all is looked at, once; then the cursor blinks on. */
static void look(struct screen *s, int64_t now)
{
	if (is_answered(s)) {
		s->answered_us = now;
		s->is_still = false;
		(void)frame_bring(s, false);
		viewers_looked(&s->viewers);
	} else if (now - s->answered_us >= STILL_US) {
		s->is_still |= frame_bring(s, !s->is_still);
	}
	ask(s);
}

static void *serve(void *context)
{
	struct screen *s = context;

	for (;;) {
		int64_t now = now_us();
		bool is_turn = now - s->last_us >= FRAME_US;

		if (is_turn) {
			s->last_us = now;
			if (__atomic_load_n(&s->is_attached, __ATOMIC_ACQUIRE) &&
			    viewers_want(&s->viewers))
				look(s, now);
		}
		viewers_serve(&s->viewers, rest_ms(s, now), is_turn);
	}
	return NULL;
}

/* ---- opening ---- */

static bool wrong(char *error, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
static bool wrong(char *error, size_t size, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(error, size, format, list);
	va_end(list);
	return false;
}

static bool port_is_free(const struct in_addr *address, unsigned port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		                  .sin_port = htons((uint16_t)port),
		                  .sin_addr = *address };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
	bool is_free;

	if (fd < 0)
		return false;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	is_free = bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 && listen(fd, 1) == 0;
	close(fd);
	return is_free;
}

static bool port_find(const struct screen_wish *w, const struct in_addr *address, unsigned *port,
                      char *error, size_t size)
{
	unsigned last = w->takes_next_free ? 65535 : VNC_PORT + w->display;

	for (*port = VNC_PORT + w->display; *port <= last && *port <= 65535; (*port)++)
		if (port_is_free(address, *port))
			return true;
	return wrong(
		error, size,
		"vnc: port %u is taken, or this address is not this machine's: choose another vncdisplay=, or vncunused=1 for the next free one",
		VNC_PORT + w->display);
}

static bool address_read(const struct screen_wish *w, struct in_addr *address, char *error,
                         size_t size)
{
	const char *text = w->listen && *w->listen ? w->listen : "0.0.0.0";

	if (inet_pton(AF_INET, strcmp(text, "localhost") == 0 ? "127.0.0.1" : text, address) == 1)
		return true;
	return wrong(
		error, size,
		"vnclisten=\"%s\" is no IPv4 address: 127.0.0.1 is this machine only, \"\" all addresses",
		text);
}

static void server_fill(struct screen *s, const struct screen_wish *w)
{
	rfbScreenInfoPtr r = s->rfb;

	snprintf(s->name, sizeof(s->name), "%s - Zazen", w->name ? w->name : "guest");
	r->desktopName = s->name;
	r->kbdAddEvent = key_event;
	r->ptrAddEvent = pointer_event;
	r->setXCutText = cut_text;
	r->alwaysShared = TRUE;
	r->cursor = NULL; /* the guest draws its own */
	r->handleEventsEagerly = FALSE;
	r->deferUpdateTime = 0;
	r->deferPtrUpdateTime = 0;
	r->maxClientWait = VIEWER_WAIT_MS;
	r->permitFileTransfer = FALSE;
	if (!w->password || !*w->password)
		return;
	snprintf(s->password, sizeof(s->password), "%s", w->password);
	s->passwords[0] = s->password;
	r->authPasswdData = s->passwords;
	r->passwordCheck = rfbCheckPasswordByList;
}

static bool open_server(struct screen *s, const struct screen_wish *w, unsigned *port, char *error,
                        size_t size)
{
	struct in_addr address;

	if (w->password && strlen(w->password) > SCREEN_PASSWORD)
		return wrong(
			error, size,
			"vncpasswd: VNC carries %d characters of a password, and the rest would not count: make it shorter",
			SCREEN_PASSWORD);
	if (pipe2(s->door, O_CLOEXEC) != 0)
		return wrong(error, size, "vnc: no pipe for the screen");
	s->input.keymap = keymap_find(w->keymap);
	if (!s->input.keymap)
		return wrong(error, size, "keymap=\"%s\" is not known: there are %s", w->keymap,
		             keymap_names());
	if (!address_read(w, &address, error, size))
		return false;
	*port = 0;
	if (!w->is_local && !port_find(w, &address, port, error, size))
		return false;
	rfbLog = rfbErr = log_nothing;
	s->rfb = rfbGetScreen(NULL, NULL, START_WIDTH, START_HEIGHT, 8, 3, 4);
	s->frame.pixels = calloc(START_WIDTH * START_HEIGHT, 4);
	s->frame.line = calloc(START_WIDTH, 4);
	if (!s->rfb || !s->frame.pixels || !s->frame.line)
		return wrong(error, size, "vnc: no memory for the screen");
	s->frame.width = START_WIDTH;
	s->frame.height = START_HEIGHT;
	s->rfb->frameBuffer = (char *)s->frame.pixels;
	server_fill(s, w);
	s->rfb->listenInterface = address.s_addr;
	s->rfb->port = (int)*port;
	s->rfb->ipv6port = 0;
	s->rfb->listen6Interface = NULL;
	s->rfb->autoPort = FALSE;
	s->rfb->httpDir = NULL;
	rfbInitServer(s->rfb);
	size_follow(s);
	if (s->rfb->listenSock >= 0 && w->websocket) {
		s->web = web_open(NOVNC, address.s_addr, w->websocket, error, size);
		if (!s->web)
			return false;
	}
	viewers_init(&s->viewers, s->rfb, &s->input, s->web, s->door[0]);
	return w->is_local || s->rfb->listenSock >= 0 ||
	       wrong(error, size, "vnc: port %u was taken just now: try again", *port);
}

struct screen *screen_open(const struct screen_wish *w, unsigned *port, char *error, size_t size)
{
	struct screen *s = calloc(1, sizeof(*s));

	if (!s) {
		wrong(error, size, "vnc: no memory for the screen");
		return NULL;
	}
	pthread_mutex_init(&s->lock, NULL);
	s->door[0] = s->door[1] = -1;
	if (open_server(s, w, port, error, size))
		return s;
	if (s->rfb) {
		rfbShutdownServer(s->rfb, TRUE);
		rfbScreenCleanup(s->rfb);
	}
	for (unsigned i = 0; i < 2; i++)
		if (s->door[i] >= 0)
			close(s->door[i]);
	frame_free(&s->frame);
	free(s);
	return NULL;
}

bool screen_start(struct screen *s, struct devmodel_link *link, const uint8_t *vram,
                  size_t vram_size, void (*tell)(void *context), void *context)
{
	s->link = link;
	s->tell = tell;
	s->context = context;
	s->frame.link = link;
	s->frame.vram = vram;
	s->frame.vram_size = vram_size;
	return viewers_guard(&s->viewers) && pthread_create(&s->thread, NULL, serve, s) == 0;
}

void screen_attached(struct screen *s)
{
	s->asked = s->link->screen.asked;
	input_start(&s->input, s->link, s->tell, s->context);
	__atomic_store_n(&s->is_attached, true, __ATOMIC_RELEASE);
}

/* The thread takes it out of the pipe. */
bool screen_add_viewer(struct screen *s, int fd)
{
	if (write(s->door[1], &fd, sizeof(fd)) == (ssize_t)sizeof(fd))
		return true;
	close(fd);
	return false;
}

/* ---- for xl screen ---- */

static bool write_all(int fd, const char *bytes, size_t n)
{
	while (n) {
		ssize_t done = write(fd, bytes, n);

		if (done <= 0)
			return false;
		bytes += done;
		n -= (size_t)done;
	}
	return true;
}

/* Asks, and waits a moment: a guest that stands still shows what it showed. */
static void refresh(struct screen *s)
{
	const struct timespec moment = { .tv_nsec = 5000000 };

	ask(s);
	for (unsigned i = 0; i < 100 && !is_answered(s); i++)
		nanosleep(&moment, NULL);
}

/* A frame for one picture: the thread's own is not touched. */
static bool picture_take(struct screen *s, struct frame *f)
{
	if (!__atomic_load_n(&s->is_attached, __ATOMIC_ACQUIRE))
		return false;
	refresh(s);
	*f = (struct frame){ .link = s->link,
		             .vram = s->frame.vram,
		             .vram_size = s->frame.vram_size };
	return frame_take_screen(f);
}

bool screen_print_text(struct screen *s, int fd)
{
	static char text[65536];
	struct vga_picture picture;
	struct frame f;
	size_t n;

	if (!picture_take(s, &f))
		return false;
	vga_picture_begin(&picture, &f.screen, f.vram);
	if (picture.mode.kind == VGA_LETTERS)
		n = vga_picture_text(&picture, text, sizeof(text));
	else
		n = (size_t)snprintf(text, sizeof(text), "graphics, %u by %u\n", picture.mode.width,
		                     picture.mode.height);
	return write_all(fd, text, n);
}

bool screen_print_png(struct screen *s, int fd)
{
	struct frame f = { .pixels = NULL };
	bool done =
		picture_take(s, &f) && frame_draw(&f) && png_write(fd, f.pixels, f.width, f.height);

	frame_free(&f);
	return done;
}
