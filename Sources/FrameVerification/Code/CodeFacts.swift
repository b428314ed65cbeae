package import CallFrameInfo
package import Instructions

/// What is known of a whole file that decides how its functions are followed.
package struct CodeFacts: Sendable {
  /// Functions may follow Swift's calling convention: the file has its metadata.
  package let usesSwift: Bool
  /// The file was made by Go's compiler.
  package let usesGo: Bool
  /// Where functions begin, as far as names say, ascending.
  private let functions: [UInt64]
  /// Addresses of functions that never return: of the file's own, and of stubs for imported ones.
  private let endless: Set<UInt64>
  /// Words that hold addresses of functions that never return.
  private let endlessSlots: Set<UInt64>
  /// Addresses of stubs for imported functions, and their names.
  private let stubs: [UInt64: String]
  /// Names of imported functions by the word that holds their address.
  private let imports: [UInt64: String]

  /// - Parameters:
  ///   - elf: the file.
  ///   - names: names of functions with their addresses, as they are in symbol tables.
  ///   - reader: reads stubs.
  ///   - problems: receives what could not be read.
  package init(
    of elf: ELFFile, names: some Sequence<(address: UInt64, rawName: String)>, reader: CodeReader,
    problems: inout [ELFError]
  ) {
    usesSwift = elf.sections.contains { $0.name.hasPrefix("swift5_") }
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
      // Stubs have 8 or 16 bytes: endbr64, a jump by way of its word, padding.
      var start = addresses.lowerBound
      for instruction in reader.code(of: addresses).instructions {
        if instruction.address % 8 == 0, instruction.address - start >= 8 { start = instruction.address }
        guard case .indirectJump(let slot?) = instruction.flow, let name = imports[slot] else { continue }
        let stub = instruction.address - start < 16 ? start : instruction.address
        stubs[stub] = name
        if EndlessFunctions.contains(name) { endless.insert(stub) }
        start = instruction.end
      }
    }
    functions = Set(names.lazy.map(\.address)).union(stubs.keys).sorted()
    self.endless = endless
    self.stubs = stubs
    self.imports = imports
    endlessSlots = Set(imports.lazy.filter { EndlessFunctions.contains($0.value) }.map(\.key))
  }

  /// Whether the function that a call leads to is known never to return.
  package func neverReturns(_ flow: Instruction.Flow) -> Bool {
    switch flow {
    case .call(let target?), .jump(let target?): endless.contains(target)
    case .indirectCall(let slot?), .indirectJump(let slot?): endlessSlots.contains(slot)
    default: false
    }
  }

  /// Whether a function or a stub begins at `address`. O(log n).
  package func isFunction(_ address: UInt64) -> Bool { functions(in: address..<address &+ 1).first != nil }

  /// Where functions and stubs begin in `addresses`. O(log n).
  package func functions(in addresses: Range<UInt64>) -> ArraySlice<UInt64> {
    let start = addresses.lowerBound == 0 ? 0 : functions.firstIndexAbove(addresses.lowerBound - 1) { $0 }
    let end = addresses.upperBound == 0 ? 0 : functions.firstIndexAbove(addresses.upperBound - 1) { $0 }
    return functions[start..<Swift.max(start, end)]
  }

  /// The imported function that a stub at `address` leads to, nil if none is there.
  package func stubName(at address: UInt64) -> String? { stubs[address] }

  /// The imported function whose address the word at `address` holds, nil if it holds none.
  package func importName(at address: UInt64) -> String? { imports[address] }
}
