internal import CFiberAsm
internal import CallFrameInfo

/// Where a registry's head lies, as a note of a module says.
struct RegistryLocation: Hashable {
  let address: UInt64
  let modulePath: String

  /// Registries that are looked at: a process has one for each runtime, a hostile file as many as notes fit into it.
  static let limit = 256

  /// One for each `.note.fibertrace` in the modules, in their order. `memory` falls back to the modules' files.
  static func all(in modules: [FoundModule], memory: any MemoryReader) -> (
    found: [RegistryLocation], problems: [Problem]
  ) {
    var found: [RegistryLocation] = []
    var problems: [Problem] = []
    var seen: Set<UInt64> = []
    for module in modules {
      let notes = ModuleNotes.inMemory(module.segments, bias: module.module.bias, memory: memory)
      for placed in notes where placed.note.name == FT_NOTE_NAME && placed.note.type == UInt32(FT_NOTE_TYPE) {
        guard let distance: UInt64 = placed.note.descriptor.littleEndian(0) else {
          problems.append(
            Problem(
              "the fiber registry note in \(module.module.path) has \(placed.note.descriptor.count) bytes, expected 8: "
                + "its fibers are not shown"))
          continue
        }
        // The descriptor holds the distance from itself, which may be negative.
        let address = placed.descriptorAddress &+ distance
        if seen.insert(address).inserted {
          found.append(RegistryLocation(address: address, modulePath: module.module.path))
        }
      }
    }
    if found.count > limit {
      problems.append(Problem("there are \(found.count) fiber registries: the first \(limit) alone are shown"))
      found.removeLast(found.count - limit)
    }
    return (found, problems)
  }
}

/// A registry that cannot be read.
struct RegistryFault: Error {
  let problem: Problem

  /// What a registry suffers from.
  enum Kind: String {
    /// It holds what it never may.
    case damaged
    /// Memory is missing, because the core was cut or an address is wrong: which of them, nothing tells.
    case incomplete
  }

  init(_ kind: Kind, _ location: RegistryLocation, _ text: String) {
    problem = Problem(
      "the fiber registry in \(location.modulePath) at \(hexadecimal(location.address)) is \(kind.rawValue): \(text)")
  }

  init(_ problem: Problem) { self.problem = problem }
}

/// As messages write addresses.
package func hexadecimal(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }
