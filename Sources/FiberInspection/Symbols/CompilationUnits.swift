internal import CLibdw
internal import CallFrameInfo

/// The compilation units of a module by the addresses they cover.
///
/// libdw's own search (`dwfl_module_addrdie`) goes by .debug_aranges, which neither swiftc nor clang writes: 0.188
/// then finds nothing. This index goes by the ranges that each unit gives.
@safe struct CompilationUnits {
  /// A range of a unit.
  private struct Covered {
    var start: UInt64
    var end: UInt64
    var unit: Int
  }

  /// Units' DIEs; they stay valid as long as the session.
  private let units: [Dwarf_Die]
  private let ranges: [Covered]
  /// What is added to addresses in DWARF.
  let bias: UInt64

  /// Reads the ranges of every unit of `module`. Empty if it has no debug information.
  @unsafe init(module: OpaquePointer) {
    var units = unsafe [Dwarf_Die]()
    var ranges: [Covered] = []
    var bias: Dwarf_Addr = 0
    var unit: UnsafeMutablePointer<Dwarf_Die>?
    while let next = unsafe dwfl_module_nextcu(module, unit, &bias) {
      unsafe unit = unsafe next
      let number = unsafe units.count
      for range in unsafe addressRanges(of: next) {
        ranges.append(Covered(start: range.lowerBound, end: range.upperBound, unit: number))
      }
      unsafe units.append(next.pointee)
    }
    unsafe self.units = unsafe units
    self.ranges = ranges.sorted { $0.start < $1.start }
    self.bias = bias
  }

  /// The number of the unit that covers `address`, an address in DWARF's own terms. O(log n).
  func unit(at address: UInt64) -> Int? {
    let index = ranges.firstIndexAbove(address) { $0.start } - 1
    guard index >= 0, address < ranges[index].end else { return nil }
    return ranges[index].unit
  }

  /// The DIE of a unit.
  @unsafe subscript(unit: Int) -> Dwarf_Die { unsafe units[unit] }
}

/// The address ranges of a DIE, in DWARF's own terms.
@unsafe func addressRanges(of die: UnsafeMutablePointer<Dwarf_Die>) -> [Range<UInt64>] {
  var ranges: [Range<UInt64>] = []
  var base: Dwarf_Addr = 0
  var start: Dwarf_Addr = 0
  var end: Dwarf_Addr = 0
  var offset = 0
  while true {
    let next = unsafe dwarf_ranges(die, offset, &base, &start, &end)
    // The offset only rises in a list that is well formed.
    guard next > offset else { return ranges }
    if start < end { ranges.append(start..<end) }
    offset = next
  }
}
