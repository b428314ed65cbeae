internal import FiberTrace

/// All primes, without end: each number that no smaller prime divides.
func primes() throws -> Generator<Int> {
  try Generator(name: "primes") { yield throws(GeneratorStopped) in
    var found: [Int] = []
    var number = 2
    while true {
      if !found.prefix(while: { $0 * $0 <= number }).contains(where: { number.isMultiple(of: $0) }) {
        found.append(number)
        try yield(number)
      }
      number += 1
    }
  }
}
