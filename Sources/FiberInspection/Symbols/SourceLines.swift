internal import CLibdw

/// The source line of an address of a unit, nil if the line table has none.
@unsafe func sourceLine(at address: UInt64, unit: inout Dwarf_Die) -> SourceLine? {
  guard let row = unsafe dwarf_getsrc_die(&unit, address), let path = unsafe dwarf_linesrc(row, nil, nil) else {
    return nil
  }
  var line: Int32 = 0
  guard unsafe dwarf_lineno(row, &line) == 0 else { return nil }
  return unsafe SourceLine(path: absolute(String(cString: path), unit: &unit), line: line > 0 ? Int(line) : nil)
}

/// The place an inlined function was called from.
@unsafe func callSite(of inlined: inout Dwarf_Die, unit: inout Dwarf_Die) -> SourceLine? {
  guard let file = unsafe number(DW_AT_call_file, of: &inlined) else { return nil }
  var files: OpaquePointer?
  var count = 0
  guard unsafe dwarf_getsrcfiles(&unit, &files, &count) == 0, file < UInt64(count),
    let path = unsafe dwarf_filesrc(files, Int(file), nil, nil)
  else { return nil }
  let line = unsafe number(DW_AT_call_line, of: &inlined) ?? 0
  let absolutePath = unsafe absolute(String(cString: path), unit: &unit)
  return SourceLine(path: absolutePath, line: line > 0 ? Int(clamping: line) : nil)
}

/// A path of a line table, made absolute with the unit's working directory.
@unsafe private func absolute(_ path: String, unit: inout Dwarf_Die) -> String {
  // libdw puts the table's directory before it.
  if path.hasSuffix("/" + SourceLine.compilerGenerated) { return SourceLine.compilerGenerated }
  // A directory that is relative itself (distributions map it to one) is part of the path already, or of no use.
  guard !path.hasPrefix("/"), let directory = unsafe string(DW_AT_comp_dir, of: &unit), directory.hasPrefix("/") else {
    return normalized(path)
  }
  return normalized(directory + "/" + path)
}

/// A path without "." and empty components, and without ".." where it follows a name. The names are those of the machine that
/// compiled, so links are not resolved.
func normalized(_ path: String) -> String {
  var components: [Substring] = []
  for component in path.split(separator: "/") where component != "." {
    if component == "..", let last = components.last, last != ".." {
      components.removeLast()
    } else {
      components.append(component)
    }
  }
  return (path.hasPrefix("/") ? "/" : "") + components.joined(separator: "/")
}

/// The value of a number attribute of a DIE itself.
@unsafe private func number(_ attribute: Int, of die: inout Dwarf_Die) -> UInt64? {
  var storage = unsafe Dwarf_Attribute()
  var value: Dwarf_Word = 0
  guard unsafe dwarf_attr(&die, UInt32(attribute), &storage) != nil,
    unsafe dwarf_formudata(&storage, &value) == 0
  else { return nil }
  return value
}

/// The value of a string attribute of a DIE, or of what it is an instance of.
@unsafe func string(_ attribute: Int, of die: inout Dwarf_Die) -> String? {
  var storage = unsafe Dwarf_Attribute()
  guard unsafe dwarf_attr_integrate(&die, UInt32(attribute), &storage) != nil,
    let text = unsafe dwarf_formstring(&storage)
  else { return nil }
  return unsafe String(cString: text)
}
