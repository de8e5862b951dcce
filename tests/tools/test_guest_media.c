// SPDX-License-Identifier: GPL-2.0-or-later
/* What `make run` takes out of a description, and QEMU's words for it. */
#include "guest_media.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/zazen-media.XXXXXX";
static struct guest_media media;
static char said[4096];

static const char *path_of(const char *name)
{
	static char path[200];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void file_make(const char *name, const char *bytes, size_t size)
{
	FILE *f = fopen(path_of(name), "w");

	CHECK(f);
	fwrite(bytes, 1, strlen(bytes), f);
	CHECK_EQ(fflush(f), 0);
	CHECK_EQ(ftruncate(fileno(f), (off_t)size), 0);
	fclose(f);
}

static void config_make(const char *text)
{
	file_make("guest.cfg", text, strlen(text));
}

/* Its messages are in said. */
static bool take(int nr, char **words)
{
	char *arguments[64] = { NULL };
	char name[200];
	int kept = dup(STDERR_FILENO);
	FILE *f;
	bool done;

	snprintf(name, sizeof(name), "%s", path_of("guest.cfg"));
	arguments[0] = name;
	for (int i = 0; i < nr; i++)
		arguments[1 + i] = words[i];
	CHECK(freopen(path_of("said"), "w", stderr));
	done = guest_media_read(&media, "build", 1 + nr, arguments);
	fflush(stderr);
	dup2(kept, STDERR_FILENO);
	close(kept);
	f = fopen(path_of("said"), "r");
	memset(said, 0, sizeof(said));
	(void)!fread(said, 1, sizeof(said) - 1, f);
	fclose(f);
	return done;
}

static bool has_line(const char *line)
{
	const char *at = strstr(media.description, line);

	return at && at[-1] == '\n' && at[strlen(line)] == '\n';
}

static void begin(void)
{
	static bool is_there;

	if (!is_there)
		CHECK(mkdtemp(folder));
	is_there = true;
}

/* Whatever the description's computer has: its files are found beside it, too. */
static void test_found(void)
{
	begin();
	(void)mkdir(path_of("images"), 0700);
	file_make("disk.img", "", 1 << 20);
	file_make("images/other.img", "", 1 << 20);
	config_make(
		"name='a'\ntype='hvm'\nmemory=64\nvnc=1\nvncdisplay=7\n"
		"disk=['file:disk.img,hda,w','images/other.img,raw,hdb,r',\n'/far/away/disk.img,raw,xvde,r',',hdc:cdrom,r']\n");
	CHECK(take(0, NULL));
	CHECK_EQ(media.nr_media, 3);
	CHECK(strcmp(media.media[0].path, path_of("disk.img")) == 0);
	CHECK(!media.media[0].read_only && media.media[1].read_only);
	CHECK(strcmp(media.media[1].path, path_of("images/other.img")) == 0);
	CHECK(strcmp(media.media[2].path, path_of("disk.img")) == 0);
	CHECK(has_line(
		"disk = [\"/media/0,raw,hda,w\",\"/media/1,raw,hdb,r\",\"/media/2,raw,xvde,r\",\",hdc:cdrom,r\"]"));
	/* what it takes the place of is a comment, whatever lines that has */
	CHECK(has_line("# disk=['file:disk.img,hda,w','images/other.img,raw,hdb,r',") &&
	      has_line("# '/far/away/disk.img,raw,xvde,r',',hdc:cdrom,r']"));
	CHECK(has_line("# vncdisplay=7") && has_line("memory=64"));
	/* the port that is told is the one that it has */
	CHECK(media.has_screen && has_line("vncdisplay = 0") &&
	      has_line("vnclisten = \"0.0.0.0\""));
}

static void test_no_screen(void)
{
	begin();
	config_make("name='a'\ntype='hvm'\nmemory=64\nvnc=0\n");
	CHECK(take(0, NULL));
	CHECK(!media.has_screen && !has_line("vncdisplay = 0"));
}

/* As xl would say it on the computer where it will live. */
static void test_refused(void)
{
	char *words[40];

	begin();
	config_make("name='a'\ntype='hvm'\nmemory=64\ndisk=['none.img,raw,hda,w']\n");
	CHECK(!take(0, NULL));
	CHECK(strstr(
		said,
		"guest.cfg:4: disk \"/dev/none.img\": No such file or directory; correct the path"));
	file_make("q.img", "QFI\xfb\0\0\0\3", 1 << 20);
	config_make("name='a'\ntype='hvm'\nmemory=64\n\ndisk=['q.img,,hda,w']\n");
	CHECK(!take(0, NULL));
	CHECK(strstr(said, "guest.cfg:5: ") && strstr(said, "say format=qcow2"));
	config_make("name='a'\ntype='pvh'\nmemory=64\nkernel='none'\n");
	CHECK(!take(0, NULL));
	CHECK(strstr(said, "guest.cfg:4: kernel \"none\": No such file or directory"));
	config_make("name='a'\ntype='pv'\nmemory=64\nkernel='guest.cfg'\n");
	CHECK(!take(0, NULL));
	CHECK(strstr(said, "does not start yet"));
	for (size_t i = 0; i < 40; i++)
		words[i] = (char *)"memory=64";
	config_make("name='a'\ntype='hvm'\nmemory=64\n");
	CHECK(take(20, words));
	CHECK_EQ(media.nr_words, 21);
	words[0] = (char *)"vncdisplay=3";
	CHECK(take(20, words));
	CHECK_EQ(media.nr_words, 20);
	CHECK(!take(40, words));
	CHECK(strstr(said, "put them into the description"));
}

static void test_command(void)
{
	struct machine m = { .xen = "xen",
		             .kernel = "kernel",
		             .initrd = "initrd",
		             .kernel_arguments = "a=b",
		             .memory_mib = 2048,
		             .cpus = 2,
		             .vnc_port = 5900,
		             .web_port = 5800,
		             .media = { { "/a,b.img", "raw", false }, { "/c.iso", "raw", true } },
		             .nr_media = 2 };
	char **word = machine_command(&m);
	bool has_first = false, has_second = false, has_ports = false;

	CHECK(word);
	for (; *word; word++) {
		has_first |=
			strcmp(*word,
		               "if=none,id=medium0,format=raw,file=/a,,b.img,discard=unmap") == 0;
		has_second |=
			strcmp(*word, "if=none,id=medium1,format=raw,file=/c.iso,readonly=on") == 0;
		has_ports |= strstr(*word, "hostfwd=tcp:127.0.0.1:5903-10.0.2.15:5903") != NULL;
	}
	CHECK(has_first && has_second && has_ports);
}

static void last_cleans_up(void)
{
	static const char *const names[] = { "disk.img", "images/other.img", "images",
		                             "q.img",    "guest.cfg",        "said",
		                             "" };

	begin();
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		(void)remove(path_of(names[i]));
	CHECK(access(folder, F_OK) != 0);
}

UNIT_MAIN(UNIT(test_found), UNIT(test_no_screen), UNIT(test_refused), UNIT(test_command),
          UNIT(last_cleans_up))
