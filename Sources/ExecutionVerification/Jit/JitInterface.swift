internal import CallFrameInfo
package import FiberInspection

/// Where a program's modules have the functions by which it tells of code that it makes.
package struct JitInterface {
  /// What a call of a function means.
  package enum Call: Sendable, Hashable {
    /// `__register_frame(records)` and its relatives; libgcc's, or those of LLVM's libunwind.
    case registered
    /// `__register_frame_table(addresses)` and its relatives.
    case registeredTable
    /// `__deregister_frame(records)` and its relatives.
    case deregistered
    /// `__jit_debug_register_code()` of a module whose `__jit_debug_descriptor` is at this address.
    case debugger(descriptor: UInt64)
  }

  private struct Symbols {
    /// Addresses as the file counts them.
    var calls: [(address: UInt64, call: Call)] = []
    var registerCode: UInt64?
    var descriptor: UInt64?
  }

  private struct Place: Hashable {
    var path: String
    var start: UInt64
    var buildID: [UInt8]?
  }

  /// By name, what the call of it means. The first argument is what it is about.
  private static let names: [[UInt8]: Call] = {
    var names: [[UInt8]: Call] = [:]
    for suffix in ["", "_info", "_info_bases"] {
      names[Array("__register_frame\(suffix)".utf8)] = .registered
      names[Array("__deregister_frame\(suffix)".utf8)] = .deregistered
    }
    for suffix in ["", "_bases"] { names[Array("__register_frame_info_table\(suffix)".utf8)] = .registeredTable }
    names[Array("__register_frame_table".utf8)] = .registeredTable
    return names
  }()
  private static let registerCode = Array("__jit_debug_register_code".utf8)
  private static let descriptor = Array("__jit_debug_descriptor".utf8)
  /// All of them begin so.
  private static let prefixes = [Array("__register_f".utf8), Array("__deregister".utf8), Array("__jit_debug_".utf8)]

  /// By address of the function's first instruction, where a breakpoint has to stay for as long as the program runs.
  package private(set) var calls: [UInt64: Call] = [:]
  /// Addresses of the modules' `__jit_debug_descriptor`, ascending.
  package private(set) var descriptors: [UInt64] = []

  private var known: [Place: Symbols] = [:]

  /// None are mapped yet.
  package init() {}

  /// These modules are mapped now. O(n) in the symbols of those that were not before.
  package mutating func setModules(_ modules: [Module]) {
    var mapped: [Place: Symbols] = [:]
    calls = [:]
    descriptors = []
    for module in modules {
      let place = Place(path: module.path, start: module.range.lowerBound, buildID: module.buildID)
      let symbols = known[place] ?? Self.symbols(of: module)
      mapped[place] = symbols
      for (address, call) in symbols.calls { calls[address &+ module.bias] = call }
      guard let descriptor = symbols.descriptor else { continue }
      descriptors.append(descriptor &+ module.bias)
      if let address = symbols.registerCode {
        calls[address &+ module.bias] = .debugger(descriptor: descriptor &+ module.bias)
      }
    }
    descriptors.sort()
    known = mapped
  }

  private static func symbols(of module: Module) -> Symbols {
    var found = Symbols()
    guard let elf = module.image.elf, let symbols = try? elf.symbols() else { return found }
    for symbol in symbols where symbol.sectionIndex != nil {
      guard let name = symbols.nameBytes(of: symbol), name.count >= 12, prefixes.contains(where: name.starts) else {
        continue
      }
      if let call = names[Array(name)] {
        found.calls.append((symbol.value, call))
      } else if name.elementsEqual(registerCode) {
        found.registerCode = symbol.value
      } else if name.elementsEqual(descriptor) {
        found.descriptor = symbol.value
      }
    }
    return found
  }
}

extension JitFrames {
  /// A function of the interface is about to be executed: `state` is that at its first instruction.
  package func called(_ call: JitInterface.Call, _ state: MachineState) {
    // The first argument: rdi.
    let argument = state[5]
    switch call {
    case .registered: registered(at: argument)
    case .registeredTable: registeredTable(at: argument)
    case .deregistered: deregistered(at: argument)
    case .debugger(let descriptor): debugDescriptorChanged(at: descriptor)
    }
  }
}
