// What C++ makes of classes: thunks and virtual bases, constructors that throw halfway, destructors on the way out, variants and
// optionals, members called through pointers, iterators and operators.
#include <array>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <exception>
#include <list>
#include <new>
#include <numeric>
#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#define NOINLINE __attribute__((noinline))

namespace {
std::uint64_t log_sum;
NOINLINE void logged(std::uint64_t n) { log_sum = log_sum * 31 + n; }

// Several bases, one of them shared: calls go through thunks, some of which read an offset from the table.
struct Root {
  std::uint64_t id = 1;
  virtual ~Root() { logged(id); }
  virtual std::uint64_t value() const { return id; }
};
struct Left : virtual Root {
  std::uint64_t left = 2;
  NOINLINE std::uint64_t value() const override { return left + id; }
  virtual std::uint64_t only_left(std::uint64_t n) { return left * n; }
};
struct Right : virtual Root {
  std::uint64_t right = 3;
  virtual std::uint64_t only_right(std::uint64_t n) { return right + n; }
};
struct Bottom final : Left, Right {
  std::uint64_t bottom = 4;
  NOINLINE ~Bottom() override { logged(bottom); }
  NOINLINE std::uint64_t value() const override { return left * right + bottom + id; }
  NOINLINE std::uint64_t only_left(std::uint64_t n) override { return n + bottom; }
  NOINLINE std::uint64_t only_right(std::uint64_t n) override {
    if (n == 0) throw std::invalid_argument("zero");
    return n * bottom;
  }
};

NOINLINE std::uint64_t by_root(const Root &root) { return root.value(); }
NOINLINE std::uint64_t by_left(Left &left, std::uint64_t n) { return left.only_left(n) + left.value(); }
NOINLINE std::uint64_t by_right(Right &right, std::uint64_t n) {
  try {
    return right.only_right(n) + by_root(right);
  } catch (const std::invalid_argument &) {
    return 11;
  }
}
NOINLINE Root *found(Root *root) { return dynamic_cast<Right *>(root) ? static_cast<Root *>(dynamic_cast<Left *>(root)) : nullptr; }

NOINLINE std::uint64_t bases() {
  Bottom bottom;
  std::uint64_t sum = by_root(bottom) + by_left(bottom, 3) + by_right(bottom, 4) + by_right(bottom, 0);
  Root *heap = new Bottom;
  sum += found(heap) != nullptr;
  delete heap;
  return sum;
}

// Constructors and destructors.
struct Part {
  std::uint64_t n;
  NOINLINE explicit Part(std::uint64_t m) : n(m) {
    if (m % 4 == 3) throw std::runtime_error("part " + std::to_string(m));
    logged(m);
  }
  Part(const Part &other) : Part(other.n + 1) {}
  Part(Part &&other) noexcept : n(std::exchange(other.n, 0)) {}
  NOINLINE ~Part() { logged(n + 100); }
};
struct Whole {
  Part first, second, third;
  std::array<Part, 2> more;
  NOINLINE explicit Whole(std::uint64_t n) : first(n), second(n + 1), third(n + 2), more{{Part(n), Part(n + 1)}} { logged(n); }
};
struct Function_try {
  Part part;
  NOINLINE explicit Function_try(std::uint64_t n) try : part(n) {
    logged(1);
  } catch (...) {
    logged(2);
  }
};

NOINLINE std::uint64_t constructed(std::uint64_t n) {
  try {
    Whole whole(n);
    return whole.third.n + whole.more[1].n;
  } catch (const std::runtime_error &error) {
    return std::string_view(error.what()).size();
  }
}
NOINLINE std::uint64_t tried(std::uint64_t n) {
  try {
    Function_try whole(n);
    return whole.part.n;
  } catch (...) {
    return 5;
  }
}
NOINLINE std::uint64_t arrayed(unsigned count) {
  try {
    auto *parts = new Part[2]{Part(count), Part(count + 1)};
    std::uint64_t sum = parts[0].n + parts[1].n;
    delete[] parts;
    return sum;
  } catch (const std::exception &) {
    return 9;
  }
}
NOINLINE std::uint64_t placed(std::uint64_t n) {
  alignas(Part) unsigned char room[sizeof(Part)];
  auto *part = new (room) Part(n);
  std::uint64_t result = part->n;
  part->~Part();
  return result;
}
NOINLINE Part given(std::uint64_t n) { return Part(n); }
NOINLINE std::uint64_t taken(Part part, const Part &other) { return part.n * 10 + other.n; }
NOINLINE std::uint64_t handed(std::uint64_t n) {
  std::vector<Part> parts;
  for (std::uint64_t i = 0; i < 3; i++) parts.push_back(given(n + i * 4));
  return taken(std::move(parts[0]), parts[1]) + taken(parts[1], given(n));
}

// Exceptions kept and thrown again.
NOINLINE std::exception_ptr kept(std::uint64_t n) {
  try {
    Part part(n);
    throw std::out_of_range("kept");
  } catch (...) {
    return std::current_exception();
  }
}
NOINLINE std::uint64_t thrown_again(const std::exception_ptr &pointer) {
  try {
    std::rethrow_exception(pointer);
  } catch (const std::out_of_range &) {
    return 1;
  } catch (const std::runtime_error &) {
    return 2;
  }
}
NOINLINE void wrapped(std::uint64_t n) {
  try {
    Part part(n);
    logged(part.n);
  } catch (const std::exception &) {
    std::throw_with_nested(std::logic_error("wrapped"));
  }
}
NOINLINE std::uint64_t unwrapped(std::uint64_t n) {
  try {
    wrapped(n);
    return 0;
  } catch (const std::logic_error &error) {
    try {
      std::rethrow_if_nested(error);
    } catch (const std::runtime_error &) {
      return 3;
    }
    return 4;
  }
}
struct Leaving {
  NOINLINE ~Leaving() { logged(static_cast<std::uint64_t>(std::uncaught_exceptions())); }
};
NOINLINE std::uint64_t left(std::uint64_t n) {
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < n; i++) {
    try {
      Leaving leaving;
      if (i % 2 == 0) continue;
      if (i == 5) break;
      sum += Part(i).n;
    } catch (const std::runtime_error &) {
      sum += 1000;
    }
  }
  return sum;
}
NOINLINE std::uint64_t refused(std::uint64_t n) {
  std::uint64_t sum = 0;
  try {
    std::vector<std::uint64_t> numbers(n, 3);
    sum = numbers.at(2) + numbers.at(n);
  } catch (const std::out_of_range &) {
    sum = 77;
  }
  try {
    sum += std::stoull("not a number");
  } catch (const std::invalid_argument &) {
    sum += 8;
  }
  return sum;
}

// Values of several types.
using Value = std::variant<std::uint64_t, std::string, std::vector<std::uint64_t>>;
struct Sizes {
  std::uint64_t operator()(std::uint64_t n) const { return n; }
  std::uint64_t operator()(const std::string &text) const { return text.size(); }
  std::uint64_t operator()(const std::vector<std::uint64_t> &numbers) const {
    return std::accumulate(numbers.begin(), numbers.end(), std::uint64_t(0));
  }
};
NOINLINE std::uint64_t visited(const Value &value) { return std::visit(Sizes(), value); }
NOINLINE std::optional<std::string> perhaps(std::uint64_t n) {
  if (n % 2 == 0) return std::nullopt;
  return std::string(n * 7, 'x');
}
NOINLINE std::tuple<std::uint64_t, std::string, double> several(std::uint64_t n) { return {n, std::to_string(n), double(n) / 4}; }
NOINLINE std::uint64_t values() {
  std::uint64_t sum = visited(Value(std::uint64_t(5))) + visited(Value("text")) + visited(Value(std::vector<std::uint64_t>{1, 2, 3}));
  sum += perhaps(3).value_or("").size() + perhaps(4).value_or("none").size();
  auto [number, text, fraction] = several(12);
  try {
    sum += std::get<std::string>(Value(number)).size();
  } catch (const std::bad_variant_access &) {
    sum += 21;
  }
  return sum + number + text.size() + std::uint64_t(fraction);
}

// Members called through pointers; operators; iterators.
struct Counter {
  std::uint64_t n = 0;
  NOINLINE std::uint64_t up(std::uint64_t by) { return n += by; }
  NOINLINE std::uint64_t down(std::uint64_t by) { return n -= by; }
  virtual std::uint64_t twice(std::uint64_t by) { return n += by * 2; }
  virtual ~Counter() = default;
};
NOINLINE std::uint64_t called(Counter &counter, std::uint64_t (Counter::*member)(std::uint64_t), std::uint64_t n) {
  return (counter.*member)(n);
}
struct Big {
  std::array<std::uint32_t, 6> digits{};
  NOINLINE explicit Big(std::uint32_t n) { digits[0] = n; }
  NOINLINE Big operator*(const Big &other) const {
    Big result(0);
    for (unsigned i = 0; i < 3; i++) {
      std::uint64_t carry = 0;
      for (unsigned k = 0; k < 3; k++) {
        carry += std::uint64_t(digits[i]) * other.digits[k] + result.digits[i + k];
        result.digits[i + k] = std::uint32_t(carry);
        carry >>= 32;
      }
      result.digits[i + 3] += std::uint32_t(carry);
    }
    return result;
  }
  NOINLINE bool operator<(const Big &other) const {
    return std::lexicographical_compare(digits.rbegin(), digits.rend(), other.digits.rbegin(), other.digits.rend());
  }
};
template <typename Iterator> NOINLINE std::uint64_t rolled(Iterator begin, Iterator end) {
  std::uint64_t sum = 1;
  for (; begin != end; ++begin) sum = sum * 17 + std::uint64_t(*begin);
  return sum;
}
NOINLINE std::uint64_t collections() {
  std::list<std::uint64_t> list{3, 1, 2};
  std::deque<std::uint64_t> deque(list.begin(), list.end());
  std::set<std::string> set{"b", "a", "a longer one that is allocated"};
  std::unordered_map<std::string, std::uint64_t> map{{"x", 1}, {"y", 2}};
  list.sort();
  deque.push_front(9);
  map["z"] += map["x"] + 4;
  std::uint64_t sum = rolled(list.begin(), list.end()) + rolled(deque.rbegin(), deque.rend()) + map["z"];
  for (const auto &text : set) sum = sum * 3 + text.size();
  return sum;
}
NOINLINE std::string streamed(std::uint64_t n) {
  std::ostringstream stream;
  stream << "n = " << n << ", " << std::hex << n * 16 << (n > 3 ? " many" : " few");
  return stream.str();
}
template <unsigned depth> struct Tower {
  NOINLINE static std::uint64_t height(std::uint64_t n) { return Tower<depth - 1>::height(n + depth) * 3 + n; }
};
template <> struct Tower<0> {
  NOINLINE static std::uint64_t height(std::uint64_t n) {
    logged(n);
    return n;
  }
};
template <typename... Numbers> NOINLINE std::uint64_t summed(Numbers... numbers) {
  return (std::uint64_t(numbers) + ... + Part(4).n);
}
}  // namespace

int main() {
  std::uint64_t total = bases();
  for (std::uint64_t n = 0; n < 4; n++) total = total * 7 + constructed(n) + tried(n) + arrayed(unsigned(n)) + handed(n % 2);
  total += placed(6) + thrown_again(kept(3)) + thrown_again(kept(4)) + unwrapped(7) + unwrapped(8) + left(8) + refused(3);
  total += values() + collections() + streamed(5).size() + Tower<4>::height(2) + summed(1, 2.5, 'c', 4u);
  Counter counter;
  total += called(counter, &Counter::up, 9) + called(counter, &Counter::down, 4) + called(counter, &Counter::twice, 3);
  Big product = Big(0xffffffff) * Big(0xfffffffe) * Big(77);
  total += product.digits[2] + (product < Big(3)) + (Big(3) < product);
  std::printf("%llx %llx\n", static_cast<unsigned long long>(total), static_cast<unsigned long long>(log_sum));
  return 0;
}
