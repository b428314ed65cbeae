internal import Instructions

/// What functions of a file leave alone, which decides what calls change and what a row without a rule claims.
struct Convention: Sendable, Hashable {
  /// Registers that keep their value where a row has no rule for them.
  var unchangedByDefault: RegisterSet
  /// Registers whose value a call makes unknown, besides the caller-saved ones.
  var changedByCalls: RegisterSet
  /// Functions mark saved frame pointers (Swift: bit 60 of the rbp of an asynchronous function's frame), which readers of the
  /// frame take off again.
  var marksFramePointers: Bool

  /// The System V ABI for C.
  static let c = Convention(unchangedByDefault: .calleeSaved, changedByCalls: [], marksFramePointers: false)

  /// Swift's: r12 carries errors, r13 self, r14 the asynchronous context (llvm, X86RegisterInfo.cpp, CSR_64_SwiftError and
  /// CSR_64_SwiftTail).
  static let swift: Convention = {
    let special: RegisterSet = [RegisterSet(.r12), RegisterSet(.r13), RegisterSet(.r14)]
    return Convention(
      unchangedByDefault: RegisterSet.calleeSaved.subtracting(special), changedByCalls: special,
      marksFramePointers: true)
  }()

  /// Go's: no register is preserved, but for the frame pointer (Go ABI internals).
  static let go = Convention(
    unchangedByDefault: [], changedByCalls: RegisterSet.calleeSaved.subtracting(RegisterSet(.rbp)),
    marksFramePointers: false)
}

/// What an instruction changed that a row may speak of.
struct Disturbance: Sendable {
  /// Bit n for DWARF number n.
  var registers: UInt16
  /// A word that was known is not any more, or is another.
  var memory: Bool
}

extension AbstractState {
  private static var rspBit: UInt16 { RegisterSet(.rsp).rawValue }
  private static var rbpBit: UInt16 { RegisterSet(.rbp).rawValue }
  /// rax, rcx and r11.
  private static let changedBySystem =
    RegisterSet(.rax).rawValue | RegisterSet(.rcx).rawValue | RegisterSet(.r11).rawValue

  /// Executes an instruction, the one of this index in its function, up to where control leaves it; a call as a whole.
  /// `marksFramePointer`: it puts a mark into the saved frame pointer, or takes it off.
  mutating func apply(
    _ instruction: Instruction, index: Int, _ convention: Convention, marksFramePointer: Bool = false
  ) -> Disturbance {
    var memory = false
    var changed = instruction.changes.rawValue
    switch instruction.effect {
    case .nothing, .target: break
    case .other:
      // bts rbp, 60 or or rbp, flags before the push, btr rbp, 60 after the pop: readers of the frame take it off again.
      if marksFramePointer, registers[Self.rbp] == .entry(Self.rbp) { break }
      if changed != 0 { clobber(changed, by: index) }
    case .push(let source):
      let value = value(of: source)
      memory = push(value)
      changed |= Self.rspBit
    case .pushShort:
      registers[Self.rsp] = registers[Self.rsp].adding(-2)
      memory = store(registers[Self.rsp], size: 2, value: .unknown)
      changed |= Self.rspBit
    case .pop(let register):
      let value = loadInPlace(registers[Self.rsp])
      registers[Self.rsp] = registers[Self.rsp].adding(8)
      set(Int(register.rawValue), value, by: index)
      changed |= Self.rspBit
      changed |= 1 << UInt16(register.rawValue)
    case .popElsewhere:
      registers[Self.rsp] = registers[Self.rsp].adding(8)
      changed |= Self.rspBit
    case .popShort:
      registers[Self.rsp] = registers[Self.rsp].adding(2)
      clobber(changed & ~Self.rspBit, by: index)
      changed |= Self.rspBit
    case .move(let register, let source):
      set(Int(register.rawValue), value(of: source), by: index)
    case .sum(let register, let source, let number):
      set(Int(register.rawValue), registers[Int(source.rawValue)].adding(number), by: index)
    case .align(let register, let mask):
      let value = registers[Int(register.rawValue)]
      if let number = value.constant {
        registers[Int(register.rawValue)] = .constant(Int64(number) & mask)
      } else if value.isPlace {
        makeSymbol(Int(register.rawValue), by: index)
        if register == .rsp, value.isFrameAddress { aligned = AlignedStack(registers[Self.rsp], below: value) }
      } else {
        clobber(1 << UInt16(register.rawValue), by: index)
      }
    case .exchange(let first, let second):
      let value = registers[Int(first.rawValue)]
      registers[Int(first.rawValue)] = registers[Int(second.rawValue)]
      registers[Int(second.rawValue)] = value
    case .exchangeMemory(let register, let address):
      let place = place(of: address)
      let value = loadInPlace(place)
      memory = store(place, size: 8, value: registers[Int(register.rawValue)])
      set(Int(register.rawValue), value, by: index)
      return Disturbance(registers: changed, memory: memory)
    case .leave:
      let frame = registers[Self.rbp]
      set(Self.rsp, frame.adding(8), by: index)
      set(Self.rbp, loadInPlace(frame), by: index)
      changed |= Self.rspBit | Self.rbpBit
    case .enter(let size):
      memory = push(registers[Self.rbp])
      registers[Self.rbp] = registers[Self.rsp]
      registers[Self.rsp] = registers[Self.rsp].adding(-Int64(size))
      changed |= Self.rspBit | Self.rbpBit
    }
    if let written = instruction.store {
      // After registers: only an exchange has both an effect on a register and a store of which the order matters.
      let place = place(of: written.address)
      let isDirect = written.address.base == .rsp || written.address.base == .rbp
      if !mayMiss(written, at: place),
        store(place, size: Int64(written.size), value: value(of: written.value), isDirect: isDirect)
      {
        memory = true
      }
    }
    switch instruction.flow {
    case .call, .indirectCall:
      return afterCall(changed, convention)
    case .system:
      clobber(Self.changedBySystem, by: index)
    default: break
    }
    return Disturbance(registers: changed, memory: memory)
  }

  /// What a called function leaves behind: the psABI's caller-saved registers are gone, and all below rsp.
  private mutating func afterCall(_ changed: UInt16, _ convention: Convention) -> Disturbance {
    let gone = RegisterSet.callerSaved.rawValue
    let unsure = convention.changedByCalls.rawValue
    for register in 0..<16 {
      if gone >> UInt16(register) & 1 != 0 {
        registers[register] = registers[register].mayLeadToFrame ? .computed : .gone
      } else if unsure >> UInt16(register) & 1 != 0 {
        // What was none of a caller's before is none now, whether the callee keeps it or gives another back.
        registers[register] = registers[register].meet(.computed)
      }
    }
    if frameRegister >= 0 {
      // Whoever resumes a fiber makes another link of its base.
      for register in 0..<16 where registers[register].isFrameAddress { registers[register] = .unknown }
    }
    let count = knownSlots
    forget(below: registers[Self.rsp])
    return Disturbance(
      registers: changed | gone | unsure, memory: knownSlots != count)
  }

  /// What is left behind a call made of a jump: nothing is known of any register, since such code follows no convention of its own.
  mutating func clobberByCall(stackPointer: AbstractValue) {
    for register in 0..<16 where register != Self.rbp { registers[register] = .unknown }
    registers[Self.rsp] = stackPointer
    forget(below: stackPointer)
  }

  /// What an operand that is read stands for.
  mutating func value(of source: Instruction.Source) -> AbstractValue {
    switch source {
    case .register(let register): registers[Int(register.rawValue)]
    case .constant(let number): .constant(number)
    case .memory(let address): loadInPlace(place(of: address))
    case .unknown: .unknown
    }
  }

  /// Where a memory operand lies; unknown for one with an index, and for thread-local memory.
  @inline(__always)
  func place(of address: Instruction.Address) -> AbstractValue {
    guard !address.isElsewhere, address.index == nil, let base = address.base else { return .unknown }
    return registers[Int(base.rawValue)].adding(address.displacement)
  }

  /// Whether a store that would overwrite what the frame saves may as well lead elsewhere: by a pointer that lies in memory, where a
  /// called function may have put another in its place. So it is with a vector whose first elements are inside of it.
  private func mayMiss(_ written: Instruction.Store, at place: AbstractValue) -> Bool {
    guard place.isFrameAddress, let base = written.address.base, base != .rsp, base != .rbp,
      holdsSaved(at: place, size: Int64(written.size))
    else { return false }
    return address(holding: registers[Int(base.rawValue)]) != nil
  }

  private mutating func push(_ value: AbstractValue) -> Bool {
    registers[Self.rsp] = registers[Self.rsp].adding(-8)
    return store(registers[Self.rsp], size: 8, value: value)
  }

  /// Gives a register a value. A stack pointer always has a name, so that what is pushed is known relative to it.
  private mutating func set(_ register: Int, _ value: AbstractValue, by index: Int) {
    registers[register] = value
    if register == Self.rsp || isThorough, !value.isPlace { makeSymbol(register, by: index) }
  }

  private mutating func makeSymbol(_ register: Int, by index: Int) {
    let symbol = AbstractValue.symbol(of: index)
    forget(symbol: symbol)
    registers[register] = symbol
  }

  private mutating func clobber(_ changes: UInt16, by index: Int) {
    for register in 0..<16 where changes >> UInt16(register) & 1 != 0 {
      if register == Self.rsp {
        makeSymbol(register, by: index)
        // Where it is now may be anywhere below.
        aligned.untouchedBelow = .min
      } else {
        registers[register] = .computed
      }
    }
  }
}
