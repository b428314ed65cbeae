/// Words of the frame that hold what the function computed, of which nothing else need be known: a bit for each of the 64 words
/// below the CFA.
struct ComputedWords: Sendable, Hashable {
  /// Bit n is the word at CFA − 8 (n + 1).
  private var bits: UInt64 = 0

  /// Whether the word at CFA + `offset` is one of them.
  @inline(__always)
  func contains(_ offset: Int32) -> Bool {
    offset < 0 && offset >= -512 && offset & 7 == 0 && bits >> UInt64(-offset / 8 - 1) & 1 != 0
  }

  /// Adds the word at CFA + `offset`.
  ///
  /// - Returns: whether it is one that is kept here.
  mutating func note(wordAt offset: Int32) -> Bool {
    guard offset < 0, offset >= -512, offset & 7 == 0 else { return false }
    bits |= 1 << UInt64(-offset / 8 - 1)
    return true
  }

  /// Adds the word that `size` bytes from CFA + `start` are a part of, if they are of one only.
  mutating func note(partOf start: Int64, _ size: Int64) {
    let word = start & ~7
    guard word < 0, word >= -512, start + size <= word + 8 else { return }
    bits |= 1 << UInt64(-word / 8 - 1)
  }

  /// Takes out what `size` bytes from CFA + `start` have a part of.
  mutating func forget(_ start: Int64, _ size: Int64) {
    guard bits != 0, start < 0, size > 0 else { return }
    var word = Swift.max(start & ~7, -512)
    let end = Swift.min(start + size, 0)
    while word < end {
      bits &= ~(1 << UInt64(-word / 8 - 1))
      word += 8
    }
  }

  /// What is in both, or in one where nothing was ever written in the other.
  func meet(_ other: ComputedWords, untouchedBelow: Int32) -> ComputedWords {
    var result = self
    var rest = bits & ~other.bits
    while rest != 0 {
      let bit = rest.trailingZeroBitCount
      rest &= rest - 1
      // The word at CFA − 8 (bit + 1) ends at CFA − 8 bit.
      if -8 * bit > Int(untouchedBelow) { result.bits &= ~(1 << UInt64(bit)) }
    }
    return result
  }
}
