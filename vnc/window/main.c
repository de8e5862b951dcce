/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zazen-window NAME: the screen of a guest as a window of this desktop (sdl=1 in its description; xl window). A process of the operator's, apart from the guest's backend: it has no rights but those of who started it,
 * and reaches the screen by a connection that xl hands over on descriptor 3, a socket: for each byte that we write there comes a message with a connection. When that is over the guest is.
 */
#include "connection.h"
#include "scancodes.h"

#include <SDL.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define XL 3

struct window {
	const char *name;
	SDL_Window *sdl;
	SDL_Renderer *renderer;
	SDL_Texture *texture;
	int width, height;                               /* of the guest's picture */
	struct connection *connection;                   /* NULL: one is awaited */
	bool is_absolute, is_grabbed, is_over, is_stale; /* is_stale: to be painted */
	int buttons;                                     /* RFB's */
	bool down[256];                                  /* by code */
	/* the thread that waits for bytes: it waits for one or the other, tells, and waits until that was dealt with */
	SDL_Thread *waiter;
	SDL_sem *go;
	SDL_mutex *tells; /* held while it tells, and when we leave: SDL's queue must be there */
	int waited_fd;
	Uint32 event;
};
static struct window window;

static const struct {
	Uint8 sdl;
	int rfb;
} button_bits[] = { { SDL_BUTTON_LEFT, 1 }, { SDL_BUTTON_MIDDLE, 2 }, { SDL_BUTTON_RIGHT, 4 } };
#define WHEEL_UP   8
#define WHEEL_DOWN 16

_Noreturn static void die(const char *what)
{
	fprintf(stderr,
	        "zazen-window: %s: %s. Start it from a desktop (DISPLAY or WAYLAND_DISPLAY says where that is)\n",
	        what, SDL_GetError());
	exit(1);
}

/* ---- the window ---- */

static void title_set(struct window *w)
{
	char title[200];

	snprintf(title, sizeof(title), "%s - Zazen%s", w->name,
	         !w->connection  ? " (stands still)"
	         : w->is_grabbed ? " (Ctrl+Alt+G frees the mouse)"
	                         : "");
	SDL_SetWindowTitle(w->sdl, title);
}

static void paint(struct window *w)
{
	SDL_RenderClear(w->renderer);
	if (w->texture)
		SDL_RenderCopy(w->renderer, w->texture, NULL, NULL);
	SDL_RenderPresent(w->renderer);
}

/* A window that the operator has made as large as the screen stays so. */
static bool size_is_ours(SDL_Window *sdl)
{
	return !(SDL_GetWindowFlags(sdl) & (SDL_WINDOW_FULLSCREEN_DESKTOP | SDL_WINDOW_MAXIMIZED));
}

static void sized(void *context, int width, int height)
{
	struct window *w = context;

	if (w->texture)
		SDL_DestroyTexture(w->texture);
	w->texture = SDL_CreateTexture(w->renderer, SDL_PIXELFORMAT_RGB888,
	                               SDL_TEXTUREACCESS_STREAMING, width, height);
	if (!w->texture)
		die("there is no room for the picture");
	w->width = width;
	w->height = height;
	SDL_RenderSetLogicalSize(w->renderer, width, height);
	if (size_is_ours(w->sdl))
		SDL_SetWindowSize(w->sdl, width, height);
}

static void drawn(void *context, const uint32_t *pixels, int x, int y, int width, int height)
{
	struct window *w = context;
	const SDL_Rect r = { x, y, width, height };

	SDL_UpdateTexture(w->texture, &r, pixels + (size_t)y * (size_t)w->width + x, w->width * 4);
}

static void grab(struct window *w, bool is_grabbed)
{
	if (is_grabbed && w->is_absolute)
		return;
	w->is_grabbed = is_grabbed;
	SDL_SetRelativeMouseMode(is_grabbed);
	SDL_SetWindowKeyboardGrab(w->sdl, is_grabbed);
	title_set(w);
}

static void pointed(void *context, bool is_absolute)
{
	struct window *w = context;

	w->is_absolute = is_absolute;
	if (is_absolute && w->is_grabbed)
		grab(w, false);
}

static const struct connection_events events = { sized, drawn, pointed };

/* ---- keys and the mouse ---- */

static void key(struct window *w, unsigned scancode, bool down)
{
	uint32_t code = scancode_to_pc(scancode);

	if (!code || !w->connection)
		return;
	w->down[code] = down;
	connection_key(w->connection, code, down);
}

/* Whoever looks elsewhere lets go of all keys, though we do not see it. */
static void keys_release(struct window *w)
{
	for (unsigned code = 0; code < 256; code++) {
		if (w->down[code] && w->connection)
			connection_key(w->connection, code, false);
		w->down[code] = false;
	}
}

/* Ctrl+Alt+G: the mouse; Ctrl+Alt+F: the whole screen. */
static bool is_ours(struct window *w, const SDL_KeyboardEvent *e)
{
	bool is_full = SDL_GetWindowFlags(w->sdl) & SDL_WINDOW_FULLSCREEN_DESKTOP;

	if (!(e->keysym.mod & KMOD_CTRL) || !(e->keysym.mod & KMOD_ALT))
		return false;
	if (e->keysym.scancode != SDL_SCANCODE_G && e->keysym.scancode != SDL_SCANCODE_F)
		return false;
	if (e->type == SDL_KEYUP || e->repeat)
		return true;
	if (e->keysym.scancode == SDL_SCANCODE_G)
		grab(w, !w->is_grabbed);
	else
		SDL_SetWindowFullscreen(w->sdl, is_full ? 0 : SDL_WINDOW_FULLSCREEN_DESKTOP);
	return true;
}

/* SDL has the place in the picture already, also where the window is larger. */
static void pointer_tell(struct window *w, int x, int y, int dx, int dy)
{
	if (!w->connection)
		return;
	if (w->is_absolute)
		connection_point(w->connection,
		                 x < 0          ? 0
		                 : x < w->width ? x
		                                : w->width - 1,
		                 y < 0           ? 0
		                 : y < w->height ? y
		                                 : w->height - 1,
		                 w->buttons);
	else if (w->is_grabbed)
		connection_move(w->connection, dx, dy, w->buttons);
}

static void button(struct window *w, const SDL_MouseButtonEvent *e)
{
	bool down = e->type == SDL_MOUSEBUTTONDOWN;

	if (down && !w->is_absolute && !w->is_grabbed) {
		grab(w, true);
		return; /* this click was for us */
	}
	for (size_t i = 0; i < sizeof(button_bits) / sizeof(button_bits[0]); i++)
		if (button_bits[i].sdl == e->button)
			w->buttons = down ? w->buttons | button_bits[i].rfb
			                  : w->buttons & ~button_bits[i].rfb;
	pointer_tell(w, e->x, e->y, 0, 0);
}

static void wheel(struct window *w, const SDL_MouseWheelEvent *e)
{
	int bit = e->y > 0 ? WHEEL_UP : WHEEL_DOWN, x, y;

	SDL_GetMouseState(&x, &y);
	for (int i = 0; i < abs(e->y) && i < 16; i++) {
		w->buttons |= bit;
		pointer_tell(w, x, y, 0, 0);
		w->buttons &= ~bit;
		pointer_tell(w, x, y, 0, 0);
	}
}

/* ---- what is waited for ---- */

static int waiter(void *context)
{
	struct window *w = context;

	for (;;) {
		SDL_Event e = { .type = w->event };
		struct pollfd p;

		SDL_SemWait(w->go);
		p = (struct pollfd){ .fd = w->waited_fd, .events = POLLIN };
		while (poll(&p, 1, -1) < 0 && errno == EINTR)
			;
		SDL_LockMutex(w->tells);
		SDL_PushEvent(&e);
		SDL_UnlockMutex(w->tells);
	}
	return 0;
}

static void wait_for(struct window *w, int fd)
{
	w->waited_fd = fd;
	SDL_SemPost(w->go);
}

static void ask_again(struct window *w)
{
	if (w->connection)
		connection_close(w->connection);
	w->connection = NULL;
	memset(w->down, 0, sizeof(w->down));
	w->buttons = 0;
	grab(w, false);
	if (write(XL, "", 1) != 1)
		w->is_over = true;
	wait_for(w, XL);
}

/* -1: the guest is over. */
static int descriptor_receive(void)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec text = { &byte, 1 };
	struct msghdr m = { .msg_iov = &text,
		            .msg_iovlen = 1,
		            .msg_control = &control,
		            .msg_controllen = sizeof(control) };
	struct cmsghdr *c;
	int fd = -1;

	if (recvmsg(XL, &m, MSG_CMSG_CLOEXEC) != 1)
		return -1;
	c = CMSG_FIRSTHDR(&m);
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
	return fd;
}

static void connection_come(struct window *w)
{
	int fd = descriptor_receive();

	if (fd < 0) {
		w->is_over = true;
		return;
	}
	w->is_absolute = true; /* until it is said */
	w->connection = connection_open(fd, &events, w);
	title_set(w);
	if (w->connection)
		wait_for(w, connection_fd(w->connection));
	else
		ask_again(w);
}

static void bytes_come(struct window *w)
{
	if (!w->connection) {
		connection_come(w);
	} else if (!connection_read(w->connection)) {
		ask_again(w);
	} else {
		w->is_stale = true;
		wait_for(w, connection_fd(w->connection));
	}
}

/* ---- its life ---- */

static void handle(struct window *w, const SDL_Event *e)
{
	if (e->type == w->event) {
		bytes_come(w);
		return;
	}
	switch (e->type) {
	case SDL_QUIT: w->is_over = true; break;
	case SDL_KEYDOWN:
	case SDL_KEYUP:
		if (!is_ours(w, &e->key))
			key(w, e->key.keysym.scancode, e->type == SDL_KEYDOWN);
		break;
	case SDL_MOUSEMOTION:
		pointer_tell(w, e->motion.x, e->motion.y, e->motion.xrel, e->motion.yrel);
		break;
	case SDL_MOUSEBUTTONDOWN:
	case SDL_MOUSEBUTTONUP: button(w, &e->button); break;
	case SDL_MOUSEWHEEL: wheel(w, &e->wheel); break;
	case SDL_WINDOWEVENT:
		if (e->window.event == SDL_WINDOWEVENT_FOCUS_LOST) {
			keys_release(w);
			grab(w, false);
		}
		w->is_stale = true;
		break;
	}
}

/* A desktop behind a network may take long for a picture: keys that have been let go meanwhile must not seem to be held, so what waits is dealt with first. */
#define EVENTS_MAX 256
static void turn(struct window *w, SDL_Event *e)
{
	unsigned n = 0;

	do
		handle(w, e);
	while (!w->is_over && ++n < EVENTS_MAX && SDL_PollEvent(e));
	if (w->is_stale && !w->is_over)
		paint(w);
	w->is_stale = false;
}

static void open_all(struct window *w)
{
	SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
	SDL_SetHint(SDL_HINT_VIDEO_ALLOW_SCREENSAVER, "1");
	SDL_SetHint(SDL_HINT_RENDER_SCALE_QUALITY, "linear");
	SDL_SetHint(SDL_HINT_MOUSE_RELATIVE_SCALING, "0");
	if (SDL_Init(SDL_INIT_VIDEO) != 0)
		die("no window can be opened");
	w->sdl = SDL_CreateWindow(w->name, SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED, 720,
	                          400, SDL_WINDOW_RESIZABLE);
	w->renderer = w->sdl ? SDL_CreateRenderer(w->sdl, -1, 0) : NULL;
	if (w->sdl && !w->renderer)
		w->renderer = SDL_CreateRenderer(w->sdl, -1, SDL_RENDERER_SOFTWARE);
	w->go = SDL_CreateSemaphore(0);
	w->tells = SDL_CreateMutex();
	w->event = SDL_RegisterEvents(1);
	w->waiter = w->renderer && w->go && w->tells ? SDL_CreateThread(waiter, "waiter", w) : NULL;
	if (!w->waiter)
		die("no window can be opened");
}

int main(int argc, char **argv)
{
	struct window *w = &window;
	SDL_Event e;

	if (argc != 2 ||
	    getsockopt(XL, SOL_SOCKET, SO_TYPE, &(int){ 0 }, &(socklen_t){ sizeof(int) }) != 0) {
		fprintf(stderr,
		        "zazen-window is started by xl create (sdl=1) and xl window NAME\n");
		return 1;
	}
	w->name = argv[1];
	signal(SIGPIPE, SIG_IGN); /* what is typed while the guest restarts goes nowhere */
	open_all(w);
	ask_again(w);
	while (!w->is_over && SDL_WaitEvent(&e))
		turn(w, &e);
	SDL_LockMutex(w->tells);
	SDL_Quit();
	_exit(0); /* the waiter waits still */
}
