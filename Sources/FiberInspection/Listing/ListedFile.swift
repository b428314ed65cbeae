package import CallFrameInfo
internal import FrameVerification

/// An ELF file to list: its code, the records that describe its frames, its names.
package final class ListedFile {
  /// The path it was opened by.
  package let path: String
  /// Its structure.
  package let elf: ELFFile
  /// All FDEs.
  package let table: CallFrameTable
  /// Names of its functions.
  let symbols: ListedSymbols
  /// Its debug information, nil if libdw cannot use the file.
  let debugFile: DebugFile?
  /// Stretches of code that the file has bytes for, by address, none overlapping another.
  let sections: [CodeSection]
  /// What could not be read of it, one line each.
  package let problems: [String]

  /// Opens the ELF file at `path`.
  ///
  /// - Parameter debugFile: the path of its separate debug file, nil for the one that its build-id or link leads to.
  /// - Throws: why nothing of it can be listed. What cannot be read in part is in `problems`.
  package convenience init(path: String, debugFile separate: String? = nil) throws(InspectionError) {
    let opened = try OpenFile.openRegular(
      path, expected: "an ELF file", whenEmpty: "an empty file, expected an ELF file")
    try self.init(opened.file, FileBytes(opened.file, size: opened.size), path: path, debugFile: separate)
  }

  /// The file of a module that a process has mapped.
  ///
  /// - Throws: why nothing of it can be listed.
  package convenience init(_ image: ModuleImage, path: String) throws(InspectionError) {
    switch image {
    case .missing(let reason): throw InspectionError(.notFound, place: path, reason)
    case .file(let file):
      let bytes: FileBytes
      do throws(SystemError) { bytes = try FileBytes(file) } catch {
        throw InspectionError(.system, place: path, error.text)
      }
      try self.init(file, bytes, path: path, debugFile: nil)
    }
  }

  private init(
    _ opened: OpenFile, _ bytes: FileBytes, path: String, debugFile separate: String?
  ) throws(InspectionError) {
    self.path = path
    var problems: [String] = []
    do throws(ELFError) {
      elf = try ELFFile(reading: bytes, decompress: .zlib)
    } catch {
      throw Self.failure(error, bytes)
    }
    if let separate { try Self.require(separate, toBeOf: elf, at: path) }
    var faults: [ELFError] = []
    table = CallFrameTable(of: elf, problems: &faults)
    problems += faults.map(\.description)
    problems += table.defects.map(\.description)
    if table.defectCount > table.defects.count {
      problems.append("\(path): \(table.defectCount - table.defects.count) more records cannot be read")
    }
    sections = CodeSection.all(of: elf, problems: &problems)

    do throws(LibdwError) {
      debugFile = try DebugFile(opened, elf: elf, separate: separate)
    } catch {
      debugFile = nil
      problems.append("\(path): no names beyond its own symbol table, and no source lines: \(error)")
    }
    if let debugFile, !elf.isLaidOut {
      let candidates = debugFile.candidates
      if candidates == nil {
        problems.append("\(path): no names: those of its symbols overlap, far longer than their table")
      }
      symbols = ListedSymbols(candidates ?? [])
    } else {
      do throws(ELFError) {
        symbols = ListedSymbols(try Self.candidates(of: elf))
      } catch {
        symbols = ListedSymbols([])
        problems.append("no names: \(error)")
      }
    }
    self.problems = problems
  }

  /// - Throws: that `path` is no debug file of the ELF file, by its build-id.
  private static func require(
    _ path: String, toBeOf elf: ELFFile, at program: String
  ) throws(InspectionError) {
    let opened = try OpenFile.openRegular(
      path, expected: "a debug file", whenEmpty: "an empty file, expected a debug file")
    let bytes = FileBytes(opened.file, size: opened.size)
    let debug: ELFFile
    do throws(ELFError) {
      debug = try ELFFile(reading: bytes, decompress: .zlib)
    } catch {
      throw failure(error, bytes)
    }
    guard let own = elf.buildID, let other = debug.buildID, own != other else { return }
    throw InspectionError(
      .notAProgram, place: path, "a debug file of another build than \(program): their build-ids differ")
  }

  private static func failure(_ error: ELFError, _ bytes: FileBytes) -> InspectionError {
    func failure(_ code: InspectionError.Code, _ text: String) -> InspectionError {
      InspectionError(code, place: bytes.name, text)
    }
    return switch error.code {
    case .notELF:
      failure(.notAProgram, OtherFormat.sentence(first: bytes.bytes(at: 0, count: OtherFormat.size)))
    case .otherType: failure(.notAProgram, error.text)
    case .otherClass, .otherMachine: failure(.otherArchitecture, error.text)
    case .empty: failure(.empty, error.text)
    default: failure(.malformedProgram, "\(error.text) (at offset \(hexadecimal(error.offset)))")
    }
  }

  /// The names in a file's own table.
  static func candidates(of elf: ELFFile) throws(ELFError) -> [SymbolTable.Candidate] {
    guard let symbols = try elf.symbols() else { return [] }
    return symbols.compactMap { symbol in
      guard symbol.isFunction || symbol.kind == .none, let index = symbol.sectionIndex, index < elf.sections.count,
        elf.sections[index].isExecutable, let addresses = elf.sections[index].range,
        case let name = symbols.name(of: symbol), !name.isEmpty
      else { return nil }
      return SymbolTable.Candidate(
        start: symbol.value, size: symbol.size, limit: max(addresses.upperBound, symbol.value),
        rank: SymbolTable.Candidate.rank(
          isGlobal: symbol.binding == .global, isWeak: symbol.binding == .weak, isTyped: symbol.kind != .none,
          isSized: symbol.size != 0),
        name: name, isFunction: symbol.kind != .none)
    }
  }
}

extension ListedFile {
  /// The section that holds `address`, nil for none. O(log n).
  func section(at address: UInt64) -> CodeSection? {
    let index = sections.firstIndexAbove(address) { $0.addresses.lowerBound } - 1
    return index >= 0 && sections[index].addresses.contains(address) ? sections[index] : nil
  }

  /// Whether all names are those that the dynamic linker needs: others were stripped, and no debug file has them. O(symbols).
  var hasOnlyDynamicNames: Bool {
    guard let dynamic = try? elf.symbols(), dynamic.section.kind == .dynamicSymbols else { return false }
    let names = Set(dynamic.lazy.map(dynamic.name))
    return symbols.candidates.allSatisfy { names.contains($0.name) }
  }

  /// Why there is nothing to list; nil if there is.
  package var absence: InspectionError? {
    guard sections.isEmpty else { return nil }
    if elf.sections.contains(where: { $0.isExecutable && !$0.hasBytes }) {
      return InspectionError(
        .notAProgram, place: path, "a separate debug file: it has addresses and no code; name the program itself")
    }
    return InspectionError(.notAProgram, place: path, "it has no code: no section or segment is executable")
  }
}
