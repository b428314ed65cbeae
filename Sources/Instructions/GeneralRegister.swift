/// A 64-bit general register of x86-64, by its DWARF number (psABI, figure 3.36), so that rows and instructions speak of the same.
///
/// Registers are computed: stored ones would be looked up, and not be constants, in other modules.
package struct GeneralRegister: RawRepresentable, Sendable, Hashable, Comparable {
  /// 0 to 15.
  package let rawValue: UInt8

  /// - Precondition: `rawValue` is below 16.
  package init(rawValue: UInt8) {
    precondition(rawValue < 16, "x86-64 has 16 general registers")
    self.rawValue = rawValue
  }

  /// One of those below.
  @inlinable init(_ rawValue: UInt8) { self.rawValue = rawValue }

  @inlinable package static var rax: GeneralRegister { GeneralRegister(0) }
  @inlinable package static var rdx: GeneralRegister { GeneralRegister(1) }
  @inlinable package static var rcx: GeneralRegister { GeneralRegister(2) }
  @inlinable package static var rbx: GeneralRegister { GeneralRegister(3) }
  @inlinable package static var rsi: GeneralRegister { GeneralRegister(4) }
  @inlinable package static var rdi: GeneralRegister { GeneralRegister(5) }
  @inlinable package static var rbp: GeneralRegister { GeneralRegister(6) }
  @inlinable package static var rsp: GeneralRegister { GeneralRegister(7) }
  @inlinable package static var r8: GeneralRegister { GeneralRegister(8) }
  @inlinable package static var r9: GeneralRegister { GeneralRegister(9) }
  @inlinable package static var r10: GeneralRegister { GeneralRegister(10) }
  @inlinable package static var r11: GeneralRegister { GeneralRegister(11) }
  @inlinable package static var r12: GeneralRegister { GeneralRegister(12) }
  @inlinable package static var r13: GeneralRegister { GeneralRegister(13) }
  @inlinable package static var r14: GeneralRegister { GeneralRegister(14) }
  @inlinable package static var r15: GeneralRegister { GeneralRegister(15) }

  package static func < (first: GeneralRegister, second: GeneralRegister) -> Bool { first.rawValue < second.rawValue }
}
