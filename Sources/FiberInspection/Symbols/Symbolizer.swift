internal import CLibdw

/// Names for pcs.
package protocol LocationSource {
  /// What is known of `pc`, a lookup address: for a return address the address less one.
  mutating func location(of pc: UInt64) -> Location

  /// Modules asked for that could not be read, one line each.
  var problems: [Problem] { get }
}

/// Names for pcs by libdw, each distinct pc looked up once.
package struct Symbolizer: LocationSource {
  package private(set) var problems: [Problem] = []

  private let session: LibdwSession
  private let runtime: RuntimeRanges
  private var locations: [UInt64: Location] = [:]
  private var debugInformation: [UInt64: DebugInformation] = [:]
  private var missing: Set<String> = []
  private var symbolTables: [UInt64: SymbolTable] = [:]

  /// A symbolizer of the snapshot that `session` was made of.
  package init(session: LibdwSession, registries: [RegistrySnapshot]) {
    self.session = session
    runtime = RuntimeRanges(registries)
  }

  package mutating func location(of pc: UInt64) -> Location {
    if let known = locations[pc] { return known }
    let location = find(pc)
    locations[pc] = location
    return location
  }

  private mutating func find(_ pc: UInt64) -> Location {
    var location = Location(runtimeFunction: runtime.function(at: pc))
    if let module = session.modules.module(at: pc) {
      location.modulePath = module.path
      location.moduleOffset = pc &- module.bias
      location.functions = functions(at: pc)
      if case .missing(let reason) = module.image, missing.insert(module.path).inserted {
        // Most reasons begin with the same path.
        let why = reason.hasPrefix("\(module.path) ") ? "it" + reason.dropFirst(module.path.count) : reason
        problems.append(Problem("\(module.path) has no names and no unwind information: \(why)"))
      }
    }
    // In a stripped program the registry still names the runtime's own functions.
    if location.functions.isEmpty, let (function, offset) = runtime.functionAndOffset(at: pc) {
      location.functions = [FunctionLocation(name: function.rawValue, rawName: function.rawValue, offset: offset)]
    }
    return location
  }

  private mutating func functions(at pc: UInt64) -> [FunctionLocation] {
    guard let module = unsafe dwfl_addrmodule(session.handle, pc) else { return [] }
    let key = UInt64(UInt(bitPattern: module))

    if debugInformation[key] == nil { unsafe debugInformation[key] = DebugInformation(module: module) }
    if let functions = debugInformation[key]?.functions(at: pc), !functions.isEmpty { return functions }

    let table: SymbolTable
    if let known = symbolTables[key] {
      table = known
    } else {
      let candidates = unsafe SymbolTable.Candidate.all(in: module)
      if candidates == nil, let path = session.modules.module(at: pc)?.path {
        problems.append(Problem("\(path) has no names: those of its symbols overlap, far longer than their table"))
      }
      table = SymbolTable(candidates ?? [])
      symbolTables[key] = table
    }
    guard let symbol = table.symbol(at: pc) else { return [] }
    return [
      FunctionLocation(
        name: demangled(symbol.name), rawName: symbol.name, offset: pc &- symbol.start,
        source: debugInformation[key]?.line(at: pc))
    ]
  }
}
