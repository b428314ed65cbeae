internal import CLibdw

/// Functions, inlined functions and lines of one module, by its DWARF.
@safe struct DebugInformation {
  private let units: CompilationUnits
  /// Functions of the units asked for so far.
  private var functions: [Int: UnitFunctions] = [:]

  /// Indexes the units of `module`.
  @unsafe init(module: OpaquePointer) {
    units = unsafe CompilationUnits(module: module)
  }

  /// Functions at a pc of the process, the innermost inlined one first; empty where DWARF says nothing.
  mutating func functions(at pc: UInt64) -> [FunctionLocation] {
    let address = pc &- units.bias
    guard let number = units.unit(at: address) else { return [] }
    var unit = unsafe units[number]
    let index: UnitFunctions
    if let known = functions[number] {
      index = known
    } else {
      index = unsafe UnitFunctions(unit: unit)
      functions[number] = index
    }
    guard let (found, start) = unsafe index.function(at: address) else { return [] }
    var function = unsafe found

    // From the function inwards: each inlined function with the place that called it.
    var inlined = unsafe [Dwarf_Die]()
    unsafe visitDescendants(of: &function) { die in
      let tag = unsafe Int(dwarf_tag(die))
      guard tag == DW_TAG_inlined_subroutine || tag == DW_TAG_lexical_block,
        unsafe dwarf_haspc(die, address) == 1
      else { return false }
      if tag == DW_TAG_inlined_subroutine { unsafe inlined.append(die.pointee) }
      return true
    }
    var line = unsafe sourceLine(at: address, unit: &unit)
    var result: [FunctionLocation] = []
    for index in unsafe inlined.indices.reversed() {
      var die = unsafe inlined[index]
      if let name = unsafe name(of: &die) {
        result.append(FunctionLocation(name: demangled(name), rawName: name, source: line, isInlined: true))
      }
      unsafe line = callSite(of: &die, unit: &unit)
    }
    guard let name = unsafe name(of: &function) else { return [] }
    result.append(
      FunctionLocation(name: demangled(name), rawName: name, offset: address &- start, source: line))
    return result
  }

  /// The source line of a pc of the process. It is known where `functions` is not in assembly code, whose DWARF has lines alone.
  func line(at pc: UInt64) -> SourceLine? {
    let address = pc &- units.bias
    guard let number = units.unit(at: address) else { return nil }
    var unit = unsafe units[number]
    return unsafe sourceLine(at: address, unit: &unit)
  }

  /// The mangled name where there is one, since it says more; else the plain one.
  @unsafe private func name(of die: inout Dwarf_Die) -> String? {
    unsafe string(DW_AT_linkage_name, of: &die)
      ?? string(DW_AT_MIPS_linkage_name, of: &die)
      ?? string(DW_AT_name, of: &die)
  }
}
