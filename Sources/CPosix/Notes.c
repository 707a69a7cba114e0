#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "CPosix.h"

// The file: a header, then slots of a fixed size. It is mapped and shared, so what is written stays
// when the process dies, without a call to the system for each note.
typedef struct {
  char magic[8];
  _Atomic uint32_t crashed;
  uint32_t slots;
} notes_header;

enum { slot_bytes = 1024 };
static const char notes_magic[8] = {'n','o','t','e','s',' ','1','\n'};

static notes_header *_Atomic board;
static _Thread_local int own_slot = -1;
static const int fatal_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP};
enum { fatal_count = sizeof fatal_signals / sizeof fatal_signals[0] };
static struct sigaction earlier[fatal_count];

static char *slot_text(notes_header *header, int slot) {
  return (char *)header + sizeof *header + (size_t)slot * slot_bytes;
}

// Runs on the thread that died: remembers its note, then lets happen what would have happened.
static void note_crash(int number, siginfo_t *info, void *context) {
  (void)context;
  notes_header *header = atomic_load(&board);
  if (header && own_slot >= 0) atomic_store(&header->crashed, (uint32_t)own_slot + 1);
  for (int i = 0; i < fatal_count; i++) {
    if (fatal_signals[i] == number) sigaction(number, &earlier[i], NULL);
  }
  // A fault comes again when this returns; a signal that was sent has to be sent again.
  if (info->si_code <= 0) raise(number);
}

int posetop_notes_open(const char *path, int slots) {
  if (atomic_load(&board)) return 0;
  int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return -1;
  size_t size = sizeof(notes_header) + (size_t)slots * slot_bytes;
  void *memory = MAP_FAILED;
  // Real blocks: writing into a hole of a full file system would kill the process.
  if (posix_fallocate(fd, 0, (off_t)size) == 0) {
    memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  }
  close(fd);
  if (memory == MAP_FAILED) return -1;
  notes_header *header = memory;
  memcpy(header->magic, notes_magic, sizeof notes_magic);
  header->slots = (uint32_t)slots;
  atomic_store(&board, header);
  struct sigaction action = {.sa_sigaction = note_crash, .sa_flags = SA_ONSTACK | SA_SIGINFO};
  sigfillset(&action.sa_mask);
  for (int i = 0; i < fatal_count; i++) sigaction(fatal_signals[i], &action, &earlier[i]);
  return 0;
}

void posetop_note(int slot, const char *text) {
  notes_header *header = atomic_load(&board);
  if (!header || slot < 0 || (uint32_t)slot >= header->slots) return;
  if (!text) {
    own_slot = -1;
    slot_text(header, slot)[0] = 0;
    return;
  }
  size_t length = strnlen(text, slot_bytes - 1);
  char *place = slot_text(header, slot);
  memcpy(place, text, length);
  place[length] = 0;
  own_slot = slot;
}

int posetop_notes_crashed(const char *path, char *text, size_t size) {
  int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return 0;
  notes_header header;
  int found = 0;
  if (pread(fd, &header, sizeof header, 0) == (ssize_t)sizeof header
      && memcmp(header.magic, notes_magic, sizeof notes_magic) == 0 && header.crashed > 0
      && header.crashed <= header.slots && size > 0) {
    off_t place = (off_t)(sizeof header + (size_t)(header.crashed - 1) * slot_bytes);
    ssize_t count = pread(fd, text, size - 1 < slot_bytes ? size - 1 : slot_bytes, place);
    text[count > 0 ? count : 0] = 0;
    found = count > 0 && text[0] != 0;
  }
  close(fd);
  return found;
}
