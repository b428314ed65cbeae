internal import CLibdw
internal import Glibc

/// What call frame information says about a pc, as far as libdw's walk depends on it.
enum CallFrameCoverage {
  /// A row covers it. Whoever called a signal frame was interrupted rather than made a call.
  case covered(isSignalFrame: Bool)
  /// No row covers it: libdw's walk silently follows the frame pointer.
  case none
  /// A row covers it that libdw 0.188 crashes on.
  case refused(String)
}

/// `CallFrameCoverage` by pc, looked up once each.
struct CallFrameCoverageCache {
  private let session: LibdwSession
  private var known: [UInt64: CallFrameCoverage] = [:]

  init(session: LibdwSession) { self.session = session }

  /// What covers `pc`, which for a return address is the address less one.
  mutating func coverage(of pc: UInt64) -> CallFrameCoverage {
    if let coverage = known[pc] { return coverage }
    let coverage = find(pc)
    known[pc] = coverage
    return coverage
  }

  private func find(_ pc: UInt64) -> CallFrameCoverage {
    guard let module = unsafe dwfl_addrmodule(session.handle, pc) else { return .none }
    var bias: Dwarf_Addr = 0
    // In the order of libdw's walk: .eh_frame, then .debug_frame.
    if let information = unsafe dwfl_module_eh_cfi(module, &bias),
      let coverage = unsafe row(of: pc &- bias, in: information)
    {
      return coverage
    }
    if let information = unsafe dwfl_module_dwarf_cfi(module, &bias),
      let coverage = unsafe row(of: pc &- bias, in: information)
    {
      return coverage
    }
    return .none
  }

  private func row(of address: UInt64, in information: OpaquePointer) -> CallFrameCoverage? {
    var frame: OpaquePointer?
    guard unsafe dwarf_cfi_addrframe(information, address, &frame) == 0, let frame = unsafe frame else { return nil }
    defer { unsafe free(UnsafeMutableRawPointer(frame)) }

    var operations: UnsafeMutablePointer<Dwarf_Op>?
    var count = 0
    if unsafe dwarf_frame_cfa(frame, &operations, &count) == 0, unsafe usesSizedDereference(operations, count) {
      return .refused("the CFA is computed with DW_OP_deref_size, which libdw cannot evaluate")
    }
    for register in Int32(0)...16 {
      var storage = (Dwarf_Op(), Dwarf_Op(), Dwarf_Op())
      let refused = unsafe withUnsafeMutableBytes(of: &storage) { memory in
        guard let three = unsafe memory.bindMemory(to: Dwarf_Op.self).baseAddress else { return false }
        return unsafe dwarf_frame_register(frame, register, three, &operations, &count) == 0
          && usesSizedDereference(operations, count)
      }
      if refused {
        return .refused("register \(register) is computed with DW_OP_deref_size, which libdw cannot evaluate")
      }
    }
    var start: Dwarf_Addr = 0
    var end: Dwarf_Addr = 0
    var isSignalFrame = false
    guard unsafe dwarf_frame_info(frame, &start, &end, &isSignalFrame) >= 0 else { return nil }
    return .covered(isSignalFrame: isSignalFrame)
  }

  private func usesSizedDereference(_ operations: UnsafeMutablePointer<Dwarf_Op>?, _ count: Int) -> Bool {
    let operations = unsafe UnsafeBufferPointer(start: operations, count: operations == nil ? 0 : count)
    return unsafe operations.contains { $0.atom == UInt8(DW_OP_deref_size) }
  }
}
