package import CallFrameInfo
internal import Instructions

/// What is known of a whole file and decides how its functions are followed.
package struct CodeFacts: Sendable {
  /// Functions may follow Swift's calling convention: the file has its metadata.
  package let usesSwift: Bool
  /// The file was made by Go's compiler.
  package let usesGo: Bool
  /// Where things begin in data.
  package let references: DataReferences
  /// Addresses of functions that never return: of the file's own, and of stubs for imported ones.
  private let endless: Set<UInt64>
  /// Where functions begin, ascending.
  private let functions: [UInt64]
  /// Where parts of functions begin that nobody calls.
  private let parts: Set<UInt64>
  /// Of parts that one function alone may have, where that begins.
  private let owners: [UInt64: UInt64]
  /// Addresses of stubs for imported functions, and their names.
  private let stubs: [UInt64: String]
  /// Addresses of personality routines that read call-site tables.
  private let personalities: Set<UInt64>
  /// Names of imported functions by the word that holds their address.
  private let imports: [UInt64: String]

  /// - Parameters:
  ///   - elf: the file.
  ///   - names: names of functions with their addresses, as they are in symbol tables.
  ///   - reader: reads stubs.
  ///   - problems: receives what could not be read.
  package init(
    of elf: ELFFile, names: [(address: UInt64, rawName: String)], reader: CodeReader,
    problems: inout [ELFError]
  ) {
    usesSwift = elf.sections.contains { $0.name.hasPrefix("swift5_") }
    references = DataReferences(of: elf)
    usesGo = elf.sections.contains { $0.name == ".gopclntab" || $0.name == ".note.go.buildid" }
    var imports: [UInt64: String] = [:]
    do throws(ELFError) {
      imports = try elf.importedWords()
    } catch {
      problems.append(error)
    }
    var endless = Set(names.lazy.filter { EndlessFunctions.contains($0.rawName) }.map(\.address))
    var stubs: [UInt64: String] = [:]
    for section in elf.sections where section.name.hasPrefix(".plt") && section.isExecutable {
      guard let addresses = section.range else { continue }
      for (stub, slot) in ImportStubs.slots(reader.code(of: addresses).instructions) {
        guard let name = imports[slot] else { continue }
        stubs[stub] = name
        if EndlessFunctions.contains(name) { endless.insert(stub) }
      }
    }
    personalities = Set(names.lazy.filter { Personalities.usesCallSites($0.rawName) }.map(\.address))
    self.endless = endless
    self.stubs = stubs
    self.imports = imports
    functions = names.map(\.address).sorted()
    let parts = names.filter { $0.rawName.contains(".cold") }
    self.parts = Set(parts.lazy.map(\.address))
    owners = Self.owners(of: parts, names)
  }

  /// Whether the function at `address`, or the imported one that a stub there leads to, is known never to return.
  package func neverReturns(_ address: UInt64) -> Bool { endless.contains(address) }

  /// Whether the imported function whose address the word at `slot` holds is known never to return.
  package func neverReturns(slot: UInt64) -> Bool { imports[slot].map(EndlessFunctions.contains) ?? false }

  /// The imported function that a stub at `address` leads to, nil if none is there.
  package func stubName(at address: UInt64) -> String? { stubs[address] }

  /// The imported function whose address the word at `slot` holds, nil if it holds none.
  package func importedName(inSlot slot: UInt64) -> String? { imports[slot] }

  /// Whether a function begins at `address`. O(log n).
  package func isFunction(_ address: UInt64) -> Bool {
    let index = functions.firstIndexAbove(address) { $0 } - 1
    return index >= 0 && functions[index] == address
  }

  /// Whether a function begins at `address` that callers enter there: not one that a compiler has split off ("name.cold", by GCC and
  /// LLVM). O(log n).
  package func isWholeFunction(_ address: UInt64) -> Bool { isFunction(address) && !parts.contains(address) }

  /// Whether a part of a function begins at `address` that a compiler has split off, by its name. O(1).
  package func isPart(_ address: UInt64) -> Bool { parts.contains(address) }

  /// Where the function begins of which a compiler has split off the part at `address`; nil if no part or parts of several functions
  /// begin there: those without code lie where the next one does. O(1).
  package func owner(ofPart address: UInt64) -> UInt64? { owners[address] }

  /// By names: the part of `f` is `f.cold`, with a number or a suffix of its own maybe. O(n) in the names.
  private static func owners(
    of parts: [(address: UInt64, rawName: String)], _ names: [(address: UInt64, rawName: String)]
  ) -> [UInt64: UInt64] {
    guard !parts.isEmpty else { return [:] }
    var wholes: [Substring: UInt64?] = [:]
    var found: [UInt64: Substring?] = [:]
    for (address, name) in parts {
      guard let end = name.firstRange(of: ".cold")?.lowerBound else { continue }
      wholes[name[..<end]] = .some(nil)
      found[address] = found[address] == nil ? .some(name[..<end]) : .some(nil)
    }
    var seen: Set<Substring> = []
    for (address, name) in names {
      // A part without code at the end of all, and another function behind it.
      if found[address] != nil, !name.contains(".cold") { found[address] = .some(nil) }
      guard let slot = wholes[name[...]] else { continue }
      // Local functions of several files may have one name.
      wholes[name[...]] = seen.insert(name[...]).inserted || slot == address ? .some(address) : .some(nil)
    }
    return found.compactMapValues { stem in stem.flatMap { wholes[$0] ?? nil } }
  }

  /// Where functions begin in `addresses`, ascending. O(log n).
  package func labels(in addresses: Range<UInt64>) -> ArraySlice<UInt64> {
    let start = addresses.lowerBound == 0 ? 0 : functions.firstIndexAbove(addresses.lowerBound - 1) { $0 }
    return functions[
      start..<max(start, addresses.isEmpty ? start : functions.firstIndexAbove(addresses.upperBound - 1) { $0 })]
  }

  /// Whether LSDAs of the FDEs of this CIE are known to have a call-site table (see `CallSites`), by the name of the personality
  /// routine; nil where its name is not known.
  package func usesCallSites(_ cie: CIE) -> Bool? {
    guard let personality = cie.personality else { return false }
    let name = personality.isIndirect ? imports[personality.value] : stubs[personality.value]
    if let name { return Personalities.usesCallSites(name) }
    return !personality.isIndirect && personalities.contains(personality.value) ? true : nil
  }
}
