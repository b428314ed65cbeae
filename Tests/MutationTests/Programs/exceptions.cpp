// Frames as C++ compilers make them: landing pads, cleanups, thrown through and caught, virtual calls, objects by value.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#define NOINLINE __attribute__((noinline))

namespace {
std::uint64_t events;

struct Mark {
  std::uint64_t value;
  NOINLINE explicit Mark(std::uint64_t v) : value(v) { events += v; }
  NOINLINE ~Mark() { events = events * 3 + value; }
};

struct Failure : std::runtime_error {
  std::uint64_t code;
  Failure(std::uint64_t c, const char *text) : std::runtime_error(text), code(c) {}
};

NOINLINE std::uint64_t thrown(std::uint64_t n) {
  if (n % 3 == 0) throw Failure(n, "three");
  if (n % 5 == 0) throw std::out_of_range("five");
  if (n % 7 == 0) throw int(n);
  return n * 2;
}

NOINLINE std::uint64_t cleaned(std::uint64_t n) {
  Mark first(n);
  std::uint64_t x = thrown(n);
  Mark second(x);
  x += thrown(n + 1);
  return x + first.value + second.value;
}

NOINLINE std::uint64_t caught(std::uint64_t n) {
  try {
    return cleaned(n);
  } catch (const Failure &failure) {
    return failure.code + 1000;
  } catch (const std::exception &error) {
    return std::string(error.what()).size();
  } catch (int number) {
    return std::uint64_t(number) + 7;
  }
}

NOINLINE std::uint64_t rethrown(std::uint64_t n) {
  Mark outer(1);
  try {
    Mark inner(2);
    return cleaned(n) + inner.value;
  } catch (...) {
    events++;
    throw;
  }
}

NOINLINE std::uint64_t nested(std::uint64_t n) {
  std::uint64_t sum = 0;
  for (std::uint64_t i = n; i < n + 8; i++) {
    try {
      try {
        sum += rethrown(i);
      } catch (const Failure &) {
        sum += 3;
        if (i % 2 == 0) throw std::logic_error("even");
      }
    } catch (const std::exception &error) {
      sum += std::string(error.what()).size();
    } catch (...) {
      sum += 100;
    }
  }
  return sum;
}

NOINLINE std::uint64_t deep(unsigned depth, std::uint64_t n) {
  Mark mark(depth);
  if (depth == 0) return thrown(n);
  return deep(depth - 1, n) + mark.value;
}

NOINLINE std::uint64_t passed(unsigned depth) {
  std::uint64_t sum = 0;
  for (std::uint64_t n = 8; n < 12; n++) {
    try {
      sum += deep(depth, n);
    } catch (const std::exception &) {
      sum ^= n;
    }
  }
  return sum;
}

struct Shape {
  virtual ~Shape() = default;
  virtual std::uint64_t area() const = 0;
  virtual std::string name() const { return "shape"; }
};
struct Square final : Shape {
  std::uint64_t side;
  explicit Square(std::uint64_t s) : side(s) {}
  NOINLINE std::uint64_t area() const override { return side * side; }
  NOINLINE std::string name() const override { return "square of a long enough name to be allocated " + std::to_string(side); }
};
struct Pair final : Shape {
  std::unique_ptr<Shape> left, right;
  Pair(std::unique_ptr<Shape> l, std::unique_ptr<Shape> r) : left(std::move(l)), right(std::move(r)) {}
  NOINLINE std::uint64_t area() const override { return left->area() + right->area(); }
};

NOINLINE std::unique_ptr<Shape> built(unsigned depth) {
  if (depth == 0) return std::make_unique<Square>(3);
  return std::make_unique<Pair>(built(depth - 1), std::make_unique<Square>(depth));
}

NOINLINE std::uint64_t measured(const Shape &shape) { return shape.area() + shape.name().size(); }

NOINLINE std::uint64_t counted(const std::vector<std::string> &words) {
  std::map<std::string, std::uint64_t> counts;
  for (const auto &word : words) counts[word] += word.size();
  std::uint64_t result = 0;
  for (const auto &[word, count] : counts) result = result * 31 + count + word.size();
  return result;
}

NOINLINE std::uint64_t composed(const std::function<std::uint64_t(std::uint64_t)> &f, std::uint64_t n) {
  return f(f(n)) + f(n + 1);
}

struct Wide {
  std::uint64_t words[12];
};

NOINLINE Wide widened(Wide wide, std::uint64_t n) {
  Mark mark(n);
  for (auto &word : wide.words) word = word * n + thrown(n * 2 + 2);
  return wide;
}

NOINLINE std::uint64_t aligned(std::uint64_t n) {
  alignas(64) std::uint64_t words[16];
  Mark mark(n);
  for (unsigned i = 0; i < 16; i++) words[i] = thrown(i * 105 + 1) + n;
  return words[n & 15] + mark.value;
}

template <typename Number> NOINLINE Number folded(const std::vector<Number> &numbers, Number start) {
  for (auto number : numbers) start = start * Number(3) + number;
  return start;
}

NOINLINE std::uint64_t sorted(std::vector<std::uint64_t> numbers) {
  std::sort(numbers.begin(), numbers.end(), [](auto a, auto b) { return a % 17 < b % 17 || (a % 17 == b % 17 && a < b); });
  return folded(numbers, std::uint64_t(1));
}

NOINLINE std::uint64_t swallowed(std::uint64_t n) noexcept {
  try {
    Mark mark(n);
    return thrown(n);
  } catch (...) {
    return n;
  }
}
}  // namespace

int main() {
  std::uint64_t total = 0;
  for (std::uint64_t n = 1; n < 12; n++) total = total * 5 + caught(n);
  total += nested(1) + passed(4);
  total += measured(*built(3)) + measured(Square(4));
  total += counted({"one", "two", "three", "two", "a word that is not kept in place", "one"});
  std::uint64_t base = 5;
  total += composed([&base](std::uint64_t n) { return n * base++; }, 3);
  total += widened(Wide{{1, 2, 3}}, 3).words[2] + aligned(2);
  total += sorted({5, 3, 99, 17, 4, 34, 8}) + std::uint64_t(folded(std::vector<double>{1, 2.5, 3}, 1.0));
  for (std::uint64_t n = 0; n < 4; n++) total += swallowed(n);
  std::printf("%llx %llx\n", static_cast<unsigned long long>(total), static_cast<unsigned long long>(events));
  return 0;
}
