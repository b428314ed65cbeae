/// Rules by DWARF register number, 0 to 255.
///
/// 0 to 16 (x86-64's general registers and the return address) lie in place, so that copying a row allocates nothing;
/// the others, rare, in a sorted array.
public struct RegisterRules: Sendable {
  /// The highest register number that has a rule here.
  public static let highestRegister: UInt16 = 255
  /// How many lie in place.
  static let inlineCount = 17

  struct Sparse: Sendable, Hashable {
    var register: UInt16
    var rule: RegisterRule
  }

  private var general: InlineArray<17, RegisterRule>
  private var others: [Sparse]

  /// No rules.
  public init() {
    general = InlineArray(repeating: .unspecified)
    others = []
  }

  /// The rule of a register, `unspecified` where there is none. O(1) for 0 to 16, else O(log n).
  ///
  /// Setting a rule for a register above `highestRegister` traps.
  public subscript(register: UInt16) -> RegisterRule {
    get {
      if register < Self.inlineCount { return general[Int(register)] }
      let place = place(of: register)
      return place < others.count && others[place].register == register ? others[place].rule : .unspecified
    }
    set {
      if register < Self.inlineCount {
        general[Int(register)] = newValue
        return
      }
      precondition(register <= Self.highestRegister, "register \(register) is above \(Self.highestRegister)")
      let place = place(of: register)
      let isThere = place < others.count && others[place].register == register
      if newValue == .unspecified {
        if isThere { others.remove(at: place) }
      } else if isThere {
        others[place].rule = newValue
      } else {
        others.insert(Sparse(register: register, rule: newValue), at: place)
      }
    }
  }

  /// The first place in `others` whose register is not below `register`.
  private func place(of register: UInt16) -> Int {
    var low = 0
    var high = others.count
    while low < high {
      let middle = (low + high) / 2
      if others[middle].register < register { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension RegisterRules: Hashable {
  /// Whether every register has the same rule in both.
  public static func == (first: RegisterRules, second: RegisterRules) -> Bool {
    for register in 0..<inlineCount where first.general[register] != second.general[register] { return false }
    return first.others == second.others
  }

  /// Of all rules.
  public func hash(into hasher: inout Hasher) {
    for register in 0..<Self.inlineCount { hasher.combine(general[register]) }
    hasher.combine(others)
  }
}

extension RegisterRules: Sequence {
  /// The registers that have a rule, in order, with it.
  public struct Iterator: IteratorProtocol, Sendable {
    private let rules: RegisterRules
    private var position = 0

    fileprivate init(_ rules: RegisterRules) { self.rules = rules }

    /// The next one.
    public mutating func next() -> (register: UInt16, rule: RegisterRule)? {
      while position < inlineCount {
        let register = position
        position += 1
        let rule = rules.general[register]
        if rule != .unspecified { return (UInt16(register), rule) }
      }
      let place = position - inlineCount
      guard place < rules.others.count else { return nil }
      position += 1
      return (rules.others[place].register, rules.others[place].rule)
    }
  }

  /// The registers that have a rule, in order, with it.
  public func makeIterator() -> Iterator { Iterator(self) }
}
