/// The registry: where a debugger finds every fiber of a process.
///
/// A runtime that switches stacks keeps one 64-byte record for each fiber in tables whose addresses never change, and
/// an ELF note that leads to their head. A reader needs neither symbols nor debug information: the note lies in a
/// PT_NOTE segment, survives `strip`, and is found in a live process and in a core. The head describes its own
/// layout, so a reader hard-codes no offset but those of the head itself, and several registries live side by side in
/// a process.
///
/// This file is the whole protocol and its only writer. It needs a C11 or C++11 compiler with GCC's `__atomic`
/// built-ins, links nothing, and may be copied into any runtime. For a runtime whose switch pushes rbp, rbx, r12,
/// r13, r14 and r15 on top of the return address, in this order:
///
/// ```c
/// #include "FiberTraceRegistry.h"
///
/// FT_REGISTRY_DEFINE(my_registry, "my runtime"); // in one file
///
/// /* Once, before the first fiber: where a suspended fiber's registers lie, from its saved sp. */
/// void my_runtime_starts(void) {
///   my_registry.saved_bp_offset = 40;
///   my_registry.saved_pc_offset = 48;
///   my_registry.saved_sp_add = 56;
/// }
///
/// struct ft_record *my_fiber_is_created(void *low, void *high, void *sp, const char *name) {
///   struct ft_record *record = ft_registry_acquire(&my_registry);
///   if (record == NULL)
///     return NULL;
///   record->low = (uint64_t)low;
///   record->base = (uint64_t)high;
///   record->sp = (uint64_t)sp;
///   record->name = (uint64_t)name;
///   ft_registry_publish(&my_registry, record); /* last: now readers see it */
///   return record;
/// }
///
/// /* `count` is even while the fiber is off its thread; 0 says that it has not started. */
/// void my_fiber_is_resumed(struct ft_record *record) { record->count++; }
/// void my_fiber_is_suspended(struct ft_record *record, void *sp) {
///   record->sp = (uint64_t)sp;
///   record->count++;
/// }
/// void my_fiber_has_ended(struct ft_record *record) { ft_registry_release(&my_registry, record); }
/// ```
///
/// Nothing here takes a lock. Creating a fiber is one compare-and-swap on a bitmap and one fetch-and-add; a switch
/// touches the fiber's own record alone. (A runtime may take records and ids in advance and keep them: readers do not see a
/// record before it is published.)
#ifndef FIBERTRACE_REGISTRY_H
#define FIBERTRACE_REGISTRY_H

/* ---- Offsets that assembly shares; the assertions below hold them to the structures. ---- */

#define FT_RECORD_SP 0        /* saved stack pointer                                                       */
#define FT_RECORD_BASE 8      /* address of the base frame's link, the fiber's highest frame               */
#define FT_RECORD_COUNT 16    /* bumped by each resume and each suspend: 0 = not started, odd = on a thread */
#define FT_RECORD_LOW 24      /* lowest usable address of the stack                                        */
#define FT_RECORD_IDENTITY 32 /* id << 8 | flags; 0 = the record is free                                   */
#define FT_RECORD_NAME 40     /* NUL-terminated UTF-8, or 0                                                */
#define FT_RECORD_WAIT 48     /* why it is suspended: NUL-terminated UTF-8, or 0                           */
#define FT_RECORD_CREATOR 56  /* return address of the call that created it, or 0                          */
#define FT_RECORD_SIZE 64

#define FT_FLAG_FINISHED 1  /* the body has returned or thrown; the stack holds nothing of interest */
#define FT_FLAG_CANCELLED 2 /* the body is being unwound for good: its suspends fail at once            */
#define FT_FLAG_ABANDONED 4 /* its thread has ended inside it: it is on no thread, and can never be resumed */
#define FT_FLAG_OWN_STATE 8 /* for the runtime: a switch has more to exchange than the stack                */
#define FT_IDENTITY_SHIFT 8

#define FT_REGISTRY_VERSION 1
#define FT_NOTE_NAME "FiberTrace"
#define FT_NOTE_TYPE 1

#ifndef __ASSEMBLER__

#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

/* Linux's value, where strict C11 hides the name. */
#ifdef MAP_ANONYMOUS
#define FT_MAP_ANONYMOUS MAP_ANONYMOUS
#else
#define FT_MAP_ANONYMOUS 0x20
#endif

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-extension"
#define FT_NULLABLE _Nullable
#define FT_NONNULL _Nonnull
#else
#define FT_NULLABLE
#define FT_NONNULL
#endif

/* ThreadSanitizer knows no fence, and gcc warns of that. */
#if defined(__SANITIZE_THREAD__)
#define FT_NO_FENCES 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define FT_NO_FENCES 1
#endif
#endif

#ifdef __cplusplus
#define FT_STATIC_ASSERT static_assert
extern "C" {
#else
#define FT_STATIC_ASSERT _Static_assert
#endif

/// What is known of one fiber. Addresses are the process's own.
///
/// Only `sp` and `count` change while the fiber is switched; `wait` may change around a suspend.
struct ft_record {
  /// Stack pointer saved by the last suspend. Meaningless while `count` is odd.
  uint64_t sp;
  /// Address of the link word of the base frame. The stack in use reaches from `sp` to just above it.
  uint64_t base;
  /// The number of switches into and out of the fiber. With `identity` it is the epoch of a consistent read without
  /// stopping the process: both equal before and after a copy, and this even, means the copy is whole. (`identity` as
  /// well, since another fiber may have got the record meanwhile.) Times resumed = (count + 1) / 2.
  uint64_t count;
  /// Lowest usable address of the stack; a guard, if any, lies below it.
  uint64_t low;
  /// `id << FT_IDENTITY_SHIFT | flags`. Ids are unique in a registry for the life of the process and start at 1.
  uint64_t identity;
  /// Address of a NUL-terminated UTF-8 string that lives as long as the record, or 0.
  uint64_t name;
  /// Address of a NUL-terminated UTF-8 string of static lifetime, or 0.
  uint64_t wait;
  /// A return address in the function that created the fiber, or 0.
  uint64_t creator;
};

FT_STATIC_ASSERT(sizeof(struct ft_record) == FT_RECORD_SIZE, "a record is one cache line");
FT_STATIC_ASSERT(offsetof(struct ft_record, sp) == FT_RECORD_SP, "sp");
FT_STATIC_ASSERT(offsetof(struct ft_record, base) == FT_RECORD_BASE, "base");
FT_STATIC_ASSERT(offsetof(struct ft_record, count) == FT_RECORD_COUNT, "count");
FT_STATIC_ASSERT(offsetof(struct ft_record, low) == FT_RECORD_LOW, "low");
FT_STATIC_ASSERT(offsetof(struct ft_record, identity) == FT_RECORD_IDENTITY, "identity");
FT_STATIC_ASSERT(offsetof(struct ft_record, name) == FT_RECORD_NAME, "name");
FT_STATIC_ASSERT(offsetof(struct ft_record, wait) == FT_RECORD_WAIT, "wait");
FT_STATIC_ASSERT(offsetof(struct ft_record, creator) == FT_RECORD_CREATOR, "creator");

#define FT_CHUNK_SIZE 0x10000
#define FT_CHUNK_HEADER_SIZE 192
#define FT_CHUNK_CAPACITY ((FT_CHUNK_SIZE - FT_CHUNK_HEADER_SIZE) / FT_RECORD_SIZE)

/// A table of 1,021 records, 64 KiB at a multiple of 64 KiB, so that a record's address leads to its chunk.
/// Chunks are pushed to the front of a list, never moved and never freed.
struct ft_chunk {
  /// The next older chunk, or 0.
  uint64_t next;
  /// Number of records that follow the header.
  uint64_t capacity;
  uint64_t reserved[6];
  /// A set bit is a record handed out. Readers go by `identity` instead, which is written last.
  uint64_t used[16];
  struct ft_record records[FT_CHUNK_CAPACITY];
};

FT_STATIC_ASSERT(offsetof(struct ft_chunk, records) == FT_CHUNK_HEADER_SIZE, "records follow the header");
FT_STATIC_ASSERT(FT_CHUNK_HEADER_SIZE % FT_RECORD_SIZE == 0, "a record does not straddle cache lines");
FT_STATIC_ASSERT(sizeof(struct ft_chunk) == FT_CHUNK_SIZE, "a chunk is exactly its alignment");
FT_STATIC_ASSERT(FT_CHUNK_CAPACITY <= 16 * 64, "the bitmap has a bit for each record");

/// The head of a registry, which describes the layout of all that it leads to.
///
/// Fields are only ever appended; `head_size` says how many there are. A change that an older reader would misread
/// raises `version`.
struct ft_registry {
  /// FT_REGISTRY_MAGIC
  uint64_t magic;
  uint32_t version;
  uint32_t head_size;
  uint32_t record_size;
  /// Offset of the first record in a chunk; offsets of `next` and `capacity` in its header.
  uint32_t chunk_records_offset;
  uint32_t chunk_next_offset;
  uint32_t chunk_capacity_offset;
  /// Offsets of the fields in a record.
  uint16_t sp_offset, base_offset, count_offset, low_offset;
  uint16_t identity_offset, name_offset, wait_offset, creator_offset;
  /// id = identity >> identity_shift; the flag bits below it.
  uint16_t identity_shift, finished_flag;
  /// 0 in a head from before there was one.
  uint16_t abandoned_flag;
  uint16_t reserved;
  /// How a fiber that does not run is unwound from its saved sp. When `suspended_pc` is not 0: pc = suspended_pc,
  /// rbp = rsp = sp. Otherwise pc = *(sp + saved_pc_offset), rbp = *(sp + saved_bp_offset), rsp = sp + saved_sp_add.
  uint64_t suspended_pc;
  int32_t saved_pc_offset, saved_bp_offset;
  int32_t saved_sp_add;
  /// 1 if the word at `base` is the link of section "stack layout" in CFiberAsm.h: the resumer's frame pointer while
  /// the fiber runs, `end_record` while it does not. 0: the word means nothing to a reader.
  uint32_t has_link;
  /// The value of the link of a fiber that does not run, or 0.
  uint64_t end_record;
  /// The half-open address ranges of the runtime's own code, which readers name even in a stripped program; 0 if
  /// unknown.
  uint64_t resume_low, resume_high;
  uint64_t suspend_low, suspend_high;
  uint64_t start_low, start_high;
  uint64_t not_running_low, not_running_high;
  /// The runtime's name, NUL-padded.
  char runtime[32];
  /// Address of the newest chunk, or 0.
  uint64_t chunks;
  /// No fiber has had this id or one above it. Ids may be taken from here in advance, many at once.
  uint64_t next_id;
  /// Address of a chunk that had a free record lately: where the next acquire looks first.
  uint64_t hint;
};

/// "FTREGIST" in memory order.
#define FT_REGISTRY_MAGIC 0x5453494745525446ULL

/// The initial values of a head's fields before `suspended_pc`, for this file's layout. By position, as C++11 has it.
#define FT_REGISTRY_LAYOUT                                                                                             \
  FT_REGISTRY_MAGIC, FT_REGISTRY_VERSION, sizeof(struct ft_registry), FT_RECORD_SIZE,                                  \
      offsetof(struct ft_chunk, records), offsetof(struct ft_chunk, next), offsetof(struct ft_chunk, capacity),        \
      FT_RECORD_SP, FT_RECORD_BASE, FT_RECORD_COUNT, FT_RECORD_LOW, FT_RECORD_IDENTITY, FT_RECORD_NAME,                \
      FT_RECORD_WAIT, FT_RECORD_CREATOR, FT_IDENTITY_SHIFT, FT_FLAG_FINISHED,                             \
      FT_FLAG_ABANDONED, 0

/// The initial values of `runtime` and the fields after it: no chunk yet, and 1 is the first id.
#define FT_REGISTRY_EMPTY(runtime_name) runtime_name, 0, 1, 0

/// The note that leads from a PT_NOTE segment to the head: its descriptor is the distance from itself to the head.
///
/// A retained, allocated section: the linker's `--gc-sections` keeps notes, and keeps the head with them.
#define FT_REGISTRY_NOTE(symbol)                                                                                       \
  __asm__(".pushsection .note.fibertrace,\"a\",@note\n"                                                                \
          ".balign 4\n"                                                                                                \
          ".long 11, 8, 1\n" /* size of the name with its NUL, size of the descriptor, FT_NOTE_TYPE */                 \
          ".asciz \"FiberTrace\"\n"                                                                                    \
          ".balign 4\n"                                                                                                \
          ".quad " #symbol " - .\n"                                                                                    \
          ".popsection\n")

/// Defines a registry and its note, for a runtime whose switch is not this package's. Once, at file scope, in no
/// namespace.
///
/// The symbol is hidden: two libraries of a process may each have their own of the same name. What a reader has to
/// know of the switch is 0, to be set before the first fiber is published.
#define FT_REGISTRY_DEFINE(symbol, runtime_name)                                                                       \
  __attribute__((visibility("hidden"), used)) struct ft_registry symbol = {                                            \
      FT_REGISTRY_LAYOUT, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, FT_REGISTRY_EMPTY(runtime_name)};                  \
  FT_REGISTRY_NOTE(symbol)

/// A free record of `chunk`, now taken, or NULL if it is full.
static inline struct ft_record *FT_NULLABLE ft_chunk_acquire(struct ft_chunk *FT_NONNULL chunk) {
  for (size_t index = 0; index < FT_CHUNK_CAPACITY;) {
    uint64_t used = __atomic_load_n(&chunk->used[index / 64], __ATOMIC_RELAXED);
    if (~used == 0) {
      index += 64;
      continue;
    }
    unsigned bit = (unsigned)__builtin_ctzll(~used);
    index = index / 64 * 64 + bit;
    if (index >= FT_CHUNK_CAPACITY)
      return NULL;
    /* On failure another thread took a bit of this word: look at the word again. */
    if (__atomic_compare_exchange_n(&chunk->used[index / 64], &used, used | UINT64_C(1) << bit, 0, __ATOMIC_ACQUIRE,
                                    __ATOMIC_RELAXED))
      return &chunk->records[index];
  }
  return NULL;
}

/// A new chunk of zeros whose first record is taken, or NULL when no memory can be mapped.
static inline struct ft_chunk *FT_NULLABLE ft_chunk_create(void) {
  /* Twice the size holds an aligned chunk; the rest goes back. */
  void *memory = mmap(NULL, 2 * FT_CHUNK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | FT_MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    return NULL;
  uintptr_t low = (uintptr_t)memory;
  uintptr_t start = (low + FT_CHUNK_SIZE - 1) & ~(uintptr_t)(FT_CHUNK_SIZE - 1);
  if (start != low)
    munmap(memory, start - low);
  munmap((void *)(start + FT_CHUNK_SIZE), low + FT_CHUNK_SIZE - start);
  struct ft_chunk *chunk = (struct ft_chunk *)start;
  chunk->capacity = FT_CHUNK_CAPACITY;
  chunk->used[0] = 1;
  return chunk;
}

/// A record of zeros that no reader sees yet, or NULL when no memory can be mapped.
///
/// Safe from any thread; takes no lock. O(1) while the chunk last used has room, else O(chunks).
static inline struct ft_record *FT_NULLABLE ft_registry_acquire(struct ft_registry *FT_NONNULL registry) {
  struct ft_chunk *hint = (struct ft_chunk *)__atomic_load_n(&registry->hint, __ATOMIC_ACQUIRE);
  struct ft_record *record = hint != NULL ? ft_chunk_acquire(hint) : NULL;
  if (record != NULL)
    return record;

  struct ft_chunk *chunk = (struct ft_chunk *)__atomic_load_n(&registry->chunks, __ATOMIC_ACQUIRE);
  for (; chunk != NULL; chunk = (struct ft_chunk *)chunk->next) {
    if (chunk != hint && (record = ft_chunk_acquire(chunk)) != NULL) {
      __atomic_store_n(&registry->hint, (uint64_t)chunk, __ATOMIC_RELEASE);
      return record;
    }
  }

  chunk = ft_chunk_create();
  if (chunk == NULL)
    return NULL;
  chunk->next = __atomic_load_n(&registry->chunks, __ATOMIC_RELAXED);
  while (!__atomic_compare_exchange_n(&registry->chunks, &chunk->next, (uint64_t)chunk, 1, __ATOMIC_RELEASE,
                                      __ATOMIC_RELAXED)) {
  }
  __atomic_store_n(&registry->hint, (uint64_t)chunk, __ATOMIC_RELEASE);
  return &chunk->records[0];
}

/// A number no other fiber of this registry has had.
static inline uint64_t ft_registry_next_id(struct ft_registry *FT_NONNULL registry) {
  return __atomic_fetch_add(&registry->next_id, 1, __ATOMIC_RELAXED);
}

/// Shows a filled record to readers under `id`.
static inline void ft_record_publish(struct ft_record *FT_NONNULL record, uint64_t id) {
  __atomic_store_n(&record->identity, id << FT_IDENTITY_SHIFT, __ATOMIC_RELEASE);
}

/// Gives a filled record a new id and shows it to readers. Answers the id.
static inline uint64_t ft_registry_publish(struct ft_registry *FT_NONNULL registry, struct ft_record *FT_NONNULL record) {
  uint64_t id = ft_registry_next_id(registry);
  ft_record_publish(record, id);
  return id;
}

/// Hides a record from readers, before any write to it that follows.
static inline void ft_record_hide(struct ft_record *FT_NONNULL record) {
#ifdef FT_NO_FENCES
  (void)__atomic_exchange_n(&record->identity, 0, __ATOMIC_ACQ_REL);
#else
  /* A release store would let the writes that follow move before it. On x86-64 a fence is an order to the compiler alone. */
  __atomic_store_n(&record->identity, 0, __ATOMIC_RELAXED);
  __atomic_thread_fence(__ATOMIC_RELEASE);
#endif
}

/// Takes a record back. Readers stop seeing it before any other field changes. O(1), no lock.
static inline void ft_registry_release(struct ft_registry *FT_NONNULL registry, struct ft_record *FT_NONNULL record) {
  ft_record_hide(record);
  record->sp = record->base = record->count = record->low = 0;
  record->name = record->wait = record->creator = 0;
  struct ft_chunk *chunk = (struct ft_chunk *)((uintptr_t)record & ~(uintptr_t)(FT_CHUNK_SIZE - 1));
  size_t index = (size_t)(record - chunk->records);
  __atomic_fetch_and(&chunk->used[index / 64], ~(UINT64_C(1) << (index % 64)), __ATOMIC_RELEASE);
  __atomic_store_n(&registry->hint, (uint64_t)chunk, __ATOMIC_RELEASE);
}

#ifdef __cplusplus
}
#endif

#if defined(__clang__)
#pragma clang diagnostic pop
#endif

#endif /* __ASSEMBLER__ */
#endif /* FIBERTRACE_REGISTRY_H */
