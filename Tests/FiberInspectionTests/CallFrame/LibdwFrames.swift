import CLibdw
import CallFrameInfo
import Glibc

/// One operation as libdw decodes it.
struct LibdwOperation: Equatable, CustomStringConvertible {
  var atom: UInt8
  var number: UInt64 = 0
  var number2: UInt64 = 0
  /// Offset in the expression.
  var offset: UInt64 = 0

  static func == (first: LibdwOperation, second: LibdwOperation) -> Bool {
    first.atom == second.atom && first.number == second.number && first.number2 == second.number2
  }

  var description: String { "0x\(String(atom, radix: 16))(\(Int64(bitPattern: number)),\(Int64(bitPattern: number2)))" }
}

/// How libdw says a register is found.
enum LibdwLocation: Equatable {
  /// No operations, and no place for them.
  case sameValue
  /// No operations.
  case undefined
  case operations([LibdwOperation])
  case failed
}

/// A file's sections and its call frame information as libdw and libelf read them. Used by one thread at a time.
@safe final class LibdwFile {
  private let descriptor: Int32
  private let elf: OpaquePointer
  private let dwarf: OpaquePointer?
  let path: String

  /// Nil for what is not an ELF file of x86-64.
  init?(_ path: String) {
    self.path = path
    _ = elf_version(UInt32(EV_CURRENT))
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    guard let elf = unsafe elf_begin(file, ELF_C_READ_MMAP, nil), unsafe elf_kind(elf) == ELF_K_ELF else {
      close(file)
      return nil
    }
    descriptor = file
    unsafe self.elf = unsafe elf
    unsafe dwarf = unsafe dwarf_begin_elf(elf, DWARF_C_READ, nil)
    var header = GElf_Ehdr()
    guard unsafe gelf_getehdr(elf, &header) != nil, header.e_machine == UInt16(EM_X86_64) else { return nil }
  }

  deinit {
    if let dwarf = unsafe dwarf { unsafe dwarf_end(dwarf) }
    unsafe elf_end(elf)
    close(descriptor)
  }

  /// A section's bytes and address; nil where there is none with bytes.
  func section(named wanted: String) -> (bytes: [UInt8], address: UInt64)? {
    guard let (data, address) = unsafe data(named: wanted), let start = unsafe data.pointee.d_buf else { return nil }
    return (unsafe [UInt8](UnsafeRawBufferPointer(start: start, count: data.pointee.d_size)), address)
  }

  @unsafe private func data(named wanted: String) -> (data: UnsafeMutablePointer<Elf_Data>, address: UInt64)? {
    var names = 0
    guard unsafe elf_getshdrstrndx(elf, &names) == 0 else { return nil }
    var section: OpaquePointer?
    while let next = unsafe elf_nextscn(elf, section) {
      unsafe section = unsafe next
      var header = GElf_Shdr()
      guard unsafe gelf_getshdr(next, &header) != nil, header.sh_type != UInt32(SHT_NOBITS),
        let name = unsafe elf_strptr(elf, names, Int(header.sh_name)), unsafe String(cString: name) == wanted,
        let data = unsafe elf_rawdata(next, nil)
      else { continue }
      return unsafe (data, header.sh_addr)
    }
    return nil
  }

  /// `.eh_frame` or `.debug_frame` for our reader; nil where there is none.
  func callFrameSection(_ kind: CallFrameSection.Kind) -> CallFrameSection? {
    section(named: kind == .ehFrame ? ".eh_frame" : ".debug_frame").map {
      CallFrameSection(kind, source: path, bytes: $0.bytes, address: $0.address)
    }
  }

  /// Offsets of the records that libdw reads one after another, CIEs and FDEs; nil where there is no such section.
  func recordOffsets(_ kind: CallFrameSection.Kind) -> (cies: [Int], fdes: [Int])? {
    guard let data = unsafe data(named: kind == .ehFrame ? ".eh_frame" : ".debug_frame")?.data,
      let identity = unsafe elf_getident(elf, nil)
    else { return nil }
    var offsets: (cies: [Int], fdes: [Int]) = ([], [])
    var offset: Dwarf_Off = 0
    while true {
      var next: Dwarf_Off = 0
      var entry = unsafe Dwarf_CFI_Entry()
      let bytes = unsafe UnsafeRawPointer(identity).assumingMemoryBound(to: UInt8.self)
      guard unsafe dwarf_next_cfi(bytes, data, kind == .ehFrame, offset, &next, &entry) == 0 else { return offsets }
      // CIE_id and CIE_pointer are the same word of the union; libdw makes it all ones in a CIE.
      if unsafe entry.cie.CIE_id == UInt64.max {
        offsets.cies.append(Int(offset))
      } else {
        offsets.fdes.append(Int(offset))
      }
      offset = next
    }
  }

  /// libdw's handle for one of them, owned by this file; nil where there is none.
  @unsafe func information(_ kind: CallFrameSection.Kind) -> OpaquePointer? {
    switch kind {
    case .ehFrame: unsafe dwarf_getcfi_elf(elf)
    case .debugFrame: unsafe dwarf == nil ? nil : dwarf_getcfi(dwarf)
    }
  }
}

/// What libdw says of one address. Owns it.
@safe struct LibdwFrame: ~Copyable {
  private let frame: OpaquePointer

  /// Nil where libdw finds no row.
  @unsafe init?(at address: UInt64, in information: OpaquePointer) {
    var frame: OpaquePointer?
    guard unsafe dwarf_cfi_addrframe(information, address, &frame) == 0, let frame = unsafe frame else { return nil }
    unsafe self.frame = unsafe frame
  }

  deinit { unsafe free(UnsafeMutableRawPointer(frame)) }

  /// The row's addresses, the return address register, and whether it is a signal frame.
  func info() -> (addresses: Range<UInt64>, returnAddress: Int32, isSignalFrame: Bool)? {
    var start: Dwarf_Addr = 0
    var end: Dwarf_Addr = 0
    var isSignalFrame = false
    let register = unsafe dwarf_frame_info(frame, &start, &end, &isSignalFrame)
    return register < 0 || start > end ? nil : (start..<end, register, isSignalFrame)
  }

  /// The CFA's operations, nil where libdw has none.
  func cfa() -> [LibdwOperation]? {
    var operations: UnsafeMutablePointer<Dwarf_Op>?
    var count = 0
    guard unsafe dwarf_frame_cfa(frame, &operations, &count) == 0 else { return nil }
    return unsafe Self.operations(operations, count)
  }

  func location(of register: UInt16) -> LibdwLocation {
    var operations: UnsafeMutablePointer<Dwarf_Op>?
    var count = 0
    var storage = (Dwarf_Op(), Dwarf_Op(), Dwarf_Op())
    return unsafe withUnsafeMutableBytes(of: &storage) { memory in
      guard let three = unsafe memory.bindMemory(to: Dwarf_Op.self).baseAddress,
        unsafe dwarf_frame_register(frame, Int32(register), three, &operations, &count) == 0
      else { return .failed }
      if count == 0 { return unsafe operations == nil ? .sameValue : .undefined }
      return .operations(unsafe Self.operations(operations, count))
    }
  }

  @unsafe private static func operations(_ start: UnsafeMutablePointer<Dwarf_Op>?, _ count: Int) -> [LibdwOperation] {
    guard let start = unsafe start else { return [] }
    return unsafe UnsafeBufferPointer(start: start, count: count).map {
      LibdwOperation(atom: $0.atom, number: $0.number, number2: $0.number2, offset: $0.offset)
    }
  }
}
