internal import Instructions

/// What is known before an instruction: registers, and words of memory at known distances from some word.
///
/// Of fixed size, so that following an instruction allocates nothing.
struct AbstractState: Sendable {
  /// A word of memory.
  struct Slot: Sendable, Hashable {
    var address: AbstractValue
    var value: AbstractValue
  }

  /// How many words are remembered. Functions save at most seven; others are arguments and locals.
  static var slotLimit: Int { 20 }

  /// By DWARF number.
  var registers: InlineArray<16, AbstractValue>
  private var slots: InlineArray<20, Slot>
  private var slotCount = 0
  /// Words that lie wholly below CFA + this have not been written since the function was entered.
  private var untouchedBelow: Int32
  /// Whether what is known follows from the function's entry.
  var standing = Standing.proved
  /// For `conditional`: the entries of the FDE that lead here.
  var entries: EntrySet = []
  /// It is certain that control gets here.
  var isCertain = false
  /// The call whose return is all that leads here, and that may not return: its index; −1 for none.
  var doubt: Int32 = -1
  /// How the row in force is known to be wrong.
  var disagreement = Disagreement()

  /// Nothing is known.
  init() {
    registers = InlineArray(repeating: .unknown)
    slots = InlineArray(repeating: Slot(address: .unknown, value: .unknown))
    untouchedBelow = .min
  }

  /// What the ABI says of a function's entry (psABI, 3.2): the return address at rsp.
  static let entry: AbstractState = {
    var state = AbstractState()
    for register in 0..<16 { state.registers[register] = .entry(register) }
    state.registers[Self.rsp] = .cfa.adding(-8)
    state.remember(.cfa.adding(-8), .returnAddress)
    state.untouchedBelow = -8
    state.isCertain = true
    return state
  }()

  // Computed: a stored one of these is initialized on first use, which each use would look at.
  static var rsp: Int { Int(GeneralRegister.rsp.rawValue) }
  static var rbp: Int { Int(GeneralRegister.rbp.rawValue) }

  /// Whether what is known follows from the entry of the function. The greater, the less it does.
  enum Standing: UInt8, Sendable, Hashable, Comparable {
    /// It does.
    case proved
    /// If jumps from other FDEs, which are checked there, lead here as the row says.
    case conditional
    /// Some of it is only what a row says.
    case assumed

    static func < (first: Standing, second: Standing) -> Bool { first.rawValue < second.rawValue }
  }
}

extension AbstractState {
  subscript(_ register: Int) -> AbstractValue {
    get { registers[register] }
    set { registers[register] = newValue }
  }

  /// How many words of memory are known.
  var knownSlots: Int { slotCount }
  /// The word of that index, below `knownSlots`.
  func slot(_ index: Int) -> Slot { slots[index] }

  /// What 8 bytes at `address` hold.
  ///
  /// Inlined, as a call would copy the state.
  @inline(__always)
  func load(_ address: AbstractValue) -> AbstractValue {
    guard address.isPlace else { return .unknown }
    for index in 0..<slotCount where slots[index].address == address { return slots[index].value }
    return isUntouched(address) ? .computed : .unknown
  }

  /// What `load` says. Nothing changes: `mutating`, and with a span, as otherwise all slots are copied to read one.
  mutating func loadInPlace(_ address: AbstractValue) -> AbstractValue {
    guard address.isPlace else { return .unknown }
    let count = slotCount
    let words = slots.mutableSpan
    for index in 0..<count where words[index].address == address { return words[index].value }
    return isUntouched(address) ? .computed : .unknown
  }

  /// Whether the word at `address` lies in what this function has never written to.
  @inline(__always)
  private func isUntouched(_ address: AbstractValue) -> Bool {
    address.isFrameAddress && Int64(address.offset) + 8 <= Int64(untouchedBelow)
  }

  /// The first word that holds `value`, nil for none.
  func address(holding value: AbstractValue) -> AbstractValue? {
    for index in 0..<slotCount where slots[index].value == value { return slots[index].address }
    return nil
  }

  /// Whether any of `size` bytes at `address` belongs to a saved register or a return address.
  func holdsSaved(at address: AbstractValue, size: Int64) -> Bool {
    (0..<slotCount).contains { index in
      let slot = slots[index]
      return (slot.value.isCalleeSaved || slot.value == .returnAddress) && slot.address.base == address.base
        && Int64(slot.address.offset) < Int64(address.offset) + size
        && Int64(slot.address.offset) + 8 > Int64(address.offset)
    }
  }

  /// Writes `size` bytes at `address`; 8 bytes of `value`.
  ///
  /// - Returns: whether a word that was known is not any more, or is another.
  mutating func store(_ address: AbstractValue, size: Int64, value: AbstractValue) -> Bool {
    guard address.isPlace else { return false }
    let start = Int64(address.offset)
    var hasChanged = false
    var index = 0
    while index < slotCount {
      let slot = slots[index]
      if slot.address.base == address.base, Int64(slot.address.offset) < start + size,
        Int64(slot.address.offset) + 8 > start
      {
        if size == 8, slot.address == address, slot.value == value { return false }
        hasChanged = true
        remove(index)
      } else {
        index += 1
      }
    }
    if address.isFrameAddress, address.offset < untouchedBelow { untouchedBelow = address.offset }
    if size == 8 { remember(address, value) }
    return hasChanged
  }

  /// Notes that a word holds a value.
  mutating func remember(_ address: AbstractValue, _ value: AbstractValue) {
    guard address.isPlace, !value.isUnknown else { return }
    // Only what can be an unwinder's business at other addresses than the frame's: a structure's fields are not.
    if address.entryRegister != nil, !value.isCalleeSaved, !value.isFrameAddress, value != .returnAddress { return }
    if slotCount == Self.slotLimit {
      // Make room for what rows speak of.
      guard value.isCalleeSaved || value.isFrameAddress || value == .returnAddress,
        let index = (0..<slotCount).first(where: { !isEssential(slots[$0].value) })
      else { return }
      remove(index)
    }
    slots[slotCount] = Slot(address: address, value: value)
    slotCount += 1
  }

  private func isEssential(_ value: AbstractValue) -> Bool {
    value.isCalleeSaved || value.isFrameAddress || value == .returnAddress
  }

  private mutating func remove(_ index: Int) {
    slotCount -= 1
    // Order is kept: states of two ways into a block then compare word by word.
    var place = index
    while place < slotCount {
      slots[place] = slots[place + 1]
      place += 1
    }
  }

  /// Forgets what lies below `address`: a called function has its frame there.
  mutating func forget(below address: AbstractValue) {
    untouchedBelow = .min
    var index = 0
    while index < slotCount {
      if slots[index].address.base == address.base, slots[index].address.offset < address.offset {
        remove(index)
      } else {
        index += 1
      }
    }
  }

  /// Forgets which words have not been written.
  mutating func forgetUntouched() { untouchedBelow = .min }

  /// Forgets all that depends on a symbol, which is about to mean another word.
  mutating func forget(symbol: AbstractValue) {
    for register in 0..<16 where registers[register].base == symbol.base { registers[register] = .unknown }
    var index = 0
    while index < slotCount {
      if slots[index].address.base == symbol.base || slots[index].value.base == symbol.base {
        remove(index)
      } else {
        index += 1
      }
    }
  }

  /// Makes the CFA that plus a number the CFA.
  mutating func moveFrame(by distance: Int32) {
    for register in 0..<16 where registers[register].isFrameAddress {
      registers[register] = registers[register].adding(-Int64(distance))
    }
    for index in 0..<slotCount {
      if slots[index].address.isFrameAddress { slots[index].address = slots[index].address.adding(-Int64(distance)) }
      if slots[index].value.isFrameAddress { slots[index].value = slots[index].value.adding(-Int64(distance)) }
    }
    untouchedBelow = .min
  }

  /// Keeps what is true of this state and of another.
  ///
  /// `other` stays as it is: it is `inout` so that it is not copied.
  ///
  /// - Returns: whether anything was lost.
  mutating func meet(_ other: inout AbstractState) -> Bool {
    var hasChanged = false
    for register in 0..<16 where registers[register] != other.registers[register] {
      let known = registers[register].meet(other.registers[register])
      if known != registers[register] {
        registers[register] = known
        hasChanged = true
      }
    }
    let low = Swift.min(untouchedBelow, other.untouchedBelow)
    var index = 0
    while index < slotCount {
      let slot = slots[index]
      if index < other.slotCount, other.slots[index] == slot {
        index += 1
        continue
      }
      let found: AbstractValue
      if index < other.slotCount, other.slots[index].address == slot.address {
        found = other.slots[index].value
      } else {
        found = other.loadInPlace(slot.address)
      }
      let known = slot.value.meet(found)
      if known == slot.value {
        index += 1
      } else {
        hasChanged = true
        if known.isUnknown {
          remove(index)
        } else {
          slots[index].value = known
          index += 1
        }
      }
    }
    if low != untouchedBelow {
      untouchedBelow = low
      hasChanged = true
    }
    if other.standing > standing {
      standing = other.standing
      hasChanged = true
    }
    if entries.rawValue | other.entries.rawValue != entries.rawValue {
      entries = EntrySet(rawValue: entries.rawValue | other.entries.rawValue)
      hasChanged = true
    }
    if other.isCertain, !isCertain {
      isCertain = true
      hasChanged = true
    }
    if doubt >= 0, other.doubt < 0 {
      doubt = -1
      hasChanged = true
    }
    if !disagreement.isEmpty, disagreement != other.disagreement {
      disagreement = Disagreement()
      hasChanged = true
    }
    return hasChanged
  }
}
