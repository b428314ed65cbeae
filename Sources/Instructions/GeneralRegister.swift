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
