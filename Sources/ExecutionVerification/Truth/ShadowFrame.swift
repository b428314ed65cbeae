/// The registers that a function gives back as they were (psABI, figure 3.4), by DWARF number: rbx, rbp, r12 to r15.
enum CalleeSaved {
  static let count = 6

  /// The DWARF number of the one with this index.
  @inline(__always) static func number(_ index: Int) -> Int {
    switch index {
    case 0: 3
    case 1: 6
    default: index + 10
    }
  }

  /// By psABI alone, whatever the language: Swift passes an error in r12, `self` in r13 and a context in r14, and does not always
  /// give them back.
  static func isAlwaysKept(_ index: Int) -> Bool { index < 2 || index == 5 }

  /// Whether rows of a call that has returned have to say where its caller's register is.
  static func isOwed(_ index: Int, isGivenBack: Bool) -> Bool { isGivenBack || isAlwaysKept(index) }

  @inline(__always) static func values(_ state: MachineState) -> InlineArray<6, UInt64> {
    [state[3], state[6], state[12], state[13], state[14], state[15]]
  }
}

/// One activation of a function, or what a signal interrupted.
package struct ShadowFrame: Sendable {
  package enum Kind: UInt8, Sendable {
    /// A call, or a jump with a return address left on the stack.
    case call
    /// Below a signal's handler: the registers that it interrupted are `saved`, and rsp and pc are `cfa` and `returnAddress`.
    case interrupted
  }

  /// Something that its rows say and that the way it ends will decide.
  struct Suspicion: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
      /// A register that a row says is kept holds something else: some calling conventions do not keep it.
      case kept(Int)
      /// A register is not what a row recovers: an unwinder writes to the slots of its own frame before it leaves that.
      case recovered(Int)
      /// The frame has been moved: its end tells whether it returns from where a row says.
      case moved(to: UInt64)
      /// A walk goes wrong this many frames away, since a register that this frame gives back is not what it was: an unwinder's
      /// own functions write to those slots, too.
      case walk(frame: Int, actual: UInt64)
      /// A row says that there is no caller.
      case outermost
    }

    /// Index in `CodeMap.points`.
    var point: Int
    /// The register's index in `CalleeSaved`.
    var kind: Kind
  }

  /// What it was the first time, and how often it was so.
  struct Sighting: Sendable {
    var value: UInt64
    var count: Int
  }

  package var kind: Kind
  /// What rsp is in the caller: the address behind the return address.
  package var cfa: UInt64
  /// What control returns to.
  package var returnAddress: UInt64
  /// The callee-saved registers at its entry, in the order of `CalleeSaved`.
  package var saved: InlineArray<6, UInt64>
  /// It is gone when rsp is not below this. The CFA, unless it lies on another stack.
  var high: UInt64
  /// It has put its return address here, further out in its caller's frame, and will return from there, its rows say: what rsp will
  /// be then. 0 if not.
  var moved: UInt64 = 0
  /// The frames between it and the next one known are not known.
  var isPartial = false
  /// Whether `saved` is so still: its stack may have run at full speed meanwhile.
  var areRegistersKnown = true
  /// What its end decides.
  var suspicions: [Suspicion: Sighting] = [:]
  /// For what a signal interrupted: its `ucontext_t`, which the handler may change. 0 for calls.
  var context: UInt64 = 0

  package init(kind: Kind = .call, cfa: UInt64, returnAddress: UInt64, saved: InlineArray<6, UInt64>) {
    self.kind = kind
    self.cfa = cfa
    high = cfa
    self.returnAddress = returnAddress
    self.saved = saved
  }

  /// A row says that the return address lies elsewhere by now.
  mutating func move(to cfa: UInt64, at point: Int) {
    moved = cfa
    high = max(high, cfa)
    suspect(.moved(to: cfa), at: point, value: cfa)
  }

  mutating func suspect(_ kind: Suspicion.Kind, at point: Int, value: UInt64) {
    suspicions[Suspicion(point: point, kind: kind), default: Sighting(value: value, count: 0)].count += 1
  }

  /// Where the return address lies.
  package var slot: UInt64 { cfa &- 8 }
}
