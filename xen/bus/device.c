/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The life of a device, and copies from and to guest RAM. */
#include "device.h"

#include "errno.h"
#include "heap.h"
#include "string.h"

int device_create(struct device *d, const struct device_class *class, const char *id,
                  struct device_ports *ports, const void *config)
{
	int error;

	*d = (struct device){ .class = class, .id = id, .ports = ports };
	d->state = heap_alloc(class->state_size);
	if (!d->state)
		return -ENOMEM;
	error = class->create(d, config);
	if (error) {
		heap_free(d->state);
		d->state = NULL;
		return error;
	}
	device_reset(d);
	return 0;
}

void device_reset(struct device *d)
{
	d->class->reset(d);
}

void device_destroy(struct device *d)
{
	if (!d->state)
		return;
	d->class->destroy(d);
	heap_free(d->state);
	d->state = NULL;
}

long device_save(struct device *d, void *buf, size_t size)
{
	if (d->class->saving)
		d->class->saving(d);
	return save_write(d->class->saved, d->class->version, d->state, buf, size);
}

int device_restore(struct device *d, uint16_t version, const void *buf, size_t size)
{
	int error = save_read(d->class->saved, version, d->state, buf, size);

	if (!error && d->class->restored)
		error = d->class->restored(d);
	if (error)
		device_reset(d);
	return error;
}

int dma_read(struct guest_dma *m, uint64_t gpa, void *to, size_t len)
{
	int result = 0;

	while (len) {
		size_t n = MIN(len, PAGE_SIZE - (size_t)(gpa & (PAGE_SIZE - 1)));
		void *p = m->span(m, gpa, &n, false);

		if (p) {
			memcpy(to, p, n);
		} else {
			memset(to, 0xff, n);
			result = -EFAULT;
		}
		gpa += n;
		to = (uint8_t *)to + n;
		len -= n;
	}
	return result;
}

int dma_write(struct guest_dma *m, uint64_t gpa, const void *from, size_t len)
{
	int result = 0;

	while (len) {
		size_t n = MIN(len, PAGE_SIZE - (size_t)(gpa & (PAGE_SIZE - 1)));
		void *p = m->span(m, gpa, &n, true);

		if (p)
			memcpy(p, from, n);
		else
			result = -EFAULT;
		gpa += n;
		from = (const uint8_t *)from + n;
		len -= n;
	}
	return result;
}
