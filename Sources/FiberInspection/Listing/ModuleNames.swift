internal import CallFrameInfo

/// Names and source lines of a module's code. Nothing is read before it is asked for.
///
/// Not safe from several threads at once, as libdw is not.
package final class ModuleNames {
  /// What a place in code is called.
  package struct Name: Sendable, Hashable {
    /// As people write it, and as it is in the symbol table.
    package var function: String
    package var rawName: String
    /// How far the place is behind the symbol, in bytes.
    package var offset: UInt64
  }

  private let module: ModuleImage
  /// Why names are missing, one line each.
  package private(set) var problems: [String] = []
  private lazy var elf = readELF()
  private lazy var symbols = readSymbols()
  private lazy var debugFile = openDebugFile()

  /// - Parameter image: the module's file, if there is one.
  package init(_ image: ModuleImage) { module = image }

  /// The function around an address of the file; nil if no symbol tells. O(log n) but for the first time.
  package func name(at address: UInt64) -> Name? {
    symbols.symbol(at: address).map { Name(function: $0.name, rawName: $0.rawName, offset: $0.offset) }
  }

  /// The source line of an address of the file; nil where there is none.
  package func line(at address: UInt64) -> (path: String, line: Int)? {
    guard let found = debugFile?.line(at: address), let line = found.line else { return nil }
    return (found.path, line)
  }

  private var file: OpenFile? {
    guard case .file(let file) = module else { return nil }
    return file
  }

  private func readELF() -> ELFFile? {
    guard let file else { return nil }
    do {
      return try ELFFile(reading: try FileBytes(file), decompress: .zlib)
    } catch {
      problems.append("\(file.path): no names: \(error)")
      return nil
    }
  }

  private func readSymbols() -> ListedSymbols {
    guard let elf else { return ListedSymbols([]) }
    do throws(ELFError) {
      return ListedSymbols(try ListedFile.candidates(of: elf))
    } catch {
      problems.append("no names: \(error)")
      return ListedSymbols([])
    }
  }

  private func openDebugFile() -> DebugFile? {
    guard let file, let elf else { return nil }
    do throws(LibdwError) {
      return try DebugFile(file, elf: elf)
    } catch {
      problems.append("\(file.path): no source lines: \(error)")
      return nil
    }
  }
}
