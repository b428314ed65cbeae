/// The general registers of a thread, in DWARF's numbering (psABI 1.0, figure 3.36): rax 0, rdx 1, rcx 2, rbx 3, rsi 4, rdi 5,
/// rbp 6, rsp 7, r8 to r15, and 16 for the return address, here the pc.
public struct Registers: Sendable, Equatable {
  /// Values by DWARF number, nil where unknown. Always 17.
  public private(set) var values: [UInt64?]

  /// No register known but the three that a walk starts from.
  public init(programCounter: UInt64, framePointer: UInt64, stackPointer: UInt64) {
    values = Array(repeating: nil, count: 17)
    values[6] = framePointer
    values[7] = stackPointer
    values[16] = programCounter
  }

  /// All registers known, in DWARF's order.
  ///
  /// - Precondition: `values` has 17 elements.
  public init(dwarfOrder values: [UInt64]) {
    precondition(values.count == 17, "x86-64 has 17 registers in this numbering")
    self.values = values
  }

  /// Those of a frame.
  init(_ frame: FrameRegisters) {
    values = (0..<UInt8(FrameRegisters.count)).map { frame[$0] }
  }

  /// The pc: the next instruction of an interrupted thread.
  public var programCounter: UInt64 {
    get { values[16] ?? 0 }
    set { values[16] = newValue }
  }
  /// rbp.
  public var framePointer: UInt64 { values[6] ?? 0 }
  /// rsp.
  public var stackPointer: UInt64 {
    get { values[7] ?? 0 }
    set { values[7] = newValue }
  }
}
