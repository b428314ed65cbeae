/// What an activation did not give back.
struct Loss: Hashable {
  enum What: Hashable {
    case register(UInt8, claimed: UInt64, actual: UInt64)
    case stack(claimed: UInt64, actual: UInt64)
  }

  /// Where the function was entered, and the instruction that it returned by.
  var entry: UInt64
  var pc: UInt64
  var what: What

  /// Values differ from call to call.
  static func == (first: Loss, second: Loss) -> Bool {
    first.entry == second.entry && first.pc == second.pc && first.register == second.register
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(entry)
    hasher.combine(pc)
    hasher.combine(register)
  }

  /// The register's number, or -1 for the stack.
  var register: Int {
    if case .register(let number, _, _) = what { Int(number) } else { -1 }
  }
}
