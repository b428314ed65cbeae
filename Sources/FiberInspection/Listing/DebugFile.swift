internal import CallFrameInfo
internal import CLibdw
internal import Glibc

/// What libdw knows of a file that is in no process: its symbols, those of its separate debug file, and its source lines.
///
/// Not safe from several threads at once, as libdw is not.
@safe final class DebugFile {
  private let handle: OpaquePointer
  private let module: OpaquePointer
  private let callbacks: UnsafeMutablePointer<Dwfl_Callbacks>
  /// The path of the separate debug file that was named; `find_debuginfo` reads it.
  private let separate: UnsafeMutablePointer<CChar>?
  private var information: DebugInformation?
  /// For a relocatable file, whose sections libdw places otherwise than `ELFFile`: addresses there, ascending, and what to add for
  /// libdw's.
  private let moves: [(addresses: Range<UInt64>, distance: UInt64)]

  /// Opens the file that `file` has open.
  ///
  /// - Parameters:
  ///   - elf: the same file.
  ///   - separate: the path of its separate debug file, nil to look for it.
  /// - Throws: what libdw refuses it for.
  init(_ file: OpenFile, elf: ELFFile, separate: String? = nil) throws(LibdwError) {
    _ = elf_version(UInt32(EV_CURRENT))
    unsafe callbacks = .allocate(capacity: 1)
    unsafe callbacks.initialize(to: libdwModuleCallbacks())
    guard let handle = unsafe dwfl_begin(callbacks) else {
      unsafe callbacks.deallocate()
      throw LibdwError.last(doing: "setting up")
    }
    unsafe dwfl_report_begin(handle)
    let descriptor = fcntl(file.descriptor, F_DUPFD_CLOEXEC, 0)
    // With `add_p_vaddr` and a base of 0, libdw's addresses are the file's own. It owns the descriptor from success on.
    guard descriptor >= 0, let module = unsafe dwfl_report_elf(handle, file.path, file.path, descriptor, 0, true) else {
      let error = LibdwError.last(doing: "opening it")
      if descriptor >= 0 { close(descriptor) }
      unsafe dwfl_end(handle)
      unsafe callbacks.deallocate()
      throw error
    }
    unsafe dwfl_report_end(handle, nil, nil)
    unsafe self.handle = handle
    unsafe self.module = module
    unsafe self.separate = separate.flatMap { unsafe strdup($0) }
    var slot: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
    _ = unsafe dwfl_module_info(module, &slot, nil, nil, nil, nil, nil, nil)
    unsafe slot?.pointee = unsafe UnsafeMutableRawPointer(self.separate)
    moves = elf.isLaidOut ? unsafe Self.moves(of: elf, module: module) : []
  }

  deinit {
    unsafe dwfl_end(handle)
    unsafe callbacks.deallocate()
    unsafe free(separate)
  }

  /// All names of functions, nil if they overlap; see `SymbolTable.Candidate.all(in:)`.
  var candidates: [SymbolTable.Candidate]? { unsafe SymbolTable.Candidate.all(in: module) }

  /// The source line of an address, nil where there is none. The units are indexed at the first call.
  func line(at address: UInt64) -> SourceLine? {
    var place = address
    let index = moves.firstIndexAbove(address) { $0.addresses.lowerBound } - 1
    if index >= 0, moves[index].addresses.contains(address) { place = address &+ moves[index].distance }
    if information == nil { unsafe information = DebugInformation(module: module) }
    return information?.line(at: place)
  }

  /// How far libdw's address of each code section is from that of `elf`.
  @unsafe private static func moves(
    of elf: ELFFile, module: OpaquePointer
  ) -> [(addresses: Range<UInt64>, distance: UInt64)] {
    var bias: Dwarf_Addr = 0
    guard let image = unsafe dwfl_module_getelf(module, &bias) else { return [] }
    // In file order, which is that of their addresses. Empty ones share theirs with the next.
    return elf.sections.filter(\.isExecutable).compactMap { section in
      var header = GElf_Shdr()
      guard let addresses = section.range, !addresses.isEmpty, let handle = unsafe elf_getscn(image, section.index),
        unsafe gelf_getshdr(handle, &header) != nil
      else { return nil }
      return (addresses, header.sh_addr &+ bias &- section.address)
    }
  }
}
