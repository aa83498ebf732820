// SPDX-License-Identifier: GPL-2.0-only
/*
 * td-report get TEXT: the report of the TD that this runs in, with TEXT as its data, to
 * standard output (/dev/tdx_guest).
 * td-report show REPORT: checks a report's MAC with the simulator's key and its hashes, and
 * prints what it says.
 * td-report replay LOG: the RTMRs that an event log amounts to (the ACPI table CCEL's data).
 *
 * None of the simulator's code is in here: SHA-384 by FIPS 180-4, the report by the TDX module
 * ABI, the log by the TCG's PC client profile.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DIGEST		48
#define BLOCK		128
#define REPORT		1024
#define DATA		64
#define NR_RTMRS	4
#define MAX_LOG		(1 << 20)

/* The simulator's; a CPU's never leaves it. */
static const char key[32] = "simulated: this attests nothing.";

/* Offsets in a report. */
#define TYPE		0
#define TCB_HASH	32
#define TD_HASH		80
#define REPORT_DATA	128
#define MAC		224
#define MAC_SIZE	32
#define TCB		256
#define TCB_SIZE	239
#define TD		512
#define TD_SIZE		512
#define ATTRIBUTES	512
#define XFAM		520
#define MRTD		528
#define RTMR0		720

static void die(const char *what)
{
	fprintf(stderr, "td-report: %s\n", what);
	exit(1);
}

/* ---- SHA-384 */

static const uint64_t k[80] = {
	0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
	0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
	0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
	0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
	0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
	0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
	0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
	0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
	0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
	0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
	0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
	0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
	0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
	0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
	0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
	0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
	0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
	0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
	0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
	0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
};

static uint64_t rotate(uint64_t x, int n)
{
	return x >> n | x << (64 - n);
}

static void sha_block(uint64_t h[8], const uint8_t *p)
{
	uint64_t w[80], s[8], t1, t2;
	int i;

	for (i = 0; i < 16; i++) {
		memcpy(&w[i], p + 8 * i, 8);
		w[i] = __builtin_bswap64(w[i]);
	}
	for (; i < 80; i++)
		w[i] = w[i - 16] + w[i - 7] +
		       (rotate(w[i - 15], 1) ^ rotate(w[i - 15], 8) ^ w[i - 15] >> 7) +
		       (rotate(w[i - 2], 19) ^ rotate(w[i - 2], 61) ^ w[i - 2] >> 6);
	memcpy(s, h, sizeof(s));
	for (i = 0; i < 80; i++) {
		t1 = s[7] + (rotate(s[4], 14) ^ rotate(s[4], 18) ^ rotate(s[4], 41)) +
		     ((s[4] & s[5]) ^ (~s[4] & s[6])) + k[i] + w[i];
		t2 = (rotate(s[0], 28) ^ rotate(s[0], 34) ^ rotate(s[0], 39)) +
		     ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
		memmove(s + 1, s, 7 * sizeof(*s));
		s[4] += t1;
		s[0] = t1 + t2;
	}
	for (i = 0; i < 8; i++)
		h[i] += s[i];
}

static void sha384(const uint8_t *data, size_t size, uint8_t digest[DIGEST])
{
	uint64_t h[8] = {
		0xcbbb9d5dc1059ed8, 0x629a292a367cd507, 0x9159015a3070dd17, 0x152fecd8f70e5939,
		0x67332667ffc00b31, 0x8eb44a8768581511, 0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4,
	}, bits = __builtin_bswap64(8 * (uint64_t)size);
	uint8_t last[2 * BLOCK] = { 0 };
	size_t rest, end;
	int i;

	for (; size >= BLOCK; data += BLOCK, size -= BLOCK)
		sha_block(h, data);
	rest = size;
	memcpy(last, data, rest);
	last[rest] = 0x80;
	end = rest < BLOCK - 16 ? BLOCK : 2 * BLOCK;
	memcpy(last + end - 8, &bits, 8);
	for (size = 0; size < end; size += BLOCK)
		sha_block(h, last + size);
	for (i = 0; i < 6; i++) {
		h[i] = __builtin_bswap64(h[i]);
		memcpy(digest + 8 * i, &h[i], 8);
	}
}

/* HMAC; a message of this program's is shorter than two blocks. */
static void hmac(const uint8_t *message, size_t size, uint8_t digest[DIGEST])
{
	uint8_t inner[3 * BLOCK], outer[BLOCK + DIGEST];
	size_t i;

	for (i = 0; i < BLOCK; i++) {
		inner[i] = (i < sizeof(key) ? (uint8_t)key[i] : 0) ^ 0x36;
		outer[i] = (i < sizeof(key) ? (uint8_t)key[i] : 0) ^ 0x5c;
	}
	memcpy(inner + BLOCK, message, size);
	sha384(inner, BLOCK + size, outer + BLOCK);
	sha384(outer, sizeof(outer), digest);
}

/* ---- reports */

/* linux/tdx-guest.h, which Linux 6.1 has not. */
struct report_request {
	uint8_t data[DATA];
	uint8_t report[REPORT];
};
#define GET_REPORT	_IOWR('T', 1, struct report_request)

static void get(const char *text)
{
	struct report_request request = { .data = { 0 } };
	int fd = open("/dev/tdx_guest", O_RDWR);

	if (fd < 0)
		die("cannot open /dev/tdx_guest");
	memcpy(request.data, text, strnlen(text, DATA));
	if (ioctl(fd, GET_REPORT, &request))
		die("/dev/tdx_guest gives no report");
	if (write(1, request.report, REPORT) != REPORT)
		die("cannot write");
}

static void print_hex(const char *name, const uint8_t *p, size_t size)
{
	printf("%s ", name);
	while (size--)
		printf("%02x", *p++);
	printf("\n");
}

static size_t read_file(const char *path, uint8_t *to, size_t room)
{
	FILE *f = fopen(path, "r");
	size_t n;

	if (!f)
		die("cannot open the file");
	n = fread(to, 1, room, f);
	fclose(f);
	return n;
}

static void check_hash(const uint8_t *r, int at, int size, int hash, const char *what)
{
	uint8_t digest[DIGEST];

	sha384(r + at, size, digest);
	if (memcmp(r + hash, digest, DIGEST))
		die(what);
}

static void show(const char *path)
{
	uint8_t r[REPORT], digest[DIGEST];
	char name[8];
	int i;

	if (read_file(path, r, REPORT) != REPORT || r[TYPE] != 0x81)
		die("no report of a TD");
	hmac(r, MAC, digest);
	if (memcmp(r + MAC, digest, MAC_SIZE))
		die("the MAC is not the simulator's");
	check_hash(r, TCB, TCB_SIZE, TCB_HASH, "the hash of the TCB is wrong");
	check_hash(r, TD, TD_SIZE, TD_HASH, "the hash of the TD is wrong");
	printf("data %.*s\n", DATA, (char *)r + REPORT_DATA);
	print_hex("attributes", r + ATTRIBUTES, 8);
	print_hex("xfam", r + XFAM, 8);
	print_hex("mrtd", r + MRTD, DIGEST);
	for (i = 0; i < NR_RTMRS; i++) {
		snprintf(name, sizeof(name), "rtmr%d", i);
		print_hex(name, r + RTMR0 + DIGEST * i, DIGEST);
	}
}

/* ---- the event log */

#define ALG_SHA384	0xc
#define EV_NO_ACTION	3

static uint32_t get32(const uint8_t *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24;
}

/* RTMR n is measurement register n + 1; 0 is MRTD. */
static void extend(uint8_t rtmr[NR_RTMRS][DIGEST], uint32_t mr, const uint8_t *digest)
{
	uint8_t both[2 * DIGEST];

	if (!mr || mr > NR_RTMRS)
		die("an event of no RTMR");
	memcpy(both, rtmr[mr - 1], DIGEST);
	memcpy(both + DIGEST, digest, DIGEST);
	sha384(both, sizeof(both), rtmr[mr - 1]);
}

/* The first event has the log's own form, and says what is in the others. */
static void replay(const char *path)
{
	static uint8_t log[MAX_LOG], rtmr[NR_RTMRS][DIGEST];
	size_t size = read_file(path, log, sizeof(log)), at;
	uint32_t events = 0, mr, type, i;
	char name[8];

	if (size < 32)
		die("no event log");
	for (at = 32 + get32(log + 28); at + 14 + DIGEST + 4 <= size; events++) {
		mr = get32(log + at);
		type = get32(log + at + 4);
		/* The log's room behind the last event is zeroes, or ones. */
		if ((!mr && !type) || mr == ~0U)
			break;
		if (get32(log + at + 8) != 1 || log[at + 12] != ALG_SHA384 || log[at + 13])
			die("an event with other than one digest, of SHA-384");
		if (type != EV_NO_ACTION)
			extend(rtmr, mr, log + at + 14);
		at += 14 + DIGEST;
		at += 4 + (size_t)get32(log + at);
	}
	printf("events %u\n", events);
	for (i = 0; i < NR_RTMRS; i++) {
		snprintf(name, sizeof(name), "rtmr%u", i);
		print_hex(name, rtmr[i], DIGEST);
	}
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "get"))
		get(argv[2]);
	else if (argc == 3 && !strcmp(argv[1], "show"))
		show(argv[2]);
	else if (argc == 3 && !strcmp(argv[1], "replay"))
		replay(argv[2]);
	else
		die("usage: td-report get TEXT | show REPORT | replay LOG");
	return 0;
}
