/// Where the walk of a fiber that does not run starts, or what is wrong with its record.
enum SuspendedState {
  case registers(Registers)
  /// The record is sound, and the registers saved on the stack cannot be read.
  case absent
  case defect(String)

  /// Reads the state of `fiber` as its runtime's layout says.
  init(of fiber: FiberSnapshot, layout: RegistryLayout, memory: any MemoryReader) {
    let sp = fiber.savedStackPointer
    guard fiber.low < fiber.high else {
      self = .defect(
        "its record is damaged: the stack would reach from \(hexadecimal(fiber.low)) to \(hexadecimal(fiber.high))")
      return
    }
    let stack = fiber.low..<fiber.high
    if case .below(let distance) = StackOverflow(stackPointer: sp, low: stack.lowerBound, faulted: false) {
      self = .defect(
        "its saved sp \(hexadecimal(sp)) lies \(size(distance)) below its stack, \(hexadecimal(stack.lowerBound)) to "
          + "\(hexadecimal(stack.upperBound)): the stack has overflowed, or the record is damaged")
      return
    }
    guard stack.contains(sp) else {
      self = .defect(
        "its record is damaged: the saved sp \(hexadecimal(sp)) lies outside its stack, "
          + "\(hexadecimal(stack.lowerBound)) to \(hexadecimal(stack.upperBound))")
      return
    }
    if layout.suspendedProgramCounter != 0 {
      self = .registers(
        Registers(programCounter: layout.suspendedProgramCounter, framePointer: sp, stackPointer: sp))
      return
    }
    let pcAddress = sp &+ UInt64(bitPattern: layout.savedProgramCounterOffset)
    let fpAddress = sp &+ UInt64(bitPattern: layout.savedFramePointerOffset)
    guard let pc = memory.word(at: pcAddress), let fp = memory.word(at: fpAddress) else {
      self = .absent
      return
    }
    self = .registers(
      Registers(
        programCounter: pc, framePointer: fp,
        stackPointer: sp &+ UInt64(bitPattern: layout.savedStackPointerAdjustment)))
  }
}
