/// What an instruction does to the stack, to general registers and to the flow of control, as far as call frame information cares.
///
/// A value of fixed size without text: whole functions are decoded into arrays of them.
package struct Instruction: Sendable, Hashable {
  /// Its address.
  package var address: UInt64
  /// In bytes, 1 to 15. Bytes that are no instruction are one of length 1 whose flow is `undecodable`.
  package var length: UInt8
  /// Where control goes.
  package var flow: Flow
  /// What it does to registers and memory.
  package var effect: Effect
  /// Every general register that it changes by itself, wholly or in part; what a called function changes is not among them,
  /// nor is rsp for a call and a return.
  /// Those that `effect` says the new value of are.
  package var changes: RegisterSet
  /// Memory that it writes by an explicit operand, nil for none. A push, call or enter writes below rsp besides.
  package var store: Store?

  /// The address of the next one in memory.
  package var end: UInt64 { address &+ UInt64(length) }

  package init(
    address: UInt64, length: UInt8, flow: Flow = .next, effect: Effect = .other, changes: RegisterSet = [],
    store: Store? = nil
  ) {
    self.address = address
    self.length = length
    self.flow = flow
    self.effect = effect
    self.changes = changes
    self.store = store
  }
}

extension Instruction {
  /// Where control goes.
  package enum Flow: Sendable, Hashable {
    /// To the next instruction.
    case next
    /// To an address; nil where only a linker knows it.
    case jump(UInt64?)
    /// To an address or to the next instruction (jcc, jrcxz, loop, xbegin).
    case branch(UInt64?)
    /// To where a register or a word of memory says; `slot` is the word's address if the operand is [rip + x].
    case indirectJump(slot: UInt64?)
    /// To a function and, if it returns, to the next instruction; nil where only a linker knows the function.
    case call(UInt64?)
    /// Likewise, by a register or a word of memory; `slot` as above.
    case indirectCall(slot: UInt64?)
    /// ret, with the number of bytes that it pops besides the return address.
    case `return`(UInt16)
    /// To the operating system and back (syscall, int n): rax, rcx and r11 change, for syscall.
    case system
    /// Nowhere: ud2, hlt, int3, iret, sysret.
    case stop
    /// Bytes that are no instruction.
    case undecodable
  }

  /// What is moved.
  package enum Source: Sendable, Hashable {
    case register(GeneralRegister)
    /// Sign-extended to 64 bits.
    case constant(Int64)
    /// What memory holds.
    case memory(Address)
    /// Anything else.
    case unknown
  }

  /// What a memory operand refers to: base + index × scale + displacement.
  package struct Address: Sendable, Hashable {
    /// Nil for none; rip-relative operands have neither base nor index, and their target as displacement.
    package var base: GeneralRegister?
    package var index: GeneralRegister?
    /// What the index is multiplied by: 1, 2, 4 or 8.
    package var scale: UInt8
    package var displacement: Int64
    /// It is not on the stack, or not to be computed here: fs or gs is added (thread-local memory), registers are added as 32
    /// bits, or the index is a vector.
    package var isElsewhere: Bool

    package init(
      base: GeneralRegister? = nil, index: GeneralRegister? = nil, scale: UInt8 = 1, displacement: Int64 = 0,
      isElsewhere: Bool = false
    ) {
      self.base = base
      self.index = index
      self.scale = scale
      self.displacement = displacement
      self.isElsewhere = isElsewhere
    }
  }

  /// Memory that is written.
  package struct Store: Sendable, Hashable {
    package var address: Address
    /// In bytes; 0 if it is not known (rep stos, fxsave, xsave).
    package var size: UInt16
    /// What it then holds; `unknown` unless `size` is 8.
    package var value: Source

    package init(_ address: Address, size: UInt16, value: Source = .unknown) {
      self.address = address
      self.size = size
      self.value = value
    }
  }

  /// What it does to registers, 64 bits wide. Narrower operations are `other`, but for those that zero-extend a constant.
  package enum Effect: Sendable, Hashable {
    /// Nothing but what `changes` and `store` say: registers in `changes` have a value of which nothing is known.
    case other
    /// Nothing at all: nop in its forms, what assemblers and linkers fill gaps with.
    case nothing
    /// rsp −= 8, then [rsp] = the source as it was before.
    case push(Source)
    /// rsp −= 2: a push of 16 bits.
    case pushShort
    /// The register = [rsp]; rsp += 8, unless the register is rsp.
    case pop(GeneralRegister)
    /// rsp += 8, the word goes to memory, flags or a segment register.
    case popElsewhere
    /// rsp += 2.
    case popShort
    /// The register = the source: mov, lea of an address without index is `sum`.
    case move(GeneralRegister, Source)
    /// The first register = the second + the number: add, sub, inc, dec, lea.
    case sum(GeneralRegister, GeneralRegister, Int64)
    /// The register &= the number, which is negative: what realigns a stack.
    case align(GeneralRegister, Int64)
    /// Both have the other's value.
    case exchange(GeneralRegister, GeneralRegister)
    /// The register and the 8 bytes at an address have each other's value. `store` is set as well.
    case exchangeMemory(GeneralRegister, Address)
    /// rsp = rbp; pop rbp.
    case leave
    /// push rbp; rbp = rsp; rsp −= the number. Nesting other than 0 is `other`.
    case enter(UInt16)
    /// Of an indirect jump by a register: where it leads.
    case target(GeneralRegister)
  }
}
