/// A set of general registers.
///
/// No `OptionSet`: what that inherits from `SetAlgebra` runs unspecialized in other modules, once for each instruction of a
/// verification.
package struct RegisterSet: Sendable, Hashable {
  /// Bit n is the register of DWARF number n.
  package var rawValue: UInt16

  @inlinable package init(rawValue: UInt16) { self.rawValue = rawValue }

  /// The set of one.
  @inlinable package init(_ register: GeneralRegister) { rawValue = 1 << UInt16(register.rawValue) }

  /// Those a called function may change (psABI, 3.2.1): rax, rcx, rdx, rsi, rdi, r8 to r11.
  @inlinable package static var callerSaved: RegisterSet { RegisterSet(rawValue: 0b0000_1111_0011_0111) }
  /// Those a called function leaves as they were (psABI, 3.2.1), rsp aside: rbx, rbp, r12 to r15.
  @inlinable package static var calleeSaved: RegisterSet { RegisterSet(rawValue: 0b1111_0000_0100_1000) }
}

extension RegisterSet: ExpressibleByArrayLiteral {
  /// The union of several.
  @inlinable package init(arrayLiteral sets: RegisterSet...) {
    rawValue = 0
    for set in sets { rawValue |= set.rawValue }
  }
}

extension RegisterSet {
  /// Whether it has no register.
  @inlinable package var isEmpty: Bool { rawValue == 0 }

  /// Whether it has `register`.
  @inlinable package func contains(_ register: GeneralRegister) -> Bool {
    rawValue >> UInt16(register.rawValue) & 1 != 0
  }

  /// Whether it has no register of `other`.
  @inlinable package func isDisjoint(with other: RegisterSet) -> Bool { rawValue & other.rawValue == 0 }

  /// What both have.
  @inlinable package func intersection(_ other: RegisterSet) -> RegisterSet {
    RegisterSet(rawValue: rawValue & other.rawValue)
  }

  /// What one or both have.
  @inlinable package func union(_ other: RegisterSet) -> RegisterSet {
    RegisterSet(rawValue: rawValue | other.rawValue)
  }

  /// What this has and `other` has not.
  @inlinable package func subtracting(_ other: RegisterSet) -> RegisterSet {
    RegisterSet(rawValue: rawValue & ~other.rawValue)
  }

  /// Adds those of `other`.
  @inlinable package mutating func formUnion(_ other: RegisterSet) { rawValue |= other.rawValue }

  /// Adds those of `other`.
  @inlinable package mutating func insert(_ other: RegisterSet) { formUnion(other) }

  /// Takes out those of `other`.
  @inlinable package mutating func remove(_ other: RegisterSet) { rawValue &= ~other.rawValue }
}
