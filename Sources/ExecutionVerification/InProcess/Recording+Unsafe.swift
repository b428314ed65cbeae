internal import CStepping
internal import Glibc

/// What the recorder wrote while a function ran.
@safe final class Recording {
  private var result: ft_stepping
  /// Beside the log, what of the result is asked for.
  let end: ft_stepping_end
  var steps: Int { Int(unsafe result.steps) }
  var count: Int { Int(unsafe result.log_count) }

  /// - Throws: why it was not called.
  init(
    of function: @convention(c) (UnsafeMutableRawPointer?) -> Void, _ context: UnsafeMutableRawPointer?,
    _ limits: StepCheck.Limits
  ) throws(StepCheckError) {
    guard 1...1 << 48 ~= limits.instructions, 1...1 << 46 ~= limits.bytes else {
      throw StepCheckError(
        code: EINVAL,
        "a limit is below 1 or too high: \(limits.instructions) instructions, \(limits.bytes) bytes")
    }
    unsafe result = ft_stepping()
    let code = unsafe ft_stepping_run(
      function, context, UInt64(limits.instructions), UInt64(limits.bytes), &result)
    guard code == 0 else { throw StepCheckError(code: code) }
    unsafe end = result.end
  }

  deinit { unsafe ft_stepping_free(&result) }

  /// A word of the log.
  ///
  /// - Precondition: `index` is one of it.
  @inline(__always) subscript(index: Int) -> UInt64 {
    precondition(index >= 0 && index < count)
    return unsafe result.log.unsafelyUnwrapped[index]
  }

  /// The words of a page in the log.
  func copyWords(at index: Int, count words: Int, to target: UnsafeMutablePointer<UInt64>) {
    precondition(index >= 0 && words >= 0 && index + words <= count)
    unsafe target.update(from: result.log.unsafelyUnwrapped + index, count: words)
  }

  /// The registers where it was called, the pc being that of the call. Only those that a function gives back are known.
  var before: MachineState { unsafe MachineState(Self.registers(result.before)) }
  /// The registers behind the call, as far as a function gives them back.
  var after: MachineState { unsafe MachineState(Self.registers(result.after)) }
  var controlBefore: ft_stepping_control { unsafe result.control_before }
  var controlAfter: ft_stepping_control { unsafe result.control_after }
  /// The signal that ended it, the address that it is about if that is known, and the registers then.
  var fault: (signal: Int32, address: UInt64?, state: MachineState) {
    let hasAddress = unsafe result.fault_code > 0 && result.fault_code != SI_KERNEL
    return unsafe (
      result.fault, hasAddress ? result.fault_address : nil, MachineState(Self.registers(result.fault_registers))
    )
  }

  private static func registers<Words>(_ words: Words) -> InlineArray<17, UInt64> {
    precondition(MemoryLayout<Words>.size == 17 * 8)
    return unsafe withUnsafeBytes(of: words) { bytes in
      InlineArray { unsafe bytes.load(fromByteOffset: $0 * 8, as: UInt64.self) }
    }
  }
}
