package import CallFrameInfo

/// The call frame information of one module: `.eh_frame`, and where that does not cover a pc `.debug_frame`, of the file or of
/// its separate debug file. Nothing is read before it is asked for.
///
/// A walk asks for few pcs of a module that may have 100,000 FDEs. `.eh_frame_hdr` finds theirs without reading the others;
/// where its answer does not hold, all FDEs are read, once.
package final class ModuleCallFrames {
  /// Sections that could not be read, one line each: what they cover is walked by less.
  package private(set) var problems: [Problem] = []

  private let module: Module
  private let memory: any MemoryReader
  private let debugDirectory: String
  private lazy var file = module.image.elf
  private lazy var ehFrame = findEHFrame()
  private lazy var ehFrameTable = ehFrame.map { CallFrameTable([$0.section]) }
  private lazy var debugFrameTable = findDebugFrame()

  private struct EHFrame {
    let section: CallFrameSection
    let searchTable: SearchTable?
  }

  /// - Parameter debugDirectory: where distributions install debug files.
  package init(_ module: Module, memory: any MemoryReader, debugDirectory: String) {
    self.module = module
    self.memory = memory
    self.debugDirectory = debugDirectory
  }

  /// The row in force at `pc`, an address of the process; nil if none is.
  ///
  /// - Parameter instructionsLeft: how many bytes of CFA instructions may still be executed; less those that were, at most.
  /// - Throws: what is wrong with the information that covers it.
  package func row(at pc: UInt64, instructionsLeft: inout Int) throws(CallFrameError) -> FoundRow? {
    let address = pc &- module.bias
    if let ehFrame {
      if let found = try quickRow(at: address, ehFrame, &instructionsLeft) { return found }
      if let found = try row(at: address, ehFrameTable, &instructionsLeft) { return found }
    }
    return try row(at: address, debugFrameTable, &instructionsLeft)
  }

  /// The file has metadata of Swift: sections swift5_….
  package private(set) lazy var hasSwift = file?.sections.contains { $0.name.hasPrefix("swift5_") } ?? false

  /// Where functions begin, addresses of the process, ascending, each once: where FDEs that are not empty do. One that begins inside
  /// another is left out, since no instruction may begin there. O(n log n) in the FDEs.
  package var functionStarts: [UInt64] {
    let fdes = [ehFrameTable, debugFrameTable].compactMap(\.self).flatMap(\.fdes)
    let ranges = fdes.map(\.addresses).filter { !$0.isEmpty && $0.lowerBound != 0 }
    var starts: [UInt64] = []
    var end: UInt64 = 0
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if range.lowerBound >= end { starts.append(range.lowerBound &+ module.bias) }
      end = max(end, range.upperBound)
    }
    return starts
  }

  /// The address in the process of a function that the file exports by this name; nil if it does not.
  package func exportedFunction(_ name: String) -> UInt64? {
    guard let file, let section = file.section(named: ".dynsym"), let symbols = try? file.symbols(of: section) else {
      return nil
    }
    for symbol in symbols where symbol.kind == .function && symbol.value != 0 && symbols.name(of: symbol) == name {
      return symbol.value &+ module.bias
    }
    return nil
  }

  /// Up to `count` bytes of code at `pc`, an address of the process, as the file has them: no breakpoint stands in them. None where
  /// there is no file, or the address is not in a segment that the program cannot write.
  package func code(at pc: UInt64, count: Int) -> [UInt8] {
    guard let file else { return [] }
    let address = pc &- module.bias
    for segment in file.segments where segment.kind == .load && !segment.isWritable {
      guard address >= segment.virtualAddress, address - segment.virtualAddress < segment.fileSize else { continue }
      let distance = address - segment.virtualAddress
      let (offset, overflow) = segment.fileOffset.addingReportingOverflow(distance)
      if overflow { return [] }
      return file.source.bytes(at: offset, count: min(UInt64(count), segment.fileSize - distance))
    }
    return []
  }

  /// The file can be read.
  package var hasFile: Bool { file != nil }

  /// By the search table; nil where it finds no FDE that covers the address.
  private func quickRow(
    at address: UInt64, _ ehFrame: EHFrame, _ instructionsLeft: inout Int
  ) throws(CallFrameError) -> FoundRow? {
    guard let entry = ehFrame.searchTable?.entry(for: address),
      let offset = Int(exactly: entry.fdeAddress &- ehFrame.section.address),
      let (fde, cie) = try? ehFrame.section.fde(at: offset), fde.addresses.contains(address)
    else { return nil }
    return try FoundRow(at: address, fde, cie, ehFrame.section, &instructionsLeft)
  }

  private func row(
    at address: UInt64, _ table: CallFrameTable?, _ instructionsLeft: inout Int
  ) throws(CallFrameError) -> FoundRow? {
    guard let table, let fde = table.fde(at: address) else { return nil }
    return try FoundRow(at: address, fde, table.cie(of: fde), table.section(of: fde), &instructionsLeft)
  }

  private func findEHFrame() -> EHFrame? {
    if let file {
      // One that cannot be read is as good as none: all FDEs are read instead.
      let table = try? SearchTable(of: file)
      if let (section, bytes) = contents(of: ".eh_frame", in: file) {
        // A table of another section's FDEs says nothing of these.
        return EHFrame(
          section: CallFrameSection(.ehFrame, source: module.path, bytes: bytes, address: section.address),
          searchTable: table?.ehFrameAddress == section.address ? table : nil)
      }
      if let table, let section = table.ehFrame(of: file) { return EHFrame(section: section, searchTable: table) }
    }
    guard let image = ModuleImageBytes(module, memory: memory), let table = image.searchTable(),
      let address = table.ehFrameAddress,
      let section = image.callFrames(at: address)
    else { return nil }
    return EHFrame(section: section, searchTable: table)
  }

  private func findDebugFrame() -> CallFrameTable? {
    for file in [file, debugFile()].compactMap(\.self) {
      guard let (section, bytes) = contents(of: ".debug_frame", in: file) else { continue }
      return CallFrameTable([
        CallFrameSection(.debugFrame, source: file.source.name, bytes: bytes, address: section.address)
      ])
    }
    return nil
  }

  /// A section with its bytes; nil if there is none, or it cannot be read.
  private func contents(of name: String, in file: ELFFile) -> (Section, [UInt8])? {
    guard let section = file.section(named: name), section.hasBytes else { return nil }
    guard section.size <= ModuleImageBytes.limit else {
      let limit = ModuleImageBytes.limit
      let size = section.size
      problems.append(Problem("\(file.source.name): \(name) is not used: \(size) bytes, \(limit) are the most"))
      return nil
    }
    do throws(ELFError) {
      return (section, try file.contents(of: section))
    } catch {
      problems.append(Problem("\(error)"))
      return nil
    }
  }

  /// The file that holds the debug information of this very build.
  private func debugFile() -> ELFFile? {
    guard let id = module.buildID ?? file?.buildID, id.count > 1 else { return nil }
    let digits = id.hexadecimal
    let path = "\(debugDirectory)/.build-id/\(digits.prefix(2))/\(digits.dropFirst(2)).debug"
    guard let status = try? FileStatus(path: path), status.kind == .regular, let opened = try? OpenFile.open(path),
      let source = try? FileBytes(opened), let found = try? ELFFile(reading: source, decompress: .zlib),
      found.buildID == id
    else { return nil }
    return found
  }
}
