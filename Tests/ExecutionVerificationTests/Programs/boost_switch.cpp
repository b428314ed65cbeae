// Boost.Context's bare switch: jumps to and fro from several depths, a function on top of another fiber's stack, fibers that
// resume fibers, one that moves to another thread, and many that end.
#include <boost/context/detail/fcontext.hpp>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

using namespace boost::context::detail;

static constexpr size_t size = 65536;
static long total;

__attribute__((noinline)) static transfer_t deeper(transfer_t from, int depth) {
  volatile char room[40];
  room[depth] = 1;
  transfer_t result = depth == 0 ? jump_fcontext(from.fctx, from.data) : deeper(from, depth - 1);
  total += room[depth];
  return result;
}

static void body(transfer_t from) {
  for (int round = 0;; round++) {
    total += reinterpret_cast<long>(from.data);
    from = deeper(from, round % 5);
  }
}

static transfer_t on_top(transfer_t from) {
  total += 7;
  return from;
}

// A fiber with a fiber of its own.
static void outer(transfer_t from) {
  char *stack = static_cast<char *>(std::malloc(size));
  fcontext_t inner = make_fcontext(stack + size, size, body);
  for (long round = 0;; round++) {
    inner = jump_fcontext(inner, reinterpret_cast<void *>(round)).fctx;
    if (round % 3 == 2)
      from = deeper(from, 2);
  }
}

int main() {
  std::vector<char *> stacks;
  std::vector<fcontext_t> fibers;
  for (int index = 0; index < 6; index++) {
    stacks.push_back(static_cast<char *>(std::malloc(size)));
    fibers.push_back(make_fcontext(stacks.back() + size, size, index % 3 == 2 ? outer : body));
  }
  for (long round = 0; round < 8; round++)
    for (auto &fiber : fibers)
      fiber = jump_fcontext(fiber, reinterpret_cast<void *>(round)).fctx;
  for (auto &fiber : fibers)
    fiber = ontop_fcontext(fiber, nullptr, on_top).fctx;
  std::thread([&] { fibers[0] = jump_fcontext(fibers[0], nullptr).fctx; }).join();
  fibers[0] = jump_fcontext(fibers[0], nullptr).fctx;
  std::printf("total %ld\n", total);
  return 0;
}
