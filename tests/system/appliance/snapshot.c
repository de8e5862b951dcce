// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * snapshot TITLE FILE.png: a picture of the window (on DISPLAY) whose title begins so. Fails when there is none, or when it is not whole on the screen.
 * snapshot TITLE --close: asks that window to close, as the button in a window's frame does.
 */
#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <png.h>
#include <stdio.h>
#include <string.h>

static int no_error(Display *d, XErrorEvent *e)
{
	(void)d;
	(void)e;
	return 0;
}

static Window window_find(Display *d, const char *title)
{
	Window root, parent, *children = NULL, found = None;
	unsigned n = 0;

	XQueryTree(d, DefaultRootWindow(d), &root, &parent, &children, &n);
	for (unsigned i = 0; i < n; i++) {
		char *name = NULL;

		if (XFetchName(d, children[i], &name) && name &&
		    strncmp(name, title, strlen(title)) == 0)
			found = children[i];
		if (name)
			XFree(name);
	}
	if (children)
		XFree(children);
	return found;
}

static int window_close(Display *d, Window w)
{
	XEvent e = { .xclient = { .type = ClientMessage, .window = w, .format = 32 } };

	e.xclient.message_type = XInternAtom(d, "WM_PROTOCOLS", False);
	e.xclient.data.l[0] = (long)XInternAtom(d, "WM_DELETE_WINDOW", False);
	e.xclient.data.l[1] = CurrentTime;
	if (!XSendEvent(d, w, False, NoEventMask, &e))
		return 1;
	XSync(d, False);
	return 0;
}

static int window_picture(Display *d, Window w, const char *file)
{
	png_image png = { .version = PNG_IMAGE_VERSION, .format = PNG_FORMAT_BGRA, .flags = 0 };
	XWindowAttributes a;
	XImage *image;

	if (!XGetWindowAttributes(d, w, &a) || a.map_state != IsViewable)
		return 1;
	image = XGetImage(d, w, 0, 0, (unsigned)a.width, (unsigned)a.height, AllPlanes, ZPixmap);
	if (!image || image->bits_per_pixel != 32)
		return 1;
	for (int y = 0; y < a.height; y++)
		for (int x = 0; x < a.width; x++)
			image->data[y * image->bytes_per_line + x * 4 + 3] = (char)0xff;
	png.width = (png_uint_32)a.width;
	png.height = (png_uint_32)a.height;
	return png_image_write_to_file(&png, file, 0, image->data, image->bytes_per_line, NULL) ? 0
	                                                                                        : 1;
}

int main(int argc, char **argv)
{
	Display *d = XOpenDisplay(NULL);
	Window w;

	if (argc != 3 || !d)
		return 1;
	XSetErrorHandler(no_error);
	w = window_find(d, argv[1]);
	if (w == None)
		return 1;
	return strcmp(argv[2], "--close") == 0 ? window_close(d, w) : window_picture(d, w, argv[2]);
}
