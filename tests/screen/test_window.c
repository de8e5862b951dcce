/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The window of sdl=1, the whole program, on a display of its own (Xvfb): its picture is compared with the guest's, keys and the mouse come by xdotool, its end and its new start are those of a guest. The test is xl.
 */
#include "input.h"
#include "rfb_client.h"
#include "screen_host.h"
#include "unit.h"
#include "vga_machine.h"

#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/input-event-codes.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "build/zazen-window"

static pid_t window_pid;
static int window; /* our end of its socket */
static Display *x11;
static Window shown;

static void child_begin(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

static int no_error(Display *d, XErrorEvent *e)
{
	return 0;
}

/* A display that others do not have; it says its number when it is there. */
static void display_start(void)
{
	int pipe_ends[2];
	char number[16] = "", name[32];
	size_t n = 0;

	if (x11)
		return;
	CHECK_EQ(pipe(pipe_ends), 0);
	if (fork() == 0) {
		child_begin();
		dup2(pipe_ends[1], 3);
		(void)!freopen("/dev/null", "w", stderr);
		execlp("Xvfb", "Xvfb", "-displayfd", "3", "-screen", "0", "1400x1000x24",
		       "-nolisten", "tcp", (char *)NULL);
		_exit(127);
	}
	close(pipe_ends[1]);
	while (n < sizeof(number) - 1 && read(pipe_ends[0], number + n, 1) == 1 &&
	       number[n] != '\n')
		n++;
	CHECK(n && number[n] == '\n');
	number[n] = 0;
	snprintf(name, sizeof(name), ":%s", number);
	setenv("DISPLAY", name, 1);
	setenv("SDL_VIDEODRIVER", "x11", 1);
	x11 = XOpenDisplay(name);
	CHECK(x11);
	XSetErrorHandler(no_error);
}

static void window_start(void)
{
	int ends[2];

	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	window_pid = fork();
	if (window_pid == 0) {
		child_begin();
		signal(SIGPIPE, SIG_DFL); /* which the screen's library has changed in us */
		if (dup2(ends[1], 3) != 3)
			_exit(127);
		execl(PROGRAM, "zazen-window", "alpha", (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	window = ends[0];
}

/* What xl does when it is asked: a connection of which the screen has the other end. */
static bool asked(int ms)
{
	struct pollfd p = { .fd = window, .events = POLLIN };
	int64_t end = client_now_ms() + ms;
	char byte;

	while (client_now_ms() < end) {
		pump();
		if (poll(&p, 1, 10) == 1)
			return read(window, &byte, 1) == 1;
	}
	return false;
}

static void answer(void)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { .bytes = { 0 } };
	char byte = 0;
	struct iovec text = { &byte, 1 };
	struct msghdr m = { .msg_iov = &text,
		            .msg_iovlen = 1,
		            .msg_control = &control,
		            .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	int ends[2];

	CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	CHECK(screen_add_viewer(screen, ends[0]));
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &ends[1], sizeof(int));
	CHECK_EQ(sendmsg(window, &m, 0), 1);
	close(ends[1]);
}

/* The window whose name begins so. */
static Window window_find(const char *begin)
{
	Window root, parent, *children = NULL, found = 0;
	unsigned n = 0;

	XQueryTree(x11, DefaultRootWindow(x11), &root, &parent, &children, &n);
	for (unsigned i = 0; i < n; i++) {
		char *name = NULL;

		if (XFetchName(x11, children[i], &name) && name &&
		    strncmp(name, begin, strlen(begin)) == 0)
			found = children[i];
		if (name)
			XFree(name);
	}
	if (children)
		XFree(children);
	return found;
}

/* Until it is there, or CLIENT_PATIENCE_MS. */
static bool window_comes(const char *name)
{
	int64_t end = client_now_ms() + CLIENT_PATIENCE_MS;

	while (!(shown = window_find(name))) {
		pump();
		usleep(20000);
		if (client_now_ms() > end)
			return false;
	}
	return true;
}

/* The guest's picture, pixel by pixel, and nothing besides it. */
static bool shows_pattern(unsigned width, unsigned height)
{
	XWindowAttributes a;
	XImage *image;
	bool same = true;

	if (!XGetWindowAttributes(x11, shown, &a) || a.width != (int)width ||
	    a.height != (int)height || a.map_state != IsViewable || a.x < 0 || a.y < 0 ||
	    a.x + a.width > 1400 || a.y + a.height > 1000)
		return false;
	image = XGetImage(x11, shown, 0, 0, width, height, AllPlanes, ZPixmap);
	if (!image)
		return false;
	for (unsigned y = 0; y < height && same; y++)
		for (unsigned x = 0; x < width && same; x++)
			same = (XGetPixel(image, (int)x, (int)y) & 0xffffff) == pattern(x, y);
	XDestroyImage(image);
	return same;
}

static bool comes_to_show(unsigned width, unsigned height)
{
	int64_t end = client_now_ms() + CLIENT_PATIENCE_MS;

	while (!shows_pattern(width, height)) {
		pump();
		usleep(20000);
		if (client_now_ms() > end)
			return false;
	}
	return true;
}

__attribute__((format(printf, 1, 2))) static void xdotool(const char *format, ...)
{
	char command[200];
	va_list list;
	int n = snprintf(command, sizeof(command), "xdotool ");

	va_start(list, format);
	vsnprintf(command + n, sizeof(command) - (size_t)n, format, list);
	va_end(list);
	CHECK_EQ(system(command), 0);
}

/* Events until one of this kind; the others are passed over. */
static bool event_comes(enum input_kind kind, struct input_event *e)
{
	while (host_event(e))
		if (e->kind == kind)
			return true;
	return false;
}

static void key_comes(uint16_t code, bool down)
{
	struct input_event e;

	CHECK(event_comes(INPUT_KEY, &e));
	CHECK_EQ(e.code, code);
	CHECK_EQ(e.down, down);
}

static void open_window(void)
{
	const struct screen_wish w = { .name = "alpha", .is_local = true, .password = "secret" };

	display_start();
	begin_with(&w);
	CHECK_EQ(port, 0);
	vbe_mode(640, 480, 32);
	paint(640, 480);
	window_start();
	CHECK(asked(CLIENT_PATIENCE_MS));
	answer();
	CHECK(window_comes("alpha - Zazen"));
}

/* What it leaves: nothing. */
static void close_window(void)
{
	int status;

	close(window);
	kill(window_pid, SIGTERM);
	CHECK_EQ(waitpid(window_pid, &status, 0), window_pid);
}

static void test_picture(void)
{
	struct input_event e;

	open_window();
	link_pages->input.has_tablet = 1;
	CHECK(comes_to_show(640, 480));
	/* another size */
	vbe_mode(800, 600, 32);
	paint(800, 600);
	CHECK(comes_to_show(800, 600));
	/* made larger by hand: the picture fills it, and the pointer counts in the guest's points */
	xdotool("windowsize --sync %lu 1200 900", shown);
	do {
		xdotool("mousemove --window %lu 3 3 mousemove --window %lu 600 450", shown, shown);
		CHECK(event_comes(INPUT_POINT, &e));
	} while (e.x * 799 / INPUT_POINT_MAX < 398 || e.x * 799 / INPUT_POINT_MAX > 402 ||
	         e.y * 599 / INPUT_POINT_MAX < 298 || e.y * 599 / INPUT_POINT_MAX > 302);
	close_window();
}

/* A picture of the size that a screen has at first: no new size ever comes, and what is drawn later is shown, too. */
static void test_first_size(void)
{
	const struct screen_wish w = { .name = "alpha", .is_local = true };

	display_start();
	begin_with(&w);
	vbe_mode(720, 400, 32);
	window_start();
	CHECK(asked(CLIENT_PATIENCE_MS));
	answer();
	CHECK(window_comes("alpha - Zazen"));
	for (unsigned i = 0; i < 50; i++) {
		pump();
		usleep(20000);
	}
	paint(720, 400);
	CHECK(comes_to_show(720, 400));
	close_window();
}

static void test_keys(void)
{
	open_window();
	CHECK(comes_to_show(640, 480));
	xdotool("windowfocus --sync %lu", shown);
	xdotool("key a");
	key_comes(KEY_A, true);
	key_comes(KEY_A, false);
	xdotool("keydown Shift_L key Right keyup Shift_L");
	key_comes(KEY_LEFTSHIFT, true);
	key_comes(KEY_RIGHT, true);
	key_comes(KEY_RIGHT, false);
	key_comes(KEY_LEFTSHIFT, false);
	/* what is down when somebody looks elsewhere is let go */
	xdotool("keydown F5");
	key_comes(KEY_F5, true);
	xdotool("windowfocus %lu", DefaultRootWindow(x11));
	key_comes(KEY_F5, false);
	xdotool("keyup F5");
	close_window();
}

static void test_tablet(void)
{
	struct input_event e;

	open_window();
	link_pages->input.has_tablet = 1;
	CHECK(comes_to_show(640, 480));
	do {
		xdotool("mousemove --window %lu 100 100 mousemove --window %lu 320 120", shown,
		        shown);
		CHECK(event_comes(INPUT_POINT, &e));
	} while (e.x != 320 * INPUT_POINT_MAX / 639 || e.y != 120 * INPUT_POINT_MAX / 479);
	xdotool("click 3");
	CHECK(event_comes(INPUT_BUTTON, &e));
	CHECK_EQ(e.code, 1);
	CHECK(e.down);
	CHECK(event_comes(INPUT_BUTTON, &e));
	CHECK(!e.down);
	xdotool("click 5");
	CHECK(event_comes(INPUT_WHEEL, &e));
	CHECK_EQ(e.y, 1);
	close_window();
}

/* Without a tablet: a click gives the guest the mouse, Ctrl+Alt+G takes it back. */
static void test_mouse(void)
{
	struct input_event e;

	open_window();
	link_pages->input.has_tablet = 0;
	CHECK(comes_to_show(640, 480));
	xdotool("windowfocus --sync %lu", shown);
	for (unsigned i = 0; i < 100 && !window_find("alpha - Zazen (Ctrl+Alt+G"); i++) {
		xdotool("mousemove --window %lu 200 200 click 1", shown);
		for (unsigned k = 0; k < 20; k++) {
			pump();
			usleep(10000);
		}
	}
	CHECK(window_find("alpha - Zazen (Ctrl+Alt+G"));
	xdotool("mousemove_relative 7 3");
	CHECK(event_comes(INPUT_MOVE, &e));
	CHECK(e.x > 0 && e.y >= 0);
	xdotool("key ctrl+alt+g");
	for (unsigned i = 0; i < 500 && window_find("alpha - Zazen (Ctrl+Alt+G"); i++) {
		pump();
		usleep(10000);
	}
	CHECK(!window_find("alpha - Zazen (Ctrl+Alt+G"));
	close_window();
}

/* The screen's process is gone: here, its connections. */
static void connections_end(void)
{
	for (int fd = 3; fd < 256; fd++) {
		int domain = 0;
		socklen_t size = sizeof(domain);

		if (fd != window && fd != ConnectionNumber(x11) &&
		    getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX)
			shutdown(fd, SHUT_RDWR);
	}
}

/* The guest starts again: the window stays, says so, and shows it again. And its end. */
static void test_restart(void)
{
	const struct screen_wish w = { .name = "alpha", .is_local = true };
	int status;

	open_window();
	CHECK(comes_to_show(640, 480));
	/* keys meanwhile: they are lost, no more */
	xdotool("windowfocus --sync %lu", shown);
	kill(window_pid, SIGSTOP);
	connections_end();
	for (int i = 0; i < 8; i++)
		xdotool("key a");
	kill(window_pid, SIGCONT);
	CHECK(asked(CLIENT_PATIENCE_MS));
	CHECK(window_comes("alpha - Zazen (stands still)"));
	begin_with(&w);
	vbe_mode(800, 600, 32);
	paint(800, 600);
	answer();
	CHECK(comes_to_show(800, 600));
	/* xl has nothing more to hand over */
	close(window);
	window = -1;
	connections_end();
	CHECK_EQ(waitpid(window_pid, &status, 0), window_pid);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* Where there is no desktop it says what is missing. */
static void test_no_display(void)
{
	char text[400] = "", command[200];
	FILE *f;

	snprintf(
		command, sizeof(command),
		"env -u DISPLAY -u WAYLAND_DISPLAY SDL_VIDEODRIVER=x11 %s alpha 3<> /dev/null 2>&1; echo status $?",
		PROGRAM);
	f = popen(command, "r");
	CHECK(f && fread(text, 1, sizeof(text) - 1, f) > 0);
	pclose(f);
	CHECK(strstr(text, "is started by xl create") && strstr(text, "status 1"));
}

UNIT_MAIN(UNIT(test_picture), UNIT(test_first_size), UNIT(test_keys), UNIT(test_tablet),
          UNIT(test_mouse), UNIT(test_restart), UNIT(test_no_display))
