/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Keys by keysym. Viewers send Shift and the letter that it makes: both letters of a key lead to it, and the guest's own map makes the letter again, if it is the same as the viewer's.
 */
#include "keys.h"

#include <linux/input-event-codes.h>
#include <rfb/keysym.h>
#include <stddef.h>
#include <string.h>

struct key {
	uint32_t keysym;
	uint16_t code;
};

/* Which are the same on all keyboards. */
static const struct key common[] = {
	{ XK_BackSpace, KEY_BACKSPACE },
	{ XK_Tab, KEY_TAB },
	{ XK_ISO_Left_Tab, KEY_TAB },
	{ XK_Return, KEY_ENTER },
	{ XK_Escape, KEY_ESC },
	{ XK_Delete, KEY_DELETE },
	{ XK_Home, KEY_HOME },
	{ XK_Left, KEY_LEFT },
	{ XK_Up, KEY_UP },
	{ XK_Right, KEY_RIGHT },
	{ XK_Down, KEY_DOWN },
	{ XK_Page_Up, KEY_PAGEUP },
	{ XK_Page_Down, KEY_PAGEDOWN },
	{ XK_End, KEY_END },
	{ XK_Insert, KEY_INSERT },
	{ XK_Pause, KEY_PAUSE },
	{ XK_Print, KEY_SYSRQ },
	{ XK_Sys_Req, KEY_SYSRQ },
	{ XK_Scroll_Lock, KEY_SCROLLLOCK },
	{ XK_Num_Lock, KEY_NUMLOCK },
	{ XK_Caps_Lock, KEY_CAPSLOCK },
	{ XK_Shift_L, KEY_LEFTSHIFT },
	{ XK_Shift_R, KEY_RIGHTSHIFT },
	{ XK_Control_L, KEY_LEFTCTRL },
	{ XK_Control_R, KEY_RIGHTCTRL },
	{ XK_Alt_L, KEY_LEFTALT },
	{ XK_Meta_L, KEY_LEFTALT },
	{ XK_Alt_R, KEY_RIGHTALT },
	{ XK_Meta_R, KEY_RIGHTALT },
	{ XK_ISO_Level3_Shift, KEY_RIGHTALT },
	{ XK_Mode_switch, KEY_RIGHTALT },
	{ XK_Super_L, KEY_LEFTMETA },
	{ XK_Super_R, KEY_RIGHTMETA },
	{ XK_Menu, KEY_COMPOSE },
	{ XK_space, KEY_SPACE },
	{ XK_F1, KEY_F1 },
	{ XK_F2, KEY_F2 },
	{ XK_F3, KEY_F3 },
	{ XK_F4, KEY_F4 },
	{ XK_F5, KEY_F5 },
	{ XK_F6, KEY_F6 },
	{ XK_F7, KEY_F7 },
	{ XK_F8, KEY_F8 },
	{ XK_F9, KEY_F9 },
	{ XK_F10, KEY_F10 },
	{ XK_F11, KEY_F11 },
	{ XK_F12, KEY_F12 },
	{ XK_KP_0, KEY_KP0 },
	{ XK_KP_1, KEY_KP1 },
	{ XK_KP_2, KEY_KP2 },
	{ XK_KP_3, KEY_KP3 },
	{ XK_KP_4, KEY_KP4 },
	{ XK_KP_5, KEY_KP5 },
	{ XK_KP_6, KEY_KP6 },
	{ XK_KP_7, KEY_KP7 },
	{ XK_KP_8, KEY_KP8 },
	{ XK_KP_9, KEY_KP9 },
	{ XK_KP_Insert, KEY_KP0 },
	{ XK_KP_End, KEY_KP1 },
	{ XK_KP_Down, KEY_KP2 },
	{ XK_KP_Page_Down, KEY_KP3 },
	{ XK_KP_Left, KEY_KP4 },
	{ XK_KP_Begin, KEY_KP5 },
	{ XK_KP_Right, KEY_KP6 },
	{ XK_KP_Home, KEY_KP7 },
	{ XK_KP_Up, KEY_KP8 },
	{ XK_KP_Page_Up, KEY_KP9 },
	{ XK_KP_Decimal, KEY_KPDOT },
	{ XK_KP_Delete, KEY_KPDOT },
	{ XK_KP_Enter, KEY_KPENTER },
	{ XK_KP_Add, KEY_KPPLUS },
	{ XK_KP_Subtract, KEY_KPMINUS },
	{ XK_KP_Multiply, KEY_KPASTERISK },
	{ XK_KP_Divide, KEY_KPSLASH },
};

/* Rows of a keyboard: the letters of each key without and with Shift; one that has a third (AltGr) has it in level3. 0: none. */
struct row {
	uint16_t first;              /* the code of its first key; the others follow */
	const char *plain, *shifted; /* Latin-1 */
};
#define ROWS 4
struct keymap {
	const char *name;
	struct row rows[ROWS];
	struct key more[16]; /* keysym 0 ends them */
};

static const struct keymap maps[] = {
	{ "us",
	  { { KEY_1, "1234567890-=", "!@#$%^&*()_+" },
	    { KEY_Q, "qwertyuiop[]", "QWERTYUIOP{}" },
	    { KEY_A, "asdfghjkl;'`", "ASDFGHJKL:\"~" },
	    { KEY_BACKSLASH, "\\zxcvbnm,./", "|ZXCVBNM<>?" } },
	  { { 0 } } },
	{ "gb",
	  { { KEY_1, "1234567890-=", "!\"\xa3$%^&*()_+" },
	    { KEY_Q, "qwertyuiop[]", "QWERTYUIOP{}" },
	    { KEY_A, "asdfghjkl;'`", "ASDFGHJKL:@\xac" },
	    { KEY_BACKSLASH, "#zxcvbnm,./", "~ZXCVBNM<>?" } },
	  { { '\\', KEY_102ND }, { '|', KEY_102ND } } },
	{ "de",
	  { { KEY_1, "1234567890\xdf\xb4", "!\"\xa7$%&/()=?`" },
	    { KEY_Q, "qwertzuiop\xfc+", "QWERTZUIOP\xdc*" },
	    { KEY_A, "asdfghjkl\xf6\xe4^", "ASDFGHJKL\xd6\xc4\xb0" },
	    { KEY_BACKSLASH, "#yxcvbnm,.-", "'YXCVBNM;:_" } },
	  { { '<', KEY_102ND },
	    { '>', KEY_102ND },
	    { '|', KEY_102ND },
	    { '@', KEY_Q },
	    { '{', KEY_7 },
	    { '[', KEY_8 },
	    { ']', KEY_9 },
	    { '}', KEY_0 },
	    { '\\', KEY_MINUS },
	    { '~', KEY_RIGHTBRACE },
	    { XK_dead_circumflex, KEY_GRAVE },
	    { XK_dead_acute, KEY_EQUAL },
	    { XK_dead_grave, KEY_EQUAL } } },
	{ "fr",
	  { { KEY_1, "&\xe9\"'(-\xe8_\xe7\xe0)=", "1234567890\xb0+" },
	    { KEY_Q, "azertyuiop^$", "AZERTYUIOP\xa8\xa3" },
	    { KEY_A, "qsdfghjklm\xf9\xb2", "QSDFGHJKLM%\xb2" },
	    { KEY_BACKSLASH, "*wxcvbn,;:!", "\xb5WXCVBN?./\xa7" } },
	  { { '<', KEY_102ND },
	    { '>', KEY_102ND },
	    { '~', KEY_2 },
	    { '#', KEY_3 },
	    { '{', KEY_4 },
	    { '[', KEY_5 },
	    { '|', KEY_6 },
	    { '`', KEY_7 },
	    { '\\', KEY_8 },
	    { '@', KEY_0 },
	    { ']', KEY_MINUS },
	    { '}', KEY_EQUAL },
	    { XK_dead_circumflex, KEY_LEFTBRACE } } },
};
#define NR_MAPS (sizeof(maps) / sizeof(maps[0]))

const struct keymap *keymap_find(const char *name)
{
	for (size_t i = 0; i < NR_MAPS; i++)
		if (strcmp(maps[i].name, name && *name ? name : "us") == 0 ||
		    (name && strcmp(name, "en-us") == 0 && i == 0) ||
		    (name && strcmp(name, "en-gb") == 0 && strcmp(maps[i].name, "gb") == 0))
			return &maps[i];
	return NULL;
}

const char *keymap_names(void)
{
	return "us gb de fr";
}

static uint16_t in_row(const struct row *r, uint32_t keysym)
{
	const char *at;

	if (!keysym || keysym > 0xff)
		return 0;
	at = strchr(r->plain, (int)keysym);
	if (at)
		return (uint16_t)(r->first + (at - r->plain));
	at = strchr(r->shifted, (int)keysym);
	return at ? (uint16_t)(r->first + (at - r->shifted)) : 0;
}

uint16_t keymap_code(const struct keymap *m, uint32_t keysym)
{
	for (size_t i = 0; i < sizeof(common) / sizeof(common[0]); i++)
		if (common[i].keysym == keysym)
			return common[i].code;
	for (size_t i = 0; i < ROWS; i++) {
		uint16_t code = in_row(&m->rows[i], keysym);

		if (code)
			return code;
	}
	for (size_t i = 0; i < sizeof(m->more) / sizeof(m->more[0]) && m->more[i].keysym; i++)
		if (m->more[i].keysym == keysym)
			return m->more[i].code;
	return 0;
}
