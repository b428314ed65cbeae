internal import CLibdw
internal import CallFrameInfo

/// The functions of one compilation unit that have machine code, by address.
@safe struct UnitFunctions {
  /// A function's range.
  private struct Covered {
    var start: UInt64
    var end: UInt64
    var function: Int
  }

  private let functions: [Dwarf_Die]
  private let ranges: [Covered]
  /// For each range the index of the one around it, or -1.
  private let enclosing: [Int]

  /// Reads the functions of a unit, wherever they are nested. O(DIEs).
  @unsafe init(unit: Dwarf_Die) {
    var functions = unsafe [Dwarf_Die]()
    var ranges: [Covered] = []
    var unit = unsafe unit
    unsafe visitDescendants(of: &unit) { die in
      switch unsafe Int(dwarf_tag(die)) {
      case DW_TAG_subprogram:
        let number = unsafe functions.count
        for range in unsafe addressRanges(of: die) {
          ranges.append(Covered(start: range.lowerBound, end: range.upperBound, function: number))
        }
        unsafe functions.append(die.pointee)
        return true
      case DW_TAG_namespace, DW_TAG_module, DW_TAG_class_type, DW_TAG_structure_type, DW_TAG_union_type,
        DW_TAG_enumeration_type, DW_TAG_lexical_block:
        return true
      default:
        return false
      }
    }
    ranges.sort { ($0.start, $1.end) < ($1.start, $0.end) }
    var enclosing: [Int] = []
    var open: [Int] = []
    for (index, range) in ranges.enumerated() {
      while let last = open.last, ranges[last].end <= range.start { open.removeLast() }
      enclosing.append(open.last ?? -1)
      open.append(index)
    }
    unsafe self.functions = unsafe functions
    self.ranges = ranges
    self.enclosing = enclosing
  }

  /// The innermost function at `address` and the start of the range that holds it.
  @unsafe func function(at address: UInt64) -> (die: Dwarf_Die, start: UInt64)? {
    var index = ranges.firstIndexAbove(address) { $0.start } - 1
    while index >= 0, ranges[index].end <= address { index = enclosing[index] }
    guard index >= 0 else { return nil }
    return unsafe (functions[ranges[index].function], ranges[index].start)
  }
}

/// Deeper DIEs are not visited: no compiler nests so far, only hostile files.
private let maximumDepth = 128

/// Calls `visit` with the children of `die`, and with theirs where it answers true.
///
/// DIEs lie in a file in the order of this walk; an offset that does not rise (a sibling attribute that points back) ends a
/// list, so the walk ends.
@unsafe func visitDescendants(
  of die: inout Dwarf_Die, depth: Int = 0, _ visit: (UnsafeMutablePointer<Dwarf_Die>) -> Bool
) {
  var child = unsafe Dwarf_Die()
  guard depth < maximumDepth, unsafe dwarf_child(&die, &child) == 0 else { return }
  while true {
    if unsafe visit(&child) { unsafe visitDescendants(of: &child, depth: depth + 1, visit) }
    let offset = unsafe dwarf_dieoffset(&child)
    var sibling = unsafe Dwarf_Die()
    guard unsafe dwarf_siblingof(&child, &sibling) == 0, unsafe dwarf_dieoffset(&sibling) > offset else { return }
    unsafe child = unsafe sibling
  }
}
