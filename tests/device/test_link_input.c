// SPDX-License-Identifier: GPL-2.0-or-later
/* Keys, mouse and tablet (link_input.c) and the screen (link_screen.c) on the link: the real keyboard controller and display. */
#include <string.h>

#include "i8042.h"
#include "link_fake.h"
#include "unit.h"
#include "vga_machine.h"

#define L (&fake_link.memory)

static struct device kbd;
static struct input_event tablet_got;
static unsigned tablet_n;

static void tablet_receive(struct input_backend *b, const struct input_event *e)
{
	tablet_got = *e;
	tablet_n++;
}

static void start(void)
{
	static const struct devmodel_board board = { .has_link = 1 };
	struct i8042_config c;

	device_destroy(&kbd);
	device_destroy(&vm.d);
	CHECK_EQ(vm_create(VGA_TEST_LINEAR), 0);
	fake_link_start(&board, &vm.m->ports);
	c.input = link_keyboard();
	CHECK_EQ(device_create(&kbd, &i8042_class, "kbd", &vm.m->ports, &c), 0);
	link_tablet()->receive = tablet_receive;
	tablet_n = 0;
	link_devices(&vm.d, NULL, NULL);
	server_attach(1);
}

static void end(void)
{
	device_destroy(&kbd);
	device_destroy(&vm.d);
	free(vm.vram.bytes);
	memset(&vm, 0, sizeof(vm));
}

static int get(void)
{
	for (unsigned i = 0; i < 100 && !(fake_in(vm.m, 0x64, 1) & 1); i++)
		fake_machine_advance(vm.m, 100000);
	return fake_in(vm.m, 0x64, 1) & 1 ? (int)fake_in(vm.m, 0x60, 1) : -1;
}

static void keys(void)
{
	start();
	server_input(&(struct input_event){ .kind = INPUT_KEY, .code = 30, .down = true });
	server_input(&(struct input_event){ .kind = INPUT_KEY, .code = 30 });
	CHECK_EQ(get(), 0x1c); /* set 2: nobody has asked for a translation */
	CHECK_EQ(get(), 0xf0);
	CHECK_EQ(get(), 0x1c);
	CHECK_EQ(L->input.queue.consumed, 2);
	/* what is no event is none */
	server_input(&(struct input_event){ .kind = 200, .code = 0xffff });
	server_input(&(struct input_event){ .kind = INPUT_KEY, .code = 0xffff, .down = true });
	*(uint8_t *)&L->input.events[server.inputs % LINK_INPUTS].down = 0xff; /* no bool */
	L->input.events[server.inputs % LINK_INPUTS].kind = INPUT_BUTTON;
	L->input.events[server.inputs % LINK_INPUTS].code = 0x8000;
	L->input.queue.produced = ++server.inputs;
	fake_link_look();
	L->input.queue.produced = server.inputs + LINK_INPUTS + 1;
	fake_link_look();
	CHECK_EQ(L->input.queue.consumed, server.inputs);
	end();
}

/* Keys faster than the guest reads them: none is lost while it reads at all, and the tablet's points wait for nobody who does not. */
static void keys_wait(void)
{
	start();
	for (unsigned i = 0; i < 40; i++)
		server_input(&(struct input_event){
			.kind = INPUT_KEY, .code = (uint16_t)(16 + i / 2 % 10), .down = !(i & 1) });
	server_input(&(struct input_event){ .kind = INPUT_POINT, .x = 5 });
	CHECK_EQ(tablet_n, 0);
	for (unsigned i = 0; i < 20; i++) {
		static const uint8_t codes[] = { 0x15, 0x1d, 0x24, 0x2d, 0x2c,
			                         0x35, 0x3c, 0x43, 0x44, 0x4d }; /* q to p */

		fake_machine_advance(vm.m, 10000000);
		CHECK_EQ(get(), codes[i % 10]);
		CHECK_EQ(get(), 0xf0);
		CHECK_EQ(get(), codes[i % 10]);
	}
	fake_machine_advance(vm.m, 10000000);
	CHECK_EQ(tablet_n, 1);
	CHECK_EQ(L->input.queue.consumed, server.inputs);
	/* nobody reads: after a while they are lost, as on any keyboard */
	for (unsigned i = 0; i < 40; i++)
		server_input(&(struct input_event){
			.kind = INPUT_KEY, .code = (uint16_t)(16 + i / 2 % 10), .down = !(i & 1) });
	server_input(&(struct input_event){ .kind = INPUT_POINT, .x = 6 });
	CHECK_EQ(tablet_n, 1);
	for (unsigned i = 0; i < 210; i++)
		fake_machine_advance(vm.m, 10000000);
	CHECK_EQ(tablet_n, 2);
	CHECK_EQ(L->input.queue.consumed, server.inputs);
	end();
}

static void lamps(void)
{
	start();
	fake_out(vm.m, 0x60, 1, 0xed);
	fake_machine_advance(vm.m, 10000000);
	CHECK_EQ(get(), 0xfa);
	fake_out(vm.m, 0x60, 1, 4);
	fake_machine_advance(vm.m, 10000000);
	CHECK_EQ(L->input.leds, INPUT_LED_CAPS);
	L->input.leds = 0;
	server_attach(2);
	CHECK_EQ(L->input.leds, INPUT_LED_CAPS);
	end();
}

/* Points are the tablet's always; buttons the mouse's as long as the guest does not know the tablet. */
static void points(void)
{
	start();
	server_input(&(struct input_event){ .kind = INPUT_POINT, .x = 100, .y = 200 });
	CHECK_EQ(tablet_n, 1);
	CHECK_EQ(tablet_got.y, 200);
	server_input(&(struct input_event){ .kind = INPUT_BUTTON, .code = 0, .down = true });
	server_input(&(struct input_event){ .kind = INPUT_MOVE, .x = 1 });
	CHECK_EQ(tablet_n, 1);
	CHECK_EQ(L->input.has_tablet, 0);
	end();
}

static void ask(void)
{
	L->screen.asked++;
	fake_link_look();
	CHECK_EQ(L->screen.answered, L->screen.asked);
	CHECK_EQ(L->screen.sequence & 1, 0);
}

static void screen(void)
{
	start();
	CHECK_EQ(fake_link.vram_written, 0);
	fake_link_look();
	CHECK_EQ(fake_link.vram_written, 0); /* nobody asked */
	ask();
	CHECK_EQ(fake_link.vram_written, 1);
	CHECK(L->screen.written[0] & 1);
	CHECK(!memcmp(&L->screen.screen, vga_get_screen(&vm.d), sizeof(struct vga_screen)));
	CHECK_EQ(L->screen.screen.linear_size, VGA_TEST_LINEAR);
	fake_out(vm.m, 0x3c2, 1, 0x67);
	CHECK(L->screen.screen.misc != 0x67);
	ask();
	CHECK_EQ(L->screen.screen.misc, 0x67);
	/* what is in the pages is for the other side only */
	L->screen.sequence = 77;
	L->screen.answered = 1234;
	ask();
	server_attach(2);
	CHECK_EQ(L->screen.answered, 3);
	end();
}

UNIT_MAIN(UNIT(keys), UNIT(keys_wait), UNIT(lamps), UNIT(points), UNIT(screen))
