/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The screen of a guest, whole: the real display adapter, the link's pages, the server, and viewers over TCP. */
#include "screen.h"

#include "devmodel_link.h"
#include "input.h"
#include "linear.h"
#include "rfb_client.h"
#include "screen_host.h"
#include "unit.h"
#include "vga_machine.h"
#include "vga_render.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/input-event-codes.h>
#include <pthread.h>
#include <rfb/keysym.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define DESKTOP_SIZE (-223)

/* As picture_line() has it; its own test says whether that is right. */
static bool shows(const struct rfb_client *c)
{
	static uint32_t line[16384];
	struct vga_picture p;

	vga_picture_begin(&p, vga_get_screen(&vm.d), vm.vram.bytes);
	if (p.mode.width != c->width || p.mode.height != c->height)
		return false;
	for (unsigned y = 0; y < c->height; y++) {
		bool same;

		p.blink = false;
		picture_line(&p, y, line);
		same = memcmp(line, c->pixels + (size_t)y * c->width, 4 * c->width) == 0;
		p.blink = true;
		picture_line(&p, y, line);
		if (!same && memcmp(line, c->pixels + (size_t)y * c->width, 4 * c->width) != 0)
			return false;
	}
	return true;
}

/* Updates until the viewer sees what is there. */
static bool comes_to_show(struct rfb_client *c)
{
	int64_t end = client_now_ms() + CLIENT_PATIENCE_MS;

	while (!shows(c))
		if (client_now_ms() > end || !client_ask(c, true) || !client_update(c))
			return false;
	return true;
}

static void start(struct rfb_client *c)
{
	static const int encodings[] = { 0, DESKTOP_SIZE };

	CHECK(client_start(c, port, NULL, pump));
	CHECK(client_encodings(c, encodings, 2));
}

/* ---- pictures ---- */

static void test_linear(void)
{
	struct rfb_client c;
	uint32_t *at;

	begin();
	vbe_mode(1024, 768, 32);
	paint(1024, 768);
	start(&c);
	CHECK(comes_to_show(&c));
	CHECK_EQ(c.width, 1024);
	for (unsigned y = 0; y < 768; y++)
		for (unsigned x = 0; x < 1024; x++)
			CHECK_EQ(c.pixels[y * 1024 + x], pattern(x, y));
	/* only what differs comes: a page was written, and eight pixels of it are new */
	CHECK(client_ask(&c, true));
	at = (uint32_t *)vm.vram.bytes + 300 * 1024 + 500;
	for (unsigned i = 0; i < 8; i++)
		at[i] ^= 0xffffff;
	written(300 * 4096, 4096);
	c.received = 0;
	CHECK(client_update(&c));
	CHECK_EQ(c.received, 8);
	CHECK_EQ(c.pixels[300 * 1024 + 503], pattern(503, 300) ^ 0xffffff);
	CHECK(shows(&c));
	client_end(&c);
}

static void test_modes(void)
{
	struct rfb_client c;

	begin();
	vm_mode(&vga_mode_3);
	vm_colours();
	start(&c);
	CHECK(comes_to_show(&c));
	CHECK_EQ(c.width, 720);
	CHECK_EQ(c.height, 400);
	/* it waits for a picture, and gets one of another size */
	CHECK(client_ask(&c, true));
	vm_mode(&vga_mode_13);
	for (unsigned i = 0; i < 64000; i++)
		vm_store(0xa0000 + i, (uint8_t)(i * 13 / 7));
	written(0, vm.vram.size);
	CHECK(client_update(&c));
	CHECK(comes_to_show(&c));
	CHECK_EQ(c.width, 320);
	CHECK_EQ(c.height, 200);
	for (unsigned i = 0; i < 64000; i++) {
		unsigned v = i * 13 / 7 & 0xff, r = v & 63, g = 2 * v & 63, b = 63 - (v & 63);

		CHECK_EQ(c.pixels[i],
		         (r << 2 | r >> 4) << 16 | (g << 2 | g >> 4) << 8 | (b << 2 | b >> 4));
	}
	/* who has asked once gets the whole of the new picture, which is larger: some viewers ask no more */
	CHECK(client_ask(&c, true));
	vm_mode(&vga_mode_12);
	for (unsigned i = 0; i < 38400; i++)
		vm_store(0xa0000 + i, (uint8_t)(i * 3));
	while (!shows(&c))
		CHECK(client_update(&c));
	CHECK_EQ(c.width, 640);
	CHECK_EQ(c.height, 480);
	vbe_mode(800, 600, 32);
	paint(800, 600);
	CHECK(comes_to_show(&c));
	CHECK_EQ(c.pixels[599 * 800 + 799], pattern(799, 599));
	client_end(&c);
}

/* A viewer that knows no resize keeps its size, and gets no pixel outside it. */
static void test_no_resize(void)
{
	static const int encodings[] = { 0 };
	struct rfb_client c;

	begin();
	CHECK(client_start(&c, port, NULL, pump));
	CHECK(client_encodings(&c, encodings, 1));
	vm_mode(&vga_mode_13);
	written(0, vm.vram.size);
	CHECK(client_ask(&c, false) && client_update(&c));
	vbe_mode(1024, 768, 32);
	paint(1024, 768);
	for (unsigned i = 0; i < 20; i++)
		CHECK(client_ask(&c, false) && client_update(&c));
	CHECK_EQ(c.pixels[0], pattern(0, 0));
	CHECK(c.width && c.width < 1024 && c.height < 768);
	CHECK_EQ(c.pixels[c.width * c.height - 1], pattern(c.width - 1, c.height - 1));
	client_end(&c);
}

static void stands_still(void)
{
}

/* A paused guest's device model answers nothing, and notes nothing: what was written before that is shown all the same, and the cursor blinks. */
static void test_still(void)
{
	struct rfb_client c;

	begin();
	vbe_mode(640, 480, 32);
	paint(640, 480);
	start(&c);
	CHECK(comes_to_show(&c));
	c.pump = stands_still;
	((uint32_t *)vm.vram.bytes)[400 * 640 + 300] ^= 0xffffff;
	CHECK(comes_to_show(&c));
	CHECK_EQ(c.pixels[400 * 640 + 300], pattern(300, 400) ^ 0xffffff);
	c.pump = pump;
	vm_vbe(VBE_ENABLE, 0);
	vm_mode(&vga_mode_3);
	vm_colours();
	vm_store(0xb8001, 0x07);
	vm_index(0x3d4, 0x0a, 13); /* a cursor of two lines, in that cell */
	vm_index(0x3d4, 0x0b, 14);
	CHECK(comes_to_show(&c));
	c.pump = stands_still;
	for (unsigned i = 0; i < 4; i++)
		CHECK(client_ask(&c, true) && client_update(&c));
	CHECK(shows(&c));
	client_end(&c);
}

/* Nobody asks: the device model is not bothered. */
static void test_idle(void)
{
	struct rfb_client c;
	unsigned before;

	begin();
	vbe_mode(640, 480, 32);
	start(&c);
	CHECK(comes_to_show(&c));
	usleep(200000);
	pump();
	before = asks;
	for (unsigned i = 0; i < 50; i++) {
		usleep(10000);
		pump();
	}
	CHECK_EQ(asks, before);
	client_end(&c);
}

/* ---- input ---- */

static void expect(struct rfb_client *c, int kind, int code, bool down, int x, int y)
{
	struct input_event e;

	CHECK(host_event(&e));
	CHECK_EQ(e.kind, kind);
	CHECK_EQ(e.code, code);
	CHECK_EQ(e.down, down);
	CHECK_EQ(e.x, x);
	CHECK_EQ(e.y, y);
}

static void test_keys(void)
{
	static const int encodings[] = { 0, -258, -261 };
	struct rfb_client c;

	begin();
	start(&c);
	client_key(&c, true, 'a');
	expect(&c, INPUT_KEY, KEY_A, true, 0, 0);
	client_key(&c, false, 'a');
	expect(&c, INPUT_KEY, KEY_A, false, 0, 0);
	client_key(&c, true, XK_Return);
	expect(&c, INPUT_KEY, KEY_ENTER, true, 0, 0);
	client_key(&c, true, 0x12345678); /* nothing */
	client_key(&c, true, XK_F12);
	expect(&c, INPUT_KEY, KEY_F12, true, 0, 0);
	client_encodings(&c, encodings, 3);
	CHECK(client_update(&c));
	CHECK(c.key_codes);
	client_code(&c, true, 'q', 0x1e);
	expect(&c, INPUT_KEY, KEY_A, true, 0, 0);
	client_code(&c, true, 0, 0xc8);
	expect(&c, INPUT_KEY, KEY_UP, true, 0, 0);
	client_code(&c, true, 'x', 0);
	expect(&c, INPUT_KEY, KEY_X, true, 0, 0);
	client_code(&c, true, 'x', 0xffffffff); /* nothing */
	client_code(&c, false, 'x', 0x2d);
	expect(&c, INPUT_KEY, KEY_X, false, 0, 0);
	link_pages->input.leds = INPUT_LED_CAPS;
	while (c.lamps != INPUT_LED_CAPS)
		CHECK(client_update(&c));
	/* who goes lets his keys go */
	client_end(&c);
	expect(&c, INPUT_KEY, KEY_ENTER, false, 0, 0);
	expect(&c, INPUT_KEY, KEY_A, false, 0, 0);
	expect(&c, INPUT_KEY, KEY_F12, false, 0, 0);
	expect(&c, INPUT_KEY, KEY_UP, false, 0, 0);
}

static void test_keymap(void)
{
	const struct screen_wish w = {
		.listen = "127.0.0.1", .display = DISPLAY, .takes_next_free = true, .keymap = "de"
	};
	struct screen_wish odd = w;
	char error[400];
	struct rfb_client c;

	begin_with(&w);
	start(&c);
	client_key(&c, true, 'z');
	expect(&c, INPUT_KEY, KEY_Y, true, 0, 0);
	client_key(&c, true, 0xf6);
	expect(&c, INPUT_KEY, KEY_SEMICOLON, true, 0, 0);
	client_key(&c, true, '<');
	expect(&c, INPUT_KEY, KEY_102ND, true, 0, 0);
	client_end(&c);
	odd.keymap = "klingon";
	CHECK(!open_with(&odd, error, sizeof(error)));
	CHECK(strstr(error, "klingon") && strstr(error, "us"));
}

static void test_pointer(void)
{
	static const int encodings[] = { 0, DESKTOP_SIZE, -257 };
	struct rfb_client c;

	begin();
	vm_mode(&vga_mode_3);
	start(&c);
	CHECK_EQ(c.width, 720);
	client_pointer(&c, 0, 100, 100); /* from nowhere */
	client_pointer(&c, 0, 103, 98);
	expect(&c, INPUT_MOVE, 0, false, 3, -2);
	client_pointer(&c, 1, 103, 98);
	expect(&c, INPUT_BUTTON, 0, true, 0, 0);
	client_pointer(&c, 4, 103, 98);
	expect(&c, INPUT_BUTTON, 0, false, 0, 0);
	expect(&c, INPUT_BUTTON, 1, true, 0, 0);
	client_pointer(&c, 0x10, 103, 98);
	expect(&c, INPUT_BUTTON, 1, false, 0, 0);
	expect(&c, INPUT_WHEEL, 0, false, 0, 1);
	client_encodings(&c, encodings, 3);
	while (c.absolute != 0)
		CHECK(client_update(&c));
	client_pointer(&c, 0, 0x7fff + 20, 0x7fff - 5);
	expect(&c, INPUT_MOVE, 0, false, 20, -5);
	link_pages->input.has_tablet = 1;
	while (c.absolute != 1)
		CHECK(client_update(&c));
	client_pointer(&c, 0, 719, 0);
	expect(&c, INPUT_POINT, 0, false, INPUT_POINT_MAX, 0);
	client_end(&c);
}

/* ---- doors ---- */

static void test_password(void)
{
	struct screen_wish w = { .listen = "127.0.0.1",
		                 .display = DISPLAY,
		                 .takes_next_free = true,
		                 .password = "secret" };
	struct rfb_client c;
	char error[400];

	begin_with(&w);
	CHECK(!client_start(&c, port, NULL, pump));
	client_end(&c);
	CHECK(!client_start(&c, port, "Secret", pump));
	client_end(&c);
	CHECK(client_start(&c, port, "secret", pump));
	client_end(&c);
	w.password = "ninechars";
	CHECK(!open_with(&w, error, sizeof(error)));
	CHECK(strstr(error, "8 characters"));
}

/* What was there when nobody looked has another size: the first viewer hears of the right one at once. */
static void test_first_size(void)
{
	struct rfb_client c;

	begin();
	vbe_mode(640, 480, 32);
	paint(640, 480);
	start(&c);
	CHECK_EQ(c.width, 640);
	CHECK_EQ(c.height, 480);
	client_end(&c);
	for (unsigned i = 0; i < 20; i++) {
		pump();
		usleep(10000);
	}
	vbe_mode(1024, 768, 32);
	start(&c);
	CHECK_EQ(c.width, 1024);
	CHECK_EQ(c.height, 768);
	client_end(&c);
}

static void test_ports(void)
{
	struct screen_wish w = { .listen = "127.0.0.1",
		                 .display = DISPLAY,
		                 .takes_next_free = true };
	unsigned first;
	char error[400];

	begin_with(&w);
	first = port;
	CHECK(first >= 5900 + DISPLAY);
	w.display = first - 5900;
	CHECK(open_with(&w, error, sizeof(error)));
	CHECK(port > first);
	w.takes_next_free = false;
	CHECK(!open_with(&w, error, sizeof(error)));
	CHECK(strstr(error, "taken"));
	w.listen = "not.an.address";
	CHECK(!open_with(&w, error, sizeof(error)));
	CHECK(strstr(error, "not.an.address"));
}

/* One that nobody has: tests run beside each other. */
static unsigned free_port(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 &&
	      getsockname(fd, (struct sockaddr *)&at, &size) == 0);
	close(fd);
	return ntohs(at.sin_port);
}

static void test_browser(void)
{
	const unsigned web_port = free_port();
	struct screen_wish w = { .listen = "127.0.0.1",
		                 .display = DISPLAY,
		                 .takes_next_free = true,
		                 .websocket = web_port };
	static const char get
		[] = "GET /vnc.html?autoconnect=1 HTTP/1.1\r\nHost: x\r\n\r\n",
	     none[] = "GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", half[] = "GET /vnc.ht",
	     upgrade[] =
		     "GET /websockify HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://x\r\nSec-WebSocket-Protocol: binary\r\nSec-WebSocket-Version: 13\r\n\r\n";
	struct rfb_client c = { .pump = pump }, d = { .pump = pump };
	char error[400], text[13] = "", taken[8];

	begin_with(&w);
	d.fd = client_connect(web_port);
	CHECK(client_put(&d, half, sizeof(half) - 1));
	c.fd = client_connect(web_port);
	CHECK(c.fd >= 0 && client_put(&c, get, sizeof(get) - 1) && client_get(&c, text, 12));
	CHECK(strcmp(text, "HTTP/1.1 200") == 0);
	client_end(&c);
	c.fd = client_connect(web_port);
	CHECK(c.fd >= 0 && client_put(&c, none, sizeof(none) - 1) && client_get(&c, text, 12));
	CHECK(strcmp(text, "HTTP/1.1 404") == 0);
	client_end(&c);
	c.fd = client_connect(web_port);
	CHECK(c.fd >= 0 && client_put(&c, upgrade, sizeof(upgrade) - 1) &&
	      client_get(&c, text, 12));
	CHECK(strcmp(text, "HTTP/1.1 101") == 0);
	client_end(&c);
	client_end(&d);
	w.websocket = web_port;
	CHECK(!open_with(&w, error, sizeof(error)));
	snprintf(taken, sizeof(taken), "%u", web_port);
	CHECK(strstr(error, taken));
}

/* ---- those that mean no good ---- */

static long resident_kib(void)
{
	struct rusage r;

	getrusage(RUSAGE_SELF, &r);
	return r.ru_maxrss;
}

static void still_works(void)
{
	int64_t end = client_now_ms() + CLIENT_PATIENCE_MS;
	struct rfb_client c;

	/* places become free as the others are put out */
	while (!client_start(&c, port, NULL, pump)) {
		client_end(&c);
		CHECK(client_now_ms() < end);
		usleep(100000);
	}
	client_encodings(&c, (const int[]){ 0, DESKTOP_SIZE }, 2);
	CHECK(comes_to_show(&c));
	client_end(&c);
}

static void test_many(void)
{
	int fds[100];
	char byte;
	unsigned closed = 0;

	begin();
	vbe_mode(640, 480, 32);
	paint(640, 480);
	for (unsigned i = 0; i < 100; i++)
		fds[i] = client_connect(port);
	usleep(500000);
	for (unsigned i = 0; i < 100; i++) {
		ssize_t n = recv(fds[i], &byte, 1, MSG_DONTWAIT);

		closed += n == 0 || (n < 0 && errno != EAGAIN);
	}
	CHECK(closed >= 92);
	for (unsigned i = 0; i < 100; i++)
		close(fds[i]);
	still_works();
	/* those that never name themselves do not keep their places */
	for (unsigned i = 0; i < 8; i++)
		fds[i] = client_connect(port);
	still_works();
	for (unsigned i = 0; i < 8; i++)
		close(fds[i]);
}

static void test_half(void)
{
	static const uint8_t half[3] = { 3, 0, 0 }, cut[8] = { 6, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff },
			     cut_half[8] = { 6, 0, 0, 0, 0, 0x0f, 0, 0 }, scale[2] = { 8, 0 };
	struct rfb_client c[6];

	begin();
	vbe_mode(640, 480, 32);
	paint(640, 480);
	for (unsigned i = 0; i < 6; i++)
		start(&c[i]);
	client_put(&c[0], half, sizeof(half));
	client_put(&c[1], cut, sizeof(cut));
	client_put(&c[2], cut_half, sizeof(cut_half));
	client_put(&c[3], "\377\001garbage garbage", 17);
	client_put(&c[4], scale, sizeof(scale));
	still_works();
	for (unsigned i = 0; i < 6; i++)
		client_end(&c[i]);
}

/* It asks and asks, and takes nothing; another one is served all the same. */
static void test_slow(void)
{
	long before = resident_kib();
	struct rfb_client slow[3];

	begin();
	vbe_mode(1024, 768, 32);
	paint(1024, 768);
	for (unsigned i = 0; i < 3; i++) {
		start(&slow[i]);
		for (unsigned n = 0; n < 2000; n++) {
			const uint8_t m[10] = { 3, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff };

			if (send(slow[i].fd, m, sizeof(m), MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
				break;
		}
	}
	still_works();
	for (unsigned i = 0; i < 3; i++)
		client_end(&slow[i]);
	CHECK(resident_kib() - before < 200 * 1024);
}

/* One behind a slow line gets its picture, however long it takes: here some seconds, in pieces, and at first nothing for a while, which is too long when others wait. */
#define STANDS_S 8
static void test_slow_line(void)
{
	static uint8_t piece[1 << 20];
	const size_t whole = 2560u * 1600 * 4;
	struct rfb_client c;
	size_t got = 0;

	linear_size = 16 << 20;
	begin();
	linear_size = LINEAR;
	vbe_mode(2560, 1600, 32);
	paint(2560, 1600);
	start(&c);
	for (int64_t end = client_now_ms() + 60000; c.width != 2560 && client_now_ms() < end;)
		CHECK(client_ask(&c, false) && client_update(&c));
	CHECK(client_ask(&c, false));
	sleep(STANDS_S);
	for (int64_t end = client_now_ms() + 60000; got < whole && client_now_ms() < end;) {
		ssize_t n = recv(c.fd, piece, sizeof(piece) / 2, MSG_DONTWAIT);

		if (n == 0 || (n < 0 && errno != EAGAIN))
			break;
		got += n > 0 ? (size_t)n : 0;
		pump();
		usleep(150000);
	}
	CHECK(got >= whole);
	client_end(&c);
	still_works();
}

/* ---- pictures for xl screen ---- */

static void *pump_on(void *stop)
{
	while (!__atomic_load_n((bool *)stop, __ATOMIC_ACQUIRE)) {
		pump();
		usleep(1000);
	}
	return NULL;
}

static void test_prints(void)
{
	char name[] = "/tmp/test_screen.XXXXXX", text[5000] = "";
	int fd = mkstemp(name);
	bool stop = false;
	pthread_t thread;

	CHECK(fd >= 0);
	unlink(name);
	begin();
	vm_mode(&vga_mode_3);
	vm_store(0xb8000 + 160, 'H');
	vm_store(0xb8000 + 162, 'i');
	pthread_create(&thread, NULL, pump_on, &stop);
	CHECK(screen_print_text(screen, fd));
	CHECK(pread(fd, text, sizeof(text) - 1, 0) > 0);
	CHECK(strstr(text, "\nHi\n"));
	CHECK(ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0);
	CHECK(screen_print_png(screen, fd));
	__atomic_store_n(&stop, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	CHECK(pread(fd, text, 8, 0) == 8);
	CHECK(memcmp(text, "\x89PNG\r\n\x1a\n", 8) == 0);
	close(fd);
}

UNIT_MAIN(UNIT(test_linear), UNIT(test_modes), UNIT(test_no_resize), UNIT(test_still),
          UNIT(test_idle), UNIT(test_keys), UNIT(test_keymap), UNIT(test_pointer),
          UNIT(test_password), UNIT(test_first_size), UNIT(test_ports), UNIT(test_browser),
          UNIT(test_many), UNIT(test_half), UNIT(test_slow), UNIT(test_slow_line),
          UNIT(test_prints))
