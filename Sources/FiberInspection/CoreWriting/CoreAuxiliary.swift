/// Values of the auxiliary vector that lead to memory a debugger reads (getauxval(3)).
struct CoreAuxiliary {
  let programHeaders: UInt64?
  /// In the main thread's stack.
  let random: UInt64?

  /// Of a live process; nothing if the kernel does not tell, which `ProcessNotes` reports.
  init(thread: Int32) {
    let bytes = (try? ProcFile.read("/proc/\(thread)/auxv")) ?? []
    self.init(AuxiliaryVector.values(bytes[...]))
  }

  /// - Parameter values: by type.
  init(_ values: [UInt64: UInt64]) {
    programHeaders = values[AuxiliaryVector.programHeaders]
    random = values[AuxiliaryVector.random]
  }
}
