/// A 64-bit general register of x86-64, by its DWARF number (psABI, figure 3.36), so that rows and instructions speak of the same.
package struct GeneralRegister: RawRepresentable, Sendable, Hashable, Comparable {
  /// 0 to 15.
  package let rawValue: UInt8

  /// - Precondition: `rawValue` is below 16.
  package init(rawValue: UInt8) {
    precondition(rawValue < 16, "x86-64 has 16 general registers")
    self.rawValue = rawValue
  }

  private init(_ rawValue: UInt8) { self.rawValue = rawValue }

  package static let rax = GeneralRegister(0)
  package static let rdx = GeneralRegister(1)
  package static let rcx = GeneralRegister(2)
  package static let rbx = GeneralRegister(3)
  package static let rsi = GeneralRegister(4)
  package static let rdi = GeneralRegister(5)
  package static let rbp = GeneralRegister(6)
  package static let rsp = GeneralRegister(7)
  package static let r8 = GeneralRegister(8)
  package static let r9 = GeneralRegister(9)
  package static let r10 = GeneralRegister(10)
  package static let r11 = GeneralRegister(11)
  package static let r12 = GeneralRegister(12)
  package static let r13 = GeneralRegister(13)
  package static let r14 = GeneralRegister(14)
  package static let r15 = GeneralRegister(15)

  package static func < (first: GeneralRegister, second: GeneralRegister) -> Bool { first.rawValue < second.rawValue }
}

/// A set of general registers.
package struct RegisterSet: OptionSet, Sendable, Hashable {
  /// Bit n is the register of DWARF number n.
  package let rawValue: UInt16

  package init(rawValue: UInt16) { self.rawValue = rawValue }

  /// The set of one.
  package init(_ register: GeneralRegister) { rawValue = 1 << register.rawValue }

  /// Whether it has `register`.
  package func contains(_ register: GeneralRegister) -> Bool { rawValue >> register.rawValue & 1 != 0 }

  /// Those a called function may change (psABI, 3.2.1): rax, rcx, rdx, rsi, rdi, r8 to r11.
  package static let callerSaved = RegisterSet(rawValue: 0b0000_1111_0011_0111)
  /// Those a called function leaves as they were (psABI, 3.2.1), rsp aside: rbx, rbp, r12 to r15.
  package static let calleeSaved = RegisterSet(rawValue: 0b1111_0000_0100_1000)
}
