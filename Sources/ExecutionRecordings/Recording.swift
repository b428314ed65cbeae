/// What a program did, instruction by instruction, in the functions of one of its files: the truth that rows are held against.
///
/// It comes from stepping alone: what is true of a call is what its registers and its stack were when it was entered.
package struct Recording: Sendable {
  /// Added to an address of the file, it gives the address in the program.
  package internal(set) var bias: UInt64 = 0
  /// In the order in which they were entered.
  package internal(set) var activations: [Activation] = []
  /// In the order in which they were executed.
  package internal(set) var visits: [Visit] = []
  /// What the program returned to its parent, as waitpid(2) says it.
  package internal(set) var status: Int32 = 0
  /// Something of the program was not recorded since a bound was reached: which one.
  package internal(set) var limit: String?
  /// How many instructions were stepped, visits that were not kept among them.
  package internal(set) var steps = 0
  /// Words of stacks; see `Visit.words`.
  var words: [UInt64] = []

  /// How many words of stacks were kept.
  package var keptWords: Int { words.count }

  /// The 8 bytes at an address as they were before the instruction, nil outside of what was kept of the stack.
  package func word(at address: UInt64, in visit: Visit) -> UInt64? {
    let (distance, isBelow) = address.subtractingReportingOverflow(visit.stackStart)
    guard !isBelow, distance < UInt64(visit.words.count) * 8 else { return nil }
    let index = visit.words.lowerBound + Int(distance / 8)
    let shift = distance % 8 * 8
    guard shift != 0 else { return words[index] }
    guard index + 1 < visit.words.upperBound else { return nil }
    return words[index] >> shift | words[index + 1] << (64 - shift)
  }
}

/// One call of a function.
package struct Activation: Sendable {
  /// The address of its first instruction, as in the file.
  package let function: UInt64
  /// rsp before the call, an address of the program.
  package let cfa: UInt64
  /// Where it is to return to, an address of the program.
  package let returnAddress: UInt64
  /// What registers held when it was entered, by DWARF number.
  package let entry: InlineArray<16, UInt64>
  /// Registers that it returned with their value at entry, bit n for DWARF number n; nil if it was not seen to return.
  package internal(set) var preserved: UInt16?
  /// Registers that had their value at entry where an exception or longjmp out of it arrived, bit n for DWARF number n; nil if it
  /// was not seen to be left so.
  package internal(set) var restored: UInt16?
  /// Registers that its convention does not preserve, besides the C convention's: bit n for DWARF number n.
  let notPreserved: UInt16

  /// Registers whose value at entry rows can be held to: the callee-saved ones, without those that it returned otherwise.
  package var recoverable: UInt16 { Self.calleeSaved & ~notPreserved & (preserved ?? .max) }

  /// Callee-saved registers that were as at its entry when it was over, however it was left.
  package var givenBack: UInt16 { Self.calleeSaved & ~notPreserved & (preserved ?? restored ?? 0) }

  /// rbx, rbp and r12 to r15 (psABI 1.0, figure 3.4).
  package static let calleeSaved: UInt16 = 1 << 3 | 1 << 6 | 0xf << 12
  /// r12, which carries errors in Swift (llvm, X86RegisterInfo.cpp, CSR_64_SwiftError).
  package static let swiftErrors: UInt16 = 1 << 12
}

/// One instruction that was about to be executed.
package struct Visit: Sendable {
  /// Its address as in the file.
  package let pc: UInt64
  /// Whose it is: an index in `Recording.activations`.
  package let activation: Int
  /// Before the instruction, by DWARF number.
  package let registers: InlineArray<16, UInt64>
  /// The address in the program of the first word kept of the stack.
  let stackStart: UInt64
  /// Where in `Recording.words` the stack lies, from 128 bytes below rsp to 128 above the CFA.
  let words: Range<Int>
}
